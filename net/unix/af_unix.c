/*
 * AF_UNIX sockets as such: making, closing, shutting down, polling. What the
 * folder's files share, and who locks what, is in net/unix/unix.h.
 */
#include "unix.h"

#include <arch/uaccess.h>
#include <fs/fasync.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <mm/slab.h>
#include <uapi/ioctl.h>

static struct kmem_cache *unix_cache __ro_after_init;

/* ---- making ----------------------------------------------------------- */

/* Nothing refers to it any more, not even a message on its way. */
static void unix_destruct(struct sock *sk)
{
	kmem_cache_free(unix_cache, unix_sk(sk));
}

/*
 * A socket connected to nothing, in the table. @sock NULL: nobody's yet.
 * Context: may sleep. Return: NULL: no memory.
 */
struct sock *unix_sock_alloc(struct socket *sock, int type)
{
	struct unix_sock *u = kmem_cache_zalloc(unix_cache,
						GFP_KERNEL_ACCOUNT);

	if (!u)
		return NULL;
	sock_init(&u->sk, sock, AF_UNIX);
	u->sk.type = type;
	u->sk.destruct = unix_destruct;
	u->sk.max_backlog = UNIX_DGRAM_QLEN;
	mutex_init(&u->read_lock, "unix_read", RANK_SOCKET);
	mutex_init(&u->bind_lock, "unix_bind", RANK_SOCKET);
	wait_queue_init(&u->room_wait);
	list_init(&u->room_pollers);
	list_init(&u->room_node);
	list_init(&u->gc_node);
	unix_table_add(&u->sk);
	return &u->sk;
}

/* ---- closing ---------------------------------------------------------- */

/* Stop both directions of @peer, whose other end is gone. */
static void hang_up(struct sock *peer, bool lost)
{
	spin_lock(&peer->lock);
	WRITE_ONCE(peer->shutdown, SHUTDOWN_MASK);
	if (lost)
		WRITE_ONCE(peer->err, ECONNRESET);
	spin_unlock(&peer->lock);
	sock_state_change(peer);
	fasync_notify(&peer->async, POLL_HUP);
}

/* Whoever polls for room in @sk's queue finds out that it is gone. */
static void dismiss_pollers(struct unix_sock *u)
{
	struct unix_sock *poller, *next;

	SPIN_GUARD(&u->sk.lock);
	list_for_each_entry_safe(poller, next, &u->room_pollers, room_node) {
		list_del_init(&poller->room_node);
		wake_up_interruptible_all(&poller->sk.write_wait);
	}
}

static void drop_unread(struct sock *sk, struct list_head *unread)
{
	struct sk_buff *skb, *next;

	list_for_each_entry_safe(skb, next, unread, node) {
		/* In a listener's queue: a connection nobody accepted. */
		if (sk->state == TCP_LISTEN)
			unix_release_sock(skb->sk, true);
		kfree_skb(skb);
	}
}

/*
 * The end of a socket: take it out of the world, tell the peer, drop what was
 * not read. @embryo: it never had a file; its peer is told that as a loss.
 * Context: may sleep. Drops the caller's reference.
 */
void unix_release_sock(struct sock *sk, bool embryo)
{
	struct unix_sock *u = unix_sk(sk);
	struct path path = u->path;
	struct sock *peer;
	LIST_HEAD(unread);

	unix_table_remove(sk);
	spin_lock(&sk->lock);
	sk->socket = NULL;
	sock_assign_flag(sk, SOCK_DEAD, true);
	WRITE_ONCE(sk->shutdown, SHUTDOWN_MASK);
	list_splice_init(&sk->queue, &unread);
	WRITE_ONCE(sk->queue_len, 0);
	u->mark = NULL;
	u->oob = u->mark_at_end = false;
	spin_unlock(&sk->lock);
	wake_up_interruptible_all(&u->room_wait);
	dismiss_pollers(u);
	peer = READ_ONCE(u->peer);
	if (peer && unix_keeps_peer(sk)) {
		hang_up(peer, !list_empty(&unread) || embryo);
		u->peer = NULL;
		sock_put(peer);
	} else if (peer) {
		unix_disconnect(sk, NULL);
	}
	drop_unread(sk, &unread);
	if (path.dentry)
		path_put(&path);
	if (u->addr)
		unix_address_put(u->addr);
	u->addr = NULL;
	sock_put(sk);
}

