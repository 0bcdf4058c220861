/*
 * msgsnd(2) and msgrcv(2).
 *
 * A message of which a receiver is waiting does not enter the queue: the
 * sender hands it over and wakes the receiver, which then has nothing left to
 * do but to copy it. That is why a queue with a waiting receiver never has a
 * message that this receiver wants.
 *
 * A sender for whom there is no room sleeps until who takes messages out has
 * made enough. It is woken to try again, not given the room: another may be
 * faster. Only as many are woken as will fit; so one that is woken and goes
 * away all the same (a signal) wakes the next in its place.
 *
 * Source: man 2 msgop.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>

#include "ipc.h"
#include "msg.h"

/* Which message a receiver wants. */
enum which { ANY, EQUAL, NOT_EQUAL, LOWEST, BY_NUMBER };

/* A msgrcv(2) that waits, on its task's stack. Gone once `result` is set. */
struct receiver {
	struct list_head	node;		/* [L] */
	struct task		*task;
	enum which		which;
	long			type;
	size_t			max_len;
	struct message		*result;	/* NULL: waits; or ERR_PTR */
};

/* A msgsnd(2) that waits, on its task's stack. */
struct sender {
	struct list_head	node;		/* [L] self: woken */
	struct task		*task;
	size_t			len;
};

/* ---- waking -------------------------------------------------------------- */

static bool is_wanted(const struct message *msg, enum which which, long type)
{
	switch (which) {
	case ANY:
	case BY_NUMBER:
		return true;
	case EQUAL:
		return msg->type == type;
	case NOT_EQUAL:
		return msg->type != type;
	default:
		return msg->type <= type;
	}
}

/* @r has what it waits for: a message or an error. It may be gone after. */
static void finish(struct receiver *r, struct message *result)
{
	struct task *task = task_get(r->task);

	list_del(&r->node);
	smp_store_release(&r->result, result);
	wake_up_process(task);
	task_put(task);
}

/* True if one of the waiting receivers has @msg now. */
static bool hand_over(struct msg_queue *queue, struct message *msg)
{
	struct receiver *r, *tmp;

	list_for_each_entry_safe(r, tmp, &queue->receivers, node) {
		if (!is_wanted(msg, r->which, r->type))
			continue;
		if (msg->len > r->max_len) {
			finish(r, ERR_PTR(-E2BIG));
			continue;
		}
		queue->lrpid = r->task->tgid;
		queue->rtime = ktime_get_real_seconds();
		finish(r, msg);
		return true;
	}
	return false;
}

static void wake_sender(struct sender *s)
{
	list_del_init(&s->node);
	wake_up_process(s->task);
}

/* Is there room for @len bytes? Empty messages are bounded by number. */
static bool fits(const struct msg_queue *queue, unsigned long bytes,
		 unsigned long nr, size_t len)
{
	return len + bytes <= queue->max_bytes && nr + 1 <= queue->max_bytes;
}

/* Wake those for whom there is room now. Locking: the queue's lock. */
void msg_wake_senders(struct msg_queue *queue)
{
	unsigned long bytes = queue->bytes, nr = queue->nr;
	struct sender *s, *tmp;

	list_for_each_entry_safe(s, tmp, &queue->senders, node) {
		if (!fits(queue, bytes, nr, s->len))
			continue;
		bytes += s->len;
		nr++;
		wake_sender(s);
	}
}

/* The queue goes: receivers get @error, senders see it. */
void msg_fail_sleepers(struct msg_queue *queue, int error)
{
	struct receiver *r, *next;
	struct sender *s, *tmp;

	list_for_each_entry_safe(r, next, &queue->receivers, node)
		finish(r, ERR_PTR(error));
	list_for_each_entry_safe(s, tmp, &queue->senders, node)
		wake_sender(s);
}

/* IPC_SET: who waits may have lost the right to, or gained room. */
void msg_recheck_sleepers(struct msg_queue *queue)
{
	struct receiver *r, *next;
	struct sender *s, *tmp;

	list_for_each_entry_safe(r, next, &queue->receivers, node)
		finish(r, ERR_PTR(-EAGAIN));
	list_for_each_entry_safe(s, tmp, &queue->senders, node)
		wake_sender(s);
}

