/*
 * Run the tests and print what became of them.
 *
 *	test-libc [PART_OF_A_NAME]
 */
#include "test.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct test *const tables[] = {
	string_tests, printf_tests, malloc_tests, stdlib_tests, stdio_tests,
	signal_tests, file_tests, process_tests, time_tests,
};

static char scratch_dir[] = "/tmp/test-libc-XXXXXX";
static int failures;

void expect(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	failures++;
	printf("# %s:%d: %s is false\n", file, line, what);
}

void expect_eq(long got, long want, const char *file, int line,
	       const char *what)
{
	if (got == want)
		return;
	failures++;
	printf("# %s:%d: %s is %ld (%#lx), not %ld (%#lx)\n", file, line,
	       what, got, (unsigned long)got, want, (unsigned long)want);
}

void expect_str(const char *got, const char *want, const char *file, int line,
		const char *what)
{
	if (got && strcmp(got, want) == 0)
		return;
	failures++;
	printf("# %s:%d: %s is \"%s\", not \"%s\"\n", file, line, what, got,
	       want);
}

const char *scratch(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", scratch_dir, name);
	return path;
}

static void remove_scratch(void)
{
	char command[] = "rm", option[] = "-rf";
	char *argv[] = { command, option, scratch_dir, NULL };

	/* Where there is no rm, a few files stay in /tmp. */
	if (fork() == 0) {
		execvp("rm", argv);
		_exit(127);
	}
	wait(NULL);
}

/* Run one test in a child. Return: whether it passed. */
static bool run(const struct test *t)
{
	int status = 0;
	pid_t pid;

	printf("# run %s\n", t->name);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	if (pid == 0) {
		alarm(120);
		t->run();
		fflush(stdout);
		_exit(failures != 0);
	}
	if (waitpid(pid, &status, 0) < 0)
		err(EXIT_FAILURE, "waitpid");
	if (WIFSIGNALED(status))
		printf("# killed: %s\n", strsignal(WTERMSIG(status)));
	return status == 0;
}

int main(int argc, char **argv)
{
	int number = 0, failed = 0;

	if (!mkdtemp(scratch_dir))
		err(EXIT_FAILURE, "%s", scratch_dir);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct test *t = tables[i]; t->name; t++) {
			bool ok;

			if (argc > 1 && !strstr(t->name, argv[1]))
				continue;
			ok = run(t);
			failed += !ok;
			printf("%sok %d - %s\n", ok ? "" : "not ", ++number,
			       t->name);
		}
	}
	printf("1..%d\n# done\n", number);
	fflush(stdout);
	remove_scratch();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
