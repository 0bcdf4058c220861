/*
 * POSIX message queues: sending and receiving.
 *
 * The messages are in a tree, highest priority first and oldest first among
 * equals. When a receiver waits, a sender hands it the message; when a sender
 * waits, a receiver puts that one's message into the queue in its place. Who
 * is woken is done: nobody has to try again, and nobody is overtaken.
 *
 * For a process that does not wait there is mq_notify(2): see
 * ipc/mqueue_notify.c.
 *
 * Source: man 7 mq_overview, man 3 mq_send, mq_receive.
 */
#include "mqueue.h"

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/libfs.h>
#include <fs/poll.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/printf.h>

#include "ipc.h"
#include "message.h"

/* One call that waits, on its task's stack. Gone once `done` is set. */
struct mq_waiter {
	struct list_head	node;		/* [L] */
	struct task		*task;
	struct message		*msg;	/* a sender's; or what was received */
	bool			done;
};

/* ---- messages in a queue ------------------------------------------------- */

static bool comes_before(const struct message *a, const struct message *b)
{
	if (a->type != b->type)
		return a->type > b->type;
	return a->order < b->order;
}

static void insert(struct mqueue *mq, struct message *msg)
{
	struct rb_node **link = &mq->messages.root.node, *parent = NULL;
	bool first = true;

	msg->order = mq->next_order++;
	while (*link) {
		parent = *link;
		if (comes_before(msg, rb_entry(parent, struct message, node))) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_link_node(&msg->node, parent, link);
	rb_insert_color_cached(&msg->node, &mq->messages, first);
	mq->nr_messages++;
	mq->bytes += msg->len;
}

static struct message *take_first(struct mqueue *mq)
{
	struct message *msg = rb_entry(rb_first_cached(&mq->messages),
				       struct message, node);

	rb_erase_cached(&msg->node, &mq->messages);
	mq->nr_messages--;
	mq->bytes -= msg->len;
	return msg;
}

/* ---- waiting ------------------------------------------------------------- */

static void finish(struct mq_waiter *w)
{
	struct task *task = task_get(w->task);

	list_del(&w->node);
	smp_store_release(&w->done, true);
	wake_up_process(task);
	task_put(task);
}

static int64_t sleep_until(uint64_t deadline_ns)
{
	if (deadline_ns == INT64_MAX) {
		schedule();
		return 1;
	}
	return schedule_timeout_until(deadline_ns);
}

/*
 * Wait in @list until somebody has done what @w is for.
 * Locking: the queue's lock is held, and dropped.
 * Return:  0; -ERESTARTSYS; -ETIMEDOUT.
 */
static int __no_lock_check wait_in(struct mqueue *mq, struct list_head *list,
				   struct mq_waiter *w, uint64_t deadline_ns)
{
	int64_t left = 1;
	int err = 0;

	w->task = current;
	w->done = false;
	list_add_tail(&w->node, list);
	while (!w->done && !err) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&mq->lock);
		left = sleep_until(deadline_ns);
		if (smp_load_acquire(&w->done))
			return 0;
		spin_lock(&mq->lock);
		if (w->done)
			break;
		if (signal_pending(current))
			err = -ERESTARTSYS;
		else if (left == 0)
			err = -ETIMEDOUT;
	}
	if (err)
		list_del(&w->node);
	spin_unlock(&mq->lock);
	return err;
}

/* ---- the file ------------------------------------------------------------ */

static ssize_t mqueue_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct mqueue *mq = MQUEUE(iocb->file->inode);
	const struct mq_listener *listener = &mq->listener;
	bool by_signal;
	char text[80];
	ssize_t ret;
	int len;

	spin_lock(&mq->lock);
	by_signal = listener->pid && listener->how == SIGEV_SIGNAL;
	len = snprintf(text, sizeof(text),
		       "QSIZE:%-10lu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		       mq->bytes, listener->pid ? listener->how : 0,
		       by_signal ? listener->signal : 0,
		       pid_nr(listener->pid));
	spin_unlock(&mq->lock);
	ret = simple_read_from_buffer(iocb, to, text, len);
	if (ret > 0)
		mq->vfs.atime = mq->vfs.ctime = current_time(&mq->vfs);
	return ret;
}

static unsigned int mqueue_poll(struct file *file, struct poll_table *pt)
{
	struct mqueue *mq = MQUEUE(file->inode);
	unsigned int mask = 0;

	poll_wait(file, &mq->poll_wait, pt);
	spin_lock(&mq->lock);
	if (mq->nr_messages)
		mask |= POLLIN | POLLRDNORM;
	if (mq->nr_messages < mq->max_messages)
		mask |= POLLOUT | POLLWRNORM;
	spin_unlock(&mq->lock);
	return mask;
}

const struct file_ops mqueue_file_ops = {
	.llseek = generic_file_llseek,
	.read_iter = mqueue_read_iter,
	.poll = mqueue_poll,
	.flush = mqueue_flush,
};

/* ---- sending and receiving ----------------------------------------------- */

/* An absolute CLOCK_REALTIME time as one of CLOCK_MONOTONIC. */
static int read_deadline(const struct timespec __user *from,
			 uint64_t *deadline_ns)
{
	struct timespec ts;

	*deadline_ns = INT64_MAX;
	if (!from)
		return 0;
	if (get_timespec(&ts, from))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline_ns = max(timespec_to_ns(&ts) - ktime_real_offset_ns(), 0L);
	return 0;
}

