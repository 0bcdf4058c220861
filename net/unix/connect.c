/*
 * Who talks to whom: pairs, listeners and connections, datagram peers.
 *
 * A connection is made by who connects: it makes the other end too, a socket
 * that has no file yet, and puts it into the listener's queue inside an empty
 * skb. From then on it can send; accept(2) only gives that other end a file.
 *
 *	client --peer--> [new end]  <- skb->sk --  listener's queue
 *	       <--peer--
 */
#include "unix.h"

#include <fs/fasync.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>

/* @sk's peer with a reference, or NULL. */
struct sock *unix_peer_get(struct sock *sk)
{
	struct sock *peer;

	SPIN_GUARD(&sk->lock);
	peer = unix_sk(sk)->peer;
	if (peer)
		sock_hold(peer);
	return peer;
}

/* May @sk send to @other, who may have chosen whom he listens to? */
bool unix_may_send(const struct sock *sk, const struct sock *other)
{
	const struct sock *chosen = READ_ONCE(unix_sk(other)->peer);

	return !chosen || chosen == sk;
}

/*
 * Sleep until @other's queue has room, or is nobody's. The caller has a
 * reference and looks again. Return: 0, -ERESTARTSYS, -EINTR.
 */
int unix_wait_for_room(struct sock *other, int64_t *timeo)
{
	return sock_wait(&unix_sk(other)->room_wait,
			 !unix_queue_full(other) ||
			 sock_flag(other, SOCK_DEAD) ||
			 (READ_ONCE(other->shutdown) & RCV_SHUTDOWN),
			 prepare_to_wait, timeo);
}

static struct pid *current_tgid(void)
{
	return task_pid_of(current, PIDTYPE_TGID);
}

/* ---- pairs ------------------------------------------------------------ */

static void make_peer(struct sock *sk, struct sock *peer)
{
	sock_hold(peer);
	sock_set_peer_cred(sk, current_tgid(), current_cred());
	WRITE_ONCE(sk->state, TCP_ESTABLISHED);
	smp_store_release(&unix_sk(sk)->peer, peer);
}

/* Connect two sockets that only the caller knows. */
int unix_socketpair(struct socket *a, struct socket *b)
{
	make_peer(a->sk, b->sk);
	make_peer(b->sk, a->sk);
	return 0;
}

/* ---- listening -------------------------------------------------------- */

/*
 * The listen op; also changes the backlog of one that listens. Return: 0;
 * -EINVAL: it has no name, or is connected.
 */
int unix_listen(struct socket *sock, unsigned int backlog)
{
	struct sock *sk = sock->sk;
	bool more;

	if (!smp_load_acquire(&unix_sk(sk)->addr))
		return -EINVAL;
	spin_lock(&sk->lock);
	if (sk->state != TCP_CLOSE && sk->state != TCP_LISTEN) {
		spin_unlock(&sk->lock);
		return -EINVAL;
	}
	more = backlog > sk->max_backlog;
	WRITE_ONCE(sk->max_backlog, backlog);
	WRITE_ONCE(sk->state, TCP_LISTEN);
	/* What those who connect will see. */
	sock_set_peer_cred(sk, current_tgid(), current_cred());
	spin_unlock(&sk->lock);
	if (more)
		wake_up_interruptible_all(&unix_sk(sk)->room_wait);
	return 0;
}

/* ---- connecting ------------------------------------------------------- */

/* Nobody knows @end yet: make it the listener's end of a connection to @sk. */
static void prepare_end(struct sock *end, struct sock *sk)
{
	sock_hold(sk);
	sock_set_peer_cred(end, current_tgid(), current_cred());
	end->state = TCP_ESTABLISHED;
	unix_sk(end)->peer = sk;
}

/* The name of the listener becomes @end's, too. */
static void share_name(struct sock *end, const struct sock *listener)
{
	struct unix_address *addr = unix_sk(listener)->addr;

	refcount_get(&addr->refs);
	smp_store_release(&unix_sk(end)->addr, addr);
}

/* 0, or why @sk cannot connect: -EISCONN, -EINVAL. */
static int check_can_connect(const struct sock *sk)
{
	switch (READ_ONCE(sk->state)) {
	case TCP_CLOSE:
		return 0;
	case TCP_ESTABLISHED:
		return -EISCONN;
	default:
		return -EINVAL;
	}
}

