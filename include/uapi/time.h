/*
 * Time: clocks, and the structures that carry points and spans of time.
 *
 * CLOCK_REALTIME is the wall clock and may be set; CLOCK_MONOTONIC only ever
 * goes forward, and is what a time-out is measured with. The CPU-time clocks
 * of any process or thread can be had too: their ids are negative numbers
 * made from the pid, see below.
 *
 * Source: man 2 clock_gettime, man 2 timer_create, man 2 timerfd_create,
 * man 2 setitimer, man 2 times.
 */
#pragma once

#include <uapi/ioctl.h>
#include <uapi/types.h>

#define CLOCK_REALTIME			0
#define CLOCK_MONOTONIC			1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define CLOCK_MONOTONIC_RAW		4	/* not slewed by adjtimex */
#define CLOCK_REALTIME_COARSE		5	/* as of the last tick */
#define CLOCK_MONOTONIC_COARSE		6
#define CLOCK_BOOTTIME			7	/* counts suspended time too */
#define CLOCK_REALTIME_ALARM		8	/* would wake the machine */
#define CLOCK_BOOTTIME_ALARM		9
#define CLOCK_TAI			11	/* without leap seconds */
#define MAX_CLOCKS			16

/*
 * A negative clock id is ~number << 3 | kind: bit 2 says that number is a
 * thread rather than a process, bits 0-1 choose the clock. Kind 3 is a file
 * descriptor of a clock device instead.
 */
#define CPUCLOCK_PERTHREAD_MASK		4
#define CPUCLOCK_CLOCK_MASK		3
#define CPUCLOCK_PROF			0
#define CPUCLOCK_VIRT			1
#define CPUCLOCK_SCHED			2
#define CLOCKFD				3

/* tv_nsec is in [0, 1e9), also for times before 1970. */
struct timespec {
	__s64	tv_sec;
	__s64	tv_nsec;
};

struct timeval {
	__s64	tv_sec;
	__s64	tv_usec;
};

/* What settimeofday(2) once needed for summer time. */
struct timezone {
	__s32	tz_minuteswest;
	__s32	tz_dsttime;
};

/* A timer: first expiry, and the distance of the following ones (0: none). */
struct itimerspec {
	struct timespec	it_interval;
	struct timespec	it_value;
};

struct itimerval {
	struct timeval	it_interval;
	struct timeval	it_value;
};

/* setitimer(2): which time is counted, and the signal sent is ... */
#define ITIMER_REAL		0	/* SIGALRM */
#define ITIMER_VIRTUAL		1	/* SIGVTALRM, user time */
#define ITIMER_PROF		2	/* SIGPROF, user and system time */

/* clock_nanosleep(2), timer_settime(2). */
#define TIMER_ABSTIME		0x01

/* timerfd_create(2), timerfd_settime(2). */
#define TFD_TIMER_ABSTIME	(1 << 0)
#define TFD_TIMER_CANCEL_ON_SET	(1 << 1)
#define TFD_CLOEXEC		02000000	/* O_CLOEXEC */
#define TFD_NONBLOCK		00004000	/* O_NONBLOCK */

/* Make a timerfd believe that it has expired so often (a __u64). */
#define TFD_IOC_SET_TICKS	_IOW('T', 0, __u64)

/* times(2), in clock ticks. */
struct tms {
	__s64	tms_utime;
	__s64	tms_stime;
	__s64	tms_cutime;
	__s64	tms_cstime;
};

/* Ticks per second of every interface that counts in ticks. */
#define USER_HZ			100

/* utime(2). */
struct utimbuf {
	__s64	actime;
	__s64	modtime;
};

/* utimensat(2): values of tv_nsec that are no time. */
#define UTIME_NOW		((1L << 30) - 1L)
#define UTIME_OMIT		((1L << 30) - 2L)
