/*
 * Sequence counts: readers that never write to shared memory.
 *
 * The writer makes the count odd, changes the data, and makes it even again.
 * A reader notes the (even) count, copies what it needs, and starts over if
 * the count has changed meanwhile: it may have seen half a change, so it must
 * not follow pointers or act on anything until read_seqcount_retry() says no.
 *
 * A seqcount does not exclude writers from each other, and a writer must not
 * be preempted (readers on its CPU would spin for ever): hold a spinlock. A
 * seqlock is the two together.
 */
#pragma once

#include <kernel/spinlock.h>

struct seqcount {
	unsigned int	sequence;
};

#define SEQCOUNT_INIT	{ 0 }

static inline void seqcount_init(struct seqcount *seq)
{
	seq->sequence = 0;
}

/* Wait until no writer is inside, and return the count for the retry test. */
static inline unsigned int read_seqcount_begin(const struct seqcount *seq)
{
	unsigned int start;

	while (unlikely((start = smp_load_acquire(&seq->sequence)) & 1))
		cpu_relax();
	return start;
}

/*
 * The count as it is, odd included: for readers that fall back to a lock
 * instead of waiting. An odd count makes read_seqcount_retry() true.
 */
static inline unsigned int raw_seqcount_begin(const struct seqcount *seq)
{
	return smp_load_acquire(&seq->sequence) & ~1U;
}

static inline bool read_seqcount_retry(const struct seqcount *seq,
				       unsigned int start)
{
	smp_rmb();
	return unlikely(READ_ONCE(seq->sequence) != start);
}

static inline void write_seqcount_begin(struct seqcount *seq)
{
	WRITE_ONCE(seq->sequence, seq->sequence + 1);
	smp_wmb();
}

static inline void write_seqcount_end(struct seqcount *seq)
{
	smp_store_release(&seq->sequence, seq->sequence + 1);
}

/* Make every reader that is inside now start over. */
static inline void write_seqcount_invalidate(struct seqcount *seq)
{
	smp_store_release(&seq->sequence, seq->sequence + 2);
}

struct seqlock {
	struct seqcount	seq;
	struct spinlock	lock;
};

#define DEFINE_SEQLOCK(var, rank) \
	struct seqlock var = { .lock = SPINLOCK_INIT(#var, rank) }

static inline void seqlock_init(struct seqlock *sl, const char *name,
				enum lock_rank rank)
{
	seqcount_init(&sl->seq);
	spin_lock_init(&sl->lock, name, rank);
}

static inline unsigned int read_seqbegin(const struct seqlock *sl)
{
	return read_seqcount_begin(&sl->seq);
}

static inline bool read_seqretry(const struct seqlock *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seq, start);
}

static inline void write_seqlock(struct seqlock *sl) __acquires(&sl->lock);
static inline void write_sequnlock(struct seqlock *sl) __releases(&sl->lock);
static inline unsigned long write_seqlock_irqsave(struct seqlock *sl)
	__acquires(&sl->lock);
static inline void write_sequnlock_irqrestore(struct seqlock *sl,
					      unsigned long flags)
	__releases(&sl->lock);

static inline void write_seqlock(struct seqlock *sl)
{
	spin_lock(&sl->lock);
	write_seqcount_begin(&sl->seq);
}

static inline void write_sequnlock(struct seqlock *sl)
{
	write_seqcount_end(&sl->seq);
	spin_unlock(&sl->lock);
}

static inline unsigned long __must_check
write_seqlock_irqsave(struct seqlock *sl)
{
	unsigned long flags = spin_lock_irqsave(&sl->lock);

	write_seqcount_begin(&sl->seq);
	return flags;
}

static inline void write_sequnlock_irqrestore(struct seqlock *sl,
					      unsigned long flags)
{
	write_seqcount_end(&sl->seq);
	spin_unlock_irqrestore(&sl->lock, flags);
}
