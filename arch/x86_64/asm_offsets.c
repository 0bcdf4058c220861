/*
 * What assembly must know about C's structures.
 *
 * This file is compiled to assembly, never linked: each DEFINE leaves a line
 * "->NAME value" there, which the Makefile turns into build/asm_offsets.inc.
 * So a field may move without anybody having to remember who else counts
 * bytes.
 */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/preempt.h>
#include <arch/ptrace.h>
#include <keel/err.h>
#include <kernel/task.h>

#include "internal.h"

#define DEFINE(name, value) \
	__asm__ __volatile__("\n.ascii \"->" #name " %c0\"" :: "i"(value))

void asm_offsets(void);

void asm_offsets(void)
{
	DEFINE(PT_R15, offsetof(struct pt_regs, r15));
	DEFINE(PT_R11, offsetof(struct pt_regs, r11));
	DEFINE(PT_R10, offsetof(struct pt_regs, r10));
	DEFINE(PT_R9, offsetof(struct pt_regs, r9));
	DEFINE(PT_R8, offsetof(struct pt_regs, r8));
	DEFINE(PT_AX, offsetof(struct pt_regs, ax));
	DEFINE(PT_CX, offsetof(struct pt_regs, cx));
	DEFINE(PT_DX, offsetof(struct pt_regs, dx));
	DEFINE(PT_SI, offsetof(struct pt_regs, si));
	DEFINE(PT_DI, offsetof(struct pt_regs, di));
	DEFINE(PT_ORIG_AX, offsetof(struct pt_regs, orig_ax));
	DEFINE(PT_IP, offsetof(struct pt_regs, ip));
	DEFINE(PT_CS, offsetof(struct pt_regs, cs));
	DEFINE(PT_FLAGS, offsetof(struct pt_regs, flags));
	DEFINE(PT_SP, offsetof(struct pt_regs, sp));
	DEFINE(PT_SIZE, sizeof(struct pt_regs));

	DEFINE(PCPU_CURRENT, offsetof(struct pcpu_hot, current_task));
	DEFINE(PCPU_PREEMPT_COUNT, offsetof(struct pcpu_hot, preempt_count));
	DEFINE(PCPU_KERNEL_SP, offsetof(struct pcpu_hot, kernel_sp));
	DEFINE(PCPU_USER_SP, offsetof(struct pcpu_hot, user_sp_scratch));

	DEFINE(TASK_SP, offsetof(struct task, thread.sp));
	DEFINE(TASK_CANARY, offsetof(struct task, thread.stack_canary));
	DEFINE(TASK_PREEMPT_COUNT, offsetof(struct task, thread.preempt_count));
	DEFINE(TASK_FLAGS_WORK, offsetof(struct task, flags_work));
	DEFINE(TASK_SYSCALL_WORK, offsetof(struct task, syscall_work));

	DEFINE(AP_BOOT_CR3, offsetof(struct ap_boot, cr3));
	DEFINE(AP_BOOT_EFER, offsetof(struct ap_boot, efer));
	DEFINE(AP_BOOT_STACK, offsetof(struct ap_boot, stack));
	DEFINE(AP_BOOT_GS_BASE, offsetof(struct ap_boot, gs_base));
	DEFINE(AP_BOOT_ENTRY, offsetof(struct ap_boot, entry));
	DEFINE(AP_BOOT_SIZE, sizeof(struct ap_boot));

	DEFINE(K_PREEMPT_NO_RESCHED, PREEMPT_NO_RESCHED);
	DEFINE(K_USER_CS, USER_CS);
	DEFINE(K_USER_DS, USER_DS);
	DEFINE(K_ENOSYS, ENOSYS);
	DEFINE(K_EFLAGS_IF, X86_EFLAGS_IF);
	DEFINE(K_EFLAGS_TF, X86_EFLAGS_TF);
	DEFINE(K_FEATURE_SMAP, CPU_FEATURE_SMAP);
}
