/*
 * The preempt count: why this CPU may not switch tasks now.
 *
 *	bits  0-7	preempt_disable() nesting, spinlocks included
 *	bits  8-15	softirqs: disabled (steps of 2) or being run (1)
 *	bits 16-19	hard interrupt nesting
 *	bits 20-23	NMI and other paranoid exceptions
 *	bit  31		0 = somebody wants this CPU to reschedule
 *
 * The last bit is inverted so that one decrement tells everything:
 * preempt_enable() reaches zero exactly if this was the outermost one *and* a
 * reschedule is wanted. The count lives at a fixed gs offset and belongs to
 * the running task; the context switch saves and loads the rest of the word,
 * while bit 31 stays with the CPU.
 */
#pragma once

#include <arch/irqflags.h>
#include <arch/percpu.h>

#define PREEMPT_OFFSET		0x00000001
#define PREEMPT_MASK		0x000000ff
#define SOFTIRQ_OFFSET		0x00000100	/* being run */
#define SOFTIRQ_DISABLE_OFFSET	0x00000200	/* local_bh_disable() */
#define SOFTIRQ_MASK		0x0000ff00
#define HARDIRQ_OFFSET		0x00010000
#define HARDIRQ_MASK		0x000f0000
#define NMI_OFFSET		0x00100000
#define NMI_MASK		0x00f00000
#define PREEMPT_NO_RESCHED	0x80000000	/* inverted need_resched */

/*
 * What every task has when it leaves the CPU: schedule()'s own
 * preempt_disable() and the run-queue lock. A new task starts with it and
 * schedule_tail() takes it down.
 */
#define PREEMPT_SWITCH_COUNT	(2 * PREEMPT_OFFSET)

/* kernel/sched: the slow half of preempt_enable(). */
void preempt_schedule(void);
/* The same at the end of an interrupt; called and returns with irqs off. */
void preempt_schedule_irq(void);

static __always_inline int preempt_count(void)
{
	return this_cpu_read(pcpu_hot.preempt_count) &
	       ~(int)PREEMPT_NO_RESCHED;
}

static __always_inline void preempt_count_add(int n)
{
	this_cpu_add(pcpu_hot.preempt_count, n);
	barrier();
}

static __always_inline void preempt_count_sub(int n)
{
	barrier();
	this_cpu_sub(pcpu_hot.preempt_count, n);
}

/* True if the count is now zero and a reschedule is wanted. */
static __always_inline bool preempt_count_dec_and_test(void)
{
	bool zero;

	__asm__ __volatile__("decl %%gs:%0"
			     : "+m"(pcpu_hot.preempt_count), "=@ccz"(zero)
			     :: "memory");
	return zero;
}

static __always_inline void preempt_disable(void)
{
	this_cpu_inc(pcpu_hot.preempt_count);
	barrier();
}

static __always_inline void preempt_enable(void)
{
	if (unlikely(preempt_count_dec_and_test()))
		preempt_schedule();
}

/* For a caller that is about to schedule() itself. */
static __always_inline void preempt_enable_no_resched(void)
{
	barrier();
	this_cpu_dec(pcpu_hot.preempt_count);
}

static __always_inline void set_need_resched_this_cpu(void)
{
	this_cpu_and(pcpu_hot.preempt_count, (int)~PREEMPT_NO_RESCHED);
}

static __always_inline void clear_need_resched_this_cpu(void)
{
	this_cpu_or(pcpu_hot.preempt_count, (int)PREEMPT_NO_RESCHED);
}

static __always_inline bool test_need_resched(void)
{
	return !(this_cpu_read(pcpu_hot.preempt_count) &
		 (int)PREEMPT_NO_RESCHED);
}

/* Zero and a reschedule wanted: we may and should schedule. */
static __always_inline bool should_resched(void)
{
	return this_cpu_read(pcpu_hot.preempt_count) == 0;
}

#define hardirq_count()		(preempt_count() & HARDIRQ_MASK)
#define softirq_count()		(preempt_count() & SOFTIRQ_MASK)
#define in_nmi()		(preempt_count() & NMI_MASK)
#define in_hardirq()		hardirq_count()
/* A softirq is being run, as opposed to merely held off. */
#define in_serving_softirq()	(softirq_count() & SOFTIRQ_OFFSET)
#define in_interrupt() \
	(preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK | NMI_MASK))
#define in_task() \
	(!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()		(preempt_count() != 0)
#define preemptible()		(preempt_count() == 0 && !irqs_disabled())
