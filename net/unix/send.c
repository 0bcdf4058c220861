/*
 * Sending: from the user's memory into the peer's queue.
 *
 * A stream cuts what is sent into pieces that are large enough to be cheap and
 * small enough for the reader to begin while the writer goes on. The others
 * send it whole.
 */
#include "unix.h"

#include <fs/fasync.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>

#define STREAM_CHUNK	(32U << 10)

/* The destructor of what is on its way. */
static void unix_skb_destruct(struct sk_buff *skb)
{
	struct scm_cookie scm = { .pid = UNIX_SKB(skb)->pid };

	if (UNIX_SKB(skb)->fp)
		unix_detach_fds(skb, &scm);
	scm_destroy(&scm);
	sock_wfree(skb);
}

/* What lies beside the message passes from @scm to @skb. Return: 0 or errno. */
static int attach_scm(struct sk_buff *skb, struct scm_cookie *scm)
{
	struct unix_skb *u = UNIX_SKB(skb);
	int err = 0;

	u->fp = NULL;
	u->consumed = 0;
	u->stamp_ns = 0;
	u->pid = scm->pid;
	u->uid = scm->uid;
	u->gid = scm->gid;
	scm->pid = NULL;
	skb->destructor = unix_skb_destruct;
	if (unlikely(scm->fp)) {
		err = unix_attach_fds(skb, scm->fp);
		if (!err)
			scm->fp = NULL;
	}
	return err;
}

/*
 * Who sends goes with the message if either end wants that, or if nobody can
 * tell yet what the other end will want: it has not been accepted.
 */
static void add_creds(struct sk_buff *skb, const struct sock *sk,
		      const struct sock *other)
{
	struct unix_skb *u = UNIX_SKB(skb);

	if (u->pid || (!sock_flag(sk, SOCK_PASSCRED) &&
		       !sock_flag(other, SOCK_PASSCRED) &&
		       READ_ONCE(other->socket)))
		return;
	u->pid = pid_get(task_pid_of(current, PIDTYPE_TGID));
	u->uid = current_uid();
	u->gid = current_gid();
}

/* An skb with the next @len bytes of the message, charged to @sk. ERR_PTR. */
static struct sk_buff *make_skb(struct sock *sk, struct msghdr *msg, size_t len,
				struct scm_cookie *scm)
{
	int err;
	struct sk_buff *skb = sock_alloc_send_skb(sk, len,
						  msg->flags & MSG_DONTWAIT,
						  &err);

	if (!skb)
		return ERR_PTR(err);
	err = attach_scm(skb, scm);
	if (!err)
		err = skb_fill(skb, msg->iter);
	if (!err)
		return skb;
	kfree_skb(skb);
	return ERR_PTR(err);
}

/* Locking: other->lock held. */
static void append(struct sock *other, struct sk_buff *skb)
{
	struct unix_sock *u = unix_sk(other);

	if (unlikely(u->mark_at_end)) {
		u->mark = skb;
		u->mark_at_end = false;
	}
	list_add_tail(&skb->node, &other->queue);
	WRITE_ONCE(other->queue_len, other->queue_len + 1);
}

static void data_ready(struct sock *other)
{
	wake_up_sync_poll(&other->read_wait, POLLIN | POLLRDNORM);
	if (unlikely(READ_ONCE(other->async)) &&
	    !sock_flag(other, SOCK_READS_ASLEEP))
		fasync_notify(&other->async, POLL_IN);
}

/* ---- streams ---------------------------------------------------------- */

static void urgent_data_ready(struct sock *other)
{
	unix_tell_urgent(other);
	wake_up_sync_poll(&other->read_wait,
			  POLLIN | POLLRDNORM | POLLPRI | POLLRDBAND);
	fasync_notify(&other->async, POLL_IN);
}

