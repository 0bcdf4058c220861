/*
 * Clocks and sleeping. The calendar is in calendar.c.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "syscall.h"

int clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)SYSCALL(sys2(__NR_clock_gettime, clock, (long)now));
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
	return (int)SYSCALL(sys2(__NR_clock_getres, clock, (long)resolution));
}

int clock_settime(clockid_t clock, const struct timespec *now)
{
	return (int)SYSCALL(sys2(__NR_clock_settime, clock, (long)now));
}

/* Seconds since 1970. Return: them, stored in *@now too unless NULL. */
time_t time(time_t *now)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) < 0)
		return -1;
	if (now)
		*now = ts.tv_sec;
	return ts.tv_sec;
}

/* CPU time used by this process. Return: it in microseconds, or -1. */
clock_t clock(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) < 0)
		return -1;
	return ts.tv_sec * CLOCKS_PER_SEC + ts.tv_nsec / 1000;
}

/* The zone argument is a relic; whoever passes one gets zeros. */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	return (int)SYSCALL(sys2(__NR_gettimeofday, (long)now, (long)zone));
}

int settimeofday(const struct timeval *now, const struct timezone *zone)
{
	return (int)SYSCALL(sys2(__NR_settimeofday, (long)now, (long)zone));
}

int getitimer(int which, struct itimerval *value)
{
	return (int)SYSCALL(sys2(__NR_getitimer, which, (long)value));
}

int setitimer(int which, const struct itimerval *restrict value,
	      struct itimerval *restrict old)
{
	return (int)SYSCALL(sys3(__NR_setitimer, which, (long)value,
				 (long)old));
}

/*
 * Sleep for @span, unless a signal handler runs.
 *
 * Return: 0, or -1 (EINTR, with the rest in *@left unless NULL; EINVAL).
 */
int nanosleep(const struct timespec *span, struct timespec *left)
{
	return (int)SYSCALL(sys2(__NR_nanosleep, (long)span, (long)left));
}

/*
 * Like nanosleep by any clock, or, with TIMER_ABSTIME, until a time.
 * POSIX gave this one call a result of its own kind: the error number.
 */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *span,
		    struct timespec *left)
{
	return (int)-sys4(__NR_clock_nanosleep, clock, flags, (long)span,
			  (long)left);
}

/* Sleep for seconds. Return: 0, or how many were left at a signal. */
unsigned sleep(unsigned seconds)
{
	struct timespec span = { .tv_sec = seconds }, left;

	if (nanosleep(&span, &left) == 0)
		return 0;
	return (unsigned)left.tv_sec + (left.tv_nsec > 0);
}

int usleep(useconds_t us)
{
	struct timespec span = {
		.tv_sec = us / 1000000,
		.tv_nsec = us % 1000000 * 1000,
	};

	return nanosleep(&span, NULL);
}

/* Have SIGALRM sent in @seconds; 0: do not. Return: what was left before. */
unsigned alarm(unsigned seconds)
{
	return (unsigned)sys1(__NR_alarm, seconds);
}

int pause(void)
{
	return (int)SYSCALL(sys0(__NR_pause));
}
