/*
 * SCHED_DEADLINE: so much CPU time in every period, and not too late.
 *
 * A task says that it needs `runtime` of CPU time within `deadline` of the
 * start of each `period`. Of those that want to run, the one that is due first
 * runs (earliest deadline first). On one CPU that meets all deadlines whenever
 * anything could; on several, lateness is bounded. Either holds only if no
 * more was promised than there is, and if nobody takes more than he was
 * promised. So:
 *
 *	admission	runtime / period, summed over all such tasks, stays
 *			below 95 % of the CPUs; one more is refused (EBUSY)
 *	budget		what is left of a period's runtime goes down while the
 *			task runs. At zero it is *throttled*: out of the queue
 *			until the next period begins, when a timer puts it back
 *	waking		a task that slept may keep its budget and deadline only
 *			if it would not get more than its share by using the
 *			one up until the other; else a new period starts now
 *
 * This is a constant bandwidth server per task. To the others each looks like
 * a task that keeps its promise, whatever its program does.
 *
 * sched_yield(2) says that the work of this period is done.
 *
 * A task that is dying is not throttled any more, and SIGKILL ends it if it is:
 * what it still has to do is not its program's, and with a budget of 1 us a
 * second it would take half a minute. So it takes more than it was promised,
 * once. What it took before it still pays for by being due later.
 *
 * The throttled task counts as wanting to run (on_rq), but not as running. A
 * task that was throttled because it overran is told by SIGXCPU if it asked
 * for that with SCHED_FLAG_DL_OVERRUN.
 *
 * Locking: the run queue's lock; dl_lock for the sum of what was promised.
 * Source: man 7 sched, man 2 sched_setattr; Abeni and Buttazzo, 1998.
 */
#include <arch/smp.h>
#include <kernel/sched_policy.h>
#include <kernel/signal.h>
#include <kernel/signal_internal.h>
#include <kernel/time.h>
#include <uapi/sched.h>

#include "sched_internal.h"

/* Shares of a CPU are counted in 2^-20. */
#define SHARE_ONE	BIT(20)
#define RUNTIME_MIN_NS	1024UL
/*
 * /proc/sys/kernel/sched_deadline_period_*_us. The upper one is not to be
 * raised: in ns it is below 2^32, so that products of two times fit 64 bits.
 */
int sched_dl_period_min_us = 100;
int sched_dl_period_max_us = SCHED_DL_PERIOD_MAX_US;

static DEFINE_SPINLOCK(dl_lock, RANK_DL_SHARES);
static uint64_t dl_promised;		/* [dl_lock] in shares */

static struct task *node_task(struct rb_node *node)
{
	return rb_entry(node, struct task, sched.dl.node);
}

static bool is_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

/* ---- admission ----------------------------------------------------------- */

static uint64_t share(const struct dl_params *params)
{
	if (params->runtime_ns == 0)
		return 0;
	return params->runtime_ns * SHARE_ONE / params->period_ns;
}

/* What may be promised in all; as much as real-time tasks may use. */
static uint64_t share_limit(void)
{
	int runtime = READ_ONCE(sched_rt_runtime_us);

	if (runtime < 0)
		return UINT64_MAX;
	return (uint64_t)runtime * SHARE_ONE / READ_ONCE(sched_rt_period_us) *
	       num_online_cpus();
}

/*
 * Whether @params make sense. A period of 0 means that of the deadline, and is
 * replaced by it.
 */
bool dl_params_valid(struct dl_params *params)
{
	uint64_t min_ns = READ_ONCE(sched_dl_period_min_us) * NSEC_PER_USEC;
	uint64_t max_ns = READ_ONCE(sched_dl_period_max_us) * NSEC_PER_USEC;

	if (params->deadline_ns == 0 || params->runtime_ns < RUNTIME_MIN_NS ||
	    params->deadline_ns >> 63 || params->period_ns >> 63)
		return false;
	if (params->period_ns == 0)
		params->period_ns = params->deadline_ns;
	return params->runtime_ns <= params->deadline_ns &&
	       params->deadline_ns <= params->period_ns &&
	       params->period_ns >= min_ns && params->period_ns <= max_ns;
}

