/*
 * Signals, the receiving side: what a task does about them on its way back to
 * user mode.
 *
 * get_signal() takes one signal after another off the queues until it finds
 * one with a handler, which the caller then makes run. Everything else is done
 * here and now: stopping (the task sleeps inside get_signal()), continuing,
 * and dying. All of it is in the task's own context with no lock held, which
 * is why a signal can kill a task at any moment and leave nothing locked.
 *
 * signal_notify.c tells the parent about ends, stops and continuations.
 */
#include <arch/signal.h>
#include <arch/traced.h>
#include <fs/coredump.h>
#define LOG_PREFIX "init"
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/sched.h>
#include <kernel/signal_internal.h>

/* ---- stopping -------------------------------------------------------- */

/* All threads of the process are to stop for @sig. Locking: sighand->lock. */
static void begin_group_stop(int sig)
{
	struct thread_group *group = current->group;
	struct task *t;

	RCU_GUARD();
	if (!(group->flags & SIGNAL_STOP_STOPPED))
		group->group_exit_code = sig;
	group->group_stop_count = 0;
	for_each_thread_rcu(current, t) {
		if ((t != current &&
		     (READ_ONCE(t->sched.state) & TASK_STOPPED_BIT)) ||
		    !jobctl_set_pending(t, JOBCTL_STOP_PENDING |
					   JOBCTL_STOP_CONSUME |
					   (unsigned long)sig
						<< JOBCTL_SIGNAL_SHIFT))
			continue;
		group->group_stop_count++;
		if (t == current)
			continue;
		if (unlikely(t->ptrace & PT_SEIZED))
			ptrace_trap_notify(t);
		else
			wake_up_signal(t, false);
	}
}

/*
 * Count current as stopped. True if it was the last to.
 * Locking: sighand->lock held.
 */
bool take_part_in_stop(void)
{
	struct thread_group *group = current->group;
	bool counted = current->jobctl & JOBCTL_STOP_CONSUME;

	jobctl_clear_pending(current, JOBCTL_STOP_MASK);
	if (counted && group->group_stop_count > 0)
		group->group_stop_count--;
	if (group->group_stop_count > 0 ||
	    (group->flags & SIGNAL_STOP_STOPPED))
		return false;
	group->flags &= ~SIGNAL_STOP_MASK;
	group->flags |= SIGNAL_STOP_STOPPED;
	return true;
}

/*
 * Sleep until SIGCONT or SIGKILL, with the rest of the process. @sig 0 joins
 * a stop that another thread began.
 *
 * Locking: sighand->lock held; dropped if and only if true is returned, which
 * means that the task has stopped and been continued.
 */
static bool __no_lock_check do_signal_stop(int sig)
{
	bool last;

	if (!(current->jobctl & JOBCTL_STOP_PENDING)) {
		if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) ||
		    (current->group->flags & SIGNAL_GROUP_EXIT))
			return false;
		begin_group_stop(sig);
	}
	/* One that is traced tells its tracer instead, by a trap. */
	if (unlikely(current->ptrace)) {
		current->jobctl |= JOBCTL_TRAP_STOP;
		return false;
	}
	/*
	 * The state is set under the lock that SIGCONT's sender takes, so
	 * its wake-up comes after this or finds nothing to undo.
	 */
	set_current_state(TASK_STOPPED);
	last = take_part_in_stop();
	spin_unlock_irq(&current->sighand->lock);
	if (last)
		notify_parent_of_stop(current, CLD_STOPPED);
	schedule();
	return true;
}

/* ---- taking signals -------------------------------------------------- */

/* The process was continued: whoever runs first says so to the parent. */
static bool __no_lock_check report_continued(void)
{
	struct thread_group *group = current->group;
	int why;

	if (!(group->flags & (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)))
		return false;
	why = group->flags & SIGNAL_CLD_CONTINUED ? CLD_CONTINUED :
						    CLD_STOPPED;
	group->flags &= ~(SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED);
	spin_unlock_irq(&current->sighand->lock);
	notify_parent_of_stop(current, why);
	return true;
}

/* A stop by the terminal does nothing to an orphaned group [POSIX 2.4.3]. */
static bool __no_lock_check stop_is_void(int sig)
{
	bool orphaned;

	if (sig == SIGSTOP)
		return false;
	/* tasklist_lock ranks above sighand->lock: let go meanwhile. */
	spin_unlock_irq(&current->sighand->lock);
	spin_lock_irq(&tasklist_lock);
	orphaned = is_orphaned_pgrp(task_pid_of(current, PIDTYPE_PGID), NULL);
	spin_unlock_irq(&tasklist_lock);
	spin_lock_irq(&current->sighand->lock);
	return orphaned;
}

static void log_fatal(int sig)
{
	if (current->group == init_process->group)
		pr_err("killed by signal %d", sig);
}

/* The default action of @sig, which is not to ignore it. */
enum verdict { NEXT_SIGNAL, START_AGAIN };

