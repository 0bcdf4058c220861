/*
 * Time: reading clocks, sleeping, and the calendar.
 *
 * There are no time zones: local time is UTC here (calendar.c).
 */
#pragma once

#include <sys/types.h>
#include <uapi/time.h>

#define CLOCKS_PER_SEC	1000000L

/* A point in time, taken apart. */
struct tm {
	int		tm_sec;		/* 0 to 60 */
	int		tm_min;
	int		tm_hour;
	int		tm_mday;	/* 1 to 31 */
	int		tm_mon;		/* 0 to 11 */
	int		tm_year;	/* since 1900 */
	int		tm_wday;	/* 0 is Sunday */
	int		tm_yday;	/* 0 to 365 */
	int		tm_isdst;
	long		tm_gmtoff;	/* seconds east of UTC */
	const char	*tm_zone;
};

time_t time(time_t *now);
clock_t clock(void);
int clock_gettime(clockid_t clock, struct timespec *now);
int clock_getres(clockid_t clock, struct timespec *resolution);
int clock_settime(clockid_t clock, const struct timespec *now);
int nanosleep(const struct timespec *span, struct timespec *left);
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *span,
		    struct timespec *left);

struct tm *gmtime(const time_t *when);
struct tm *gmtime_r(const time_t *restrict when, struct tm *restrict tm);
struct tm *localtime(const time_t *when);
struct tm *localtime_r(const time_t *restrict when, struct tm *restrict tm);
time_t timegm(struct tm *tm);
time_t mktime(struct tm *tm);
size_t strftime(char *restrict dst, size_t size, const char *restrict fmt,
		const struct tm *restrict tm);
char *asctime(const struct tm *tm);
char *asctime_r(const struct tm *restrict tm, char *restrict dst);
char *ctime(const time_t *when);
