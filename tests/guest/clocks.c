/* Time: clocks, sleeping, interval timers, process times. */
#include "test.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void catch(int sig)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	OK(sigaction(sig, &sa, NULL));
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	/* By the system call, not by the vDSO. */
	OK(syscall(SYS_clock_gettime, clock, &ts));
	EXPECT(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

TEST(clocks_go_forward)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
		CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
	};

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int64_t last = now_ns(clocks[i]);
		for (int k = 0; k < 1000; k++) {
			int64_t now = now_ns(clocks[i]);
			if (now < last)
				FAIL("clock %d went back", clocks[i]);
			last = now;
		}
	}
}

TEST(clocks_agree)
{
	struct timeval tv;
	int64_t a = now_ns(CLOCK_REALTIME);

	OK(syscall(SYS_gettimeofday, &tv, NULL));
	int64_t b = tv.tv_sec * 1000000000LL + tv.tv_usec * 1000LL;
	int64_t c = now_ns(CLOCK_REALTIME);
	EXPECT(b >= a - 1000 && b <= c);
	time_t t = syscall(SYS_time, NULL);
	EXPECT(t >= a / 1000000000 && t <= now_ns(CLOCK_REALTIME) / 1000000000);
	/* The coarse clock lags by at most a tick or two. */
	int64_t fine = now_ns(CLOCK_MONOTONIC);
	int64_t coarse = now_ns(CLOCK_MONOTONIC_COARSE);
	EXPECT(coarse <= now_ns(CLOCK_MONOTONIC));
	EXPECT(coarse > fine - 1000000000);
}

TEST(the_library_sees_the_same_clock)
{
	struct timespec ts;

	for (int i = 0; i < 100; i++) {
		int64_t before = now_ns(CLOCK_MONOTONIC);
		OK(clock_gettime(CLOCK_MONOTONIC, &ts));	/* vDSO */
		int64_t mid = ts.tv_sec * 1000000000LL + ts.tv_nsec;
		EXPECT(mid >= before - 1000);
		EXPECT(now_ns(CLOCK_MONOTONIC) >= mid - 1000);
	}
}

TEST(clock_errors_and_resolution)
{
	struct timespec ts;

	EXPECT_ERR(syscall(SYS_clock_gettime, 99, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8L), EFAULT);
	OK(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT(ts.tv_nsec >= 1 && ts.tv_nsec <= 10000000);
	OK(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
	EXPECT_ERR(syscall(SYS_clock_getres, 99, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_gettimeofday, 8L, NULL), EFAULT);
}

TEST(settime_needs_privilege_and_works)
{
	struct timespec ts, back;
	pid_t pid;

	OK(clock_gettime(CLOCK_REALTIME, &back));
	ts = (struct timespec){ back.tv_sec + 86400, 0 };
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(clock_settime(CLOCK_REALTIME, &ts), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	int64_t mono = now_ns(CLOCK_MONOTONIC);
	OK(clock_settime(CLOCK_REALTIME, &ts));
	EXPECT(now_ns(CLOCK_REALTIME) / 1000000000 >= ts.tv_sec);
	EXPECT(now_ns(CLOCK_MONOTONIC) - mono < 80000LL * 1000000000);
	OK(clock_settime(CLOCK_REALTIME, &back));
	EXPECT_ERR(clock_settime(CLOCK_MONOTONIC, &ts), EINVAL);
	ts.tv_nsec = 1000000000;
	EXPECT_ERR(clock_settime(CLOCK_REALTIME, &ts), EINVAL);
}

/* ---- sleeping ---- */

TEST(nanosleep_sleeps_at_least_as_long)
{
	static const long ns[] = { 0, 1, 1000, 1000000, 20000000 };

	for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
		struct timespec ts = { 0, ns[i] };
		int64_t start = now_ns(CLOCK_MONOTONIC);
		OK(nanosleep(&ts, NULL));
		EXPECT(now_ns(CLOCK_MONOTONIC) - start >= ns[i]);
	}
}

TEST(nanosleep_errors)
{
	struct timespec ts = { 0, 1000000000 };

	EXPECT_ERR(syscall(SYS_nanosleep, &ts, NULL), EINVAL);
	ts = (struct timespec){ -1, 0 };
	EXPECT_ERR(syscall(SYS_nanosleep, &ts, NULL), EINVAL);
	ts = (struct timespec){ 0, -1 };
	EXPECT_ERR(syscall(SYS_nanosleep, &ts, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_nanosleep, 8L, NULL), EFAULT);
}

TEST(clock_nanosleep_forms)
{
	struct timespec ts;

	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	int64_t until = ts.tv_sec * 1000000000LL + ts.tv_nsec + 20000000;
	ts = (struct timespec){ until / 1000000000, until % 1000000000 };
	EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL),
		  0);
	EXPECT(now_ns(CLOCK_MONOTONIC) >= until);
	/* A time that has passed returns at once. */
	ts = (struct timespec){ 1, 0 };
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &ts, NULL),
		  0);
	ts = (struct timespec){ 0, 1000000 };
	EXPECT_EQ(clock_nanosleep(CLOCK_REALTIME, 0, &ts, NULL), 0);
	EXPECT_EQ(clock_nanosleep(99, 0, &ts, NULL), EINVAL);
	EXPECT_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL),
		  EINVAL);
}