/*
 * Promise @params to @task, in place of what it was promised before; a runtime
 * of 0 takes the promise back.
 *
 * Locking: the task's scheduling does not change meanwhile. Context: any.
 * Return:  0, or -EBUSY if there is not that much left.
 */
int dl_admit(const struct task *task, const struct dl_params *params)
{
	uint64_t old = share(&task->sched.dl.params), new = share(params);

	SPIN_GUARD_IRQSAVE(&dl_lock);
	if (new > old && dl_promised - old + new > share_limit())
		return -EBUSY;
	dl_promised += new - old;
	return 0;
}

/* What was promised to @task is free again. Context: as above. */
void dl_give_back(const struct task *task)
{
	static const struct dl_params none;

	(void)dl_admit(task, &none);
}

/* ---- periods ------------------------------------------------------------- */

static void start_period(struct dl_entity *dl, uint64_t now)
{
	dl->due_ns = now + dl->params.deadline_ns;
	dl->left_ns = dl->params.runtime_ns;
}

/* When the period after the one that is under way begins. */
static uint64_t next_period_ns(const struct dl_entity *dl)
{
	return dl->due_ns - dl->params.deadline_ns + dl->params.period_ns;
}

/* The next period, or as many as it takes to pay what was overrun. */
static void replenish(struct dl_entity *dl, uint64_t now)
{
	while (dl->left_ns <= 0) {
		dl->due_ns += dl->params.period_ns;
		dl->left_ns += dl->params.runtime_ns;
	}
	/* The timer was very late: what is past cannot be made good. */
	if (is_before(dl->due_ns, now))
		start_period(dl, now);
}

/*
 * Whether a task that wakes at @now and ran for what it has left until it is
 * due would get more than its share.
 */
static bool would_exceed(const struct dl_entity *dl, uint64_t now)
{
	return (uint64_t)dl->left_ns * dl->params.deadline_ns >
	       (dl->due_ns - now) * dl->params.runtime_ns;
}

/*
 * @task wakes. Return: false if it has had its part and has to wait for the
 * next period, which can only be where that begins after the deadline.
 */
static bool begin(struct dl_entity *dl, uint64_t now)
{
	bool is_constrained = dl->params.deadline_ns < dl->params.period_ns;

	if (is_before(now, dl->due_ns)) {
		if (dl->left_ns <= 0)
			return false;
		if (!would_exceed(dl, now))
			return true;
		if (is_constrained) {
			/* Less, so that the density is what it was. */
			dl->left_ns = (dl->due_ns - now) *
				      dl->params.runtime_ns /
				      dl->params.deadline_ns;
			return true;
		}
	} else if (is_constrained && dl->due_ns &&
		   is_before(now, next_period_ns(dl))) {
		dl->left_ns = 0;
		return false;
	}
	start_period(dl, now);
	return true;
}

/* ---- the tree ------------------------------------------------------------ */

static bool due_earlier(const struct rb_node *a, const struct rb_node *b)
{
	return is_before(rb_entry(a, struct task, sched.dl.node)
				 ->sched.dl.due_ns,
			 rb_entry(b, struct task, sched.dl.node)
				 ->sched.dl.due_ns);
}

static void tree_insert(struct runqueue *rq, struct task *task)
{
	rb_add_cached(&task->sched.dl.node, &rq->dl.tree, due_earlier);
	rq->dl.nr_queued++;
	urgency_update(rq);
}

static void tree_remove(struct runqueue *rq, struct task *task)
{
	rb_erase_cached(&task->sched.dl.node, &rq->dl.tree);
	rq->dl.nr_queued--;
	urgency_update(rq);
}

/* ---- throttling ---------------------------------------------------------- */

