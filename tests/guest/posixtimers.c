/* POSIX timers, and sleeping by clocks of CPU time. */
#include "test.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define SEC	1000000000LL
#define MSEC	1000000LL

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id	_sigev_un._tid
#endif

typedef int ktimer_t;

static struct timespec ts_of(int64_t ns)
{
	return (struct timespec){ ns / SEC, ns % SEC };
}

static int64_t ns_of(struct timespec ts)
{
	EXPECT(ts.tv_nsec >= 0 && ts.tv_nsec < SEC);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	OK(syscall(SYS_clock_gettime, clock, &ts));
	return ns_of(ts);
}

static void nap(int64_t ns)
{
	struct timespec ts = ts_of(ns);

	OK(nanosleep(&ts, NULL));
}

static int create_event(clockid_t clock, struct sigevent *event, ktimer_t *id)
{
	return syscall(SYS_timer_create, clock, event, id);
}

static ktimer_t create(clockid_t clock, int notify, int sig, int value)
{
	struct sigevent event = {
		.sigev_notify = notify, .sigev_signo = sig,
		.sigev_value.sival_int = value,
	};
	ktimer_t id = -1;

	OK(create_event(clock, &event, &id));
	EXPECT(id >= 0);
	return id;
}

static int settime(ktimer_t id, int flags, int64_t value, int64_t interval)
{
	struct itimerspec it = { ts_of(interval), ts_of(value) };

	return syscall(SYS_timer_settime, id, flags, &it, NULL);
}

static struct itimerspec gettime(ktimer_t id)
{
	struct itimerspec it;

	OK(syscall(SYS_timer_gettime, id, &it));
	return it;
}

static int64_t left(ktimer_t id)
{
	return ns_of(gettime(id).it_value);
}

static int overrun(ktimer_t id)
{
	return syscall(SYS_timer_getoverrun, id);
}

static void del(ktimer_t id)
{
	OK(syscall(SYS_timer_delete, id));
}

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
}

/* Take @sig, which is blocked. */
static siginfo_t take(int sig)
{
	siginfo_t info;
	sigset_t set;

	memset(&info, 0xff, sizeof(info));
	sigemptyset(&set);
	sigaddset(&set, sig);
	EXPECT_EQ(sigwaitinfo(&set, &info), sig);
	return info;
}

static bool pending(int sig)
{
	sigset_t set;

	OK(sigpending(&set));
	return sigismember(&set, sig);
}

TEST(once_on_every_clock)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI,
	};

	block(SIGUSR1);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		ktimer_t id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 77);
		int64_t start = now(CLOCK_MONOTONIC);
		siginfo_t info;

		OK(settime(id, 0, 10 * MSEC, 0));
		info = take(SIGUSR1);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 10 * MSEC);
		EXPECT_EQ(info.si_signo, SIGUSR1);
		EXPECT_EQ(info.si_code, SI_TIMER);
		EXPECT_EQ(info.si_errno, 0);
		EXPECT_EQ(info.si_timerid, id);
		EXPECT_EQ(info.si_overrun, 0);
		EXPECT_EQ(info.si_value.sival_int, 77);
		EXPECT_EQ(overrun(id), 0);
		EXPECT_EQ(left(id), 0);
		start = now(clocks[i]) + 10 * MSEC;
		OK(settime(id, TIMER_ABSTIME, start, 0));
		take(SIGUSR1);
		EXPECT(now(clocks[i]) >= start);
		OK(settime(id, TIMER_ABSTIME, 1, 0));
		take(SIGUSR1);
		del(id);
	}
}

static volatile sig_atomic_t ticks, last_overrun, tick_value;

static void on_tick(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)context;
	ticks++;
	last_overrun += info->si_overrun;
	tick_value = info->si_value.sival_int;
}

static void catch(int sig)
{
	struct sigaction sa = {
		.sa_sigaction = on_tick, .sa_flags = SA_SIGINFO,
	};

	OK(sigaction(sig, &sa, NULL));
}

TEST(handlers_see_every_period)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 5);
	int64_t start = now(CLOCK_MONOTONIC), periods;

	catch(SIGUSR1);
	OK(settime(id, 0, 5 * MSEC, 5 * MSEC));
	while (ticks < 10)
		;
	OK(settime(id, 0, 0, 0));
	periods = (now(CLOCK_MONOTONIC) - start) / (5 * MSEC);
	EXPECT_EQ(tick_value, 5);
	EXPECT(ticks + last_overrun <= periods);
	EXPECT(ticks + last_overrun >= 10);
	del(id);
}

