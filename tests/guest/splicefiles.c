/*
 * Which files splice(2) and sendfile(2) may take data from, or bring it to:
 * not all that can be read and written.
 */
#include "test.h"

#include <sys/random.h>
#include <sys/sendfile.h>

enum { BYTES = 2 };

static int file_of(const char *text)
{
	int fd = OK(open("data", O_CREAT | O_TRUNC | O_RDWR, 0600));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

/* Take from @path in all ways: bytes, or -1 and errno. */
static void expect_in(const char *path, bool may, bool to_file)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK), p[2], to = file_of("");
	loff_t at = 0;

	if (fd < 0)
		FAIL("%s: %s", path, error_name(errno));
	OK(pipe2(p, O_NONBLOCK));
	if (!may) {
		EXPECT_ERR(splice(fd, NULL, p[1], NULL, BYTES, 0), EINVAL);
		EXPECT_ERR(splice(fd, &at, p[1], NULL, BYTES, 0), EINVAL);
		EXPECT_ERR(sendfile(p[1], fd, NULL, BYTES), EINVAL);
		EXPECT_ERR(sendfile(to, fd, NULL, BYTES), EINVAL);
	} else {
		if (splice(fd, NULL, p[1], NULL, BYTES, 0) != BYTES)
			FAIL("%s: %s", path, error_name(errno));
		EXPECT_EQ(splice(fd, &at, p[1], NULL, BYTES, 0), BYTES);
		at = 0;
		EXPECT_EQ(sendfile(p[1], fd, &at, BYTES), BYTES);
		at = 0;
		if (to_file)
			EXPECT_EQ(sendfile(to, fd, &at, BYTES), BYTES);
	}
	EXPECT_ERR(tee(fd, p[1], BYTES, 0), EINVAL);
	OK(close(to));
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(fd));
}

/* Bring two bytes to @path. */
static void expect_out(const char *path, bool may)
{
	int fd = OK(open(path, O_WRONLY)), p[2], from = file_of("1\n");

	OK(pipe(p));
	EXPECT_EQ(write(p[1], "1\n", 2), 2);
	if (!may) {
		EXPECT_ERR(splice(p[0], NULL, fd, NULL, BYTES, 0), EINVAL);
		EXPECT_ERR(sendfile(fd, from, NULL, BYTES), EINVAL);
	} else {
		EXPECT_EQ(splice(p[0], NULL, fd, NULL, BYTES, 0), BYTES);
		EXPECT_EQ(sendfile(fd, from, NULL, BYTES), BYTES);
	}
	OK(close(from));
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(fd));
}

TEST(devices)
{
	char c;

	EXPECT_EQ(getrandom(&c, 1, 0), 1);	/* wait until there is any */
	expect_in("/dev/null", false, false);
	expect_in("/dev/zero", false, false);
	expect_in("/dev/full", false, false);
	expect_in("/dev/kmsg", false, false);
	expect_in("/dev/random", true, true);
	expect_in("/dev/urandom", true, true);
	expect_out("/dev/null", true);
	expect_out("/dev/zero", false);
	expect_out("/dev/full", false);
	expect_out("/dev/kmsg", false);
	expect_out("/dev/random", true);
}

TEST(files_about_a_process)
{
	static const char *const refused[] = {
		"status", "stat", "statm", "maps", "smaps", "smaps_rollup",
		"mem", "cmdline", "environ", "auxv", "comm", "oom_score",
		"oom_score_adj", "coredump_filter", "timerslack_ns", "limits",
		"syscall", "stack", "personality", "loginuid", "io", "sched",
		"schedstat", "fdinfo/0", "timers", "wchan",
	};
	static const char *const writable[] = {
		"comm", "oom_score_adj", "coredump_filter", "timerslack_ns",
		"mem",
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", refused[i]);
		expect_in(path, false, false);
	}
	for (size_t i = 0; i < ARRAY_SIZE(writable); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", writable[i]);
		expect_out(path, false);
	}
	expect_in("/proc/self/mounts", true, true);
	expect_in("/proc/self/mountinfo", true, true);
	expect_in("/proc/self/exe", true, true);
}

TEST(files_about_the_system)
{
	static const char *const refused[] = {
		"kmsg", "slabinfo", "swaps", "net/unix", "sysvipc/msg",
		"sysvipc/sem", "sysvipc/shm",
	};
	static const char *const allowed[] = {
		"version", "uptime", "meminfo", "cpuinfo", "stat", "vmstat",
		"filesystems", "loadavg", "mounts", "cmdline", "devices",
		"sys/kernel/ostype", "sys/kernel/pid_max",
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		snprintf(path, sizeof(path), "/proc/%s", refused[i]);
		expect_in(path, false, false);
	}
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		snprintf(path, sizeof(path), "/proc/%s", allowed[i]);
		expect_in(path, true, true);
	}
}

TEST(directories)
{
	expect_in("/proc", false, false);
	expect_in("/proc/self/fd", false, false);
	expect_in(".", false, false);
}
