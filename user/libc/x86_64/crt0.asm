; The first instruction of every program.
;
; execve leaves no return address and no arguments in registers; it leaves a
; stack, 16-byte aligned, that reads upwards from rsp:
;
;	argc | argv[0] ... argv[argc-1] | 0 | envp[0] ... | 0 | auxv pairs ... 0
;
; In:    rsp -> argc; rdx = 0 (no finaliser); all else undefined.
; Calls: __libc_start(long *argc_address), which does not return.

bits 64
default rel

extern __libc_start

section .text
global _start
_start:
	xor	ebp, ebp	; no caller: a debugger's backtrace ends here
	mov	rdi, rsp
	and	rsp, -16	; the C ABI wants this before every call
	call	__libc_start
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
