/*
 * ptrace, the tracee's half: stopping for the tracer.
 *
 * Whatever a tracer learns, it learns from a tracee that stands still. There
 * is one way to stand still, ptrace_stop(): the task notes why, tells the
 * tracer as a child tells its parent, and sleeps in TASK_TRACED until the
 * tracer lets it go on, or SIGKILL does. Only what leads there differs:
 *
 *	signals		get_signal() took one off the queue: the tracer may
 *			look at it, replace it or swallow it
 *	group stops	the process was stopped, by SIGSTOP or the like
 *	system calls	before and after one, if PTRACE_SYSCALL asked for it
 *	events		fork, exec, exit, if PTRACE_SETOPTIONS asked for them
 *
 * What the tracer answers with is the signal to go on with, in exit_code.
 *
 * A stop is entered with sighand->lock held, so that SIGKILL comes either
 * before it, and is seen, or after it, and wakes. The tracer, who holds no
 * lock while it looks around, makes sure of the same by taking TASK_WAKEKILL
 * out of the state meanwhile: see ptrace_syscall.c.
 *
 * Source: man 2 ptrace.
 */
#include <arch/current.h>
#include <arch/preempt.h>
#include <arch/traced.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal_internal.h>
#include <uapi/sched.h>

/*
 * Make @task look at what is asked of it, and with @resume end its stop.
 * Locking: sighand->lock held.
 */
void ptrace_wake(struct task *task, bool resume)
{
	task_set_work(task, TIF_SIGPENDING);
	wake_up_state(task, TASK_INTERRUPTIBLE |
		      (resume ? TASK_TRACED_BIT : 0));
}

/* A seized tracee's process stopped or goes on. Locking: sighand->lock. */
void ptrace_trap_notify(struct task *task)
{
	if (jobctl_set_pending(task, JOBCTL_TRAP_NOTIFY))
		ptrace_wake(task, task->jobctl & JOBCTL_LISTENING);
}

/*
 * The tracer that waits in ptrace_attach() for @task to stop need not wait
 * longer. Locking: sighand->lock held, which keeps the tracer being one.
 */
void ptrace_end_trapping(struct task *task)
{
	task->jobctl &= ~JOBCTL_TRAPPING;
	wake_up_all(&task->parent->group->wait_chldexit);
}

/* Tell the tracer; and, if the last of the process stopped, the parent. */
static void tell_about_stop(int why, bool group_stopped)
{
	struct task *leader = current->group->leader;
	int group_sig = current->group->group_exit_code & 0x7f;

	notify_of_stop_locked(current, current->parent, why,
			      why == CLD_STOPPED ? group_sig :
			      current->exit_code & 0x7f);
	if (group_stopped && ptrace_reparented(current))
		notify_of_stop_locked(leader, leader->real_parent, CLD_STOPPED,
				      group_sig);
}

/*
 * Sleep until the tracer, having been told, says how to go on. If it left
 * before it could be told, there is no reason to sleep.
 */
static void wait_for_tracer(int why, bool group_stopped)
{
	struct task *leader = current->group->leader;

	spin_lock_irq(&tasklist_lock);
	if (likely(current->ptrace)) {
		tell_about_stop(why, group_stopped);
		/* The tracer needs us off the CPU: do not let it wait. */
		preempt_disable();
		spin_unlock_irq(&tasklist_lock);
		preempt_enable_no_resched();
		schedule();
		return;
	}
	if (group_stopped)
		notify_of_stop_locked(leader, leader->real_parent, CLD_STOPPED,
				      current->group->group_exit_code & 0x7f);
	set_current_state(TASK_RUNNING);
	current->exit_code = 0;
	spin_unlock_irq(&tasklist_lock);
}

/*
 * Stop for the tracer: it sees @exit_code by wait4(2), @info by
 * PTRACE_GETSIGINFO and @message by PTRACE_GETEVENTMSG.
 *
 * Context: process; no locks but sighand->lock, which is dropped and retaken.
 * Return:  the signal to go on with. That is @exit_code itself if there is no
 *          tracer any more, or the task is being killed.
 */
