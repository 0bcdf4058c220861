/*
 * Which CPU a task runs on.
 *
 * Three moments decide. A task that wakes (or is born) goes to an idle CPU if
 * there is one, its former one first, and stays where it was otherwise. A CPU
 * that runs out of work takes a waiting task from the busiest one before it
 * goes idle. And every so often a busy CPU looks whether another is busier;
 * this also turns leftovers round: with three tasks on two CPUs each has to
 * share for a while, since moving one makes nothing worse.
 *
 * Moving costs: the other CPU must be interrupted, caches are cold, and on an
 * emulated machine waking an idle CPU is dearer than a switch of tasks. So a
 * synchronous wake-up stays on its CPU.
 *
 * Locking: a pull holds its own queue's lock and only *tries* for the other's,
 * so that no order is needed; if that fails, somebody else is at work there.
 */
#include <arch/smp.h>
#include <kernel/task.h>
#include <kernel/time.h>

#include "sched_internal.h"

#define BALANCE_INTERVAL_NS	(20 * NSEC_PER_MSEC)
/* How long a CPU keeps its surplus task before the next has to take it. */
#define ROTATE_INTERVAL_NS	(80 * NSEC_PER_MSEC)

struct cpumask idle_cpus;
/* More than one CPU may ever run: before that, all questions are moot. */
bool many_cpus;

static bool may_run_on(const struct task *task, unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &task->sched.cpus_mask) &&
	       cpu_online(cpu);
}

/* Reserve @cpu if it is idle: the next waker will look elsewhere. */
static bool claim_idle(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &idle_cpus) &&
	       cpumask_test_and_clear_cpu(cpu, &idle_cpus);
}

static bool claim_any_idle(const struct task *task, unsigned int from,
			   unsigned int *cpu)
{
	unsigned int start = from;

	/* Twice: from @from to the end, and again from 0. */
	for (int round = 0; round < 2; round++, start = 0) {
		for (*cpu = cpumask_next_from(start, &idle_cpus);
		     *cpu < nr_cpu_ids;
		     *cpu = cpumask_next_from(*cpu + 1, &idle_cpus))
			if (may_run_on(task, *cpu) && claim_idle(*cpu))
				return true;
	}
	return false;
}

/* The sum of the weights of all that want this CPU. Any context; a snapshot. */
static uint64_t fair_load(const struct fair_queue *fq)
{
	const struct sched_entity *curr = READ_ONCE(fq->curr);
	uint64_t load = READ_ONCE(fq->weight);

	return curr ? load + READ_ONCE(curr->weight) : load;
}

/*
 * A waiting task, of at most @weight_max, that may run on @cpu: the one that
 * would have to wait here longest. NULL if there is none.
 */
static struct task *next_movable(struct fair_queue *fq, unsigned int cpu,
				 uint64_t weight_max)
{
	struct rb_node *node;

	for (node = rb_last(&fq->tree.root); node; node = rb_prev(node)) {
		struct sched_entity *se = rb_entry(node, struct sched_entity,
						   node);
		struct task *task = container_of(se, struct task, sched.se);

		if (se->weight <= weight_max &&
		    cpumask_test_cpu(cpu, &task->sched.cpus_mask))
			return task;
	}
	return NULL;
}

/*
 * A real-time task that has had its CPU for so long will not leave it soon: it
 * counts as much as many fair ones, who had better go elsewhere. One that runs
 * for a moment is worth no move.
 */
#define URGENT_HOLDS_NS		BALANCE_INTERVAL_NS
#define LOAD_URGENT		(16UL * WEIGHT_NICE_0)

static bool is_held_by_urgent(const struct runqueue *rq)
{
	const struct task *curr = READ_ONCE(rq->curr);
	const struct sched_entity *se = &curr->sched.se;

	return prio_is_urgent(READ_ONCE(curr->sched.prio)) &&
	       READ_ONCE(se->sum_exec_ns) - READ_ONCE(se->switch_in_sum_ns) >=
	       URGENT_HOLDS_NS;
}

