/*
 * sock: one end of a conversation, what all families have in common.
 *
 * A struct socket belongs to an open file; a struct sock to the protocol. They
 * mostly live together, but not always: a connection that nobody has accepted
 * yet is a sock without a socket, and a sock whose file is closed lives on
 * while others refer to it. Families embed it at the start of their own.
 *
 * What is sent is charged to the sender: @wmem counts the bytes of memory of
 * its messages that nobody has read yet, and when it reaches @sndbuf, senders
 * wait. It starts at 1, and who brings it to 0 frees the sock; so a message on
 * its way keeps its sender's memory without counting a reference.
 *
 * Field protection:  [C] constant after creation  [L] @lock; single words are
 * read freely  [A] atomic  [U] whoever has the file; torn values are harmless
 */
#pragma once

#include <keel/atomic.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <net/skb.h>
#include <net/socket.h>

struct cred;
struct pid;

/* sock->state: the names are TCP's, everyone uses them. */
#define TCP_ESTABLISHED	1
#define TCP_CLOSE	7
#define TCP_LISTEN	10

/* sock->shutdown */
#define RCV_SHUTDOWN	1
#define SEND_SHUTDOWN	2
#define SHUTDOWN_MASK	3

/* Bits of sock->flags. */
enum sock_flag {
	SOCK_DEAD,		/* its file is closed */
	SOCK_PASSCRED,		/* tell with each message who sent it */
	SOCK_DBG,
	SOCK_LOCALROUTE,
	SOCK_BROADCAST,
	SOCK_KEEPOPEN,
	SOCK_URGINLINE,
	SOCK_NO_CHECK,
	SOCK_PASSSEC,
	SOCK_RXQ_OVFL,
	SOCK_WIFI_STATUS,
	SOCK_NOFCS,
	SOCK_SELECT_ERR_QUEUE,
	SOCK_RCVMARK,
	SOCK_STAMP,		/* tell when a message came ... */
	SOCK_STAMP_NS,		/* ... in nanoseconds */
	SOCK_STAMP_NEW,		/* ... in the newer layout */
	SOCK_LINGER,
	SOCK_MISSES_ROOM,	/* who is told by signals polled for room */
	SOCK_READS_ASLEEP,	/* ... sleeps for data, and needs no signal */
};

struct sock {
	struct refcount		refs;
	unsigned char		state;		/* [L] TCP_* */
	unsigned char		shutdown;	/* [L] RCV_, SEND_SHUTDOWN */
	short			type;		/* [C] SOCK_* */
	short			family;		/* [C] */
	bool			reuse;		/* [U] */
	unsigned char		protocol;	/* [C] the family's number */
	unsigned long		flags;		/* [A] 1 << enum sock_flag */
	atomic_t		wmem;		/* [A] sent, not read; plus 1 */
	int			err;		/* [A] told once */
	int			sndbuf, rcvbuf;	/* [U] */
	struct spinlock		lock;
	unsigned int		queue_len;	/* [L] messages in the queue */
	unsigned int		max_backlog;	/* [L] so many, and one more */
	struct list_head	queue;		/* [L] received */
	struct wait_queue	read_wait;	/* for the queue, or its end */
	struct wait_queue	write_wait;	/* for room to send */
	struct fasync		*async;		/* told by signals */
	struct socket		*socket;	/* [L] NULL: none, or no more */
	void			(*destruct)(struct sock *sk);	/* [C] */
	int64_t			rcvtimeo, sndtimeo;	/* [U] ns */
	int			rcvlowat;	/* [U] */
	int			peek_off;	/* [L] -1: not in use */
	int			priority;	/* [U] */
	int			mark;		/* [U] */
	int			incoming_cpu;	/* [U] */
	int			buf_lock;	/* [U] SOCK_SNDBUF_LOCK, ... */
	unsigned long		pacing_rate;	/* [U] */
	unsigned int		linger_seconds;	/* [U] */
	uint64_t		cookie;		/* [A] 0: nobody asked yet */
	struct pid		*peer_pid;	/* [L] who made the other end */
	const struct cred	*peer_cred;	/* [L] */
};

/* sock->buf_lock: which sizes the program has chosen. */
#define SOCK_SNDBUF_LOCK	1
#define SOCK_RCVBUF_LOCK	2

#define SNDBUF_DEFAULT	212992
#define SNDBUF_MAX	212992	/* what SO_SNDBUF may ask for */
#define SNDBUF_MIN	4608
#define RCVBUF_MIN	2304

static inline bool sock_flag(const struct sock *sk, enum sock_flag flag)
{
	return READ_ONCE(sk->flags) & BIT(flag);
}

/* poll(2)'s idea of room: three quarters of the budget are free. */
static inline bool sock_writeable(const struct sock *sk)
{
	return atomic_read(&sk->wmem) <= READ_ONCE(sk->sndbuf) / 4;
}

void sock_init(struct sock *sk, struct socket *sock, int family);
void sock_assign_flag(struct sock *sk, enum sock_flag flag, bool on);
void sock_free(struct sock *sk);
int sock_error(struct sock *sk);
struct sk_buff *sock_alloc_send_skb(struct sock *sk, size_t len, bool nonblock,
				    int *err);
void sock_wfree(struct sk_buff *skb);
void sock_state_change(struct sock *sk);
void sock_missed_room(struct sock *sk);
void sock_set_peer_cred(struct sock *sk, struct pid *pid,
			const struct cred *cred);
int sock_intr_errno(int64_t timeo);
void sock_put_timestamp(const struct sock *sk, struct msghdr *msg,
			uint64_t stamp_ns);

static inline void sock_hold(struct sock *sk)
{
	refcount_get(&sk->refs);
}

static inline void sock_put(struct sock *sk)
{
	if (refcount_put(&sk->refs))
		sock_free(sk);
}

static inline int64_t sock_rcvtimeo(const struct sock *sk, bool nonblock)
{
	return nonblock ? 0 : READ_ONCE(sk->rcvtimeo);
}

static inline int64_t sock_sndtimeo(const struct sock *sk, bool nonblock)
{
	return nonblock ? 0 : READ_ONCE(sk->sndtimeo);
}

/*
 * Sleep on @wq until @cond holds, for at most *@timeo ns, which becomes what is
 * left. @prepare: prepare_to_wait, or _exclusive. Value: 0, also when the time
 * is over (the caller looks again, and then finds *@timeo 0); -ERESTARTSYS or
 * -EINTR. A macro for the sake of @cond.
 */
#define sock_wait(wq, cond, prepare, timeo) ({ \
	int64_t sock_left; \
	int sock_err = 0; \
	might_sleep(); \
	sock_left = WAIT_LOOP(wq, cond, TASK_INTERRUPTIBLE, prepare, \
			      *(timeo)); \
	if (sock_left < 0) \
		sock_err = sock_intr_errno(*(timeo)); \
	else if (*(timeo) != WAIT_FOREVER) \
		*(timeo) = sock_left; \
	sock_err; })
