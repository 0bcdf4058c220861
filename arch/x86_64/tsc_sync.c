/*
 * Do two CPUs' time-stamp counters agree?
 *
 * Both sides keep reading their TSC and comparing it with the last value the
 * other has left in a common word. A value that was there before we read ours
 * must not be greater: if it is, the other's counter is ahead by at least the
 * difference, and time would run backwards for whoever moved from there to
 * here. This finds any difference that a program could find.
 *
 * Where the emulator runs all CPUs in one thread, the two sides take turns at
 * each pause instead of running at once; the argument is the same.
 */
#include <arch/irqflags.h>
#include <keel/atomic.h>

#include "internal.h"

#define ROUNDS		512
#define ROUNDS_PER_TURN	16

static uint64_t last_tsc;	/* [A] the latest either side has seen */
static bool warped;		/* [A] */
static atomic_t arrived, finished;

static void compare(void)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t seen = __atomic_load_n(&last_tsc, __ATOMIC_SEQ_CST);
		uint64_t now = rdtsc_ordered();

		if (now < seen)
			WRITE_ONCE(warped, true);
		else
			/* If the other was quicker, its value is as good. */
			(void)try_cmpxchg(&last_tsc, &seen, now);
		if (i % ROUNDS_PER_TURN == 0)
			cpu_relax();
	}
}

static void meet(atomic_t *point, int count)
{
	atomic_inc_return(point);
	while (atomic_read(point) < count)
		cpu_relax();
}

/*
 * The CPU that is up already. If the counters differ, time is told by
 * something else before the new CPU asks for the first time.
 *
 * Context: the other side is on its way to tsc_sync_target().
 */
void tsc_sync_source(void)
{
	meet(&arrived, 2);
	compare();
	meet(&finished, 2);
	if (READ_ONCE(warped))
		clock_tsc_is_bad("differs between CPUs");
	warped = false;
	last_tsc = 0;
	atomic_set(&arrived, 0);
	/* The target waits for this before it goes on. */
	smp_mb();
	atomic_set(&finished, 3);
}

/* The CPU that comes up. Context: irqs off. */
void tsc_sync_target(void)
{
	meet(&arrived, 2);
	compare();
	meet(&finished, 3);
	atomic_set(&finished, 0);
}
