/*
 * Netlink sockets as such: making, naming, closing, polling. What the folder's
 * files share is in net/netlink/netlink.h.
 *
 * Source: man 7 netlink.
 */
#include "netlink.h"

#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/random.h>
#include <kernel/task.h>
#include <mm/slab.h>

/* Ports that are given out when the process's own is taken end here. */
#define LAST_OTHER_PORT	(-4097)

/* ---- names ------------------------------------------------------------ */

/* Return: 0; -EINVAL: it is no netlink address. */
int netlink_check_address(const struct sockaddr_nl *addr, int len)
{
	return len < (int)sizeof(*addr) || addr->nl_family != AF_NETLINK ?
	       -EINVAL : 0;
}

/* Any port: the process's number, or a negative one. Locking: bind_lock. */
static int take_any_port(struct netlink_sock *nl)
{
	int err = netlink_take_port(nl, current->tgid);

	while (err == -EADDRINUSE) {
		uint32_t below = get_random_below(INT32_MAX +
						  (int64_t)LAST_OTHER_PORT);

		err = netlink_take_port(nl, LAST_OTHER_PORT - below);
	}
	return err;
}

/* Give @nl a port unless it has one. May sleep. Return: 0, -ENOMEM. */
int netlink_autobind(struct netlink_sock *nl)
{
	if (likely(smp_load_acquire(&nl->bound)))
		return 0;
	MUTEX_GUARD(&nl->bind_lock);
	return nl->bound ? 0 : take_any_port(nl);
}

static int bind_port(struct netlink_sock *nl, uint32_t port)
{
	MUTEX_GUARD(&nl->bind_lock);
	if (nl->bound)
		return nl->port == port ? 0 : -EINVAL;
	return port ? netlink_take_port(nl, port) : take_any_port(nl);
}

/* The groups of an address are the lowest 32, all of them. */
static int netlink_bind(struct socket *sock, const void *name, int len)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	const struct sockaddr_nl *addr = name;
	int err = netlink_check_address(addr, len);

	if (err)
		return err;
	if (addr->nl_groups && !nl->protocol->all_may_listen &&
	    !capable(CAP_NET_ADMIN))
		return -EPERM;
	err = bind_port(nl, addr->nl_pid);
	if (err || (!addr->nl_groups && !READ_ONCE(nl->nr_groups)))
		return err;
	return netlink_set_groups(nl, UINT32_MAX, addr->nl_groups);
}

static void set_peer(struct sock *sk, uint32_t port, uint32_t groups, int state)
{
	SPIN_GUARD(&sk->lock);
	netlink_sk(sk)->peer_port = port;
	netlink_sk(sk)->peer_group = __builtin_ffs(groups);
	WRITE_ONCE(sk->state, state);
}

/* From then on what names no receiver goes there, and no other is heard. */
static int netlink_connect(struct socket *sock, const void *name, int len,
			   unsigned int file_flags __unused)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	const struct sockaddr_nl *addr = name;
	int err;

	if (len < (int)sizeof(addr->nl_family))
		return -EINVAL;
	if (addr->nl_family == AF_UNSPEC) {
		set_peer(sock->sk, 0, 0, TCP_CLOSE);
		return 0;
	}
	err = netlink_check_address(addr, len);
	if (err)
		return err;
	if ((addr->nl_pid || addr->nl_groups) && !nl->protocol->all_may_send &&
	    !capable(CAP_NET_ADMIN))
		return -EPERM;
	err = netlink_autobind(nl);
	if (!err)
		set_peer(sock->sk, addr->nl_pid, addr->nl_groups,
			 TCP_ESTABLISHED);
	return err;
}

static int netlink_getname(struct socket *sock, void *name, bool peer)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	struct sockaddr_nl *addr = name;

	*addr = (struct sockaddr_nl){ .nl_family = AF_NETLINK };
	if (peer) {
		SPIN_GUARD(&nl->sk.lock);
		addr->nl_pid = nl->peer_port;
		addr->nl_groups = netlink_group_mask(nl->peer_group);
	} else {
		SPIN_GUARD(&nl->protocol->lock);
		addr->nl_pid = nl->bound ? nl->port : 0;
		addr->nl_groups = nl->groups;
	}
	return sizeof(*addr);
}

/* ---- the rest --------------------------------------------------------- */

/* Nothing holds a sender back but its receivers' room, which differs. */
static unsigned int netlink_poll(struct file *file, struct socket *sock,
				 struct poll_table *pt)
{
	struct sock *sk = sock->sk;
	unsigned int mask = POLLOUT | POLLWRNORM | POLLWRBAND;

	poll_wait(file, &sk->read_wait, pt);
	if (READ_ONCE(sk->err))
		mask |= POLLERR;
	if (READ_ONCE(sk->queue_len))
		mask |= POLLIN | POLLRDNORM;
	return mask;
}

static void netlink_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb, *next;
	LIST_HEAD(unread);

	netlink_leave(netlink_sk(sk));
	spin_lock(&sk->lock);
	sk->socket = NULL;
	sock_assign_flag(sk, SOCK_DEAD, true);
	list_splice_init(&sk->queue, &unread);
	WRITE_ONCE(sk->queue_len, 0);
	spin_unlock(&sk->lock);
	/* Who waits for room looks again, and finds nobody. */
	wake_up_interruptible_all(&netlink_sk(sk)->room_wait);
	list_for_each_entry_safe(skb, next, &unread, node)
		kfree_skb(skb);
	sock_put(sk);
}

static const struct proto_ops netlink_ops = {
	.family = AF_NETLINK,
	.release = netlink_release,
	.bind = netlink_bind,
	.connect = netlink_connect,
	.getname = netlink_getname,
	.sendmsg = netlink_sendmsg,
	.recvmsg = netlink_recvmsg,
	.poll = netlink_poll,
	.setsockopt = netlink_setsockopt,
	.getsockopt = netlink_getsockopt,
};

static void netlink_destruct(struct sock *sk)
{
	ASSERT(atomic_read(&netlink_sk(sk)->rmem) == 0);
	kfree(netlink_sk(sk));
}

static int netlink_create(struct socket *sock, int number)
{
	struct netlink_protocol *protocol;
	struct netlink_sock *nl;

	if (sock->type != SOCK_RAW && sock->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	protocol = netlink_find_protocol(number);
	if (!protocol)
		return -EPROTONOSUPPORT;
	nl = kzalloc(sizeof(*nl), GFP_KERNEL_ACCOUNT);
	if (!nl)
		return -ENOMEM;
	sock_init(&nl->sk, sock, AF_NETLINK);
	nl->sk.type = sock->type;
	nl->sk.protocol = number;
	nl->sk.destruct = netlink_destruct;
	nl->protocol = protocol;
	mutex_init(&nl->read_lock, "netlink_read", RANK_SOCKET);
	mutex_init(&nl->bind_lock, "netlink_bind", RANK_SOCKET);
	wait_queue_init(&nl->room_wait);
	sock->ops = &netlink_ops;
	sock->sk = &nl->sk;
	return 0;
}

const struct net_family netlink_family = {
	.family = AF_NETLINK,
	.create = netlink_create,
};

/* Before: slab. After: AF_NETLINK sockets can be made. */
void __init netlink_init(void)
{
	netlink_table_init();
}