/* Return: 0, or -EPIPE, and @skb is freed. */
static int stream_deliver(struct sock *sk, struct sock *other,
			  struct sk_buff *skb, bool oob)
{
	add_creds(skb, sk, other);
	spin_lock(&other->lock);
	/* A dead one is shut down. */
	if (unlikely(other->shutdown & RCV_SHUTDOWN)) {
		spin_unlock(&other->lock);
		kfree_skb(skb);
		return -EPIPE;
	}
	append(other, skb);
	if (unlikely(oob))
		unix_mark_oob(other, skb);
	spin_unlock(&other->lock);
	if (unlikely(oob))
		urgent_data_ready(other);
	else
		data_ready(other);
	return 0;
}

/* The next @n bytes, the last of all of which may be urgent. 0 or errno. */
static int send_piece(struct sock *sk, struct sock *other, struct msghdr *msg,
		      size_t n, struct scm_cookie *scm)
{
	size_t left = iov_iter_count(msg->iter);
	bool oob = (msg->flags & MSG_OOB) && left == n;
	struct sk_buff *skb = make_skb(sk, msg, n, scm);

	return IS_ERR(skb) ? PTR_ERR(skb) :
			     stream_deliver(sk, other, skb, oob);
}

/* How much of the rest goes next: an urgent byte goes by itself. */
static size_t next_piece(const struct msghdr *msg, size_t max)
{
	size_t left = iov_iter_count(msg->iter);

	if (unlikely(msg->flags & MSG_OOB) && left > 1)
		left--;
	return min(left, max);
}

/* All of it, piece by piece. Return: bytes sent, or the first piece's errno. */
static ssize_t stream_send(struct sock *sk, struct sock *other,
			   struct msghdr *msg, struct scm_cookie *scm)
{
	size_t max = min_t(size_t, READ_ONCE(sk->sndbuf) / 2 - 64,
			   STREAM_CHUNK);
	ssize_t done = 0;
	int err = 0;

	if (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN)
		err = -EPIPE;
	while (!err && iov_iter_count(msg->iter)) {
		size_t n = next_piece(msg, max);

		err = send_piece(sk, other, msg, n, scm);
		if (!err)
			done += n;
	}
	if (done)
		return done;
	if (err == -EPIPE && !(msg->flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, false);
	return err;
}

/*
 * The sendmsg op of streams. Return: bytes; -EPIPE (and SIGPIPE), -ENOTCONN,
 * -EISCONN, -EAGAIN, -EFAULT, -ENOBUFS, ...; a signal.
 */
ssize_t unix_stream_sendmsg(struct socket *sock, struct msghdr *msg)
{
	struct sock *sk = sock->sk, *other;
	struct scm_cookie scm;
	ssize_t ret = scm_send(msg, &scm);

	if (ret)
		return ret;
	other = unix_peer(sk);
	if (unlikely(msg->flags & MSG_OOB) && !iov_iter_count(msg->iter))
		ret = -EOPNOTSUPP;
	else if (msg->namelen)
		ret = READ_ONCE(sk->state) == TCP_ESTABLISHED ? -EISCONN :
								-EOPNOTSUPP;
	else if (!other)
		ret = -ENOTCONN;
	else
		ret = stream_send(sk, other, msg, &scm);
	scm_destroy(&scm);
	return ret;
}

/* ---- messages --------------------------------------------------------- */

/* Strangers may not fill a queue; who is the queue's own peer may. */
static bool may_queue(const struct sock *sk, const struct sock *other)
{
	return other == sk || READ_ONCE(unix_sk(other)->peer) == sk ||
	       !unix_queue_full(other);
}

/*
 * Queue @skb at @other. Return: 0; -EPERM; -EPIPE; -EAGAIN: its queue is full;
 * -ECONNREFUSED: it is dead.
 */
static int try_deliver(struct sock *sk, struct sock *other, struct sk_buff *skb)
{
	SPIN_GUARD(&other->lock);
	if (!unix_may_send(sk, other))
		return -EPERM;
	if (sock_flag(other, SOCK_DEAD))
		return -ECONNREFUSED;
	if (other->shutdown & RCV_SHUTDOWN)
		return -EPIPE;
	if (!may_queue(sk, other))
		return -EAGAIN;
	append(other, skb);
	return 0;
}

/*
 * To whom the message goes, with a reference: whom it names, or the peer.
 * ERR_PTR: -ENOTCONN, what unix_find() says.
 */
static struct sock *find_receiver(struct sock *sk, const struct msghdr *msg)
{
	struct sock *other;