static enum verdict __no_lock_check default_action(int sig,
						   const struct siginfo *info)
{
	if ((current->group->flags & SIGNAL_UNKILLABLE) &&
	    !(sigmask(sig) & SIG_KERNEL_ONLY_MASK))
		return NEXT_SIGNAL;
	if (sigmask(sig) & SIG_STOP_MASK) {
		current->jobctl |= JOBCTL_STOP_DEQUEUED;
		if (stop_is_void(sig))
			return NEXT_SIGNAL;
		return do_signal_stop(sig) ? START_AGAIN : NEXT_SIGNAL;
	}
	spin_unlock_irq(&current->sighand->lock);
	current->flags |= PF_SIGNALED;
	log_fatal(sig);
	if (sigmask(sig) & SIG_COREDUMP_MASK)
		do_coredump(info);
	do_group_exit(sig);
}

/* Another thread, or a fatal signal, has ended the process already. */
static void __no_lock_check die_if_killed(void)
{
	struct thread_group *group = current->group;
	int code;

	if (!(group->flags & SIGNAL_GROUP_EXIT) && !group->group_exec_task)
		return;
	if (!(current->pending.set & sigmask(SIGKILL)))
		return;
	code = group->flags & SIGNAL_GROUP_EXIT ? group->group_exit_code :
						  SIGKILL;
	/* It has done its work; a tracer may want to see the end of us. */
	current->pending.set &= ~sigmask(SIGKILL);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->lock);
	current->flags |= PF_SIGNALED;
	do_group_exit(code);
}

/*
 * Find a signal whose handler is to run, acting on all others on the way.
 *
 * Context: process, on the way to user mode; no locks; may sleep.
 * Return:  true with *ksig filled; false if there is nothing left to do.
 */
bool __no_lock_check get_signal(struct ksignal *ksig)
{
	struct sighand *sighand = current->sighand;
	struct kernel_sigaction *action;
	int sig;

again:
	spin_lock_irq(&sighand->lock);
	if (report_continued())
		goto again;
	for (;;) {
		die_if_killed();
		if ((current->jobctl & JOBCTL_STOP_PENDING) &&
		    do_signal_stop(0))
			goto again;
		if (unlikely(current->jobctl & JOBCTL_TRAP_MASK)) {
			ptrace_job_stop();
			spin_unlock_irq(&sighand->lock);
			goto again;
		}
		sig = dequeue_signal(current->blocked, &ksig->info);
		if (!sig)
			break;
		if (unlikely(current->ptrace) && sig != SIGKILL) {
			sig = ptrace_signal(sig, &ksig->info);
			if (!sig)
				continue;
		}
		action = &sighand->action[sig - 1];
		if (action->handler == SIG_IGN)
			continue;
		if (action->handler != SIG_DFL) {
			ksig->ka = *action;
			if (action->flags & SA_RESETHAND)
				action->handler = SIG_DFL;
			break;
		}
		if (sigmask(sig) & SIG_IGNORED_MASK)
			continue;
		if (default_action(sig, &ksig->info) == START_AGAIN)
			goto again;
	}
	spin_unlock_irq(&sighand->lock);
	ksig->sig = sig;
	return sig != 0;
}

/*
 * The handler's frame is built, or could not be (@failed). While the handler
 * runs, its mask and, unless SA_NODEFER, the signal itself are blocked.
 */
void signal_setup_done(bool failed, struct ksignal *ksig)
{
	sigset_t blocked;

	if (failed) {
		force_sigsegv(ksig->sig);
		return;
	}
	task_clear_work(current, TIF_RESTORE_SIGMASK);
	blocked = current->blocked | ksig->ka.mask;
	if (!(ksig->ka.flags & SA_NODEFER))
		blocked |= sigmask(ksig->sig);
	set_current_blocked(blocked);
	if (current->sas_ss_flags & SS_AUTODISARM) {
		current->sas_ss_sp = 0;
		current->sas_ss_size = 0;
		current->sas_ss_flags = SS_DISABLE;
	}
}

/* The mask a handler's return restores: sigsuspend's own is not it. */
sigset_t sigmask_to_save(void)
{
	if (READ_ONCE(current->flags_work) & TIF_RESTORE_SIGMASK)
		return current->saved_sigmask;
	return current->blocked;
}

/*
 * Deal with signals before user mode is entered with @regs: run a handler if
 * there is one to run, else see to it that an interrupted system call is begun
 * again where it should be.
 *
 * Context: exit_to_user_mode_loop(), interrupts on; may sleep.
 */
void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig)) {
		sigset_t mask = sigmask_to_save();
		bool stepping = current->syscall_work & SYSCALL_WORK_STEP;

		/* The frame shall hold the program's own flags. */
		if (unlikely(stepping))
			arch_disable_step(current);
		arch_restart_syscall(regs, &ksig.ka);
		if (current->rseq.area)
			rseq_before_signal(regs, ksig.sig);
		signal_setup_done(arch_setup_signal_frame(&ksig, &mask, regs),
				  &ksig);
		if (unlikely(stepping))
			ptrace_notify(SIGTRAP, 0);
		return;
	}
	arch_restart_syscall(regs, NULL);
	restore_saved_sigmask_unless(false);
}
