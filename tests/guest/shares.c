/*
 * Fair shares on several CPUs, to the letter: as many equal loops on each CPU
 * get equal time within 5 % over four seconds; otherwise it is within 30 %, and
 * shares follow nice values within 10 %.
 *
 * On a busy host the CPUs of one machine are not equally fast, and nothing a
 * scheduler does makes them so. So this suite runs where time is counted in
 * instructions, in the suite "icount": fairness.c has what can be asked for
 * elsewhere.
 */
#include "race.h"

#include <sys/resource.h>

/* No CPU is to be idle: the suite boots machines of 1 to 4. */
static void exact_or_skip(int cpus)
{
	if (!getenv("guest_exact"))
		SKIP("the host's noise is louder: see the suite icount");
	if (online_cpus() != cpus)
		SKIP("for a machine with another number of CPUs");
}

static void loops_on_cpus(int loops, int cpus)
{
	exact_or_skip(cpus);
	fair_race(loops, loops % cpus ? 130 : 105, NULL, NULL);
}

#define LOOPS_ON_CPUS(loops, cpus)					\
TEST_SECONDS(loops_##loops##_on_##cpus, 180)				\
{									\
	loops_on_cpus(loops, cpus);					\
}

LOOPS_ON_CPUS(3, 1)
LOOPS_ON_CPUS(2, 2)
LOOPS_ON_CPUS(3, 2)
LOOPS_ON_CPUS(4, 2)
LOOPS_ON_CPUS(5, 2)
LOOPS_ON_CPUS(4, 3)
LOOPS_ON_CPUS(5, 3)
LOOPS_ON_CPUS(6, 3)
LOOPS_ON_CPUS(4, 4)
LOOPS_ON_CPUS(5, 4)
LOOPS_ON_CPUS(6, 4)
LOOPS_ON_CPUS(7, 4)
LOOPS_ON_CPUS(8, 4)
LOOPS_ON_CPUS(9, 4)
LOOPS_ON_CPUS(12, 4)
LOOPS_ON_CPUS(16, 4)

/* ---- nice values ---- */

static const int *nices;

static int weight_of(int nice)
{
	double weight = 1024;

	for (; nice > 0; nice--)
		weight /= 1.25;
	for (; nice < 0; nice++)
		weight *= 1.25;
	return weight + 0.5;
}

/* What the most has, in percent of the least, per unit of weight. */
static void nice_race(int nr, int percent, const int *values,
		      void (*prepare)(int))
{
	int weights[LOOPS_MAX];

	nices = values;
	for (int i = 0; i < nr; i++)
		weights[i] = weight_of(values[i]);
	fair_race(nr, percent, prepare, weights);
}

static void be_nice(int i)
{
	OK(setpriority(PRIO_PROCESS, 0, nices[i]));
}

/* Two to a CPU, and nobody may leave. */
static void be_nice_on_my_cpu(int i)
{
	run_on(0, i / 2);
	be_nice(i);
}

static void pair(int a, int b)
{
	const int values[] = { a, b };

	exact_or_skip(1);
	nice_race(2, 110, values, be_nice_on_my_cpu);
}

TEST_SECONDS(nice_0_beside_5, 180)
{
	pair(0, 5);
}

TEST_SECONDS(nice_0_beside_minus_5, 180)
{
	pair(0, -5);
}

TEST_SECONDS(nice_0_beside_19, 180)
{
	pair(0, 19);
}

TEST_SECONDS(nice_minus_20_beside_minus_15, 180)
{
	pair(-20, -15);
}

TEST_SECONDS(nice_10_beside_15, 180)
{
	pair(10, 15);
}

/* One CPU's shares are its own affair: judged pair by pair. */
TEST_SECONDS(nice_pairs_on_four_cpus, 180)
{
	static const int values[] = { 0, 5, 0, -5, 0, 10, -5, 5 };
	struct race race;

	exact_or_skip(4);
	nices = values;
	start_race(&race, 8, be_nice_on_my_cpu);
	run_race(&race, 4);
	for (int i = 0; i < 8; i += 2) {
		struct race two = { .nr = 2, .ran = { race.ran[i],
						      race.ran[i + 1] } };
		int weights[] = { weight_of(values[i]),
				  weight_of(values[i + 1]) };
		int got = spread(&two, weights);

		if (got > 110)
			FAIL("nice %d beside %d: %d %%", values[i],
			     values[i + 1], got);
	}
	end_race(&race);
}

/* The same weights can be put on each CPU, and they have to find there. */
TEST_SECONDS(nice_values_spread_over_four_cpus, 180)
{
	static const int values[] = {
		0, 0, 0, 0, 5, 5, 5, 5, -5, -5, -5, -5,
	};

	exact_or_skip(4);
	nice_race(ARRAY_SIZE(values), 110, values, be_nice);
}

TEST_SECONDS(heavy_and_light_loops_pair_up, 180)
{
	static const int values[] = { 0, 0, 0, 0, 3, 3, 3, 3 };

	exact_or_skip(4);
	nice_race(ARRAY_SIZE(values), 110, values, be_nice);
}

/* Weights that no arrangement makes even go round as equal ones do. */
TEST_SECONDS(odd_weights_go_round, 180)
{
	static const int values[] = { 0, 0, 0, 0, 0, 3, 3, 3, 3 };

	exact_or_skip(4);
	nice_race(ARRAY_SIZE(values), 130, values, be_nice);
}
