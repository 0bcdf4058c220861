/*
 * Pieces of memory to read into or write from: readv(2) and its relatives.
 *
 * Source: man 2 readv, man 2 splice.
 */
#pragma once

#include <uapi/types.h>

struct iovec {
	void	*iov_base;
	__u64	iov_len;
};

#define UIO_FASTIOV		8	/* so many fit on the stack */
#define UIO_MAXIOV		1024	/* more is -EINVAL */

/* splice(2), tee(2), vmsplice(2). */
#define SPLICE_F_MOVE		0x01
#define SPLICE_F_NONBLOCK	0x02
#define SPLICE_F_MORE		0x04
#define SPLICE_F_GIFT		0x08
