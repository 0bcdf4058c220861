/*
 * Resource limits: the rules of setrlimit and prlimit, and for each limit
 * where it is felt. What a suite of its own has (descriptors in fds, cores in
 * coredump, queues in mqueue, real-time priorities in schedrt) is not repeated.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/uio.h>

#define PAGE	4096UL
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define USER	4711

static void set_limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	OK(setrlimit(which, &limit));
}

static struct rlimit get_limit(int which)
{
	struct rlimit limit;

	OK(getrlimit(which, &limit));
	return limit;
}

static int try_limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	return setrlimit(which, &limit);
}

static char *map(size_t len)
{
	return OK(mmap(NULL, len, RW, ANON, -1, 0));
}

/* ---- the rules ---- */

TEST(what_the_first_process_has)
{
	static const struct {
		int which;
		rlim_t soft, hard;
	} first[] = {
		{ RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_STACK, 8 << 20, RLIM_INFINITY },
		{ RLIMIT_CORE, 0, RLIM_INFINITY },
		{ RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_NOFILE, 1024, 4096 },
		{ RLIMIT_MEMLOCK, 8 << 20, 8 << 20 },
		{ RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY },
		{ RLIMIT_MSGQUEUE, 819200, 819200 },
		{ RLIMIT_NICE, 0, 0 },
		{ RLIMIT_RTPRIO, 0, 0 },
		{ RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY },
	};
	struct rlimit processes = get_limit(RLIMIT_NPROC);
	struct rlimit pending = get_limit(RLIMIT_SIGPENDING);

	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		struct rlimit limit = get_limit(first[i].which);

		EXPECT_EQ(limit.rlim_cur, first[i].soft);
		EXPECT_EQ(limit.rlim_max, first[i].hard);
	}
	/* By the size of memory, one for both. */
	EXPECT(processes.rlim_cur > 0 && processes.rlim_cur < 1 << 20);
	EXPECT_EQ(processes.rlim_cur, processes.rlim_max);
	EXPECT_EQ(pending.rlim_cur, processes.rlim_cur);
	EXPECT_EQ(pending.rlim_max, processes.rlim_cur);
}

/* A value for each, different from the others', that hinders nobody. */
static rlim_t some_value(int which)
{
	return (which == RLIMIT_NOFILE ? 2000 : 1 << 30) + which;
}

static void check_some_values(void)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = get_limit(i);

		EXPECT_EQ(limit.rlim_cur, some_value(i));
		EXPECT_EQ(limit.rlim_max, some_value(i) + 100);
	}
}

HELPER(limits_are_some_values)
{
	check_some_values();
	return 0;
}

TEST(all_are_kept_over_fork_and_exec)
{
	char *argv[] = { HELPER_ARGV("limits_are_some_values"), NULL };
	pid_t pid;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		set_limit(i, some_value(i), some_value(i) + 100);
	check_some_values();
	IN_CHILD(pid) {
		check_some_values();
		/* The child's are its own. */
		for (int i = 0; i < RLIM_NLIMITS; i++)
			set_limit(i, 77, 78);
	}
	EXPECT_EXIT(pid, 0);
	check_some_values();
	EXPECT_EXIT(spawn(SELF, argv, NULL), 0);
}

static void *lower_limit(void *unused)
{
	set_limit(RLIMIT_LOCKS, 5, 6);
	return unused;
}

TEST(threads_have_them_in_common)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, lower_limit, NULL), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(get_limit(RLIMIT_LOCKS).rlim_cur, 5);
	EXPECT_EQ(get_limit(RLIMIT_LOCKS).rlim_max, 6);
}

