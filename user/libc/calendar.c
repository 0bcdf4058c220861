/*
 * The calendar: seconds since 1970 to dates, back, and to text.
 *
 * The one idea is to let the year begin in March. Then the leap day is its
 * last day, and the months' lengths 31,30,31,30,31 repeat from the start, so
 * that (153 * month + 2) / 5 is the day on which a month begins. The pattern
 * of leap years repeats every 400 years, which have 146097 days.
 *
 * There are no time zones here: local time is UTC.
 */
#include <time.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	SECS_PER_DAY = 86400,
	DAYS_PER_ERA = 146097,		/* 400 years */
	DAYS_TO_1970 = 719468,		/* from 0000-03-01 to 1970-01-01 */
};

static const char day_names[7][10] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday",
};

static const char month_names[12][10] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};

static long floor_div(long a, long b)
{
	return a / b - (a % b < 0);
}

static int is_leap(long year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to a date; @month 1 to 12, @day may be any number. */
static long days_from_date(long year, int month, long day)
{
	long era, year_of_era, day_of_year;

	if (month <= 2)
		year--;		/* January and February end the old year */
	era = floor_div(year, 400);
	year_of_era = year - era * 400;
	day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - DAYS_TO_1970;
}

/* The reverse: fill in the date of tm. Return: the full year. */
static long date_from_days(long days, struct tm *tm)
{
	long era, day_of_era, year_of_era, day_of_year, year;
	int month;

	days += DAYS_TO_1970;
	era = floor_div(days, DAYS_PER_ERA);
	day_of_era = days - era * DAYS_PER_ERA;
	/* Take the leap days out, then all years have 365. */
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
		       day_of_era / (DAYS_PER_ERA - 1)) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 -
				    year_of_era / 100);
	month = (int)(5 * day_of_year + 2) / 153;
	tm->tm_mday = (int)day_of_year - (153 * month + 2) / 5 + 1;
	tm->tm_mon = (month + 2) % 12;
	year = era * 400 + year_of_era + (tm->tm_mon < 2);
	return year;
}

/*
 * Take @when apart, in UTC.
 *
 * Return: @tm, or NULL (EOVERFLOW: the year does not fit an int).
 */
struct tm *gmtime_r(const time_t *restrict when, struct tm *restrict tm)
{
	long days = floor_div(*when, SECS_PER_DAY);
	int secs = (int)(*when - days * SECS_PER_DAY);
	long year;

	/* Some 2^31 years; beyond, the sums below could overflow too. */
	if (days > INT_MAX * 365L || days < INT_MIN * 365L) {
		errno = EOVERFLOW;
		return NULL;
	}
	year = date_from_days(days, tm);
	tm->tm_year = (int)(year - 1900);
	tm->tm_yday = (int)(days - days_from_date(year, 1, 1));
	tm->tm_wday = (int)((days % 7 + 7 + 4) % 7);	/* 1970: Thursday */
	tm->tm_hour = secs / 3600;
	tm->tm_min = secs / 60 % 60;
	tm->tm_sec = secs % 60;
	tm->tm_isdst = 0;
	tm->tm_gmtoff = 0;
	tm->tm_zone = "UTC";
	return tm;
}

struct tm *gmtime(const time_t *when)
{
	static struct tm tm;

	return gmtime_r(when, &tm);
}

struct tm *localtime_r(const time_t *restrict when, struct tm *restrict tm)
{
	return gmtime_r(when, tm);
}

struct tm *localtime(const time_t *when)
{
	return gmtime(when);
}

/*
 * Put a date together; fields outside their range carry over into the next
 * (the 32nd of January is the 1st of February), and *@tm is set right.
 *
 * Return: seconds since 1970, or -1 (EOVERFLOW).
 */
time_t timegm(struct tm *tm)
{
	long year = tm->tm_year + 1900L + floor_div(tm->tm_mon, 12);
	int month = (int)(tm->tm_mon - floor_div(tm->tm_mon, 12) * 12);
	time_t when = days_from_date(year, month + 1, tm->tm_mday) *
		      SECS_PER_DAY;

	when += tm->tm_hour * 3600L + tm->tm_min * 60L + tm->tm_sec;
	return gmtime_r(&when, tm) ? when : -1;
}

time_t mktime(struct tm *tm)
{
	return timegm(tm);
}

/* The week of the year by ISO 8601, and the year it belongs to. */
static int iso_week(const struct tm *tm, long *year)
{
	int since_monday = (tm->tm_wday + 6) % 7;
	/* A week belongs to the year that has its Thursday. */
	int thursday = tm->tm_yday - since_monday + 3;

	*year = tm->tm_year + 1900L;
	if (thursday < 0) {
		(*year)--;
		thursday += 365 + is_leap(*year);
	} else if (thursday >= 365 + is_leap(*year)) {
		thursday -= 365 + is_leap(*year);
		(*year)++;
	}
	return thursday / 7 + 1;
}

/* What a combined conversion is short for, or NULL. */
static const char *combined(char letter)
{
	switch (letter) {
	case 'c':
		return "%a %b %e %H:%M:%S %Y";
	case 'D':
	case 'x':
		return "%m/%d/%y";
	case 'F':
		return "%Y-%m-%d";
	case 'h':
		return "%b";
	case 'R':
		return "%H:%M";
	case 'r':
		return "%I:%M:%S %p";
	case 'T':
	case 'X':
		return "%H:%M:%S";
	default:
		return NULL;
	}
}

