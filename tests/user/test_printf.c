/*
 * printf: each conversion with its flags, and the limits of the buffers.
 *
 * The expected texts are what glibc prints for the same call.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Some formats here are odd on purpose; the compiler is not to judge them. */
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#pragma GCC diagnostic ignored "-Wformat-truncation"

static char text[256];

static const char *f(const char *fmt, ...)
{
	va_list args;
	int len;

	memset(text, '#', sizeof(text));
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	EXPECT_EQ(len, strlen(text));
	return text;
}

static void integers(void)
{
	EXPECT_STR(f("%d %i %u", -1, INT_MIN, UINT_MAX),
		   "-1 -2147483648 4294967295");
	EXPECT_STR(f("%ld %lu", LONG_MIN, ULONG_MAX),
		   "-9223372036854775808 18446744073709551615");
	EXPECT_STR(f("%lld %zu %jd %td", -5LL, (size_t)7, (intmax_t)-9,
		     (ptrdiff_t)11), "-5 7 -9 11");
	EXPECT_STR(f("%hhd %hhu %hd %hu", 0x1ff, 0x1ff, 0x1ffff, 0x1ffff),
		   "-1 255 -1 65535");
	EXPECT_STR(f("%x %X %o", 0xbeef, 0xbeef, 8), "beef BEEF 10");
	EXPECT_STR(f("%#x %#X %#o %#x %#o", 255, 255, 8, 0, 0),
		   "0xff 0XFF 010 0 0");
	EXPECT_STR(f("%lo", ULONG_MAX), "1777777777777777777777");
}

static void width_and_precision(void)
{
	EXPECT_STR(f("[%5d][%-5d][%05d]", 42, 42, 42),
		   "[   42][42   ][00042]");
	EXPECT_STR(f("[%5d][%-5d][%05d]", -42, -42, -42),
		   "[  -42][-42  ][-0042]");
	EXPECT_STR(f("[%+d][% d][%+5d][% 05d]", 3, 3, 3, 3),
		   "[+3][ 3][   +3][ 0003]");
	EXPECT_STR(f("[%.3d][%8.3d][%-8.3d][%08.3d]", 7, 7, 7, 7),
		   "[007][     007][007     ][     007]");
	EXPECT_STR(f("[%.0d][%5.0d][%.d]", 0, 0, 0), "[][     ][]");
	EXPECT_STR(f("[%#.0o][%#.0x]", 0, 0), "[0][]");
	EXPECT_STR(f("[%#08x][%#8x][%-#8x]", 255, 255, 255),
		   "[0x0000ff][    0xff][0xff    ]");
	EXPECT_STR(f("[%#.4o][%#5o]", 8, 8), "[0010][  010]");
	EXPECT_STR(f("[%*d][%-*d][%*d]", 4, 1, 4, 2, -4, 3),
		   "[   1][2   ][3   ]");
	EXPECT_STR(f("[%.*d][%.*d]", 3, 1, -3, 2), "[001][2]");
	EXPECT_STR(f("[%-05d]", 42), "[42   ]");
}

static void strings_and_characters(void)
{
	char no_end[3] = { 'a', 'b', 'c' };

	EXPECT_STR(f("[%s][%5s][%-5s]", "ab", "ab", "ab"),
		   "[ab][   ab][ab   ]");
	EXPECT_STR(f("[%.1s][%5.1s][%.0s][%.9s]", "ab", "ab", "ab", "ab"),
		   "[a][    a][][ab]");
	EXPECT_STR(f("[%.3s]", no_end), "[abc]");
	EXPECT_STR(f("[%s]", NULL), "[(null)]");
	EXPECT_STR(f("[%c][%3c][%-3c]", 'x', 'y', 'z'), "[x][  y][z  ]");
	EXPECT_STR(f("%%|%p|%p", (void *)0x1234, NULL), "%|0x1234|(nil)");
	EXPECT_STR(f("[%12p]", (void *)0xff), "[        0xff]");
}

static void what_does_not_exist_is_refused(void)
{
	int n = 77;

	EXPECT_EQ(snprintf(text, sizeof(text), "a%n", &n), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(n, 77);
	EXPECT_EQ(snprintf(text, sizeof(text), "%y"), -1);
	EXPECT_EQ(snprintf(text, sizeof(text), "%"), -1);
	EXPECT_EQ(snprintf(text, sizeof(text), "%99999999999d", 1), -1);
	EXPECT_EQ(errno, EOVERFLOW);
	EXPECT_EQ(snprintf(text, sizeof(text), "%2147483647d%d", 1, 1), -1);
	EXPECT_EQ(errno, EOVERFLOW);
}

static void snprintf_stays_within_its_buffer(void)
{
	for (size_t size = 0; size < 12; size++) {
		memset(text, '#', sizeof(text));
		EXPECT_EQ(snprintf(text, size, "%s-%d", "abcd", 123), 8);
		EXPECT_EQ(text[size], '#');
		if (size > 0) {
			EXPECT_EQ(strlen(text), size > 8 ? 8 : size - 1);
			EXPECT_EQ(strncmp(text, "abcd-123", size - 1), 0);
		}
	}
	EXPECT_EQ(snprintf(NULL, 0, "%300d", 1), 300);
}

static void long_texts_reach_files_whole(void)
{
	const char *path = scratch("printf");
	FILE *file = fopen(path, "w+");
	char *line = NULL;
	size_t cap = 0;

	EXPECT_EQ(fprintf(file, "%5000d|%s\n", 1, "end"), 5005);
	EXPECT_EQ(dprintf(fileno(file), "%s", ""), 0);
	rewind(file);
	EXPECT_EQ(getline(&line, &cap, file), 5005);
	EXPECT_STR(line + 4999, "1|end\n");
	free(line);
	EXPECT_EQ(fclose(file), 0);
	unlink(path);
}

static void asprintf_allocates(void)
{
	char *s;

	EXPECT_EQ(asprintf(&s, "%s/%d", "dir", 5), 5);
	EXPECT_STR(s, "dir/5");
	free(s);
}

const struct test printf_tests[] = {
	{ "printf_integers", integers },
	{ "printf_width_and_precision", width_and_precision },
	{ "printf_strings_and_characters", strings_and_characters },
	{ "printf_refuses_what_does_not_exist",
	  what_does_not_exist_is_refused },
	{ "snprintf_stays_within_its_buffer",
	  snprintf_stays_within_its_buffer },
	{ "printf_long_texts_reach_files_whole",
	  long_texts_reach_files_whole },
	{ "asprintf_allocates", asprintf_allocates },
	{ NULL, NULL },
};
