/*
 * Real-time and deadline tasks together: who of them goes where.
 *
 * The promise is that of N CPUs the N most urgent tasks have one each (as far
 * as their affinities let them). It cannot be kept by evening out loads now
 * and then: it has to be true at each moment. So it is restored whenever
 * something happens that could break it:
 *
 *	a task wakes	it goes to the CPU with the least urgent work
 *	it must wait	it is pushed to a CPU where it need not
 *	it is displaced	the same, as soon as it has left its stack
 *	a CPU's work	the CPU pulls the most urgent task that waits
 *	  becomes less	anywhere
 *	  urgent
 *
 * "Urgency" is one number, so that the classes can be compared: the time a
 * deadline task is due; above all those, the priority; above these, one value
 * for the fair class and one for idleness. Smaller is more urgent.
 *
 * None of it costs the fair class anything: it is all behind rq->special,
 * which is set when the first such task is queued on a CPU and cleared when
 * the last has gone and the CPU has looked for others.
 *
 * Locking: two queues are locked in address order; for that the one we have
 * may have to be let go for a moment, and everything be looked at again.
 */
#include <arch/smp.h>
#include <kernel/time.h>
#include <lib/bitmap.h>

#include "sched_internal.h"

#define URGENCY_RT	BIT(62)
#define URGENCY_FAIR	(URGENCY_RT + PRIO_FAIR)
#define URGENCY_IDLE	(URGENCY_FAIR + 1)

/* CPUs that have more than one such task: where to pull from. */
static struct cpumask crowded_cpus;

/* @task's. Locking: that of the queue it is on. */
uint64_t task_urgency(const struct task *task)
{
	if (task->sched.class == &dl_class)
		return task->sched.dl.due_ns;
	if (task->sched.class == &rt_class)
		return URGENCY_RT + task->sched.prio;
	return task->sched.class == &fair_class ? URGENCY_FAIR : URGENCY_IDLE;
}

static uint64_t most_urgent(const struct runqueue *rq)
{
	struct rb_node *due_first = rb_first_cached(&rq->dl.tree);

	if (due_first)
		return rb_entry(due_first, struct task, sched.dl.node)
		       ->sched.dl.due_ns;
	if (rq->rt.nr_queued)
		return URGENCY_RT + find_first_bit(rq->rt.bits, PRIO_FAIR);
	return URGENCY_FAIR;
}

/* A deadline or real-time task came or went. Locking: rq->lock. */
void urgency_update(struct runqueue *rq)
{
	bool is_crowded = rq->rt.nr_queued + rq->dl.nr_queued > 1;

	rq->special = true;
	WRITE_ONCE(rq->urgency, most_urgent(rq));
	if (is_crowded == cpumask_test_cpu(rq->cpu, &crowded_cpus))
		return;
	if (is_crowded)
		cpumask_set_cpu(rq->cpu, &crowded_cpus);
	else
		cpumask_clear_cpu(rq->cpu, &crowded_cpus);
}

/* How urgent is what @rq's CPU does, or is about to. A snapshot. */
static uint64_t queue_urgency(const struct runqueue *rq)
{
	uint64_t urgency = READ_ONCE(rq->urgency);

	/* Real-time tasks have had their share here: send no more. */
	if (unlikely(READ_ONCE(rq->rt.throttled)) && !rt_period_is_over(rq))
		return min(urgency, URGENCY_RT);
	if (urgency < URGENCY_FAIR)
		return urgency;
	return READ_ONCE(rq->nr_running) ? URGENCY_FAIR : URGENCY_IDLE;
}

/* ---- which CPU ----------------------------------------------------------- */

/*
 * The CPU for @task: the one whose work can best wait for it, its own among
 * equals. Context: interrupts off. A snapshot.
 */
unsigned int select_cpu_urgent(const struct task *task)
{
	unsigned int cpu, best = task_cpu(task);
	uint64_t least = 0;

	if (cpumask_test_cpu(best, &task->sched.cpus_mask) && cpu_online(best))
		least = queue_urgency(cpu_rq(best));
	for_each_online_cpu(cpu) {
		uint64_t urgency = queue_urgency(cpu_rq(cpu));

		if (urgency <= least ||
		    !cpumask_test_cpu(cpu, &task->sched.cpus_mask))
			continue;
		least = urgency;
		best = cpu;
	}
	/* It is as good as taken: others look elsewhere. */
	if (cpumask_test_cpu(best, &idle_cpus))
		cpumask_clear_cpu(best, &idle_cpus);
	return best;
}

/*
 * Lock @other too. @rq's lock, which is held, may be let go meanwhile.
 */
static void __no_lock_check lock_other(struct runqueue *rq,
				       struct runqueue *other)
{
	if (spin_trylock(&other->lock))
		return;
	if (rq < other) {
		spin_lock(&other->lock);
		return;
	}
	spin_unlock(&rq->lock);
	spin_lock(&other->lock);
	spin_lock(&rq->lock);
}

/*
 * @task was queued on @rq and does not run: should it elsewhere?
 *
 * Locking: task->sched.lock and rq->lock, which may be let go meanwhile.
 */
void __no_lock_check push_urgent(struct runqueue *rq, struct task *task)
{
	/* More rounds only if others are as quick: then they see to it. */
	for (int round = 0; many_cpus && round < 3; round++) {
		struct runqueue *to;
		bool done;

		if (task == rq->curr || task_cpu(task) != rq->cpu ||
		    task->sched.on_rq != TASK_ON_RQ_QUEUED ||
		    task->sched.dl.throttled ||
		    !prio_is_urgent(task->sched.prio) ||
		    task_urgency(task) < task_urgency(rq->curr))
			return;
		to = cpu_rq(select_cpu_urgent(task));
		if (to == rq || task_urgency(task) >= queue_urgency(to))
			return;
		lock_other(rq, to);
		done = task != rq->curr && task_cpu(task) == rq->cpu &&
		       task->sched.on_rq == TASK_ON_RQ_QUEUED &&
		       !task->sched.dl.throttled &&
		       task_urgency(task) < queue_urgency(to);
		if (done) {
			move_task(rq, to, task);
			check_preempt_urgent(to, task, 0);
		}
		spin_unlock(&to->lock);
		if (done)
			return;
	}
}

