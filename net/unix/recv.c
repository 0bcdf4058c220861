/*
 * Receiving: from the own queue into the user's memory.
 *
 * A stream forgets where one piece ended and the next began, except where
 * something lies beside the data: pieces of different senders are not glued
 * for who wants to know the sender, and a read stops behind files. The other
 * types keep the bounds and lose what the reader's buffer does not hold.
 *
 * read_lock is held while an skb is looked at, so that a MSG_PEEK needs no
 * reference on it; it is dropped while asleep.
 */
#include "unix.h"

#include <fs/poll.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <lib/string.h>

/* ---- what the types share --------------------------------------------- */

/* There is room in @sk's queue: tell those who sleep or poll for it. */
void unix_room_freed(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk), *poller, *next;

	wake_up_sync_poll(&u->room_wait, POLLOUT | POLLWRNORM | POLLWRBAND);
	if (likely(list_empty(&u->room_pollers)) || unix_queue_full(sk))
		return;
	SPIN_GUARD(&sk->lock);
	list_for_each_entry_safe(poller, next, &u->room_pollers, room_node) {
		list_del_init(&poller->room_node);
		wake_up_poll(&poller->sk.write_wait,
			     POLLOUT | POLLWRNORM | POLLWRBAND);
	}
}

/*
 * The queue is empty: sleep until that may have changed. Who only looks does
 * not use up the wake-up that a message is good for, so he waits with all.
 *
 * Return: 0: look again; 1: no more will come; -EAGAIN, -ENOTCONN, a signal.
 */
static int wait_for_skb(struct sock *sk, bool peek, int64_t *timeo)
{
	if (!*timeo)
		return -EAGAIN;
	if (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN) {
		smp_rmb();	/* what came before is in the queue by now */
		return READ_ONCE(sk->queue_len) ? 0 : 1;
	}
	if (unix_keeps_peer(sk) && READ_ONCE(sk->state) == TCP_CLOSE)
		return -ENOTCONN;
#define MAY_HAVE_CHANGED	(READ_ONCE(sk->queue_len) ||		\
				 READ_ONCE(sk->err) ||			\
				 (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN))
	if (peek)
		return sock_wait(&sk->read_wait, MAY_HAVE_CHANGED,
				 prepare_to_wait, timeo);
	return sock_wait(&sk->read_wait, MAY_HAVE_CHANGED,
			 prepare_to_wait_exclusive, timeo);
}

/*
 * The oldest skb out of @sk's queue, waited for. For those who take only.
 * Return: NULL, and *@err: 0 at the end; what sock_error() and wait_for_skb()
 * say.
 */
struct sk_buff *unix_take_skb(struct sock *sk, bool nonblock, int *err)
{
	int64_t timeo = sock_rcvtimeo(sk, nonblock);
	struct sk_buff *skb = NULL;

	for (;;) {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		spin_lock(&sk->lock);
		if (!list_empty(&sk->queue)) {
			skb = list_first_entry(&sk->queue, struct sk_buff,
					       node);
			unix_unlink_skb(sk, skb);
		}
		spin_unlock(&sk->lock);
		if (skb) {
			unix_room_freed(sk);
			return skb;
		}
		*err = wait_for_skb(sk, false, &timeo);
		if (*err) {
			*err = *err > 0 ? 0 : *err;
			return NULL;
		}
	}
}

/* Where a MSG_PEEK begins, and what it, or a read, does to that. */
static size_t peek_start(const struct sock *sk, unsigned int flags)
{
	int offset = READ_ONCE(sk->peek_off);

	return (flags & MSG_PEEK) && offset > 0 ? offset : 0;
}

static void move_peek(struct sock *sk, unsigned int flags, size_t bytes)
{
	if (likely(READ_ONCE(sk->peek_off) < 0))
		return;
	SPIN_GUARD(&sk->lock);
	if (sk->peek_off < 0)
		return;
	if (flags & MSG_PEEK)
		sk->peek_off += bytes;
	else
		sk->peek_off = max(sk->peek_off - (int)bytes, 0);
}

/* The set_peek_off op. Return: 0, -ERESTARTSYS. */
int unix_set_peek_off(struct sock *sk, int offset)
{
	int err = mutex_lock_interruptible(&unix_sk(sk)->read_lock);

	if (err)
		return err;
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->peek_off, offset);
	spin_unlock(&sk->lock);
	mutex_unlock(&unix_sk(sk)->read_lock);
	return 0;
}

