/*
 * Signals, telling the parent: what became of its child.
 *
 * A parent learns that a child ended, stopped or goes on in two ways at once,
 * by SIGCHLD and by a wake-up of its wait4(2). A tracer learns of its tracee's
 * stops in the same way; it is the second parent, task->parent.
 *
 * Locking: tasklist_lock keeps the parent the parent; under it, the parent's
 * sighand->lock.
 */
#include <kernel/cred.h>
#include <kernel/pidfd.h>
#include <kernel/sched.h>
#include <kernel/signal_internal.h>
#include <kernel/time.h>
#include <lib/string.h>

static void fill_child_info(struct siginfo *info, struct task *task, int code,
			    int status)
{
	struct cputime time = group_cputime(task);

	RCU_GUARD();
	memset(info, 0, sizeof(*info));
	info->si_signo = SIGCHLD;
	info->si_code = code;
	info->si_pid = task->pid;
	info->si_uid = rcu_dereference(task->real_cred)->uid;
	info->si_status = status;
	info->si_utime = time.utime_ns / NSEC_PER_CLOCK_TICK;
	info->si_stime = time.stime_ns / NSEC_PER_CLOCK_TICK;
}

/* Threads of one process wait at one place. */
static void wake_parent(struct task *parent)
{
	wake_up_interruptible_all(&parent->group->wait_chldexit);
}

/*
 * Tell @task's parent that it ended, by signal @sig (0: by none).
 *
 * Locking: tasklist_lock held.
 * Return:  true if the parent does not want to know: reap the task yourself.
 */
bool task_notify_parent(struct task *task, int sig)
{
	struct task *parent = task->parent;
	struct kernel_sigaction *action;
	struct siginfo info;
	bool autoreap = false;
	int status = task->group->flags & SIGNAL_GROUP_EXIT ?
		     task->group->group_exit_code : task->exit_code;

	assert_held(&tasklist_lock);
	pidfd_notify(task->thread_pid);
	fill_child_info(&info, task, !(status & 0x7f) ? CLD_EXITED :
			status & 0x80 ? CLD_DUMPED : CLD_KILLED,
			status & 0x7f ? status & 0x7f : status >> 8 & 0xff);
	info.si_signo = sig;
	spin_lock(&parent->sighand->lock);
	action = &parent->sighand->action[SIGCHLD - 1];
	if (sig == SIGCHLD && !task->ptrace &&
	    (action->handler == SIG_IGN ||
			       (action->flags & SA_NOCLDWAIT))) {
		/* POSIX: such children do not become zombies. */
		autoreap = true;
		if (action->handler == SIG_IGN)
			sig = 0;
	}
	if (sig_valid(sig))
		send_signal_locked(sig, &info, parent, PIDTYPE_TGID);
	wake_parent(parent);
	spin_unlock(&parent->sighand->lock);
	return autoreap;
}

/*
 * Tell @parent, or a tracer, that @task stopped or goes on (@why) because of
 * signal @status. Locking: tasklist_lock held.
 */
void notify_of_stop_locked(struct task *task, struct task *parent, int why,
			   int status)
{
	struct siginfo info;

	fill_child_info(&info, task, why, status);
	spin_lock(&parent->sighand->lock);
	if (parent->sighand->action[SIGCHLD - 1].handler != SIG_IGN &&
	    !(parent->sighand->action[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		send_signal_locked(SIGCHLD, &info, parent, PIDTYPE_TGID);
	wake_parent(parent);
	spin_unlock(&parent->sighand->lock);
}

/* Tell the parent that @task's process stopped or was continued (@why). */
void notify_parent_of_stop(struct task *task, int why)
{
	struct task *leader;

	spin_lock_irq(&tasklist_lock);
	leader = task->group->leader;
	notify_of_stop_locked(leader, leader->real_parent, why,
			      why == CLD_CONTINUED ? SIGCONT :
			      task->group->group_exit_code & 0x7f);
	spin_unlock_irq(&tasklist_lock);
}
