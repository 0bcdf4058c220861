; Exceptions that may strike anywhere: NMI, machine check, double fault, debug.
;
; They can arrive in the few instructions of entry.asm where the saved CS says
; ring 0 but the gs base, or even rsp, is still the user's: between `syscall`
; and swapgs, or between swapgs and iretq. A data breakpoint on a stack slot
; does that on purpose (`mov ss, [watched]; syscall` delays the debug
; exception into the kernel). So each has a stack of its own in the TSS (IST),
; and finds the gs base without asking anybody: the two words above the place
; where the CPU starts pushing belong to descriptors.c, which put the CPU's
; gs base there.
;
;	top ->		(unused)
;			gs base of this CPU
;	IST ->		ss sp flags cs ip error-code
;			... struct pt_regs
;
; From ring 3 there is no doubt, and debug exceptions must be able to send a
; signal: the frame is copied to the task's kernel stack and the ordinary way
; of entry.asm is taken.

%include "arch/x86_64/entry.inc"

extern pcpu_hot, return_from_exception
extern trap_debug, trap_nmi, trap_double_fault, trap_machine_check

MSR_GS_BASE	equ 0xc0000101

section .entry.text progbits alloc exec nowrite align=16

; %1 = name, %2 = C handler (regs, error code), %3 = 1 if the CPU pushes an
; error code
%macro IST_ENTRY 3
align 16
global %1
%1:
%if %3 == 0
	push	0
%endif
	PUSH_REGS
	cld
	SMAP_INSN clac
	mov	rbx, %2
	jmp	ist_common
%endmacro

IST_ENTRY entry_debug, trap_debug, 0
IST_ENTRY entry_nmi, trap_nmi, 0
IST_ENTRY entry_machine_check, trap_machine_check, 0
IST_ENTRY entry_double_fault, trap_double_fault, 1

; In: rsp = struct pt_regs on an IST stack, rbx = handler
align 16
ist_common:
	test	byte [rsp + PT_CS], 3
	jnz	.from_user
	mov	ecx, MSR_GS_BASE
	rdmsr
	shl	rdx, 32
	or	rax, rdx
	mov	r12, rax		; what was loaded
	mov	r13, [rsp + PT_SIZE]	; what we need
	cmp	r12, r13
	je	.have_gs
	mov	eax, r13d
	mov	rdx, r13
	shr	rdx, 32
	wrmsr
.have_gs:
	mov	rdi, rsp
	mov	rsi, [rsp + PT_ORIG_AX]
	mov	qword [rsp + PT_ORIG_AX], -1
	push	rdi			; alignment
	call	rbx
	pop	rcx
	cmp	r12, r13
	je	.restored
	mov	ecx, MSR_GS_BASE
	mov	eax, r12d
	mov	rdx, r12
	shr	rdx, 32
	wrmsr
.restored:
	POP_REGS
	iretq

.from_user:
	swapgs
	mov	rsi, rsp
	mov	rsp, KERNEL_SP
	sub	rsp, PT_SIZE
	mov	rdi, rsp
	mov	ecx, PT_SIZE / 8
	rep	movsq
	mov	rdi, rsp
	mov	rsi, [rsp + PT_ORIG_AX]
	mov	qword [rsp + PT_ORIG_AX], -1
	push	rdi			; alignment
	call	rbx
	pop	rcx
	cli
	jmp	return_from_exception

section .note.GNU-stack noalloc noexec nowrite progbits
