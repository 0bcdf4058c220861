/*
 * Memory blocks, strings and name hashes, against the host's C library, at
 * every alignment, and at the end of a page behind which everything faults.
 */
#include <lib/hash.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

#define BLOCK	96

static int sign(int x)
{
	return x < 0 ? -1 : x > 0;
}

static void fill_random(void *buf, size_t len)
{
	unsigned char *p = buf;

	for (size_t i = 0; i < len; i++)
		p[i] = unit_random();
}

static void copies_blocks(void)
{
	char from[BLOCK], to[BLOCK], expected[BLOCK];

	for (int round = 0; round < 20000; round++) {
		size_t src = unit_random_below(16), dst = unit_random_below(16);
		size_t len = unit_random_below(BLOCK - 15);

		fill_random(from, BLOCK);
		fill_random(to, BLOCK);
		__builtin_memcpy(expected, to, BLOCK);
		__builtin_memcpy(expected + dst, from + src, len);
		CHECK(memcpy(to + dst, from + src, len) == to + dst);
		CHECK(!__builtin_memcmp(to, expected, BLOCK));
	}
}

static void moves_overlapping_blocks(void)
{
	char buf[BLOCK], expected[BLOCK];

	for (int round = 0; round < 20000; round++) {
		size_t src = unit_random_below(BLOCK);
		size_t dst = unit_random_below(BLOCK);
		size_t len = unit_random_below(BLOCK - max(src, dst) + 1);

		fill_random(buf, BLOCK);
		__builtin_memcpy(expected, buf, BLOCK);
		__builtin_memmove(expected + dst, expected + src, len);
		CHECK(memmove(buf + dst, buf + src, len) == buf + dst);
		CHECK(!__builtin_memcmp(buf, expected, BLOCK));
	}
}

static void fills_blocks(void)
{
	char buf[BLOCK], expected[BLOCK];

	for (int round = 0; round < 10000; round++) {
		size_t at = unit_random_below(BLOCK);
		size_t len = unit_random_below(BLOCK - at + 1);
		int c = (int)unit_random();

		fill_random(buf, BLOCK);
		__builtin_memcpy(expected, buf, BLOCK);
		__builtin_memset(expected + at, c, len);
		CHECK(memset(buf + at, c, len) == buf + at);
		CHECK(!__builtin_memcmp(buf, expected, BLOCK));
	}
}

static void compares_blocks(void)
{
	unsigned char a[BLOCK], b[BLOCK];

	for (int round = 0; round < 20000; round++) {
		size_t at_a = unit_random_below(8), at_b = unit_random_below(8);
		size_t len = unit_random_below(BLOCK - 7);

		fill_random(a, BLOCK);
		__builtin_memcpy(b + at_b, a + at_a, len);
		if (len && round % 3)
			b[at_b + unit_random_below(len)] ^=
				BIT(unit_random_below(8));
		CHECK_EQ(sign(memcmp(a + at_a, b + at_b, len)),
			 sign(__builtin_memcmp(a + at_a, b + at_b, len)));
	}
}

static void finds_bytes(void)
{
	unsigned char buf[BLOCK];

	for (int round = 0; round < 20000; round++) {
		size_t at = unit_random_below(16);
		size_t len = unit_random_below(BLOCK - 15);
		size_t i;

		for (i = 0; i < BLOCK; i++)
			buf[i] = unit_random_below(8) ? 0x80 : 0x7f;
		i = 0;
		while (i < len && buf[at + i] != 0x7f)
			i++;
		CHECK(memchr(buf + at, 0x7f, len) ==
		      (i < len ? buf + at + i : NULL));
		CHECK(memchr_inv(buf + at, 0x80, len) ==
		      (i < len ? buf + at + i : NULL));
	}
}

/* Random letters from a small alphabet, so that everything occurs. */
static void random_string(char *s, size_t max)
{
	size_t len = unit_random_below(max);

	for (size_t i = 0; i < len; i++)
		s[i] = "ab\x80/"[unit_random_below(4)];
	s[len] = '\0';
}

static void agrees_with_the_host_on_strings(void)
{
	char a[40], b[40], set[4];

	for (int round = 0; round < 50000; round++) {
		size_t at = unit_random_below(8);
		size_t max = unit_random_below(36);
		char *s = a + at;
		int c = "ab\x80/c"[unit_random_below(6)];

		random_string(s, 30);
		random_string(b, round % 2 ? 30 : 4);
		random_string(set, 4);
		CHECK_EQ(strlen(s), __builtin_strlen(s));
		CHECK_EQ(strnlen(s, max), min(max, __builtin_strlen(s)));
		CHECK_EQ(sign(strcmp(s, b)), sign(__builtin_strcmp(s, b)));
		CHECK_EQ(sign(strncmp(s, b, max)),
			 sign(__builtin_strncmp(s, b, max)));
		CHECK(strchr(s, c) == __builtin_strchr(s, c));
		CHECK(strrchr(s, c) == __builtin_strrchr(s, c));
		CHECK(strstr(s, b) == __builtin_strstr(s, b));
		CHECK_EQ(strspn(s, set), __builtin_strspn(s, set));
		CHECK_EQ(strcspn(s, set), __builtin_strcspn(s, set));
	}
}

