/*
 * Sockets: what a socket descriptor's file stands for.
 *
 * A struct socket is the side that the system calls see, the same for every
 * family; the family's own object hangs on @sk (net/sock.h) and is reached
 * through @ops. It lives as long as its open file.
 *
 *	struct file -> struct socket -> struct sock, at the start of the
 *	(sockfs)       (ops)            family's own: struct unix_sock
 */
#pragma once

#include <fs/file.h>
#include <uapi/socket.h>

struct poll_table;
struct sock;
struct socket;

#define SOCK_MAX	11	/* socket types are below */
#define SOCK_TYPE_MASK	0xf	/* the rest of socket(2)'s type: flags */
#define SOCKADDR_MAX	128	/* the largest address */

/*
 * A message as the families see it. Sent: where it goes and what lies beside
 * it are in kernel memory already. Received: the family writes the sender's
 * address to @name and what lies beside it straight to the user, advancing
 * @control_user.
 */
struct msghdr {
	void		*name;		/* SOCKADDR_MAX bytes, or NULL */
	int		namelen;
	unsigned int	flags;		/* MSG_*; received: to be told */
	struct iov_iter	*iter;
	union {
		const char	*control;
		char __user	*control_user;
	};
	size_t		controllen;
};

/*
 * What a family supplies, per type of socket. All are called in process
 * context with a reference on the file and no lock, and may sleep (poll: not).
 * NULL: -EOPNOTSUPP (getname, release, poll, sendmsg, recvmsg: needed).
 *
 * Addresses are SOCKADDR_MAX bytes of kernel memory, @len of them the user's.
 * @file_flags: O_NONBLOCK matters. recvmsg gets MSG_* in @flags and adds what
 * is to be told to msg->flags. setsockopt and getsockopt are asked for levels
 * other than SOL_SOCKET. accept makes @newsock, which has a file but no
 * sock yet, the next connection. getname returns the address's length.
 */
struct proto_ops {
	int family;
	void (*release)(struct socket *sock);
	int (*bind)(struct socket *sock, const void *addr, int len);
	int (*connect)(struct socket *sock, const void *addr, int len,
		       unsigned int file_flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*listen)(struct socket *sock, unsigned int backlog);
	int (*accept)(struct socket *sock, struct socket *newsock,
		      unsigned int file_flags);
	int (*getname)(struct socket *sock, void *addr, bool peer);
	int (*shutdown)(struct socket *sock, int how);
	ssize_t (*sendmsg)(struct socket *sock, struct msghdr *msg);
	ssize_t (*recvmsg)(struct socket *sock, struct msghdr *msg,
			   unsigned int flags);
	unsigned int (*poll)(struct file *file, struct socket *sock,
			     struct poll_table *pt);
	long (*ioctl)(struct socket *sock, unsigned int cmd,
		      unsigned long arg);
	int (*setsockopt)(struct socket *sock, int level, int option,
			  const void __user *uval, int len);
	int (*getsockopt)(struct socket *sock, int level, int option,
			  void __user *uval, int __user *ulen);
	int (*set_peek_off)(struct sock *sk, int offset);
	void (*flush)(struct socket *sock);	/* a descriptor is closed */
};

struct socket {
	short			type;	/* [C] SOCK_* */
	const struct proto_ops	*ops;	/* [C] */
	struct sock		*sk;	/* [C] once created or accepted */
	struct file		*file;	/* [C] its own, not counted */
};

/*
 * A family: create gives @sock its ops and sk. Return: 0; -EPROTONOSUPPORT,
 * -ESOCKTNOSUPPORT, -ENOMEM, ...
 */
struct net_family {
	int	family;
	int	(*create)(struct socket *sock, int protocol);
};

struct socket *socket_of_file(const struct file *file);
void socket_init(void);

/* The families. */
extern const struct net_family unix_family;
extern const struct net_family netlink_family;