static void take_creds(const struct sk_buff *skb, struct scm_cookie *scm)
{
	scm->pid = pid_get(UNIX_SKB(skb)->pid);
	scm->uid = UNIX_SKB(skb)->uid;
	scm->gid = UNIX_SKB(skb)->gid;
}

static bool same_creds(const struct sk_buff *skb, const struct scm_cookie *scm)
{
	const struct unix_skb *u = UNIX_SKB(skb);

	return u->pid == scm->pid && u->uid == scm->uid && u->gid == scm->gid;
}

/* The files that come with @skb go to @scm, or copies of them. */
static void take_files(struct sk_buff *skb, struct scm_cookie *scm,
		       unsigned int flags)
{
	if (likely(!UNIX_SKB(skb)->fp))
		return;
	if (flags & MSG_PEEK)
		scm->fp = unix_peek_fds(skb);
	else
		unix_detach_fds(skb, scm);
}

static void take_name(const struct sk_buff *skb, struct msghdr *msg)
{
	if (msg->name && smp_load_acquire(&unix_sk(skb->sk)->addr))
		msg->namelen = unix_put_name(skb->sk, msg->name);
}

/* ---- messages --------------------------------------------------------- */

/*
 * The message that byte *@offset from the queue's start is in, taken out or
 * looked at; *@offset becomes the offset in it. Locking: read_lock held.
 */
static struct sk_buff *get_message(struct sock *sk, unsigned int flags,
				   size_t *offset)
{
	struct sk_buff *skb;
	size_t left = *offset;

	SPIN_GUARD(&sk->lock);
	list_for_each_entry(skb, &sk->queue, node) {
		if (left && left >= skb->len) {
			left -= skb->len;
			continue;
		}
		if (!(flags & MSG_PEEK))
			unix_unlink_skb(sk, skb);
		*offset = left;
		return skb;
	}
	return NULL;
}

/*
 * The next message, waited for, with read_lock held. Return: NULL: the end;
 * ERR_PTR; and then read_lock is not held.
 */
static struct sk_buff *__no_lock_check
wait_for_message(struct sock *sk, unsigned int flags, size_t *offset)
{
	int64_t timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int err;

	for (;;) {
		struct sk_buff *skb = NULL;

		mutex_lock(&unix_sk(sk)->read_lock);
		*offset = peek_start(sk, flags);
		err = sock_error(sk);
		if (!err)
			skb = get_message(sk, flags, offset);
		if (skb)
			return skb;
		mutex_unlock(&unix_sk(sk)->read_lock);
		if (!err)
			err = wait_for_skb(sk, flags & MSG_PEEK, &timeo);
		if (err)
			break;
	}
	if (err == -EAGAIN && sk->type == SOCK_SEQPACKET &&
	    (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN))
		return NULL;
	return err > 0 ? NULL : ERR_PTR(err);
}

/* Copy @skb from @offset on. Return: bytes, or all there were; -EFAULT. */
static ssize_t read_message(struct sk_buff *skb, size_t offset,
			    struct msghdr *msg, unsigned int flags)
{
	size_t len = skb->len - offset;
	size_t want = min(len, iov_iter_count(msg->iter));

	if (want < len)
		msg->flags |= MSG_TRUNC;
	if (skb_copy_to_iter(skb, offset, want, msg->iter) < want)
		return -EFAULT;
	return flags & MSG_TRUNC ? len : want;
}

/*
 * The recvmsg op of datagrams. Return: bytes (with MSG_TRUNC in @flags: the
 * message's length); 0 at the end; -EAGAIN, -EFAULT, -ENOTCONN, SO_ERROR's, a
 * signal.
 */
ssize_t __no_lock_check
unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg, unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct scm_cookie scm;
	struct sk_buff *skb;
	size_t offset;
	ssize_t ret;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = wait_for_message(sk, flags, &offset);
	if (IS_ERR_OR_NULL(skb))
		return PTR_ERR(skb);
	if (!(flags & MSG_PEEK))
		unix_room_freed(sk);
	scm_init(&scm);
	take_name(skb, msg);
	ret = read_message(skb, offset, msg, flags);
	if (ret >= 0) {
		if (unlikely(sock_flag(sk, SOCK_STAMP)))
			sock_put_timestamp(sk, msg, UNIX_SKB(skb)->stamp_ns);
		if (sock_flag(sk, SOCK_PASSCRED))
			take_creds(skb, &scm);
		take_files(skb, &scm, flags);
		move_peek(sk, flags, flags & MSG_PEEK ? ret : skb->len);
	}
	if (!(flags & MSG_PEEK))
		kfree_skb(skb);
	mutex_unlock(&unix_sk(sk)->read_lock);
	if (ret >= 0)
		scm_put(sk, msg, &scm, flags);
	return ret;
}

