/* /proc: the files that ps, free, mount, uptime and top read: their form. */
#include "test.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

static char text[1 << 16];

static char *slurp(const char *path)
{
	return read_file(path, text, sizeof(text));
}

TEST(meminfo)
{
	static const char *keys[] = {
		"MemTotal:", "MemFree:", "MemAvailable:", "Buffers:",
		"Cached:", "SwapTotal:", "SwapFree:", "Shmem:", "Slab:",
	};

	slurp("/proc/meminfo");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strstr(text, keys[i]))
			FAIL("no %s", keys[i]);
	unsigned long total;
	EXPECT_EQ(sscanf(text, "MemTotal: %lu kB\n", &total), 1);
	EXPECT(total > 10000);
	EXPECT(proc_number("/proc/meminfo", "MemFree:") < (long)total);
}

TEST(meminfo_follows_use)
{
	enum { SIZE = 8 << 20 };
	long before = proc_number("/proc/meminfo", "MemFree:");
	char *p = OK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			  MAP_ANONYMOUS, -1, 0));

	memset(p, 1, SIZE);
	long after = proc_number("/proc/meminfo", "MemFree:");
	EXPECT(before - after > SIZE / 1024 / 2);
	OK(munmap(p, SIZE));
}

TEST(uptime_and_loadavg)
{
	double up, idle, a, b, c;
	int run, all, last;

	EXPECT_EQ(sscanf(slurp("/proc/uptime"), "%lf %lf\n", &up, &idle), 2);
	EXPECT(up > 0 && up < 100000);
	EXPECT_EQ(sscanf(slurp("/proc/loadavg"), "%lf %lf %lf %d/%d %d\n", &a,
			 &b, &c, &run, &all, &last), 6);
	EXPECT(run >= 1 && all >= run && last >= getpid());
}

TEST(stat_has_a_line_for_each_cpu)
{
	int cpus = 0;

	slurp("/proc/stat");
	EXPECT(strncmp(text, "cpu  ", 5) == 0);
	for (char *p = text; (p = strstr(p, "\ncpu")); p++)
		cpus++;
	EXPECT_EQ(cpus, get_nprocs());
	EXPECT(strstr(text, "\nctxt "));
	EXPECT(strstr(text, "\nbtime "));
	EXPECT(strstr(text, "\nprocesses "));
	EXPECT(strstr(text, "\nprocs_running "));
	EXPECT(strstr(text, "\nintr "));
}

TEST(version_cmdline_cpuinfo)
{
	int cpus = 0;

	EXPECT(strncmp(slurp("/proc/version"), "Linux version 6.1.", 18) == 0);
	EXPECT(strstr(slurp("/proc/cmdline"), "console=ttyS0"));
	slurp("/proc/cpuinfo");
	for (char *p = text; (p = strstr(p, "processor\t:")); p++)
		cpus++;
	EXPECT_EQ(cpus, get_nprocs());
	EXPECT(strstr(text, "model name\t:"));
	EXPECT(strstr(text, "flags\t\t:"));
}

TEST(self_is_a_link_to_ourselves)
{
	char link[32] = "", want[32];
	pid_t pid;

	OK(readlink("/proc/self", link, sizeof(link)));
	EXPECT_EQ(atoi(link), getpid());
	IN_CHILD(pid) {
		memset(link, 0, sizeof(link));
		OK(readlink("/proc/self", link, sizeof(link)));
		EXPECT_EQ(atoi(link), getpid());
	}
	EXPECT_EXIT(pid, 0);
	snprintf(want, sizeof(want), "%d/task/%d", getpid(), getpid());
	memset(link, 0, sizeof(link));
	OK(readlink("/proc/thread-self", link, sizeof(link)));
	EXPECT_STR(link, want);
}

struct stat_line {
	int pid, ppid, pgrp, session, tty, tpgid;
	char comm[64], state;
	unsigned long flags, utime, stime, vsize;
	long prio, nice, threads, rss;
	unsigned long long start;
};

