/*
 * Tests of our C library, as TAP.
 *
 * A test is a function in one of the tables that main.c lists. It runs in a
 * process of its own, so that one that crashes, changes the environment or
 * leaves files open is no trouble to the next; a failed expectation is
 * printed and counted, and the test goes on.
 *
 * The program is linked with our library and runs on any kernel with Linux's
 * ABI: on the host, in the Linux guest and in Keel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct test {
	const char	*name;
	void		(*run)(void);
};

/* The tables, each ended by an entry without a name. */
extern const struct test string_tests[];
extern const struct test printf_tests[];
extern const struct test malloc_tests[];
extern const struct test stdlib_tests[];
extern const struct test stdio_tests[];
extern const struct test signal_tests[];
extern const struct test file_tests[];
extern const struct test process_tests[];
extern const struct test time_tests[];

void expect(bool ok, const char *file, int line, const char *what);
void expect_eq(long got, long want, const char *file, int line,
	       const char *what);
void expect_str(const char *got, const char *want, const char *file, int line,
		const char *what);

#define EXPECT(cond)		expect(cond, __FILE__, __LINE__, #cond)
#define EXPECT_EQ(got, want) \
	expect_eq((long)(got), (long)(want), __FILE__, __LINE__, #got)
#define EXPECT_STR(got, want) \
	expect_str(got, want, __FILE__, __LINE__, #got)

/* A call that must fail with -1 (or NULL) and this errno. */
#define EXPECT_ERRNO(call, err) do { \
	errno = 0; \
	expect_eq((long)(call) <= 0, 1, __FILE__, __LINE__, #call " fails"); \
	expect_eq(errno, err, __FILE__, __LINE__, "errno of " #call); \
} while (0)

/* The path of a file in a directory that exists for this run only. */
const char *scratch(const char *name);