	if (msg->namelen)
		return unix_find(msg->name, msg->namelen, sk->type);
	other = unix_peer_get(sk);
	return other ?: ERR_PTR(-ENOTCONN);
}

/* @other was found dead. Return: what that means; -ESTALE: look again. */
static int receiver_is_dead(struct sock *sk, struct sock *other,
			    const struct msghdr *msg)
{
	if (unix_keeps_peer(sk))
		return -EPIPE;
	if (READ_ONCE(unix_sk(sk)->peer) == other) {
		unix_disconnect(sk, other);
		return -ECONNREFUSED;
	}
	return msg->namelen ? -ESTALE : -ECONNRESET;
}

/* Return: 0; an errno, and @skb is not queued. */
static int deliver(struct sock *sk, struct sk_buff *skb,
		   const struct msghdr *msg)
{
	int64_t timeo = sock_sndtimeo(sk, msg->flags & MSG_DONTWAIT);

	for (;;) {
		struct sock *other = find_receiver(sk, msg);
		int err;

		if (IS_ERR(other))
			return PTR_ERR(other);
		add_creds(skb, sk, other);
		if (unlikely(sock_flag(other, SOCK_STAMP)))
			UNIX_SKB(skb)->stamp_ns = ktime_get_real_ns();
		err = try_deliver(sk, other, skb);
		if (!err)
			data_ready(other);
		else if (err == -EAGAIN && timeo)
			err = unix_wait_for_room(other, &timeo) ?: -ESTALE;
		else if (err == -ECONNREFUSED)
			err = receiver_is_dead(sk, other, msg);
		sock_put(other);
		if (err != -ESTALE)
			return err;
	}
}

static int check_receiver(struct sock *sk, const struct msghdr *msg)
{
	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (msg->namelen)
		return unix_check_address(msg->name, msg->namelen);
	return READ_ONCE(unix_sk(sk)->peer) ? 0 : -ENOTCONN;
}

static ssize_t send_message(struct sock *sk, struct msghdr *msg,
			    struct scm_cookie *scm)
{
	size_t len = iov_iter_count(msg->iter);
	struct sk_buff *skb;
	int err = check_receiver(sk, msg);

	if (!err)
		err = unix_autobind_if_told(sk);
	if (err)
		return err;
	if (len > (size_t)READ_ONCE(sk->sndbuf) - 32)
		return -EMSGSIZE;
	skb = make_skb(sk, msg, len, scm);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	err = deliver(sk, skb, msg);
	if (!err)
		return len;
	kfree_skb(skb);
	return err;
}

/*
 * The sendmsg op of datagrams. Return: the length; -EMSGSIZE; -ENOTCONN;
 * -ECONNREFUSED; -EPIPE; -EPERM; -EAGAIN; -EFAULT; -ENOBUFS; a signal.
 */
ssize_t unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg)
{
	struct scm_cookie scm;
	ssize_t ret = scm_send(msg, &scm);

	if (ret)
		return ret;
	ret = send_message(sock->sk, msg, &scm);
	scm_destroy(&scm);
	return ret;
}

/* The sendmsg op of seqpackets: no other receiver than the peer. */
ssize_t unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg)
{
	int err = sock_error(sock->sk);

	if (err)
		return err;
	if (READ_ONCE(sock->sk->state) != TCP_ESTABLISHED)
		return -ENOTCONN;
	msg->namelen = 0;
	return unix_dgram_sendmsg(sock, msg);
}