static struct stat_line stat_of(const char *path)
{
	struct stat_line s;

	slurp(path);
	char *open = strchr(text, '('), *shut = strrchr(text, ')');
	EXPECT(open && shut);
	s.pid = atoi(text);
	snprintf(s.comm, sizeof(s.comm), "%.*s", (int)(shut - open - 1),
		 open + 1);
	EXPECT_EQ(sscanf(shut + 2, "%c %d %d %d %d %d %lu %*u %*u %*u %*u "
			 "%lu %lu %*d %*d %ld %ld %ld %*d %llu %lu %ld",
			 &s.state, &s.ppid, &s.pgrp, &s.session, &s.tty,
			 &s.tpgid, &s.flags, &s.utime, &s.stime, &s.prio,
			 &s.nice, &s.threads, &s.start, &s.vsize, &s.rss), 15);
	int fields = 2;
	for (char *p = shut; *p; p++)
		fields += *p == ' ';
	EXPECT_EQ(fields, 52);
	return s;
}

TEST(stat_of_a_process)
{
	struct stat_line s = stat_of("/proc/self/stat");
	char path[64];
	pid_t pid;

	EXPECT_EQ(s.pid, getpid());
	EXPECT_EQ(s.ppid, getppid());
	EXPECT_EQ(s.pgrp, getpgrp());
	EXPECT_EQ(s.session, getsid(0));
	EXPECT_EQ(s.tty, 0);
	EXPECT_EQ(s.tpgid, -1);
	EXPECT_EQ(s.state, 'R');
	EXPECT_EQ(s.prio, 20);
	EXPECT_EQ(s.nice, 0);
	EXPECT_EQ(s.threads, 1);
	EXPECT_STR(s.comm, "init");
	EXPECT(s.vsize > 100000);
	EXPECT(s.rss > 10);

	IN_CHILD(pid)
		raise(SIGSTOP);
	int status;
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	EXPECT_EQ(stat_of(path).state, 'T');
	OK(kill(pid, SIGKILL));
	siginfo_t si;
	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	s = stat_of(path);
	EXPECT_EQ(s.state, 'Z');
	EXPECT_EQ(s.vsize, 0);
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_ERR(open(path, O_RDONLY), ENOENT);
}

TEST(status_of_a_process)
{
	char want[64];

	slurp("/proc/self/status");
	EXPECT(strncmp(text, "Name:\tinit\n", 11) == 0);
	EXPECT(strstr(text, "\nState:\tR (running)\n"));
	snprintf(want, sizeof(want), "\nPid:\t%d\nPPid:\t%d\n", getpid(),
		 getppid());
	EXPECT(strstr(text, want));
	EXPECT(strstr(text, "\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
	EXPECT(strstr(text, "\nThreads:\t1\n"));
	EXPECT(strstr(text, "\nVmSize:\t"));
	EXPECT(strstr(text, "\nVmRSS:\t"));
	EXPECT(strstr(text, "\nSigBlk:\t0000000000000000\n"));
	EXPECT(strstr(text, "\nUmask:\t0022\n"));
}

TEST(status_shows_signals)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);			/* bit 9 */
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR2, SIG_IGN);			/* bit 11 */
	raise(SIGUSR1);
	slurp("/proc/self/status");
	EXPECT(strstr(text, "\nSigBlk:\t0000000000000200\n"));
	EXPECT(strstr(text, "\nSigIgn:\t0000000000000800\n"));
	EXPECT(strstr(text, "\nSigPnd:\t0000000000000200\n") ||
	       strstr(text, "\nShdPnd:\t0000000000000200\n"));
}

HELPER(wait_to_be_seen)
{
	char c = 'r';

	return write(1, &c, 1) == 1 && read(0, &c, 1) == 1 ? 0 : 1;
}

