/*
 * getrusage, times and the usage that wait4 and waitid tell: whose, from when
 * on, and what of it is lost.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#define PAGE	4096UL
#define MiB	(1UL << 20)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static struct rusage usage(int who)
{
	struct rusage ru;

	OK(getrusage(who, &ru));
	return ru;
}

static int64_t cpu_us(const struct rusage *ru)
{
	return (ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000L +
	       ru->ru_utime.tv_usec + ru->ru_stime.tv_usec;
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

/* Use @us of this thread's time. */
static void burn(int64_t us)
{
	int64_t end = clock_us(CLOCK_THREAD_CPUTIME_ID) + us;

	while (clock_us(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* Touch @bytes of new memory, and give it back. */
static void touch(size_t bytes)
{
	char *p = OK(mmap(NULL, bytes, RW, ANON, -1, 0));

	/* One fault a page, also where there are larger ones. */
	(void)madvise(p, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < bytes; i += PAGE)
		((volatile char *)p)[i] = 1;
	OK(munmap(p, bytes));
}

TEST(arguments)
{
	struct tms tms;

	EXPECT_ERR(syscall(SYS_getrusage, 2, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_getrusage, -2, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_getrusage, RUSAGE_SELF, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_getrusage, RUSAGE_CHILDREN, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_getrusage, RUSAGE_THREAD, -8L), EFAULT);
	EXPECT_ERR(syscall(SYS_times, 8L), EFAULT);
	EXPECT(syscall(SYS_times, NULL) > 0);
	EXPECT(times(&tms) > 0);
}

TEST(what_nobody_counts_is_zero)
{
	static const int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN,
				   RUSAGE_THREAD };
	pid_t pid;

	IN_CHILD(pid)
		touch(MiB);
	EXPECT_EXIT(pid, 0);
	for (size_t i = 0; i < ARRAY_SIZE(who); i++) {
		struct rusage ru;

		memset(&ru, 0xff, sizeof(ru));
		OK(getrusage(who[i], &ru));
		EXPECT_EQ(ru.ru_ixrss, 0);
		EXPECT_EQ(ru.ru_idrss, 0);
		EXPECT_EQ(ru.ru_isrss, 0);
		EXPECT_EQ(ru.ru_nswap, 0);
		EXPECT_EQ(ru.ru_msgsnd, 0);
		EXPECT_EQ(ru.ru_msgrcv, 0);
		EXPECT_EQ(ru.ru_nsignals, 0);
		/* There is no disk here. */
		EXPECT_EQ(ru.ru_inblock, 0);
		EXPECT_EQ(ru.ru_oublock, 0);
		EXPECT_EQ(ru.ru_majflt, 0);
		EXPECT(ru.ru_utime.tv_usec < 1000000);
		EXPECT(ru.ru_stime.tv_usec < 1000000);
	}
}

/* ---- faults ---- */

static void *touching_thread(void *arg)
{
	long before = usage(RUSAGE_THREAD).ru_minflt;

	touch(MiB);
	EXPECT(usage(RUSAGE_THREAD).ru_minflt - before >= 256);
	return arg;
}

TEST(faults_of_threads_add_up)
{
	struct rusage self = usage(RUSAGE_SELF);
	struct rusage thread = usage(RUSAGE_THREAD);
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, touching_thread,
					 NULL), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	/* They have ended, but were part of the process. */
	EXPECT(usage(RUSAGE_SELF).ru_minflt - self.ru_minflt >= 4 * 256);
	EXPECT(usage(RUSAGE_THREAD).ru_minflt - thread.ru_minflt < 256);
}

TEST(faults_of_children_come_with_the_wait)
{
	struct rusage before = usage(RUSAGE_CHILDREN), ru;
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT(usage(RUSAGE_SELF).ru_minflt < 1000);
		EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_minflt, 0);
		touch(4 * MiB);
	}
	/* To look at a child is not to have waited for it. */
	OK(syscall(SYS_waitid, P_PID, pid, &info, WEXITED | WNOWAIT, &ru));
	EXPECT(ru.ru_minflt >= 1024);
	EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_minflt, before.ru_minflt);
	EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
	EXPECT(ru.ru_minflt >= 1024);
	EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_minflt,
		  before.ru_minflt + ru.ru_minflt);
}

