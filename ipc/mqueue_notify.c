/*
 * mq_notify(2): being told that a message has come to an empty queue.
 *
 * One process may register, and is told once: by a signal, or by a message to
 * a netlink socket. The latter is how the C library makes SIGEV_THREAD: a
 * thread of its own reads that socket, and what it reads, a cookie of 32 bytes,
 * says which function to call. The last byte of it is ours: whether a message
 * came, or the registration ended without one.
 *
 * Being told must not fail when the message comes, which is somebody else's
 * call. So the cookie's skb, with its room in the socket, is made ready when
 * the process registers. The registration is taken out of the queue under its
 * lock, and carried out after: the locks of signals come before it.
 *
 * Source: man 2 mq_notify, man 7 sigevent.
 */
#include "mqueue.h"

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <net/netlink/netlink.h>

/* ---- the end of a registration ------------------------------------------- */

/*
 * Take the registration out of @mq, to be passed to mqueue_tell() or
 * mqueue_unregister() without the lock. Locking: the queue's lock.
 */
void mqueue_take_listener(struct mqueue *mq, struct mq_listener *listener)
{
	*listener = mq->listener;
	mq->listener.pid = NULL;
}

static void send_cookie(struct mq_listener *listener, char why)
{
	listener->cookie->data[NOTIFY_COOKIE_LEN - 1] = why;
	netlink_queue(listener->sock, listener->cookie);
	sock_put(listener->sock);
}

static void send_signal(const struct mq_listener *listener)
{
	struct siginfo info = {
		.si_signo = listener->signal,
		.si_code = SI_MESGQ,
		.si_pid = current->tgid,
		.si_uid = current_uid(),
		.si_value = listener->value,
	};
	struct task *task;

	RCU_GUARD();
	task = pid_task(listener->pid, PIDTYPE_TGID);
	/* It asked for it: nobody's permission is needed. */
	if (task)
		send_sig_info(info.si_signo, &info, task, PIDTYPE_TGID);
}

/* The caller has sent a message. Context: process, no spinlock held. */
void mqueue_tell(struct mq_listener *listener)
{
	if (!listener->pid)
		return;
	if (listener->how == SIGEV_SIGNAL)
		send_signal(listener);
	else if (listener->how == SIGEV_THREAD)
		send_cookie(listener, NOTIFY_WOKENUP);
	pid_put(listener->pid);
}

/* It ends without a message. Context: process, no spinlock held. */
void mqueue_unregister(struct mq_listener *listener)
{
	if (!listener->pid)
		return;
	if (listener->how == SIGEV_THREAD)
		send_cookie(listener, NOTIFY_REMOVED);
	pid_put(listener->pid);
}

/* Closing any descriptor of the queue ends the wish to be told. */
int mqueue_flush(struct file *file)
{
	struct mqueue *mq = MQUEUE(file->inode);
	struct mq_listener old = { .pid = NULL };

	spin_lock(&mq->lock);
	if (mq->listener.pid &&
	    mq->listener.pid == current->group->pids[PIDTYPE_TGID])
		mqueue_take_listener(mq, &old);
	spin_unlock(&mq->lock);
	mqueue_unregister(&old);
	return 0;
}

/* ---- its beginning ------------------------------------------------------ */

/* The netlink socket @fd, with a reference. ERR_PTR(-EBADF, -ENOTSOCK, ...) */
static struct sock *get_sock(int fd)
{
	struct file *file = fget(fd);
	struct sock *sock;

	if (!file)
		return ERR_PTR(-EBADF);
	sock = netlink_sock_of_file(file);
	fput(file);
	return sock;
}

/*
 * Room for the cookie in the socket @fd, which may be closed while we wait.
 * Return: 0, and listener->sock has a reference; -EBADF, -ENOTSOCK, -EINVAL; a
 * signal.
 */