static void unix_release(struct socket *sock)
{
	unix_release_sock(sock->sk, false);
	unix_gc_schedule();
}

/* One descriptor fewer: if others are in flight, they may now be lost. */
static void unix_flush(struct socket *sock)
{
	if (unix_is_in_flight(sock->sk))
		unix_gc_schedule();
}

/* ---- half closing ----------------------------------------------------- */

static void add_shutdown(struct sock *sk, unsigned int mask)
{
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, sk->shutdown | mask);
	spin_unlock(&sk->lock);
	sock_state_change(sk);
}

/* The same at the other end, which has not done it itself. */
static void add_peer_shutdown(struct sock *peer, unsigned int mask)
{
	add_shutdown(peer, mask);
	if (mask == SHUTDOWN_MASK)
		fasync_notify(&peer->async, POLL_HUP);
	else if (mask & RCV_SHUTDOWN)
		fasync_notify(&peer->async, POLL_IN);
}

/* What one end does not send, the other one need not wait for. */
static int unix_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk, *peer;
	unsigned int mask = how + 1, mirrored = 0;

	add_shutdown(sk, mask);
	peer = unix_keeps_peer(sk) ? unix_peer(sk) : NULL;
	if (!peer)
		return 0;
	if (mask & RCV_SHUTDOWN)
		mirrored |= SEND_SHUTDOWN;
	if (mask & SEND_SHUTDOWN)
		mirrored |= RCV_SHUTDOWN;
	add_peer_shutdown(peer, mirrored);
	return 0;
}

/* ---- polling ---------------------------------------------------------- */

#define POLL_READ	(POLLIN | POLLRDNORM)
#define POLL_WRITE	(POLLOUT | POLLWRNORM | POLLWRBAND)

static unsigned int poll_common(struct file *file, struct sock *sk,
				struct poll_table *pt)
{
	unsigned int mask = 0, shutdown;

	poll_wait(file, &sk->read_wait, pt);
	poll_wait(file, &sk->write_wait, pt);
	shutdown = READ_ONCE(sk->shutdown);
	if (READ_ONCE(sk->err))
		mask |= POLLERR;
	if (shutdown == SHUTDOWN_MASK)
		mask |= POLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= POLLRDHUP | POLL_READ;
	if (READ_ONCE(sk->queue_len))
		mask |= POLL_READ;
	if (unlikely(READ_ONCE(unix_sk(sk)->oob)))
		mask |= POLLPRI;
	if (unix_keeps_peer(sk) && READ_ONCE(sk->state) == TCP_CLOSE)
		mask |= POLLHUP;
	return mask;
}

static bool is_writable(struct sock *sk)
{
	if (READ_ONCE(sk->state) == TCP_LISTEN)
		return false;
	if (likely(sock_writeable(sk)))
		return true;
	sock_missed_room(sk);
	return false;
}

static unsigned int unix_poll(struct file *file, struct socket *sock,
			      struct poll_table *pt)
{
	unsigned int mask = poll_common(file, sock->sk, pt);

	return is_writable(sock->sk) ? mask | POLL_WRITE : mask;
}

/*
 * Is the queue of @sk's peer full of strangers' messages? Then @sk's
 * write_wait is woken when there is room: it joins the peer's room_pollers.
 */
static bool peer_is_full(struct sock *sk)
{
	struct sock *peer = unix_peer_get(sk);
	bool full = false;

	if (!peer)
		return false;
	if (peer != sk && READ_ONCE(unix_sk(peer)->peer) != sk &&
	    unix_queue_full(peer)) {
		spin_lock_pair(&sk->lock, &peer->lock);
		full = unix_sk(sk)->peer == peer &&
		       !sock_flag(peer, SOCK_DEAD) && unix_queue_full(peer);
		if (full && list_empty(&unix_sk(sk)->room_node))
			list_add_tail(&unix_sk(sk)->room_node,
				      &unix_sk(peer)->room_pollers);
		spin_unlock_pair(&sk->lock, &peer->lock);
	}
	sock_put(peer);
	return full;
}

static unsigned int unix_dgram_poll(struct file *file, struct socket *sock,
				    struct poll_table *pt)
{
	struct sock *sk = sock->sk;
	unsigned int mask = poll_common(file, sk, pt);

