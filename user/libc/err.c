/*
 * The messages of a program that cannot do what it was asked.
 */
#include <err.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "name: message" and, if @errnum is not negative, ": what it means". */
static void report(int errnum, const char *fmt, va_list args)
{
	fflush(stdout);		/* so that both appear in order */
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, args);
	if (errnum >= 0)
		fprintf(stderr, ": %s", strerror(errnum));
	fputc('\n', stderr);
}

void warn(const char *fmt, ...)
{
	int errnum = errno;
	va_list args;

	va_start(args, fmt);
	report(errnum, fmt, args);
	va_end(args);
}

void warnx(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(-1, fmt, args);
	va_end(args);
}

void err(int status, const char *fmt, ...)
{
	int errnum = errno;
	va_list args;

	va_start(args, fmt);
	report(errnum, fmt, args);
	va_end(args);
	exit(status);
}

void errx(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(-1, fmt, args);
	va_end(args);
	exit(status);
}