/*
 * How much there is to do for @rq's fair tasks before one more. A snapshot.
 * Context: interrupts off, so that the one that runs is not freed.
 */
static uint64_t queue_load(const struct runqueue *rq)
{
	uint64_t load = fair_load(&rq->fair);

	if (unlikely(READ_ONCE(rq->special)) && is_held_by_urgent(rq))
		load += LOAD_URGENT;
	return load;
}

/* The allowed CPU with the least to do; for a task that must go somewhere. */
static unsigned int least_loaded(const struct task *task)
{
	unsigned int cpu, best = nr_cpu_ids;
	uint64_t best_load = UINT64_MAX;

	for_each_online_cpu(cpu) {
		uint64_t load = queue_load(cpu_rq(cpu));

		if (!may_run_on(task, cpu) || load >= best_load)
			continue;
		best_load = load;
		best = cpu;
	}
	/* An affinity without an online CPU was refused when it was set. */
	ASSERT(best < nr_cpu_ids);
	return best;
}

/*
 * The CPU for @task, which is asleep or new.
 *
 * Context: interrupts off. Locking: task->sched.lock.
 */
unsigned int select_cpu(struct task *task, int wake_flags)
{
	unsigned int here = smp_processor_id(), prev = task_cpu(task), cpu;

	if (!many_cpus)
		return 0;
	if (unlikely(prio_is_urgent(task->sched.prio)))
		return select_cpu_urgent(task);
	if (task->sched.nr_cpus_allowed == 1)
		return cpumask_first(&task->sched.cpus_mask);
	if ((wake_flags & WAKE_SYNC) && may_run_on(task, here))
		return here;
	if (may_run_on(task, prev)) {
		/* A CPU that is just interrupted out of idle is as good. */
		if (claim_idle(prev) || (prev == here &&
					 cpu_rq(here)->nr_running == 0))
			return prev;
	}
	if (claim_any_idle(task, prev, &cpu))
		return cpu;
	if ((wake_flags & WAKE_FORK) || !may_run_on(task, prev))
		return least_loaded(task);
	return prev;
}

/* ---- pulling ------------------------------------------------------------- */

/* Move @task, which waits on @from, to @to. Locking: both queues. */
void move_task(struct runqueue *from, struct runqueue *to,
		      struct task *task)
{
	dequeue_task(from, task);
	WRITE_ONCE(task->sched.cpu, to->cpu);
	enqueue_task(to, task);
}

static struct runqueue *busiest_queue(const struct runqueue *than)
{
	struct runqueue *busiest = NULL;
	uint64_t most = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct runqueue *rq = cpu_rq(cpu);
		uint64_t load = queue_load(rq);

		if (rq == than || READ_ONCE(rq->nr_running) < 2 ||
		    READ_ONCE(rq->fair.nr_queued) == 0)
			continue;
		if (load > most) {
			most = load;
			busiest = rq;
		}
	}
	return busiest;
}

/*
 * Take one waiting task of at most @weight_max from @from. Locking: rq->lock.
 */
static bool pull_one(struct runqueue *rq, struct runqueue *from,
		     uint64_t weight_max, uint64_t now_ns)
{
	struct task *task;

	if (!spin_trylock(&from->lock))
		return false;
	task = next_movable(&from->fair, rq->cpu, weight_max);
	if (task) {
		move_task(from, rq, task);
		from->last_pulled_ns = now_ns;
		rq->last_pulled_ns = now_ns;
	}
	spin_unlock(&from->lock);
	return task != NULL;
}

/*
 * This CPU has nothing to run: look for something before it goes idle.
 *
 * Locking: rq->lock, held throughout. Return: true if there is a task now.
 */
bool pull_when_idle(struct runqueue *rq)
{
	struct runqueue *from;

	if (!many_cpus || !cpu_online(rq->cpu))
		return false;
	from = busiest_queue(rq);
	return from && pull_one(rq, from, UINT64_MAX, ktime_get_ns());
}