	if (pt && !(pt->events & POLL_WRITE))
		return mask;
	if (is_writable(sk) && !peer_is_full(sk))
		mask |= POLL_WRITE;
	return mask;
}

/* ---- the rest --------------------------------------------------------- */

/* Unread bytes: all of them, or a datagram socket's first message. */
static int unread_bytes(struct sock *sk)
{
	struct sk_buff *skb;
	int bytes = 0;

	SPIN_GUARD(&sk->lock);
	list_for_each_entry(skb, &sk->queue, node) {
		bytes += skb->len - READ_ONCE(UNIX_SKB(skb)->consumed);
		if (sk->type == SOCK_DGRAM)
			break;
	}
	return bytes;
}

static long unix_ioctl(struct socket *sock, unsigned int cmd,
		       unsigned long arg)
{
	struct sock *sk = sock->sk;
	int value;

	switch (cmd) {
	case SIOCINQ:
		if (READ_ONCE(sk->state) == TCP_LISTEN)
			return -EINVAL;
		value = unread_bytes(sk);
		break;
	case SIOCATMARK:
		if (sk->type != SOCK_STREAM)
			return -EOPNOTSUPP;
		value = unix_at_mark(sk);
		break;
	case SIOCOUTQ:
		value = atomic_read(&sk->wmem) - 1;
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(value, (int __user *)arg);
}

static int unix_getname(struct socket *sock, void *addr, bool peer)
{
	struct sock *sk = sock->sk;
	int len;

	if (!peer)
		return unix_put_name(sk, addr);
	sk = unix_peer_get(sk);
	if (!sk)
		return -ENOTCONN;
	len = unix_put_name(sk, addr);
	sock_put(sk);
	return len;
}

/* ---- the tables of operations ----------------------------------------- */

static const struct proto_ops unix_stream_ops = {
	.family = AF_UNIX,
	.release = unix_release,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.socketpair = unix_socketpair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.sendmsg = unix_stream_sendmsg,
	.recvmsg = unix_stream_recvmsg,
	.poll = unix_poll,
	.ioctl = unix_ioctl,
	.set_peek_off = unix_set_peek_off,
	.flush = unix_flush,
};

static const struct proto_ops unix_dgram_ops = {
	.family = AF_UNIX,
	.release = unix_release,
	.bind = unix_bind,
	.connect = unix_dgram_connect,
	.socketpair = unix_socketpair,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.sendmsg = unix_dgram_sendmsg,
	.recvmsg = unix_dgram_recvmsg,
	.poll = unix_dgram_poll,
	.ioctl = unix_ioctl,
	.set_peek_off = unix_set_peek_off,
	.flush = unix_flush,
};

static const struct proto_ops unix_seqpacket_ops = {
	.family = AF_UNIX,
	.release = unix_release,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.socketpair = unix_socketpair,
	.listen = unix_listen,
	.accept = unix_accept,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.sendmsg = unix_seqpacket_sendmsg,
	.recvmsg = unix_seqpacket_recvmsg,
	.poll = unix_dgram_poll,
	.ioctl = unix_ioctl,
	.set_peek_off = unix_set_peek_off,
	.flush = unix_flush,
};

static const struct proto_ops *ops_of_type(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return &unix_stream_ops;
	case SOCK_DGRAM:
		return &unix_dgram_ops;
	case SOCK_SEQPACKET:
		return &unix_seqpacket_ops;
	default:
		return NULL;
	}
}

/* The family's create op. A raw socket is a datagram one, by old custom. */
static int unix_create(struct socket *sock, int protocol)
{
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	if (sock->type == SOCK_RAW)
		sock->type = SOCK_DGRAM;
	sock->ops = ops_of_type(sock->type);
	if (!sock->ops)
		return -ESOCKTNOSUPPORT;
	sock->sk = unix_sock_alloc(sock, sock->type);
	return sock->sk ? 0 : -ENOMEM;
}

const struct net_family unix_family = {
	.family = AF_UNIX,
	.create = unix_create,
};

/* Before: slab, /proc. After: AF_UNIX sockets can be made. */
void __init unix_init(void)
{
	unix_cache = kmem_cache_create("UNIX", sizeof(struct unix_sock), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	unix_table_init();
	unix_proc_init();
}