TEST(many_sleepers_wake_in_order)
{
	enum { COUNT = 20 };
	pid_t pids[COUNT];
	int fds[2];
	char order[COUNT];
	struct timespec base;

	OK(pipe(fds));
	OK(clock_gettime(CLOCK_MONOTONIC, &base));
	for (int i = COUNT - 1; i >= 0; i--)
		IN_CHILD(pids[i]) {
			int64_t at = base.tv_sec * 1000000000LL +
				base.tv_nsec + 100000000LL + i * 20000000LL;
			struct timespec ts = { at / 1000000000,
					       at % 1000000000 };
			char c = i;
			EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC,
						  TIMER_ABSTIME, &ts, NULL),
				  0);
			EXPECT(now_ns(CLOCK_MONOTONIC) >= at);
			EXPECT_EQ(write(fds[1], &c, 1), 1);
		}
	for (int i = 0; i < COUNT; i++) {
		EXPECT_EQ(read(fds[0], &order[i], 1), 1);
		EXPECT_EXIT(pids[(int)order[i]], 0);
	}
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* ---- alarms ---- */

/* An alarm that comes between the look and the sleep is not missed. */
static void await_alarms(int wanted)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	OK(sigprocmask(SIG_BLOCK, &set, &old));
	while (alarms < wanted)
		sigsuspend(&old);
	OK(sigprocmask(SIG_SETMASK, &old, NULL));
}

TEST(alarm_counts_and_cancels)
{
	catch(SIGALRM);
	EXPECT_EQ(alarm(100), 0);
	unsigned left = alarm(0);
	EXPECT(left > 90 && left <= 100);
	EXPECT_EQ(alarm(0), 0);
	EXPECT_EQ(alarm(1), 0);
	await_alarms(1);
	EXPECT_EQ(alarms, 1);
	EXPECT_EQ(alarm(0), 0);
}

TEST(itimer_real_once_and_repeating)
{
	struct itimerval it = { { 0, 0 }, { 0, 20000 } }, now;

	catch(SIGALRM);
	OK(setitimer(ITIMER_REAL, &it, NULL));
	await_alarms(1);
	OK(getitimer(ITIMER_REAL, &now));
	EXPECT_EQ(now.it_value.tv_sec, 0);
	EXPECT_EQ(now.it_value.tv_usec, 0);

	it.it_interval.tv_usec = 10000;
	OK(setitimer(ITIMER_REAL, &it, NULL));
	await_alarms(5);
	it = (struct itimerval){ { 0, 0 }, { 0, 0 } };
	OK(setitimer(ITIMER_REAL, &it, &now));
	EXPECT_EQ(now.it_interval.tv_usec, 10000);
}