/* What waits on @rq, may run on @cpu, and is the most urgent of that. */
static struct task *next_waiting(struct runqueue *rq, unsigned int cpu)
{
	return dl_next_waiting(rq, cpu) ?: rt_next_waiting(rq, cpu);
}

/*
 * This CPU's work has become less urgent, or may have: take over what waits
 * elsewhere and is more so.
 *
 * Locking: rq->lock, which may be let go meanwhile.
 */
static void __no_lock_check pull_urgent(struct runqueue *rq)
{
	unsigned int cpu;

	for_each_cpu(cpu, &crowded_cpus) {
		struct runqueue *from = cpu_rq(cpu);
		struct task *task;

		if (from == rq || !cpu_online(cpu))
			continue;
		lock_other(rq, from);
		task = next_waiting(from, rq->cpu);
		if (task && task_urgency(task) < queue_urgency(rq)) {
			task->sched.rt.to_head = true;
			move_task(from, rq, task);
		}
		spin_unlock(&from->lock);
	}
}

/*
 * @prev gives way to something more urgent. Is there a CPU on which it need
 * not wait? Locking: rq->lock.
 */
static bool should_leave(struct runqueue *rq, const struct task *prev)
{
	unsigned int cpu;

	if (!many_cpus || !prev->sched.on_rq ||
	    prev->sched.on_rq == TASK_ON_RQ_MIGRATING ||
	    !prio_is_urgent(prev->sched.prio) || prev->sched.dl.throttled ||
	    prev->sched.nr_cpus_allowed == 1)
		return false;
	for_each_online_cpu(cpu)
		if (cpu != rq->cpu &&
		    cpumask_test_cpu(cpu, &prev->sched.cpus_mask) &&
		    task_urgency(prev) < queue_urgency(cpu_rq(cpu)))
			return true;
	return false;
}

/*
 * Enqueue @task, which has left its CPU and is on no queue, where it need not
 * wait, if there is such a place.
 *
 * Context: interrupts off. The task is TASK_ON_RQ_MIGRATING.
 */
void enqueue_migrated_urgent(struct task *task)
{
	struct runqueue *rq;

	for (int round = 0; ; round++) {
		rq = cpu_rq(select_cpu_urgent(task));
		spin_lock(&rq->lock);
		if (round == 3 || task_urgency(task) < queue_urgency(rq))
			break;
		spin_unlock(&rq->lock);
	}
	WRITE_ONCE(task->sched.cpu, rq->cpu);
	task->sched.rt.to_head = true;
	enqueue_task(rq, task);
	check_preempt_urgent(rq, task, 0);
	spin_unlock(&rq->lock);
}

/* ---- which task ---------------------------------------------------------- */

static struct task *pick(struct runqueue *rq)
{
	struct task *task = NULL;

	if (rq->dl.nr_queued)
		task = dl_class.pick_next(rq);
	if (unlikely(rq->rt.throttled))
		rt_period_check(rq, ktime_get_ns());
	if (!task && rq->rt.nr_queued && !rt_must_wait(rq))
		task = rt_class.pick_next(rq);
	if (!task || task->sched.class != &rt_class)
		rt_not_running(rq);
	if (!task)
		task = fair_pick_next(rq);
	if (!task && pull_when_idle(rq))
		task = fair_pick_next(rq);
	return task ?: idle_pick_next(rq);
}

/*
 * The rest of schedule() where not all is fair: @prev, whose state has been
 * settled, leaves the CPU to the task returned.
 *
 * Locking: rq->lock, which may be let go meanwhile.
 */
struct task *pick_urgent(struct runqueue *rq, struct task *prev)
{
	struct task *next;

	if (many_cpus)
		pull_urgent(rq);
	prev->sched.class->put_prev(rq, prev);
	next = pick(rq);
	if (next != prev && should_leave(rq, prev)) {
		dequeue_task(rq, prev);
		WRITE_ONCE(prev->sched.on_rq, TASK_ON_RQ_MIGRATING);
	}
	/* From here on there may be nothing to think about again. */
	rq->special = rq->dl.nr_queued || rq->rt.nr_queued ||
		      rq->rt.throttled;
	return next;
}

/*
 * @task was queued on @rq, which has, or had, more than the fair class: does
 * it displace the running one? Locking: rq->lock.
 */
void check_preempt_urgent(struct runqueue *rq, struct task *task, int flags)
{
	struct task *curr = rq->curr;

	if (curr == task)
		return;
	if (curr == rq->idle)
		resched_curr(rq);
	else if (curr->sched.class == task->sched.class)
		curr->sched.class->wakeup_preempt(rq, task, flags);
	else if (task_urgency(task) < task_urgency(curr))
		resched_curr(rq);
	else if (curr->sched.class == &rt_class && rt_must_wait(rq))
		resched_curr(rq);
}

/* ---- from the tick ------------------------------------------------------- */

/* Locking: rq->lock. */
void urgent_tick(struct runqueue *rq, uint64_t now)
{
	rt_period_check(rq, now);
}

/* Signals that current, such a task, has earned. Context: the tick, no lock. */
void urgent_signals(struct task *task)
{
	if (task->sched.class == &rt_class)
		rt_time_limit(task);
	dl_signal_overrun(task);
}
