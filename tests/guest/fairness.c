/*
 * Fair shares and short waits, as programs see them.
 *
 * Shares are measured by CPU time: a number of loops run for some seconds, and
 * the CPU clocks of all are read at one moment before and one after. What the
 * emulator's host takes from a CPU, somebody's turn is charged for. A fair
 * scheduler makes up for it within a turn or two, but a busy host never stops
 * taking. So a race that looks unfair after four seconds is judged
 * anew by the next eight, then sixteen, thirty-two; and a busy host is allowed
 * HOST_PERCENT. The suite "icount" (see precise.c) has no such host: there the
 * figures are what they say.
 *
 * Waits are measured by the clock on the wall, where a host can do what it
 * likes. So they are judged only in that suite: none is longer than a turn of
 * each other task.
 */
#include "race.h"

#include <sys/resource.h>

/* ---- shares ---- */

TEST_SECONDS(as_many_loops_on_each_cpu_are_equal, 180)
{
	fair_race(2 * online_cpus(), 105, NULL, NULL);
}

TEST_SECONDS(leftover_loops_go_round, 180)
{
	fair_race(online_cpus() + 1, 130, NULL, NULL);
}

TEST_SECONDS(loops_born_on_one_cpu_spread, 180)
{
	struct race race;
	int cpus = online_cpus();

	/* All of them start on CPU 0 and may leave it a moment later. */
	run_on(0, 0);
	start_race(&race, 2 * cpus, NULL);
	for (int i = 0; i < race.nr; i++)
		run_anywhere(race.pids[i]);
	run_anywhere(0);
	OK(usleep(500000));
	look(&race, race.start);
	expect_spread(&race, 105, NULL);
	end_race(&race);
}

/*
 * A real-time loop takes one CPU for good. The others' loops are too many for
 * what is left, but none of them stays behind it.
 */
TEST_SECONDS(loops_leave_a_cpu_that_is_taken, 180)
{
	struct race race;
	int cpus = online_cpus();
	pid_t hog;

	if (cpus < 2)
		SKIP("there is one CPU");
	limit_real_time(false);
	start_race(&race, 2 * cpus, NULL);
	IN_CHILD(hog) {
		run_on(0, cpus - 1);
		OK(set_policy(0, SCHED_FIFO, 1));
		for (;;)
			;
	}
	while (get_policy(hog) != SCHED_FIFO)
		OK(usleep(1000));
	OK(usleep(500000));
	look(&race, race.start);
	expect_spread(&race, 200, NULL);
	end_child(hog);
	limit_real_time(true);
	end_race(&race);
}

static const int nices[] = { 0, 5, 0, -5 };
static const int weights[] = { 1024, 335, 1024, 3121 };

static void be_nice(int i)
{
	run_on(0, 0);
	OK(setpriority(PRIO_PROCESS, 0, nices[i]));
}

TEST_SECONDS(shares_follow_nice_values, 180)
{
	fair_race(ARRAY_SIZE(nices), 110, be_nice, weights);
}

static void be_batch(int i)
{
	run_on(0, 0);
	OK(set_policy(0, i ? SCHED_BATCH : SCHED_OTHER, 0));
}

TEST_SECONDS(batch_jobs_have_the_same_share, 180)
{
	fair_race(2, 105, be_batch, NULL);
}

/* Of a CPU it shares with others, a SCHED_IDLE task gets next to nothing. */
static void be_idle(int i)
{
	run_on(0, 0);
	if (i == 0)
		OK(set_policy(0, SCHED_IDLE, 0));
}

TEST_SECONDS(idle_tasks_take_what_is_left, 120)
{
	struct race race;

	start_race(&race, 2, be_idle);
	run_race(&race, 4);
	EXPECT(race.ran[0] < race.ran[1] / 10);
	end_race(&race);
}

/* ---- waits ---- */

/* What the scheduler gives at a time. */
#define TURN	(3 * MSEC)

enum { WAKEUPS = 15 };

static void stay(int i)
{
	(void)i;
	run_on(0, 0);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/*
 * Somebody who works for half a millisecond in 40, less than a share beside
 * @nr loops, waits a turn of each of them at most.
 */
static void expect_one_round(int nr)
{
	int64_t late[WAKEUPS];
	struct race race;

	start_race(&race, nr, stay);
	run_on(0, 0);
	for (int i = 0; i < WAKEUPS; i++) {
		int64_t at = now_ns(CLOCK_MONOTONIC) + 40 * MSEC;
		struct timespec ts = { at / SEC, at % SEC };

		EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts,
					  NULL), 0);
		late[i] = now_ns(CLOCK_MONOTONIC) - at;
		burn(MSEC / 2);
	}
	end_race(&race);
	qsort(late, WAKEUPS, sizeof(late[0]), compare);
	remark("beside %d loops: %lld us, at most %lld", nr,
	       (long long)late[WAKEUPS / 2] / 1000,
	       (long long)late[WAKEUPS - 1] / 1000);
	/* Elsewhere it is served; how soon is the host's affair. */
	if (!getenv("guest_exact") || !running_on_keel())
		return;
	EXPECT(late[WAKEUPS - 1] < (nr + 1) * TURN);
}

TEST_SECONDS(who_sleeps_waits_for_one_round_at_most, 180)
{
	expect_one_round(3);
	expect_one_round(30);
}
