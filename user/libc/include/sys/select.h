/*
 * select: wait for several descriptors, as sets of bits.
 *
 * The sets hold descriptors below FD_SETSIZE and no others; programs with
 * more use poll.
 */
#pragma once

#include <uapi/signal.h>
#include <uapi/time.h>

#define FD_SETSIZE	1024

typedef struct {
	unsigned long	bits[FD_SETSIZE / 64];
} fd_set;

#define FD_ZERO(set)		(*(set) = (fd_set){ 0 })
#define FD_SET(fd, set)		((set)->bits[(fd) / 64] |= 1UL << (fd) % 64)
#define FD_CLR(fd, set)		((set)->bits[(fd) / 64] &= ~(1UL << (fd) % 64))
#define FD_ISSET(fd, set)	((set)->bits[(fd) / 64] >> (fd) % 64 & 1)

int select(int nr_fds, fd_set *restrict read, fd_set *restrict write,
	   fd_set *restrict except, struct timeval *restrict timeout);
int pselect(int nr_fds, fd_set *restrict read, fd_set *restrict write,
	    fd_set *restrict except, const struct timespec *restrict timeout,
	    const __kernel_sigset_t *restrict mask);
