/*
 * Netlink messages: into a receiver's queue, and out of it. Read
 * net/netlink/netlink.h first.
 *
 * read_lock is held while an skb is looked at, so that a MSG_PEEK needs no
 * reference on it; it is dropped while asleep.
 */
#include "netlink.h"

#include <fs/fasync.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <net/scm.h>

/* ---- the messages themselves ------------------------------------------ */

/* The destructor: give the room back. The receiver is alive: see queue. */
static void netlink_skb_destruct(struct sk_buff *skb)
{
	struct netlink_skb *cb = NETLINK_SKB(skb);

	if (cb->receiver)
		atomic_sub(skb->truesize, &cb->receiver->rmem);
	pid_put(cb->pid);
}

/* A message of the kernel's, for nobody. Context: as @gfp. NULL: no memory. */
struct sk_buff *netlink_alloc_skb(size_t len, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(len, gfp);

	if (!skb)
		return NULL;
	skb->destructor = netlink_skb_destruct;
	*NETLINK_SKB(skb) = (struct netlink_skb){ .receiver = NULL };
	return skb;
}

/* The same message for one more receiver. */
static struct sk_buff *dup_message(const struct sk_buff *skb)
{
	struct sk_buff *new = skb_dup(skb, GFP_KERNEL);

	if (!new)
		return NULL;
	new->destructor = netlink_skb_destruct;
	*NETLINK_SKB(new) = *NETLINK_SKB(skb);
	NETLINK_SKB(new)->receiver = NULL;
	pid_get(NETLINK_SKB(new)->pid);
	return new;
}

/* ---- room ------------------------------------------------------------- */

/* One message fits always, however large. */
static bool has_room(const struct netlink_sock *nl, unsigned int bytes)
{
	unsigned int used = atomic_read(&nl->rmem);

	return !READ_ONCE(nl->congested) &&
	       (!used || (int)(used + bytes) <= READ_ONCE(nl->sk.rcvbuf));
}

static bool try_reserve(struct netlink_sock *nl, struct sk_buff *skb)
{
	unsigned int bytes = skb->truesize, used;

	if (READ_ONCE(nl->congested))
		return false;
	used = atomic_add_return(bytes, &nl->rmem);
	if (used != bytes && used > (unsigned int)READ_ONCE(nl->sk.rcvbuf)) {
		atomic_sub(bytes, &nl->rmem);
		return false;
	}
	NETLINK_SKB(skb)->receiver = nl;
	return true;
}

/*
 * Reserve room for @skb at @sk, waiting for at most *@timeo ns, which becomes
 * what is left. The room is @skb's until that is freed, and @sk must live as
 * long: whoever has neither queued nor freed @skb holds a reference.
 *
 * Context: may sleep. Return: 0; -EAGAIN: no room; -ESTALE: it has waited, or
 * @sk is closed: find the receiver once more; -ERESTARTSYS, -EINTR.
 */
int netlink_reserve(struct sock *sk, struct sk_buff *skb, int64_t *timeo)
{
	struct netlink_sock *nl = netlink_sk(sk);

	if (sock_flag(sk, SOCK_DEAD))
		return -ESTALE;
	if (likely(try_reserve(nl, skb)))
		return 0;
	if (!*timeo)
		return -EAGAIN;
	return sock_wait(&nl->room_wait,
			 has_room(nl, skb->truesize) ||
			 sock_flag(sk, SOCK_DEAD),
			 prepare_to_wait, timeo) ?: -ESTALE;
}

/*
 * A message is lost: tell the receiver, once until it has caught up.
 * Context: process, as fasync_notify().
 */
void netlink_overrun(struct netlink_sock *nl)
{
	struct sock *sk = &nl->sk;
	bool tell = false;

	if (netlink_option(nl, NETLINK_OPT_NO_ENOBUFS))
		return;
	spin_lock(&sk->lock);
	if (!nl->congested) {
		/* Only reading ends it: of an empty queue nobody would. */
		WRITE_ONCE(nl->congested, !list_empty(&sk->queue));
		WRITE_ONCE(sk->err, ENOBUFS);
		tell = true;
	}
	spin_unlock(&sk->lock);
	if (!tell)
		return;
	wake_up_interruptible_all(&sk->read_wait);
	fasync_notify(&sk->async, POLL_ERR);
}

