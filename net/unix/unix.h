/*
 * AF_UNIX: messages between sockets of one machine.
 *
 * There is no wire. sendmsg(2) fills an skb and appends it to the queue of the
 * peer; recvmsg(2) takes from the own queue. What bounds a queue is the budget
 * of the senders, and, where strangers may send, its length.
 *
 *	af_unix.c	making, closing, shutdown, poll; tables of operations
 *	addr.c		names: in the file system and abstract ones
 *	connect.c	pairs, listening, connecting, accepting
 *	send.c recv.c	the messages
 *	oob.c		the one byte of a stream that overtakes others
 *	garbage.c	sockets in flight, and those lost there
 *	proc.c		/proc/net/unix
 *
 * A stream or seqpacket socket gets its peer once and keeps it, even a dead
 * one, until it is closed itself; so who has its file may use @peer without a
 * reference. A datagram socket's may change: unix_peer_get() takes one.
 *
 * Locking: sk->lock guards a socket's queue, state and peer. Two of them are
 * held together only by connect (the listener's, then the caller's, which is
 * no listener), by the collector (a listener's, then that of who waits in its
 * queue) and, in address order, where a datagram socket meets its peer.
 * bind_lock and read_lock come first, and nothing is copied under sk->lock.
 *
 * Source: man 7 unix.
 */
#pragma once

#include <fs/path.h>
#include <kernel/mutex.h>
#include <net/scm.h>
#include <net/sock.h>
#include <uapi/un.h>

struct workqueue;

/* A name, shared by a listener and those it accepts. */
struct unix_address {
	struct refcount		refs;
	int			len;	/* of family and path */
	unsigned short		family;	/* as in struct sockaddr_un: */
	char			path[];	/* NUL first: abstract */
};

/*
 * Field protection: as struct sock;  [B] set once, with bind_lock held and a
 * release store  [T] the table's lock  [G] unix_gc_lock
 */
struct unix_sock {
	struct sock		sk;
	struct sock		*peer;		/* [L] counted */
	struct mutex		read_lock;	/* one reader at a time */
	struct mutex		bind_lock;
	struct unix_address	*addr;		/* [B] or NULL */
	struct path		path;		/* [B] of a name with a file */
	struct hlist_node	node;		/* [T] all sockets */
	unsigned int		bucket;		/* [T] */
	struct hlist_node	inode_node;	/* [T] by path's inode */
	struct wait_queue	room_wait;	/* for room in our queue */
	struct list_head	room_pollers;	/* [L] sockets told the same */
	struct list_head	room_node;	/* [L: the peer's] in that */
	struct sk_buff		*mark;		/* [L] reads stop before it */
	bool			oob;		/* [L] mark is an urgent byte,
						 * and not yet taken */
	bool			mark_at_end;	/* [L] before what comes next */
	unsigned long		inflight;	/* [G] times in messages */
	unsigned long		gc_refs;	/* [G] not yet explained */
	bool			gc_suspect;	/* [G] nothing else refers */
	struct list_head	gc_node;	/* [G] of those in flight */
};

/* What lies in skb->cb in a queue of ours. */
struct unix_skb {
	struct pid		*pid;		/* the sender's; or NULL */
	struct scm_fp_list	*fp;		/* files that come with it */
	uid_t			uid;
	gid_t			gid;
	unsigned int		consumed;	/* [read_lock] of a stream */
	uint64_t		stamp_ns;	/* of a message: when; or 0 */
};
#define UNIX_SKB(skb)	((struct unix_skb *)(skb)->cb)
static_assert(sizeof(struct unix_skb) <= sizeof(((struct sk_buff *)0)->cb),
	      "it lies in cb");

#define UNIX_DGRAM_QLEN	10	/* messages of strangers in a queue */

static inline struct unix_sock *unix_sk(const struct sock *sk)
{
	return container_of(sk, struct unix_sock, sk);
}

/* The peer of a socket that keeps it; see above. */
static inline struct sock *unix_peer(const struct sock *sk)
{
	return smp_load_acquire(&unix_sk(sk)->peer);
}