TEST(grandchildren_count_if_they_were_waited_for)
{
	struct rusage before = usage(RUSAGE_CHILDREN), ru;
	pid_t pid, kid;

	IN_CHILD(pid) {
		IN_CHILD(kid)
			touch(4 * MiB);
		EXPECT_EXIT(kid, 0);
	}
	EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
	EXPECT(ru.ru_minflt >= 1024);
	EXPECT(usage(RUSAGE_CHILDREN).ru_minflt - before.ru_minflt >= 1024);
	/* Children nobody is to hear of leave nothing. */
	before = usage(RUSAGE_CHILDREN);
	IN_CHILD(pid) {
		signal(SIGCHLD, SIG_IGN);
		IN_CHILD(kid)
			touch(4 * MiB);
		EXPECT_ERR(wait(NULL), ECHILD);
		EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_minflt, 0);
	}
	EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
	EXPECT(ru.ru_minflt < 1024);
	EXPECT(usage(RUSAGE_CHILDREN).ru_minflt - before.ru_minflt < 1024);
}

/* ---- the largest size ---- */

HELPER(peak_is_at_least)
{
	return usage(RUSAGE_SELF).ru_maxrss >= atol(argv[1]) ? 0 : 1;
}

TEST(the_peak_is_remembered)
{
	char *argv[] = { HELPER_ARGV("peak_is_at_least"), "12288", NULL };
	pid_t pid, kid;

	IN_CHILD(pid) {
		long before = usage(RUSAGE_SELF).ru_maxrss;

		touch(12 * MiB);
		EXPECT(usage(RUSAGE_SELF).ru_maxrss >= 12 * 1024);
		EXPECT_EQ(usage(RUSAGE_THREAD).ru_maxrss,
			  usage(RUSAGE_SELF).ru_maxrss);
		EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_maxrss, 0);
		/* A child begins with what it has, */
		IN_CHILD(kid)
			EXPECT(usage(RUSAGE_SELF).ru_maxrss <
			       before + 8 * 1024);
		EXPECT_EXIT(kid, 0);
		EXPECT(usage(RUSAGE_CHILDREN).ru_maxrss < before + 8 * 1024);
		/* while a process stays itself over an exec. */
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(usage(RUSAGE_CHILDREN).ru_maxrss >= 12 * 1024);
}

TEST(of_children_the_largest_counts)
{
	long before = usage(RUSAGE_SELF).ru_maxrss;
	struct rusage ru;
	pid_t pid;

	for (int i = 1; i <= 3; i++) {
		IN_CHILD(pid)
			touch(4 * i * MiB);
		EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
		EXPECT(ru.ru_maxrss >= 4 * i * 1024);
	}
	EXPECT(usage(RUSAGE_CHILDREN).ru_maxrss >= 12 * 1024);
	EXPECT(usage(RUSAGE_CHILDREN).ru_maxrss < before + 20 * 1024);
}

/* ---- switches ---- */

TEST(sleeps_are_voluntary_switches)
{
	struct rusage self = usage(RUSAGE_SELF);
	struct rusage thread = usage(RUSAGE_THREAD);

	for (int i = 0; i < 20; i++)
		OK(usleep(10000));
	/* A host that stands still may let a timer be first, now and then. */
	EXPECT(usage(RUSAGE_SELF).ru_nvcsw - self.ru_nvcsw >= 10);
	EXPECT(usage(RUSAGE_THREAD).ru_nvcsw - thread.ru_nvcsw >= 10);
}

TEST(losing_the_cpu_is_not)
{
	struct rusage before = usage(RUSAGE_CHILDREN);
	pid_t pids[2];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	for (int i = 0; i < 2; i++)
		IN_CHILD(pids[i]) {
			OK(sched_setaffinity(0, sizeof(set), &set));
			while (usage(RUSAGE_SELF).ru_nivcsw < 3)
				;
			if (i == 0)
				for (;;)
					;
		}
	EXPECT_EXIT(pids[1], 0);
	OK(kill(pids[0], SIGKILL));
	EXPECT_KILLED(pids[0], SIGKILL);
	EXPECT(usage(RUSAGE_CHILDREN).ru_nivcsw - before.ru_nivcsw >= 6);
}

