/*
 * Softirqs: work that an interrupt handler leaves for right after itself.
 *
 * A handler sets a bit; when the outermost interrupt returns, the functions
 * whose bits are set run on the same CPU with interrupts on. They may take
 * spinlocks, not sleep. Process context holds them off with
 * local_bh_disable(). Work that keeps raising itself is passed on to the CPU's
 * ksoftirqd thread, where the scheduler can balance it against everyone else.
 */
#pragma once

#include <arch/percpu.h>
#include <arch/preempt.h>
#include <keel/compiler.h>

enum softirq {
	SOFTIRQ_LOG,	/* messages and their readers, put off by printk */
	SOFTIRQ_NET,		/* packets, in and out */
	SOFTIRQ_BLOCK,		/* completed requests */
	SOFTIRQ_SCHED,		/* balancing of run queues */
	SOFTIRQ_RCU,	/* callbacks; last, as it frees what others used */
	NR_SOFTIRQS,
};

DECLARE_PER_CPU(unsigned int, softirq_bits);

unsigned long softirq_count_of(enum softirq nr);
void softirq_register(enum softirq nr, void (*fn)(void));
void raise_softirq(enum softirq nr);
void raise_softirq_irqoff(enum softirq nr);
void local_bh_disable(void);
void local_bh_enable(void);
void softirq_run(void);
void softirq_init(void);

/* Interrupt exit asks this, with interrupts off, before softirq_run(). */
static inline bool softirq_is_pending(void)
{
	return this_cpu_read(softirq_bits) != 0;
}
