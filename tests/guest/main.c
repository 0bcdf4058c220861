/*
 * The guest tests' runner: it is /init of their initramfs.
 *
 * As process 1 it makes the file systems a test may lean on, runs every test
 * in a child, reports TAP on the second serial port and powers the machine
 * off. One boot runs them all, because a boot costs more than a thousand tests.
 *
 * Each test gets a fresh tmpfs, its own session, and a limit of guest time.
 * When a test is over, whatever processes it left are killed, so that one
 * test's failure cannot become another's. If the kernel has complained meanwhile
 * (a warning, an oops), the test has failed. The line "# run NAME" before each
 * test lets the host name the culprit when the kernel dies in the middle.
 *
 * guest_only=PATTERN[,PATTERN...] on the kernel's command line (it arrives in
 * the environment) chooses tests: a pattern is a part of suite:name.
 * guest_also=PATTERN[,...] leaves of these those that it chooses too.
 * guest_repeat=N runs the choice N times, guest_from=N begins with the Nth: so
 * the host goes on behind a test that killed the kernel. As any other process
 * than 1 it runs the tests on the host and reports on its standard output.
 */
#include "test.h"

#include <linux/reboot.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>

extern const struct test __start_guest_tests[], __stop_guest_tests[];
extern const struct helper __start_guest_helpers[], __stop_guest_helpers[];

#define SCRATCH	"/tmp"

static int tap = 1;
static volatile sig_atomic_t overdue;	/* seconds counted by on_alarm */

/* ---- reporting ---- */

static void say(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	for (int done = 0; done < len;) {
		ssize_t n = write(tap, line + done, len - done);
		if (n < 0 && errno != EINTR)
			return;
		done += n > 0 ? n : 0;
	}
}

void check_failed(const char *file, int line, const char *format, ...)
{
	char text[700];
	const char *base = strrchr(file, '/');
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("# %s:%d: %s\n", base ? base + 1 : file, line, text);
	_exit(CHECK_FAILED);
}

void remark(const char *format, ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("# %s\n", text);
}

void skip_test(const char *why)
{
	say("# skip: %s\n", why);
	_exit(TEST_SKIPPED);
}

/* ---- one test ---- */

static const char *suite_of(const struct test *t)
{
	static char name[64];
	const char *base = strrchr(t->file, '/');

	snprintf(name, sizeof(name), "%s", base ? base + 1 : t->file);
	char *dot = strrchr(name, '.');
	if (dot)
		*dot = '\0';
	return name;
}

static void on_alarm(int sig)
{
	(void)sig;
	overdue++;
}

/* In the child: the state every test may rely on. */
static void prepare(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	setsid();
	umask(022);
	if (chdir(SCRATCH) != 0)
		FAIL("chdir " SCRATCH ": %s", error_name(errno));
	int null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		if (fd != null)
			dup2(null, fd);
	if (null > 2)
		close(null);
}

static void run_in_child(const struct test *t)
{
	prepare();
	int before = open_fds();
	t->run();
	int after = open_fds();
	if (after != before)
		FAIL("%d descriptors open, %d before the test", after, before);
	if (waitpid(-1, NULL, WNOHANG | __WALL) != -1 || errno != ECHILD)
		FAIL("the test did not wait for all its children");
	_exit(0);
}

/*
 * Wait for the test's own process, killing it when its time is over. The
 * alarm repeats, so one that comes just before waitpid is not lost. Orphans
 * that become ours are reaped on the way.
 */
static int wait_with_limit(pid_t pid, unsigned seconds)
{
	struct itimerval second = { { 1, 0 }, { 1, 0 } }, off = { 0 };
	int status = 0;

	overdue = 0;
	setitimer(ITIMER_REAL, &second, NULL);
	for (;;) {
		int any;
		pid_t got = wait(&any);
		if (got == pid) {
			status = any;
			break;
		}
		if (got < 0 && errno != EINTR)
			break;
		if ((unsigned)overdue >= seconds) {
			say("# still running after %u s\n", seconds);
			kill(pid, SIGKILL);
		}
	}
	setitimer(ITIMER_REAL, &off, NULL);
	return status;
}

/* ---- what the kernel says of itself ---- */

/* Bits of its taint: a broken page, an oops, a warning, a lock-up. */
#define COMPLAINTS	(1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)

