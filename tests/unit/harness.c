/*
 * The unit tests' harness: see unit.h.
 */
#include <tests/unit/unit.h>

#define MAX_REPORTS	10	/* of one test; the first ones tell most */

int unit_warnings;
static int nr_failed_checks;
static uint64_t random_state;

/* Report a failed check of the current test. */
void unit_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (nr_failed_checks++ >= MAX_REPORTS)
		return;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

/* Return: 64 bits of a sequence that never changes (xorshift64*). */
uint64_t unit_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dUL;
}

/* Run all tests. Return: the program's exit status. */
int unit_run(const struct unit_test *tests, size_t nr)
{
	int nr_failed_tests = 0;

	printf("1..%zu\n", nr);
	for (size_t i = 0; i < nr; i++) {
		nr_failed_checks = 0;
		unit_warnings = 0;
		random_state = 0x6b65656c;
		printf("# run %s\n", tests[i].name);
		host_flush();	/* what is printed outlives a crash */
		tests[i].run();
		if (unit_warnings)
			unit_fail(tests[i].name, 0, "%d unexpected warnings",
				  unit_warnings);
		printf("%sok %zu - %s\n", nr_failed_checks ? "not " : "", i + 1,
		       tests[i].name);
		nr_failed_tests += nr_failed_checks != 0;
	}
	return nr_failed_tests != 0;
}
