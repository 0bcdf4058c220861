/*
 * sleep: wait.
 *
 *	sleep SECONDS			with a decimal point, if you like
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/common.h"

/* Read "12.345" without floating point: nine digits are nanoseconds. */
static struct timespec parse_seconds(const char *text)
{
	struct timespec span = { 0 };
	const char *p = text;
	long unit = 100000000;

	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(span.tv_sec, 10, &span.tv_sec) ||
		    __builtin_add_overflow(span.tv_sec, *p - '0',
					   &span.tv_sec))
			errx(EXIT_FAILURE, "too long: '%s'", text);
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, unit /= 10)
			span.tv_nsec += (*p - '0') * unit;
	if (p == text || *p)
		errx(EXIT_FAILURE, "not a time: '%s'", text);
	return span;
}

int main(int argc, char **argv)
{
	struct timespec left;

	no_options(argc, argv, "SECONDS");
	if (argc - optind != 1)
		usage("SECONDS");
	left = parse_seconds(argv[optind]);
	/* A signal that was handled, such as SIGCONT, interrupts: go on. */
	while (nanosleep(&left, &left) < 0)
		if (errno != EINTR)
			err(EXIT_FAILURE, "nanosleep");
	return EXIT_SUCCESS;
}
