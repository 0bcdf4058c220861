/*
 * Sets of CPUs.
 *
 * NR_CPUS is only the width of the mask, chosen so that a set is small enough
 * to be embedded and copied. Storage per CPU is sized by nr_cpu_ids, the
 * number this machine has, and so are the walks over a set.
 */
#pragma once

#include <keel/atomic.h>

#define NR_CPUS		1024

struct cpumask {
	unsigned long bits[NR_CPUS / 64];
};

/* One more than the highest possible CPU number; final before smp bring-up. */
extern unsigned int nr_cpu_ids;

#define CPUMASK_NONE	((struct cpumask){ { 0 } })

static inline unsigned int cpumask_words(void)
{
	return DIV_ROUND_UP(nr_cpu_ids, 64);
}

/* Atomic. */
static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *mask)
{
	set_bit(cpu, mask->bits);
}

static inline void cpumask_clear_cpu(unsigned int cpu, struct cpumask *mask)
{
	clear_bit(cpu, mask->bits);
}

static inline bool cpumask_test_cpu(unsigned int cpu,
				    const struct cpumask *mask)
{
	return test_bit(cpu, mask->bits);
}

static inline bool cpumask_test_and_set_cpu(unsigned int cpu,
					    struct cpumask *mask)
{
	return test_and_set_bit(cpu, mask->bits);
}

static inline bool cpumask_test_and_clear_cpu(unsigned int cpu,
					      struct cpumask *mask)
{
	return test_and_clear_bit(cpu, mask->bits);
}

static inline void cpumask_clear(struct cpumask *mask)
{
	for (unsigned int i = 0; i < NR_CPUS / 64; i++)
		mask->bits[i] = 0;
}

static inline void cpumask_copy(struct cpumask *to, const struct cpumask *from)
{
	*to = *from;
}

static inline void cpumask_and(struct cpumask *to, const struct cpumask *a,
			       const struct cpumask *b)
{
	for (unsigned int i = 0; i < NR_CPUS / 64; i++)
		to->bits[i] = READ_ONCE(a->bits[i]) & READ_ONCE(b->bits[i]);
}

static inline bool cpumask_empty(const struct cpumask *mask)
{
	for (unsigned int i = 0; i < cpumask_words(); i++)
		if (READ_ONCE(mask->bits[i]))
			return false;
	return true;
}

static inline bool cpumask_equal(const struct cpumask *a,
				 const struct cpumask *b)
{
	for (unsigned int i = 0; i < cpumask_words(); i++)
		if (READ_ONCE(a->bits[i]) != READ_ONCE(b->bits[i]))
			return false;
	return true;
}

static inline bool cpumask_intersects(const struct cpumask *a,
				      const struct cpumask *b)
{
	for (unsigned int i = 0; i < cpumask_words(); i++)
		if (READ_ONCE(a->bits[i]) & READ_ONCE(b->bits[i]))
			return true;
	return false;
}

/* Whether all CPUs of @mask are in @of. */
static inline bool cpumask_subset(const struct cpumask *mask,
				  const struct cpumask *of)
{
	for (unsigned int i = 0; i < cpumask_words(); i++)
		if (READ_ONCE(mask->bits[i]) & ~READ_ONCE(of->bits[i]))
			return false;
	return true;
}

static inline unsigned int cpumask_weight(const struct cpumask *mask)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < cpumask_words(); i++)
		for (unsigned long w = READ_ONCE(mask->bits[i]); w; w &= w - 1)
			n++;
	return n;
}

/* The first member >= @cpu, or a number >= nr_cpu_ids if there is none. */
static inline unsigned int cpumask_next_from(unsigned int cpu,
					     const struct cpumask *mask)
{
	while (cpu < nr_cpu_ids) {
		unsigned long word = READ_ONCE(mask->bits[cpu / 64]) >>
				     (cpu % 64);

		if (word)
			return cpu + bit_lowest(word);
		cpu = (cpu / 64 + 1) * 64;
	}
	return nr_cpu_ids;
}

static inline unsigned int cpumask_first(const struct cpumask *mask)
{
	return cpumask_next_from(0, mask);
}

#define for_each_cpu(cpu, mask) \
	for ((cpu) = cpumask_next_from(0, mask); (cpu) < nr_cpu_ids; \
	     (cpu) = cpumask_next_from((cpu) + 1, mask))
