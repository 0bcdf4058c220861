/*
 * What the sockets of all families do alike. Read net/sock.h first.
 */
#include <net/sock.h>

#include <fs/fasync.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>

/*
 * Fill in a zeroed @sk of @sock's (NULL: nobody's yet). The family sets the
 * rest: type, destruct. One reference, the caller's.
 */
void sock_init(struct sock *sk, struct socket *sock, int family)
{
	refcount_set(&sk->refs, 1);
	atomic_set(&sk->wmem, 1);
	sk->state = TCP_CLOSE;
	sk->family = family;
	sk->socket = sock;
	sk->sndbuf = sk->rcvbuf = SNDBUF_DEFAULT;
	sk->rcvtimeo = sk->sndtimeo = WAIT_FOREVER;
	sk->rcvlowat = 1;
	sk->peek_off = -1;
	sk->incoming_cpu = -1;
	sk->pacing_rate = ULONG_MAX;
	spin_lock_init(&sk->lock, "sock", RANK_SOCKET_SPIN);
	list_init(&sk->queue);
	wait_queue_init(&sk->read_wait);
	wait_queue_init(&sk->write_wait);
}

void sock_assign_flag(struct sock *sk, enum sock_flag flag, bool on)
{
	if (on)
		__atomic_fetch_or(&sk->flags, BIT(flag), __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&sk->flags, ~BIT(flag), __ATOMIC_SEQ_CST);
}

/* @bytes less on their way. The last of them, and sock_put(), free @sk. */
static void uncharge(struct sock *sk, int bytes)
{
	if (atomic_sub_return(bytes, &sk->wmem) == 0) {
		pid_put(sk->peer_pid);
		if (sk->peer_cred)
			cred_put(sk->peer_cred);
		sk->destruct(sk);
	}
}

/* The last reference is gone; messages on their way may keep the memory. */
void sock_free(struct sock *sk)
{
	uncharge(sk, 1);
}

/* The error that waits to be told, once: 0 or negative. */
int sock_error(struct sock *sk)
{
	if (likely(!READ_ONCE(sk->err)))
		return 0;
	return -xchg(&sk->err, 0);
}

/* What a wait that a signal ended says: only one without limit restarts. */
int sock_intr_errno(int64_t timeo)
{
	return timeo == WAIT_FOREVER ? -ERESTARTSYS : -EINTR;
}

static bool has_budget(const struct sock *sk)
{
	return atomic_read(&sk->wmem) < READ_ONCE(sk->sndbuf);
}

/* Sleep until there is room, or a reason not to send. */
static int wait_for_wmem(struct sock *sk, int64_t *timeo)
{
	return sock_wait(&sk->write_wait,
			 has_budget(sk) || READ_ONCE(sk->err) ||
			 (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN),
			 prepare_to_wait, timeo);
}

/*
 * An skb of @len bytes, charged to @sk as soon as there is budget for it: an
 * skb may overdraw it, so that any size gets through.
 *
 * Context: may sleep, unless @nonblock; @sk's file is held.
 * Return: NULL, and *@err: what sock_error() says; -EPIPE; -EAGAIN (no room, or
 * SO_SNDTIMEO is over); -ERESTARTSYS, -EINTR; -ENOBUFS.
 */
struct sk_buff *sock_alloc_send_skb(struct sock *sk, size_t len, bool nonblock,
				    int *err)
{
	int64_t timeo = sock_sndtimeo(sk, nonblock);
	struct sk_buff *skb;

	for (;;) {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		*err = -EPIPE;
		if (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN)
			return NULL;
		if (likely(has_budget(sk)))
			break;
		*err = -EAGAIN;
		if (!timeo)
			return NULL;
		*err = wait_for_wmem(sk, &timeo);
		if (*err)
			return NULL;
	}
	*err = -ENOBUFS;
	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb->sk = sk;
	skb->destructor = sock_wfree;
	atomic_add(skb->truesize, &sk->wmem);
	return skb;
}

/*
 * The usual destructor: give an skb's bytes back to who sent it. The last byte
 * is kept until nobody is waiting any more: it holds @sk.
 */
void sock_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	atomic_sub(skb->truesize - 1, &sk->wmem);
	if (wait_queue_active(&sk->write_wait) && sock_writeable(sk))
		wake_up_sync_poll(&sk->write_wait,
				  POLLOUT | POLLWRNORM | POLLWRBAND);
	if (unlikely(sock_flag(sk, SOCK_MISSES_ROOM)) && sock_writeable(sk)) {
		sock_assign_flag(sk, SOCK_MISSES_ROOM, false);
		fasync_notify(&sk->async, POLL_OUT);
	}
	uncharge(sk, 1);
}

/* A poll op found no room: whoever is told by signals wants to know of some. */
void sock_missed_room(struct sock *sk)
{
	if (unlikely(READ_ONCE(sk->async)))
		sock_assign_flag(sk, SOCK_MISSES_ROOM, true);
}

/* Everyone who waits for anything looks again. Context: any but interrupts. */
void sock_state_change(struct sock *sk)
{
	wake_up_interruptible_all(&sk->read_wait);
	wake_up_interruptible_all(&sk->write_wait);
}

/*
 * Note who is behind the other end, for SO_PEERCRED; takes its own references.
 * Locking: sk->lock, unless nobody else knows @sk yet.
 */
void sock_set_peer_cred(struct sock *sk, struct pid *pid,
			const struct cred *cred)
{
	struct pid *old_pid = sk->peer_pid;
	const struct cred *old_cred = sk->peer_cred;

	sk->peer_pid = pid_get(pid);
	sk->peer_cred = cred ? cred_get(cred) : NULL;
	pid_put(old_pid);
	if (old_cred)
		cred_put(old_cred);
}
