/*
 * On which CPU a task wakes, and what CPUs do that have nothing to do.
 *
 * None of this depends on how long anything takes: who was woken says where it
 * is, and how often it has moved. Of many wake-ups a few may find the CPU taken
 * by some work of the kernel's.
 */
#include "race.h"

enum { WAKEUPS = 40, FEW = WAKEUPS / 2 };

static int here(void)
{
	return OK(sched_getcpu());
}

static void doze(void)
{
	static const struct timespec span = { .tv_nsec = MSEC };

	OK(nanosleep(&span, NULL));
}

static void pin_in_order(int i)
{
	run_on(0, i);
}

/*
 * All CPUs but the last have a loop. Who fell asleep on the first, and may run
 * anywhere, wakes on the last.
 */
TEST_SECONDS(a_wakeup_finds_the_idle_cpu, 120)
{
	int cpus = online_cpus(), elsewhere = 0;
	struct race race;

	if (cpus < 2)
		SKIP("there is one CPU");
	start_race(&race, cpus - 1, pin_in_order);
	for (int i = 0; i < WAKEUPS; i++) {
		run_on(0, 0);
		run_anywhere(0);
		doze();
		elsewhere += here() != cpus - 1;
	}
	end_race(&race);
	/* Linux looks no further than to CPUs that share a cache. */
	if (elsewhere > FEW && running_on_keel())
		FAIL("%d of %d wake-ups went elsewhere", elsewhere, WAKEUPS);
}

/* Where it was, caches are warm. */
TEST_SECONDS(who_wakes_alone_stays_where_it_was, 120)
{
	int cpu = here(), moves = 0;

	for (int i = 0; i < WAKEUPS; i++) {
		doze();
		moves += here() != cpu;
		cpu = here();
	}
	if (moves > FEW)
		FAIL("it moved %d times in %d wake-ups", moves, WAKEUPS);
}

/* One half of a pair: hand the token on, count the times it was moved. */
static int count_moves(int in, int out, bool first)
{
	int cpu = here(), moves = 0;
	char token = 0;

	for (int i = 0; i < WAKEUPS; i++) {
		if (first)
			EXPECT_EQ(write(out, &token, 1), 1);
		EXPECT_EQ(read(in, &token, 1), 1);
		moves += here() != cpu;
		cpu = here();
		if (!first)
			EXPECT_EQ(write(out, &token, 1), 1);
	}
	return moves;
}

TEST_SECONDS(partners_do_not_bounce, 120)
{
	int there[2], back[2], moves;
	int *its = shared(sizeof(*its));
	pid_t pid;

	OK(pipe(there));
	OK(pipe(back));
	IN_CHILD(pid)
		*its = count_moves(there[0], back[1], false);
	moves = count_moves(back[0], there[1], true);
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 2; i++) {
		OK(close(there[i]));
		OK(close(back[i]));
	}
	if (moves > FEW || *its > FEW)
		FAIL("they moved %d and %d times", moves, *its);
}

/* ---- idle CPUs ---- */

enum { CPUS_MAX = 64 };

/* Timer interrupts so far, by CPU. */
static void timer_interrupts(long *counts, int cpus)
{
	static char buf[32768];
	char *at = strstr(read_file("/proc/interrupts", buf, sizeof(buf)),
			  "LOC:");

	EXPECT(at != NULL);
	at += 4;
	for (int i = 0; i < cpus; i++)
		counts[i] = strtol(at, &at, 10);
}

/* A tick would come a hundred times a second at least. */
TEST_SECONDS(idle_cpus_take_no_ticks, 120)
{
	long before[CPUS_MAX], after[CPUS_MAX];
	struct timespec span = { .tv_sec = 1 };
	int cpus = online_cpus();

	EXPECT(cpus <= CPUS_MAX);
	run_on(0, 0);
	timer_interrupts(before, cpus);
	OK(nanosleep(&span, NULL));
	timer_interrupts(after, cpus);
	for (int i = 1; i < cpus; i++)
		if (after[i] - before[i] >= 50)
			FAIL("CPU %d took %ld", i, after[i] - before[i]);
}

/* ---- filling up ---- */

/* As many loops as CPUs are seen on all of them, each on its own. */
static void expect_all_filled(int cpus)
{
	int *stop = shared(sizeof(*stop)), *where = shared(cpus * sizeof(int));
	pid_t pids[CPUS_MAX];
	uint64_t seen;

	for (int i = 0; i < cpus; i++)
		IN_CHILD(pids[i])
			while (!load(stop))
				store(&where[i], here() + 1);
	do {
		doze();
		seen = 0;
		for (int i = 0; i < cpus; i++)
			if (load(&where[i]))
				seen |= 1UL << (load(&where[i]) - 1);
	} while (__builtin_popcountl(seen) < cpus);
	store(stop, 1);
	for (int i = 0; i < cpus; i++)
		EXPECT_EXIT(pids[i], 0);
}

TEST_SECONDS(load_that_comes_back_fills_all_cpus, 120)
{
	int cpus = online_cpus();

	EXPECT(cpus <= CPUS_MAX);
	for (int i = 0; i < 5; i++) {
		expect_all_filled(cpus);
		doze();
	}
}
