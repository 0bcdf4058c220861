/*
 * The making of tasks, and the switch between them, as far as C can say it.
 *
 * A new task has never called arch_switch_to(), so it is given the stack it
 * would have if it had: a switch frame whose return address is ret_from_fork,
 * with what that is to do in the saved rbx and r12, below the pt_regs it will
 * return to user mode with. The first switch to it then needs no special case.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/fpu.h>
#include <arch/preempt.h>
#include <arch/thread.h>
#include <arch/traced.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/task.h>
#include <lib/string.h>

#include "debug_regs.h"
#include "internal.h"
#include "thread_unusual.h"

/* What switch_stacks() pops, lowest address first. */
struct switch_frame {
	unsigned long	r15, r14, r13;
	unsigned long	r12;		/* ret_from_fork: the argument */
	unsigned long	bx;		/* ret_from_fork: a function, or 0 */
	unsigned long	bp;
	unsigned long	ip;
	unsigned long	alignment;	/* rsp must be 16-aligned at a call */
};

/* The bases of fs and gs that user code can set by instruction. */
static void save_bases(struct arch_thread *t)
{
	if (!cpu_has(CPU_FEATURE_FSGSBASE))
		return;		/* only arch_prctl(2) sets them, and notes it */
	t->fsbase = rdfsbase();
	t->gsbase = rdmsr(MSR_KERNEL_GS_BASE);
}

/*
 * Always written, equal or not: by loading a selector a program changes the
 * base without our knowing, and the next one must not run with it.
 */
void load_bases(const struct arch_thread *t)
{
	if (cpu_has(CPU_FEATURE_FSGSBASE))
		wrfsbase(t->fsbase);
	else
		wrmsr(MSR_FS_BASE, t->fsbase);
	wrmsr(MSR_KERNEL_GS_BASE, t->gsbase);
}

/*
 * Bring what current's struct says of its user registers up to date, for who
 * reads it there. Context: process.
 */
void arch_sync_current(void)
{
	preempt_disable();
	fpu_save(&current->thread);
	save_bases(&current->thread);
	selectors_save(&current->thread);
	preempt_enable();
}

/*
 * Leave @prev for @next: user registers first, then the entry stack, then the
 * kernel stack itself.
 *
 * Context: irqs off, preempt_count() == PREEMPT_SWITCH_COUNT.
 * Return:  on the caller's own stack, much later: the task that ran before.
 */
struct task *arch_switch_to(struct task *prev, struct task *next)
{
	if (prev->thread.fpu) {
		save_bases(&prev->thread);
		fpu_save(&prev->thread);
	}
	if (next->thread.fpu && !fpu_is_loaded(&next->thread)) {
		load_bases(&next->thread);
		fpu_load(&next->thread);
	}
	if (unlikely(prev->thread.unusual | next->thread.unusual |
		     selectors_in_use()))
		switch_unusual(&prev->thread, &next->thread);
	tss_set_stack(next->thread.stack_top);
	this_cpu_write(pcpu_hot.kernel_sp, next->thread.stack_top);
	return switch_stacks(prev, next);
}

/*
 * A canary nobody can guess from outside: the parent's, which nobody could,
 * stirred with the time. Its lowest byte is 0, so that strings stop there.
 */
static unsigned long new_canary(void)
{
	unsigned long seed = this_cpu_read(__stack_chk_guard) ^ rdtsc();

	seed *= 0x9e3779b97f4a7c15;
	return (seed ^ seed >> 29) & ~0xffUL;
}

static struct pt_regs *init_stack_of(struct task *task, void *fn, void *arg)
{
	struct arch_thread *t = &task->thread;
	struct switch_frame *frame;
	struct pt_regs *regs;

	t->stack_top = (unsigned long)task->stack + KERNEL_STACK_SIZE;
	t->stack_canary = new_canary();
	t->preempt_count = PREEMPT_SWITCH_COUNT;
	regs = arch_thread_regs(t);
	frame = (struct switch_frame *)regs - 1;
	*frame = (struct switch_frame){
		.bx = (unsigned long)fn,
		.r12 = (unsigned long)arg,
		.ip = (unsigned long)ret_from_fork,
	};
	t->sp = (unsigned long)frame;
	return regs;
}

