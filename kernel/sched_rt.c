/*
 * SCHED_FIFO and SCHED_RR: whoever has the highest priority runs.
 *
 * A program that must answer in time says so with a static priority from 1 to
 * 99. Among those that want to run the highest runs, before anything of the
 * fair class, until it sleeps or a higher one wakes; there is no fairness to
 * compute. Among equals the first in the list runs: with SCHED_FIFO until it
 * gives up the CPU, with SCHED_RR for a slice, after which it goes to the end.
 * A task that a higher one displaced did not give up anything and stays first.
 *
 * The queue is a list per priority and a bit for each list that is not empty,
 * so that the first task is found in a few instructions however many there
 * are. The running task stays in its list.
 *
 * A loop at such a priority would take the machine from everybody, the shell
 * that could end it included. So real-time tasks may use 95 % of a CPU, in
 * periods of a second: beyond that the fair class comes first until the next
 * period. Nothing is held back while nobody else wants the CPU.
 *
 * Inside, priorities are those of kernel/sched.h: 0 is the highest.
 *
 * Locking: everything here runs under the run queue's lock.
 * Read next: kernel/sched_urgent.c, for which CPU a real-time task gets.
 * Source: man 7 sched.
 */
#define LOG_PREFIX "sched"

#include <kernel/printk.h>
#include <kernel/sched_policy.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/bitmap.h>
#include <uapi/resource.h>
#include <uapi/sched.h>

#include "sched_internal.h"

/* /proc/sys/kernel/sched_rt_*: of each period, how much; -1: all. */
int sched_rt_period_us = 1000000;
int sched_rt_runtime_us = 950000;
/* /proc/sys/kernel/sched_rr_timeslice_ms */
int sched_rr_slice_ms = RR_SLICE_DEFAULT_MS;

static struct task *node_task(struct list_head *node)
{
	return list_entry(node, struct task, sched.rt.node);
}

/* ---- time ---------------------------------------------------------------- */

static uint64_t runtime_ns(void)
{
	int us = READ_ONCE(sched_rt_runtime_us);

	return us < 0 ? UINT64_MAX : (uint64_t)us * NSEC_PER_USEC;
}

static uint64_t period_ns(void)
{
	return (uint64_t)READ_ONCE(sched_rt_period_us) * NSEC_PER_USEC;
}

/*
 * Begin the next period if it is time. What was used too much in the last one
 * counts in this one. Locking: rq->lock.
 */
void rt_period_check(struct runqueue *rq, uint64_t now)
{
	struct rt_queue *rt = &rq->rt;
	uint64_t period = period_ns();
	uint64_t elapsed = now - rt->period_start_ns, nr;

	if ((int64_t)elapsed < (int64_t)period)
		return;
	nr = elapsed / period;
	rt->period_start_ns += nr * period;
	if (runtime_ns() >= period || rt->used_ns / nr <= runtime_ns())
		rt->used_ns = 0;
	else
		rt->used_ns -= nr * runtime_ns();
	if (rt->throttled && rt->used_ns < runtime_ns()) {
		rt->throttled = false;
		resched_curr(rq);
	}
}

/* Whether @rq's period, in which it was throttled, is past. Any context. */
bool rt_period_is_over(const struct runqueue *rq)
{
	return (int64_t)(ktime_get_ns() - READ_ONCE(rq->rt.period_start_ns)) >=
	       (int64_t)period_ns();
}

/* Whether the others come first now. Locking: rq->lock. */
bool rt_must_wait(const struct runqueue *rq)
{
	return rq->rt.throttled && rq->fair.nr_queued;
}

/*
 * Charge the time since the last charge. It is the CPU's time, not the sum of
 * what its tasks used: what lies between two of them, or is spent on changing
 * one, is time that the others did not get either. Tasks that change hands all
 * the time would else hide a good part of it, and never be held back.
 */
static void charge_period(struct runqueue *rq, uint64_t now)
{
	struct rt_queue *rt = &rq->rt;
	uint64_t limit = runtime_ns();

	/* What nobody else wanted is not charged. */
	if (!rt->throttled && rt->charged_ns)
		rt->used_ns += now - rt->charged_ns;
	rt->charged_ns = now;
	rt_period_check(rq, now);
	if (!rt->throttled && rt->used_ns > limit &&
	    limit < period_ns()) {
		pr_info_once("real-time tasks have used up their share");
		rt->throttled = true;
		resched_curr(rq);
	}
}

static void rt_update_curr(struct runqueue *rq)
{
	struct task *curr = rq->curr;
	struct sched_entity *se = &curr->sched.se;
	uint64_t now = ktime_get_ns(), delta = now - se->exec_start_ns;

	if ((int64_t)delta <= 0)
		return;
	se->exec_start_ns = now;
	se->sum_exec_ns += delta;
	curr->sched.rt.slice_used_ns += delta;
	curr->sched.rt.awake_ns += delta;
	charge_period(rq, now);
}

/* No real-time task runs on @rq from now on. Locking: rq->lock. */
void rt_not_running(struct runqueue *rq)
{
	rq->rt.charged_ns = 0;
}

/* ---- the class's operations ---------------------------------------------- */

static void insert(struct rt_queue *rt, struct task *task)
{
	struct list_head *list = &rt->lists[task->sched.prio];

	if (task->sched.rt.to_head)
		list_add(&task->sched.rt.node, list);
	else
		list_add_tail(&task->sched.rt.node, list);
	task->sched.rt.to_head = false;
	rt->bits[task->sched.prio / 64] |= BIT(task->sched.prio % 64);
}