/* ---- finding the queue --------------------------------------------------- */

/* The queue, locked and with a reference. ERR_PTR(-EINVAL). */
static struct msg_queue *__no_lock_check lock_queue(int msqid)
{
	struct ipc_object *obj = ipc_lock(&msg_ids, msqid);

	if (IS_ERR(obj))
		return ERR_CAST(obj);
	if (obj->deleted) {
		spin_unlock(&obj->lock);
		return ERR_PTR(-EIDRM);
	}
	ipc_hold(obj);
	return to_msg_queue(obj);
}

static void __no_lock_check unlock_queue(struct msg_queue *queue)
{
	spin_unlock(&queue->obj.lock);
	msg_put(queue);
}

/* ---- sending ------------------------------------------------------------- */

/* Locking: the queue's lock is dropped meanwhile. */
static int __no_lock_check wait_for_room(struct msg_queue *queue, size_t len)
{
	struct sender s = { .task = current, .len = len };
	bool woken;

	list_add_tail(&s.node, &queue->senders);
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock(&queue->obj.lock);
	schedule();
	spin_lock(&queue->obj.lock);
	woken = list_empty(&s.node);
	list_del_init(&s.node);
	if (queue->obj.deleted)
		return -EIDRM;
	if (!signal_pending(current))
		return 0;
	if (woken)
		msg_wake_senders(queue);
	return -ERESTARTNOHAND;
}

/* Return: 0: there is room, and the caller may send; or why not. */
static int make_room(struct msg_queue *queue, size_t len, int flags)
{
	int err;

	for (;;) {
		err = ipc_permission(&queue->obj, 0222);
		if (err || fits(queue, queue->bytes, queue->nr, len))
			return err;
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		err = wait_for_room(queue, len);
		if (err)
			return err;
	}
}

static void __no_lock_check send(struct msg_queue *queue, struct message *msg)
{
	queue->lspid = current->tgid;
	queue->stime = ktime_get_real_seconds();
	if (hand_over(queue, msg))
		return;
	list_add_tail(&msg->list, &queue->messages);
	queue->bytes += msg->len;
	queue->nr++;
}

SYSCALL_DEFINE4(msgsnd, int, msqid, char __user *, umsg, size_t, len,
		int, flags)
{
	struct msg_queue *queue;
	struct message *msg;
	long type;
	int err;

	if (get_user(type, (long __user *)umsg))
		return -EFAULT;
	if (len > (size_t)READ_ONCE(msg_max_size) || msqid < 0 || type < 1)
		return -EINVAL;
	msg = message_load(umsg + sizeof(long), len);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	msg->type = type;
	queue = lock_queue(msqid);
	err = PTR_ERR_OR_ZERO(queue);
	if (err)
		goto free_msg;
	err = make_room(queue, len, flags);
	if (!err) {
		send(queue, msg);
		msg = NULL;	/* the queue's, or a receiver's */
	}
	unlock_queue(queue);
free_msg:
	message_free(msg);
	return err;
}

/* ---- receiving ----------------------------------------------------------- */

static struct message *find_lowest(struct msg_queue *queue, long type)
{
	struct message *msg, *found = NULL;

	list_for_each_entry(msg, &queue->messages, list) {
		if (msg->type > type)
			continue;
		found = msg;
		if (type == 1)
			break;
		type = msg->type - 1;
	}
	return found;
}

static struct message *find_message(struct msg_queue *queue, enum which which,
				    long type)
{
	struct message *msg;

	if (which == LOWEST)
		return find_lowest(queue, type);
	list_for_each_entry(msg, &queue->messages, list) {
		if (which == BY_NUMBER && type-- > 0)
			continue;
		if (is_wanted(msg, which, type))
			return msg;
	}
	return NULL;
}

static void take_out(struct msg_queue *queue, struct message *msg)
{
	list_del(&msg->list);
	queue->bytes -= msg->len;
	queue->nr--;
	queue->lrpid = current->tgid;
	queue->rtime = ktime_get_real_seconds();
	if (!list_empty(&queue->senders))
		msg_wake_senders(queue);
}