TEST(overruns_of_a_blocked_signal)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0);
	siginfo_t info;

	block(SIGRTMIN);
	OK(settime(id, 0, 1 * MSEC, 1 * MSEC));
	nap(50 * MSEC);
	EXPECT(pending(SIGRTMIN));
	info = take(SIGRTMIN);
	EXPECT(info.si_overrun >= 45);
	EXPECT_EQ(overrun(id), info.si_overrun);
	/* It waits once only, real-time signal or not. */
	nap(20 * MSEC);
	info = take(SIGRTMIN);
	EXPECT(info.si_overrun >= 10);
	OK(settime(id, 0, 0, 0));
	EXPECT_EQ(overrun(id), 0);
	del(id);
}

TEST(a_very_short_interval)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0);

	block(SIGRTMIN);
	OK(settime(id, 0, 1, 1));
	nap(10 * MSEC);
	EXPECT(take(SIGRTMIN).si_overrun > 9000000);
	del(id);
}

TEST(an_ignored_signal_keeps_counting)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	signal(SIGUSR1, SIG_IGN);
	OK(settime(id, 0, 1 * MSEC, 1 * MSEC));
	nap(20 * MSEC);
	EXPECT(left(id) > 0);
	catch(SIGUSR1);
	while (!ticks)
		;
	del(id);
}

TEST(gettime_and_old_values)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	struct itimerspec it = gettime(id), old;

	EXPECT_EQ(ns_of(it.it_value), 0);
	EXPECT_EQ(ns_of(it.it_interval), 0);
	OK(settime(id, 0, 1000 * SEC, 3 * SEC));
	it = gettime(id);
	EXPECT(ns_of(it.it_value) > 900 * SEC);
	EXPECT(ns_of(it.it_value) <= 1000 * SEC);
	EXPECT_EQ(ns_of(it.it_interval), 3 * SEC);
	it = (struct itimerspec){ { 7, 0 }, { 0, 0 } };
	OK(syscall(SYS_timer_settime, id, 0, &it, &old));
	EXPECT(ns_of(old.it_value) > 900 * SEC);
	EXPECT_EQ(ns_of(old.it_interval), 3 * SEC);
	it = gettime(id);
	EXPECT_EQ(ns_of(it.it_value), 0);
	EXPECT_EQ(ns_of(it.it_interval), 0);
	del(id);
}

TEST(a_timer_that_tells_nobody)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
	struct itimerspec it;

	OK(settime(id, 0, 1000 * SEC, 0));
	EXPECT(left(id) > 900 * SEC);
	OK(settime(id, 0, 1 * MSEC, 0));
	nap(5 * MSEC);
	EXPECT_EQ(left(id), 0);
	OK(settime(id, 0, 1 * MSEC, 10 * SEC));
	nap(5 * MSEC);
	it = gettime(id);
	EXPECT(ns_of(it.it_value) > 1 * SEC);
	EXPECT_EQ(ns_of(it.it_interval), 10 * SEC);
	del(id);
}

TEST(the_default_is_sigalrm_with_the_id)
{
	ktimer_t id, other;
	siginfo_t info;

	block(SIGALRM);
	OK(create_event(CLOCK_MONOTONIC, NULL, &other));
	OK(create_event(CLOCK_MONOTONIC, NULL, &id));
	EXPECT(id != other);
	OK(settime(id, 0, 1, 0));
	info = take(SIGALRM);
	EXPECT_EQ(info.si_timerid, id);
	EXPECT_EQ(info.si_value.sival_int, id);
	del(id);
	del(other);
}

static void *timer_thread(void *arg)
{
	ktimer_t id;
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2,
	};

	(void)arg;
	event.sigev_notify_thread_id = syscall(SYS_gettid);
	OK(create_event(CLOCK_MONOTONIC, &event, &id));
	OK(settime(id, 0, 1 * MSEC, 0));
	EXPECT_EQ(take(SIGUSR2).si_timerid, id);
	OK(settime(id, 0, 10 * MSEC, 1 * MSEC));
	return (void *)(long)id;
}

TEST(one_thread_is_told)
{
	pthread_t thread;
	void *id;

	block(SIGUSR2);
	EXPECT_EQ(pthread_create(&thread, NULL, timer_thread, NULL), 0);
	EXPECT_EQ(pthread_join(thread, &id), 0);
	/* Whom it tells is gone: nobody else is told. */
	nap(30 * MSEC);
	EXPECT(!pending(SIGUSR2));
	del((long)id);
}