/* A name from a table, or "?" for an index outside of it. */
static const char *name_of(const char (*names)[10], int count, int i)
{
	return i >= 0 && i < count ? names[i] : "?";
}

/* Write one simple conversion to @dst. Return: its length, 0 if unknown. */
static size_t convert(char *dst, size_t size, char letter,
		      const struct tm *tm)
{
	long year = tm->tm_year + 1900L, iso_year;
	int hour12 = tm->tm_hour % 12 ? tm->tm_hour % 12 : 12;
	int week = iso_week(tm, &iso_year);
	struct tm copy = *tm;

	switch (letter) {
	case 'a':
		return (size_t)snprintf(dst, size, "%.3s",
					name_of(day_names, 7, tm->tm_wday));
	case 'A':
		return strlcpy(dst, name_of(day_names, 7, tm->tm_wday), size);
	case 'b':
		return (size_t)snprintf(dst, size, "%.3s",
					name_of(month_names, 12, tm->tm_mon));
	case 'B':
		return strlcpy(dst, name_of(month_names, 12, tm->tm_mon),
			       size);
	case 'C':
		return (size_t)snprintf(dst, size, "%02ld", year / 100);
	case 'd':
		return (size_t)snprintf(dst, size, "%02d", tm->tm_mday);
	case 'e':
		return (size_t)snprintf(dst, size, "%2d", tm->tm_mday);
	case 'G':
		return (size_t)snprintf(dst, size, "%ld", iso_year);
	case 'g':
		return (size_t)snprintf(dst, size, "%02ld", iso_year % 100);
	case 'H':
		return (size_t)snprintf(dst, size, "%02d", tm->tm_hour);
	case 'I':
		return (size_t)snprintf(dst, size, "%02d", hour12);
	case 'j':
		return (size_t)snprintf(dst, size, "%03d", tm->tm_yday + 1);
	case 'm':
		return (size_t)snprintf(dst, size, "%02d", tm->tm_mon + 1);
	case 'M':
		return (size_t)snprintf(dst, size, "%02d", tm->tm_min);
	case 'n':
		return strlcpy(dst, "\n", size);
	case 'p':
		return strlcpy(dst, tm->tm_hour < 12 ? "AM" : "PM", size);
	case 's':
		return (size_t)snprintf(dst, size, "%ld", timegm(&copy));
	case 'S':
		return (size_t)snprintf(dst, size, "%02d", tm->tm_sec);
	case 't':
		return strlcpy(dst, "\t", size);
	case 'u':
		return (size_t)snprintf(dst, size, "%d",
					tm->tm_wday ? tm->tm_wday : 7);
	case 'U':
		return (size_t)snprintf(dst, size, "%02d",
					(tm->tm_yday + 7 - tm->tm_wday) / 7);
	case 'V':
		return (size_t)snprintf(dst, size, "%02d", week);
	case 'w':
		return (size_t)snprintf(dst, size, "%d", tm->tm_wday);
	case 'W':
		return (size_t)snprintf(dst, size, "%02d",
			(tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7);
	case 'y':
		return (size_t)snprintf(dst, size, "%02ld", year % 100);
	case 'Y':
		return (size_t)snprintf(dst, size, "%ld", year);
	case 'z':
		return strlcpy(dst, "+0000", size);
	case 'Z':
		return strlcpy(dst, "UTC", size);
	case '%':
		return strlcpy(dst, "%", size);
	default:
		return 0;
	}
}

/*
 * Write a date as @fmt says. A conversion that does not exist is copied.
 *
 * Return: the length, or 0 if it did not fit; @dst is then undefined.
 */
size_t strftime(char *restrict dst, size_t size, const char *restrict fmt,
		const struct tm *restrict tm)
{
	size_t len = 0;

	for (; *fmt; fmt++) {
		const char *longer;
		size_t n = 0;

		if (len >= size)
			return 0;
		if (*fmt == '%' && fmt[1]) {
			longer = combined(fmt[1]);
			n = longer ? strftime(dst + len, size - len, longer, tm)
				   : convert(dst + len, size - len, fmt[1], tm);
			if (longer && n == 0)
				return 0;
		}
		if (n > 0)
			fmt++;
		else
			dst[len] = *fmt, n = 1;
		len += n;
	}
	if (len >= size)
		return 0;
	dst[len] = '\0';
	return len;
}

/* The form of old: "Thu Jan  1 00:00:00 1970\n"; @dst has 26 bytes. */
char *asctime_r(const struct tm *restrict tm, char *restrict dst)
{
	if (strftime(dst, 26, "%a %b %e %H:%M:%S %Y\n", tm) == 0) {
		errno = EOVERFLOW;
		return NULL;
	}
	return dst;
}

char *asctime(const struct tm *tm)
{
	static char text[26];

	return asctime_r(tm, text);
}

char *ctime(const time_t *when)
{
	struct tm *tm = localtime(when);

	return tm ? asctime(tm) : NULL;
}
