; The border between ring 3 and ring 0.
;
; Every way in - system call, exception, interrupt - builds a full struct
; pt_regs on the task's kernel stack and calls C; every way out ends in sysret
; or iretq at the bottom of this file. The stack during a call from here:
;
;	kernel_sp ->	ss sp flags cs ip	pushed by the CPU, or by us
;			orig_ax			system call number, or -1
;			di si dx ... r15
;	rsp + 8 ->	(struct pt_regs *)
;	rsp ->		8 bytes, so that rsp is a multiple of 16 at the call
;
; Stack traces rely on this picture (stacktrace.c): above a return address
; into this file stand 8 bytes and then a struct pt_regs.
;
; gs: in ring 3 the gs base is the user's. swapgs exchanges it with ours,
; which waits in an MSR. An entry knows from the saved CS which one is
; loaded; exceptions that can come between the two instants where CS tells
; the wrong story are in entry_ist.asm.
;
; Interrupts are off from the entry until C (or a system call) turns them on,
; and from the last look at the work flags until ring 3, so that no flag set
; in between is overlooked.
;
; Sources: SDM volume 2 (SYSCALL, SYSRET, IRET, SWAPGS), volume 3A chapter 6.

%include "arch/x86_64/entry.inc"

extern pcpu_hot
extern sys_call_table, nr_syscalls, sys_ni_syscall, syscall_enter_work
extern exit_to_user_mode_loop, sysret_is_safe
extern trap_handlers, irq_dispatch, fixup_bad_iret
extern preempt_schedule_irq, schedule_tail

section .entry.text progbits alloc exec nowrite align=16
global entry_text_start
entry_text_start:

; ---- system calls ---------------------------------------------------------
;
; In:	rax = number; rdi rsi rdx r10 r8 r9 = arguments
;	rcx = user rip, r11 = user rflags, rsp still the user's (by `syscall`)
;	IF, TF, DF, AC and NT are clear (SFMASK)
; Out:	rax = result; rcx and r11 destroyed, everything else as it was
;
; The way back needs no restoring of rbx, rbp and r12-r15: C preserves them.
; That is wrong as soon as somebody has rewritten pt_regs; whoever does so sets
; TIF_IRET, which leads to the slow way out.
align 16
global syscall_entry
syscall_entry:
	swapgs
	mov	USER_SP, rsp
	mov	rsp, KERNEL_SP
	push	K_USER_DS
	push	qword USER_SP
	push	r11
	push	K_USER_CS
	push	rcx
	push	rax			; orig_ax
	push	rdi
	push	rsi
	push	rdx
	push	rcx
	push	-K_ENOSYS		; ax, until there is a result
	push	r8
	push	r9
	push	r10
	push	r11
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	mov	rdi, rsp
	mov	rcx, CURRENT_TASK
	push	rcx			; alignment
	sti
	cmp	qword [rcx + TASK_SYSCALL_WORK], 0
	jne	.enter_work
.dispatch:
	mov	eax, eax		; the number is an int
	cmp	eax, [nr_syscalls]
	jae	.no_such_call
	call	[sys_call_table + rax * 8]
.result:
	cli
	cmp	dword PREEMPT_COUNT, K_PREEMPT_NO_RESCHED
	jne	.exit_work
	mov	rcx, CURRENT_TASK
	cmp	qword [rcx + TASK_FLAGS_WORK], 0
	jne	.exit_work
	mov	r11, [rsp + 8 + PT_FLAGS]
	test	r11d, K_EFLAGS_TF	; sysret would trap one step too early
	jnz	.exit_work
	; rcx = where `syscall` came from, so it is canonical: the last page
	; of the user half is never mapped.
	mov	rcx, [rsp + 8 + PT_IP]
	mov	r10, [rsp + 8 + PT_R10]
	mov	r9, [rsp + 8 + PT_R9]
	mov	r8, [rsp + 8 + PT_R8]
	mov	rdx, [rsp + 8 + PT_DX]
	mov	rsi, [rsp + 8 + PT_SI]
	mov	rdi, [rsp + 8 + PT_DI]
	mov	rsp, [rsp + 8 + PT_SP]
	swapgs
	o64 sysret

.no_such_call:
	call	sys_ni_syscall
	jmp	.result

; long syscall_enter_work(regs): the number to run, or -1 with ax set.
.enter_work:
	call	syscall_enter_work
	lea	rdi, [rsp + 8]
	cmp	rax, -1
	jne	.dispatch
	mov	rax, [rsp + 8 + PT_AX]
	jmp	.result