TEST(create_errors)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	ktimer_t id;
	pid_t pid;

	EXPECT_ERR(create_event(99, NULL, &id), EINVAL);
	EXPECT_ERR(create_event(CLOCK_MONOTONIC_RAW, NULL, &id), EOPNOTSUPP);
	EXPECT_ERR(create_event(CLOCK_REALTIME_COARSE, NULL, &id),
		   EOPNOTSUPP);
	EXPECT_ERR(create_event(CLOCK_MONOTONIC_COARSE, NULL, &id),
		   EOPNOTSUPP);
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_signo = 65;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_signo = -1;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_signo = SIGUSR1;
	event.sigev_notify = 3;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_notify = -1;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_notify_thread_id = 1;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_notify_thread_id = 0;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, &id), EINVAL);
	event.sigev_notify = SIGEV_SIGNAL;
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, &event, (void *)8), EFAULT);
	EXPECT_ERR(create_event(CLOCK_MONOTONIC, (void *)8, &id), EFAULT);
	EXPECT_ERR(create_event(99, (void *)8, &id), EFAULT);

	/* Clocks of CPU time that are nobody's. */
	EXPECT_ERR(create_event(~99999999 << 3 | 2, NULL, &id), EINVAL);
	EXPECT_ERR(create_event(~1 << 3 | 6, NULL, &id), EINVAL);
	EXPECT_ERR(create_event(-1, NULL, &id), EINVAL);

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(create_event(CLOCK_REALTIME_ALARM, NULL, &id),
			   EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(other_errors)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	struct itimerspec it = { { 0, 0 }, { 0, SEC } };

	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, &it, NULL), EINVAL);
	it.it_value = (struct timespec){ -1, 0 };
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, &it, NULL), EINVAL);
	it.it_value = (struct timespec){ 1, 0 };
	it.it_interval.tv_nsec = -1;
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, &it, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, NULL, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, 8L, NULL), EFAULT);
	it.it_interval.tv_nsec = 0;
	it.it_value.tv_sec = 1000;
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, &it, 8L), EFAULT);
	EXPECT(left(id) > 0);
	EXPECT_ERR(syscall(SYS_timer_gettime, id, 8L), EFAULT);
	del(id);
	EXPECT_ERR(syscall(SYS_timer_settime, id, 0, &it, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_gettime, id, &it), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_getoverrun, id), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_delete, id), EINVAL);
	EXPECT_ERR(syscall(SYS_timer_delete, -1), EINVAL);
}

TEST(fork_has_none_of_them)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	pid_t pid;

	block(SIGUSR1);
	OK(settime(id, 0, 1 * MSEC, 1 * MSEC));
	IN_CHILD(pid) {
		EXPECT_ERR(overrun(id), EINVAL);
		nap(10 * MSEC);
		EXPECT(!pending(SIGUSR1));
	}
	EXPECT_EXIT(pid, 0);
	del(id);
}

HELPER(after_exec)
{
	struct itimerspec it;
	int id = atoi(argv[1]);

	EXPECT_ERR(syscall(SYS_timer_gettime, id, &it), EINVAL);
	/* A signal of a timer that waited is gone too; others are not. */
	EXPECT(!pending(SIGUSR1));
	EXPECT(pending(SIGUSR2));
	nap(10 * MSEC);
	EXPECT(!pending(SIGUSR1));
	return 0;
}