/*
 * Connect @sk to @end and queue that at @other. Return: 0; -ECONNREFUSED;
 * -EAGAIN: no room; -EISCONN, -EINVAL; -ESTALE: @other is gone, look again.
 */
static int try_connect(struct sock *sk, struct sock *end, struct sk_buff *skb,
		       struct sock *other)
{
	int err;

	SPIN_GUARD(&other->lock);
	if (sock_flag(other, SOCK_DEAD))
		return -ESTALE;
	if (other->state != TCP_LISTEN || (other->shutdown & RCV_SHUTDOWN))
		return -ECONNREFUSED;
	if (unix_queue_full(other))
		return -EAGAIN;
	/*
	 * A listener's lock is held, so @sk's may be taken only if it is none
	 * itself: no other order can come about, as listening is for ever.
	 */
	err = check_can_connect(sk);
	if (err)
		return err;
	spin_lock_nested(&sk->lock, 1);
	if (sk->state != TCP_CLOSE) {
		spin_unlock(&sk->lock);
		return -ESTALE;
	}
	share_name(end, other);
	sock_set_peer_cred(sk, other->peer_pid, other->peer_cred);
	sock_hold(end);
	WRITE_ONCE(sk->state, TCP_ESTABLISHED);
	smp_store_release(&unix_sk(sk)->peer, end);
	spin_unlock(&sk->lock);
	list_add_tail(&skb->node, &other->queue);
	WRITE_ONCE(other->queue_len, other->queue_len + 1);
	return 0;
}

/* Find who listens at @addr and queue @end there, waiting for room. */
static int connect_to(struct sock *sk, struct sock *end, struct sk_buff *skb,
		      const struct sockaddr_un *addr, int len, int64_t timeo)
{
	for (;;) {
		struct sock *other = unix_find(addr, len, sk->type);
		int err;

		if (IS_ERR(other))
			return PTR_ERR(other);
		err = try_connect(sk, end, skb, other);
		if (!err) {
			wake_up_sync_poll(&other->read_wait,
					  POLLIN | POLLRDNORM);
			fasync_notify(&other->async, POLL_IN);
		} else if (err == -EAGAIN && timeo) {
			err = unix_wait_for_room(other, &timeo) ?: -ESTALE;
		}
		sock_put(other);
		if (err != -ESTALE)
			return err;
	}
}

/*
 * The connect op of streams. Return: 0; -EISCONN; -EAGAIN (the backlog is
 * full, and SO_SNDTIMEO over); -ENOMEM; what unix_find() says; a signal.
 */
int unix_stream_connect(struct socket *sock, const void *address, int len,
			unsigned int file_flags)
{
	const struct sockaddr_un *addr = address;
	struct sock *sk = sock->sk, *end;
	struct sk_buff *skb;
	int err;

	err = unix_check_address(addr, len);
	if (!err)
		err = unix_autobind_if_told(sk);
	if (err)
		return err;
	end = unix_sock_alloc(NULL, sk->type);
	if (!end)
		return -ENOMEM;
	skb = alloc_skb(0, GFP_KERNEL);
	if (!skb) {
		unix_release_sock(end, false);
		return -ENOMEM;
	}
	skb->sk = end;
	prepare_end(end, sk);
	err = connect_to(sk, end, skb, addr, len,
			 sock_sndtimeo(sk, file_flags & O_NONBLOCK));
	/* From here on, if connected, the queue has the end. */
	if (!err)
		return 0;
	kfree_skb(skb);
	/* It has not been anyone's peer, so nobody is to hear of its end. */
	unix_sk(end)->peer = NULL;
	sock_put(sk);
	unix_release_sock(end, false);
	return err;
}

/* ---- accepting -------------------------------------------------------- */