TEST(arguments_are_judged)
{
	struct rlimit limit = { 20, 10 }, old;

	for (int i = 0; i < RLIM_NLIMITS; i++)
		EXPECT_ERR(setrlimit(i, &limit), EINVAL);
	limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY - 1 };
	EXPECT_ERR(setrlimit(RLIMIT_AS, &limit), EINVAL);
	limit = (struct rlimit){ 10, 20 };
	EXPECT_ERR(syscall(SYS_setrlimit, RLIM_NLIMITS, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_setrlimit, -1, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_getrlimit, RLIM_NLIMITS, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_getrlimit, -1, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_prlimit64, 0, RLIM_NLIMITS, NULL, &old), EINVAL);
	/* What is to be read is read first. */
	EXPECT_ERR(syscall(SYS_setrlimit, RLIM_NLIMITS, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_getrlimit, RLIM_NLIMITS, 8L), EINVAL);
	EXPECT_ERR(syscall(SYS_getrlimit, RLIMIT_AS, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_prlimit64, -5, RLIM_NLIMITS, 8L, 0), EFAULT);
	EXPECT_ERR(syscall(SYS_prlimit64, -5, RLIM_NLIMITS, 0, 8L), ESRCH);
	EXPECT_ERR(syscall(SYS_prlimit64, 0x3ffffff0, 0, 0, 0), ESRCH);
	OK(syscall(SYS_prlimit64, 0, RLIMIT_AS, NULL, NULL));
	/* The old value cannot be told: the new one has been set. */
	EXPECT_ERR(syscall(SYS_prlimit64, 0, RLIMIT_LOCKS, &limit, 8L),
		   EFAULT);
	EXPECT_EQ(get_limit(RLIMIT_LOCKS).rlim_cur, 10);
	/* Both can be the same place. */
	OK(prlimit(0, RLIMIT_LOCKS, &limit, &limit));
	EXPECT_EQ(limit.rlim_cur, 10);
}

TEST(who_may_raise_a_hard_limit)
{
	pid_t pid;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		set_limit(i, some_value(i), some_value(i) + 1);
		set_limit(i, some_value(i), some_value(i) + 2);
	}
	IN_CHILD(pid) {
		become_user(USER, USER);
		for (int i = 0; i < RLIM_NLIMITS; i++) {
			rlim_t v = some_value(i);

			EXPECT_ERR(try_limit(i, v, v + 3), EPERM);
			OK(try_limit(i, v + 2, v + 2));
			OK(try_limit(i, v, v + 1));
			EXPECT_ERR(try_limit(i, v + 1, v + 2), EPERM);
		}
	}
	EXPECT_EXIT(pid, 0);
	/* Descriptors have a bound for everybody. */
	rlim_t most = proc_number("/proc/sys/fs/nr_open", "");
	OK(try_limit(RLIMIT_NOFILE, 10, most));
	EXPECT_ERR(try_limit(RLIMIT_NOFILE, 10, most + 1), EPERM);
	EXPECT_ERR(try_limit(RLIMIT_NOFILE, 10, RLIM_INFINITY), EPERM);
}

/* A child that has done what its parent asked for, and stays. */
static pid_t child_of_user(uid_t real, uid_t effective, gid_t gid)
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		OK(setresgid(gid, gid, gid));
		OK(setresuid(real, effective, effective));
		event_signal(&ready);
		for (;;)
			pause();
	}
	event_wait(&ready);
	event_close(&ready);
	return pid;
}

