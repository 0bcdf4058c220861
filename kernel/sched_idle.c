/*
 * Nothing to do: the idle class and the idle loop.
 *
 * Each CPU has an idle task, which is always runnable and chosen when nobody
 * else is. It halts the CPU until an interrupt, which is the only thing that
 * can bring work: a wake-up by another CPU is an interrupt too.
 */
#include <arch/irqflags.h>
#include <kernel/rcu.h>
#include <kernel/softirq.h>

#include "sched_internal.h"

/* The idle task is not in any queue, and never sleeps. */
static void idle_enqueue(struct runqueue *rq __unused,
			 struct task *task __unused)
{
}

static void idle_dequeue(struct runqueue *rq, struct task *task __unused)
{
	panic("sched: the idle task of CPU %u wants to sleep", rq->cpu);
}

/* Nothing else is there to run. Locking: rq->lock. */
struct task *idle_pick_next(struct runqueue *rq)
{
	rq->progress_is_stale = true;
	if (cpu_online(rq->cpu))
		cpumask_set_cpu(rq->cpu, &idle_cpus);
	return rq->idle;
}

static void idle_put_prev(struct runqueue *rq, struct task *task __unused)
{
	cpumask_clear_cpu(rq->cpu, &idle_cpus);
}

static void idle_wakeup_preempt(struct runqueue *rq,
				struct task *task __unused, int flags __unused)
{
	resched_curr(rq);
}

static void idle_nothing(struct runqueue *rq __unused,
			 struct task *task __unused)
{
}

static void idle_update_curr(struct runqueue *rq __unused)
{
}

const struct sched_class idle_class = {
	.enqueue = idle_enqueue,
	.dequeue = idle_dequeue,
	.pick_next = idle_pick_next,
	.put_prev = idle_put_prev,
	.set_curr = idle_nothing,
	.wakeup_preempt = idle_wakeup_preempt,
	.tick = idle_nothing,
	.yield = idle_nothing,
	.update_curr = idle_update_curr,
};

/*
 * Halt until an interrupt, unless there is something to do already. The look
 * and the halt are one step as far as interrupts can tell.
 */
static void idle_once(void)
{
	local_irq_disable();
	if (softirq_is_pending())
		softirq_run();
	if (test_need_resched() || softirq_is_pending()) {
		local_irq_enable();
		return;
	}
	rcu_idle_enter();
	/* Reporting to RCU may have woken someone. */
	if (!test_need_resched())
		cpu_halt_irqs_on();
	local_irq_disable();
	rcu_idle_exit();
	local_irq_enable();
}

/*
 * What an idle task does, for ever. Preemption is off, so that an interrupt
 * that brings work returns here first and leaves no frame on the stack.
 *
 * Context: the idle task of this CPU, interrupts on or off.
 */
void cpu_idle_loop(void)
{
	local_irq_enable();
	for (;;) {
		preempt_disable();
		while (!test_need_resched())
			idle_once();
		preempt_enable_no_resched();
		schedule();
	}
}
