/*
 * Who is told of input and output by signals: the owners of open files, and
 * the lists of files that want to tell.
 *
 * The one who is told is chosen by fcntl(2): a thread, a process or a group,
 * and the signal. SIGIO carries nothing; any other signal comes with the number
 * of the descriptor and what happened, and if there is no memory to queue it
 * SIGIO comes instead, which means: look at all of them.
 *
 * Readers of a list hold no lock, so that telling costs nobody who does
 * something else with the object. An entry that has been taken off may still
 * be looked at: its lock and a file of NULL say so, and it is freed by RCU.
 *
 * Locking: an entry's lock, then the file's, then the task list's.
 *
 * Source: man 2 fcntl ("Managing signals"), man 7 signal.
 */
#include <fs/fasync.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/rcu.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/poll.h>
#include <uapi/signal.h>

#include "file_internal.h"

/* Whom SIGIO goes to: F_SETOWN, F_SETSIG. Made on first use. */
struct file_owner {
	struct pid	*pid;
	int		type;		/* F_OWNER_* */
	int		signum;		/* 0: SIGIO */
	uid_t		uid, euid;	/* who asked */
};

/* One file on one list. A file is on a list once. */
struct fasync {
	struct spinlock		lock;
	struct fasync		*next;	/* [lists_lock] RCU */
	struct file		*file;	/* [lock] NULL: off the list */
	int			fd;	/* [lock] as the program knows it */
	struct rcu_head		rcu;
};

static DEFINE_SPINLOCK(lists_lock, RANK_FASYNC_LISTS);

/* ---- owners ---- */

void file_owner_free(struct file *file)
{
	pid_put(file->owner->pid);
	kfree(file->owner);
	file->owner = NULL;
}

/* The file's owner record; NULL: no memory. */
static struct file_owner *owner_of(struct file *file)
{
	struct file_owner *new;

	if (READ_ONCE(file->owner))
		return file->owner;
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	spin_lock(&file->lock);
	if (!file->owner) {
		file->owner = new;
		new = NULL;
	}
	spin_unlock(&file->lock);
	kfree(new);
	return file->owner;
}

/* Consumes @pid. @force: whoever is the owner now. */
static int set_owner(struct file *file, struct pid *pid, int type, bool force)
{
	struct file_owner *owner = owner_of(file);
	struct pid *old;

	if (!owner) {
		pid_put(pid);
		return -ENOMEM;
	}
	spin_lock(&file->lock);
	if (owner->pid && !force) {
		spin_unlock(&file->lock);
		pid_put(pid);
		return 0;
	}
	old = owner->pid;
	owner->pid = pid;
	owner->type = type;
	owner->uid = current_uid();
	owner->euid = current_euid();
	spin_unlock(&file->lock);
	pid_put(old);
	return 0;
}

/* Make @pid, a @type, the owner unless there is one. Return: 0, -ENOMEM. */
int file_default_owner(struct file *file, struct pid *pid, int type)
{
	return set_owner(file, pid_get(pid), type, false);
}

/*
 * Make @who the owner: > 0 a process, < 0 a group, 0 nobody.
 * Context: process. Return: 0, -ESRCH, -EINVAL, -ENOMEM.
 */
int file_set_owner(struct file *file, int who)
{
	struct pid *pid = NULL;
	int type = who < 0 ? F_OWNER_PGRP : F_OWNER_PID;

	if (who == INT32_MIN)
		return -EINVAL;
	if (who) {
		pid = find_get_pid(who < 0 ? -who : who);
		if (!pid)
			return -ESRCH;
	}
	return set_owner(file, pid, type, true);
}

static int f_getown(struct file *file, struct f_owner_ex *ex)
{
	*ex = (struct f_owner_ex){ .type = F_OWNER_PID };
	SPIN_GUARD(&file->lock);
	if (file->owner && file->owner->pid) {
		ex->type = file->owner->type;
		ex->pid = pid_nr(file->owner->pid);
	}
	return ex->type == F_OWNER_PGRP ? -ex->pid : ex->pid;
}

