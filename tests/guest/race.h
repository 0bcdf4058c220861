/*
 * Races: loops that run side by side, and how much CPU time each of them got.
 *
 * The CPU clocks of all loops are read at one moment before and at one after.
 * Where the host is out of it (guest_exact, see precise.c), and on Keel, which
 * promises the figures, the first four seconds decide. Elsewhere a race that
 * looks unfair is judged anew by the next eight, then sixteen, thirty-two
 * seconds, and a busy host is allowed HOST_PERCENT.
 */
#pragma once

#include "schedtools.h"

#include <limits.h>
#include <sys/resource.h>

enum { LOOPS_MAX = 64, HOST_PERCENT = 25 };

struct race {
	int		nr;
	int		*stop;	/* shared: the loops end when it is set */
	pid_t		pids[LOOPS_MAX];
	clockid_t	clocks[LOOPS_MAX];
	int64_t		start[LOOPS_MAX];
	int64_t		ran[LOOPS_MAX];		/* since then */
};

/* Everybody's CPU time, read so quickly that it is one moment's. */
static inline void look(const struct race *race, int64_t *times)
{
	for (int i = 0; i < 1000; i++) {
		int64_t began = now_ns(CLOCK_MONOTONIC);

		for (int j = 0; j < race->nr; j++)
			times[j] = now_ns(race->clocks[j]);
		if (now_ns(CLOCK_MONOTONIC) - began < 2 * MSEC)
			return;
	}
	FAIL("the clocks of %d loops cannot be read at once", race->nr);
}

/* Start @nr loops, each after @prepare. */
static inline void start_race(struct race *race, int nr, void (*prepare)(int))
{
	int *ready = shared(sizeof(*ready));

	race->nr = nr;
	race->stop = shared(sizeof(*race->stop));
	for (int i = 0; i < nr; i++) {
		IN_CHILD(race->pids[i]) {
			if (prepare)
				prepare(i);
			add(ready, 1);
			while (!load(race->stop))
				;
			_exit(0);
		}
		EXPECT_EQ(clock_getcpuclockid(race->pids[i], &race->clocks[i]),
			  0);
	}
	while (load(ready) < nr)
		OK(usleep(1000));
	look(race, race->start);
}

static inline void run_race(struct race *race, int seconds)
{
	struct timespec span = { .tv_sec = seconds };

	OK(nanosleep(&span, NULL));
	look(race, race->ran);
	for (int i = 0; i < race->nr; i++)
		race->ran[i] -= race->start[i];
}

/*
 * All loops end at once, by themselves. (Where the emulator runs its CPUs in
 * turn, one that spins can keep another, which is about to kill it, from its
 * turn for minutes.)
 */
static inline void end_race(struct race *race)
{
	store(race->stop, 1);
	for (int i = 0; i < race->nr; i++)
		EXPECT_EXIT(race->pids[i], 0);
}

/* The most in percent of the least, each in units of its weight. */
static inline int spread(const struct race *race, const int *weights)
{
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < race->nr; i++) {
		int64_t ran = race->ran[i] / (weights ? weights[i] : 1);

		least = ran < least ? ran : least;
		most = ran > most ? ran : most;
	}
	return least > 0 ? most * 100 / least : INT_MAX;
}

/* The most is at most @percent of the least. */
static inline void expect_spread(struct race *race, int percent,
				 const int *weights)
{
	int got = 0;

	bool exact = getenv("guest_exact") != NULL;

	if (!exact)
		percent += HOST_PERCENT;
	for (int seconds = 4; seconds <= 32; seconds *= 2) {
		run_race(race, seconds);
		got = spread(race, weights);
		if (exact)
			remark("%d loops, %d s: %d %%", race->nr, seconds,
			       got);
		if (got <= percent)
			return;
		remark("%d loops, %d s: %d %%", race->nr, seconds, got);
		if (exact && running_on_keel())
			break;
		look(race, race->start);
	}
	FAIL("the most is %d %% of the least", got);
}

static inline void fair_race(int nr, int percent, void (*prepare)(int),
			     const int *weights)
{
	struct race race;

	start_race(&race, nr, prepare);
	expect_spread(&race, percent, weights);
	end_race(&race);
}
