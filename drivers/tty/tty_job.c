/*
 * Job control: whose terminal it is, and who may use it now.
 *
 * A terminal controls at most one session, and a session has at most one
 * controlling terminal. Of the session's process groups one is in the
 * foreground: it gets the signals that are typed, and only it may read. Others
 * that try are stopped by SIGTTIN or SIGTTOU, for the shell to bring to the
 * foreground again.
 *
 * The bond has two ends: tty->session under ctrl_lock, and thread_group.tty of
 * each process of the session under its sighand->lock. Both change together
 * under tasklist_lock.
 *
 * Source: POSIX, Base Definitions, 11.1.3 and 11.1.4.
 */
#include <drivers/tty/tty.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task_tty.h>
#include <uapi/major.h>

/* The controlling terminal of current, counted, or NULL. Context: any. */
struct tty *current_tty(void)
{
	struct tty *tty;

	spin_lock_irq(&current->sighand->lock);
	tty = tty_get(current->group->tty);
	spin_unlock_irq(&current->sighand->lock);
	return tty;
}

static struct pid *get_pgrp(struct tty *tty)
{
	struct pid *pgrp;
	unsigned long flags = spin_lock_irqsave(&tty->ctrl_lock);

	pgrp = pid_get(tty->pgrp);
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	return pgrp;
}

/* Send @sig to the foreground group, if there is one. Context: process. */
void tty_signal_pgrp(struct tty *tty, int sig)
{
	struct pid *pgrp = get_pgrp(tty);

	if (pgrp)
		kill_pgrp(pgrp, sig, true);
	pid_put(pgrp);
}

/* ---- foreground and background ----------------------------------------- */

static bool ignores(int sig)
{
	return (current->blocked & sigmask(sig)) ||
	       current->sighand->action[sig - 1].handler == SIG_IGN;
}

/*
 * May current use @tty, for reading (@sig SIGTTIN) or changing (SIGTTOU)?
 * A background process is stopped by @sig; continued, it tries again.
 *
 * Context: process. Return: 0; -EIO: it cannot be stopped; -ERESTARTSYS.
 */
int tty_check_change(struct tty *tty, int sig)
{
	struct pid *mine, *pgrp;
	int err = 0;

	if (current->group->tty != tty)
		return 0;
	rcu_read_lock();
	mine = pid_get(task_pid_of(current, PIDTYPE_PGID));
	rcu_read_unlock();
	pgrp = get_pgrp(tty);
	if (!pgrp || pgrp == mine)
		goto out;
	if (ignores(sig)) {
		/* Reading is refused then, changing allowed. */
		err = sig == SIGTTIN ? -EIO : 0;
		goto out;
	}
	spin_lock_irq(&tasklist_lock);
	if (is_orphaned_pgrp(mine, NULL))
		err = -EIO;
	spin_unlock_irq(&tasklist_lock);
	if (err)
		goto out;
	kill_pgrp(mine, sig, true);
	err = -ERESTARTSYS;
out:
	pid_put(pgrp);
	pid_put(mine);
	return err;
}

/* ---- the bond ------------------------------------------------------------ */

static void set_group_tty(struct task *task, struct tty *tty)
{
	struct tty *old;

	spin_lock(&task->sighand->lock);
	old = task->group->tty;
	task->group->tty = tty_get(tty);
	spin_unlock(&task->sighand->lock);
	tty_put(old);
}

/* Store counted pids in @tty. Locking: tasklist_lock held. */
static void set_session(struct tty *tty, struct pid *session, struct pid *pgrp)
{
	struct pid *old_session, *old_pgrp;

	spin_lock(&tty->ctrl_lock);
	old_session = tty->session;
	old_pgrp = tty->pgrp;
	tty->session = pid_get(session);
	tty->pgrp = pid_get(pgrp);
	spin_unlock(&tty->ctrl_lock);
	pid_put(old_session);
	pid_put(old_pgrp);
}

