/*
 * Limits, priorities and the bill: getrlimit(2), setpriority(2),
 * getrusage(2).
 *
 * A limit is a pair: the soft value is enforced, the hard value is the
 * ceiling up to which the process may raise the soft one by itself.
 *
 * Source: man 2 getrlimit, man 2 getrusage, man 2 getpriority.
 */
#pragma once

#include <uapi/time.h>
#include <uapi/types.h>

#define RLIMIT_CPU		0	/* seconds of CPU time */
#define RLIMIT_FSIZE		1	/* bytes of one file */
#define RLIMIT_DATA		2	/* bytes of private writable memory */
#define RLIMIT_STACK		3	/* bytes of the main stack */
#define RLIMIT_CORE		4	/* bytes of a core file */
#define RLIMIT_RSS		5	/* not enforced */
#define RLIMIT_NPROC		6	/* tasks of one real user */
#define RLIMIT_NOFILE		7	/* highest descriptor + 1 */
#define RLIMIT_MEMLOCK		8	/* bytes locked in memory */
#define RLIMIT_AS		9	/* bytes of address space */
#define RLIMIT_LOCKS		10	/* not enforced */
#define RLIMIT_SIGPENDING	11	/* queued signals of one real user */
#define RLIMIT_MSGQUEUE		12	/* bytes in POSIX message queues */
#define RLIMIT_NICE		13	/* lowest nice value is 20 - limit */
#define RLIMIT_RTPRIO		14	/* highest real-time priority */
#define RLIMIT_RTTIME		15	/* us of real-time CPU use at a time */
#define RLIM_NLIMITS		16

#define RLIM_INFINITY		(~0UL)
#define RLIM64_INFINITY		(~0ULL)

struct rlimit {
	__u64	rlim_cur;
	__u64	rlim_max;
};

/* prlimit64(2); the same on a 64-bit machine. */
struct rlimit64 {
	__u64	rlim_cur;
	__u64	rlim_max;
};

#define RUSAGE_SELF		0
#define RUSAGE_CHILDREN		(-1)	/* those waited for, and theirs */
#define RUSAGE_THREAD		1

/* Linux keeps only the fields with a remark; the others are 0. */
struct rusage {
	struct timeval	ru_utime;	/* time in user mode */
	struct timeval	ru_stime;	/* time in the kernel */
	__s64		ru_maxrss;	/* largest resident size, KiB */
	__s64		ru_ixrss;
	__s64		ru_idrss;
	__s64		ru_isrss;
	__s64		ru_minflt;	/* faults that needed no I/O */
	__s64		ru_majflt;	/* faults that did */
	__s64		ru_nswap;
	__s64		ru_inblock;	/* 512-byte blocks read */
	__s64		ru_oublock;	/* and written */
	__s64		ru_msgsnd;
	__s64		ru_msgrcv;
	__s64		ru_nsignals;
	__s64		ru_nvcsw;	/* gave the CPU up to wait */
	__s64		ru_nivcsw;	/* lost the CPU to another */
};

/* getpriority(2) returns 20 - nice, so that an error can be told apart. */
#define PRIO_MIN		(-20)
#define PRIO_MAX		20
#define PRIO_PROCESS		0
#define PRIO_PGRP		1
#define PRIO_USER		2