/* The owner's number, a group's negative; 0: none. Context: any. */
int file_get_owner(struct file *file)
{
	struct f_owner_ex ex;

	return f_getown(file, &ex);
}

static int f_setown_ex(struct file *file, const struct f_owner_ex __user *user)
{
	struct f_owner_ex ex;
	struct pid *pid = NULL;

	if (copy_from_user(&ex, user, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	if (ex.pid) {
		pid = find_get_pid(ex.pid);
		if (!pid)
			return -ESRCH;
	}
	return set_owner(file, pid, ex.type, true);
}

static int f_getown_ex(struct file *file, struct f_owner_ex __user *user)
{
	struct f_owner_ex ex;

	f_getown(file, &ex);
	return copy_to_user(user, &ex, sizeof(ex)) ? -EFAULT : 0;
}

static int f_setsig(struct file *file, unsigned long sig)
{
	struct file_owner *owner;

	if (sig > NSIG)
		return -EINVAL;
	owner = owner_of(file);
	if (!owner)
		return -ENOMEM;
	WRITE_ONCE(owner->signum, (int)sig);
	return 0;
}

/* fcntl(2)'s commands about owners: F_SETOWN to F_GETSIG. */
long file_owner_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_GETOWN:
		return file_get_owner(file);
	case F_SETOWN:
		return file_set_owner(file, arg);
	case F_GETOWN_EX:
		return f_getown_ex(file, (void __user *)arg);
	case F_SETOWN_EX:
		return f_setown_ex(file, (void __user *)arg);
	case F_GETSIG:
		return file->owner ? READ_ONCE(file->owner->signum) : 0;
	default:
		return f_setsig(file, arg);
	}
}

/* ---- telling ------------------------------------------------------------- */

/* Instead of a code: SIGURG, whatever signal the owner has chosen. */
#define TELL_URGENT	0

static long band_of(int code)
{
	static const short bands[] = {
		[POLL_IN] = POLLIN | POLLRDNORM,
		[POLL_OUT] = POLLOUT | POLLWRNORM | POLLWRBAND,
		[POLL_MSG] = POLLIN | POLLRDNORM | POLLMSG,
		[POLL_ERR] = POLLERR,
		[POLL_PRI] = POLLPRI | POLLRDBAND,
		[POLL_HUP] = POLLHUP | POLLERR,
	};

	return bands[code];
}

/* Do the codes of @sig mean something of its own? */
static bool has_own_codes(int sig)
{
	return sig == SIGILL || sig == SIGFPE || sig == SIGSEGV ||
	       sig == SIGBUS || sig == SIGTRAP || sig == SIGCHLD ||
	       sig == SIGSYS;
}

/* Could who asked have sent a signal to @task? Context: RCU. */
static bool may_tell(const struct file_owner *owner, struct task *task)
{
	const struct cred *its = rcu_dereference(task->real_cred);

	return owner->euid == 0 || owner->euid == its->suid ||
	       owner->euid == its->uid || owner->uid == its->suid ||
	       owner->uid == its->uid;
}

static void tell_task(const struct file_owner *owner, struct task *task,
		      enum pid_type type, int fd, int code)
{
	int sig = owner->signum;
	struct siginfo info = { .si_signo = sig, .si_code = code };

	if (!may_tell(owner, task))
		return;
	if (code == TELL_URGENT) {
		send_sig_info(SIGURG, SEND_SIG_PRIV, task, type);
		return;
	}
	info.si_band = band_of(code);
	info.si_fd = fd;
	if (has_own_codes(sig))
		info.si_code = SI_SIGIO;
	if (!sig || send_sig_info(sig, &info, task, type))
		send_sig_info(SIGIO, SEND_SIG_PRIV, task, type);
}