static void copies_strings_into_what_fits(void)
{
	char buf[8];

	CHECK_EQ(strscpy(buf, "seven..", sizeof(buf)), 7);
	CHECK_STR(buf, "seven..");
	CHECK_EQ(strscpy(buf, "eight...", sizeof(buf)), -E2BIG);
	CHECK_STR(buf, "eight..");
	CHECK_EQ(strscpy(buf, "", sizeof(buf)), 0);
	CHECK_STR(buf, "");
	CHECK_EQ(strscpy(buf, "x", 1), -E2BIG);
	CHECK_STR(buf, "");
	CHECK_EQ(strscpy(buf, "x", 0), -E2BIG);
}

static void reads_nothing_behind_a_page(void)
{
	char *end = host_guarded_page();

	for (size_t len = 0; len < 40; len++) {
		char *s = end - len - 1;

		memset(s, 'x', len);
		s[len] = '\0';
		CHECK_EQ(strlen(s), len);
		CHECK_EQ(strnlen(s, SIZE_MAX), len);
		CHECK_EQ(strnlen(s, len), len);
		CHECK(memchr(s, 0, SIZE_MAX) == s + len);
		CHECK(memchr_inv(s, 'x', len + 1) == s + len);
		CHECK_EQ(strscpy(end - HOST_PAGE, s, 64), len);
		s[len] = 'x';
		CHECK(!memchr(s, 0, len + 1));
		CHECK_EQ(strnlen(s, len + 1), len + 1);
		CHECK(hash_name(s, len + 1, 1) != 0);
	}
}

static void hashes_names_alike_both_ways(void)
{
	char buf[80], exact[40];

	for (int round = 0; round < 20000; round++) {
		size_t len = unit_random_below(33), found;
		char *s = buf + unit_random_below(8);
		uint64_t seed = unit_random(), hash;

		for (size_t i = 0; i < len; i++)
			s[i] = "abc\xff"[unit_random_below(4)];
		__builtin_memcpy(exact, s, len);
		s[len] = round % 2 ? '/' : '\0';
		hash = hash_component(s, seed, &found);
		CHECK_EQ(found, len);
		CHECK_EQ(hash, hash_name(s, len, seed));
		CHECK_EQ(hash, hash_name(exact, len, seed));
	}
}

/* 4096 names like those of a directory, into 4096 buckets. */
static void spreads_similar_names(void)
{
	static unsigned char buckets[4096];
	int empty = 0, fullest = 0;
	char name[16];

	for (int i = 0; i < 4096; i++) {
		int len = host_snprintf(name, sizeof(name), "file%d.txt", i);
		unsigned int b = hash_long(hash_name(name, len, 0), 12);

		buckets[b]++;
	}
	for (int i = 0; i < 4096; i++) {
		empty += !buckets[i];
		fullest = max(fullest, (int)buckets[i]);
	}
	/* Chance alone leaves 1/e of them empty: 1507. */
	CHECK(empty < 1650);
	CHECK(fullest <= 9);
}

static void tells_short_names_apart(void)
{
	/* Zero bytes and zero padding must not look the same. */
	CHECK(hash_name("\0", 1, 0) != hash_name("\0\0", 2, 0));
	CHECK(hash_name("", 0, 0) != hash_name("\0", 1, 0));
	CHECK(hash_name("a", 1, 0) != hash_name("a\0", 2, 0));
	CHECK(hash_name("a", 1, 0) != hash_name("a", 1, 1));
}

UNIT_MAIN(
	UNIT_TEST(copies_blocks),
	UNIT_TEST(moves_overlapping_blocks),
	UNIT_TEST(fills_blocks),
	UNIT_TEST(compares_blocks),
	UNIT_TEST(finds_bytes),
	UNIT_TEST(agrees_with_the_host_on_strings),
	UNIT_TEST(copies_strings_into_what_fits),
	UNIT_TEST(reads_nothing_behind_a_page),
	UNIT_TEST(hashes_names_alike_both_ways),
	UNIT_TEST(spreads_similar_names),
	UNIT_TEST(tells_short_names_apart),
)
