/*
 * seccomp: calls that another process answers.
 *
 * A filter sees numbers. Whether mount(2) of *this* may be made, only somebody
 * can say who reads the strings behind the numbers, and knows what the caller
 * is about. So a filter can have a listener, a descriptor that its installer
 * gives to a supervisor. The caller of such a call sleeps; the supervisor reads
 * what it asks (RECV), may put files into it (ADDFD), and answers with a result
 * (SEND), which it may have come by in any way: usually it has made a call of
 * its own.
 *
 * The question, struct notice, lies on the stack of the sleeping caller, and
 * stands in the listener's list as long as the caller sleeps. A caller may
 * leave at any moment, by a signal. So whatever the supervisor does with a
 * notice, it finds it by its number, under the listener's lock, and is done
 * with it before it lets go of the lock.
 *
 * A descriptor can be put into a table only by who uses that table: ADDFD hangs
 * its request onto the notice, and wakes the caller to do it. The request lies
 * on the supervisor's stack, in turn.
 *
 * Locking: listener->lock. Nothing is copied from or to programs under it.
 *
 * Source: man 2 seccomp_unotify.
 */
#include <arch/current.h>
#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <fs/anon_inode.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <keel/err.h>
#include <kernel/completion.h>
#include <kernel/random.h>
#include <kernel/seccomp.h>
#include <kernel/task.h>
#include <kernel/user_struct.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "seccomp_internal.h"

enum notice_state {
	NOTICE_NEW,
	NOTICE_TAKEN,			/* by RECV */
	NOTICE_ANSWERED,
};

/* One call that waits for an answer; on its caller's stack. */
struct notice {
	struct list_head	node;		/* [lock] listener->notices */
	uint64_t		id;
	struct task		*task;
	struct seccomp_data	data;
	enum notice_state	state;		/* [lock] */
	struct seccomp_notif_resp answer;	/* [lock] */
	struct list_head	addfds;		/* [lock] */
	struct completion	ready;		/* look at the two above */
};

/* One ADDFD; on its supervisor's stack. */
struct addfd {
	struct list_head	node;		/* [lock] notice->addfds */
	struct file		*file;
	struct seccomp_notif_addfd args;
	int			ret;
	struct completion	done;
};

/* Whom a filter asks. Held by the filter and by the descriptor's file. */
struct seccomp_listener {
	struct refcount		refs;
	bool			wait_killable;	/* constant */
	struct spinlock		lock;
	bool			closed;		/* [lock] nobody will answer */
	bool			abandoned;	/* nobody will ask */
	unsigned int		nr_unseen;	/* [lock] what RECV may take */
	uint64_t		next_id;	/* [lock] */
	struct list_head	notices;	/* [lock] oldest first */
	struct wait_queue	news;
};

/* ---- the caller ------------------------------------------------------- */

/* Does a caller wait for @n's answer, whatever signals come? */
static bool is_patient(const struct seccomp_listener *l,
		       const struct notice *n)
{
	return l->wait_killable && n->state == NOTICE_TAKEN;
}

static int receive_file(const struct addfd *a)
{
	int fd;

	if (a->args.flags & SECCOMP_ADDFD_FLAG_SETFD) {
		fd = replace_fd(a->args.newfd, a->file, a->args.newfd_flags);
		return fd ? fd : (int)a->args.newfd;
	}
	fd = get_unused_fd_flags(a->args.newfd_flags);
	if (fd >= 0)
		fd_install(fd, get_file(a->file));
	return fd;
}

/*
 * Do the first of @n's ADDFDs. It may be the answer as well; if it fails it is
 * not. Locking: lock held; dropped and retaken. Taken off the list, the
 * request stays: its supervisor waits, whatever signals come.
 */
static void do_addfd(struct seccomp_listener *l, struct notice *n)
	__must_hold(&l->lock)
{
	struct addfd *a = list_first_entry(&n->addfds, struct addfd, node);

	list_del_init(&a->node);
	spin_unlock(&l->lock);
	a->ret = receive_file(a);
	spin_lock(&l->lock);
	if (a->args.flags & SECCOMP_ADDFD_FLAG_SEND) {
		if (a->ret < 0)
			n->state = NOTICE_TAKEN;
		else
			n->answer = (struct seccomp_notif_resp){
				.val = a->ret
			};
	}
	complete(&a->done);
}