TEST(exec_ends_them)
{
	pid_t pid;

	IN_CHILD(pid) {
		ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1,
				     0);
		char text[16];
		char *argv[] = { HELPER_ARGV("after_exec"), text, NULL };

		block(SIGUSR1);
		block(SIGUSR2);
		OK(kill(getpid(), SIGUSR2));
		OK(settime(id, 0, 1 * MSEC, 1 * MSEC));
		while (!pending(SIGUSR1))
			;
		snprintf(text, sizeof(text), "%d", id);
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(exit_with_timers_running)
{
	pid_t pid;

	for (int i = 0; i < 20; i++) {
		IN_CHILD(pid) {
			block(SIGUSR1);
			for (int k = 0; k < 20; k++)
				OK(settime(create(k % 3 ? CLOCK_REALTIME :
						  CLOCK_PROCESS_CPUTIME_ID,
						  SIGEV_SIGNAL, SIGUSR1, k),
					   k % 2, 1 + k * 1000, 1));
		}
		EXPECT_EXIT(pid, 0);
	}
	/* And killed by one. */
	IN_CHILD(pid) {
		OK(settime(create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGKILL, 0),
			   0, 1 * MSEC, 0));
		for (;;)
			pause();
	}
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(each_counts_as_a_pending_signal)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct rlimit limit = { 10, 10 };
		ktimer_t ids[10], id;

		become_user(1234, 1234);
		OK(setrlimit(RLIMIT_SIGPENDING, &limit));
		for (int i = 0; i < 10; i++)
			ids[i] = create(CLOCK_MONOTONIC, SIGEV_SIGNAL,
					SIGUSR1, i);
		EXPECT_ERR(create_event(CLOCK_MONOTONIC, NULL, &id), EAGAIN);
		del(ids[3]);
		ids[3] = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
		for (int i = 0; i < 10; i++)
			del(ids[i]);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(an_absolute_time_follows_the_wall_clock)
{
	ktimer_t id = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1, 0);
	ktimer_t span = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR2, 0);
	struct timespec ts;

	block(SIGUSR1);
	block(SIGUSR2);
	OK(settime(id, TIMER_ABSTIME, now(CLOCK_REALTIME) + 1000 * SEC, 0));
	OK(settime(span, 0, 1000 * SEC, 0));
	ts = ts_of(now(CLOCK_REALTIME) + 2000 * SEC);
	OK(clock_settime(CLOCK_REALTIME, &ts));
	take(SIGUSR1);
	EXPECT(!pending(SIGUSR2));
	EXPECT(left(span) > 900 * SEC);
	ts = ts_of(now(CLOCK_REALTIME) - 2000 * SEC);
	OK(clock_settime(CLOCK_REALTIME, &ts));
	del(id);
	del(span);
}

TEST(proc_timers)
{
	ktimer_t id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0x11);
	ktimer_t none = create(CLOCK_REALTIME, SIGEV_NONE, 0, 0);
	char buf[1024], want[512];

	read_file("/proc/self/timers", buf, sizeof(buf));
	snprintf(want, sizeof(want), "ID: %d\nsignal: 10/", id);
	EXPECT(strstr(buf, want));
	snprintf(want, sizeof(want),
		 "11\nnotify: signal/pid.%d\nClockID: 1\n", getpid());
	EXPECT(strstr(buf, want));
	snprintf(want, sizeof(want), "notify: none/pid.%d\nClockID: 0\n",
		 getpid());
	EXPECT(strstr(buf, want));
	del(id);
	del(none);
	EXPECT_STR(read_file("/proc/self/timers", buf, sizeof(buf)), "");
}

/* ---- CPU time ---- */

static clockid_t process_clock(pid_t pid, int kind)
{
	return ~pid << 3 | kind;
}

static clockid_t thread_clock(pid_t tid, int kind)
{
	return ~tid << 3 | 4 | kind;
}

TEST(cpu_timers_ring)
{
	clockid_t clocks[] = {
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
		process_clock(getpid(), 2), thread_clock(getpid(), 2),
		process_clock(0, 0), process_clock(0, 1),
	};

	catch(SIGUSR1);
	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		ktimer_t id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 9);
		int64_t start = now(clocks[i]);

		ticks = 0;
		OK(settime(id, 0, 20 * MSEC, 0));
		EXPECT(left(id) > 0);
		while (!ticks)
			;
		EXPECT(now(clocks[i]) - start >= 20 * MSEC);
		EXPECT_EQ(left(id), 0);
		/* Sleeping uses nothing. */
		ticks = 0;
		OK(settime(id, 0, 500 * MSEC, 0));
		nap(20 * MSEC);
		EXPECT_EQ(ticks, 0);
		/* A time that has passed. */
		OK(settime(id, TIMER_ABSTIME, 1, 0));
		while (!ticks)
			;
		del(id);
	}
}

TEST(cpu_timer_with_an_interval)
{
	ktimer_t id = create(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1,
			     0);
	int64_t start = now(CLOCK_PROCESS_CPUTIME_ID), used;

	catch(SIGUSR1);
	OK(settime(id, 0, 10 * MSEC, 10 * MSEC));
	while (ticks + last_overrun < 8)
		;
	OK(settime(id, 0, 0, 0));
	used = now(CLOCK_PROCESS_CPUTIME_ID) - start;
	EXPECT(used >= 80 * MSEC);
	EXPECT(ticks + last_overrun <= used / (10 * MSEC));
	del(id);
}