/* A message was read: whom does that help? */
static void room_freed(struct netlink_sock *nl)
{
	if (unlikely(READ_ONCE(nl->congested))) {
		SPIN_GUARD(&nl->sk.lock);
		if (list_empty(&nl->sk.queue))
			WRITE_ONCE(nl->congested, false);
	}
	if (!READ_ONCE(nl->congested))
		wake_up_interruptible_all(&nl->room_wait);
}

/* ---- queueing --------------------------------------------------------- */

/*
 * Append @skb, which has room reserved, to @sk's queue. Nobody is there any
 * more: it is lost. Takes @skb over, and no reference.
 * Context: process, as fasync_notify().
 */
void netlink_queue(struct sock *sk, struct sk_buff *skb)
{
	bool dead;

	spin_lock(&sk->lock);
	dead = sock_flag(sk, SOCK_DEAD);
	if (!dead) {
		list_add_tail(&skb->node, &sk->queue);
		WRITE_ONCE(sk->queue_len, sk->queue_len + 1);
	}
	spin_unlock(&sk->lock);
	if (unlikely(dead)) {
		kfree_skb(skb);
		return;
	}
	wake_up_sync_poll(&sk->read_wait, POLLIN | POLLRDNORM);
	fasync_notify(&sk->async, POLL_IN);
}

/* Free @skb, which has room reserved, instead. Context: process. */
void netlink_cancel(struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
	room_freed(netlink_sk(sk));
}

/* The netlink socket @file is, with a reference. ERR_PTR(-ENOTSOCK, -EINVAL) */
struct sock *netlink_sock_of_file(const struct file *file)
{
	struct socket *sock = socket_of_file(file);

	if (!sock)
		return ERR_PTR(-ENOTSOCK);
	if (sock->sk->family != AF_NETLINK)
		return ERR_PTR(-EINVAL);
	sock_hold(sock->sk);
	return sock->sk;
}

/* A copy of @skb for @nl, or it is told that it misses one. */
static void broadcast_to(struct netlink_sock *nl, const struct sk_buff *skb)
{
	struct sk_buff *copy = dup_message(skb);

	if (copy && try_reserve(nl, copy)) {
		netlink_queue(&nl->sk, copy);
		return;
	}
	if (copy)
		kfree_skb(copy);
	netlink_overrun(nl);
}

/* To all in @skb's group but the sender, and who gets it by its port. */
static void broadcast(struct netlink_sock *from, const struct sk_buff *skb,
		      uint32_t port)
{
	unsigned int group = NETLINK_SKB(skb)->group;
	struct netlink_sock *nl;
	unsigned long id = 0;

	while ((nl = netlink_next_member(from->protocol, group, &id)) != NULL) {
		if (nl != from &&
		    !(smp_load_acquire(&nl->bound) && nl->port == port))
			broadcast_to(nl, skb);
		sock_put(&nl->sk);
	}
}

/* Who has @port and hears @from, with a reference. ERR_PTR(-ECONNREFUSED) */
static struct netlink_sock *find_receiver(struct netlink_sock *from,
					  uint32_t port)
{
	struct netlink_sock *nl = netlink_find(from->protocol, port);
	bool hears;

	if (!nl)
		return ERR_PTR(-ECONNREFUSED);
	spin_lock(&nl->sk.lock);
	hears = nl->sk.state != TCP_ESTABLISHED || nl->peer_port == from->port;
	spin_unlock(&nl->sk.lock);
	if (hears)
		return nl;
	sock_put(&nl->sk);
	return ERR_PTR(-ECONNREFUSED);
}