/* See <arch/thread.h>. Context: process (fork), may sleep. */
int arch_thread_copy(struct task *child, struct task *parent,
		     const struct pt_regs *regs, unsigned long user_sp,
		     bool set_tls, unsigned long tls)
{
	struct pt_regs *child_regs;
	int err;

	/* The CPU would refuse some of these, in our hands. */
	child->thread.fpu = NULL;
	thread_unusual_fork(&child->thread);
	if (set_tls && tls >= TASK_SIZE)
		return -EPERM;
	err = fpu_copy(&child->thread, &parent->thread);
	if (err)
		return err;
	child_regs = init_stack_of(child, NULL, NULL);
	*child_regs = *regs;
	child_regs->ax = 0;
	if (unlikely(parent->thread.forced_tf))
		child_regs->flags &= ~X86_EFLAGS_TF;
	if (user_sp)
		child_regs->sp = user_sp;
	preempt_disable();
	if (parent->thread.fpu)
		save_bases(&parent->thread);
	preempt_enable();
	child->thread.fsbase = set_tls ? tls : parent->thread.fsbase;
	child->thread.gsbase = parent->thread.gsbase;
	return 0;
}

/* Context: process. */
void arch_kthread_setup(struct task *task, int (*fn)(void *), void *arg)
{
	struct pt_regs *regs;

	task->thread = (struct arch_thread){ .fpu_cpu = -1 };
	regs = init_stack_of(task, fn, arg);
	memset(regs, 0, sizeof(*regs));
}

/*
 * Context: boot, before the first task is made. @task is running, on @stack.
 */
__init __no_stack_protector void arch_thread_init_boot(struct task *task,
						       void *stack)
{
	task->stack = stack;
	task->thread = (struct arch_thread){
		.stack_top = (unsigned long)stack + KERNEL_STACK_SIZE,
		.stack_canary = this_cpu_read(__stack_chk_guard),
		.fpu_cpu = -1,
	};
	this_cpu_write(pcpu_hot.kernel_sp, task->thread.stack_top);
	tss_set_stack(task->thread.stack_top);
}

/*
 * Send current to ring 3, at @entry with its stack pointer at @sp.
 *
 * For execve(2) this rewrites the registers the program made its call with.
 * PID 1 never made a call: it is a kernel function that built an address
 * space, and @regs is the empty frame arch_kthread_setup() left at the top of
 * its stack. Filling it in is all that "entering user mode for the first time"
 * takes: ret_from_fork ends like any other way out, with an iretq that pops
 * from this frame a code segment of ring 3, and the CPU cannot tell that
 * there was no way in.
 *
 * All other registers are zero: nothing of the kernel or of the old program
 * is to be found in them. Interrupts are on; no other flag is.
 *
 * Context: process; @regs is current_pt_regs().
 */
void arch_start_user(struct pt_regs *regs, unsigned long entry,
		     unsigned long sp)
{
	ASSERT(current->thread.fpu);
	*regs = (struct pt_regs){
		.orig_ax = regs->orig_ax,	/* for who traces execve */
		.ip = entry,
		.cs = USER_CS,
		.flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
		.sp = sp,
		.ss = USER_DS,
	};
	task_set_work(current, TIF_IRET);
}

/* Context: process, may sleep. Return: 0 or -ENOMEM. */
int arch_thread_prepare_exec(void)
{
	return current->thread.fpu ? 0 : fpu_alloc(&current->thread);
}

/* Context: process; arch_thread_prepare_exec() has succeeded. */
void arch_thread_flush(void)
{
	struct arch_thread *t = &current->thread;

	preempt_disable();
	t->fsbase = 0;
	t->gsbase = 0;
	selectors_clear(t);
	load_bases(t);
	preempt_enable();
	fpu_reset(t);
	debug_regs_free(t);
}

/* Context: any; @task will not run again, or never did. */
void arch_thread_free(struct task *task)
{
	fpu_free(&task->thread);
	debug_regs_free(&task->thread);
}
