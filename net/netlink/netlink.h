/*
 * AF_NETLINK: messages between programs and the kernel, or other programs.
 *
 * A netlink socket has a number, its port, usually that of its process; port 0
 * is the kernel. Each protocol has ports of its own, and groups, which a
 * socket may join to get what is sent to all of them.
 *
 *	af_netlink.c	making, naming, closing, polling; the family
 *	table.c		the protocols, and their sockets by port and group
 *	message.c	sending and receiving
 *	kernel.c	what the kernel is asked, and its answers
 *	options.c	setsockopt and getsockopt
 *
 * Nothing connects a sender with its messages: the receiver pays for what is
 * in its queue. So room is reserved before a message is queued, and a sender
 * waits for the receiver's room; who cannot wait (a broadcast, the kernel)
 * loses the message, and the receiver is told by ENOBUFS that it has missed
 * something. Then it gets nothing until it has read all it has, so that it
 * finds the place where something is missing.
 *
 * Locking: bind_lock and read_lock come first; then a protocol's lock; then
 * sk->lock. Nothing is copied under spinlocks.
 *
 * Source: man 7 netlink.
 */
#pragma once

#include <kernel/mutex.h>
#include <lib/xarray.h>
#include <net/sock.h>
#include <uapi/netlink.h>

struct file;
struct netlink_sock;
struct pid;

#define NETLINK_MAX_LINKS	32	/* protocol numbers are below */

/*
 * One protocol. @request: a program asks something of the kernel; in process
 * context, with no lock. NULL: the kernel does not listen. Its value: 0 or an
 * errno for NLMSG_ERROR to tell; NETLINK_ANSWERED: it has been told.
 */
struct netlink_protocol {
	int		number;
	unsigned int	nr_groups;	/* at most 64 */
	bool		all_may_listen;	/* join groups without privilege */
	bool		all_may_send;	/* to others than the kernel */
	int		(*request)(struct netlink_sock *asker,
				   const struct nlmsghdr *request);
	struct spinlock	lock;
	struct xarray	ports;		/* [lock] sockets by port */
	struct xarray	members;	/* [lock] those in groups, by join_id */
	unsigned long	last_join_id;	/* [lock] */
};

#define NETLINK_ANSWERED	1

/* Bits of netlink_sock.options: those that are a flag and nothing else. */
enum netlink_option {
	NETLINK_OPT_PKTINFO,
	NETLINK_OPT_BROADCAST_ERROR,
	NETLINK_OPT_NO_ENOBUFS,
	NETLINK_OPT_LISTEN_ALL_NSID,
	NETLINK_OPT_CAP_ACK,
	NETLINK_OPT_EXT_ACK,
	NETLINK_OPT_STRICT_CHK,
};

/*
 * Field protection: as struct sock;  [P] protocol->lock  [B] set once, with
 * bind_lock held: @port, then @bound by a release store
 */
struct netlink_sock {
	struct sock		sk;
	struct netlink_protocol	*protocol;	/* [C] */
	struct mutex		read_lock;	/* one reader at a time */
	struct mutex		bind_lock;
	uint32_t		port;		/* [B] */
	bool			bound;		/* [B] */
	bool			congested;	/* [L] missed one; see above */
	uint32_t		peer_port;	/* [L] of connect(2) */
	uint32_t		peer_group;	/* [L] 0: none */
	uint64_t		groups;		/* [P] group n: bit n - 1 */
	unsigned int		nr_groups;	/* [P] 0: never asked for any */
	unsigned long		join_id;	/* [P] 0: in no group */
	unsigned int		options;	/* [A] 1 << netlink_option */
	atomic_t		rmem;		/* [A] bytes reserved */
	struct wait_queue	room_wait;	/* for room in our queue */
};

/* What lies in skb->cb in a queue of ours. */
struct netlink_skb {
	struct netlink_sock	*receiver;	/* in whose room, or NULL */
	struct pid		*pid;		/* the sender's; NULL: kernel */
	uid_t			uid;
	gid_t			gid;
	uint32_t		port;		/* the sender's */
	uint32_t		group;		/* it was sent to, or 0 */
};
#define NETLINK_SKB(skb)	((struct netlink_skb *)(skb)->cb)
static_assert(sizeof(struct netlink_skb) <= sizeof(((struct sk_buff *)0)->cb),
	      "it lies in cb");

static inline struct netlink_sock *netlink_sk(const struct sock *sk)
{
	return container_of(sk, struct netlink_sock, sk);
}

static inline bool netlink_option(const struct netlink_sock *nl,
				  enum netlink_option option)
{
	return READ_ONCE(nl->options) & BIT(option);
}

/* Addresses say groups by a mask; the messages' own way is one number. */
static inline uint32_t netlink_group_mask(uint32_t group)
{
	return group && group <= 32 ? 1U << (group - 1) : 0;
}

/* af_netlink.c */
int netlink_check_address(const struct sockaddr_nl *addr, int len);
int netlink_autobind(struct netlink_sock *nl);
void netlink_init(void);

/* table.c */
struct netlink_protocol *netlink_find_protocol(int number);
struct netlink_sock *netlink_find(struct netlink_protocol *protocol,
				  uint32_t port);
struct netlink_sock *netlink_next_member(struct netlink_protocol *protocol,
					 unsigned int group, unsigned long *id);
int netlink_take_port(struct netlink_sock *nl, uint32_t port);
int netlink_set_groups(struct netlink_sock *nl, uint64_t clear, uint64_t set);
void netlink_leave(struct netlink_sock *nl);
void netlink_table_init(void);

/* message.c */
ssize_t netlink_sendmsg(struct socket *sock, struct msghdr *msg);
ssize_t netlink_recvmsg(struct socket *sock, struct msghdr *msg,
			unsigned int flags);

void netlink_overrun(struct netlink_sock *nl);

/* kernel.c */
void netlink_ask_kernel(struct netlink_sock *asker, const struct sk_buff *skb);
void netlink_answer(struct netlink_sock *asker, const struct kvec *parts,
		    unsigned int nr);
int route_request(struct netlink_sock *asker, const struct nlmsghdr *request);

/* options.c */
int netlink_setsockopt(struct socket *sock, int level, int option,
		       const void __user *uval, int len);
int netlink_getsockopt(struct socket *sock, int level, int option,
		       void __user *uval, int __user *ulen);

/*
 * message.c, for those parts of the kernel that send when something happens:
 * the message is made, and its room reserved, long before.
 */
struct sk_buff *netlink_alloc_skb(size_t len, gfp_t gfp);
struct sock *netlink_sock_of_file(const struct file *file);
int netlink_reserve(struct sock *sk, struct sk_buff *skb, int64_t *timeo);
void netlink_queue(struct sock *sk, struct sk_buff *skb);
void netlink_cancel(struct sock *sk, struct sk_buff *skb);