static int reserve_room(struct mq_listener *listener, int fd)
{
	int64_t timeo = WAIT_FOREVER;
	int err;

	do {
		listener->sock = get_sock(fd);
		if (IS_ERR(listener->sock))
			return PTR_ERR(listener->sock);
		err = netlink_reserve(listener->sock, listener->cookie, &timeo);
		if (err)
			sock_put(listener->sock);
	} while (err == -ESTALE);
	return err;
}

/* SIGEV_THREAD: sigev_value is the cookie, sigev_signo the socket. */
static int prepare_cookie(struct mq_listener *listener,
			  const struct sigevent *event)
{
	const void __user *from =
		(const void __user *)event->sigev_value.sival_ptr;
	char cookie[NOTIFY_COOKIE_LEN];
	int err;

	if (copy_from_user(cookie, from, sizeof(cookie)))
		return -EFAULT;
	listener->cookie = netlink_alloc_skb(sizeof(cookie), GFP_KERNEL);
	if (!listener->cookie)
		return -ENOMEM;
	memcpy(listener->cookie->data, cookie, sizeof(cookie));
	err = reserve_room(listener, event->sigev_signo);
	if (err)
		kfree_skb(listener->cookie);
	return err;
}

/*
 * Make ready what @event asks for. May sleep. Return: 0, and @listener is to
 * be registered or cancelled; -EINVAL; as prepare_cookie().
 */
static int prepare(struct mq_listener *listener, const struct sigevent *event)
{
	listener->how = event->sigev_notify;
	listener->signal = event->sigev_signo;
	listener->value = event->sigev_value;
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
		/* Signal 0 is told to nobody, but it may be asked for. */
		return event->sigev_signo < 0 || event->sigev_signo > NSIG ?
		       -EINVAL : 0;
	case SIGEV_THREAD:
		return prepare_cookie(listener, event);
	default:
		return -EINVAL;
	}
}

/* It was not registered: nobody is told of that. */
static void cancel(struct mq_listener *listener)
{
	if (listener->how != SIGEV_THREAD)
		return;
	netlink_cancel(listener->sock, listener->cookie);
	sock_put(listener->sock);
}

static void touch(struct mqueue *mq)
{
	mq->vfs.atime = mq->vfs.ctime = current_time(&mq->vfs);
}

/* Return: 0, and @listener is @mq's; -EBUSY. */
static int add_listener(struct mqueue *mq, struct mq_listener *listener)
{
	SPIN_GUARD(&mq->lock);
	if (mq->listener.pid)
		return -EBUSY;
	listener->pid = pid_get(current->group->pids[PIDTYPE_TGID]);
	mq->listener = *listener;
	touch(mq);
	return 0;
}

/* Be told no more: somebody else's wish is not ours to take back. */
static void drop_listener(struct mqueue *mq)
{
	struct mq_listener old = { .pid = NULL };

	spin_lock(&mq->lock);
	if (mq->listener.pid == current->group->pids[PIDTYPE_TGID])
		mqueue_take_listener(mq, &old);
	touch(mq);
	spin_unlock(&mq->lock);
	mqueue_unregister(&old);
}

/* @listener NULL: no more. Return: 0, -EBADF, -EBUSY. */
static int set_listener(int mqdes, struct mq_listener *listener)
{
	struct file *file = mqueue_fget(mqdes, 0);
	int err = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (listener)
		err = add_listener(MQUEUE(file->inode), listener);
	else
		drop_listener(MQUEUE(file->inode));
	fput(file);
	return err;
}

SYSCALL_DEFINE2(mq_notify, int, mqdes, const struct sigevent __user *, uevent)
{
	struct mq_listener listener = { .pid = NULL };
	struct sigevent event;
	int err;

	if (!uevent)
		return set_listener(mqdes, NULL);
	if (copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	err = prepare(&listener, &event);
	if (err)
		return err;
	err = set_listener(mqdes, &listener);
	if (err)
		cancel(&listener);
	return err;
}
