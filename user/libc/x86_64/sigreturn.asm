; Where a signal handler returns to.
;
; The kernel builds a frame on the stack whose return address is the
; `sa_restorer` that sigaction registered: this function. The handler's `ret`
; lands here with rsp at the saved context, and the system call takes the
; interrupted registers from it. Nothing may be pushed in between.

bits 64
default rel

SYS_rt_sigreturn equ 15

section .text
global __sigreturn
__sigreturn:
	mov	eax, SYS_rt_sigreturn
	syscall
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