/* Wake an idle CPU that could take one of our waiting tasks. */
static void offer_to_idle(struct runqueue *rq)
{
	unsigned int cpu;

	for_each_cpu(cpu, &idle_cpus) {
		if (!cpu_online(cpu) ||
		    !next_movable(&rq->fair, cpu, UINT64_MAX))
			continue;
		/* It finds us by itself: see pull_when_idle(). */
		if (claim_idle(cpu)) {
			WRITE_ONCE(cpu_rq(cpu)->resched_sent, true);
			smp_send_reschedule(cpu);
		}
		return;
	}
}

/*
 * From the tick: even out what wake-ups and exits have made uneven.
 *
 * A task of weight w is taken if that leaves the other queue at least as
 * heavy as ours was: then the heavier of the two gets lighter. If it only
 * changes places with us, it waits until its queue has had it for a while.
 *
 * Context: interrupts off. Locking: rq->lock.
 */
void balance_tick(struct runqueue *rq, uint64_t now_ns)
{
	struct runqueue *from;
	uint64_t difference;

	if (!many_cpus)
		return;
	if (rq->nr_running >= 2)
		offer_to_idle(rq);
	/* Who would have to wait for a real-time task is better off there. */
	if (now_ns < rq->next_balance_ns || unlikely(rq->special))
		return;
	rq->next_balance_ns = now_ns + BALANCE_INTERVAL_NS;
	from = busiest_queue(rq);
	if (!from)
		return;
	difference = queue_load(from) - queue_load(rq);
	if ((int64_t)difference <= 0)
		return;
	if (now_ns - READ_ONCE(from->last_pulled_ns) < ROTATE_INTERVAL_NS)
		difference--;
	pull_one(rq, from, difference, now_ns);
}

/* ---- affinity ------------------------------------------------------------ */

/*
 * Complete what settle_prev() in sched.c began: @task, which just left this
 * CPU because it may not run here any more, goes to one where it may.
 *
 * Context: preemption off. Whoever wants to lock the task's queue waits for
 * us, maybe with sched.lock held, so that must not be taken here.
 */
void finish_migration(struct task *task)
{
	unsigned long flags = local_irq_save();
	struct runqueue *rq;

	if (prio_is_urgent(task->sched.prio)) {
		enqueue_migrated_urgent(task);
	} else {
		rq = cpu_rq(least_loaded(task));
		spin_lock(&rq->lock);
		WRITE_ONCE(task->sched.cpu, rq->cpu);
		enqueue_task(rq, task);
		if (rq->curr == rq->idle)
			resched_curr(rq);
		spin_unlock(&rq->lock);
	}
	local_irq_restore(flags);
}

/* @task waits on @rq, where it may not run: put it elsewhere. */
static void __no_lock_check push_waiting(struct runqueue *rq, struct task *task,
					 unsigned long flags)
{
	dequeue_task(rq, task);
	WRITE_ONCE(task->sched.on_rq, TASK_ON_RQ_MIGRATING);
	spin_unlock(&rq->lock);
	finish_migration(task);
	spin_unlock_irqrestore(&task->sched.lock, flags);
}

/*
 * Allow @task to run on the CPUs of @mask only. If it is on another one now,
 * it leaves that at its next chance.
 *
 * Context: process. Return: 0, or -EINVAL if none of them is online.
 */
int set_cpus_allowed(struct task *task, const struct cpumask *mask)
{
	struct runqueue *rq;
	unsigned long flags;

	if (!cpumask_intersects(mask, &cpu_online_mask))
		return -EINVAL;
	rq = task_rq_lock(task, &flags);
	cpumask_copy(&task->sched.cpus_mask, mask);
	task->sched.nr_cpus_allowed = cpumask_weight(mask);
	if (!task->sched.on_rq || may_run_on(task, rq->cpu)) {
		task_rq_unlock(rq, task, flags);
	} else if (rq->curr == task) {
		resched_curr(rq);
		task_rq_unlock(rq, task, flags);
	} else {
		push_waiting(rq, task, flags);
	}
	return 0;
}

void __init balance_init(void)
{
	many_cpus = nr_cpu_ids > 1;
}