static int ptrace_stop(int exit_code, int why, unsigned long message,
		       struct siginfo *info)
	__must_hold(&current->sighand->lock)
{
	bool group_stopped = false;

	if (!current->ptrace || (current->pending.set & sigmask(SIGKILL)))
		return exit_code;
	current->last_siginfo = info;
	current->ptrace_message = message;
	current->exit_code = exit_code;
	set_current_state(TASK_TRACED);
	if (why == CLD_STOPPED && (current->jobctl & JOBCTL_STOP_PENDING))
		group_stopped = take_part_in_stop();
	current->jobctl &= ~JOBCTL_TRAP_STOP;
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		current->jobctl &= ~JOBCTL_TRAP_NOTIFY;
	if (current->jobctl & JOBCTL_TRAPPING)
		ptrace_end_trapping(current);
	spin_unlock_irq(&current->sighand->lock);

	wait_for_tracer(why, group_stopped);

	spin_lock_irq(&current->sighand->lock);
	exit_code = current->exit_code;
	current->exit_code = 0;
	current->last_siginfo = NULL;
	current->ptrace_message = 0;
	current->jobctl &= ~JOBCTL_LISTENING;
	recalc_sigpending();
	return exit_code;
}

/* A stop that is about no signal, but looks like one. sighand->lock held. */
static int notify_locked(int sig, int exit_code, int why,
			 unsigned long message)
	__must_hold(&current->sighand->lock)
{
	struct siginfo info = { .si_signo = sig, .si_code = exit_code };

	info.si_pid = current->pid;
	info.si_uid = current_uid();
	return ptrace_stop(exit_code, why, message, &info);
}

/*
 * Stop with wait status @exit_code, a SIGTRAP and what more it means.
 *
 * Context: process; no locks; sleeps.
 * Return:  the signal the tracer wants current to have.
 */
int ptrace_notify(int exit_code, unsigned long message)
{
	int sig;

	spin_lock_irq(&current->sighand->lock);
	sig = notify_locked(SIGTRAP, exit_code, CLD_TRAPPED, message);
	spin_unlock_irq(&current->sighand->lock);
	return sig;
}

/*
 * @event of current's life: stop, if the tracer asked for such. A program that
 * asked for nothing gets, as ever, a plain SIGTRAP after exec.
 *
 * Context: process; no locks; sleeps.
 */
void ptrace_event(int event, unsigned long message)
{
	unsigned int ptrace = current->ptrace;

	if (ptrace & PT_OPTION(1U << event)) {
		ptrace_notify(event << 8 | SIGTRAP, message);
		/* This is amid a system call; its end may be awaited now. */
		if (current->syscall_work &
		    (SYSCALL_WORK_TRACE | SYSCALL_WORK_STEP))
			task_set_work(current, TIF_SYSCALL_EXIT);
	} else if (event == PTRACE_EVENT_EXEC &&
		 (ptrace & (PT_PTRACED | PT_SEIZED)) == PT_PTRACED)
		send_sig(SIGTRAP, current, false);
}

/*
 * get_signal() took @sig, with @info, for a traced task: the tracer decides.
 *
 * Locking: sighand->lock held; dropped and retaken.
 * Return:  the signal to act on, with *info about it; 0: none.
 */
int ptrace_signal(int sig, struct siginfo *info)
	__must_hold(&current->sighand->lock)
{
	/* Group stops are begun by whom the tracer lets keep the signal. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	sig = ptrace_stop(sig, CLD_TRAPPED, 0, info);
	if (!sig)
		return 0;
	if (sig != info->si_signo) {
		struct task *parent;

		*info = (struct siginfo){ .si_signo = sig,
					  .si_code = SI_USER };
		RCU_GUARD();
		parent = READ_ONCE(current->parent);
		info->si_pid = parent->tgid;
		info->si_uid = rcu_dereference(parent->real_cred)->uid;
	}
	/* Another signal may be blocked where the first was not. */
	if ((current->blocked & sigmask(sig)) ||
	    fatal_signal_pending(current)) {
		send_signal_locked(sig, info, current, PIDTYPE_PID);
		return 0;
	}
	return sig;
}