/* The recvmsg op of seqpackets. */
ssize_t unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg,
			       unsigned int flags)
{
	if (READ_ONCE(sock->sk->state) != TCP_ESTABLISHED)
		return -ENOTCONN;
	return unix_dgram_recvmsg(sock, msg, flags);
}

/* ---- streams ---------------------------------------------------------- */

/* One recvmsg of a stream under way. */
struct stream_read {
	struct sock		*sk;
	struct msghdr		*msg;
	unsigned int		flags;
	size_t			done, target;	/* bytes; enough to return */
	size_t			start;		/* of a look: SO_PEEK_OFF */
	bool			has_creds;	/* in @scm: of all it reads */
	struct scm_cookie	scm;
};

static size_t unread(const struct sk_buff *skb)
{
	return skb->len - UNIX_SKB(skb)->consumed;
}

/* How far from the queue's start the next byte is: looking takes nothing. */
static size_t position(const struct stream_read *r)
{
	return r->flags & MSG_PEEK ? r->start + r->done : 0;
}

/* What is where a read goes on. */
enum found { NOTHING, DATA, A_MARK };

/*
 * Find the skb with the next byte, which is its *@offset-th unread one. An
 * urgent byte that is no part of the stream is passed over. Reads stop in
 * front of the mark, those that begin there do not. Locking: sk->lock held.
 */
static enum found locate(const struct stream_read *r, struct sk_buff **at,
			 size_t *offset)
{
	const struct unix_sock *u = unix_sk(r->sk);
	size_t left = position(r);
	struct sk_buff *skb;

	list_for_each_entry(skb, &r->sk->queue, node) {
		if (unlikely(skb == u->mark)) {
			if (r->done && !left)
				return A_MARK;
			if (unix_oob_is_apart(r->sk))
				continue;
		}
		if (!left || left < unread(skb)) {
			*at = skb;
			*offset = left;
			return DATA;
		}
		left -= unread(skb);
	}
	return r->done && !left && u->mark_at_end ? A_MARK : NOTHING;
}

/*
 * locate(), and leave the mark behind if the read begins there. *@shutdown
 * tells whether more will come. Locking: read_lock held.
 */
static enum found find_skb(const struct stream_read *r, struct sk_buff **at,
			   size_t *offset, unsigned int *shutdown)
{
	struct sk_buff *lost = NULL;
	struct sock *sk = r->sk;
	enum found found;

	spin_lock(&sk->lock);
	*shutdown = sk->shutdown;
	if (unlikely(unix_sk(sk)->mark) && !r->done && !(r->flags & MSG_PEEK))
		lost = unix_pass_mark(sk);
	found = locate(r, at, offset);
	spin_unlock(&sk->lock);
	if (unlikely(lost))
		kfree_skb(lost);
	return found;
}

static bool has_come(const struct stream_read *r)
{
	struct sk_buff *skb;
	size_t offset;

	if (likely(!position(r) && !READ_ONCE(unix_sk(r->sk)->mark)))
		return READ_ONCE(r->sk->queue_len);
	SPIN_GUARD(&r->sk->lock);
	return locate(r, &skb, &offset) != NOTHING;
}

static int wait_for_data(struct stream_read *r, int64_t *timeo)
{
	struct sock *sk = r->sk;
	bool async = READ_ONCE(sk->async);
	int err;

	/* Whom the data will wake need not be told by a signal too. */
	if (unlikely(async))
		sock_assign_flag(sk, SOCK_READS_ASLEEP, true);
	err = sock_wait(&sk->read_wait,
			has_come(r) || READ_ONCE(sk->err) ||
			(READ_ONCE(sk->shutdown) & RCV_SHUTDOWN),
			prepare_to_wait, timeo);
	if (unlikely(async))
		sock_assign_flag(sk, SOCK_READS_ASLEEP, false);
	return err;
}

/*
 * The skb with the next byte, waited for unless enough has been read. Locking:
 * read_lock held, also on return; dropped while asleep.
 * Return: NULL: no more is wanted, or will come; ERR_PTR.
 */
