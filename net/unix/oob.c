/*
 * MSG_OOB: the one byte of a stream that overtakes the others.
 *
 * The last byte of what is sent with MSG_OOB is urgent. It lies in the queue
 * like all others, in an skb of its own, and that skb is the *mark*: a read
 * stops in front of it, so that the reader can tell what was sent before. The
 * byte itself is got by recv(MSG_OOB), from wherever it is. Who has not done
 * so when his reading passes the mark has lost it, unless the socket has
 * SO_OOBINLINE: then it is data like any other, and only the mark is special.
 *
 *	queue:	[a b] [C] [d e]		C taken:   [a b] [d e]
 *		       ^ mark, oob			  ^ mark
 *
 * When the byte is taken, the mark passes to what follows; if that has yet to
 * come, mark_at_end says that it will get it. There is one mark: a new urgent
 * byte makes the one before ordinary data.
 *
 * Locking: sk->lock guards the mark. Who has read_lock too may use the skb
 * without it: readers alone take skbs out of the queue.
 *
 * Source: man 2 send (MSG_OOB), man 7 tcp and man 7 unix.
 */
#include "unix.h"

#include <fs/fasync.h>
#include <uapi/signal.h>

/* @skb, the last of @sk's queue, is an urgent byte. Locking: sk->lock held. */
void unix_mark_oob(struct sock *sk, struct sk_buff *skb)
{
	struct unix_sock *u = unix_sk(sk);

	u->mark = skb;
	WRITE_ONCE(u->oob, true);
	u->mark_at_end = false;
}

/*
 * A read begins. If it does so at the mark, that is over.
 * Locking: sk->lock and read_lock held. Return: an urgent byte that is lost by
 * that, to be freed; or NULL.
 */
struct sk_buff *unix_pass_mark(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);
	struct sk_buff *skb = u->mark;
	bool lost = unix_oob_is_apart(sk);

	if (list_first_entry(&sk->queue, struct sk_buff, node) != skb)
		return NULL;
	u->mark = NULL;
	WRITE_ONCE(u->oob, false);
	if (!lost)
		return NULL;
	unix_unlink_skb(sk, skb);
	return skb;
}

/* Take the urgent byte out, or with @peek only find it. NULL: there is none. */
static struct sk_buff *get_oob(struct sock *sk, bool peek)
{
	struct unix_sock *u = unix_sk(sk);
	struct sk_buff *skb;

	SPIN_GUARD(&sk->lock);
	skb = u->mark;
	if (!unix_oob_is_apart(sk))
		return NULL;
	if (peek)
		return skb;
	WRITE_ONCE(u->oob, false);
	u->mark_at_end = skb->node.next == &sk->queue;
	u->mark = u->mark_at_end ? NULL : list_next_entry(skb, node);
	unix_unlink_skb(sk, skb);
	return skb;
}

/*
 * recvmsg(2) with MSG_OOB. The byte counts, even where there is no room for it.
 * Context: may sleep. Return: 1; -EINVAL: none, or it is part of the stream;
 * -EFAULT, and it is lost.
 */
ssize_t unix_recv_oob(struct sock *sk, struct msghdr *msg, unsigned int flags)
{
	bool peek = flags & MSG_PEEK;
	struct sk_buff *skb;
	size_t want, got;

	mutex_lock(&unix_sk(sk)->read_lock);
	skb = get_oob(sk, peek);
	if (!skb) {
		mutex_unlock(&unix_sk(sk)->read_lock);
		return -EINVAL;
	}
	want = min_t(size_t, iov_iter_count(msg->iter), 1);
	got = skb_copy_to_iter(skb, 0, want, msg->iter);
	if (!peek)
		kfree_skb(skb);
	mutex_unlock(&unix_sk(sk)->read_lock);
	if (got < want)
		return -EFAULT;
	msg->flags |= MSG_OOB;
	return 1;
}

/* SIOCATMARK: would a read begin at the mark? Context: process. */
bool unix_at_mark(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);

	SPIN_GUARD(&sk->lock);
	if (list_empty(&sk->queue))
		return u->mark_at_end;
	return list_first_entry(&sk->queue, struct sk_buff, node) == u->mark;
}

/*
 * Tell who owns the file of @sk, if it has one, of urgent data: by SIGURG, and
 * whoever chose a signal for what happens to it by that too.
 * Context: process; may sleep: the file may be closed meanwhile.
 */
void unix_tell_urgent(struct sock *sk)
{
	struct file *file = NULL;

	spin_lock(&sk->lock);
	/* As long as it has a socket, the file's memory is there. */
	if (sk->socket)
		file = sk->socket->file;
	if (file && !refcount_get_unless_zero(&file->refs))
		file = NULL;
	spin_unlock(&sk->lock);
	if (!file)
		return;
	if (file_tell_urgent(file))
		fasync_notify(&sk->async, POLL_PRI);
	fput(file);
}