/* To one socket. Return: 0, and @skb is taken over; -ECONNREFUSED, ... */
static int unicast(struct netlink_sock *from, struct sk_buff *skb,
		   uint32_t port, bool nonblock)
{
	int64_t timeo = sock_sndtimeo(&from->sk, nonblock);
	int err;

	do {
		struct netlink_sock *nl = find_receiver(from, port);

		if (IS_ERR(nl))
			return PTR_ERR(nl);
		err = netlink_reserve(&nl->sk, skb, &timeo);
		if (!err)
			netlink_queue(&nl->sk, skb);
		sock_put(&nl->sk);
	} while (err == -ESTALE);
	return err;
}

/* ---- sending ---------------------------------------------------------- */

struct target {
	uint32_t	port;
	uint32_t	group;	/* 0: none */
};

/* Return: 0; -EINVAL: no address; -EPERM. */
static int find_target(struct netlink_sock *nl, const struct msghdr *msg,
		       struct target *target)
{
	const struct sockaddr_nl *addr = msg->name;
	int err;

	if (!msg->namelen) {
		SPIN_GUARD(&nl->sk.lock);
		target->port = nl->peer_port;
		target->group = nl->peer_group;
		return 0;
	}
	err = netlink_check_address(addr, msg->namelen);
	if (err)
		return err;
	target->port = addr->nl_pid;
	target->group = __builtin_ffs(addr->nl_groups);
	if ((target->port || target->group) && !nl->protocol->all_may_send &&
	    !capable(CAP_NET_ADMIN))
		return -EPERM;
	return 0;
}

/* Every message says who sent it: what it claims in @scm, or what it is. */
static void sign(struct netlink_sock *nl, struct sk_buff *skb,
		 struct scm_cookie *scm)
{
	struct netlink_skb *cb = NETLINK_SKB(skb);

	cb->port = nl->port;
	if (scm->pid) {
		cb->pid = scm->pid;
		cb->uid = scm->uid;
		cb->gid = scm->gid;
		scm->pid = NULL;
	} else {
		cb->pid = pid_get(task_pid_of(current, PIDTYPE_TGID));
		cb->uid = current_uid();
		cb->gid = current_gid();
	}
}

/* Return: 0, and @skb is taken over; an errno. */
static int send_to(struct netlink_sock *nl, struct sk_buff *skb,
		   const struct target *target, bool nonblock)
{
	if (target->group)
		broadcast(nl, skb, target->port);
	if (target->port)
		return unicast(nl, skb, target->port, nonblock);
	if (!nl->protocol->request)
		return -ECONNREFUSED;
	netlink_ask_kernel(nl, skb);
	kfree_skb(skb);
	return 0;
}

static ssize_t send_message(struct netlink_sock *nl, struct msghdr *msg,
			    struct scm_cookie *scm)
{
	size_t len = iov_iter_count(msg->iter);
	struct target target;
	struct sk_buff *skb;
	int err = find_target(nl, msg, &target);

	if (!err)
		err = netlink_autobind(nl);
	if (err)
		return err;
	if (len > (size_t)READ_ONCE(nl->sk.sndbuf) - 32)
		return -EMSGSIZE;
	skb = netlink_alloc_skb(len, GFP_KERNEL);
	if (!skb)
		return -ENOBUFS;
	sign(nl, skb, scm);
	NETLINK_SKB(skb)->group = target.group;
	err = skb_fill(skb, msg->iter);
	if (!err)
		err = send_to(nl, skb, &target, msg->flags & MSG_DONTWAIT);
	if (!err)
		return len;
	kfree_skb(skb);
	return err;
}

/*
 * The sendmsg op. Return: the length; -ECONNREFUSED: nobody has the port;
 * -EAGAIN: its receiver has no room; -ENODATA: nothing to send; -EMSGSIZE,
 * -EPERM, -EINVAL, -EFAULT, -ENOBUFS, what scm_parse() says; a signal.
 */
ssize_t netlink_sendmsg(struct socket *sock, struct msghdr *msg)
{
	struct scm_cookie scm;
	ssize_t ret;

	if (msg->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!iov_iter_count(msg->iter))
		return -ENODATA;
	ret = scm_send(msg, &scm);
	if (ret)
		return ret;
	/* Files are for local sockets: nobody here would look for lost ones. */
	if (scm.fp)
		ret = -EINVAL;
	else
		ret = send_message(netlink_sk(sock->sk), msg, &scm);
	scm_destroy(&scm);
	return ret;
}

