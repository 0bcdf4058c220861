/*
 * Waiting for many descriptors: poll(2) and select(2).
 *
 * The same event bits are what a file's poll operation answers with, and what
 * epoll(7) reports.
 *
 * Source: man 2 poll, man 2 select.
 */
#pragma once

#include <uapi/types.h>

#define POLLIN		0x0001
#define POLLPRI		0x0002
#define POLLOUT		0x0004
#define POLLERR		0x0008	/* these three are always reported */
#define POLLHUP		0x0010
#define POLLNVAL	0x0020
#define POLLRDNORM	0x0040
#define POLLRDBAND	0x0080
#define POLLWRNORM	0x0100
#define POLLWRBAND	0x0200
#define POLLMSG		0x0400
#define POLLREMOVE	0x1000
#define POLLRDHUP	0x2000

struct pollfd {
	__s32	fd;		/* negative: skip this entry */
	__s16	events;
	__s16	revents;
};

/*
 * select(2): sets are arrays of 64-bit words, bit n of the whole array for
 * descriptor n. Only the words that nfds needs are read, so the kernel has no
 * limit of its own; the fixed size is a C library's convention.
 */
#define __FD_SETSIZE	1024

struct __kernel_fd_set {
	__u64	fds_bits[__FD_SETSIZE / 64];
};

/* The sixth argument of pselect6(2): a signal set and its size. */
struct pselect6_sigmask {
	__u64	ss;
	__u64	ss_len;
};