/* A dump of its memory can take long, and is the program's affair. */
static bool is_dying(struct task *task)
{
	const struct thread_group *group = task->group;

	return (task->flags & PF_EXITING) || fatal_signal_pending(task) ||
	       ((READ_ONCE(group->flags) & SIGNAL_GROUP_EXIT) &&
		!READ_ONCE(group->core_dump));
}

/*
 * @task, which is in the tree and counted, waits for its next period; unless
 * it is dying. Locking: rq->lock.
 */
static void throttle(struct runqueue *rq, struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;
	uint64_t until = next_period_ns(dl);

	WRITE_ONCE(dl->throttled, true);
	/* Either we see who kills it, or he sees this: dl_let_die(). */
	smp_mb();
	if (unlikely(is_dying(task))) {
		WRITE_ONCE(dl->throttled, false);
		return;
	}
	tree_remove(rq, task);
	rq->nr_running--;
	if (!timer_pending(&dl->timer))
		task_get(task);
	timer_start(&dl->timer, until);
}

/* @task, if it is throttled, no longer is. Takes its and its queue's lock. */
static void end_throttling(struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);

	if (dl->throttled) {
		dl->throttled = false;
		replenish(dl, ktime_get_ns());
		if (task->sched.on_rq) {
			tree_insert(rq, task);
			rq->nr_running++;
			check_preempt_urgent(rq, task, 0);
			push_urgent(rq, task);
		}
	}
	task_rq_unlock(rq, task, flags);
}

/* The next period begins. Context: interrupt. */
static void throttle_ends(struct timer *timer)
{
	struct task *task = container_of(timer, struct task, sched.dl.timer);

	end_throttling(task);
	task_put(task);
}

/*
 * @task has been killed, and woken: it need not wait for its next period. Its
 * timer, if it is set, will find nothing to do.
 *
 * The lock is only for one that is throttled, since it is waited for while the
 * task is between two queues, which such a one never is.
 *
 * Context: any; its sighand->lock may be held.
 */
void dl_let_die(struct task *task)
{
	/* What killed it was written before: see throttle(). */
	smp_mb();
	if (READ_ONCE(task->sched.dl.throttled))
		end_throttling(task);
}

/*
 * @task leaves the class, or dies: no timer will touch it. What runs already
 * finds that it is not throttled.
 *
 * Locking: sched.lock and the queue's lock, or it is dead.
 */
void dl_stop(struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;

	dl->throttled = false;
	dl->overran = false;
	/* Not the last reference: our caller has one. */
	if (timer_cancel(&dl->timer))
		task_put(task);
}

/* ---- time ---------------------------------------------------------------- */

static void dl_update_curr(struct runqueue *rq)
{
	struct task *curr = rq->curr;
	struct sched_entity *se = &curr->sched.se;
	struct dl_entity *dl = &curr->sched.dl;
	uint64_t now = ktime_get_ns(), delta = now - se->exec_start_ns;

	if ((int64_t)delta <= 0)
		return;
	se->exec_start_ns = now;
	se->sum_exec_ns += delta;
	dl->left_ns -= delta;
	if (dl->left_ns > 0 || dl->throttled || !se->queued)
		return;
	if (dl->params.flags & SCHED_FLAG_DL_OVERRUN)
		dl->overran = true;
	throttle(rq, curr);
	if (dl->throttled)
		resched_curr(rq);
}

static void budget_ends(struct timer *timer)
{
	struct runqueue *rq = container_of(timer, struct runqueue,
					   dl.budget_timer);
	struct task *curr = rq->curr;

	spin_lock(&rq->lock);
	if (curr->sched.class == &dl_class) {
		dl_update_curr(rq);
		if (!curr->sched.dl.throttled && curr->sched.dl.left_ns > 0)
			timer_start_local(timer, ktime_get_ns() +
					  curr->sched.dl.left_ns);
	}
	spin_unlock(&rq->lock);
	dl_signal_overrun(curr);
}

/*
 * Tell current, if it overran and asked to be told. Context: interrupt, no
 * lock held.
 */
