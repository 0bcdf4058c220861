/*
 * Softirqs: see kernel/softirq.h.
 *
 * Everything here is per CPU and needs no lock: the bits of work to be done
 * are set with interrupts off, or by single instructions, and taken by the
 * same CPU. The count in the preempt count (steps of 2 for "held off", 1 for
 * "running") keeps one CPU from running softirqs inside each other.
 */
#include <arch/smp.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/softirq.h>
#include <kernel/task.h>

/* Rounds in a row before ksoftirqd takes over. */
#define SOFTIRQ_ROUNDS_MAX	10

DEFINE_PER_CPU(unsigned int, softirq_bits);
static DEFINE_PER_CPU(struct task *, ksoftirqd);
/* How often each ran. Written by its CPU with interrupts off. */
static DEFINE_PER_CPU(unsigned long, softirq_counts[NR_SOFTIRQS]);
static void (*softirq_fns[NR_SOFTIRQS])(void);

void softirq_register(enum softirq nr, void (*fn)(void))
{
	ASSERT(!softirq_fns[nr]);
	softirq_fns[nr] = fn;
}

static void wake_ksoftirqd(void)
{
	struct task *task = this_cpu_read(ksoftirqd);

	if (task && !task_is_running(task))
		wake_up_process(task);
}

/*
 * Have softirq @nr run on this CPU: at the end of this interrupt, or when
 * softirqs are let in again, or else by ksoftirqd.
 *
 * Context: interrupts off.
 */
void raise_softirq_irqoff(enum softirq nr)
{
	this_cpu_or(softirq_bits, 1U << nr);
	if (!in_interrupt())
		wake_ksoftirqd();
}

/* The same in any context. */
void raise_softirq(enum softirq nr)
{
	unsigned long flags = local_irq_save();

	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}

/* How often softirq @nr has run on all CPUs. Any context; a snapshot. */
unsigned long softirq_count_of(enum softirq nr)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(softirq_counts, cpu)[nr]);
	return sum;
}

/* Run the functions of @bits, lowest first, with interrupts on. */
static void run_bits(unsigned int bits)
{
	unsigned long *counts = *this_cpu_ptr(&softirq_counts);

	for (unsigned int rest = bits; rest; rest &= rest - 1)
		counts[bit_lowest(rest)]++;
	local_irq_enable();
	for (; bits; bits &= bits - 1)
		softirq_fns[bit_lowest(bits)]();
	local_irq_disable();
}

/*
 * Run what is pending. Work raised meanwhile is done too, up to a point: then
 * ksoftirqd gets it, so that a flood of interrupts leaves tasks some time.
 *
 * Context: interrupts off on entry and exit, on in between; not nested.
 */
void softirq_run(void)
{
	unsigned int rounds = 0;

	if (in_interrupt() || !softirq_is_pending())
		return;
	preempt_count_add(SOFTIRQ_OFFSET);
	do {
		run_bits(this_cpu_xchg(softirq_bits, 0));
		rounds++;
	} while (softirq_is_pending() && rounds < SOFTIRQ_ROUNDS_MAX &&
		 !test_need_resched());
	preempt_count_sub(SOFTIRQ_OFFSET);
	if (softirq_is_pending())
		wake_ksoftirqd();
}

/* Hold softirqs off on this CPU; nests. Preemption is off meanwhile. */
void local_bh_disable(void)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
}

/*
 * Let them in again, and run those that came meanwhile.
 *
 * Context: interrupts on, for the outermost one.
 */
void local_bh_enable(void)
{
	/* Softirqs are let in while preemption is still held off. */
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET - PREEMPT_OFFSET);
	if (unlikely(softirq_is_pending()) && !in_interrupt()) {
		unsigned long flags = local_irq_save();

		softirq_run();
		local_irq_restore(flags);
	}
	preempt_enable();
}

/* One per CPU: softirqs at the priority of an ordinary task. */
static int run_ksoftirqd(void *unused __unused)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (!softirq_is_pending())
			schedule();
		set_current_state_relaxed(TASK_RUNNING);
		local_irq_disable();
		softirq_run();
		local_irq_enable();
		cond_resched();
	}
	return 0;
}

/* After this: each online CPU has its ksoftirqd. Needs kthreadd. */
void __init softirq_init(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct task *task = kthread_create(run_ksoftirqd, NULL,
						   "ksoftirqd/%u", cpu);

		if (IS_ERR(task))
			panic("softirq: no thread for CPU %u", cpu);
		kthread_bind(task, cpu);
		per_cpu(ksoftirqd, cpu) = task;
		wake_up_process(task);
	}
}