/* ---- receiving -------------------------------------------------------- */

/* The first message, taken out or looked at, or NULL. */
static struct sk_buff *first_message(struct sock *sk, bool peek)
{
	struct sk_buff *skb;

	SPIN_GUARD(&sk->lock);
	if (list_empty(&sk->queue))
		return NULL;
	skb = list_first_entry(&sk->queue, struct sk_buff, node);
	if (!peek) {
		list_del(&skb->node);
		WRITE_ONCE(sk->queue_len, sk->queue_len - 1);
	}
	return skb;
}

/* Who only looks does not use up the wake-up that a message is good for. */
static int wait_for_news(struct sock *sk, bool peek, int64_t *timeo)
{
	if (!*timeo)
		return -EAGAIN;
	if (peek)
		return sock_wait(&sk->read_wait, READ_ONCE(sk->queue_len) ||
				 READ_ONCE(sk->err), prepare_to_wait, timeo);
	return sock_wait(&sk->read_wait,
			 READ_ONCE(sk->queue_len) || READ_ONCE(sk->err),
			 prepare_to_wait_exclusive, timeo);
}

/* The next message, with read_lock held; ERR_PTR, and it is not held. */
static struct sk_buff *__no_lock_check
wait_for_message(struct netlink_sock *nl, unsigned int flags)
{
	int64_t timeo = sock_rcvtimeo(&nl->sk, flags & MSG_DONTWAIT);
	bool peek = flags & MSG_PEEK;
	int err;

	do {
		struct sk_buff *skb = NULL;

		mutex_lock(&nl->read_lock);
		err = sock_error(&nl->sk);
		if (!err)
			skb = first_message(&nl->sk, peek);
		if (skb)
			return skb;
		mutex_unlock(&nl->read_lock);
		if (!err)
			err = wait_for_news(&nl->sk, peek, &timeo);
	} while (!err);
	return ERR_PTR(err);
}

/* What is told beside the data. */
static void tell_about(const struct netlink_sock *nl, const struct sk_buff *skb,
		       struct msghdr *msg, struct scm_cookie *scm)
{
	const struct netlink_skb *cb = NETLINK_SKB(skb);
	struct nl_pktinfo info = { .group = cb->group };

	if (msg->name) {
		*(struct sockaddr_nl *)msg->name = (struct sockaddr_nl){
			.nl_family = AF_NETLINK,
			.nl_pid = cb->port,
			.nl_groups = netlink_group_mask(cb->group),
		};
		msg->namelen = sizeof(struct sockaddr_nl);
	}
	if (netlink_option(nl, NETLINK_OPT_PKTINFO))
		scm_put_cmsg(msg, SOL_NETLINK, NETLINK_PKTINFO, &info,
			     sizeof(info));
	scm->pid = pid_get(cb->pid);
	scm->uid = cb->uid;
	scm->gid = cb->gid;
}

/*
 * The recvmsg op. Return: bytes (with MSG_TRUNC in @flags: the message's
 * length); -EAGAIN; -ENOBUFS: some were lost; -EFAULT, and this one is, too; a
 * signal.
 */
ssize_t __no_lock_check
netlink_recvmsg(struct socket *sock, struct msghdr *msg, unsigned int flags)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	struct scm_cookie scm;
	struct sk_buff *skb;
	ssize_t ret;
	size_t want;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	skb = wait_for_message(nl, flags);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	scm_init(&scm);
	want = min_t(size_t, skb->len, iov_iter_count(msg->iter));
	if (want < skb->len)
		msg->flags |= MSG_TRUNC;
	ret = flags & MSG_TRUNC ? skb->len : want;
	if (skb_copy_to_iter(skb, 0, want, msg->iter) < want)
		ret = -EFAULT;
	else
		tell_about(nl, skb, msg, &scm);
	if (!(flags & MSG_PEEK))
		kfree_skb(skb);
	mutex_unlock(&nl->read_lock);
	room_freed(nl);
	if (ret >= 0)
		scm_put(sock->sk, msg, &scm, flags);
	return ret;
}