void dl_signal_overrun(struct task *task)
{
	if (likely(!READ_ONCE(task->sched.dl.overran)))
		return;
	task->sched.dl.overran = false;
	kill_pid_info(SIGXCPU, SEND_SIG_PRIV,
		      task->group->pids[PIDTYPE_TGID]);
}

/* ---- the class's operations ---------------------------------------------- */

static void dl_enqueue(struct runqueue *rq, struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;
	bool is_in_time;

	task->sched.se.queued = true;
	if (dl->throttled) {
		/* The timer will queue it, and count it. */
		rq->nr_running--;
		return;
	}
	/* One that only changes its place goes on with what it has. */
	is_in_time = (task->sched.on_rq && dl->due_ns) ||
		     begin(dl, ktime_get_ns());
	tree_insert(rq, task);
	if (!is_in_time)
		throttle(rq, task);
}

static void dl_dequeue(struct runqueue *rq, struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;

	if (rq->curr == task)
		dl_update_curr(rq);
	if (dl->throttled)
		rq->nr_running++;	/* it was not counted */
	else
		tree_remove(rq, task);
	task->sched.se.queued = false;
}

static void dl_set_curr(struct runqueue *rq, struct task *task)
{
	struct sched_entity *se = &task->sched.se;

	se->exec_start_ns = ktime_get_ns();
	se->switch_in_sum_ns = se->sum_exec_ns;
	se->waits_since_ns = 0;
	if (rq->cpu == smp_processor_id() && task->sched.dl.left_ns > 0)
		timer_start_local(&rq->dl.budget_timer, se->exec_start_ns +
				  task->sched.dl.left_ns);
}

static struct task *dl_pick_next(struct runqueue *rq)
{
	struct rb_node *node = rb_first_cached(&rq->dl.tree);
	struct task *task;

	if (!node)
		return NULL;
	task = node_task(node);
	dl_set_curr(rq, task);
	return task;
}

static void dl_put_prev(struct runqueue *rq, struct task *task)
{
	if (task->sched.se.queued)
		dl_update_curr(rq);
}

static void dl_tick(struct runqueue *rq, struct task *task __unused)
{
	dl_update_curr(rq);
}

/* This period's work is done. */
static void dl_yield(struct runqueue *rq, struct task *task)
{
	struct dl_entity *dl = &task->sched.dl;

	dl_update_curr(rq);
	if (dl->throttled)
		return;
	dl->left_ns = min_t(int64_t, dl->left_ns, 0);
	throttle(rq, task);
}

static void dl_wakeup_preempt(struct runqueue *rq, struct task *task,
			      int flags __unused)
{
	if (is_before(task->sched.dl.due_ns, rq->curr->sched.dl.due_ns))
		resched_curr(rq);
}

const struct sched_class dl_class = {
	.enqueue = dl_enqueue,
	.dequeue = dl_dequeue,
	.pick_next = dl_pick_next,
	.put_prev = dl_put_prev,
	.set_curr = dl_set_curr,
	.wakeup_preempt = dl_wakeup_preempt,
	.tick = dl_tick,
	.yield = dl_yield,
	.update_curr = dl_update_curr,
};

/* ---- for the rest of the scheduler --------------------------------------- */

void dl_init_queue(struct dl_queue *dl)
{
	*dl = (struct dl_queue){ .tree = RB_ROOT_CACHED };
	timer_init(&dl->budget_timer, budget_ends);
}

void dl_init_entity(struct dl_entity *dl)
{
	*dl = (struct dl_entity){};
	timer_init(&dl->timer, throttle_ends);
}

/*
 * The task due first of those that wait on @rq and may run on @cpu; NULL if
 * there is none. Locking: rq->lock.
 */
struct task *dl_next_waiting(struct runqueue *rq, unsigned int cpu)
{
	struct rb_node *node;

	for (node = rb_first_cached(&rq->dl.tree); node; node = rb_next(node)) {
		struct task *task = node_task(node);

		if (task != rq->curr &&
		    cpumask_test_cpu(cpu, &task->sched.cpus_mask))
			return task;
	}
	return NULL;
}
