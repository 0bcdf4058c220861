/*
 * SCHED_DEADLINE: what is admitted, what each gets, and when.
 */
#include "schedtools.h"

static struct attr deadline(int64_t runtime, int64_t relative, int64_t period)
{
	return (struct attr){
		.size = ATTR_SIZE_0,
		.policy = SCHED_DEADLINE,
		.runtime = runtime,
		.deadline = relative,
		.period = period,
	};
}

/*
 * Make a deadline task of one, 0 for the caller. What tasks of an earlier test
 * were promised is only free when their last period has ended, so this may have
 * to be tried again.
 */
static void make_deadline(pid_t pid, struct attr attr)
{
	while (set_attr(pid, &attr, 0) < 0) {
		EXPECT_EQ(errno, EBUSY);
		OK(usleep(10000));
	}
}

static void become_deadline(struct attr attr)
{
	make_deadline(0, attr);
}

TEST(parameters_are_remembered)
{
	struct attr got;

	become_deadline(deadline(25 * MSEC, 50 * MSEC, 100 * MSEC));
	EXPECT_EQ(get_policy(0), SCHED_DEADLINE);
	EXPECT_EQ(get_rt_priority(0), 0);
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.size, ATTR_SIZE_1);
	EXPECT_EQ(got.policy, SCHED_DEADLINE);
	EXPECT_EQ(got.flags, 0);
	EXPECT_EQ(got.priority, 0);
	EXPECT_EQ(got.nice, 0);
	EXPECT_EQ(got.runtime, 25 * MSEC);
	EXPECT_EQ(got.deadline, 50 * MSEC);
	EXPECT_EQ(got.period, 100 * MSEC);
	/* No period: the deadline's. */
	become_deadline(deadline(25 * MSEC, 50 * MSEC, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.period, 50 * MSEC);
}

TEST(flags_are_remembered)
{
	struct attr attr = deadline(25 * MSEC, 50 * MSEC, 50 * MSEC), got;

	/* On a slow host that is what happens. */
	OK((long)signal(SIGXCPU, SIG_IGN));
	attr.flags = FLAG_RECLAIM | FLAG_DL_OVERRUN | FLAG_RESET_ON_FORK;
	become_deadline(attr);
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.flags, attr.flags);
	EXPECT_EQ(get_policy(0), SCHED_DEADLINE | SCHED_RESET_ON_FORK);
}

TEST(what_makes_no_sense_is_refused)
{
	static const struct { int64_t runtime, deadline, period; } bad[] = {
		{ 0, 0, 0 },
		{ 0, 10 * MSEC, 10 * MSEC },
		{ 1023, 10 * MSEC, 10 * MSEC },
		{ 11 * MSEC, 10 * MSEC, 20 * MSEC },
		{ 1 * MSEC, 20 * MSEC, 10 * MSEC },
		{ 1 * MSEC, 0, 10 * MSEC },
		{ 2000, 90000, 90000 },
		{ 1 * MSEC, 5 * SEC, 5 * SEC },
		{ 1 * MSEC, -1, 10 * MSEC },
		{ 1 * MSEC, 10 * MSEC, -1 },
	};
	struct attr attr;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		attr = deadline(bad[i].runtime, bad[i].deadline,
				bad[i].period);
		EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	}
	attr = deadline(1 * MSEC, 10 * MSEC, 10 * MSEC);
	attr.priority = 1;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	EXPECT_EQ(get_policy(0), SCHED_OTHER);
}

TEST(only_with_the_capability)
{
	struct attr attr = deadline(1 * MSEC, 10 * MSEC, 10 * MSEC);

	become_user(1000, 1000);
	EXPECT_ERR(set_attr(0, &attr, 0), EPERM);
}

TEST(only_with_all_cpus)
{
	struct attr attr = deadline(1 * MSEC, 10 * MSEC, 10 * MSEC);
	cpu_set_t one;

	if (online_cpus() < 2)
		SKIP("takes two CPUs");
	run_on(0, 0);
	EXPECT_ERR(set_attr(0, &attr, 0), EPERM);
	run_anywhere(0);
	become_deadline(attr);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	EXPECT_ERR(sched_setaffinity(0, sizeof(one), &one), EBUSY);
	run_anywhere(0);
}

TEST(fork_needs_the_reset_flag)
{
	struct attr attr = deadline(1 * MSEC, 10 * MSEC, 10 * MSEC);
	pid_t pid;

	become_deadline(attr);
	EXPECT_ERR(fork(), EAGAIN);
	attr.flags = FLAG_RESET_ON_FORK;
	become_deadline(attr);
	IN_CHILD(pid) {
		EXPECT_EQ(get_policy(0), SCHED_OTHER);
		EXPECT_EQ(OK(syscall(SYS_getpriority, 0, 0)), 20);
	}
	EXPECT_EXIT(pid, 0);
}

/*
 * 90 % each: one per CPU, and not one more. None of them runs with what it is
 * promised: of 2 % a moment in which the host stops the CPU takes back minutes.
 */
