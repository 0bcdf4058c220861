/*
 * Clocks, sleeping, and the calendar from end to end.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void clocks_go_forward(void)
{
	struct timespec a, b;
	struct timeval tv;
	time_t now = time(NULL), stored;

	EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	for (int i = 0; i < 1000; i++) {
		EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
		EXPECT(b.tv_sec > a.tv_sec ||
		       (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
		a = b;
	}
	EXPECT_EQ(gettimeofday(&tv, NULL), 0);
	EXPECT(tv.tv_sec - now <= 1);
	now = time(&stored);
	EXPECT_EQ(stored, now);
	EXPECT(clock() >= 0);
	EXPECT_ERRNO(clock_gettime(77, &a), EINVAL);
}

static void nothing(int sig)
{
	(void)sig;
}

static void sleeping(void)
{
	struct timespec a, b, span = { .tv_nsec = 50000000 };
	struct itimerval timer = { .it_value.tv_usec = 50000 };
	struct sigaction act = { .sa_handler = nothing };

	clock_gettime(CLOCK_MONOTONIC, &a);
	EXPECT_EQ(nanosleep(&span, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	EXPECT((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >=
	       50000000);
	span.tv_nsec = 1000000000;
	EXPECT_ERRNO(nanosleep(&span, NULL), EINVAL);

	sigaction(SIGALRM, &act, NULL);
	EXPECT_EQ(setitimer(ITIMER_REAL, &timer, NULL), 0);
	span = (struct timespec){ .tv_sec = 100 };
	EXPECT_ERRNO(nanosleep(&span, &span), EINTR);
	EXPECT_EQ(span.tv_sec, 99);
	alarm(100);
	EXPECT(alarm(0) >= 99);
	EXPECT_EQ(alarm(0), 0);
}

static void at(time_t when, const char *want)
{
	char text[64] = "nothing";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%F %T %a %j", &tm);
	EXPECT_STR(text, want);
	EXPECT_EQ(timegm(&tm), when);
}

static void dates(void)
{
	at(0, "1970-01-01 00:00:00 Thu 001");
	at(-1, "1969-12-31 23:59:59 Wed 365");
	at(951782399, "2000-02-28 23:59:59 Mon 059");
	at(951782400, "2000-02-29 00:00:00 Tue 060");
	at(978307199, "2000-12-31 23:59:59 Sun 366");
	at(1709164800, "2024-02-29 00:00:00 Thu 060");
	at(4107542400, "2100-03-01 00:00:00 Mon 060");
	at(2147483648, "2038-01-19 03:14:08 Tue 019");
	at(-2208988800, "1900-01-01 00:00:00 Mon 001");
	at(253402300799, "9999-12-31 23:59:59 Fri 365");
}

static void every_day_for_centuries(void)
{
	struct tm before = { 0 }, tm;
	bool ok = true;

	for (time_t day = -100000; day < 100000; day++) {
		time_t when = day * 86400;

		gmtime_r(&when, &tm);
		ok &= timegm(&tm) == when;
		if (day > -100000) {
			ok &= tm.tm_wday == (before.tm_wday + 1) % 7;
			ok &= tm.tm_mday == before.tm_mday + 1 ||
			      (tm.tm_mday == 1 &&
			       tm.tm_mon == (before.tm_mon + 1) % 12);
			ok &= tm.tm_yday == before.tm_yday + 1 ||
			      (tm.tm_yday == 0 &&
			       tm.tm_year == before.tm_year + 1);
		}
		before = tm;
	}
	EXPECT(ok);
}

static void fields_out_of_range_carry_over(void)
{
	struct tm tm = { .tm_year = 123, .tm_mon = 13, .tm_mday = 32 };
	time_t far = LONG_MAX;

	EXPECT_EQ(timegm(&tm), 1709424000);	/* 2024-03-03 */
	EXPECT_EQ(tm.tm_mon, 2);
	EXPECT_EQ(tm.tm_mday, 3);
	tm = (struct tm){ .tm_year = 124, .tm_mon = -1, .tm_mday = 31,
			  .tm_hour = 24 };
	EXPECT_EQ(timegm(&tm), 1704067200);	/* 2024-01-01 */
	EXPECT_ERRNO(gmtime(&far), EOVERFLOW);
}

static void formats(void)
{
	time_t when = 1700000000;	/* Tuesday, 14 November 2023 */
	struct tm *tm = gmtime(&when);
	char text[128];

	EXPECT_EQ(strftime(text, sizeof(text), "%a %A %b %B %p|%e|%I|%y", tm),
		  36);
	EXPECT_STR(text, "Tue Tuesday Nov November PM|14|10|23");
	strftime(text, sizeof(text), "%c|%D|%R|%s|%u %w|%U %W %V %G", tm);
	EXPECT_STR(text, "Tue Nov 14 22:13:20 2023|11/14/23|22:13|1700000000|"
			 "2 2|46 46 46 2023");
	EXPECT_EQ(strftime(text, 5, "%Y", tm), 4);
	EXPECT_EQ(strftime(text, 4, "%Y", tm), 0);
	strftime(text, sizeof(text), "100%% %Q %", tm);
	EXPECT_STR(text, "100% %Q %");
	when = 0;
	EXPECT_STR(ctime(&when), "Thu Jan  1 00:00:00 1970\n");
}

const struct test time_tests[] = {
	{ "clocks_go_forward", clocks_go_forward },
	{ "sleeping", sleeping },
	{ "calendar_dates", dates },
	{ "calendar_every_day_for_centuries", every_day_for_centuries },
	{ "calendar_fields_out_of_range_carry_over",
	  fields_out_of_range_carry_over },
	{ "strftime_formats", formats },
	{ NULL, NULL },
};
