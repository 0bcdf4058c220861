/*
 * SCHED_FIFO and SCHED_RR: who runs before whom, on one CPU and on many, what
 * keeps a runaway loop from taking the machine, and who may ask for it.
 */
#include "schedtools.h"

#include <sys/resource.h>

TEST(policy_and_priority_are_remembered)
{
	struct sched_param param = { .sched_priority = 20 };

	EXPECT_EQ(get_policy(0), SCHED_OTHER);
	EXPECT_EQ(get_rt_priority(0), 0);
	OK(set_policy(0, SCHED_FIFO, 10));
	EXPECT_EQ(get_policy(getpid()), SCHED_FIFO);
	EXPECT_EQ(get_rt_priority(0), 10);
	OK(syscall(SYS_sched_setparam, 0, &param));
	EXPECT_EQ(get_policy(0), SCHED_FIFO);
	EXPECT_EQ(get_rt_priority(0), 20);
	OK(set_policy(0, SCHED_RR, 99));
	EXPECT_EQ(get_policy(0), SCHED_RR);
	EXPECT_EQ(get_rt_priority(0), 99);
	OK(set_policy(0, SCHED_OTHER, 0));
	EXPECT_EQ(get_policy(0), SCHED_OTHER);
	EXPECT_EQ(get_rt_priority(0), 0);
}

TEST(what_is_no_priority_is_refused)
{
	struct sched_param param = { .sched_priority = 5 };

	EXPECT_ERR(set_policy(0, SCHED_FIFO, 0), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_FIFO, 100), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_RR, -1), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_OTHER, 1), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_BATCH, 1), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_DEADLINE, 0), EINVAL);
	EXPECT_ERR(set_policy(0, 4, 0), EINVAL);
	EXPECT_ERR(set_policy(0, 77, 0), EINVAL);
	EXPECT_ERR(set_policy(0, -1, 0), EINVAL);
	EXPECT_ERR(set_policy(-1, SCHED_FIFO, 5), EINVAL);
	EXPECT_ERR(set_policy(0x3ffffff0, SCHED_FIFO, 5), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_setparam, 0, &param), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setparam, 0, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setparam, 0, -1L), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, -1L),
		   EFAULT);
	EXPECT_ERR(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_getparam, 0, -1L), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_getparam, 0x3ffffff0, &param), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getparam, -1, &param), EINVAL);
	EXPECT_ERR(get_policy(-1), EINVAL);
	EXPECT_ERR(get_policy(0x3ffffff0), ESRCH);
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_RR), 99);
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	EXPECT_EQ(sched_get_priority_min(SCHED_DEADLINE), 0);
	EXPECT_ERR(sched_get_priority_min(4), EINVAL);
	EXPECT_ERR(sched_get_priority_max(-1), EINVAL);
}

TEST(parts_of_the_attributes_can_be_kept)
{
	struct attr attr = { .size = ATTR_SIZE_1, .policy = SCHED_RR,
			     .priority = 9 }, got;

	OK(set_attr(0, &attr, 0));
	attr = (struct attr){ .size = ATTR_SIZE_1, .priority = 11,
			      .flags = FLAG_KEEP_POLICY };
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.policy, SCHED_RR);
	EXPECT_EQ(got.priority, 11);
	/* Which belong to the policy: that stays as well. */
	attr = (struct attr){ .size = ATTR_SIZE_1, .policy = SCHED_FIFO,
			      .flags = FLAG_KEEP_PARAMS };
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.policy, SCHED_RR);
	EXPECT_EQ(got.priority, 11);
	attr = (struct attr){ .size = ATTR_SIZE_1,
			      .flags = FLAG_RESET_ON_FORK };
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.policy, SCHED_OTHER);
	EXPECT_EQ(got.flags, FLAG_RESET_ON_FORK);
	attr.flags = FLAG_KEEP_POLICY;
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.flags, FLAG_RESET_ON_FORK);
}

