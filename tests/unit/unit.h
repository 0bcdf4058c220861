/*
 * The unit tests' harness. A test program is a number of functions and
 *
 *	UNIT_MAIN(UNIT_TEST(does_this), UNIT_TEST(refuses_that))
 *
 * A check that fails is reported with its place and the test goes on; the
 * program prints TAP. A WARN_ON that fires fails the test, unless the test
 * expects it and sets unit_warnings back to 0.
 */
#pragma once

#include <keel/err.h>
#include <tests/unit/host.h>

struct unit_test {
	const char *name;
	void (*run)(void);
};

#define UNIT_TEST(function)	{ #function, function }

#define UNIT_MAIN(...) \
int main(void); \
int main(void) \
{ \
	static const struct unit_test tests[] = { __VA_ARGS__ }; \
	return unit_run(tests, ARRAY_SIZE(tests)); \
}

int unit_run(const struct unit_test *tests, size_t nr);
void unit_fail(const char *file, int line, const char *fmt, ...) __printf(3, 4);

#define CHECK(cond) do { \
	if (!(cond)) \
		unit_fail(__FILE__, __LINE__, "%s", #cond); \
} while (0)

#define CHECK_EQ(actual, expected) do { \
	long check_a = (long)(actual), check_e = (long)(expected); \
	if (check_a != check_e) \
		unit_fail(__FILE__, __LINE__, \
			  "%s is %ld (%#lx), not %ld (%#lx)", #actual, \
			  check_a, check_a, check_e, check_e); \
} while (0)

#define CHECK_STR(actual, expected) do { \
	const char *check_a = (actual), *check_e = (expected); \
	if (!check_a || __builtin_strcmp(check_a, check_e)) \
		unit_fail(__FILE__, __LINE__, "%s is \"%s\", not \"%s\"", \
			  #actual, check_a ? check_a : "(null)", check_e); \
} while (0)

/* The same sequence in every run: each test begins it anew. */
uint64_t unit_random(void);

/* A number from 0 to @below - 1. */
static inline uint64_t unit_random_below(uint64_t below)
{
	return unit_random() % below;
}

/* How many WARN_ONs have fired in this test. */
extern int unit_warnings;