/* Locking: tasklist_lock, and owner->pid is held. */
static void tell_owner(const struct file_owner *owner, int fd, int code)
{
	struct task *task;

	switch (owner->type) {
	case F_OWNER_TID:
		task = pid_task(owner->pid, PIDTYPE_PID);
		if (task)
			tell_task(owner, task, PIDTYPE_PID, fd, code);
		break;
	case F_OWNER_PID:
		task = pid_task(owner->pid, PIDTYPE_TGID);
		if (task)
			tell_task(owner, task, PIDTYPE_TGID, fd, code);
		break;
	case F_OWNER_PGRP:
		for_each_pid_task(owner->pid, PIDTYPE_PGID, task)
			tell_task(owner, task, PIDTYPE_TGID, fd, code);
		break;
	}
}

/* The owner of @file at this moment; its pid is counted, or NULL. */
static struct file_owner copy_owner(struct file *file)
{
	struct file_owner copy = { 0 };

	SPIN_GUARD(&file->lock);
	if (file->owner) {
		copy = *file->owner;
		if (copy.pid)
			pid_get(copy.pid);
	}
	return copy;
}

/* Return: is there an owner? */
static bool tell_file(struct file *file, int fd, int code)
{
	struct file_owner owner = copy_owner(file);
	unsigned long flags;

	if (!owner.pid)
		return false;
	/* Of urgent data SIGURG tells, unless another signal is chosen too. */
	if (code != POLL_PRI || owner.signum) {
		flags = spin_lock_irqsave(&tasklist_lock);
		tell_owner(&owner, fd, code);
		spin_unlock_irqrestore(&tasklist_lock, flags);
	}
	pid_put(owner.pid);
	return true;
}

static void tell(struct fasync *entry, int code)
{
	SPIN_GUARD(&entry->lock);
	if (entry->file)
		tell_file(entry->file, entry->fd, code);
}

/*
 * Send SIGURG to the owner of @file, whether or not it is on a list: urgent
 * data has come. Context: process; no lock held. Return: is there an owner?
 */
bool file_tell_urgent(struct file *file)
{
	return tell_file(file, 0, TELL_URGENT);
}

/* See fasync_notify(). */
void fasync_notify_all(struct fasync **list, int code)
{
	struct fasync *entry;

	rcu_read_lock();
	for (entry = rcu_dereference(*list); entry;
	     entry = rcu_dereference(entry->next))
		tell(entry, code);
	rcu_read_unlock();
}

/* ---- the lists ----------------------------------------------------------- */

static void set_flag(struct file *file, bool on)
{
	SPIN_GUARD(&file->lock);
	WRITE_ONCE(file->flags, on ? file->flags | FASYNC :
				     file->flags & ~FASYNC);
}

/* Where @file's entry hangs, or NULL hangs. Locking: lists_lock. */
static struct fasync **find(struct fasync **list, const struct file *file)
{
	while (*list && (*list)->file != file)
		list = &(*list)->next;
	return list;
}

static void take_off(struct file *file, struct fasync **list)
{
	struct fasync *entry, **link;

	SPIN_GUARD(&lists_lock);
	link = find(list, file);
	entry = *link;
	set_flag(file, false);
	if (!entry)
		return;
	spin_lock(&entry->lock);
	entry->file = NULL;
	spin_unlock(&entry->lock);
	rcu_assign_pointer(*link, entry->next);
	kfree_rcu(entry, rcu);
}

/*
 * Put @file on @list, known as @fd, or if not @on take it off. A file that is
 * on it already is known as @fd from now.
 *
 * Context: process; may sleep. Return: 0, -ENOMEM.
 */
int fasync_set(int fd, struct file *file, bool on, struct fasync **list)
{
	struct fasync *new, *old;

	if (!on) {
		take_off(file, list);
		return 0;
	}
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	spin_lock_init(&new->lock, "fasync", RANK_FASYNC);
	new->file = file;
	new->fd = fd;
	SPIN_GUARD(&lists_lock);
	set_flag(file, true);
	old = *find(list, file);
	if (old) {
		spin_lock(&old->lock);
		old->fd = fd;
		spin_unlock(&old->lock);
		kfree(new);
		return 0;
	}
	new->next = *list;
	rcu_assign_pointer(*list, new);
	return 0;
}
