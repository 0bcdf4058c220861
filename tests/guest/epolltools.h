/*
 * What the suites about epoll share: short ways to change a watch and to wait.
 * The data of an event is the descriptor, unless a test says otherwise.
 */
#pragma once

#include "sigtools.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#define FOREVER		(-1)

static inline int ctl(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.u64 = fd };

	return epoll_ctl(ep, op, fd, &e);
}

static inline void watch(int ep, int fd, uint32_t events)
{
	OK(ctl(ep, EPOLL_CTL_ADD, fd, events));
}

static inline void rearm(int ep, int fd, uint32_t events)
{
	OK(ctl(ep, EPOLL_CTL_MOD, fd, events));
}

static inline void forget(int ep, int fd)
{
	OK(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL));
}

/* Wait for one event: its bits, and in *@fd whose it is; 0: none came. */
static inline uint32_t wait_one(int ep, int *fd, int timeout)
{
	struct epoll_event e = {};
	int n = OK(epoll_wait(ep, &e, 1, timeout));

	if (fd)
		*fd = n ? e.data.fd : -1;
	return n ? e.events : 0;
}

static inline uint32_t now(int ep)
{
	return wait_one(ep, NULL, 0);
}

static inline void put(int fd)
{
	EXPECT_EQ(write(fd, "x", 1), 1);
}

static inline void get(int fd)
{
	char c;

	EXPECT_EQ(read(fd, &c, 1), 1);
}

static inline void close_pair(int fds[2])
{
	OK(close(fds[0]));
	OK(close(fds[1]));
}

static inline long ms_since(const struct timespec *start)
{
	struct timespec t;

	OK(clock_gettime(CLOCK_MONOTONIC, &t));
	return (t.tv_sec - start->tv_sec) * 1000 +
		(t.tv_nsec - start->tv_nsec) / 1000000;
}
