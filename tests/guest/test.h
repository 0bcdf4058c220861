/*
 * The guest tests' little language.
 *
 * A test is a function that runs in its own process, with an empty tmpfs as
 * its working directory, default signals, descriptors 0-2 on /dev/null and a
 * session of its own. The first check that fails prints where and why and ends
 * the test. When the function returns, the test must have closed what it opened
 * and waited for whom it forked; the harness checks both.
 *
 *	TEST(dup_shares_offset)
 *	{
 *		int fd = OK(open("f", O_CREAT | O_RDWR, 0600));
 *		EXPECT_ERR(dup2(fd, -1), EBADF);
 *		OK(close(fd));
 *	}
 *
 * Everything here uses Linux's ABI through the C library, so that the same
 * binary judges both kernels: a test that fails on Linux is a wrong test.
 * Checks work in forked children too: a failed one ends the child with status
 * CHECK_FAILED, which EXPECT_EXIT in the parent then rejects.
 *
 * Tests wait for events, never for time. Where time must pass, it is a lower
 * bound; upper bounds belong to the harness.
 */
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* One test. Tests register themselves in a linker section. */
struct test {
	const char	*file;		/* tests/guest/SUITE.c */
	const char	*name;
	void		(*run)(void);
	unsigned	seconds;	/* guest time it may take */
};

/* A program the tests execute: this same binary, told to be something else. */
struct helper {
	const char	*name;
	int		(*run)(int argc, char **argv);
};

enum {
	CHECK_FAILED = 99,	/* exit status of a failed check */
	TEST_SKIPPED = 77,
	DEFAULT_SECONDS = 60,
};

#define TEST_SECONDS(ident, limit)					\
	static void test_##ident(void);					\
	static const struct test entry_##ident				\
	__attribute__((used, section("guest_tests"), aligned(8))) = {	\
		.file = __FILE__, .name = #ident,			\
		.run = test_##ident, .seconds = (limit),		\
	};								\
	static void test_##ident(void)

#define TEST(ident)	TEST_SECONDS(ident, DEFAULT_SECONDS)

/* HELPER(name) { ... uses argc, argv ...; return status; } */
#define HELPER(ident)							\
	static int helper_##ident(int argc, char **argv);		\
	static const struct helper helper_entry_##ident			\
	__attribute__((used, section("guest_helpers"), aligned(8))) = {	\
		.name = #ident, .run = helper_##ident,			\
	};								\
	static int helper_##ident(int argc __attribute__((unused)),	\
				  char **argv __attribute__((unused)))

/* Where the harness's own binary and the small test programs are. */
#define SELF		"/init"
#define PROGRAMS	"/tests"

/* argv to run helper @ident: { HELPER_ARGV("x"), "arg", NULL } */
#define HELPER_ARGV(ident)	(char *)SELF, (char *)"--helper", (char *)ident

void check_failed(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void skip_test(const char *why) __attribute__((noreturn));
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define FAIL(...)	check_failed(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(why)	skip_test(why)

#define EXPECT(cond) do {						\
	if (!(cond))							\
		FAIL("%s is false", #cond);				\
} while (0)

/* Evaluate a call that must not return -1; its value. */
#define OK(expr) ({							\
	errno = 0;							\
	__typeof__(expr) _ok = (expr);					\
	if ((long)_ok == -1)						\
		FAIL("%s: %s", #expr, error_name(errno));		\
	_ok;								\
})

#define EXPECT_EQ(expr, wanted) do {					\
	long long _got = (long long)(expr);				\
	long long _want = (long long)(wanted);				\
	if (_got != _want)						\
		FAIL("%s is %lld (%#llx), not %s = %lld (%#llx)",	\
		     #expr, _got, _got, #wanted, _want, _want);		\
} while (0)

#define EXPECT_STR(expr, wanted) do {					\
	const char *_got = (expr), *_want = (wanted);			\
	if (strcmp(_got, _want) != 0)					\
		FAIL("%s is \"%s\", not \"%s\"", #expr, _got, _want);	\
} while (0)

#define EXPECT_MEM(got, wanted, len) do {				\
	if (memcmp((got), (wanted), (len)) != 0)			\
		FAIL("%s differs from %s", #got, #wanted);		\
} while (0)

/* A call that must return -1 with errno @error. */
#define EXPECT_ERR(expr, error) do {					\
	errno = 0;							\
	long _got = (long)(expr);					\
	int _err = errno;						\
	if (_got != -1)							\
		FAIL("%s returned %ld, not %s", #expr, _got, #error);	\
	if (_err != (error))						\
		FAIL("%s failed with %s, not %s", #expr,		\
		     error_name(_err), #error);				\
} while (0)

/* IN_CHILD(pid) { ... } runs the block in a child, which then exits with 0. */
#define IN_CHILD(pid)							\
	for (pid = OK(fork()); pid == 0; _exit(0))

/* Wait for @pid, which must exit with @code or die by signal @sig. */
#define EXPECT_EXIT(pid, code) do {					\
	int _st = wait_status(pid);					\
	if (!WIFEXITED(_st) || WEXITSTATUS(_st) != (code))		\
		FAIL("child %s %s, not exit with %d", #pid,		\
		     status_name(_st), (int)(code));			\
} while (0)

#define EXPECT_KILLED(pid, sig) do {					\
	int _st = wait_status(pid);					\
	if (!WIFSIGNALED(_st) || WTERMSIG(_st) != (sig))		\
		FAIL("child %s %s, not %s", #pid,			\
		     status_name(_st), #sig);				\
} while (0)

int wait_status(pid_t pid);
const char *status_name(int status);
const char *error_name(int error);

/* Helpers that several suites need; each fails the test when it cannot. */
bool running_on_keel(void);
void write_file(const char *path, const char *text);
void append_file(const char *path, const char *text);
char *read_file(const char *path, char *buf, size_t size);
pid_t spawn(const char *path, char *const argv[], char *const envp[]);
void become_user(uid_t uid, gid_t gid);
long proc_number(const char *file, const char *key);
void wait_until_sleeping(pid_t pid);
void reap_all(void);
int open_fds(void);

/* A pipe used to tell another process that something has happened. */
struct event {
	int fds[2];
};

void event_init(struct event *e);
void event_signal(struct event *e);
void event_wait(struct event *e);
void event_close(struct event *e);

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