TEST(cmdline_environ_exe)
{
	char *argv[] = { HELPER_ARGV("wait_to_be_seen"), (char *)"an arg",
			 (char *)"", (char *)"last", NULL };
	char *envp[] = { (char *)"A=1", (char *)"B=2", NULL };
	int in[2], out[2];
	char path[64], c, got[256] = "";

	OK(pipe(in));
	OK(pipe(out));
	pid_t pid = OK(fork());
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execve(SELF, argv, envp);
		_exit(126);
	}
	EXPECT_EQ(read(out[0], &c, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	int fd = OK(open(path, O_RDONLY));
	static const char want[] =
		"/init\0--helper\0wait_to_be_seen\0an arg\0\0last";
	EXPECT_EQ(read(fd, got, sizeof(got)), sizeof(want));
	EXPECT_MEM(got, want, sizeof(want));
	OK(close(fd));
	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	fd = OK(open(path, O_RDONLY));
	EXPECT_EQ(read(fd, got, sizeof(got)), 8);
	EXPECT_MEM(got, "A=1\0B=2", 8);
	OK(close(fd));
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	memset(got, 0, sizeof(got));
	OK(readlink(path, got, sizeof(got)));
	EXPECT_STR(got, "/init");
	EXPECT_EQ(write(in[1], "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 2; i++) {
		OK(close(in[i]));
		OK(close(out[i]));
	}
}

TEST(kernel_threads_have_empty_cmdlines)
{
	EXPECT_EQ(stat_of("/proc/2/stat").ppid, 0);
	EXPECT_STR(slurp("/proc/2/cmdline"), "");
	char buf[64];
	EXPECT_ERR(readlink("/proc/2/exe", buf, sizeof(buf)), ENOENT);
}

TEST(cwd_and_root_links)
{
	char link[64] = "";
	pid_t pid;

	OK(mkdir("d", 0755));
	OK(chdir("d"));
	OK(readlink("/proc/self/cwd", link, sizeof(link)));
	EXPECT_STR(link, "/tmp/d");
	memset(link, 0, sizeof(link));
	OK(readlink("/proc/self/root", link, sizeof(link)));
	EXPECT_STR(link, "/");
	/* They are doors, not names: they lead there even from elsewhere. */
	IN_CHILD(pid) {
		char path[64];
		write_file("/tmp/d/f", "");
		OK(chdir("/"));
		snprintf(path, sizeof(path), "/proc/%d/cwd/f", getppid());
		OK(access(path, F_OK));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(fd_directory)
{
	char path[64];
	int fd = OK(open("/dev/null", O_RDONLY)), seen = 0, count = 0;
	DIR *dir = opendir("/proc/self/fd");

	EXPECT(dir != NULL);
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		count++;
		seen += atoi(e->d_name) == fd;
	}
	closedir(dir);
	EXPECT_EQ(seen, 1);
	EXPECT_EQ(count, open_fds() + 1);	/* and the directory itself */
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	EXPECT(strncmp(slurp(path), "pos:\t0\nflags:\t0", 15) == 0);
	OK(close(fd));
}

TEST(processes_are_listed)
{
	struct event go;
	int seen = 0, self = 0, last = 0;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	DIR *dir = opendir("/proc");
	for (struct dirent *e; (e = readdir(dir));) {
		int n = atoi(e->d_name);
		if (n) {
			EXPECT(n > last);		/* in order */
			last = n;
		}
		seen += n == pid;
		self += n == getpid();
	}
	closedir(dir);
	EXPECT_EQ(seen, 1);
	EXPECT_EQ(self, 1);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&go);
}

TEST(others_processes_are_protected)
{
	pid_t pid;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", getpid());
	IN_CHILD(pid) {
		char buf[64];

		become_user(1000, 1000);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/cwd", getppid());
		EXPECT_ERR(readlink(path, buf, sizeof(buf)), EACCES);
		snprintf(path, sizeof(path), "/proc/%d/stat", getppid());
		OK(open(path, O_RDONLY));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(proc_sys_files)
{
	EXPECT_STR(slurp("/proc/sys/kernel/ostype"), "Linux\n");
	EXPECT(strncmp(slurp("/proc/sys/kernel/osrelease"), "6.1.", 4) == 0);
	EXPECT(atoi(slurp("/proc/sys/kernel/pid_max")) >= 32768);
	int fd = OK(open("/proc/sys/kernel/hostname", O_RDWR));
	char old[65];
	ssize_t len = OK(read(fd, old, sizeof(old)));
	OK(lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(write(fd, "by-proc\n", 8), 8);
	OK(close(fd));
	EXPECT_STR(slurp("/proc/sys/kernel/hostname"), "by-proc\n");
	fd = OK(open("/proc/sys/kernel/hostname", O_WRONLY));
	EXPECT_EQ(write(fd, old, len), len);
	OK(close(fd));
}

TEST(proc_cannot_be_changed)
{
	EXPECT_ERR(open("/proc/new", O_CREAT | O_RDWR, 0600), ENOENT);
	EXPECT_ERR(mkdir("/proc/new", 0755), ENOENT);
	EXPECT_ERR(unlink("/proc/meminfo"), EPERM);
	EXPECT(rename("/proc/meminfo", "/proc/x") == -1);
	EXPECT_ERR(open("/proc/99999999/stat", O_RDONLY), ENOENT);
	EXPECT_ERR(open("/proc/01/stat", O_RDONLY), ENOENT);
}

TEST(offsets_and_short_reads)
{
	char whole[4096], part[16];
	size_t len = strlen(read_file("/proc/version", whole, sizeof(whole)));
	int fd = OK(open("/proc/version", O_RDONLY));

	for (size_t at = 0; at < len; at += 10) {
		ssize_t n = read(fd, part, 10);
		EXPECT_EQ(n, len - at < 10 ? len - at : 10);
		EXPECT_MEM(part, whole + at, n);
	}
	EXPECT_EQ(read(fd, part, 10), 0);
	EXPECT_EQ(pread(fd, part, 5, 3), 5);
	EXPECT_MEM(part, whole + 3, 5);
	OK(lseek(fd, 2, SEEK_SET));
	EXPECT_EQ(read(fd, part, 1), 1);
	EXPECT_EQ(part[0], whole[2]);
	EXPECT_ERR(read(fd, (void *)8, 10), EFAULT);
	OK(close(fd));
}

TEST(statm_and_task)
{
	long size, rss, shared;
	char path[64];

	EXPECT_EQ(sscanf(slurp("/proc/self/statm"), "%ld %ld %ld", &size,
			 &rss, &shared), 3);
	EXPECT(size >= rss && rss >= shared);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	EXPECT_EQ(stat_of(path).pid, getpid());
}

/* Reading about processes that come and go must only ever give ENOENT/ESRCH */
TEST_SECONDS(reading_races_with_exits, 120)
{
	pid_t maker, pid;

	IN_CHILD(maker)
		for (;;) {
			IN_CHILD(pid)
				;
			waitpid(pid, NULL, 0);
		}
	for (int round = 0; round < 100; round++) {
		DIR *dir = opendir("/proc");
		EXPECT(dir != NULL);
		for (struct dirent *e; (e = readdir(dir));) {
			static const char *files[] = {
				"stat", "status", "cmdline", "maps", "statm"
			};
			if (atoi(e->d_name) < getpid())
				continue;
			for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
				char path[300], buf[512];
				snprintf(path, sizeof(path), "/proc/%s/%s",
					 e->d_name, files[i]);
				int fd = open(path, O_RDONLY);
				if (fd < 0) {
					EXPECT(errno == ENOENT ||
					       errno == ESRCH);
					continue;
				}
				if (read(fd, buf, sizeof(buf)) < 0)
					EXPECT_EQ(errno, ESRCH);
				OK(close(fd));
			}
		}
		closedir(dir);
	}
	OK(kill(maker, SIGKILL));
	EXPECT_KILLED(maker, SIGKILL);
}
