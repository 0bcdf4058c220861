/*
 * Numbers, sorting, environment, options, exit.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void strtol_reads(const char *s, int base, long want, long want_len,
			 int want_errno)
{
	char *end;
	long got;

	errno = 0;
	got = strtol(s, &end, base);
	expect_eq(got, want, __FILE__, __LINE__, s);
	expect_eq(end - s, want_len, __FILE__, __LINE__, s);
	expect_eq(errno, want_errno, __FILE__, __LINE__, s);
}

static void numbers_from_text(void)
{
	strtol_reads("  42x", 10, 42, 4, 0);
	strtol_reads("-0", 10, 0, 2, 0);
	strtol_reads("+7", 10, 7, 2, 0);
	strtol_reads("", 10, 0, 0, 0);
	strtol_reads("  -", 10, 0, 0, 0);
	strtol_reads("0x1F", 0, 31, 4, 0);
	strtol_reads("0x", 0, 0, 1, 0);
	strtol_reads("0xg", 16, 0, 1, 0);
	strtol_reads("017", 0, 15, 3, 0);
	strtol_reads("089", 0, 0, 1, 0);
	strtol_reads("zz", 36, 35 * 36 + 35, 2, 0);
	strtol_reads("102", 2, 2, 2, 0);
	strtol_reads("9223372036854775807", 10, LONG_MAX, 19, 0);
	strtol_reads("9223372036854775808", 10, LONG_MAX, 19, ERANGE);
	strtol_reads("-9223372036854775808", 10, LONG_MIN, 20, 0);
	strtol_reads("-9223372036854775809", 10, LONG_MIN, 20, ERANGE);
	strtol_reads("99999999999999999999999999", 10, LONG_MAX, 26, ERANGE);
	strtol_reads("5", 1, 0, 0, EINVAL);
	EXPECT_EQ(strtoul("18446744073709551615", NULL, 10), ULONG_MAX);
	EXPECT_EQ(strtoul("-1", NULL, 10), ULONG_MAX);
	errno = 0;
	EXPECT_EQ(strtoul("18446744073709551616", NULL, 10), ULONG_MAX);
	EXPECT_EQ(errno, ERANGE);
	EXPECT_EQ(atoi("-12abc"), -12);
	EXPECT_EQ(div(-7, 2).quot, -3);
	EXPECT_EQ(div(-7, 2).rem, -1);
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void check_sorted(int *v, size_t n)
{
	bool ok = true;

	qsort(v, n, sizeof(*v), compare_ints);
	for (size_t i = 1; i < n; i++)
		ok &= v[i - 1] <= v[i];
	EXPECT(ok);
}

static void qsort_sorts(void)
{
	int v[1000];

	for (size_t n = 0; n <= 1000; n += n < 20 ? 1 : 98) {
		long sum = 0, sum_after = 0;

		for (size_t i = 0; i < n; i++) {
			v[i] = (int)(random() % 500);
			sum += v[i];
		}
		check_sorted(v, n);
		for (size_t i = 0; i < n; i++)
			sum_after += v[i];
		EXPECT_EQ(sum_after, sum);
	}
	for (int i = 0; i < 1000; i++)
		v[i] = i;
	check_sorted(v, 1000);
	for (int i = 0; i < 1000; i++)
		v[i] = 1000 - i;
	check_sorted(v, 1000);
	for (int i = 0; i < 1000; i++)
		v[i] = 5;
	check_sorted(v, 1000);
}

struct wide {
	char	padding[150];
	int	key;
	char	more[33];
};

static int compare_wide(const void *a, const void *b)
{
	return compare_ints(&((const struct wide *)a)->key,
			    &((const struct wide *)b)->key);
}

static void qsort_moves_wide_items_whole(void)
{
	static struct wide v[50];
	bool ok = true;

	for (int i = 0; i < 50; i++) {
		v[i].key = i * 37 % 50;
		memset(v[i].padding, v[i].key, sizeof(v[i].padding));
		memset(v[i].more, v[i].key, sizeof(v[i].more));
	}
	qsort(v, 50, sizeof(v[0]), compare_wide);
	for (int i = 0; i < 50; i++)
		ok &= v[i].key == i && v[i].padding[149] == i &&
		      v[i].more[0] == i && v[i].more[32] == i;
	EXPECT(ok);
}

static void bsearch_finds(void)
{
	int v[] = { 1, 3, 5, 7, 9 };
	bool ok = true;

	for (int key = 0; key <= 10; key++) {
		for (size_t n = 0; n <= 5; n++) {
			int *p = bsearch(&key, v, n, sizeof(*v),
					 compare_ints);
			bool there = key % 2 && (size_t)key / 2 < n;

			ok &= there ? p && *p == key : p == NULL;
		}
	}
	EXPECT(ok);
}

static void environment(void)
{
	char put[] = "PUT=1", gone[] = "PUT";

	EXPECT_EQ(setenv("A", "one", 1), 0);
	EXPECT_STR(getenv("A"), "one");
	EXPECT_EQ(setenv("A", "two", 0), 0);
	EXPECT_STR(getenv("A"), "one");
	EXPECT_EQ(setenv("A", "two", 1), 0);
	EXPECT_STR(getenv("A"), "two");
	EXPECT_EQ(unsetenv("A"), 0);
	EXPECT(getenv("A") == NULL);
	EXPECT_ERRNO(setenv("", "x", 1), EINVAL);
	EXPECT_ERRNO(setenv("A=B", "x", 1), EINVAL);
	EXPECT_ERRNO(unsetenv("A=B"), EINVAL);
	EXPECT_EQ(putenv(put), 0);
	EXPECT_STR(getenv("PUT"), "1");
	put[4] = '2';
	EXPECT_STR(getenv("PUT"), "2");
	EXPECT_EQ(putenv(gone), 0);
	EXPECT(getenv("PUT") == NULL);
	EXPECT(getenv("") == NULL);
	EXPECT_EQ(clearenv(), 0);
	EXPECT(getenv("PATH") == NULL);
	EXPECT_EQ(setenv("B", "", 1), 0);
	EXPECT_STR(getenv("B"), "");
	EXPECT_STR(environ[0], "B=");
	EXPECT(environ[1] == NULL);
}

static void environment_of_many_variables(void)
{
	char name[16], value[16];
	bool ok = true;
	size_t count = 0;

	clearenv();
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 500; i++) {
			snprintf(name, sizeof(name), "V%d", i);
			snprintf(value, sizeof(value), "%d", i * round);
			ok &= setenv(name, value, 1) == 0;
		}
	}
	for (int i = 0; i < 500; i += 2) {
		snprintf(name, sizeof(name), "V%d", i);
		ok &= unsetenv(name) == 0;
	}
	for (char **p = environ; *p; p++)
		count++;
	EXPECT_EQ(count, 250);
	EXPECT_STR(getenv("V499"), "998");
	EXPECT(getenv("V498") == NULL);
	EXPECT(ok);
}

/* Read options and write them to @out as "a b=arg ? ...". */
static void run_getopt(char **argv, const char *options, char *out)
{
	int argc = 0, opt;

	while (argv[argc])
		argc++;
	optind = 1;
	opterr = 0;
	while ((opt = getopt(argc, argv, options)) != -1) {
		out += sprintf(out, "%c", opt);
		if (opt == '?' || opt == ':')
			out += sprintf(out, "%c", optopt);
		else if (optarg)
			out += sprintf(out, "=%s", optarg);
		*out++ = ' ';
	}
	sprintf(out, "%d", optind);
}