static inline bool unix_keeps_peer(const struct sock *sk)
{
	return sk->type != SOCK_DGRAM;
}

/* More than so many are waiting: who wants to add one waits himself. */
static inline bool unix_queue_full(const struct sock *sk)
{
	return READ_ONCE(sk->queue_len) > READ_ONCE(sk->max_backlog);
}

/* Out of @sk's queue. Locking: sk->lock held. */
static inline void unix_unlink_skb(struct sock *sk, struct sk_buff *skb)
{
	list_del(&skb->node);
	WRITE_ONCE(sk->queue_len, sk->queue_len - 1);
}

/* Is the urgent byte no part of the stream? Locking: sk->lock held. */
static inline bool unix_oob_is_apart(const struct sock *sk)
{
	return unix_sk(sk)->oob && !sock_flag(sk, SOCK_URGINLINE);
}

/* af_unix.c */
struct sock *unix_sock_alloc(struct socket *sock, int type);
void unix_release_sock(struct sock *sk, bool embryo);
void unix_init(void);

/* addr.c */
int unix_check_address(const struct sockaddr_un *addr, int len);
int unix_bind(struct socket *sock, const void *addr, int len);
int unix_autobind(struct sock *sk);
int unix_autobind_if_told(struct sock *sk);
struct sock *unix_find(const struct sockaddr_un *addr, int len, int type);
int unix_put_name(const struct sock *sk, void *addr);
void unix_address_put(struct unix_address *addr);
void unix_table_add(struct sock *sk);
void unix_table_remove(struct sock *sk);
void unix_table_init(void);
struct sock *unix_table_next(struct sock *sk, unsigned int *bucket);
struct sock *unix_table_at(loff_t pos, unsigned int *bucket);
void unix_table_end(struct sock *sk, unsigned int bucket);

/* connect.c */
struct sock *unix_peer_get(struct sock *sk);
int unix_wait_for_room(struct sock *other, int64_t *timeo);
int unix_socketpair(struct socket *a, struct socket *b);
int unix_listen(struct socket *sock, unsigned int backlog);
int unix_accept(struct socket *sock, struct socket *newsock,
		unsigned int file_flags);
int unix_stream_connect(struct socket *sock, const void *addr, int len,
			unsigned int file_flags);
int unix_dgram_connect(struct socket *sock, const void *addr, int len,
		       unsigned int file_flags);
void unix_disconnect(struct sock *sk, struct sock *expected);
bool unix_may_send(const struct sock *sk, const struct sock *other);

/* send.c */
ssize_t unix_stream_sendmsg(struct socket *sock, struct msghdr *msg);
ssize_t unix_dgram_sendmsg(struct socket *sock, struct msghdr *msg);
ssize_t unix_seqpacket_sendmsg(struct socket *sock, struct msghdr *msg);

/* recv.c */
ssize_t unix_stream_recvmsg(struct socket *sock, struct msghdr *msg,
			    unsigned int flags);
ssize_t unix_dgram_recvmsg(struct socket *sock, struct msghdr *msg,
			   unsigned int flags);
ssize_t unix_seqpacket_recvmsg(struct socket *sock, struct msghdr *msg,
			       unsigned int flags);
struct sk_buff *unix_take_skb(struct sock *sk, bool nonblock, int *err);
void unix_room_freed(struct sock *sk);
int unix_set_peek_off(struct sock *sk, int offset);

/* oob.c */
void unix_mark_oob(struct sock *sk, struct sk_buff *skb);
struct sk_buff *unix_pass_mark(struct sock *sk);
void unix_tell_urgent(struct sock *sk);
ssize_t unix_recv_oob(struct sock *sk, struct msghdr *msg, unsigned int flags);
bool unix_at_mark(struct sock *sk);

/* garbage.c */
int unix_attach_fds(struct sk_buff *skb, struct scm_fp_list *fp);
void unix_detach_fds(struct sk_buff *skb, struct scm_cookie *scm);
struct scm_fp_list *unix_peek_fds(const struct sk_buff *skb);
void unix_gc_schedule(void);
bool unix_is_in_flight(const struct sock *sk);

/* proc.c */
void unix_proc_init(void);
