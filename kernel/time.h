/*
 * What time it is, and the arithmetic of times.
 *
 * CLOCK_MONOTONIC is arch's nanosecond counter, readable in any context;
 * everything inside the kernel that measures or waits uses it.
 * CLOCK_REALTIME is that plus an offset, which the RTC gives at boot and
 * clock_settime(2) changes, and CLOCK_TAI that plus another. CLOCK_BOOTTIME
 * equals CLOCK_MONOTONIC as long as the machine cannot be suspended. All of
 * them go at the rate adjtimex(2) asks for, kernel/ntp.c;
 * CLOCK_MONOTONIC_RAW goes as the hardware does.
 */
#pragma once

#include <arch/clock.h>
#include <keel/compiler.h>
#include <uapi/time.h>

#define NSEC_PER_SEC	1000000000L
#define NSEC_PER_MSEC	1000000L
#define NSEC_PER_USEC	1000L
#define USEC_PER_SEC	1000000L
#define MSEC_PER_SEC	1000L
/* Of the tick-counting interfaces: USER_HZ is 100. */
#define NSEC_PER_CLOCK_TICK	(NSEC_PER_SEC / USER_HZ)

static inline uint64_t ktime_get_ns(void)
{
	return clock_mono_ns();
}

static inline uint64_t ktime_get_boottime_ns(void)
{
	return clock_mono_ns();
}

/* Times beyond what 64 bits of ns hold (292 years) count as "never". */
static inline int64_t timespec_to_ns(const struct timespec *ts)
{
	if (ts->tv_sec >= INT64_MAX / NSEC_PER_SEC)
		return INT64_MAX;
	if (ts->tv_sec <= INT64_MIN / NSEC_PER_SEC)
		return INT64_MIN;
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

/* Rounds towards the past, so that tv_nsec is in [0, 1e9) before 1970 too. */
static inline struct timespec ns_to_timespec(int64_t ns)
{
	struct timespec ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += NSEC_PER_SEC;
	}
	return ts;
}

static inline struct timeval ns_to_timeval(int64_t ns)
{
	struct timespec ts = ns_to_timespec(ns);

	return (struct timeval){ ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC };
}

static inline int64_t timeval_to_ns(const struct timeval *tv)
{
	struct timespec ts = { tv->tv_sec, tv->tv_usec * NSEC_PER_USEC };

	return timespec_to_ns(&ts);
}

/* As the waiting calls ask: not negative, and the fraction is one. */
static inline bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && (unsigned long)ts->tv_nsec < NSEC_PER_SEC;
}

static inline bool timeval_valid(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && (unsigned long)tv->tv_usec < USEC_PER_SEC;
}

/* CLOCK_MONOTONIC, @ns from now; never wraps. */
static inline uint64_t ktime_after(uint64_t ns)
{
	uint64_t now = ktime_get_ns();

	return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

/* The clocks that count real time; alarm clocks are the same to us. */
int64_t clock_now_ns(int clock);
int64_t clock_offset_ns(int clock);

static inline bool clock_is_wall(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM ||
	       clock == CLOCK_TAI;
}

int64_t ktime_get_real_ns(void);
struct timespec ktime_get_real_ts(void);
time64_t ktime_get_real_seconds(void);
int64_t ktime_real_offset_ns(void);
void ktime_set_real(int64_t ns);
int ktime_step_real(int64_t delta_ns);
int ktime_tai_seconds(void);
void ktime_set_tai(int seconds);
void ktime_leap(int seconds);
/* Does clock_gettime(2) know the clock @id? Of anyone's CPU time: by form. */
bool clock_exists(int id);

/* A clock that is an open file: no driver here has one. */
static inline bool is_file_clock(int id)
{
	const int kind = CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_CLOCK_MASK;

	return id < 0 && (id & kind) == CLOCKFD;
}

void timekeeping_init(void);

/* Copying the structures, for system calls: 0 or -EFAULT. */
int get_timespec(struct timespec *, const struct timespec __user *);
int put_timespec(const struct timespec *, struct timespec __user *);
int get_timeval(struct timeval *, const struct timeval __user *);
int put_timeval(const struct timeval *, struct timeval __user *);