static void rt_enqueue(struct runqueue *rq, struct task *task)
{
	insert(&rq->rt, task);
	task->sched.se.queued = true;
	if (rq->curr != task)
		task->sched.se.waits_since_ns = ktime_get_ns();
	rq->rt.nr_queued++;
	urgency_update(rq);
}

static void rt_dequeue(struct runqueue *rq, struct task *task)
{
	struct rt_queue *rt = &rq->rt;
	int prio = task->sched.prio;

	if (rq->curr == task)
		rt_update_curr(rq);
	list_del_init(&task->sched.rt.node);
	if (list_empty(&rt->lists[prio]))
		rt->bits[prio / 64] &= ~BIT(prio % 64);
	task->sched.se.queued = false;
	rt->nr_queued--;
	/* RLIMIT_RTTIME and slices count from the last sleep. */
	if (task->sched.state != TASK_RUNNING) {
		task->sched.rt.awake_ns = 0;
		task->sched.rt.warn_at_ns = 0;
		task->sched.rt.slice_used_ns = 0;
	}
	urgency_update(rq);
}

static void rt_set_curr(struct runqueue *rq, struct task *task)
{
	struct sched_entity *se = &task->sched.se;

	se->exec_start_ns = ktime_get_ns();
	se->switch_in_sum_ns = se->sum_exec_ns;
	if (!rq->rt.charged_ns)
		rq->rt.charged_ns = se->exec_start_ns;
	if (se->waits_since_ns)
		end_wait(rq, se);
}

static struct task *first(struct rt_queue *rt)
{
	unsigned int prio = find_first_bit(rt->bits, PRIO_FAIR);

	if (prio == PRIO_FAIR)
		return NULL;
	return node_task(rt->lists[prio].next);
}

static struct task *rt_pick_next(struct runqueue *rq)
{
	struct task *task = first(&rq->rt);

	if (task)
		rt_set_curr(rq, task);
	return task;
}

static void rt_put_prev(struct runqueue *rq, struct task *task)
{
	if (!task->sched.se.queued)
		return;
	rt_update_curr(rq);
	task->sched.se.waits_since_ns = task->sched.se.exec_start_ns;
}

/* To the end of its list: its equals' turn. */
static void rt_yield(struct runqueue *rq, struct task *task)
{
	task->sched.rt.slice_used_ns = 0;
	list_move_tail(&task->sched.rt.node, &rq->rt.lists[task->sched.prio]);
}

static void rt_tick(struct runqueue *rq, struct task *task)
{
	struct list_head *list = &rq->rt.lists[task->sched.prio];

	rt_update_curr(rq);
	if (task->sched.policy != SCHED_RR ||
	    task->sched.rt.slice_used_ns < sched_rr_slice_ns())
		return;
	task->sched.rt.slice_used_ns = 0;
	if (list->next != list->prev) {
		rt_yield(rq, task);
		resched_curr(rq);
	}
}

static void rt_wakeup_preempt(struct runqueue *rq, struct task *task,
			      int flags __unused)
{
	if (task->sched.prio < rq->curr->sched.prio)
		resched_curr(rq);
}

const struct sched_class rt_class = {
	.enqueue = rt_enqueue,
	.dequeue = rt_dequeue,
	.pick_next = rt_pick_next,
	.put_prev = rt_put_prev,
	.set_curr = rt_set_curr,
	.wakeup_preempt = rt_wakeup_preempt,
	.tick = rt_tick,
	.yield = rt_yield,
	.update_curr = rt_update_curr,
};

/* ---- for the rest of the scheduler --------------------------------------- */

void rt_init_queue(struct rt_queue *rt)
{
	*rt = (struct rt_queue){ .period_start_ns = ktime_get_ns() };
	for (unsigned int i = 0; i < PRIO_FAIR; i++)
		list_init(&rt->lists[i]);
}

void rt_init_entity(struct rt_entity *rt)
{
	*rt = (struct rt_entity){};
	list_init(&rt->node);
}

/*
 * The first task that waits on @rq and may run on @cpu; NULL if there is none.
 * Locking: rq->lock.
 */
struct task *rt_next_waiting(struct runqueue *rq, unsigned int cpu)
{
	struct rt_queue *rt = &rq->rt;
	unsigned int prio;

	for_each_set_bit(prio, rt->bits, PRIO_FAIR) {
		struct task *task;

		list_for_each_entry(task, &rt->lists[prio], sched.rt.node)
			if (task != rq->curr &&
			    cpumask_test_cpu(cpu, &task->sched.cpus_mask))
				return task;
	}
	return NULL;
}

/* How long a SCHED_RR task runs before its equals. Context: any. */
uint64_t sched_rr_slice_ns(void)
{
	int ms = READ_ONCE(sched_rr_slice_ms);

	return (ms > 0 ? ms : RR_SLICE_DEFAULT_MS) * NSEC_PER_MSEC;
}

/*
 * RLIMIT_RTTIME: current, a real-time task, has run for too long without a
 * sleep. Past the soft limit it is warned every second; past the hard limit it
 * dies. Context: the tick, no lock held.
 */
void rt_time_limit(struct task *task)
{
	const struct rlimit *limit = &task->group->rlim[RLIMIT_RTTIME];
	unsigned long soft = READ_ONCE(limit->rlim_cur);
	unsigned long hard = READ_ONCE(limit->rlim_max);
	struct rt_entity *rt = &task->sched.rt;
	uint64_t used_us = rt->awake_ns / NSEC_PER_USEC;

	if (soft == RLIM_INFINITY)
		return;
	if (used_us > hard) {
		send_sig(SIGKILL, task, true);
	} else if (used_us > soft && rt->awake_ns >= rt->warn_at_ns) {
		rt->warn_at_ns = rt->awake_ns + NSEC_PER_SEC;
		send_sig(SIGXCPU, task, true);
	}
}
