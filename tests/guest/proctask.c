/* /proc/<pid>: memory, descriptors, threads. */
#include "proctools.h"

#include <dirent.h>
#include <elf.h>
#include <linux/sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>

#define PAGE	4096UL

/* ---- maps and smaps ---- */

struct line {
	unsigned long start, end, offset, ino;
	char rights[5], device[12], *name;
	int name_column;
};

/* The line of maps, or smaps, in text[] whose area starts at @addr. */
static struct line area_at(const void *addr)
{
	char want[32];
	static struct line l;

	snprintf(want, sizeof(want), "%08lx-", (unsigned long)addr);
	char *at = strncmp(text, want, strlen(want)) ? strstr(text, want) :
						       text;
	EXPECT(at != NULL);
	int used = 0;
	EXPECT_EQ(sscanf(at, "%lx-%lx %4s %lx %11s %lu%n", &l.start, &l.end,
			 l.rights, &l.offset, l.device, &l.ino, &used), 6);
	char *end = strchr(at, '\n');
	EXPECT(end != NULL);
	EXPECT_EQ(at[used], ' ');
	*end = '\0';
	l.name = at + used + strspn(at + used, " ");
	l.name_column = l.name - at;
	return l;
}

TEST(maps_show_anonymous_areas)
{
	char *p = OK(mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct line l;

	OK(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE));
	OK(mprotect(p + 4 * PAGE, 2 * PAGE, PROT_READ | PROT_EXEC));
	slurp("/proc/self/maps");
	l = area_at(p + 2 * PAGE);
	EXPECT_EQ(l.end, (unsigned long)p + 4 * PAGE);
	EXPECT_STR(l.rights, "---p");
	EXPECT_EQ(l.offset, 0);
	EXPECT_STR(l.device, "00:00");
	EXPECT_EQ(l.ino, 0);
	EXPECT_STR(l.name, "");
	slurp("/proc/self/maps");
	EXPECT_STR(area_at(p + 4 * PAGE).rights, "r-xp");
	OK(munmap(p, 8 * PAGE));
}

TEST(maps_show_files)
{
	struct line l;
	struct stat st;
	char path[64];

	int fd = OK(open("file", O_CREAT | O_RDWR, 0600));
	OK(ftruncate(fd, 4 * PAGE));
	OK(fstat(fd, &st));
	char *p = OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE));
	char *q = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  0));
	slurp("/proc/self/maps");
	l = area_at(p);
	EXPECT_STR(l.rights, "r--p");
	EXPECT_EQ(l.offset, 2 * PAGE);
	EXPECT_EQ(l.ino, st.st_ino);
	EXPECT_EQ(l.name_column, 73);
	OK(getcwd(path, sizeof(path) - 6) ? 0 : -1);
	EXPECT_STR(l.name, strcat(path, "/file"));
	slurp("/proc/self/maps");
	EXPECT_STR(area_at(q).rights, "rw-s");
	OK(unlink("file"));
	slurp("/proc/self/maps");
	EXPECT_STR(area_at(q).name, strcat(path, " (deleted)"));
	OK(munmap(p, PAGE));
	OK(munmap(q, PAGE));
	OK(close(fd));
}

TEST(maps_name_heap_stack_and_shared_memory)
{
	char *p = OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0));

	EXPECT(sbrk(PAGE) != (void *)-1);
	slurp("/proc/self/maps");
	EXPECT(strstr(text, " [heap]\n"));
	EXPECT(strstr(text, " [stack]\n"));
	EXPECT_STR(area_at(p).name, "/dev/zero (deleted)");
	OK(munmap(p, PAGE));
}

/* Areas come and go between two reads; those that stay are seen once. */
TEST(maps_in_small_pieces)
{
	static char whole[1 << 16];
	size_t len = 0;
	ssize_t n;

	slurp("/proc/self/maps");
	int fd = OK(open("/proc/self/maps", O_RDONLY));
	while ((n = OK(read(fd, whole + len, 97))) > 0)
		len += n;
	whole[len] = '\0';
	EXPECT_STR(whole, text);
	OK(lseek(fd, 40, SEEK_SET));
	EXPECT_EQ(read(fd, whole, 20), 20);
	EXPECT_MEM(whole, text + 40, 20);
	OK(close(fd));
}

