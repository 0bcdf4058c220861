/* What the files of net/ share. */
#pragma once

#include <fs/files.h>
#include <net/socket.h>

/* The header that sendmsg(2) and recvmsg(2) get: Linux's struct msghdr. */
struct user_msghdr {
	void		*msg_name;
	int		msg_namelen;
	struct iovec	*msg_iov;
	__u64		msg_iovlen;
	void		*msg_control;
	__u64		msg_controllen;
	unsigned int	msg_flags;
};

/* What recvmmsg(2) and sendmmsg(2) get an array of. */
struct mmsghdr {
	struct user_msghdr	msg_hdr;
	unsigned int		msg_len;
};

/* net/socket.c */
int sock_get(unsigned int nr, struct fd *fd, struct socket **sock);
struct file *sock_alloc_file(struct socket *sock, int flags);
struct socket *sock_alloc(int type);

/* net/scm.c */
int sock_set_timestamp(struct sock *sk, int option, bool on);
int sock_get_timestamp(const struct sock *sk, int option, int *value);

/* net/names.c */
int sock_get_address(void *addr, const void __user *uaddr, int len);
int sock_put_address(const void *addr, int size, void __user *uaddr,
		     int __user *ulen);
