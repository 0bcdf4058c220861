/*
 * Running the tests of tests/kernel/: see selftest.h.
 */
#include <kernel/selftest.h>

#define LOG_PREFIX "selftest"

#include <arch/power.h>
#include <fs/file.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <lib/printf.h>
#include <lib/string.h>

extern const struct kernel_test __start_selftests[], __stop_selftests[];

static struct file *results;	/* /dev/ttyS1, or NULL: the log */
static bool failed;		/* the running test */

static __printf(1, 2) void say(const char *fmt, ...)
{
	char line[256];
	loff_t pos = 0;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	if (!results) {
		pr_info("%s", line);
		return;
	}
	line[n++] = '\n';
	kernel_write(results, line, n, &pos);
}

bool selftest_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		failed = true;
		say("# %s:%d: expected %s", file, line, what);
	}
	return ok;
}

static bool __init selected(const struct kernel_test *test, const char *which)
{
	return strcmp(which, "all") == 0 || strstr(test->name, which);
}

/*
 * Run what keel.selftest= names and power off; return at once if it is not on
 * the command line. Before: everything. Context: process.
 */
void __init selftests_run(void)
{
	const char *which = param_get("keel.selftest");
	const struct kernel_test *test;
	unsigned int count = 0, number = 0;

	if (!which)
		return;
	results = filp_open("/dev/ttyS1", O_WRONLY | O_NOCTTY, 0);
	if (IS_ERR(results))
		results = NULL;
	for (test = __start_selftests; test < __stop_selftests; test++)
		count += selected(test, which);
	say("1..%u", count);
	for (test = __start_selftests; test < __stop_selftests; test++) {
		if (!selected(test, which))
			continue;
		say("# %s", test->name);
		failed = false;
		test->run();
		say("%s %u - %s", failed ? "not ok" : "ok", ++number,
		    test->name);
	}
	if (results)
		vfs_fsync(results, false);
	machine_power_off();
}
