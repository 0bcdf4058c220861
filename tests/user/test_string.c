/*
 * Memory and strings. The copying functions are compared, at every small
 * length and alignment, with a loop over bytes.
 */
#include "test.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

enum { SIZE = 128 };

static void fill(unsigned char *p)
{
	for (int i = 0; i < SIZE; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

static void memcpy_copies_no_more_and_no_less(void)
{
	unsigned char from[SIZE], to[SIZE], want[SIZE];
	bool same = true;

	for (size_t at = 0; at < 16; at++) {
		for (size_t n = 0; n + at < 100; n++) {
			fill(from);
			memset(to, 0xee, SIZE);
			memset(want, 0xee, SIZE);
			for (size_t i = 0; i < n; i++)
				want[at + i] = from[15 - at + i];
			same &= memcpy(to + at, from + 15 - at, n) == to + at;
			for (int i = 0; i < SIZE; i++)
				same &= to[i] == want[i];
		}
	}
	EXPECT(same);
}

static void memmove_handles_every_overlap(void)
{
	unsigned char got[SIZE], want[SIZE];
	bool same = true;

	for (size_t from = 0; from < 24; from++) {
		for (size_t to = 0; to < 24; to++) {
			for (size_t n = 0; n < 60; n++) {
				fill(got);
				fill(want);
				memmove(got + to, got + from, n);
				for (size_t i = 0; i < n; i++)
					want[to + i] = (unsigned char)
						((from + i) * 7 + 1);
				same &= memcmp(got, want, SIZE) == 0;
			}
		}
	}
	EXPECT(same);
}

static void memset_sets_no_more_and_no_less(void)
{
	unsigned char got[SIZE];
	bool same = true;

	for (size_t n = 0; n < 100; n++) {
		fill(got);
		memset(got + 3, 0x1a5, n);
		for (size_t i = 0; i < SIZE; i++)
			same &= got[i] == (i >= 3 && i < 3 + n ?
				0xa5 : (unsigned char)(i * 7 + 1));
	}
	EXPECT(same);
}

static void memcmp_compares_unsigned(void)
{
	char a[20] = "0123456789abcdefghi", b[20] = "0123456789abcdefghi";

	EXPECT_EQ(memcmp(a, b, 20), 0);
	b[13] = (char)0xf0;
	EXPECT(memcmp(a, b, 20) < 0);
	EXPECT(memcmp(b, a, 20) > 0);
	EXPECT_EQ(memcmp(a, b, 13), 0);
	EXPECT_EQ(memcmp(a, b, 0), 0);
}

static void searching_memory(void)
{
	const char *s = "abcabc";

	EXPECT(memchr(s, 'b', 6) == s + 1);
	EXPECT(memchr(s, 'c', 2) == NULL);
	EXPECT(memchr(s, 0, 7) == s + 6);
	EXPECT(memrchr(s, 'b', 6) == s + 4);
	EXPECT(memrchr(s, 'x', 6) == NULL);
	EXPECT(memmem(s, 6, "cab", 3) == s + 2);
	EXPECT(memmem(s, 6, "abd", 3) == NULL);
	EXPECT(memmem(s, 6, "", 0) == s);
	EXPECT(memmem(s, 2, "abc", 3) == NULL);
	EXPECT(memmem(s, 6, "bc", 2) == s + 1);
}

static void strlen_does_not_read_past_the_end(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(page != MAP_FAILED);
	EXPECT_EQ(mprotect(page + 4096, 4096, PROT_NONE), 0);
	for (size_t n = 1; n < 40; n++) {
		char *s = page + 4096 - n;

		memset(s, 'x', n);
		s[n - 1] = '\0';
		EXPECT_EQ(strlen(s), n - 1);
		EXPECT_EQ(strnlen(s, n), n - 1);
		EXPECT(strchr(s, 'y') == NULL);
		memset(s, 'x', n);
		EXPECT_EQ(strnlen(s, n), n);
		free(strndup(s, n));
	}
}

static void copying_strings(void)
{
	char buf[8];

	EXPECT(stpcpy(buf, "abc") == buf + 3);
	EXPECT_STR(buf, "abc");
	memset(buf, 'x', sizeof(buf));
	strncpy(buf, "ab", 5);
	EXPECT_EQ(memcmp(buf, "ab\0\0\0xxx", 8), 0);
	EXPECT_EQ(strlcpy(buf, "0123456789", sizeof(buf)), 10);
	EXPECT_STR(buf, "0123456");
	EXPECT_EQ(strlcpy(buf, "ab", 0), 2);
	EXPECT_STR(buf, "0123456");
	strcpy(buf, "ab");
	EXPECT_EQ(strlcat(buf, "cdefghi", sizeof(buf)), 9);
	EXPECT_STR(buf, "abcdefg");
	strcpy(buf, "ab");
	strncat(buf, "cdef", 2);
	EXPECT_STR(buf, "abcd");
	strcat(buf, "!");
	EXPECT_STR(buf, "abcd!");
}

static void comparing_strings(void)
{
	EXPECT(strcmp("a", "b") < 0);
	EXPECT(strcmp("ab", "a") > 0);
	EXPECT(strcmp("\x80", "a") > 0);
	EXPECT_EQ(strcmp("", ""), 0);
	EXPECT_EQ(strncmp("abc", "abd", 2), 0);
	EXPECT(strncmp("abc", "abd", 3) < 0);
	EXPECT_EQ(strncmp("ab", "ab", 9), 0);
	EXPECT_EQ(strcasecmp("HeLLo", "hEllO"), 0);
	EXPECT(strcasecmp("a", "B") < 0);
	EXPECT_EQ(strncasecmp("ABx", "aby", 2), 0);
}

static void searching_strings(void)
{
	const char *s = "hello, world";

	EXPECT(strchr(s, 'o') == s + 4);
	EXPECT(strchr(s, '\0') == s + 12);
	EXPECT(strchrnul(s, 'z') == s + 12);
	EXPECT(strrchr(s, 'o') == s + 8);
	EXPECT(strrchr(s, 'z') == NULL);
	EXPECT(strstr(s, "wor") == s + 7);
	EXPECT(strstr(s, "") == s);
	EXPECT(strstr(s, "worlds") == NULL);
	EXPECT(strstr("aaab", "aab") != NULL);
	EXPECT_EQ(strspn(s, "ehlo"), 5);
	EXPECT_EQ(strcspn(s, ", "), 5);
	EXPECT_EQ(strcspn(s, ""), 12);
	EXPECT(strpbrk(s, "xyzw") == s + 7);
	EXPECT(strpbrk(s, "xyz") == NULL);
}

static void splitting_strings(void)
{
	char tok[] = "  a b,,c  ", sep[] = "a::b:", *save, *p = sep;

	EXPECT_STR(strtok_r(tok, " ,", &save), "a");
	EXPECT_STR(strtok_r(NULL, " ,", &save), "b");
	EXPECT_STR(strtok_r(NULL, " ,", &save), "c");
	EXPECT(strtok_r(NULL, " ,", &save) == NULL);
	EXPECT_STR(strsep(&p, ":"), "a");
	EXPECT_STR(strsep(&p, ":"), "");
	EXPECT_STR(strsep(&p, ":"), "b");
	EXPECT_STR(strsep(&p, ":"), "");
	EXPECT(strsep(&p, ":") == NULL);
}

static void words_for_numbers(void)
{
	EXPECT_STR(strerror(ENOENT), "No such file or directory");
	EXPECT_STR(strerror(0), "Success");
	EXPECT_STR(strerror(4000), "Unknown error 4000");
	EXPECT_STR(strerror(-1), "Unknown error -1");
	EXPECT_STR(strsignal(SIGSEGV), "Segmentation fault");
	EXPECT_STR(strsignal(0), "Unknown signal 0");
}

/* Every class, written another way: as the string of its members. */
static void character_classes(void)
{
	static const char punct[] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
	bool ok = true;

	for (int c = -1; c < 256; c++) {
		bool lower = c > 0 && strchr("abcdefghijklmnopqrstuvwxyz", c);
		bool upper = c > 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", c);
		bool digit = c > 0 && strchr("0123456789", c);
		bool is_punct = c > 0 && strchr(punct, c);
		bool graph = lower || upper || digit || is_punct;

		ok &= !!islower(c) == lower && !!isupper(c) == upper;
		ok &= !!isdigit(c) == digit && !!ispunct(c) == is_punct;
		ok &= !!isalpha(c) == (lower || upper);
		ok &= !!isalnum(c) == (lower || upper || digit);
		ok &= !!isgraph(c) == graph;
		ok &= !!isprint(c) == (graph || c == ' ');
		ok &= !!isspace(c) == (c > 0 && strchr(" \t\n\v\f\r", c));
		ok &= !!iscntrl(c) == ((c >= 0 && c < 32) || c == 127);
		ok &= !!isxdigit(c) ==
		      (c > 0 && strchr("0123456789abcdefABCDEF", c));
		ok &= tolower(c) == (upper ? c + 32 : c);
		ok &= toupper(c) == (lower ? c - 32 : c);
	}
	EXPECT(ok);
}

const struct test string_tests[] = {
	{ "memcpy_copies_no_more_and_no_less",
	  memcpy_copies_no_more_and_no_less },
	{ "memmove_handles_every_overlap", memmove_handles_every_overlap },
	{ "memset_sets_no_more_and_no_less", memset_sets_no_more_and_no_less },
	{ "memcmp_compares_unsigned", memcmp_compares_unsigned },
	{ "searching_memory", searching_memory },
	{ "strlen_does_not_read_past_the_end",
	  strlen_does_not_read_past_the_end },
	{ "copying_strings", copying_strings },
	{ "comparing_strings", comparing_strings },
	{ "searching_strings", searching_strings },
	{ "splitting_strings", splitting_strings },
	{ "words_for_numbers", words_for_numbers },
	{ "character_classes", character_classes },
	{ NULL, NULL },
};