/*
 * JOBCTL_TRAP_*: the process is stopped, or was, or the tracer just wants
 * current to stand still. Under PTRACE_ATTACH such a stop looks as if the stop
 * signal came a second time; under PTRACE_SEIZE it is an event of its own.
 *
 * Locking: sighand->lock held; dropped and retaken.
 */
void ptrace_job_stop(void)
	__must_hold(&current->sighand->lock)
{
	struct thread_group *group = current->group;
	int sig = (current->jobctl & JOBCTL_SIGNAL_MASK) >>
		  JOBCTL_SIGNAL_SHIFT;

	if (!(current->ptrace & PT_SEIZED)) {
		ptrace_stop(sig, CLD_STOPPED, 0, NULL);
		current->exit_code = 0;
	} else {
		if (!group->group_stop_count &&
		    !(group->flags & SIGNAL_STOP_STOPPED))
			sig = SIGTRAP;
		notify_locked(sig, sig | PTRACE_EVENT_STOP << 8, CLD_STOPPED,
			      0);
	}
}

static int report_syscall(unsigned long message)
{
	int sig = ptrace_notify(SIGTRAP |
				(current->ptrace &
				 PT_OPTION(PTRACE_O_TRACESYSGOOD) ? 0x80 : 0),
				message);

	/*
	 * As if it had come on its own. A tracer that died has left what it
	 * was told instead; with the 0x80 that is no signal, and no harm.
	 */
	if (sig && sig_valid(sig))
		send_sig(sig, current, true);
	return fatal_signal_pending(current);
}

/*
 * A system call is about to begin. Return: false if it is not to be made: the
 * task is dying, or the tracer has given the result (PTRACE_SYSEMU).
 */
bool ptrace_syscall_enter(struct pt_regs *regs __unused)
{
	unsigned long work = READ_ONCE(current->syscall_work);

	task_set_work(current, TIF_SYSCALL_EXIT);
	if (!(work & (SYSCALL_WORK_TRACE | SYSCALL_WORK_EMU)))
		return true;
	if (report_syscall(PTRACE_EVENTMSG_SYSCALL_ENTRY))
		return false;
	/* As it was asked for before the stop, which may have changed it. */
	return !(work & SYSCALL_WORK_EMU);
}

/*
 * The call is over; signals have not been looked at yet. A single step over a
 * system call ends here, in front of the next instruction; but not one over a
 * call that was not made, and had a stop of its own.
 */
void ptrace_syscall_exit(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current->syscall_work);

	if ((work & (SYSCALL_WORK_STEP | SYSCALL_WORK_EMU)) ==
	    SYSCALL_WORK_STEP)
		arch_report_step(regs);
	else if (work & SYSCALL_WORK_TRACE)
		report_syscall(PTRACE_EVENTMSG_SYSCALL_EXIT);
}

/* ---- fork ------------------------------------------------------------ */

/*
 * Which event a clone of current's is, if the tracer wants to know of it.
 * Return: PTRACE_EVENT_*, or 0.
 */
int ptrace_event_of_clone(const struct kernel_clone_args *args)
{
	int event = PTRACE_EVENT_FORK;

	if (args->fn || (args->flags & CLONE_UNTRACED))
		return 0;
	if (args->flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if (args->exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return current->ptrace & PT_OPTION(1U << event) ? event : 0;
}

/*
 * @child, not visible yet, is born of a tracee: it has the same tracer if
 * current's event, or its own wish, says so; and stops before all else.
 * Locking: tasklist_lock and current's sighand->lock held.
 */
void ptrace_trace_child(struct task *child,
			const struct kernel_clone_args *args)
{
	if (!args->trace_event &&
	    (args->fn || !(args->flags & CLONE_PTRACE)))
		return;
	child->ptrace = current->ptrace;
	child->parent = current->parent;
	list_add_tail(&child->ptrace_entry, &child->parent->ptraced);
	if (child->ptrace & PT_SEIZED)
		child->jobctl |= JOBCTL_TRAP_STOP;
	else
		child->pending.set |= sigmask(SIGSTOP);
	task_set_work(child, TIF_SIGPENDING);
}