.exit_work:
	mov	[rsp + 8 + PT_AX], rax
	pop	rcx

; The slow way out of a system call, and the way out of a new task.
; In:	rsp = struct pt_regs; interrupts off
syscall_exit_slow:
	mov	rdi, rsp
	push	rdi
	call	exit_to_user_mode_loop
	lea	rdi, [rsp + 8]
	call	sysret_is_safe
	pop	rcx
	test	al, al
	jz	return_to_user
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	pop	r11			; == flags
	pop	r10
	pop	r9
	pop	r8
	pop	rax
	pop	rcx			; == ip
	pop	rdx
	pop	rsi
	pop	rdi
	mov	rsp, [rsp + PT_SP - PT_ORIG_AX]
	swapgs
	o64 sysret

; ---- a task's first instruction --------------------------------------------
;
; In:	rax = the task that ran before, rbx = kernel function or 0, r12 = its
;	argument; rsp = 8 bytes below the task's struct pt_regs, rbp = 0
align 16
global ret_from_fork
ret_from_fork:
	mov	rdi, rax
	call	schedule_tail
	test	rbx, rbx
	jz	.to_user
	mov	rdi, r12
	call	rbx
	; Only a function that has exec'ed comes here: pt_regs is what
	; arch_start_user() wrote. No system call was ever involved.
.to_user:
	cli
	pop	rcx			; alignment
	jmp	syscall_exit_slow

; ---- exceptions and interrupts ---------------------------------------------
;
; In:	rsp -> vector, error code, ip cs flags sp ss (see vectors.asm)
; The vector lies where pt_regs has di; exchanging the two saves a word.
align 16
global trap_common
trap_common:
	xchg	rdi, [rsp]
	push	rsi
	push	rdx
	push	rcx
	push	rax
	push	r8
	push	r9
	push	r10
	push	r11
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	cld
	SMAP_INSN clac
	mov	eax, edi		; vector
	test	byte [rsp + PT_CS], 3
	jz	.from_kernel
	swapgs
.have_gs:
	mov	rdi, rsp
	mov	rsi, [rsp + PT_ORIG_AX]	; error code
	mov	qword [rsp + PT_ORIG_AX], -1
	push	rdi			; alignment
	call	[trap_handlers + rax * 8]
	pop	rcx
	cli
	jmp	return_from_exception

; A fault of the iretq below came from ring 0, but with the user's gs: make
; it look as if the instruction it wanted to return to had faulted.
.from_kernel:
	lea	rcx, [iretq_to_user]
	cmp	rcx, [rsp + PT_IP]
	jne	.have_gs
	swapgs
	mov	ebx, eax
	mov	rdi, rsp
	and	rsp, -16
	call	fixup_bad_iret		; the pt_regs to use instead
	mov	rsp, rax
	mov	eax, ebx
	jmp	.have_gs

; In:	rsp -> vector (as orig_ax), ip cs flags sp ss
align 16
global irq_common
irq_common:
	PUSH_REGS
	cld
	SMAP_INSN clac
	test	byte [rsp + PT_CS], 3
	jz	.have_gs
	swapgs
.have_gs:
	mov	rdi, rsp
	mov	rsi, [rsp + PT_ORIG_AX]
	mov	qword [rsp + PT_ORIG_AX], -1
	push	rdi			; alignment
	call	irq_dispatch
	pop	rcx

; In:	rsp = struct pt_regs; interrupts off
global return_from_exception
return_from_exception:
	test	byte [rsp + PT_CS], 3
	jz	return_to_kernel
	cmp	dword PREEMPT_COUNT, K_PREEMPT_NO_RESCHED
	jne	.work
	mov	rcx, CURRENT_TASK
	cmp	qword [rcx + TASK_FLAGS_WORK], 0
	je	return_to_user
.work:
	mov	rdi, rsp
	push	rdi
	call	exit_to_user_mode_loop
	pop	rcx

; In:	rsp = struct pt_regs of ring 3; interrupts off, no work left
return_to_user:
	POP_REGS
	swapgs
global iretq_to_user
iretq_to_user:
	iretq

; Interrupts may have been off where we came from (an exception with them
; off); then nobody may be preempted either.
return_to_kernel:
	cmp	dword PREEMPT_COUNT, 0	; nothing forbids it, somebody wants it
	jne	.no_preemption
	test	dword [rsp + PT_FLAGS], K_EFLAGS_IF
	jz	.no_preemption
	push	rcx			; alignment
	call	preempt_schedule_irq
	pop	rcx
.no_preemption:
	POP_REGS
	iretq

section .note.GNU-stack noalloc noexec nowrite progbits
