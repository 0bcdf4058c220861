/*
 * Reading a number that somebody typed: all of the word, and in range.
 */
#include "common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>

/* Return: the number; ends the program if @text is none in [min, max]. */
long parse_number(const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	/* strtol would skip leading blanks; in a word they are a mistake. */
	if (end == text || *end || isspace((unsigned char)*text) || errno ||
	    value < min || value > max)
		errx(EXIT_FAILURE, "not a valid number: '%s'", text);
	return value;
}
