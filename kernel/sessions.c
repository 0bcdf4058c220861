/*
 * Process groups and sessions: the units of job control; and the calls up from
 * here to their terminals, through a table that the tty layer registers.
 *
 * A shell puts each pipeline into a process group of its own, so that one
 * Ctrl-C reaches all of it; a session is the groups that share a login, and at
 * most one terminal. Groups and sessions have no object beyond the struct pid
 * whose number they bear: they exist as long as a process is a member.
 *
 * Source: POSIX setpgid(2), setsid(2).
 */
#include <arch/current.h>
#include <keel/compiler.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task_tty.h>

/* The process setpgid(2) means; RCU and tasklist_lock held. */
static struct task *pgid_target(pid_t pid, int *err)
{
	struct task *leader = current->group->leader;
	struct task *task = pid ? find_task_by_pid(pid) : leader;

	*err = -ESRCH;
	if (!task)
		return NULL;
	*err = -EINVAL;
	if (!task_is_leader(task))
		return NULL;
	if (same_thread_group(task->real_parent, leader)) {
		*err = -EPERM;
		if (task_pid_of(task, PIDTYPE_SID) !=
		    task_pid_of(leader, PIDTYPE_SID))
			return NULL;
		*err = -EACCES;	/* it has become another program */
		if (!(task->flags & PF_FORKNOEXEC))
			return NULL;
	} else {
		*err = -ESRCH;
		if (task != leader)
			return NULL;
	}
	*err = -EPERM;
	return task->group->leader_of_session ? NULL : task;
}

static int do_setpgid(pid_t pid, pid_t pgid)
{
	struct task *task, *member;
	struct pid *pgrp;
	int err;

	task = pgid_target(pid, &err);
	if (!task)
		return err;
	pgrp = task->thread_pid;
	if (pgid != task->pid) {
		pgrp = find_pid(pgid);
		member = pid_task(pgrp, PIDTYPE_PGID);
		if (!member || task_pid_of(member, PIDTYPE_SID) !=
				       task_pid_of(current, PIDTYPE_SID))
			return -EPERM;
	}
	if (task_pid_of(task, PIDTYPE_PGID) != pgrp)
		pid_change(task, PIDTYPE_PGID, pgrp);
	return 0;
}

SYSCALL_DEFINE2(setpgid, pid_t, pid, pid_t, pgid)
{
	int err;

	if (!pid)
		pid = current->tgid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	if (pid < 0)
		return -ESRCH;
	rcu_read_lock();
	spin_lock_irq(&tasklist_lock);
	err = do_setpgid(pid, pgid);
	spin_unlock_irq(&tasklist_lock);
	rcu_read_unlock();
	return err;
}

static long pid_of(pid_t pid, enum pid_type type)
{
	struct task *task;

	RCU_GUARD();
	task = pid ? find_task_by_pid(pid) : current;
	return task ? pid_nr(task_pid_of(task, type)) : -ESRCH;
}

SYSCALL_DEFINE1(getpgid, pid_t, pid)
{
	return pid_of(pid, PIDTYPE_PGID);
}

SYSCALL_DEFINE0(getpgrp)
{
	return pid_of(0, PIDTYPE_PGID);
}

SYSCALL_DEFINE1(getsid, pid_t, pid)
{
	return pid_of(pid, PIDTYPE_SID);
}

SYSCALL_DEFINE0(setsid)
{
	struct task *leader = current->group->leader;
	struct pid *pid;

	spin_lock_irq(&tasklist_lock);
	pid = leader->thread_pid;
	/* Whose number is a group's already cannot found one of that number. */
	if (leader->group->leader_of_session || pid_task(pid, PIDTYPE_PGID)) {
		spin_unlock_irq(&tasklist_lock);
		return -EPERM;
	}
	leader->group->leader_of_session = true;
	if (task_pid_of(leader, PIDTYPE_SID) != pid)
		pid_change(leader, PIDTYPE_SID, pid);
	if (task_pid_of(leader, PIDTYPE_PGID) != pid)
		pid_change(leader, PIDTYPE_PGID, pid);
	spin_unlock_irq(&tasklist_lock);
	task_tty_forget();
	return pid_nr(pid);
}

SYSCALL_DEFINE0(getpid)
{
	return current->tgid;
}

SYSCALL_DEFINE0(gettid)
{
	return current->pid;
}

SYSCALL_DEFINE0(getppid)
{
	RCU_GUARD();
	return rcu_dereference(current->real_parent)->tgid;
}

/* ---- terminals ---- */

static const struct task_tty_ops *tty_ops __ro_after_init;

/* For the tty layer, once, at boot. */
void __init task_tty_register(const struct task_tty_ops *ops)
{
	tty_ops = ops;
}

/* The child's reference to the terminal of @parent. Context: tasklist_lock. */
struct tty *task_tty_inherit(struct thread_group *parent)
{
	return tty_ops ? tty_ops->inherit(parent) : NULL;
}

/* Drop a process's reference; NULL is fine. Context: any. */
void task_tty_put(struct tty *tty)
{
	if (tty)
		tty_ops->put(tty);
}

/* A session's leader exits: its terminal hangs up. Context: process. */
void task_tty_leader_exit(void)
{
	if (tty_ops)
		tty_ops->leader_exit();
}

/* current has begun a session of its own. Context: process. */
void task_tty_forget(void)
{
	if (tty_ops)
		tty_ops->forget();
}

/*
 * The device number of @tty, a reference from task_tty_inherit(), and the
 * number of its foreground group. NULL: 0 and -1. Context: no locks held.
 */
dev_t task_tty_describe(struct tty *tty, pid_t *pgrp)
{
	*pgrp = -1;
	return tty ? tty_ops->describe(tty, pgrp) : 0;
}
