/*
 * RCU: readers that take no lock, and writers that wait for them.
 *
 * A writer unlinks an object so that no new reader can find it, and frees it
 * only when every reader that may still see it has left: after a grace period.
 * Here a reader is code with preemption off, so a CPU that switches tasks, is
 * idle, or is interrupted where preemption was on holds no references from
 * before; once every CPU has done one of these, the grace period is over.
 *
 * Readers must not sleep. Pointers are published by rcu_assign_pointer() and
 * picked up by rcu_dereference(). call_rcu() callbacks run in softirq context.
 */
#pragma once

#include <arch/percpu.h>
#include <arch/preempt.h>
#include <keel/atomic.h>

/* Embedded in what is to be freed; kfree_rcu() (mm/slab.h) needs none. */
struct rcu_head {
	struct rcu_head	*next;
	void		(*fn)(struct rcu_head *);
};

static inline void rcu_read_lock(void)
{
	preempt_disable();
}

static inline void rcu_read_unlock(void)
{
	preempt_enable();
}

static inline void rcu_guard_exit(int *unused __unused)
{
	rcu_read_unlock();
}

static inline int rcu_guard_enter(void)
{
	rcu_read_lock();
	return 0;
}

/* Be a reader until the end of the enclosing block. */
#define RCU_GUARD() \
	int rcu_guard __unused __cleanup(rcu_guard_exit) = rcu_guard_enter()

#define rcu_dereference(p)		READ_ONCE(p)
/* For who holds the lock of the writers. */
#define rcu_dereference_protected(p)	(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), v)

void call_rcu(struct rcu_head *, void (*fn)(struct rcu_head *));
void synchronize_rcu(void);
void rcu_barrier(void);
unsigned long rcu_callbacks_pending(void);

/* A cookie for "a grace period from now on", and whether it has passed. */
uint64_t rcu_grace_period_snapshot(void);
bool rcu_grace_period_passed(uint64_t cookie);

/* Between here and the scheduler, timers and interrupt entry. */
DECLARE_PER_CPU(bool, rcu_needs_report); /* a grace period waits for us */
DECLARE_PER_CPU(unsigned int, rcu_awake);	/* even: this CPU is idle */

void rcu_report_quiescent(void);
void rcu_idle_enter(void);
void rcu_idle_exit(void);
bool rcu_tick(bool was_preemptible);
void rcu_init(void);

/* Context: interrupts off, by interrupt entry before it does anything else. */
static inline void rcu_irq_enter(void)
{
	if (unlikely(!(this_cpu_read(rcu_awake) & 1)))
		rcu_idle_exit();
}

/* Context: the scheduler, between two tasks. */
static inline void rcu_note_context_switch(void)
{
	if (unlikely(this_cpu_read(rcu_needs_report)))
		rcu_report_quiescent();
}
