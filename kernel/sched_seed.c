/*
 * The seeded scheduler: see kernel/sched_seed.h.
 *
 * The generator is xorshift, one state per CPU, so that on one CPU the
 * sequence of decisions depends on the seed and on the code run alone.
 */
#ifdef DEBUG
#include <arch/percpu.h>
#include <arch/preempt.h>
#include <kernel/params.h>
#include <kernel/sched_seed.h>

/* One decision in so many is to switch. */
#define ONE_IN	32

static DEFINE_PER_CPU(uint32_t, seed_state);
static DEFINE_PER_CPU(bool, switch_wanted);
static uint32_t seed;	/* constant after boot; 0: off */

/* A place where another task may well come in. Context: any. */
void sched_seed_point(void)
{
	uint32_t x;

	if (likely(!seed) || !in_task())
		return;
	x = this_cpu_read(seed_state) ?: seed;
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	this_cpu_write(seed_state, x);
	if (x % ONE_IN)
		return;
	this_cpu_write(switch_wanted, true);
	set_need_resched_this_cpu();
}

/* Asked by schedule(): should the running task let others come first? */
bool sched_seed_wants_switch(void)
{
	bool wanted = this_cpu_read(switch_wanted);

	this_cpu_write(switch_wanted, false);
	return wanted;
}

/* After this: decisions are made, if the command line has a seed. */
void __init sched_seed_init(void)
{
	seed = param_int("keel.sched_seed", 0);
}
#endif
