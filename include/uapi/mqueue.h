/*
 * POSIX message queues.
 *
 * Source: man 7 mq_overview.
 */
#pragma once

#include <uapi/types.h>

#define MQ_PRIO_MAX	32768
#define MQ_BYTES_MAX	819200	/* RLIMIT_MSGQUEUE to begin with */

/* What SIGEV_THREAD sends to its netlink socket; the last byte says why. */
#define NOTIFY_COOKIE_LEN	32
#define NOTIFY_WOKENUP		1	/* a message has come */
#define NOTIFY_REMOVED		2	/* it is over */

struct mq_attr {
	__s64	mq_flags;
	__s64	mq_maxmsg;
	__s64	mq_msgsize;
	__s64	mq_curmsgs;
	__s64	__reserved[4];
};