static int complaints(void)
{
	char text[16] = "";
	int fd = open("/proc/sys/kernel/tainted", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atoi(text) & COMPLAINTS;
}

/* The end of the kernel's log: a warning is not shown on a quiet console. */
static void say_log(void)
{
	static char log[6000];
	int n = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof(log) - 1);

	log[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
		say("# %s\n", line);
}

static void fresh_scratch(bool mounted)
{
	if (mounted)
		umount2(SCRATCH, MNT_DETACH);
	if (mount("tmpfs", SCRATCH, "tmpfs", 0, "mode=1777") != 0)
		say("# cannot mount " SCRATCH ": %s\n", error_name(errno));
}

/* Run one test; its exit status as wait(2) tells it. */
static int run_test(const struct test *t)
{
	bool init = getpid() == 1;
	int before = complaints();

	if (init)
		fresh_scratch(true);
	pid_t pid = fork();
	if (pid == 0)
		run_in_child(t);
	if (pid < 0) {
		say("# cannot fork: %s\n", error_name(errno));
		return CHECK_FAILED << 8;
	}
	int status = wait_with_limit(pid, t->seconds);
	if (init) {
		kill(-1, SIGKILL);
		while (wait(NULL) > 0 || errno == EINTR)
			;
	}
	if (init && (complaints() & ~before)) {
		say_log();
		say("# the kernel has complained\n");
		status = CHECK_FAILED << 8;
	}
	return status;
}

/* ---- all tests ---- */

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool chosen_by(const struct test *t, const char *only)
{
	char name[128], patterns[1024];

	if (!only || !*only)
		return true;
	snprintf(name, sizeof(name), "%s:%s", suite_of(t), t->name);
	snprintf(patterns, sizeof(patterns), "%s", only);
	for (char *p = strtok(patterns, ","); p; p = strtok(NULL, ","))
		if (strstr(name, p))
			return true;
	return false;
}

static bool wanted(const struct test *t, const char *only)
{
	return chosen_by(t, only) && chosen_by(t, getenv("guest_also"));
}

static int env_number(const char *name, int otherwise)
{
	const char *word = getenv(name);

	return word ? atoi(word) : otherwise;
}

static int run_all(const char *only)
{
	int repeat = env_number("guest_repeat", 1);
	int from = env_number("guest_from", 1);
	int count = 0, failed = 0, number = 0;

	for (const struct test *t = __start_guest_tests;
	     t < __stop_guest_tests; t++)
		count += wanted(t, only);
	say("TAP version 13\n1..%d\n", count * repeat);
	for (int round = 0; round < repeat; round++) {
		for (const struct test *t = __start_guest_tests;
		     t < __stop_guest_tests; t++) {
			if (!wanted(t, only))
				continue;
			const char *suite = suite_of(t);
			if (++number < from)
				continue;
			say("# run %s:%s\n", suite, t->name);
			long start = now_ms();
			int status = run_test(t);
			long took = now_ms() - start;
			bool skip = status == TEST_SKIPPED << 8;
			bool ok = status == 0 || skip;
			if (!ok)
				say("# %s\n", status_name(status));
			failed += !ok;
			if (took >= 1000)
				say("# slow %ld ms\n", took);
			say("%sok %d - %s:%s%s\n", ok ? "" : "not ", number,
			    suite, t->name, skip ? " # SKIP" : "");
		}
	}
	say("# done: %d tests, %d failed\n", number, failed);
	return failed;
}

/* ---- process 1 ---- */

static void make_mount(const char *what, const char *where, const char *type)
{
	mkdir(where, 0755);
	if (mount(what, where, type, 0, NULL) != 0 && errno != EBUSY)
		say("# cannot mount %s: %s\n", where, error_name(errno));
}

/* The port the results go to, in raw mode: the console when there is none. */
static void open_tap(void)
{
	int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd >= 0 && tcgetattr(fd, &raw) == 0) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	} else {
		fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0)
		return;
	/* Out of the way of tests that look at descriptor numbers. */
	tap = fcntl(fd, F_DUPFD_CLOEXEC, 200);
	if (tap < 0)
		tap = fd;
	else
		close(fd);
}

static void power_off(void)
{
	tcdrain(tap);
	sync();
	reboot(RB_POWER_OFF);
	say("# power off failed: %s\n", error_name(errno));
	_exit(1);
}

static int run_helper(int argc, char **argv)
{
	for (const struct helper *h = __start_guest_helpers;
	     h < __stop_guest_helpers; h++)
		if (strcmp(h->name, argv[2]) == 0)
			return h->run(argc - 2, argv + 2);
	return 127;
}

int main(int argc, char **argv)
{
	struct sigaction alarm_action = { .sa_handler = on_alarm };

	if (argc >= 3 && strcmp(argv[1], "--helper") == 0)
		return run_helper(argc, argv);

	sigaction(SIGALRM, &alarm_action, NULL);
	if (getpid() != 1)
		return run_all(argc > 1 ? argv[1] : NULL) != 0;

	make_mount("devtmpfs", "/dev", "devtmpfs");
	open_tap();
	make_mount("proc", "/proc", "proc");
	mkdir("/dev/pts", 0755);
	make_mount("devpts", "/dev/pts", "devpts");
	mkdir(SCRATCH, 0777);
	fresh_scratch(false);
	run_all(getenv("guest_only"));
	power_off();
}
