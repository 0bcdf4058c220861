/*
 * What the tests of splice(2) and its kin share: a pipe, and text to move.
 */
#pragma once

#include "test.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

#define ALL_FLAGS	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | \
			 SPLICE_F_GIFT)
#define NB		SPLICE_F_NONBLOCK
#define BAD		((void *)8)
#define CAPACITY	65536

static int r, w;		/* the pipe of most tests */

static inline void open_pipe(int flags)
{
	int p[2];

	OK(pipe2(p, flags));
	r = p[0];
	w = p[1];
}

static inline void close_pipe(void)
{
	OK(close(r));
	OK(close(w));
}

static inline void put(int fd, const char *text)
{
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
}

/* What a read of @fd returns is @text. */
static inline void expect_text(int fd, const char *text)
{
	char buf[200];
	ssize_t n = OK(read(fd, buf, sizeof(buf) - 1));

	buf[n] = '\0';
	EXPECT_STR(buf, text);
}

static inline int file_with(const char *name, const char *text)
{
	int fd = OK(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600));

	put(fd, text);
	OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

static inline int in_pipe(int fd)
{
	int n;

	OK(ioctl(fd, FIONREAD, &n));
	return n;
}