static struct sk_buff *__no_lock_check
wait_for_stream(struct stream_read *r, int64_t *timeo, size_t *offset)
{
	for (;;) {
		unsigned int shutdown;
		struct sk_buff *skb;
		enum found found = find_skb(r, &skb, offset, &shutdown);
		int err;

		if (found == DATA)
			return skb;
		if (found == A_MARK || r->done >= r->target)
			return NULL;
		err = sock_error(r->sk);
		if (err)
			return ERR_PTR(err);
		if (shutdown & RCV_SHUTDOWN)
			return NULL;
		if (!*timeo)
			return ERR_PTR(-EAGAIN);
		mutex_unlock(&unix_sk(r->sk)->read_lock);
		err = wait_for_data(r, timeo);
		mutex_lock(&unix_sk(r->sk)->read_lock);
		if (err)
			return ERR_PTR(err);
	}
}

/* May @skb's data follow what has been read? Note whose it is. */
static bool may_glue(struct stream_read *r, struct sk_buff *skb)
{
	if (r->has_creds)
		return same_creds(skb, &r->scm);
	if (unlikely(sock_flag(r->sk, SOCK_PASSCRED))) {
		take_creds(skb, &r->scm);
		r->has_creds = true;
	}
	return true;
}

static void consume(struct sock *sk, struct sk_buff *skb, size_t bytes)
{
	WRITE_ONCE(UNIX_SKB(skb)->consumed, UNIX_SKB(skb)->consumed + bytes);
	if (unread(skb))
		return;
	spin_lock(&sk->lock);
	unix_unlink_skb(sk, skb);
	spin_unlock(&sk->lock);
	kfree_skb(skb);
}

/* Read from @skb. Return: 1: go on; 0: enough; -EFAULT. */
static int read_skb(struct stream_read *r, struct sk_buff *skb, size_t offset)
{
	size_t want = min(unread(skb) - offset, iov_iter_count(r->msg->iter));
	size_t n = skb_copy_to_iter(skb, UNIX_SKB(skb)->consumed + offset, want,
				    r->msg->iter);

	if (n < want) {
		iov_iter_revert(r->msg->iter, n);
		return -EFAULT;
	}
	if (!r->done)
		take_name(skb, r->msg);
	r->done += n;
	move_peek(r->sk, r->flags, n);
	take_files(skb, &r->scm, r->flags);
	if (!(r->flags & MSG_PEEK))
		consume(r->sk, skb, n);
	return !r->scm.fp && iov_iter_count(r->msg->iter);
}

/* Return: 0, or why no more could be read. */
static int read_stream(struct stream_read *r)
{
	int64_t timeo = sock_rcvtimeo(r->sk, r->flags & MSG_DONTWAIT);
	int more;

	do {
		size_t offset;
		struct sk_buff *skb;

		/* Looking never waits for a second piece. */
		if ((r->flags & MSG_PEEK) && r->done)
			r->target = r->done;
		skb = wait_for_stream(r, &timeo, &offset);
		if (IS_ERR_OR_NULL(skb))
			return PTR_ERR(skb);
		if (!may_glue(r, skb))
			return 0;
		more = read_skb(r, skb, offset);
	} while (more > 0);
	return more;
}

/*
 * The recvmsg op of streams. Return: bytes; 0 at the end; -EINVAL: not
 * connected; -EAGAIN, -EFAULT, SO_ERROR's, a signal.
 */
ssize_t unix_stream_recvmsg(struct socket *sock, struct msghdr *msg,
			    unsigned int flags)
{
	struct sock *sk = sock->sk;
	size_t size = iov_iter_count(msg->iter);
	struct stream_read r = { .sk = sk, .msg = msg, .flags = flags };
	int err;

	if (READ_ONCE(sk->state) != TCP_ESTABLISHED)
		return -EINVAL;
	if (flags & MSG_OOB)
		return unix_recv_oob(sk, msg, flags);
	r.target = flags & MSG_WAITALL ?
		   size : min_t(size_t, READ_ONCE(sk->rcvlowat), size);
	r.target = r.target ?: 1;
	scm_init(&r.scm);
	mutex_lock(&unix_sk(sk)->read_lock);
	r.start = peek_start(sk, flags);
	err = read_stream(&r);
	mutex_unlock(&unix_sk(sk)->read_lock);
	if (err != -ERESTARTSYS && err != -EINTR)
		scm_put(sk, msg, &r.scm, flags);
	else
		scm_destroy(&r.scm);
	return r.done ? (ssize_t)r.done : err;
}