/* The open queue @fd, for who may @mode: to fput(), or ERR_PTR(-EBADF). */
struct file *mqueue_fget(int fd, unsigned int mode)
{
	struct file *file = fget(fd);

	if (file && file->ops == &mqueue_file_ops &&
	    (file->mode & mode) == mode)
		return file;
	if (file)
		fput(file);
	return ERR_PTR(-EBADF);
}

static void touch(struct mqueue *mq)
{
	mq->vfs.atime = mq->vfs.mtime = mq->vfs.ctime = current_time(&mq->vfs);
}

/* Put @msg where it belongs. Locking: the queue's lock is dropped. */
static void __no_lock_check put_message(struct mqueue *mq, struct message *msg)
{
	struct mq_listener listener = { .pid = NULL };
	struct mq_waiter *w;

	touch(mq);
	if (!list_empty(&mq->receivers)) {
		w = list_first_entry(&mq->receivers, struct mq_waiter, node);
		w->msg = msg;
		finish(w);
		spin_unlock(&mq->lock);
		return;
	}
	insert(mq, msg);
	if (mq->nr_messages == 1 && mq->listener.pid)
		mqueue_take_listener(mq, &listener);
	spin_unlock(&mq->lock);
	wake_up_poll(&mq->poll_wait, POLLIN | POLLRDNORM);
	mqueue_tell(&listener);
}

/* Return: 0: the message is no longer ours. */
static int __no_lock_check send(struct file *file, struct message *msg,
				uint64_t deadline_ns)
{
	struct mqueue *mq = MQUEUE(file->inode);
	struct mq_waiter w = { .msg = msg };

	spin_lock(&mq->lock);
	if (mq->nr_messages < mq->max_messages) {
		put_message(mq, msg);
		return 0;
	}
	if (file->flags & O_NONBLOCK) {
		spin_unlock(&mq->lock);
		return -EAGAIN;
	}
	return wait_in(mq, &mq->senders, &w, deadline_ns);
}

SYSCALL_DEFINE5(mq_timedsend, int, mqdes, const char __user *, text,
		size_t, len, unsigned int, priority,
		const struct timespec __user *, timeout)
{
	uint64_t deadline_ns;
	struct message *msg;
	struct file *file;
	int err = read_deadline(timeout, &deadline_ns);

	if (err)
		return err;
	if (priority >= MQ_PRIO_MAX)
		return -EINVAL;
	file = mqueue_fget(mqdes, FMODE_WRITE);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = -EMSGSIZE;
	if (len > (size_t)MQUEUE(file->inode)->message_size)
		goto put_file;
	msg = message_load(text, len);
	err = PTR_ERR_OR_ZERO(msg);
	if (err)
		goto put_file;
	msg->type = priority;
	err = send(file, msg, deadline_ns);
	if (err)
		message_free(msg);
put_file:
	fput(file);
	return err;
}

/* Take the first, and let a sender that waits for room have it. */
static struct message *__no_lock_check get_message(struct mqueue *mq)
{
	struct message *msg = take_first(mq);
	struct mq_waiter *w;

	touch(mq);
	if (list_empty(&mq->senders)) {
		spin_unlock(&mq->lock);
		wake_up_poll(&mq->poll_wait, POLLOUT | POLLWRNORM);
		return msg;
	}
	w = list_first_entry(&mq->senders, struct mq_waiter, node);
	insert(mq, w->msg);
	finish(w);
	spin_unlock(&mq->lock);
	wake_up_poll(&mq->poll_wait, POLLIN | POLLRDNORM);
	return msg;
}

static struct message *__no_lock_check receive(struct file *file,
					       uint64_t deadline_ns)
{
	struct mqueue *mq = MQUEUE(file->inode);
	struct mq_waiter w = {};
	int err;

	spin_lock(&mq->lock);
	if (mq->nr_messages)
		return get_message(mq);
	if (file->flags & O_NONBLOCK) {
		spin_unlock(&mq->lock);
		return ERR_PTR(-EAGAIN);
	}
	err = wait_in(mq, &mq->receivers, &w, deadline_ns);
	return err ? ERR_PTR(err) : w.msg;
}

static long deliver(struct message *msg, char __user *text,
		    unsigned int __user *priority)
{
	long len = msg->len;

	if (priority && put_user((unsigned int)msg->type, priority))
		len = -EFAULT;
	else if (message_store(text, msg, msg->len))
		len = -EFAULT;
	message_free(msg);
	return len;
}

SYSCALL_DEFINE5(mq_timedreceive, int, mqdes, char __user *, text, size_t, len,
		unsigned int __user *, priority,
		const struct timespec __user *, timeout)
{
	uint64_t deadline_ns;
	struct message *msg;
	struct file *file;
	long ret = read_deadline(timeout, &deadline_ns);

	if (ret)
		return ret;
	file = mqueue_fget(mqdes, FMODE_READ);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (len < (size_t)MQUEUE(file->inode)->message_size) {
		fput(file);
		return -EMSGSIZE;
	}
	msg = receive(file, deadline_ns);
	fput(file);
	return IS_ERR(msg) ? PTR_ERR(msg) : deliver(msg, text, priority);
}
