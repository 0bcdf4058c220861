; setjmp and longjmp: save and restore what a function call must preserve.
;
; The callee-saved registers rbx, rbp and r12-r15 are enough: at the call of
; setjmp the compiler has already saved every other register it still needs.
;
; struct layout (include/setjmp.h):
;	0 rbx  8 rbp  16 r12  24 r13  32 r14  40 r15  48 rsp  56 rip

bits 64
default rel

section .text

; int setjmp(jmp_buf env)
; In:  rdi = env, [rsp] = return address.
; Out: eax = 0 now, or longjmp's value the second time.
global setjmp
setjmp:
	mov	[rdi], rbx
	mov	[rdi + 8], rbp
	mov	[rdi + 16], r12
	mov	[rdi + 24], r13
	mov	[rdi + 32], r14
	mov	[rdi + 40], r15
	lea	rdx, [rsp + 8]	; rsp as it will be after our return
	mov	[rdi + 48], rdx
	mov	rdx, [rsp]
	mov	[rdi + 56], rdx
	xor	eax, eax
	ret

; void longjmp(jmp_buf env, int value)
; In:  rdi = env, esi = value.
; Out: setjmp returns value, or 1 if that is 0; never returns here.
global longjmp
longjmp:
	mov	eax, esi
	cmp	eax, 1
	adc	eax, 0		; 0 borrows, so it becomes 1
	mov	rbx, [rdi]
	mov	rbp, [rdi + 8]
	mov	r12, [rdi + 16]
	mov	r13, [rdi + 24]
	mov	r14, [rdi + 32]
	mov	r15, [rdi + 40]
	mov	rsp, [rdi + 48]
	jmp	[rdi + 56]

section .note.GNU-stack noalloc noexec nowrite progbits
