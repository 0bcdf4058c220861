/*
 * Locks under contention: what they protect stays whole, and everyone gets
 * through. Sums tell; a lost wake-up hangs, which the runner reports.
 */
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#include "threads.h"

#define THREADS	6
#define ROUNDS	3000

/* Two words that are equal whenever nobody is inside. */
struct guarded {
	struct spinlock	spinlock;
	struct mutex	mutex;
	struct rwsem	rwsem;
	struct seqlock	seqlock;
	unsigned long	a, b;
	atomic_t	torn;
};

static void guarded_init(struct guarded *g)
{
	*g = (struct guarded){};
	spin_lock_init(&g->spinlock, "test.spinlock", RANK_LEAF);
	mutex_init(&g->mutex, "test.mutex", RANK_FIRST);
	rwsem_init(&g->rwsem, "test.rwsem", RANK_FIRST);
	seqlock_init(&g->seqlock, "test.seqlock", RANK_LEAF);
}

static void add_one(struct guarded *g, bool pause)
{
	unsigned long a = g->a;

	if (a != g->b)
		atomic_inc(&g->torn);
	WRITE_ONCE(g->a, a + 1);
	if (pause)
		cond_resched();
	WRITE_ONCE(g->b, a + 1);
}

static void check(struct guarded *g, unsigned long expected)
{
	EXPECT_EQ(g->a, expected);
	EXPECT_EQ(g->b, expected);
	EXPECT_EQ(atomic_read(&g->torn), 0);
}

static void spin_member(void *arg, unsigned int index __unused)
{
	struct guarded *g = arg;

	for (int i = 0; i < ROUNDS; i++) {
		spin_lock(&g->spinlock);
		add_one(g, false);
		spin_unlock(&g->spinlock);
	}
}

KERNEL_TEST(spinlock_excludes)
{
	static struct guarded g;

	guarded_init(&g);
	crew_run(THREADS, spin_member, &g);
	check(&g, THREADS * ROUNDS);
}

static void mutex_member(void *arg, unsigned int index)
{
	struct guarded *g = arg;

	for (int i = 0; i < ROUNDS; i++) {
		mutex_lock(&g->mutex);
		add_one(g, true);
		/* Now and then a holder sleeps, so that others queue up. */
		if (i % 512 == (int)index)
			sleep_ns(100 * NSEC_PER_USEC);
		mutex_unlock(&g->mutex);
	}
}

KERNEL_TEST(mutex_excludes)
{
	static struct guarded g;

	guarded_init(&g);
	crew_run(THREADS, mutex_member, &g);
	check(&g, THREADS * ROUNDS);
	EXPECT(!mutex_is_locked(&g.mutex));
}

static void __no_lock_check rwsem_member(void *arg, unsigned int index)
{
	struct guarded *g = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if ((i + index) % 4 == 0) {
			down_write(&g->rwsem);
			add_one(g, true);
			if (i % 512 == (int)index)
				sleep_ns(50 * NSEC_PER_USEC);
			if (i % 3 == 0)
				downgrade_write(&g->rwsem);
			if (i % 3 == 0)
				up_read(&g->rwsem);
			else
				up_write(&g->rwsem);
		} else {
			down_read(&g->rwsem);
			if (READ_ONCE(g->a) != READ_ONCE(g->b))
				atomic_inc(&g->torn);
			cond_resched();
			up_read(&g->rwsem);
		}
	}
}

KERNEL_TEST(rwsem_excludes_writers)
{
	static struct guarded g;

	guarded_init(&g);
	crew_run(THREADS, rwsem_member, &g);
	check(&g, THREADS * ROUNDS / 4);
	EXPECT(!rwsem_is_locked(&g.rwsem));
}

static void seqlock_member(void *arg, unsigned int index)
{
	struct guarded *g = arg;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned long a, b;
		unsigned int seq;

		if (index == 0) {
			write_seqlock(&g->seqlock);
			add_one(g, false);
			write_sequnlock(&g->seqlock);
			continue;
		}
		do {
			seq = read_seqbegin(&g->seqlock);
			a = READ_ONCE(g->a);
			b = READ_ONCE(g->b);
		} while (read_seqretry(&g->seqlock, seq));
		if (a != b)
			atomic_inc(&g->torn);
	}
}

KERNEL_TEST(seqlock_readers_see_no_half_change)
{
	static struct guarded g;

	guarded_init(&g);
	crew_run(3, seqlock_member, &g);
	check(&g, ROUNDS);
}

__no_lock_check KERNEL_TEST(trylock_fails_on_a_taken_lock)
{
	static struct guarded g;

	guarded_init(&g);
	spin_lock(&g.spinlock);
	EXPECT(spin_is_locked(&g.spinlock));
	spin_unlock(&g.spinlock);
	EXPECT(spin_trylock(&g.spinlock));
	spin_unlock(&g.spinlock);

	EXPECT(down_read_trylock(&g.rwsem));
	EXPECT(!down_write_trylock(&g.rwsem));
	up_read(&g.rwsem);
	EXPECT(down_write_trylock(&g.rwsem));
	EXPECT(!down_read_trylock(&g.rwsem));
	up_write(&g.rwsem);
	EXPECT(mutex_trylock(&g.mutex));
	mutex_unlock(&g.mutex);
}