/* The accept op. Return: 0; -EINVAL: not listening, or shut down; -EAGAIN. */
int unix_accept(struct socket *sock, struct socket *newsock,
		unsigned int file_flags)
{
	struct sock *sk = sock->sk, *end;
	struct sk_buff *skb;
	int err;

	if (READ_ONCE(sk->state) != TCP_LISTEN)
		return -EINVAL;
	skb = unix_take_skb(sk, file_flags & O_NONBLOCK, &err);
	if (!skb)
		return err ?: -EINVAL;
	end = skb->sk;
	kfree_skb(skb);
	spin_lock(&end->lock);
	end->socket = newsock;
	newsock->sk = end;
	spin_unlock(&end->lock);
	return 0;
}

/* ---- datagram peers --------------------------------------------------- */

/* The old peer's messages are not the new one's: they are lost. */
static void drop_queue(struct sock *sk)
{
	struct sk_buff *skb, *next;
	LIST_HEAD(old);

	if (!READ_ONCE(sk->queue_len))
		return;
	/* Somebody may be looking at the first one. */
	mutex_lock(&unix_sk(sk)->read_lock);
	spin_lock(&sk->lock);
	list_splice_init(&sk->queue, &old);
	WRITE_ONCE(sk->queue_len, 0);
	spin_unlock(&sk->lock);
	mutex_unlock(&unix_sk(sk)->read_lock);
	if (list_empty(&old))
		return;
	list_for_each_entry_safe(skb, next, &old, node)
		kfree_skb(skb);
	unix_room_freed(sk);
}

/*
 * Make @new (or nobody) the peer of @sk in place of @old, if that still is it.
 * The reference on @new passes to @sk, that on @old to the caller.
 */
static bool replace_peer(struct sock *sk, struct sock *old, struct sock *new)
{
	struct unix_sock *u = unix_sk(sk);
	struct sock *second = old ?: sk;
	bool done;

	spin_lock_pair(&sk->lock, &second->lock);
	done = u->peer == old;
	if (done) {
		list_del_init(&u->room_node);
		WRITE_ONCE(u->peer, new);
		WRITE_ONCE(sk->state, new ? TCP_ESTABLISHED : TCP_CLOSE);
	}
	spin_unlock_pair(&sk->lock, &second->lock);
	if (done && old)
		sock_state_change(sk);
	return done;
}

/* @sk has left @old: what it sent is forgotten, and who chose @sk told. */
static void leave_peer(struct sock *sk, struct sock *old)
{
	drop_queue(sk);
	if (sock_flag(old, SOCK_DEAD) || READ_ONCE(unix_sk(old)->peer) != sk)
		return;
	WRITE_ONCE(old->err, ECONNRESET);
	sock_state_change(old);
}

static void set_peer(struct sock *sk, struct sock *new)
{
	struct sock *old;

	for (;;) {
		old = unix_peer_get(sk);
		if (replace_peer(sk, old, new))
			break;
		if (old)
			sock_put(old);
	}
	if (!old)
		return;
	if (old != new)
		leave_peer(sk, old);
	sock_put(old);	/* unix_peer_get()'s */
	sock_put(old);	/* the peer pointer's */
}

/*
 * A datagram socket without its peer: @expected (if it still is that), which
 * was found dead; or any, since @sk itself is being closed.
 */
void unix_disconnect(struct sock *sk, struct sock *expected)
{
	struct sock *old = expected ?: unix_peer_get(sk);

	if (!old)
		return;
	if (replace_peer(sk, old, NULL)) {
		if (expected)
			leave_peer(sk, old);
		sock_put(old);
	}
	if (!expected)
		sock_put(old);
}

/* The connect op of datagrams; AF_UNSPEC dissolves. */
int unix_dgram_connect(struct socket *sock, const void *address, int len,
		       unsigned int file_flags __unused)
{
	const struct sockaddr_un *addr = address;
	struct sock *sk = sock->sk, *other;
	int err;

	if (len < (int)sizeof(addr->sun_family))
		return -EINVAL;
	if (addr->sun_family == AF_UNSPEC) {
		set_peer(sk, NULL);
		return 0;
	}
	err = unix_check_address(addr, len);
	if (!err)
		err = unix_autobind_if_told(sk);
	if (err)
		return err;
	other = unix_find(addr, len, sk->type);
	if (IS_ERR(other))
		return PTR_ERR(other);
	if (!unix_may_send(sk, other)) {
		sock_put(other);
		return -EPERM;
	}
	set_peer(sk, other);
	return 0;
}