/* Every process of @tty's session forgets it. Locking: tasklist_lock. */
static void clear_session(struct tty *tty)
{
	struct task *task;

	if (tty->session)
		for_each_pid_task(tty->session, PIDTYPE_SID, task)
			if (task->group->tty == tty)
				set_group_tty(task, NULL);
	set_session(tty, NULL, NULL);
}

/* current, a session leader without a terminal, takes @tty. tasklist_lock. */
static void take_tty(struct tty *tty)
{
	set_session(tty, task_pid_of(current, PIDTYPE_SID),
		    task_pid_of(current, PIDTYPE_PGID));
	set_group_tty(current, tty);
}

/* open(2) of a terminal by a session leader that has none makes it its own. */
void tty_open_ctty(struct tty *tty)
{
	spin_lock_irq(&tasklist_lock);
	if (current->group->leader_of_session && !current->group->tty &&
	    !tty->session)
		take_tty(tty);
	spin_unlock_irq(&tasklist_lock);
}

static int set_ctty(struct tty *tty, unsigned long force)
{
	int err = 0;

	spin_lock_irq(&tasklist_lock);
	if (current->group->leader_of_session &&
	    task_pid_of(current, PIDTYPE_SID) == tty->session)
		goto out;
	err = -EPERM;
	if (!current->group->leader_of_session || current->group->tty)
		goto out;
	if (tty->session) {
		/* Root may take it from another session. */
		if (force != 1 || !capable(CAP_SYS_ADMIN))
			goto out;
		clear_session(tty);
	}
	err = 0;
	take_tty(tty);
out:
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* Tell the session that it loses @tty, and take it away. Context: process. */
void tty_detach_session(struct tty *tty)
{
	struct task *leader;

	spin_lock_irq(&tasklist_lock);
	if (tty->session) {
		leader = pid_task(tty->session, PIDTYPE_PID);
		if (leader && !leader->exit_state) {
			/* To the process, or it would get two of each. */
			send_sig_info(SIGHUP, SEND_SIG_PRIV, leader,
				      PIDTYPE_TGID);
			send_sig_info(SIGCONT, SEND_SIG_PRIV, leader,
				      PIDTYPE_TGID);
		}
		if (tty->pgrp) {
			kill_pgrp_locked(tty->pgrp, SIGHUP, true);
			kill_pgrp_locked(tty->pgrp, SIGCONT, true);
		}
		clear_session(tty);
	}
	spin_unlock_irq(&tasklist_lock);
}

static int give_up_tty(struct tty *tty)
{
	struct tty *mine = current_tty();
	int err = -ENOTTY;

	if (mine != tty)
		goto out;
	err = 0;
	if (current->group->leader_of_session) {
		tty_detach_session(tty);
	} else {
		spin_lock_irq(&tasklist_lock);
		set_group_tty(current, NULL);
		spin_unlock_irq(&tasklist_lock);
	}
out:
	tty_put(mine);
	return err;
}

/* ---- ioctls -------------------------------------------------------------- */

static int set_pgrp(struct tty *tty, pid_t nr)
{
	struct pid *pgrp;
	struct task *member;
	int err;

	err = tty_check_change(tty, SIGTTOU);
	if (err == -EIO)
		return -ENOTTY;
	if (err)
		return err;
	if (nr < 0)
		return -EINVAL;
	if (current->group->tty != tty ||
	    tty->session != task_pid_of(current, PIDTYPE_SID))
		return -ENOTTY;
	rcu_read_lock();
	spin_lock_irq(&tasklist_lock);
	pgrp = find_pid(nr);
	member = pid_task(pgrp, PIDTYPE_PGID);
	err = 0;
	if (!pgrp)
		err = -ESRCH;
	else if (!member || task_pid_of(member, PIDTYPE_SID) !=
				    task_pid_of(current, PIDTYPE_SID))
		err = -EPERM;
	else
		set_session(tty, tty->session, pgrp);
	spin_unlock_irq(&tasklist_lock);
	rcu_read_unlock();
	return err;
}

static bool is_master(const struct file *file)
{
	const struct tty_file *tf = file->private;

	return tf->master;
}

/* One's own terminal may be asked, and any through its master. */
static bool may_ask(const struct tty *tty, const struct file *file)
{
	return is_master(file) || current->group->tty == tty;
}

static int get_pgrp_nr(struct tty *tty, const struct file *file)
{
	struct pid *pgrp;
	pid_t nr;

	if (!may_ask(tty, file))
		return -ENOTTY;
	pgrp = get_pgrp(tty);
	nr = pid_nr(pgrp);
	pid_put(pgrp);
	return nr;
}

static int get_session_nr(struct tty *tty, const struct file *file)
{
	int nr;

	if (!may_ask(tty, file))
		return -ENOTTY;
	spin_lock_irq(&tty->ctrl_lock);
	nr = tty->session ? pid_nr(tty->session) : -ENOTTY;
	spin_unlock_irq(&tty->ctrl_lock);
	return nr;
}

/* The ioctls of job control. -ENOIOCTLCMD: none of them. */
long tty_job_ioctl(struct tty *tty, struct file *file,
		   unsigned int cmd, unsigned long arg)
{
	int __user *user = (int __user *)arg;
	int value;

	switch (cmd) {
	case TIOCSCTTY:
		return set_ctty(tty, arg);
	case TIOCNOTTY:		/* a master is nobody's terminal */
		return is_master(file) ? -ENOTTY : give_up_tty(tty);
	case TIOCGPGRP:
		value = get_pgrp_nr(tty, file);
		return value < 0 ? value : put_user(value, user);
	case TIOCSPGRP:
		if (get_user(value, user))
			return -EFAULT;
		return set_pgrp(tty, value);
	case TIOCGSID:
		value = get_session_nr(tty, file);
		return value < 0 ? value : put_user(value, user);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- what processes ask for (kernel/task_tty.h) -------------------------- */

/* Locking: the parent's sighand->lock held. */
static struct tty *inherit(struct thread_group *parent)
{
	return tty_get(parent->tty);
}

/* current's session ends with it: @tty is free, its foreground is told. */
static void end_session(struct tty *tty)
{
	spin_lock_irq(&tasklist_lock);
	if (tty->session == task_pid_of(current, PIDTYPE_SID)) {
		if (tty->pgrp)
			kill_pgrp_locked(tty->pgrp, SIGHUP, true);
		clear_session(tty);
	}
	spin_unlock_irq(&tasklist_lock);
}

/*
 * The session's leader exits. A line on which somebody logged in hangs up, for
 * all that had it. A pseudo-terminal stays good for who has it open: when the
 * conversation is over is for the program at its master to say.
 */
static void leader_exit(void)
{
	struct tty *tty = current_tty();

	if (!tty)
		return;
	if (MAJOR(tty->dev) == UNIX98_PTY_SLAVE_MAJOR)
		end_session(tty);
	else
		tty_hangup(tty);
	tty_put(tty);
}

static void forget(void)
{
	spin_lock_irq(&tasklist_lock);
	set_group_tty(current, NULL);
	spin_unlock_irq(&tasklist_lock);
}

static dev_t describe(struct tty *tty, pid_t *pgrp)
{
	struct pid *foreground = get_pgrp(tty);

	*pgrp = pid_nr(foreground);
	pid_put(foreground);
	return tty->dev;
}

static const struct task_tty_ops job_ops = {
	.inherit = inherit,
	.put = tty_put,
	.leader_exit = leader_exit,
	.forget = forget,
	.describe = describe,
};

void __init tty_job_init(void)
{
	task_tty_register(&job_ops);
}

/*
 * Hang up the caller's controlling terminal, as if the line were cut: what a
 * login does first, so that nobody who had it before listens in.
 * Return: 0, also without one; -EPERM.
 */
SYSCALL_DEFINE0(vhangup)
{
	struct tty *tty;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty = current_tty();
	if (tty) {
		tty_hangup(tty);
		tty_put(tty);
	}
	return 0;
}