TEST(limits_of_others)
{
	pid_t same = child_of_user(USER, USER, USER);
	pid_t other = child_of_user(USER + 1, USER + 1, USER);
	pid_t group = child_of_user(USER, USER, USER + 1);
	pid_t effective = child_of_user(USER, USER + 1, USER);
	struct rlimit limit = { 10, 20 }, old;
	pid_t pid;

	OK(prlimit(other, RLIMIT_LOCKS, &limit, &old));
	EXPECT_EQ(old.rlim_cur, RLIM_INFINITY);
	OK(prlimit(same, RLIMIT_LOCKS, &limit, NULL));
	IN_CHILD(pid) {
		become_user(USER, USER);
		OK(prlimit(same, RLIMIT_LOCKS, NULL, &old));
		EXPECT_EQ(old.rlim_max, 20);
		limit = (struct rlimit){ 15, 18 };
		OK(prlimit(same, RLIMIT_LOCKS, &limit, NULL));
		limit = (struct rlimit){ 15, 19 };
		EXPECT_ERR(prlimit(same, RLIMIT_LOCKS, &limit, NULL), EPERM);
		EXPECT_ERR(prlimit(other, RLIMIT_LOCKS, NULL, NULL), EPERM);
		EXPECT_ERR(prlimit(group, RLIMIT_LOCKS, NULL, &old), EPERM);
		EXPECT_ERR(prlimit(effective, RLIMIT_LOCKS, NULL, &old),
			   EPERM);
		EXPECT_ERR(prlimit(1, RLIMIT_LOCKS, NULL, &old), EPERM);
		/* Permission first, then whether there is such a limit. */
		EXPECT_ERR(prlimit(other, RLIM_NLIMITS, NULL, &old), EPERM);
		EXPECT_ERR(prlimit(same, RLIM_NLIMITS, NULL, &old), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(same, SIGKILL));
	OK(kill(other, SIGKILL));
	OK(kill(group, SIGKILL));
	OK(kill(effective, SIGKILL));
	reap_all();
}

/* Ids count as they are, not what they might become. */
TEST(an_effective_id_of_ones_own_does_not_help)
{
	pid_t victim = child_of_user(USER, USER, USER);
	struct rlimit old;
	pid_t pid;

	IN_CHILD(pid) {
		OK(setresgid(USER, USER, USER));
		OK(setresuid(USER + 1, USER, USER));
		EXPECT_ERR(prlimit(victim, RLIMIT_LOCKS, NULL, &old), EPERM);
		/* Oneself is another matter. */
		OK(prlimit(getpid(), RLIMIT_LOCKS, NULL, &old));
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(victim, SIGKILL));
	EXPECT_KILLED(victim, SIGKILL);
}

TEST(a_zombie_has_limits)
{
	struct rlimit limit = { 1, 2 }, old;
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid)
		;
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	OK(prlimit(pid, RLIMIT_LOCKS, &limit, NULL));
	OK(prlimit(pid, RLIMIT_LOCKS, NULL, &old));
	EXPECT_EQ(old.rlim_max, 2);
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(prlimit(pid, RLIMIT_LOCKS, NULL, &old), ESRCH);
}

/* ---- CPU ---- */

static volatile sig_atomic_t xcpu;

static void on_xcpu(int sig __attribute__((unused)))
{
	xcpu++;
}

TEST(cpu_warns_each_second_and_then_kills)
{
	struct rlimit *seen = OK(mmap(NULL, PAGE, RW, MAP_SHARED |
				      MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	IN_CHILD(pid) {
		signal(SIGXCPU, on_xcpu);
		set_limit(RLIMIT_CPU, 1, 3);
		while (xcpu < 2)
			;
		*seen = get_limit(RLIMIT_CPU);
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_EQ(seen->rlim_cur, 3);
	EXPECT_EQ(seen->rlim_max, 3);
	OK(munmap(seen, PAGE));
}

TEST(cpu_limit_of_nothing)
{
	pid_t pid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_CPU, 0, RLIM_INFINITY);
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGXCPU);
	IN_CHILD(pid) {
		signal(SIGXCPU, SIG_IGN);
		set_limit(RLIMIT_CPU, 0, 0);
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGKILL);
	IN_CHILD(pid) {
		/* An infinite soft limit is no limit yet. */
		signal(SIGXCPU, SIG_IGN);
		set_limit(RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY);
		set_limit(RLIMIT_CPU, 1, 1);
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGKILL);
}

static void *burn(void *unused)
{
	for (;;)
		asm volatile("pause");
	return unused;
}

HELPER(burn_cpu)
{
	burn(NULL);
	return 0;
}

/* The time of all threads, and of what the process was before an exec. */
TEST(cpu_counts_the_whole_process)
{
	char *argv[] = { HELPER_ARGV("burn_cpu"), NULL };
	pthread_t thread;
	pid_t pid, kid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_CPU, 1, RLIM_INFINITY);
		pthread_create(&thread, NULL, burn, NULL);
		pthread_create(&thread, NULL, burn, NULL);
		for (;;)
			pause();
	}
	EXPECT_KILLED(pid, SIGXCPU);
	IN_CHILD(pid) {
		set_limit(RLIMIT_CPU, 1, RLIM_INFINITY);
		/* A child's time is the child's. */
		IN_CHILD(kid)
			burn(NULL);
		EXPECT_KILLED(kid, SIGXCPU);
		signal(SIGXCPU, SIG_DFL);
		execv(SELF, argv);
	}
	EXPECT_KILLED(pid, SIGXCPU);
}

