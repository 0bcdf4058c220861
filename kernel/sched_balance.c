/*
 * Which CPU a task runs on.
 *
 * Three moments decide. A task that wakes (or is born) goes to an idle CPU if
 * there is one, its former one first, and stays where it was otherwise. A CPU
 * that runs out of work takes a waiting task from the busiest one before it
 * goes idle. And every so often a busy CPU looks whether another is busier.
 * What cannot be made even goes round: with three tasks on two CPUs each has
 * to share for a while; kernel/sched_progress.c knows whose turn it is.
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
/* So many of a queue's tasks are looked at, with two locks held. */
#define LOOK_AT_MOST		32

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
uint64_t fair_load(const struct fair_queue *fq)
{
	const struct sched_entity *curr = READ_ONCE(fq->curr);
	uint64_t load = READ_ONCE(fq->weight);

	return curr ? load + READ_ONCE(curr->weight) : load;
}

/*
 * A waiting task that may run on @cpu: the one that would have to wait here
 * longest. NULL if there is none.
 */
static struct task *next_movable(struct fair_queue *fq, unsigned int cpu)
{
	struct rb_node *node;

	for (node = rb_last(&fq->tree.root); node; node = rb_prev(node)) {
		struct task *task = rb_entry(node, struct task, sched.se.node);

		if (cpumask_test_cpu(cpu, &task->sched.cpus_mask))
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
uint64_t queue_load(const struct runqueue *rq)
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
 * This CPU has nothing to run: look for something before it goes idle.
 *
 * Locking: rq->lock, held throughout. Return: true if there is a task now.
 */
bool pull_when_idle(struct runqueue *rq)
{
	struct runqueue *from;
	struct task *task;

	if (!many_cpus || !cpu_online(rq->cpu))
		return false;
	from = busiest_queue(rq);
	if (!from || !spin_trylock(&from->lock))
		return false;
	task = next_movable(&from->fair, rq->cpu);
	if (task)
		move_task(from, rq, task);
	spin_unlock(&from->lock);
	return task != NULL;
}

/* Wake an idle CPU that could take one of our waiting tasks. */
static void offer_to_idle(struct runqueue *rq)
{
	unsigned int cpu;

	for_each_cpu(cpu, &idle_cpus) {
		if (!cpu_online(cpu) ||
		    !next_movable(&rq->fair, cpu))
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
 * How good it would be to move a task of @weight from a queue to one whose load
 * is less by @difference: how far apart they would be. Less is better.
 */
static uint64_t apart(int64_t difference, uint32_t weight)
{
	int64_t after = difference - 2 * (int64_t)weight;

	return (uint64_t)(after < 0 ? -after : after);
}

/*
 * The task that should go from @from to @rq, whose load is less by @difference:
 * the one that makes the loads most equal; among equals the one that has had
 * most, since those who stay gain. NULL if none makes the heavier of the two
 * lighter (@must_gain), or may go. Locking: both queues.
 */
static struct task *best_movable(struct runqueue *rq, struct runqueue *from,
				 int64_t difference, bool must_gain)
{
	struct task *best = NULL;
	uint64_t best_apart = must_gain ? (uint64_t)difference : UINT64_MAX;
	unsigned int looks = 0;
	struct rb_node *node;

	for (node = rb_last(&from->fair.tree.root);
	     node && looks < LOOK_AT_MOST; node = rb_prev(node), looks++) {
		struct task *task = rb_entry(node, struct task, sched.se.node);
		struct sched_entity *se = &task->sched.se;
		uint64_t gets = apart(difference, se->weight);

		if (gets > best_apart || (gets == best_apart && !best) ||
		    !cpumask_test_cpu(rq->cpu, &task->sched.cpus_mask))
			continue;
		if (gets == best_apart && se->ahead <= best->sched.se.ahead)
			continue;
		best = task;
		best_apart = gets;
	}
	return best;
}

/*
 * Moving @task would only exchange who has to share. Is it its turn? Not if it
 * has had less than the others there, unless they cannot go.
 */
static bool is_its_turn(const struct runqueue *from, const struct task *task,
			int64_t gap)
{
	int64_t load = fair_load(&from->fair);

	return task->sched.se.ahead * load >= from->fair.ahead_sum ||
	       gap >= 2 * PROGRESS_GAP_NS;
}

/* The same as move_task(), and @task keeps what it is owed or owes. */
static void move_with_progress(struct runqueue *from, struct runqueue *to,
			       struct task *task)
{
	int64_t ahead = progress_carried(from, to, task);

	move_task(from, to, task);
	progress_set_ahead(&to->fair, &task->sched.se, ahead);
}

/*
 * Take a task from @from, if that makes the loads more equal, or if @from's
 * tasks are so far behind that it is our turn to be crowded.
 *
 * Locking: rq->lock. Return: false if it is worth looking again soon.
 */
static bool balance_with(struct runqueue *rq, struct runqueue *from,
			 uint64_t now_ns)
{
	int64_t difference, gap;
	struct task *task;
	bool done = true;

	if (!spin_trylock(&from->lock))
		return false;
	difference = queue_load(from) - queue_load(rq);
	if (difference > 0) {
		gap = progress_gap(rq, from, now_ns);
		task = best_movable(rq, from, difference, true);
		if (!task && gap >= PROGRESS_GAP_NS) {
			task = best_movable(rq, from, difference, false);
			done = !task || is_its_turn(from, task, gap);
		}
		if (task && done)
			move_with_progress(from, rq, task);
	}
	spin_unlock(&from->lock);
	return done;
}

/*
 * Of the queues with more to do than @rq, the one whose tasks have come least
 * far. A snapshot.
 */
static struct runqueue *hindmost_queue(const struct runqueue *rq)
{
	uint64_t load = queue_load(rq), least = 0;
	struct runqueue *hindmost = NULL;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct runqueue *other = cpu_rq(cpu);
		uint64_t mean = progress_mean(other);

		if (other == rq || READ_ONCE(other->nr_running) < 2 ||
		    READ_ONCE(other->fair.nr_queued) == 0 ||
		    queue_load(other) <= load)
			continue;
		if (!hindmost || (int64_t)(mean - least) < 0) {
			least = mean;
			hindmost = other;
		}
	}
	return hindmost;
}

/*
 * From the tick: even out what wake-ups and exits have made uneven, and turn
 * round what cannot be made even.
 *
 * Context: interrupts off. Locking: rq->lock.
 */
void balance_tick(struct runqueue *rq, uint64_t now_ns)
{
	struct runqueue *busiest, *hindmost;

	if (!many_cpus)
		return;
	if (rq->nr_running >= 2)
		offer_to_idle(rq);
	/* Who would have to wait for a real-time task is better off there. */
	if (now_ns < rq->next_balance_ns || unlikely(rq->special))
		return;
	progress_update(rq, now_ns);
	busiest = busiest_queue(rq);
	hindmost = hindmost_queue(rq);
	if (busiest && !balance_with(rq, busiest, now_ns))
		return;
	if (hindmost && hindmost != busiest &&
	    !balance_with(rq, hindmost, now_ns))
		return;
	rq->next_balance_ns = now_ns + BALANCE_INTERVAL_NS;
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
