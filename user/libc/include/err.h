/*
 * Error messages of programs: "name: message", and for the forms without x,
 * ": what errno means" behind it. err and errx exit with @status then.
 */
#pragma once

#define ERR_LIKE(fmt, args) \
	__attribute__((__format__(__printf__, fmt, args)))

void warn(const char *fmt, ...) ERR_LIKE(1, 2);
void warnx(const char *fmt, ...) ERR_LIKE(1, 2);
void err(int status, const char *fmt, ...)
	ERR_LIKE(2, 3) __attribute__((__noreturn__));
void errx(int status, const char *fmt, ...)
	ERR_LIKE(2, 3) __attribute__((__noreturn__));