/* The clock that is near its limit already: the limit of another. */
TEST(cpu_limit_set_from_outside)
{
	struct rlimit limit = { 0, 0 };
	pid_t pid;

	IN_CHILD(pid)
		burn(NULL);
	OK(prlimit(pid, RLIMIT_CPU, &limit, NULL));
	EXPECT_KILLED(pid, SIGKILL);
}

/* ---- files ---- */

static volatile sig_atomic_t xfsz;

static void on_xfsz(int sig __attribute__((unused)))
{
	xfsz++;
}

#define EXPECT_TOO_BIG(expr) do {					\
	xfsz = 0;							\
	EXPECT_ERR(expr, EFBIG);					\
	EXPECT_EQ(xfsz, 1);						\
} while (0)

TEST(fsize_stops_every_way_to_write)
{
	static char buf[8192];
	struct iovec iov[2] = { { buf, 3000 }, { buf, 3000 } };
	int in = OK(open("in", O_RDWR | O_CREAT, 0600));
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	off_t from, to;
	int fds[2];

	EXPECT_EQ(write(in, buf, 8192), 8192);
	signal(SIGXFSZ, on_xfsz);
	set_limit(RLIMIT_FSIZE, 5000, RLIM_INFINITY);
	/* As much as goes, then nothing. */
	EXPECT_EQ(writev(fd, iov, 2), 5000);
	EXPECT_EQ(xfsz, 0);
	EXPECT_TOO_BIG(writev(fd, iov, 2));
	EXPECT_TOO_BIG(write(fd, buf, 1));
	EXPECT_TOO_BIG(pwrite(fd, buf, 10, 5000));
	EXPECT_TOO_BIG(pwrite(fd, buf, 10, 1 << 20));
	EXPECT_EQ(pwrite(fd, buf, 10, 4995), 5);
	EXPECT_EQ(write(fd, buf, 0), 0);
	EXPECT_TOO_BIG(ftruncate(fd, 5001));
	EXPECT_TOO_BIG(truncate("f", 5001));
	EXPECT_TOO_BIG(fallocate(fd, 0, 0, 5001));
	EXPECT_TOO_BIG(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5001));
	OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5000));
	OK(lseek(in, 0, SEEK_SET));
	OK(lseek(fd, 5000, SEEK_SET));
	EXPECT_TOO_BIG(sendfile(fd, in, NULL, 10));
	from = 0;
	to = 5000;
	EXPECT_TOO_BIG(copy_file_range(in, &from, fd, &to, 10, 0));
	OK(lseek(fd, 4000, SEEK_SET));
	EXPECT_EQ(sendfile(fd, in, NULL, 8192), 1000);
	/* Appending. */
	int end = OK(open("f", O_WRONLY | O_APPEND));
	EXPECT_TOO_BIG(write(end, buf, 1));
	OK(close(end));
	/* Larger already: what there is may be written. */
	EXPECT_EQ(pwrite(in, buf, 100, 0), 100);
	EXPECT_TOO_BIG(pwrite(in, buf, 100, 6000));
	EXPECT_TOO_BIG(ftruncate(in, 8193));
	OK(ftruncate(in, 6000));
	/* Only files have a size. */
	OK(pipe(fds));
	EXPECT_EQ(write(fds[1], buf, 5001), 5001);
	OK(close(fds[0]));
	OK(close(fds[1]));
	OK(close(in));
	OK(close(fd));
}