/* Return: 0: answered; -ERESTARTSYS. Locking: lock, dropped meanwhile. */
static int wait_for_answer(struct seccomp_listener *l, struct notice *n)
	__must_hold(&l->lock)
{
	int err;

	while (n->state != NOTICE_ANSWERED) {
		bool patient = is_patient(l, n);

		spin_unlock(&l->lock);
		err = patient ? wait_for_completion_killable(&n->ready) :
				wait_for_completion_interruptible(&n->ready);
		spin_lock(&l->lock);
		/* It may have been taken between. */
		if (err && !patient && is_patient(l, n))
			continue;
		if (err && n->state != NOTICE_ANSWERED)
			return err;
		if (!list_empty(&n->addfds))
			do_addfd(l, n);
	}
	return 0;
}

/* ADDFDs that come too late. Locking: lock held. */
static void refuse_addfds(struct notice *n)
{
	struct addfd *a, *tmp;

	list_for_each_entry_safe(a, tmp, &n->addfds, node) {
		list_del_init(&a->node);
		a->ret = -ESRCH;
		complete(&a->done);
	}
}

static void notice_init(struct notice *n, const struct pt_regs *regs)
{
	n->task = current;
	n->state = NOTICE_NEW;
	n->answer = (struct seccomp_notif_resp){ .error = -ENOSYS };
	list_init(&n->addfds);
	completion_init(&n->ready);
	seccomp_fill_data(regs, &n->data);
}

/*
 * Have @l's reader decide about the call in @regs.
 *
 * Context: process, system-call entry; sleeps.
 * Return:  true: make it; false: regs->ax is its result, or -ERESTARTSYS: a
 *          signal came first.
 */
bool seccomp_ask_listener(struct seccomp_listener *l, struct pt_regs *regs)
{
	struct notice n;
	int err;

	notice_init(&n, regs);
	spin_lock(&l->lock);
	if (l->closed) {
		spin_unlock(&l->lock);
		regs_set_return_value(regs, -ENOSYS);
		return false;
	}
	n.id = l->next_id++;
	l->nr_unseen++;
	list_add_tail(&n.node, &l->notices);
	wake_up_poll(&l->news, POLLIN | POLLRDNORM);
	err = wait_for_answer(l, &n);
	refuse_addfds(&n);
	list_del(&n.node);
	spin_unlock(&l->lock);

	if (!err && (n.answer.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE))
		return true;
	if (!err)
		err = n.answer.error;
	regs_set_return_value(regs, err ? err : n.answer.val);
	return false;
}

/* ---- the supervisor --------------------------------------------------- */

/* Locking: lock held. NULL: it has left. */
static struct notice *find_notice(struct seccomp_listener *l, uint64_t id)
{
	struct notice *n;

	list_for_each_entry(n, &l->notices, node)
		if (n->id == id)
			return n;
	return NULL;
}

static struct notice *find_new(struct seccomp_listener *l)
{
	struct notice *n;

	list_for_each_entry(n, &l->notices, node)
		if (n->state == NOTICE_NEW)
			return n;
	return NULL;
}

static bool may_take(struct seccomp_listener *l)
{
	SPIN_GUARD(&l->lock);
	if (!l->nr_unseen)
		return false;
	l->nr_unseen--;
	return true;
}

/* Return: 0; -ENOENT: who asked has left meanwhile. */
static int take(struct seccomp_listener *l, struct seccomp_notif *to)
{
	struct notice *n;

	SPIN_GUARD(&l->lock);
	n = find_new(l);
	if (!n)
		return -ENOENT;
	to->id = n->id;
	to->pid = n->task->pid;
	to->data = n->data;
	n->state = NOTICE_TAKEN;
	wake_up_poll(&l->news, POLLOUT | POLLWRNORM);
	return 0;
}

/* @id could not be told to the program: as if it had not been taken. */
static void take_back(struct seccomp_listener *l, uint64_t id)
{
	struct notice *n;

	SPIN_GUARD(&l->lock);
	n = find_notice(l, id);
	if (!n || n->state != NOTICE_TAKEN)
		return;
	/* A patient one must know that it is not to be so any more. */
	if (is_patient(l, n))
		complete(&n->ready);
	n->state = NOTICE_NEW;
	l->nr_unseen++;
	wake_up_poll(&l->news, POLLIN | POLLRDNORM);
}

/*
 * NOTIF_RECV: the oldest call nobody has seen; waits for one.
 * Return: 0; -EINVAL (*@to is not zeroed), -EFAULT, -EINTR, -ENOENT.
 */
static long notif_recv(struct seccomp_listener *l,
		       struct seccomp_notif __user *to)
{
	struct seccomp_notif notif;
	const char *bytes = (const char *)&notif;
	long err;

