/*
 * What the tests of netlink sockets share.
 */
#pragma once

#include "test.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ADDR_LEN	sizeof(struct sockaddr_nl)

static inline int open_netlink(int protocol)
{
	return OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
}

static inline int bind_port(int fd, unsigned port, unsigned groups)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = port,
				  .nl_groups = groups };

	return bind(fd, (struct sockaddr *)&nl, sizeof(nl));
}

/* A bound socket of the protocol between programs. */
static inline int open_bound(unsigned port)
{
	int fd = open_netlink(NETLINK_USERSOCK);

	OK(bind_port(fd, port, 0));
	return fd;
}

static inline int connect_port(int fd, unsigned port, unsigned groups)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = port,
				  .nl_groups = groups };

	return connect(fd, (struct sockaddr *)&nl, sizeof(nl));
}

static inline ssize_t send_port(int fd, unsigned port, unsigned groups,
				const void *data, size_t len, int flags)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = port,
				  .nl_groups = groups };

	return sendto(fd, data, len, flags, (struct sockaddr *)&nl,
		      sizeof(nl));
}

static inline void expect_name(int fd, bool peer, unsigned port,
			       unsigned groups)
{
	struct sockaddr_nl nl = { .nl_pad = 77 };
	socklen_t len = sizeof(nl);

	if (peer)
		OK(getpeername(fd, (struct sockaddr *)&nl, &len));
	else
		OK(getsockname(fd, (struct sockaddr *)&nl, &len));
	EXPECT_EQ(len, ADDR_LEN);
	EXPECT_EQ(nl.nl_family, AF_NETLINK);
	EXPECT_EQ(nl.nl_pad, 0);
	EXPECT_EQ(nl.nl_pid, port);
	EXPECT_EQ(nl.nl_groups, groups);
}

static inline unsigned port_of(int fd)
{
	struct sockaddr_nl nl;
	socklen_t len = sizeof(nl);

	OK(getsockname(fd, (struct sockaddr *)&nl, &len));
	return nl.nl_pid;
}

/* The next message is @text, of @port by @groups. */
static inline void expect_message(int fd, const char *text, unsigned port,
				  unsigned groups)
{
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);
	char buf[64] = {};

	EXPECT_EQ(recvfrom(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT,
			   (struct sockaddr *)&from, &len), strlen(text));
	EXPECT_STR(buf, text);
	EXPECT_EQ(len, ADDR_LEN);
	EXPECT_EQ(from.nl_family, AF_NETLINK);
	EXPECT_EQ(from.nl_pad, 0);
	EXPECT_EQ(from.nl_pid, port);
	EXPECT_EQ(from.nl_groups, groups);
}

static inline void expect_empty(int fd)
{
	char c;

	EXPECT_ERR(recv(fd, &c, 1, MSG_DONTWAIT), EAGAIN);
}

static inline int events_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT |
			    POLLRDNORM | POLLWRNORM | POLLRDHUP | POLLWRBAND };

	OK(poll(&p, 1, 0));
	return p.revents;
}

#define WRITABLE	(POLLOUT | POLLWRNORM | POLLWRBAND)
#define READABLE	(POLLIN | POLLRDNORM)