/*
 * Sleep until a sender has given us something.
 * Locking: the queue's lock is dropped meanwhile, and held on return.
 * Return:  a message; ERR_PTR(-EAGAIN): look again; another error.
 */
static struct message *__no_lock_check wait_for_message(struct msg_queue *queue,
							struct receiver *r)
{
	struct message *result;

	r->task = current;
	r->result = NULL;
	list_add_tail(&r->node, &queue->receivers);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&queue->obj.lock);
		schedule();
		spin_lock(&queue->obj.lock);
		result = r->result;
		if (!result && signal_pending(current)) {
			list_del(&r->node);
			return ERR_PTR(-ERESTARTNOHAND);
		}
		if (result)
			return result;
	}
}

/*
 * The message @r wants, out of the queue; or, with @copy, that one filled.
 * Locking: the queue's lock; may be dropped meanwhile.
 */
static struct message *receive(struct msg_queue *queue, struct receiver *r,
			       struct message *copy, int flags)
{
	struct message *msg;
	int err;

	do {
		if (queue->obj.deleted)
			return ERR_PTR(-EIDRM);
		err = ipc_permission(&queue->obj, 0444);
		if (err)
			return ERR_PTR(err);
		msg = find_message(queue, r->which, r->type);
		if (msg && msg->len > r->max_len)
			return ERR_PTR(-E2BIG);
		if (msg && copy) {
			if (msg->len > copy->len)
				return ERR_PTR(-EINVAL);
			message_copy_text(copy, msg);
			return copy;
		}
		if (msg) {
			take_out(queue, msg);
			return msg;
		}
		if (flags & IPC_NOWAIT)
			return ERR_PTR(-ENOMSG);
		msg = wait_for_message(queue, r);
	} while (msg == ERR_PTR(-EAGAIN));
	return msg;
}

static void choose(struct receiver *r, long type, int flags)
{
	r->type = type;
	if (flags & MSG_COPY) {
		r->which = BY_NUMBER;
	} else if (type == 0) {
		r->which = ANY;
	} else if (type < 0) {
		r->which = LOWEST;
		r->type = type == LONG_MIN ? LONG_MAX : -type;
	} else {
		r->which = flags & MSG_EXCEPT ? NOT_EQUAL : EQUAL;
	}
}

/* Where MSG_COPY puts its copy: made before any lock is taken. */
static struct message *alloc_copy(char __user *umsg, size_t len, int flags)
{
	if ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))
		return ERR_PTR(-EINVAL);
	/* Its text is the buffer's until it is filled, as on Linux. */
	return message_load(umsg + sizeof(long),
			    min(len, (size_t)READ_ONCE(msg_max_size)));
}

/* Give @msg, which is ours, to the user. Return: its length, or -EFAULT. */
static long deliver(char __user *umsg, size_t len, struct message *msg)
{
	if (put_user(msg->type, (long __user *)umsg))
		return -EFAULT;
	len = min(len, msg->len);
	return message_store(umsg + sizeof(long), msg, len) ?: (long)len;
}

SYSCALL_DEFINE5(msgrcv, int, msqid, char __user *, umsg, size_t, len,
		long, type, int, flags)
{
	struct receiver r = {
		.max_len = flags & MSG_NOERROR ? SIZE_MAX : len };
	struct message *msg, *copy = NULL;
	struct msg_queue *queue;
	long ret;

	if (msqid < 0 || (long)len < 0)
		return -EINVAL;
	if (flags & MSG_COPY) {
		copy = alloc_copy(umsg, len, flags);
		if (IS_ERR(copy))
			return PTR_ERR(copy);
	}
	choose(&r, type, flags);
	queue = lock_queue(msqid);
	ret = PTR_ERR_OR_ZERO(queue);
	if (ret)
		goto free_copy;
	msg = receive(queue, &r, copy, flags);
	unlock_queue(queue);
	ret = PTR_ERR_OR_ZERO(msg);
	if (ret)
		goto free_copy;
	ret = deliver(umsg, len, msg);
	if (msg != copy)
		message_free(msg);
free_copy:
	message_free(copy);
	return ret;
}