	if (copy_from_user(&notif, to, sizeof(notif)))
		return -EFAULT;
	for (size_t i = 0; i < sizeof(notif); i++)
		if (bytes[i])
			return -EINVAL;
	if (wait_event_interruptible_exclusive(&l->news, may_take(l)))
		return -EINTR;
	err = take(l, &notif);
	if (!err && copy_to_user(to, &notif, sizeof(notif))) {
		take_back(l, notif.id);
		err = -EFAULT;
	}
	return err;
}

/*
 * NOTIF_SEND: the answer. Return: 0; -EINVAL (flags, or a result for a call
 * that is to be made), -EFAULT, -ENOENT, -EINPROGRESS (answered already, or
 * never seen).
 */
static long notif_send(struct seccomp_listener *l,
		       const struct seccomp_notif_resp __user *from)
{
	struct seccomp_notif_resp answer;
	struct notice *n;

	if (copy_from_user(&answer, from, sizeof(answer)))
		return -EFAULT;
	if (answer.flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return -EINVAL;
	if (answer.flags && (answer.error || answer.val))
		return -EINVAL;
	SPIN_GUARD(&l->lock);
	n = find_notice(l, answer.id);
	if (!n)
		return -ENOENT;
	if (n->state != NOTICE_TAKEN)
		return -EINPROGRESS;
	n->answer = answer;
	n->state = NOTICE_ANSWERED;
	complete(&n->ready);
	return 0;
}

/* NOTIF_ID_VALID: does it wait for an answer still? 0, -ENOENT, -EFAULT. */
static long notif_id_valid(struct seccomp_listener *l,
			   const uint64_t __user *from)
{
	struct notice *n;
	uint64_t id;

	if (copy_from_user(&id, from, sizeof(id)))
		return -EFAULT;
	SPIN_GUARD(&l->lock);
	n = find_notice(l, id);
	return n && n->state == NOTICE_TAKEN ? 0 : -ENOENT;
}

/* Hang @a onto its notice. Return: 0; as notif_addfd(). */
static int queue_addfd(struct seccomp_listener *l, struct addfd *a)
{
	struct notice *n;

	SPIN_GUARD(&l->lock);
	n = find_notice(l, a->args.id);
	if (!n)
		return -ENOENT;
	if (n->state != NOTICE_TAKEN)
		return -EINPROGRESS;
	if (a->args.flags & SECCOMP_ADDFD_FLAG_SEND) {
		if (!list_empty(&n->addfds))
			return -EBUSY;
		n->state = NOTICE_ANSWERED;
	}
	list_add_tail(&a->node, &n->addfds);
	complete(&n->ready);
	return 0;
}

/*
 * Is @a in nobody's hands yet? Then it is withdrawn; and if it was to be the
 * answer, there is none: the supervisor will ask again.
 */
static bool withdraw_addfd(struct seccomp_listener *l, struct addfd *a)
{
	SPIN_GUARD(&l->lock);
	if (list_empty(&a->node))
		return false;
	list_del_init(&a->node);
	/* Its notice would have refused it before it left. */
	if (a->args.flags & SECCOMP_ADDFD_FLAG_SEND)
		find_notice(l, a->args.id)->state = NOTICE_TAKEN;
	return true;
}

static long run_addfd(struct seccomp_listener *l, struct addfd *a)
{
	long err = queue_addfd(l, a);

	if (err)
		return err;
	err = wait_for_completion_interruptible(&a->done);
	if (err && withdraw_addfd(l, a))
		return err;
	if (err)
		wait_for_completion(&a->done);
	return a->ret;
}

/*
 * NOTIF_ADDFD: the caller gets a descriptor for a file of ours.
 * Return: its number; -EINVAL (@size, flags), -E2BIG, -EFAULT, -EBADF,
 * -ENOENT, -EINPROGRESS, -EBUSY, -ESRCH (it left meanwhile), -ERESTARTSYS, and
 * what dup2(2) says there.
 */
static long notif_addfd(struct seccomp_listener *l, const void __user *from,
			size_t size)
{
	struct addfd a = {};
	long ret;

	if (size < sizeof(a.args) || size >= PAGE_SIZE)
		return -EINVAL;
	ret = copy_struct_from_user(&a.args, sizeof(a.args), from, size);
	if (ret)
		return ret;
	if ((a.args.newfd_flags & ~O_CLOEXEC) ||
	    (a.args.flags & ~(SECCOMP_ADDFD_FLAG_SETFD |
			      SECCOMP_ADDFD_FLAG_SEND)))
		return -EINVAL;
	if (a.args.newfd && !(a.args.flags & SECCOMP_ADDFD_FLAG_SETFD))
		return -EINVAL;
	a.file = fget(a.args.srcfd);
	if (!a.file)
		return -EBADF;
	list_init(&a.node);
	completion_init(&a.done);
	ret = run_addfd(l, &a);
	fput(a.file);
	return ret;
}

/* What may grow is known by type and number: any size, and any direction. */
#define TYPE_AND_NR(cmd)	((cmd) & ((1U << _IOC_SIZESHIFT) - 1))

static long listener_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	/* As it was defined at first. */
	const unsigned int id_valid_old = _IOR(SECCOMP_IOC_MAGIC, 2, uint64_t);
	struct seccomp_listener *l = file->private;
	void __user *user = (void __user *)arg;

	if (cmd == SECCOMP_IOCTL_NOTIF_RECV)
		return notif_recv(l, user);
	if (cmd == SECCOMP_IOCTL_NOTIF_SEND)
		return notif_send(l, user);
	if (cmd == SECCOMP_IOCTL_NOTIF_ID_VALID || cmd == id_valid_old)
		return notif_id_valid(l, user);
	if (TYPE_AND_NR(cmd) == TYPE_AND_NR(SECCOMP_IOCTL_NOTIF_ADDFD))
		return notif_addfd(l, user, _IOC_SIZE(cmd));
	return -EINVAL;
}