/* A value in kB of the area at @p in smaps. */
static long smaps_kib(const char *p, const char *key)
{
	char want[32], *at;

	slurp("/proc/self/smaps");
	snprintf(want, sizeof(want), "%08lx-", (unsigned long)p);
	at = strstr(text, want);
	EXPECT(at != NULL);
	at = strstr(at, key);
	EXPECT(at != NULL);
	return atol(at + strlen(key));
}

TEST(smaps_count_pages)
{
	char *p = OK(mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct event ready, go;
	pid_t pid;

	/* A neighbour it cannot be merged with, on either side. */
	OK(mprotect(p, PAGE, PROT_NONE));
	OK(mprotect(p + 15 * PAGE, PAGE, PROT_NONE));
	p += PAGE;
	for (int i = 0; i < 3; i++)
		p[i * PAGE] = 1;
	EXPECT_EQ(smaps_kib(p, "\nSize:"), 14 * 4);
	EXPECT_EQ(smaps_kib(p, "\nRss:"), 12);
	EXPECT_EQ(smaps_kib(p, "\nPss:"), 12);
	EXPECT_EQ(smaps_kib(p, "\nPrivate_Dirty:"), 12);
	EXPECT_EQ(smaps_kib(p, "\nAnonymous:"), 12);
	event_init(&ready);
	event_init(&go);
	IN_CHILD(pid) {
		event_signal(&ready);
		event_wait(&go);
	}
	event_wait(&ready);
	EXPECT_EQ(smaps_kib(p, "\nShared_Dirty:"), 12);
	EXPECT_EQ(smaps_kib(p, "\nPss:"), 6);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	event_close(&go);
	EXPECT(proc_number("/proc/self/smaps_rollup", "Rss:") > 12);
	OK(munmap(p - PAGE, 16 * PAGE));
}

/* ---- mem, auxv ---- */

TEST(mem_reads_and_writes)
{
	volatile long here = 0x1234;
	long got;
	char *p = OK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE |
			  MAP_ANONYMOUS, -1, 0));
	int fd = OK(open("/proc/self/mem", O_RDWR));

	EXPECT_EQ(pread(fd, &got, 8, (off_t)(uintptr_t)&here), 8);
	EXPECT_EQ(got, 0x1234);
	got = 0x5678;
	EXPECT_EQ(pwrite(fd, &got, 8, (off_t)(uintptr_t)&here), 8);
	EXPECT_EQ(here, 0x5678);
	/* What the process itself may not write, as a debugger does. */
	EXPECT_EQ(pwrite(fd, &got, 8, (off_t)(uintptr_t)p + 100), 8);
	EXPECT_EQ(*(long *)(p + 100), 0x5678);
	OK(munmap(p + PAGE, PAGE));
	EXPECT_EQ(pread(fd, text, 64, (off_t)(uintptr_t)p + PAGE - 32), 32);
	EXPECT_ERR(pread(fd, text, 64, (off_t)(uintptr_t)p + PAGE), EIO);
	EXPECT_ERR(pwrite(fd, text, 64, (off_t)(uintptr_t)p + PAGE), EIO);
	EXPECT_ERR(pread(fd, text, 8, 0), EIO);
	EXPECT_ERR(lseek(fd, 0, SEEK_END), EINVAL);
	OK(munmap(p, PAGE));
	OK(close(fd));
}

/* An open file keeps nothing of a process alive. */
TEST(mem_ends_with_the_process)
{
	long word = 1;
	pid_t pid;

	IN_CHILD(pid)
		pause();
	int fd = OK(open(of(pid, "mem"), O_RDONLY));
	EXPECT_EQ(pread(fd, text, 8, (off_t)(uintptr_t)&word), 8);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_EQ(pread(fd, text, 8, (off_t)(uintptr_t)&word), 0);
	OK(close(fd));
}

TEST(auxv_is_what_the_program_got)
{
	unsigned long v[128] = { 0 };
	int fd = OK(open("/proc/self/auxv", O_RDONLY));
	ssize_t n = OK(read(fd, v, sizeof(v)));
	unsigned i = 0;

	EXPECT(n > 16 && n % 16 == 0);
	/* The C library keeps a summary of its own of AT_HWCAP. */
	for (; v[i] != AT_NULL; i += 2)
		if (v[i] != AT_HWCAP)
			EXPECT_EQ(getauxval(v[i]), v[i + 1]);
	EXPECT_EQ(n, (i + 2) * 8);
	OK(close(fd));
}

/* ---- fd and fdinfo ---- */

