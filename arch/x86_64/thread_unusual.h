/*
 * What few tasks have, and a context switch is slow for: thread_unusual.c.
 */
#pragma once

struct arch_thread;

/* Bits of arch_thread.unusual. */
#define THREAD_DEBUG	0x1	/* it has breakpoints: ->debug */
#define THREAD_NO_TSC	0x2	/* it may not read the time stamp counter */
#define THREAD_SELECTORS 0x4	/* not all of ->selectors are 0 */

/* What a new task does not have of it. */
void thread_unusual_fork(struct arch_thread *child);
/* The switch between two tasks one of which is unusual. irqs off. */
void switch_unusual(struct arch_thread *prev, struct arch_thread *next);

/* The selectors that are loaded, together: 0 for nearly every program. */
static inline unsigned int selectors_in_use(void)
{
	unsigned int ds, es, fs, gs;

	__asm__ __volatile__("mov %%ds, %0\n\tmov %%es, %1\n\t"
			     "mov %%fs, %2\n\tmov %%gs, %3"
			     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds | es | fs | gs;
}

/* Of current, of its struct, and what is to be in it. No preemption. */
void selectors_save(struct arch_thread *t);
void selectors_clear(struct arch_thread *t);
void selectors_changed(struct arch_thread *t);
void load_bases(const struct arch_thread *t);
