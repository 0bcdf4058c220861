/*
 * What the tests of local sockets share.
 */
#pragma once

#include "test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#ifndef SIOCINQ
#define SIOCINQ		0x541B
#define SIOCOUTQ	0x5411
#endif

static inline void make_pair(int type, int s[2])
{
	OK(socketpair(AF_UNIX, type, 0, s));
}

static inline void close_pair(int s[2])
{
	OK(close(s[0]));
	OK(close(s[1]));
}

static inline void set_nonblock(int fd)
{
	OK(fcntl(fd, F_SETFL, OK(fcntl(fd, F_GETFL)) | O_NONBLOCK));
}

/* What poll(2) says of @fd now, asked for everything. */
static inline int polled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT |
			    POLLRDNORM | POLLWRNORM | POLLRDHUP | POLLWRBAND };

	OK(poll(&p, 1, 0));
	return p.revents;
}

#define READABLE	(POLLIN | POLLRDNORM)
#define WRITABLE	(POLLOUT | POLLWRNORM | POLLWRBAND)

static inline void expect_text(int fd, const char *text)
{
	char buf[64] = "";

	EXPECT_EQ(read(fd, buf, sizeof(buf) - 1), strlen(text));
	EXPECT_STR(buf, text);
}

static inline void send_text(int fd, const char *text)
{
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
}

/* Fill @fd until it would block; how many bytes went in. */
static inline long fill(int fd, size_t piece)
{
	static char buf[65536];
	long total = 0;
	ssize_t n;

	while ((n = send(fd, buf, piece, MSG_DONTWAIT)) > 0)
		total += n;
	EXPECT_EQ(n, -1);
	EXPECT_EQ(errno, EAGAIN);
	return total;
}

static inline int int_option(int fd, int option)
{
	int value = -12345;
	socklen_t len = sizeof(value);

	OK(getsockopt(fd, SOL_SOCKET, option, &value, &len));
	EXPECT_EQ(len, sizeof(value));
	return value;
}

static const int types[] __attribute__((unused)) =
	{ SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