TEST(cpu_time_of_another_process)
{
	struct event go;
	struct timespec ts;
	clockid_t clock;
	ktimer_t id;
	pid_t pid;
	char c;

	block(SIGUSR1);
	event_init(&go);
	pid = OK(fork());
	if (pid == 0) {
		OK(close(go.fds[1]));
		if (read(go.fds[0], &c, 1) == 1)
			for (;;)
				;
		_exit(0);
	}
	EXPECT_EQ(clock_getcpuclockid(pid, &clock), 0);
	EXPECT_EQ(clock, process_clock(pid, 2));
	now(clock);
	OK(clock_getres(clock, &ts));
	EXPECT_EQ(ns_of(ts), 1);
	OK(clock_getres(process_clock(pid, 1), &ts));
	EXPECT_EQ(ns_of(ts), 4000000);
	id = create(clock, SIGEV_SIGNAL, SIGUSR1, 0);
	OK(settime(id, 0, 30 * MSEC, 0));
	event_signal(&go);
	take(SIGUSR1);
	EXPECT(now(clock) >= 30 * MSEC);
	/* Sleeping until it has used so much. */
	ts = ts_of(now(clock) + 30 * MSEC);
	OK(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &ts, NULL));
	EXPECT(now(clock) >= ns_of(ts));
	ts = ts_of(10 * MSEC);
	OK(syscall(SYS_clock_nanosleep, clock, 0, &ts, NULL));
	/* Of its threads only it may know. */
	EXPECT_ERR(syscall(SYS_clock_gettime, thread_clock(pid, 2), &ts),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, clock, &ts), EPERM);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_ERR(syscall(SYS_clock_gettime, clock, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_getres, clock, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, clock, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, clock, 0, &ts, NULL), EINVAL);
	EXPECT_ERR(settime(id, 0, 30 * MSEC, 0), ESRCH);
	del(id);
	event_close(&go);
}

static void *burner(void *stop)
{
	while (!*(volatile bool *)stop)
		;
	return NULL;
}

TEST(cpu_time_of_a_thread)
{
	bool stop = false;
	pthread_t thread;
	clockid_t clock;
	struct timespec ts = ts_of(10 * MSEC);

	EXPECT_EQ(pthread_create(&thread, NULL, burner, &stop), 0);
	EXPECT_EQ(pthread_getcpuclockid(thread, &clock), 0);
	/* Another thread's clock may be slept by, one's own never. */
	OK(syscall(SYS_clock_nanosleep, clock, 0, &ts, NULL));
	EXPECT(now(clock) >= 10 * MSEC);
	OK(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &ts,
		   NULL));
	EXPECT(now(CLOCK_PROCESS_CPUTIME_ID) >= 20 * MSEC);
	*(volatile bool *)&stop = true;
	EXPECT_EQ(pthread_join(thread, NULL), 0);
}

TEST(cpu_nanosleep_errors)
{
	struct timespec ts = ts_of(10 * MSEC);

	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0,
			   &ts, NULL), EOPNOTSUPP);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, thread_clock(0, 2), 0, &ts,
			   NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, thread_clock(getpid(), 2), 0,
			   &ts, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &ts,
			   NULL), EOPNOTSUPP);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_REALTIME_COARSE, 0, &ts,
			   NULL), EOPNOTSUPP);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0,
			   8L, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &ts),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_TAI, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_BOOTTIME, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_gettime, -1, &ts), EINVAL);
	ts.tv_nsec = SEC;
	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0,
			   &ts, NULL), EINVAL);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(cpu_nanosleep_and_signals)
{
	struct sigaction sa = { .sa_handler = nothing };
	struct timespec ts = { 1000, 0 }, rest = { 0, 0 };
	int status;
	pid_t pid;

	OK(sigaction(SIGUSR1, &sa, NULL));
	IN_CHILD(pid) {
		EXPECT_ERR(syscall(SYS_clock_nanosleep,
				   CLOCK_PROCESS_CPUTIME_ID, 0, &ts, &rest),
			   EINTR);
		EXPECT(rest.tv_sec >= 999 - 60 && rest.tv_sec <= 1000);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	/* Stopped and continued, it sleeps on; killed, it does not. */
	IN_CHILD(pid)
		syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0,
			&ts, &rest);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGSTOP));
	OK(waitpid(pid, &status, WUNTRACED));
	EXPECT(WIFSTOPPED(status));
	OK(kill(pid, SIGCONT));
	wait_until_sleeping(pid);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

static void *churn(void *arg)
{
	for (int i = 0; i < 300; i++) {
		ktimer_t id = create(i % 2 ? CLOCK_MONOTONIC :
				     CLOCK_THREAD_CPUTIME_ID,
				     SIGEV_SIGNAL, SIGUSR1, 0);

		OK(settime(id, 0, 1 + i * 10, 1 + i));
		del(id);
	}
	return arg;
}

TEST(threads_create_and_delete_at_once)
{
	pthread_t threads[4];

	catch(SIGUSR1);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, churn, NULL), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
}