#define GETOPT(options, ...) ({ \
	static char *words[] = { "prog", __VA_ARGS__, NULL }; \
	static char result[128]; \
	run_getopt(words, options, result); \
	result; })

static void options(void)
{
	EXPECT_STR(GETOPT("ab:", "-a", "-b", "x", "y"), "a b=x 4");
	EXPECT_STR(GETOPT("ab:", "-abx", "y"), "a b=x 2");
	EXPECT_STR(GETOPT("ab", "-ab", "--", "-a"), "a b 3");
	EXPECT_STR(GETOPT("a", "x", "-a"), "1");
	EXPECT_STR(GETOPT("a", "-"), "1");
	EXPECT_STR(GETOPT("a", "-xa"), "?x a 2");
	EXPECT_STR(GETOPT("b:", "-b"), "?b 2");
	EXPECT_STR(GETOPT(":b:", "-b"), ":b 2");
	EXPECT_STR(GETOPT("b:", "-b", "--"), "b=-- 3");
}

static void first_handler(void)
{
	write(STDOUT_FILENO, "1", 1);
}

static void second_handler(void)
{
	write(STDOUT_FILENO, "2", 1);
	atexit(first_handler);
}

static void exit_runs_handlers_backwards_and_flushes(void)
{
	int fds[2], status;
	char buf[16] = "";

	EXPECT_EQ(pipe(fds), 0);
	if (fork() == 0) {
		dup2(fds[1], STDOUT_FILENO);
		setvbuf(stdout, NULL, _IOFBF, 0);
		atexit(first_handler);
		atexit(second_handler);
		printf("3");
		exit(42);
	}
	close(fds[1]);
	wait(&status);
	EXPECT(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 42);
	EXPECT_EQ(read(fds[0], buf, 15), 4);
	EXPECT_STR(buf, "2113");
}

static jmp_buf env;

static void jump(int depth, int value)
{
	volatile char frame[100];

	frame[depth] = 1;
	if (depth == 0)
		longjmp(env, value);
	if (frame[depth])
		jump(depth - 1, value);
}

static void longjmp_returns_to_setjmp(void)
{
	volatile int count = 0;
	int value = setjmp(env);

	count++;
	if (count == 1) {
		EXPECT_EQ(value, 0);
		jump(10, 7);
	} else if (count == 2) {
		EXPECT_EQ(value, 7);
		jump(3, 0);
	}
	EXPECT_EQ(value, 1);
	EXPECT_EQ(count, 3);
}

const struct test stdlib_tests[] = {
	{ "numbers_from_text", numbers_from_text },
	{ "qsort_sorts", qsort_sorts },
	{ "qsort_moves_wide_items_whole", qsort_moves_wide_items_whole },
	{ "bsearch_finds", bsearch_finds },
	{ "environment", environment },
	{ "environment_of_many_variables", environment_of_many_variables },
	{ "getopt_options", options },
	{ "exit_runs_handlers_backwards_and_flushes",
	  exit_runs_handlers_backwards_and_flushes },
	{ "longjmp_returns_to_setjmp", longjmp_returns_to_setjmp },
	{ NULL, NULL },
};