TEST(fsize_of_nothing)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	int null = OK(open("/dev/null", O_WRONLY));
	pid_t pid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_FSIZE, 0, 0);
		OK(close(OK(open("new", O_CREAT | O_WRONLY, 0600))));
		OK(mkdir("dir", 0700));
		OK(symlink("to", "link"));
		EXPECT_EQ(write(null, "x", 1), 1);
		EXPECT_EQ(write(fd, "x", 1), -1);
	}
	EXPECT_KILLED(pid, SIGXFSZ);
	OK(close(fd));
	OK(close(null));
}

TEST(locks_are_not_limited)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	set_limit(RLIMIT_LOCKS, 0, 0);
	OK(flock(fd, LOCK_EX));
	OK(fcntl(fd, F_SETLK, &lock));
	OK(close(fd));
}

TEST(nofile_holds_for_new_ones_only)
{
	struct pollfd one[3] = {};
	int fd = OK(dup2(0, 100));
	pid_t pid;

	set_limit(RLIMIT_NOFILE, 2, 4096);
	OK(fcntl(fd, F_GETFD));
	EXPECT_ERR(dup(fd), EMFILE);
	EXPECT_ERR(open("/dev/null", O_RDONLY), EMFILE);
	EXPECT_ERR(dup2(fd, 101), EBADF);
	EXPECT_ERR(dup3(fd, 2, 0), EBADF);
	EXPECT_EQ(dup2(fd, 1), 1);
	EXPECT_ERR(fcntl(fd, F_DUPFD, 2), EINVAL);
	EXPECT_ERR(fcntl(fd, F_DUPFD, 1), EMFILE);
	EXPECT_EQ(poll(one, 2, 0), 0);
	EXPECT_ERR(poll(one, 3, 0), EINVAL);
	IN_CHILD(pid)
		OK(fcntl(fd, F_GETFD));
	EXPECT_EXIT(pid, 0);
	set_limit(RLIMIT_NOFILE, 0, 4096);
	EXPECT_ERR(dup2(fd, 0), EBADF);
	EXPECT_ERR(dup(0), EMFILE);
	OK(close(fd));
}

/* ---- tasks ---- */

static int stay(void *unused __attribute__((unused)))
{
	for (;;)
		pause();
	return 0;
}