/* ---- time ---- */

static void *burning_thread(void *arg)
{
	int64_t before = clock_us(CLOCK_THREAD_CPUTIME_ID);
	struct rusage ru = usage(RUSAGE_THREAD);

	burn(100000);
	EXPECT(cpu_us(&ru) + 1 >= before);
	ru = usage(RUSAGE_THREAD);
	EXPECT(cpu_us(&ru) + 1 >= before + 100000);
	return arg;
}

TEST(time_of_threads)
{
	pthread_t threads[2];
	struct rusage ru;

	for (int i = 0; i < 2; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, burning_thread,
					 NULL), 0);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	ru = usage(RUSAGE_SELF);
	EXPECT(cpu_us(&ru) + 2 >= 200000);
	/* Both ways to ask have the same answer. */
	int64_t clock = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT(cpu_us(&ru) <= clock + 1);
	ru = usage(RUSAGE_SELF);
	EXPECT(cpu_us(&ru) + 2 >= clock);
	/* The waiting thread itself has done little. */
	struct rusage mine = usage(RUSAGE_THREAD);
	EXPECT(cpu_us(&mine) <= cpu_us(&ru) - 200000 + 2);
}

TEST(time_never_goes_back)
{
	struct rusage last = usage(RUSAGE_SELF);

	for (int i = 0; i < 3000; i++) {
		struct rusage now = usage(RUSAGE_SELF);

		EXPECT(timercmp(&now.ru_utime, &last.ru_utime, >=));
		EXPECT(timercmp(&now.ru_stime, &last.ru_stime, >=));
		last = now;
	}
}

TEST(time_of_children)
{
	struct rusage before = usage(RUSAGE_CHILDREN), ru, now;
	struct tms old, new;
	siginfo_t info;
	pid_t pid, kid;

	times(&old);
	IN_CHILD(pid) {
		struct tms mine;

		times(&mine);
		EXPECT_EQ(mine.tms_cutime + mine.tms_cstime, 0);
		burn(100000);
		IN_CHILD(kid)
			burn(100000);
		EXPECT_EXIT(kid, 0);
		IN_CHILD(kid)	/* the one nobody waits for */
			burn(100000);
		OK(waitid(P_PID, kid, &info, WEXITED | WNOWAIT));
	}
	EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
	EXPECT(cpu_us(&ru) >= 200000 - 2);
	now = usage(RUSAGE_CHILDREN);
	EXPECT(cpu_us(&now) - cpu_us(&before) >= cpu_us(&ru) - 2);
	EXPECT(cpu_us(&now) - cpu_us(&before) <= cpu_us(&ru) + 2);
	times(&new);
	EXPECT(new.tms_cutime + new.tms_cstime -
	       old.tms_cutime - old.tms_cstime >= 18);
}

TEST(times_returns_ticks_since_some_past)
{
	clock_t before = times(NULL);
	int64_t start = clock_us(CLOCK_MONOTONIC);

	OK(usleep(300000));
	clock_t ticks = times(NULL) - before;
	int64_t us = clock_us(CLOCK_MONOTONIC) - start;
	/* A tick is 10 ms; Linux's own may be 4 of them apart. */
	EXPECT(ticks >= 29);
	EXPECT(ticks <= us / 10000 + 2);
}

/* ---- of those that live ---- */

TEST(a_stopped_child_has_usage_too)
{
	struct rusage ru, before = usage(RUSAGE_CHILDREN);
	int status;
	pid_t pid;

	IN_CHILD(pid) {
		touch(12 * MiB);
		raise(SIGSTOP);
	}
	EXPECT_EQ(wait4(pid, &status, WUNTRACED, &ru), pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT(ru.ru_minflt >= 12 * 256);
	EXPECT(ru.ru_maxrss >= 12 * 1024);
	EXPECT_EQ(usage(RUSAGE_CHILDREN).ru_minflt, before.ru_minflt);
	OK(kill(pid, SIGCONT));
	EXPECT_EQ(wait4(pid, &status, WCONTINUED, &ru), pid);
	EXPECT(ru.ru_minflt >= 12 * 256);
	if (WIFCONTINUED(status))
		EXPECT_EXIT(pid, 0);
}
