; pid_t vfork(void): a child that borrows our memory until it execs or exits.
;
; The child runs on this very stack, and by the time the parent continues it
; has overwritten the word where our return address was. So the address is
; kept in a register across the call: registers, unlike the stack, the kernel
; gives to each of the two separately. rdx survives `syscall`; rcx does not.
;
; Out: eax = the child's id in the parent, 0 in the child, -1 with errno set.

bits 64
default rel

SYS_vfork equ 58

extern __sys_return

section .text
global vfork
vfork:
	pop	rdx
	mov	eax, SYS_vfork
	syscall
	push	rdx
	mov	rdi, rax
	jmp	__sys_return	; sets errno if negative, returns to our caller

section .note.GNU-stack noalloc noexec nowrite progbits