TEST(users_need_a_limit)
{
	struct rlimit limit = { 0, 0 };
	pid_t pid;

	OK(setrlimit(RLIMIT_RTPRIO, &limit));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(set_policy(0, SCHED_FIFO, 1), EPERM);
		EXPECT_ERR(set_policy(0, SCHED_RR, 50), EPERM);
		EXPECT_ERR(set_policy(getppid(), SCHED_BATCH, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	limit.rlim_cur = limit.rlim_max = 10;
	OK(setrlimit(RLIMIT_RTPRIO, &limit));
	IN_CHILD(pid) {
		OK(set_policy(0, SCHED_FIFO, 20));
		become_user(1000, 1000);
		/* What it has it may keep, with the policy, and lower. */
		OK(set_policy(0, SCHED_RR, 20));
		EXPECT_ERR(set_policy(0, SCHED_RR, 21), EPERM);
		OK(set_policy(0, SCHED_RR, 15));
		EXPECT_ERR(set_policy(0, SCHED_RR, 20), EPERM);
		OK(set_policy(0, SCHED_OTHER, 0));
		EXPECT_ERR(set_policy(0, SCHED_FIFO, 11), EPERM);
		OK(set_policy(0, SCHED_FIFO, 10));
		limit.rlim_cur = 0;
		OK(setrlimit(RLIMIT_RTPRIO, &limit));
		/* Still: a limit of 0 forbids only a change of policy. */
		EXPECT_ERR(set_policy(0, SCHED_RR, 10), EPERM);
		OK(set_policy(0, SCHED_FIFO, 9));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(children_inherit_unless_told_not_to)
{
	pid_t pid;

	OK(set_policy(0, SCHED_RR, 7));
	IN_CHILD(pid) {
		EXPECT_EQ(get_policy(0), SCHED_RR);
		EXPECT_EQ(get_rt_priority(0), 7);
	}
	EXPECT_EXIT(pid, 0);
	OK(set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 7));
	EXPECT_EQ(get_policy(0), SCHED_RR | SCHED_RESET_ON_FORK);
	IN_CHILD(pid) {
		EXPECT_EQ(get_policy(0), SCHED_OTHER);
		EXPECT_EQ(get_rt_priority(0), 0);
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(set_policy(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
		become_user(1000, 1000);
		/* The flag is not the user's to take away. */
		EXPECT_ERR(set_policy(0, SCHED_OTHER, 0), EPERM);
		OK(set_policy(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0));
	}
	EXPECT_EXIT(pid, 0);
}

/* It has no meaning until they are ordinary again, and is kept for that. */
TEST(nice_values_of_real_time_tasks)
{
	struct attr attr = { .size = ATTR_SIZE_1, .policy = SCHED_DEADLINE,
			     .runtime = 10 * MSEC, .deadline = 100 * MSEC,
			     .period = 100 * MSEC };
	pid_t pid, loop;

	/* The other class's queue must not be empty, for that to be seen. */
	run_on(0, 0);
	IN_CHILD(loop)
		for (;;)
			;
	run_on(loop, 0);
	for (int policy = SCHED_FIFO; policy <= SCHED_RR; policy++) {
		OK(set_policy(0, policy, 3));
		OK(setpriority(PRIO_PROCESS, 0, 5));
		IN_CHILD(pid)
			OK(setpriority(PRIO_PROCESS, 0, 6));
		EXPECT_EXIT(pid, 0);
		OK(usleep(1000));
		EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 5);
		OK(set_policy(0, SCHED_OTHER, 0));
		EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 5);
		OK(usleep(1000));
		OK(setpriority(PRIO_PROCESS, 0, 0));
	}
	run_anywhere(0);
	OK(set_attr(0, &attr, 0));
	OK(setpriority(PRIO_PROCESS, 0, 7));
	OK(usleep(1000));
	OK(set_policy(0, SCHED_OTHER, 0));
	OK(usleep(1000));
	end_child(loop);
}

TEST(slices)
{
	struct timespec ts = { 5, 5 };

	OK(set_policy(0, SCHED_FIFO, 7));
	OK(sched_rr_get_interval(0, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_EQ(ts.tv_nsec, 0);
	OK(set_policy(0, SCHED_RR, 7));
	OK(sched_rr_get_interval(0, &ts));
	EXPECT_EQ(ts.tv_sec, 0);
	EXPECT_EQ(ts.tv_nsec, 100 * MSEC);
	OK(set_policy(0, SCHED_OTHER, 0));
	OK(sched_rr_get_interval(0, &ts));
	EXPECT(ts.tv_sec == 0 && ts.tv_nsec > 0);
	EXPECT_ERR(sched_rr_get_interval(-1, &ts), EINVAL);
	EXPECT_ERR(sched_rr_get_interval(0x3ffffff0, &ts), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_rr_get_interval, 0, -1L), EFAULT);
}

TEST(proc_shows_priorities)
{
	char buf[1024], *p;
	long prio, nice, rt_priority, policy;

	OK(set_policy(0, SCHED_RR, 42));
	p = strrchr(read_file("/proc/self/stat", buf, sizeof(buf)), ')') + 2;
	/* Fields 18, 19, 40 and 41; p is at field 3. */
	for (int field = 3; field < 18; field++)
		p = strchr(p, ' ') + 1;
	EXPECT_EQ(sscanf(p, "%ld %ld", &prio, &nice), 2);
	for (int field = 18; field < 40; field++)
		p = strchr(p, ' ') + 1;
	EXPECT_EQ(sscanf(p, "%ld %ld", &rt_priority, &policy), 2);
	EXPECT_EQ(prio, -43);
	EXPECT_EQ(nice, 0);
	EXPECT_EQ(rt_priority, 42);
	EXPECT_EQ(policy, SCHED_RR);
}

/* ---- on one CPU ---- */

struct log {
	int	nr;
	char	text[64];
};

static void note(struct log *log, char c)
{
	log->text[add(&log->nr, 1) - 1] = c;
}

TEST(the_highest_runs_first)
{
	static const int priorities[] = { 10, 30, 20 };
	struct log *log = shared(sizeof(*log));
	pid_t pids[3];

	run_on(0, 0);
	OK(set_policy(0, SCHED_FIFO, 50));
	/* None of them runs before we wait; then each lowers itself. */
	for (int i = 0; i < 3; i++)
		IN_CHILD(pids[i]) {
			OK(set_policy(0, SCHED_FIFO, priorities[i]));
			note(log, 'a' + i);
		}
	EXPECT_EQ(log->nr, 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_STR(log->text, "bca");
}

TEST(a_raised_task_runs_at_once)
{
	struct log *log = shared(sizeof(*log));
	pid_t pid;

	run_on(0, 0);
	OK(set_policy(0, SCHED_FIFO, 50));
	IN_CHILD(pid)
		note(log, 'c');
	OK(set_policy(pid, SCHED_OTHER, 0));
	note(log, 'p');
	OK(set_policy(pid, SCHED_FIFO, 51));
	note(log, 'p');
	EXPECT_EXIT(pid, 0);
	EXPECT_STR(log->text, "pcp");
}

TEST(equals_take_turns_by_yielding)
{
	struct log *log = shared(sizeof(*log));
	pid_t pids[2];

	run_on(0, 0);
	OK(set_policy(0, SCHED_FIFO, 50));
	for (int i = 0; i < 2; i++)
		IN_CHILD(pids[i])
			for (int turn = 0; turn < 4; turn++) {
				note(log, 'a' + i);
				OK(sched_yield());
			}
	for (int i = 0; i < 2; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_STR(log->text, "abababab");
}

/*
 * A loop with another of its priority behind it: with SCHED_FIFO it keeps the
 * CPU, with SCHED_RR only for its slice.
 */
static void run_two(int policy, int *seen)
{
	int *other_ran = shared(sizeof(*other_ran));
	pid_t pid;

	OK(set_policy(0, policy, 50));
	IN_CHILD(pid)
		store(other_ran, 1);
	if (policy == SCHED_RR)
		while (!load(other_ran))
			;
	else
		burn(300 * MSEC);
	*seen = load(other_ran);
	EXPECT_EXIT(pid, 0);
}

TEST(only_round_robin_takes_turns_by_time)
{
	int seen;

	limit_real_time(false);
	run_on(0, 0);
	run_two(SCHED_FIFO, &seen);
	EXPECT_EQ(seen, 0);
	run_two(SCHED_RR, &seen);
	EXPECT_EQ(seen, 1);
	limit_real_time(true);
}

TEST(others_wait_for_real_time_tasks)
{
	int *count = shared(sizeof(*count)), before;
	pid_t pid;

	limit_real_time(false);
	run_on(0, 0);
	IN_CHILD(pid)
		for (;;)
			add(count, 1);
	while (!load(count))
		sched_yield();
	OK(set_policy(0, SCHED_FIFO, 1));
	before = load(count);
	burn(100 * MSEC);
	EXPECT_EQ(load(count), before);
	OK(set_policy(0, SCHED_OTHER, 0));
	end_child(pid);
	limit_real_time(true);
}

/* @restless: nearly all that the loop does is to change its priority. */
static void live_beside_a_loop(bool restless)
{
	int *count = shared(sizeof(*count));
	pid_t pid;

	run_on(0, 0);
	IN_CHILD(pid) {
		OK(set_policy(0, SCHED_FIFO, 99));
		for (;;) {
			add(count, 1);
			if (restless)
				set_policy(0, SCHED_FIFO, 98 + load(count) % 2);
		}
	}
	while (!load(count))
		sched_yield();
	for (int i = 0; i < 3; i++) {
		int before = load(count);

		/* And it is the loop that runs most of the time. */
		while (load(count) == before)
			;
	}
	end_child(pid);
}

/* We, an ordinary task, get to end it, on the CPU that it does not leave. */
TEST(a_runaway_loop_does_not_take_the_cpu)
{
	live_beside_a_loop(false);
}

/* The time between two turns of it is not ours either, so it is charged. */
TEST(nor_does_one_that_changes_its_priority)
{
	live_beside_a_loop(true);
}

static int signals;

static void on_xcpu(int sig)
{
	(void)sig;
	if (write(signals, "x", 1) != 1)
		_exit(CHECK_FAILED);
}

TEST(rttime_warns_and_then_kills)
{
	struct rlimit limit = { 400000, 800000 };
	int fds[2];
	char c;
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		signals = fds[1];
		OK((long)signal(SIGXCPU, on_xcpu));
		OK(setrlimit(RLIMIT_RTTIME, &limit));
		OK(set_policy(0, SCHED_FIFO, 5));
		/* Whoever sleeps now and then is not meant. */
		for (int i = 0; i < 10; i++) {
			burn(100 * MSEC);
			OK(usleep(1000));
		}
		OK(write(fds[1], "s", 1));
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGKILL);
	OK(close(fds[1]));
	EXPECT_EQ(OK(read(fds[0], &c, 1)), 1);
	EXPECT_EQ(c, 's');
	EXPECT_EQ(OK(read(fds[0], &c, 1)), 1);
	EXPECT_EQ(c, 'x');
	OK(close(fds[0]));
}

/* ---- on many CPUs ---- */

/* Arrive, and spin until all have: they have to run at the same time. */
static void meet(int *arrived, int nr)
{
	add(arrived, 1);
	while (load(arrived) < nr)
		;
}

TEST(as_many_of_the_highest_run_as_there_are_cpus)
{
	struct { int low, high, go; } *s = shared(sizeof(*s));
	int nr = online_cpus();
	pid_t low[nr], high[nr];

	limit_real_time(false);
	OK(set_policy(0, SCHED_FIFO, 50));
	for (int i = 0; i < nr; i++)
		IN_CHILD(low[i]) {
			OK(set_policy(0, SCHED_FIFO, 10));
			/* For good: the others have to displace us. */
			add(&s->low, 1);
			while (!load(&s->go))
				;
			meet(&s->low, 2 * nr);
		}
	for (int i = 0; i < nr; i++)
		IN_CHILD(high[i]) {
			OK(set_policy(0, SCHED_FIFO, 20));
			meet(&s->high, nr);
			store(&s->go, 1);
		}
	for (int i = 0; i < nr; i++)
		EXPECT_EXIT(high[i], 0);
	for (int i = 0; i < nr; i++)
		EXPECT_EXIT(low[i], 0);
	limit_real_time(true);
}

/* A task displaced by one that cannot go elsewhere goes elsewhere itself. */
TEST(the_displaced_move_on)
{
	struct { int beats, stop; } *s = shared(sizeof(*s));
	pid_t mover, fixed;

	if (online_cpus() < 2)
		SKIP("takes two CPUs");
	limit_real_time(false);
	OK(set_policy(0, SCHED_FIFO, 50));
	IN_CHILD(mover) {
		run_on(0, 0);
		OK(set_policy(0, SCHED_FIFO, 10));
		run_anywhere(0);
		while (!load(&s->stop))
			add(&s->beats, 1);
	}
	IN_CHILD(fixed) {
		int before;

		OK(set_policy(0, SCHED_FIFO, 20));
		while (!load(&s->beats))
			OK(usleep(100));
		run_on(0, 0);
		before = load(&s->beats);
		while (load(&s->beats) == before)
			;
		store(&s->stop, 1);
	}
	EXPECT_EXIT(fixed, 0);
	EXPECT_EXIT(mover, 0);
	limit_real_time(true);
}

/* The same when it is allowed another CPU only while it waits. */
TEST(a_waiting_task_goes_where_it_may)
{
	int *ready = shared(sizeof(*ready));
	struct event start;
	pid_t waiter, hog;

	if (online_cpus() < 2)
		SKIP("takes two CPUs");
	limit_real_time(false);
	event_init(&start);
	OK(set_policy(0, SCHED_FIFO, 50));
	run_on(0, 1);
	IN_CHILD(hog) {
		run_on(0, 0);
		OK(set_policy(0, SCHED_FIFO, 20));
		store(ready, 1);
		for (;;)
			;
	}
	while (!load(ready))
		OK(usleep(100));
	IN_CHILD(waiter)
		event_wait(&start);
	wait_until_sleeping(waiter);
	OK(set_policy(waiter, SCHED_FIFO, 10));
	run_on(waiter, 0);
	event_signal(&start);
	OK(usleep(1000));
	EXPECT_EQ(waitpid(waiter, NULL, WNOHANG), 0);
	run_anywhere(waiter);
	EXPECT_EXIT(waiter, 0);
	end_child(hog);
	event_close(&start);
	limit_real_time(true);
}