static unsigned int listener_poll(struct file *file, struct poll_table *pt)
{
	struct seccomp_listener *l = file->private;
	unsigned int mask = 0;
	struct notice *n;

	poll_wait(file, &l->news, pt);
	SPIN_GUARD(&l->lock);
	list_for_each_entry(n, &l->notices, node) {
		if (n->state == NOTICE_NEW)
			mask |= POLLIN | POLLRDNORM;
		if (n->state == NOTICE_TAKEN)
			mask |= POLLOUT | POLLWRNORM;
	}
	if (READ_ONCE(l->abandoned))
		mask |= POLLHUP;
	return mask;
}

/* Nobody will answer: as if there had never been a listener. */
static int listener_release(struct inode *inode __unused, struct file *file)
{
	struct seccomp_listener *l = file->private;
	struct notice *n;

	spin_lock(&l->lock);
	WRITE_ONCE(l->closed, true);
	list_for_each_entry(n, &l->notices, node) {
		if (n->state == NOTICE_ANSWERED)
			continue;
		n->state = NOTICE_ANSWERED;
		complete(&n->ready);
	}
	spin_unlock(&l->lock);
	seccomp_listener_put(l);
	return 0;
}

static const struct file_ops listener_fops = {
	.ioctl = listener_ioctl,
	.poll = listener_poll,
	.release = listener_release,
};

/* ---- its life --------------------------------------------------------- */

/* A listener with one reference, the filter's. NULL: no memory. */
struct seccomp_listener *seccomp_listener_alloc(bool wait_killable)
{
	struct seccomp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);

	if (!l)
		return NULL;
	refcount_set(&l->refs, 1);
	l->wait_killable = wait_killable;
	spin_lock_init(&l->lock, "seccomp_listener", RANK_SECCOMP_LISTENER);
	/* Nobody is to guess what another's was. */
	get_random_bytes(&l->next_id, sizeof(l->next_id));
	list_init(&l->notices);
	wait_queue_init(&l->news);
	return l;
}

/* The file to read @l with, which holds a reference too. ERR_PTR. */
struct file *seccomp_listener_file(struct seccomp_listener *l)
{
	struct file *file = anon_inode_file("seccomp notify", &listener_fops,
					    l, O_RDWR);

	if (!IS_ERR(file))
		refcount_get(&l->refs);
	return file;
}

/* Context: any. NULL is fine. */
void seccomp_listener_put(struct seccomp_listener *l)
{
	if (l && refcount_put(&l->refs))
		kfree(l);
}

/* Is there somebody to ask? Context: any. NULL is fine. */
bool seccomp_listener_is_open(struct seccomp_listener *l)
{
	return l && !READ_ONCE(l->closed);
}

/* No task is bound by @l's filter any more. Context: any. NULL is fine. */
void seccomp_listener_hangup(struct seccomp_listener *l)
{
	if (!l)
		return;
	WRITE_ONCE(l->abandoned, true);
	wake_up_all_poll(&l->news, POLLHUP);
}