TEST(itimer_errors)
{
	struct itimerval it = { { 0, 0 }, { 0, 1000000 } };

	EXPECT_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	it.it_value.tv_usec = -1;
	EXPECT_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	EXPECT_ERR(setitimer(99, &it, NULL), EINVAL);
	EXPECT_ERR(getitimer(99, &it), EINVAL);
	EXPECT_ERR(syscall(SYS_setitimer, ITIMER_REAL, 8L, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_getitimer, ITIMER_REAL, 8L), EFAULT);
}

TEST(alarm_survives_exec_not_fork)
{
	pid_t pid;

	alarm(1000);
	IN_CHILD(pid)
		EXPECT_EQ(alarm(0), 0);
	EXPECT_EXIT(pid, 0);
	EXPECT(alarm(0) > 0);
}

static void burn(int64_t ns)
{
	int64_t start = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	while (now_ns(CLOCK_PROCESS_CPUTIME_ID) - start < ns)
		;
}

TEST(cpu_time_is_counted)
{
	struct rusage ru;
	struct tms tms;
	pid_t pid;

	burn(100000000);
	OK(getrusage(RUSAGE_SELF, &ru));
	int64_t us = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000LL +
		ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
	EXPECT(us >= 50000);
	EXPECT(ru.ru_maxrss > 0);
	EXPECT(times(&tms) > 0);
	EXPECT(tms.tms_utime + tms.tms_stime >= 5);

	/* A child's time arrives when it is waited for. */
	IN_CHILD(pid)
		burn(100000000);
	EXPECT_EXIT(pid, 0);
	OK(getrusage(RUSAGE_CHILDREN, &ru));
	us = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000LL +
		ru.ru_utime.tv_usec + ru.ru_stime.tv_usec;
	EXPECT(us >= 50000);
	times(&tms);
	EXPECT(tms.tms_cutime + tms.tms_cstime >= 5);
	EXPECT_ERR(getrusage(99, &ru), EINVAL);
	EXPECT_ERR(syscall(SYS_getrusage, 0, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_times, 8L), EFAULT);
}

TEST(sleeping_costs_no_cpu_time)
{
	struct timespec ts = { 0, 200000000 };
	int64_t start = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	OK(nanosleep(&ts, NULL));
	EXPECT(now_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 150000000);
}

TEST(virtual_timers_count_cpu_time)
{
	struct itimerval it = { { 0, 0 }, { 0, 50000 } };

	catch(SIGVTALRM);
	catch(SIGPROF);
	if (setitimer(ITIMER_VIRTUAL, &it, NULL) != 0 && running_on_keel())
		SKIP("virtual interval timers come later");
	while (alarms < 1)
		;
	OK(setitimer(ITIMER_PROF, &it, NULL));
	while (alarms < 2)
		getppid();
}

/* ---- scheduling ---- */

TEST(nice_and_priorities)
{
	pid_t pid;

	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 20);
	OK(setpriority(PRIO_PROCESS, 0, 5));
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 15);
	OK(setpriority(PRIO_PROCESS, 0, 100));
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 1);
	OK(setpriority(PRIO_PROCESS, 0, -100));
	EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 40);
	OK(setpriority(PRIO_PROCESS, 0, 10));
	IN_CHILD(pid) {
		EXPECT_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 10);
		become_user(1000, 1000);
		OK(setpriority(PRIO_PROCESS, 0, 12));
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, 11), EACCES);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 1, 19), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(setpriority(9, 0, 0), EINVAL);
	EXPECT_ERR(setpriority(PRIO_PROCESS, 99999999, 0), ESRCH);
	OK(setpriority(PRIO_PROCESS, 0, 0));
}

/* Two spinning processes on one CPU share it; neither starves the other. */
TEST(spinning_processes_are_preempted)
{
	struct event done;
	pid_t spinners[8], pid;

	event_init(&done);
	for (int i = 0; i < 8; i++)
		IN_CHILD(spinners[i])
			for (;;)
				;
	IN_CHILD(pid) {
		burn(20000000);
		event_signal(&done);
	}
	event_wait(&done);
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 8; i++) {
		OK(kill(spinners[i], SIGKILL));
		EXPECT_KILLED(spinners[i], SIGKILL);
	}
	event_close(&done);
}