TEST(nproc_counts_threads)
{
	static char stacks[4][8192] __attribute__((aligned(16)));
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM;
	pid_t pid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_NPROC, 3, 3);
		become_user(USER + 1, USER + 1);
		OK(clone(stay, stacks[0] + 8192, flags, NULL));
		OK(clone(stay, stacks[1] + 8192, flags, NULL));
		EXPECT_ERR(clone(stay, stacks[2] + 8192, flags, NULL), EAGAIN);
		EXPECT_ERR(fork(), EAGAIN);
		EXPECT_ERR(vfork(), EAGAIN);
		syscall(SYS_exit_group, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(nproc_does_not_bind_root_or_the_privileged)
{
	pid_t pid, kid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_NPROC, 0, 0);
		IN_CHILD(kid)
			;
		EXPECT_EXIT(kid, 0);
		/* The real user counts, not the effective one. */
		OK(setresuid(0, USER + 2, 0));
		IN_CHILD(kid)
			;
		EXPECT_EXIT(kid, 0);
		OK(setresuid(-1, 0, -1));
		OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		OK(setresuid(USER + 2, 0, 0));
		IN_CHILD(kid)
			;
		EXPECT_EXIT(kid, 0);
		OK(setresuid(USER + 2, USER + 2, USER + 2));
		EXPECT_ERR(fork(), EAGAIN);
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(true)
{
	return 0;
}

/* setuid always succeeds; it is the exec after it that does not. */
TEST(nproc_is_asked_at_exec_after_setuid)
{
	char *argv[] = { HELPER_ARGV("true"), NULL };
	pid_t first = child_of_user(USER + 3, USER + 3, USER + 3);
	pid_t pid;

	OK(chmod(".", 0755));
	IN_CHILD(pid) {
		set_limit(RLIMIT_NPROC, 0, 1);
		become_user(USER + 3, USER + 3);
		EXPECT_ERR(execv(SELF, argv), EAGAIN);
		EXPECT_ERR(execv(SELF, argv), EAGAIN);
		/* With room again, the same process may. */
		OK(kill(first, SIGKILL));
		while (kill(first, 0) == 0)
			sched_yield();
		set_limit(RLIMIT_NPROC, 1, 1);
		execv(SELF, argv);
	}
	EXPECT_KILLED(first, SIGKILL);
	EXPECT_EXIT(pid, 0);
	/* Not asked if nobody changed to the user. */
	IN_CHILD(pid) {
		become_user(USER + 3, USER + 3);
		set_limit(RLIMIT_NPROC, 0, 0);
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(nice_values_below_a_limit)
{
	pid_t pid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_NICE, 25, 25);
		become_user(USER, USER);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, -6), EACCES);
		OK(setpriority(PRIO_PROCESS, 0, -5));
		OK(setpriority(PRIO_PROCESS, 0, 10));
		EXPECT_EQ(nice(-10), 0);
		EXPECT_ERR(nice(-6), EPERM);
		EXPECT_EQ(nice(-5), -5);
		set_limit(RLIMIT_NICE, 0, 25);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, -6), EACCES);
		/* What one has is not taken away. */
		OK(setpriority(PRIO_PROCESS, 0, -5));
		OK(setpriority(PRIO_PROCESS, 0, 19));
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, 18), EACCES);
		set_limit(RLIMIT_NICE, 1, 25);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, 18), EACCES);
		set_limit(RLIMIT_NICE, 2, 25);
		OK(setpriority(PRIO_PROCESS, 0, 18));
	}
	EXPECT_EXIT(pid, 0);
}

/* It is the limit of who is raised that counts. */
TEST(nice_values_of_others)
{
	pid_t pid, low, high;

	set_limit(RLIMIT_NICE, 30, 30);
	high = child_of_user(USER, USER, USER);
	set_limit(RLIMIT_NICE, 0, 0);
	low = child_of_user(USER, USER, USER);
	set_limit(RLIMIT_NICE, 40, 40);
	IN_CHILD(pid) {
		become_user(USER, USER);
		OK(setpriority(PRIO_PROCESS, high, -10));
		EXPECT_ERR(setpriority(PRIO_PROCESS, high, -11), EACCES);
		EXPECT_ERR(setpriority(PRIO_PROCESS, low, -1), EACCES);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(low, SIGKILL));
	OK(kill(high, SIGKILL));
	reap_all();
}

TEST(pending_signals)
{
	union sigval value = { 0 };
	sigset_t set;
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid) {
		become_user(USER + 4, USER + 4);
		sigfillset(&set);
		OK(sigprocmask(SIG_BLOCK, &set, NULL));
		set_limit(RLIMIT_SIGPENDING, 2, 2);
		OK(sigqueue(getpid(), SIGRTMIN, value));
		OK(sigqueue(getpid(), SIGRTMIN, value));
		EXPECT_ERR(sigqueue(getpid(), SIGRTMIN, value), EAGAIN);
		/* kill has no answer but yes: it comes, nameless. */
		OK(kill(getpid(), SIGRTMIN + 1));
		OK(kill(getpid(), SIGUSR1));
		EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
		EXPECT_EQ(info.si_pid, getpid());
		EXPECT_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
		OK(sigqueue(getpid(), SIGRTMIN, value));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_resident_set_is_not_limited)
{
	char *p;

	set_limit(RLIMIT_RSS, 0, 0);
	p = map(1 << 20);
	memset(p, 1, 1 << 20);
	OK(munmap(p, 1 << 20));
}