TEST(fd_links_are_doors)
{
	struct stat a, b;
	char path[64], want[96];

	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));
	EXPECT_EQ(write(fd, "data", 4), 4);
	OK(unlink("f"));
	OK(getcwd(want, 64) ? 0 : -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_STR(link_of(path), strcat(want, "/f (deleted)"));
	/* A file without a name, opened afresh: a position of its own. */
	int again = OK(open(path, O_RDONLY));
	OK(fstat(fd, &a));
	OK(fstat(again, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(read(again, text, 10), 4);
	EXPECT_MEM(text, "data", 4);
	EXPECT_ERR(write(again, "x", 1), EBADF);
	OK(stat(path, &b));
	EXPECT_EQ(a.st_ino, b.st_ino);
	OK(close(again));
	OK(close(fd));
	EXPECT_ERR(lstat(path, &b), ENOENT);
	EXPECT_ERR(open("/proc/self/fd/00", O_RDONLY), ENOENT);
	EXPECT_ERR(open("/proc/self/fd/-1", O_RDONLY), ENOENT);
}

TEST(fd_links_show_how_files_are_open)
{
	static const struct { int flags; mode_t mode; } ways[] = {
		{ O_RDONLY, 0500 }, { O_WRONLY, 0300 }, { O_RDWR, 0700 },
	};
	char path[64];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		int fd = OK(open("/dev/null", ways[i].flags));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		OK(lstat(path, &st));
		EXPECT_EQ(st.st_mode, S_IFLNK | ways[i].mode);
		EXPECT_EQ(st.st_size, 64);
		EXPECT_STR(link_of(path), "/dev/null");
		OK(close(fd));
	}
}

TEST(fd_links_of_pipes)
{
	char path[64], want[64];
	struct stat st;
	int fds[2];

	OK(pipe(fds));
	OK(fstat(fds[0], &st));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[1]);
	snprintf(want, sizeof(want), "pipe:[%lu]", (long)st.st_ino);
	EXPECT_STR(link_of(path), want);
	/* Through the write end's link the same pipe can be read. */
	int reader = OK(open(path, O_RDONLY));
	EXPECT_EQ(write(fds[1], "p", 1), 1);
	EXPECT_EQ(read(reader, text, 1), 1);
	OK(close(reader));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(fdinfo_of_files)
{
	char path[64], want[64];

	int fd = OK(open("f", O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
	OK(ftruncate(fd, 100));
	OK(lseek(fd, 42, SEEK_SET));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	int flags = O_RDWR | O_APPEND | O_CLOEXEC | 0100000;
	snprintf(want, sizeof(want), "pos:\t42\nflags:\t0%o\nmnt_id:\t", flags);
	/* Bit 0100000 says that large files are fine: 64-bit programs leave
	 * it to the kernel whether it is seen. */
	if (!strstr(slurp(path), want)) {
		snprintf(want, sizeof(want), "pos:\t42\nflags:\t0%o\nmnt_id:\t",
			 flags & ~0100000);
		EXPECT(strstr(text, want));
	}
	OK(fcntl(fd, F_SETFD, 0));
	EXPECT(strtol(strstr(slurp(path), "flags:") + 7, NULL, 8) ==
	       (strtol(strchr(want, '0'), NULL, 8) & ~O_CLOEXEC));
	OK(close(fd));
	EXPECT_ERR(open(path, O_RDONLY), ENOENT);
}

/* A set-id program's own descriptors are root's, and yet its own. */
TEST(own_descriptors_after_a_change_of_user)
{
	pid_t pid;

	IN_CHILD(pid) {
		int null = OK(open("/dev/null", O_RDONLY));
		char path[32], parents[32];

		snprintf(parents, sizeof(parents), "/proc/%d/fd", getppid());
		become_user(1000, 1000);
		int fd = OK(open("/proc/self/fd", O_RDONLY | O_DIRECTORY));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", null);
		EXPECT_STR(link_of(path), "/dev/null");
		OK(close(fd));
		EXPECT_ERR(open(parents, O_RDONLY), EACCES);
		EXPECT_ERR(open(of(getppid(), "maps"), O_RDONLY), EACCES);
		EXPECT_ERR(open(of(getppid(), "mem"), O_RDONLY), EACCES);
		EXPECT_ERR(open(of(getppid(), "fdinfo"), O_RDONLY), EACCES);
		OK(open(of(getppid(), "status"), O_RDONLY));
		OK(open("/proc/2/stat", O_RDONLY));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(layout_is_hidden_from_others)
{
	pid_t pid;

	IN_CHILD(pid) {
		unsigned long code;
		become_user(1000, 1000);
		slurp(of(getppid(), "stat"));
		char *p = strrchr(text, ')');
		for (int field = 2; field < 26; field++)
			p = strchr(p + 1, ' ');
		EXPECT_EQ(sscanf(p, " %lu", &code), 1);
		EXPECT_EQ(code, 1);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- links ---- */

TEST(cwd_that_was_removed)
{
	struct event ready, go;
	char want[96];
	pid_t pid;

	event_init(&ready);
	event_init(&go);
	OK(getcwd(want, 64) ? 0 : -1);
	IN_CHILD(pid) {
		OK(mkdir("gone", 0700));
		OK(chdir("gone"));
		event_signal(&ready);
		event_wait(&go);
	}
	event_wait(&ready);
	OK(rmdir("gone"));
	EXPECT_STR(link_of(of(pid, "cwd")), strcat(want, "/gone (deleted)"));
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	event_close(&go);
}

TEST(root_link_after_chroot)
{
	struct event ready, go;
	char want[96];
	pid_t pid;

	event_init(&ready);
	event_init(&go);
	OK(getcwd(want, 64) ? 0 : -1);
	strcat(want, "/jail");
	OK(mkdir("jail", 0755));
	write_file("jail/inside", "");
	IN_CHILD(pid) {
		OK(chroot("jail"));
		event_signal(&ready);
		event_wait(&go);
	}
	event_wait(&ready);
	EXPECT_STR(link_of(of(pid, "root")), want);
	OK(access(of(pid, "root/inside"), F_OK));
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	event_close(&go);
}

/* ---- small files ---- */

TEST(limits_are_a_table)
{
	struct rlimit r = { 100, 200 };

	OK(setrlimit(RLIMIT_NOFILE, &r));
	slurp("/proc/self/limits");
	EXPECT(strncmp(text, "Limit                     Soft Limit           "
		       "Hard Limit           Units     \n", 79) == 0);
	EXPECT(strstr(text, "\nMax open files            100                  "
		      "200                  files     \n"));
	EXPECT(strstr(text, "\nMax cpu time              unlimited            "
		      "unlimited            seconds   \n"));
}

TEST(comm_can_be_written)
{
	struct event go;
	char path[64];
	pid_t pid;

	write_file("/proc/self/comm", "abc");
	EXPECT_STR(slurp("/proc/self/comm"), "abc\n");
	write_file("/proc/self/comm", "0123456789abcdefXYZ");
	EXPECT_STR(slurp("/proc/self/comm"), "0123456789abcde\n");
	OK(prctl(PR_SET_NAME, "back\\slash"));
	EXPECT(strncmp(slurp("/proc/self/status"), "Name:\tback\\\\slash\n",
		       17) == 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", getpid());
	EXPECT_STR(slurp(path), "back\\slash\n");
	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	int fd = OK(open(of(pid, "comm"), O_RDWR));
	EXPECT_ERR(write(fd, "x", 1), EINVAL);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(write(fd, "x", 1), ESRCH);
	OK(close(fd));
	event_close(&go);
}

TEST(oom_score_adj_goes_up_freely)
{
	pid_t pid;

	EXPECT_STR(slurp("/proc/self/oom_score_adj"), "0\n");
	int fd = OK(open("/proc/self/oom_score_adj", O_RDWR));
	EXPECT_ERR(write(fd, "1001", 4), EINVAL);
	EXPECT_ERR(write(fd, "abc", 3), EINVAL);
	EXPECT_EQ(write(fd, "500\n", 4), 4);
	EXPECT_STR(slurp("/proc/self/oom_score_adj"), "500\n");
	IN_CHILD(pid) {
		/* Inherited; and a lower value needs a capability. */
		EXPECT_STR(slurp("/proc/self/oom_score_adj"), "500\n");
		int own = OK(open("/proc/self/oom_score_adj", O_RDWR));
		become_user(1000, 1000);
		EXPECT_EQ(write(own, "600", 3), 3);
		EXPECT_ERR(write(own, "400", 3), EACCES);
		EXPECT_EQ(write(own, "500", 3), 3);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(write(fd, "-1000", 5), 5);
	EXPECT_STR(slurp("/proc/self/oom_score"), "0\n");
	OK(close(fd));
}

TEST(syscall_and_wchan_of_a_sleeper)
{
	int fds[2];
	pid_t pid;
	char want[64], c;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[1]));
		EXPECT_EQ(read(fds[0], &c, 1), 0);
	}
	wait_until_sleeping(pid);
	snprintf(want, sizeof(want), "0 0x%x 0x", fds[0]);
	EXPECT(strncmp(slurp(of(pid, "syscall")), want, strlen(want)) == 0);
	EXPECT(strcmp(slurp(of(pid, "wchan")), "0") != 0);
	EXPECT(strncmp(slurp(of(pid, "stack")), "[<0>] ", 6) == 0);
	OK(close(fds[1]));
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
}

TEST(mounts_lead_to_our_own)
{
	struct statfs fs;

	EXPECT_STR(link_of("/proc/mounts"), "self/mounts");
	EXPECT(strstr(slurp("/proc/mounts"), " /proc proc rw"));
	slurp("/proc/self/mountinfo");
	EXPECT(strstr(text, " / /proc rw"));
	EXPECT(strstr(text, " - proc "));
	OK(statfs("/proc", &fs));
	EXPECT_EQ(fs.f_type, 0x9fa0);
}

TEST(kernel_threads_have_no_memory)
{
	EXPECT_STR(slurp("/proc/2/maps"), "");
	EXPECT_STR(slurp("/proc/2/smaps"), "");
	EXPECT_STR(slurp("/proc/2/environ"), "");
	EXPECT_STR(slurp("/proc/2/statm"), "0 0 0 0 0 0 0\n");
	EXPECT_STR(slurp("/proc/2/oom_score"), "0\n");
	EXPECT_STR(link_of("/proc/2/cwd"), "/");
	EXPECT(!strstr(slurp("/proc/2/status"), "\nVmSize:"));
	EXPECT(strstr(text, "\nName:") == NULL && strstr(text, "\nPid:\t2\n"));
}

/* ---- threads ---- */

static int thread_pipe[2];

static int thread(void *unused __attribute__((unused)))
{
	char c;

	syscall(SYS_read, thread_pipe[0], &c, 1);
	syscall(SYS_exit, 0);
	return 0;
}

static int start_thread(char *stack, size_t size)
{
	extern int clone(int (*)(void *), void *, int, void *, ...);

	return clone(thread, stack + size, CLONE_VM | CLONE_FS | CLONE_FILES |
		     CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL);
}

static int tids_of(const char *path, int *tids, int max)
{
	DIR *dir = opendir(path);
	int n = 0;

	EXPECT(dir != NULL);
	for (struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.' && n < max)
			tids[n++] = atoi(e->d_name);
	closedir(dir);
	return n;
}

static void check_threads(const int *tids)
{
	char path[64], want[64];
	int listed[8];
	struct stat st;

	EXPECT_EQ(tids_of("/proc/self/task", listed, 8), 4);
	EXPECT_EQ(listed[0], getpid());
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(listed[i + 1], tids[i]);
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
			 tids[i]);
		EXPECT_EQ(atoi(slurp(path)), tids[i]);
		snprintf(path, sizeof(path), "/proc/self/task/%d/status",
			 tids[i]);
		snprintf(want, sizeof(want), "\nTgid:\t%d\nNgid:\t0\n"
			 "Pid:\t%d\n", getpid(), tids[i]);
		EXPECT(strstr(slurp(path), want));
		EXPECT(strstr(text, "\nThreads:\t4\n"));
		/* Not listed in /proc, but there. */
		OK(access(of(tids[i], "stat"), F_OK));
	}
	OK(stat("/proc/self/task", &st));
	EXPECT_EQ(st.st_nlink, 2 + 4);
	snprintf(path, sizeof(path), "/proc/self/task/%d", getppid());
	EXPECT_ERR(access(path, F_OK), ENOENT);
	snprintf(path, sizeof(path), "/proc/self/task/%d/task", getpid());
	EXPECT_ERR(access(path, F_OK), ENOENT);
}

TEST(threads_have_directories)
{
	static char stacks[3][16384] __attribute__((aligned(16)));
	int tids[3];
	pid_t pid;

	IN_CHILD(pid) {
		OK(pipe(thread_pipe));
		for (int i = 0; i < 3; i++)
			tids[i] = OK(start_thread(stacks[i],
						  sizeof(stacks[i])));
		check_threads(tids);
		OK(close(thread_pipe[1]));
		/* They end; their directories go with them. */
		for (int i = 0; i < 3; i++)
			while (access(of(tids[i], "stat"), F_OK) == 0)
				usleep(1000);
		int listed[8];
		EXPECT_EQ(tids_of("/proc/self/task", listed, 8), 1);
	}
	EXPECT_EXIT(pid, 0);
}
