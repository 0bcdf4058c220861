/*
 * epoll(7) and eventfd(2).
 *
 * struct epoll_event is packed on x86-64, so that 32-bit programs have the
 * same layout: 12 bytes, data unaligned.
 *
 * Source: man 7 epoll, man 2 epoll_ctl, man 2 eventfd.
 */
#pragma once

#include <uapi/types.h>

#define EPOLL_CLOEXEC	02000000	/* O_CLOEXEC */

#define EPOLL_CTL_ADD	1
#define EPOLL_CTL_DEL	2
#define EPOLL_CTL_MOD	3

#define EPOLLIN		0x00000001U
#define EPOLLPRI	0x00000002U
#define EPOLLOUT	0x00000004U
#define EPOLLERR	0x00000008U
#define EPOLLHUP	0x00000010U
#define EPOLLNVAL	0x00000020U
#define EPOLLRDNORM	0x00000040U
#define EPOLLRDBAND	0x00000080U
#define EPOLLWRNORM	0x00000100U
#define EPOLLWRBAND	0x00000200U
#define EPOLLMSG	0x00000400U
#define EPOLLRDHUP	0x00002000U
#define EPOLLEXCLUSIVE	(1U << 28)	/* wake one of several waiters */
#define EPOLLWAKEUP	(1U << 29)
#define EPOLLONESHOT	(1U << 30)	/* then silent until EPOLL_CTL_MOD */
#define EPOLLET		(1U << 31)	/* report changes, not states */

struct epoll_event {
	__u32	events;
	__u64	data;		/* the caller's, handed back */
} __attribute__((packed));

#define EFD_SEMAPHORE	(1 << 0)
#define EFD_CLOEXEC	02000000	/* O_CLOEXEC */
#define EFD_NONBLOCK	00004000	/* O_NONBLOCK */