TEST(no_more_is_promised_than_there_is)
{
	struct attr attr = deadline(90 * MSEC, 100 * MSEC, 100 * MSEC);
	int nr = online_cpus();
	struct event end;
	pid_t pids[nr + 1];

	event_init(&end);
	for (int i = 0; i <= nr; i++) {
		IN_CHILD(pids[i])
			event_wait(&end);
		wait_until_sleeping(pids[i]);
	}
	for (int i = 0; i < nr; i++)
		make_deadline(pids[i], attr);
	EXPECT_ERR(set_attr(pids[nr], &attr, 0), EBUSY);
	EXPECT_ERR(set_attr(0, &attr, 0), EBUSY);
	attr.runtime = 20 * MSEC * nr;
	if (attr.runtime <= attr.deadline)
		EXPECT_ERR(set_attr(pids[nr], &attr, 0), EBUSY);
	/* A little is left. */
	attr.runtime = 3 * MSEC;
	make_deadline(pids[nr], attr);
	/* One may take back what it was promised itself, for something else. */
	attr.runtime = 2 * MSEC;
	make_deadline(pids[nr], attr);
	/*
	 * They end in their class: of one that leaves it asleep Linux 6.1 never
	 * takes back the promise. And not of 2 %, as above.
	 */
	for (int i = 0; i < nr; i++)
		end_child(pids[i]);
	attr.runtime = 50 * MSEC;
	make_deadline(pids[nr], attr);
	end_child(pids[nr]);
	event_close(&end);
}

/*
 * A tenth of a CPU: 100 ms of CPU time take about a second. If the emulator's
 * host takes a CPU away for nearly as long, all of that is one turn's, which is
 * paid for only afterwards: so once of a few times.
 */
TEST(nobody_gets_more_than_promised)
{
	int64_t start, took = 0;

	become_deadline(deadline(10 * MSEC, 100 * MSEC, 100 * MSEC));
	for (int i = 0; i < 5 && took < 700 * MSEC; i++) {
		start = now_ns(CLOCK_MONOTONIC);
		burn(100 * MSEC);
		took = now_ns(CLOCK_MONOTONIC) - start;
	}
	EXPECT(took >= 700 * MSEC);
}

/* Done for this period: the next turn is in the next one. */
TEST(yield_ends_the_period)
{
	int64_t start;

	become_deadline(deadline(10 * MSEC, 20 * MSEC, 20 * MSEC));
	OK(sched_yield());
	start = now_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < 10; i++)
		OK(sched_yield());
	EXPECT(now_ns(CLOCK_MONOTONIC) - start >= 9 * 20 * MSEC);
}

static volatile sig_atomic_t overran;

static void on_xcpu(int sig)
{
	(void)sig;
	overran = 1;
}

TEST(overrunning_sends_a_signal_if_asked)
{
	struct attr attr = deadline(1 * MSEC, 20 * MSEC, 20 * MSEC);

	OK((long)signal(SIGXCPU, on_xcpu));
	become_deadline(attr);
	burn(20 * MSEC);
	EXPECT_EQ(overran, 0);
	attr.flags = FLAG_DL_OVERRUN;
	become_deadline(attr);
	while (!overran)
		;
}

/* On every CPU the highest real-time priority: a deadline comes first. */
TEST(deadlines_come_before_priorities)
{
	struct { int running, stop; } *s = shared(sizeof(*s));
	struct attr attr = deadline(10 * MSEC, 100 * MSEC, 100 * MSEC);
	int nr = online_cpus();
	struct event start;
	pid_t pids[nr], pid;

	limit_real_time(false);
	event_init(&start);
	IN_CHILD(pid) {
		become_deadline(attr);
		event_wait(&start);
		store(&s->stop, 1);
	}
	wait_until_sleeping(pid);
	OK(set_policy(0, SCHED_FIFO, 99));
	for (int i = 0; i < nr; i++)
		IN_CHILD(pids[i]) {
			add(&s->running, 1);
			while (load(&s->running) < nr)
				;
			event_signal(&start);
			while (!load(&s->stop))
				;
		}
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < nr; i++)
		EXPECT_EXIT(pids[i], 0);
	event_close(&start);
	limit_real_time(true);
}

TEST(a_deadline_task_leaves_its_class_and_comes_back)
{
	for (int i = 0; i < 20; i++) {
		become_deadline(deadline(2 * MSEC, 10 * MSEC, 10 * MSEC));
		burn(1 * MSEC);
		OK(set_policy(0, i % 2 ? SCHED_FIFO : SCHED_OTHER, i % 2));
		burn(1 * MSEC);
	}
}

/* Killed in every state: running, throttled, asleep. */
TEST(deadline_tasks_can_be_killed)
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	for (int i = 0; i < 20; i++) {
		IN_CHILD(pid) {
			become_deadline(deadline(1 * MSEC, 5 * MSEC,
						 10 * MSEC));
			event_signal(&ready);
			if (i % 2)
				OK(pause());
			for (;;)
				;
		}
		event_wait(&ready);
		OK(usleep(i * 500));
		end_child(pid);
	}
	event_close(&ready);
}

/*
 * Nor has it to wait for its next periods. On Linux it has: it runs until a
 * tick finds that its time is up, and of 1 us a second an hour goes by until
 * that is paid. So there it is given enough to die within one.
 */
TEST(death_waits_for_no_budget)
{
	struct attr attr = running_on_keel() ?
		deadline(1024, 4 * SEC, 4 * SEC) :
		deadline(20 * MSEC, 200 * MSEC, 200 * MSEC);
	struct event ready, go;
	pid_t pid;

	event_init(&ready);
	event_init(&go);
	for (int i = 0; i < 6; i++) {
		IN_CHILD(pid) {
			event_signal(&ready);
			event_wait(&go);
			if (i % 3 == 2)
				OK(pause());
			for (;;)
				if (i % 3 == 1)
					OK(getppid());
		}
		event_wait(&ready);
		make_deadline(pid, attr);
		event_signal(&go);
		OK(usleep(30000 + i * 1000));
		end_child(pid);
	}
	event_close(&go);
	event_close(&ready);
}
