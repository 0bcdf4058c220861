/*
 * The last stop before user mode.
 *
 * Entry code tests one word and one bit on the way out; if either says that
 * something is to be done, it comes here. Work can bring new work (a signal's
 * delivery may sleep, and another signal come meanwhile), so everything is
 * looked at again, with interrupts off, until nothing is left: then no
 * interrupt can add any before the program runs, and if a flag is set by
 * another CPU, that CPU sends an interrupt too.
 */
#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/preempt.h>
#include <arch/syscall.h>
#include <keel/bug.h>
#include <kernel/entry.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>

/*
 * What is to be done about @work, with interrupts on.
 *
 * TIF_RESTORE_SIGMASK without a signal pending is signals' business too: the
 * mask a call like sigsuspend(2) put aside must be back when it returns.
 */
static void do_work(struct pt_regs *regs, unsigned long work)
{
	/* Before signals: the call they may restart has ended by now. */
	if (unlikely(work & TIF_SYSCALL_EXIT)) {
		task_clear_work(current, TIF_SYSCALL_EXIT);
		ptrace_syscall_exit(regs);
	}
	if (work & (TIF_SIGPENDING | TIF_RESTORE_SIGMASK))
		do_signal(regs);
	if (work & (TIF_IRET | TIF_NOTIFY_RESUME))
		task_clear_work(current, work & (TIF_IRET | TIF_NOTIFY_RESUME));
	if ((work & TIF_NOTIFY_RESUME) && current->rseq.area)
		rseq_resume(regs);
}

/*
 * Do what has to be done before @regs' program runs.
 *
 * Context: called by entry code with interrupts off, and returns so; in
 * between it may sleep, or not return at all, if a signal ends the task.
 */
void exit_to_user_mode_loop(struct pt_regs *regs)
{
	unsigned long work;

	/* A count that is not 0 here is a lock somebody forgot to drop. */
	ASSERT(preempt_count() == 0);
	for (;;) {
		work = READ_ONCE(current->flags_work);
		if (!work && !need_resched())
			return;
		local_irq_enable();
		if (need_resched())
			schedule();
		do_work(regs, work);
		local_irq_disable();
	}
}

/*
 * Somebody wants to see @regs' system call before it is begun. Return: the
 * number to run, or -1 if regs->ax already is the result.
 */
long syscall_enter_work(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current->syscall_work);

	if ((work & SYSCALL_WORK_DISPATCH) && syscall_dispatched(regs))
		return -1;
	if ((work & (SYSCALL_WORK_TRACE | SYSCALL_WORK_STEP |
		     SYSCALL_WORK_EMU)) && !ptrace_syscall_enter(regs))
		return -1;
	if ((work & SYSCALL_WORK_SECCOMP) && !seccomp_allows(regs))
		return -1;
	return syscall_get_nr(regs);	/* a tracer may have changed it */
}
