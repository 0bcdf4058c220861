/* /proc/<pid>: processes that are gone, and the listing of those that live. */
#include "proctools.h"

#include <dirent.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define PAGE	4096UL

/* ---- processes that are gone ---- */

TEST(open_files_of_dead_processes)
{
	pid_t pid;

	IN_CHILD(pid)
		pause();
	int stat_fd = OK(open(of(pid, "stat"), O_RDONLY));
	int maps_fd = OK(open(of(pid, "maps"), O_RDONLY));
	int dir = OK(open(of(pid, ""), O_RDONLY | O_DIRECTORY));
	EXPECT(read(stat_fd, text, 100) > 0);
	OK(lseek(stat_fd, 0, SEEK_SET));
	OK(kill(pid, SIGKILL));
	siginfo_t si;
	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	/* A zombie still has a name, and no memory. */
	EXPECT(read(stat_fd, text, 100) > 0);
	EXPECT_EQ(read(maps_fd, text, 100), 0);
	EXPECT_STR(slurp(of(pid, "cmdline")), "");
	EXPECT_ERR(readlink(of(pid, "cwd"), text, 100), ENOENT);
	EXPECT_KILLED(pid, SIGKILL);
	OK(lseek(stat_fd, 0, SEEK_SET));
	EXPECT_ERR(read(stat_fd, text, 100), ESRCH);
	EXPECT_ERR(openat(dir, "stat", O_RDONLY), ESRCH);
	EXPECT_ERR(syscall(SYS_getdents64, dir, text, 4096), ENOENT);
	OK(close(stat_fd));
	OK(close(maps_fd));
	OK(close(dir));
}

/* No path would lead to it any more. */
TEST(what_is_mounted_there_goes_with_the_process)
{
	char place[64];
	pid_t pid;

	IN_CHILD(pid)
		pause();
	snprintf(place, sizeof(place), "/proc/%d/fd", pid);
	OK(mount("gone", place, "tmpfs", 0, NULL));
	OK(mkdir(of(pid, "fd/below"), 0700));
	OK(mount("gone too", of(pid, "fd/below"), "tmpfs", 0, NULL));
	EXPECT(strstr(slurp("/proc/mounts"), place) != NULL);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_ERR(umount(place), ENOENT);
	EXPECT(strstr(slurp("/proc/mounts"), place) == NULL);
}

/* A number that is given out again is another process's. */
TEST(a_directory_is_one_process_not_a_number)
{
	int dir = -1;
	pid_t pid;

	IN_CHILD(pid)
		pause();
	dir = OK(open(of(pid, ""), O_RDONLY | O_DIRECTORY));
	OK(fchdir(dir));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	char last[16];
	snprintf(last, sizeof(last), "%d", pid - 1);
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
	if (fd >= 0) {
		EXPECT(write(fd, last, strlen(last)) > 0);
		OK(close(fd));
	}
	IN_CHILD(pid)
		pause();
	EXPECT_ERR(open("stat", O_RDONLY), ESRCH);
	OK(access(of(pid, "stat"), F_OK));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	OK(chdir("/tmp"));
	OK(close(dir));
}

/* ---- listing ---- */

struct entry {
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* All names, read with a buffer of @size bytes, joined by spaces. */
static void list(const char *path, size_t size, char *names, size_t max)
{
	static char buf[4096];
	int fd = OK(open(path, O_RDONLY | O_DIRECTORY));
	size_t len = 0;
	long n;

	names[0] = '\0';
	while ((n = OK(syscall(SYS_getdents64, fd, buf, size))) > 0)
		for (long at = 0; at < n;) {
			struct entry *e = (struct entry *)(buf + at);

			len += snprintf(names + len, max - len, "%s ", e->name);
			at += e->len;
		}
	OK(close(fd));
}

TEST(listing_in_small_pieces)
{
	static char small[16384], large[16384];
	static const char *const dirs[] = {
		"/proc/self", "/proc/self/fd", "/proc/sys/kernel",
		"/proc/self/task",
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		list(dirs[i], 64, small, sizeof(small));
		list(dirs[i], 4096, large, sizeof(large));
		EXPECT_STR(small, large);
		EXPECT(strncmp(small, ". .. ", 5) == 0);
	}
	list("/proc", 64, small, sizeof(small));
	EXPECT(strstr(small, " self ") && strstr(small, " meminfo "));
}

TEST(listed_numbers_are_inode_numbers)
{
	struct dirent *e;
	struct stat st;
	char path[300];

	if (!running_on_keel())
		SKIP("Linux makes inodes when it lists them");
	DIR *dir = opendir("/proc/self");
	while ((e = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/%s", e->d_name);
		if (e->d_name[0] == '.')
			continue;
		OK(lstat(path, &st));
		EXPECT_EQ(st.st_ino, e->d_ino);
	}
	closedir(dir);
}

/* ---- all of it ---- */

/* Read the first 64 KiB of every file below @path, links not followed. */
static int read_all(const char *path, int depth)
{
	DIR *dir = opendir(path);
	int files = 0;

	if (!dir)
		return 0;
	for (struct dirent *e; (e = readdir(dir));) {
		char name[512];

		/* Waits for news; is as large as memory; would stop us. */
		if (e->d_name[0] == '.' || strcmp(e->d_name, "kmsg") == 0 ||
		    strcmp(e->d_name, "kcore") == 0 ||
		    strcmp(e->d_name, "sysrq-trigger") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR && depth > 0 && !atoi(e->d_name))
			files += read_all(name, depth - 1);
		if (e->d_type != DT_REG)
			continue;
		int fd = open(name, O_RDONLY | O_NONBLOCK);
		if (fd < 0)
			continue;	/* write-only */
		while (read(fd, text, sizeof(text)) > 0 &&
		       lseek(fd, 0, SEEK_CUR) < 65536)
			;
		OK(close(fd));
		files++;
	}
	closedir(dir);
	return files;
}

/* Nothing is expected of the texts; on the debug build, that locks are taken
 * in their order. */
TEST_SECONDS(every_file_can_be_read, 120)
{
	EXPECT(read_all("/proc", 0) >= 12);
	EXPECT(read_all("/proc/self", 1) >= 20);
	EXPECT(read_all("/proc/1", 0) >= 20);
	EXPECT(read_all("/proc/2", 0) >= 20);
	EXPECT(read_all("/proc/sys", 3) >= 20);
}
