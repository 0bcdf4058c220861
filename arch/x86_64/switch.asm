; The heart of multitasking: leaving one kernel stack for another.

%include "asm_offsets.inc"

extern pcpu_hot, __stack_chk_guard

section .text progbits alloc exec nowrite align=16

; struct task *switch_stacks(struct task *prev, struct task *next);
;
; In:	rdi = prev (current), rsi = next; interrupts off
; Out:	rax = the task that ran before, on next's stack
;
; To C this is a function that keeps rbx, rbp and r12-r15, so these are all
; there is to save; whatever else prev wants to keep, C has already put on its
; stack. Everything that says "the current task" changes together: stack,
; pointer, stack-protector canary, preempt count. Bit 31 of the count (nobody
; wants to reschedule) belongs to the CPU and stays.
align 16
global switch_stacks
switch_stacks:
	push	rbp
	push	rbx
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[rdi + TASK_SP], rsp
	mov	rsp, [rsi + TASK_SP]
	mov	[gs:pcpu_hot + PCPU_CURRENT], rsi
	mov	rax, [rsi + TASK_CANARY]
	mov	[gs:__stack_chk_guard], rax
	mov	eax, [gs:pcpu_hot + PCPU_PREEMPT_COUNT]
	mov	ecx, eax
	and	eax, 0x7fffffff
	mov	[rdi + TASK_PREEMPT_COUNT], eax
	and	ecx, 0x80000000
	or	ecx, [rsi + TASK_PREEMPT_COUNT]
	mov	[gs:pcpu_hot + PCPU_PREEMPT_COUNT], ecx
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbx
	pop	rbp
	mov	rax, rdi
	ret

section .note.GNU-stack noalloc noexec nowrite progbits
