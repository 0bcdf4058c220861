/*
 * From one class to another, or to another place in the same.
 *
 * What a queue sorts by must not change while a task is in it. So every change
 * is made between sched_change_begin(), which takes the task out of its queue
 * and off its CPU as far as its class is concerned, and sched_change_end(),
 * which puts it back into the class it now belongs to and sees who should run.
 *
 * A task has the priority that its policy says, or a higher one that it was
 * lent (sched_set_boost()). The effective one decides the class.
 */
#include <kernel/sched_policy.h>
#include <uapi/sched.h>

#include "sched_internal.h"

/* The priority that @task's own policy gives it. Any context; a snapshot. */
int sched_normal_prio(const struct task *task)
{
	const struct task_sched *sched = &task->sched;

	if (sched->policy == SCHED_DEADLINE)
		return PRIO_DEADLINE;
	if (sched->policy == SCHED_FIFO || sched->policy == SCHED_RR)
		return PRIO_FAIR - 1 - sched->rt_priority;
	return PRIO_NICE_0 + sched->nice;
}

/* Priority and class from policy and boost. Locking: between begin and end. */
void sched_set_prio(struct task *task)
{
	struct task_sched *sched = &task->sched;
	int prio = sched_normal_prio(task);

	/* It has no budget to run on: the highest of the others instead. */
	if (prio != PRIO_DEADLINE && prio_is_urgent(sched->boost))
		prio = min(prio, max(sched->boost, 0));
	WRITE_ONCE(sched->prio, prio);
	if (prio == PRIO_DEADLINE)
		sched->class = &dl_class;
	else if (prio_is_urgent(prio))
		sched->class = &rt_class;
	else
		sched->class = &fair_class;
}

/* Take @task out. Locking: its sched.lock and @rq's, on which it is. */
void sched_change_begin(struct runqueue *rq, struct task *task,
			struct sched_change *change)
{
	change->queued = task->sched.on_rq == TASK_ON_RQ_QUEUED;
	change->running = rq->curr == task;
	change->old_prio = task->sched.prio;
	if (change->queued)
		dequeue_task(rq, task);
	if (change->running)
		task->sched.class->put_prev(rq, task);
}

/*
 * Put @task back, as what it is now. A waiting task that became urgent may be
 * sent to another CPU. Locking: as above; @rq's may be let go meanwhile.
 */
void sched_change_end(struct runqueue *rq, struct task *task,
		      struct sched_change *change)
{
	/* Who is lowered was not displaced by its new equals: it is first. */
	task->sched.rt.to_head = task->sched.prio > change->old_prio;
	if (change->queued)
		enqueue_task(rq, task);
	if (change->running) {
		task->sched.class->set_curr(rq, task);
		resched_curr(rq);
	} else if (change->queued) {
		check_preempt_urgent(rq, task, 0);
		if (prio_is_urgent(task->sched.prio))
			push_urgent(rq, task);
	}
}

/*
 * Lend @task the priority @prio (as in kernel/sched.h), or with PRIO_NONE take
 * back what was lent. It then runs at that or at its own, whichever is higher,
 * until the next call. Priorities of the fair class lend nothing; a deadline
 * task's lends the highest real-time priority.
 *
 * A task's policy may change while it is lent something, and children inherit
 * nothing of it.
 *
 * Context: any but NMI. Locking: sched.lock and a run queue's are taken, so
 *          that the caller may hold anything that ranks before
 *          RANK_TASK_SCHED. Calls for one task are serialised by the caller.
 */
void sched_set_boost(struct task *task, int prio)
{
	unsigned long flags;
	struct sched_change change;
	struct runqueue *rq = task_rq_lock(task, &flags);
	int old = task->sched.prio;

	if (task->sched.boost != prio) {
		task->sched.boost = prio;
		/* Most often nothing comes of it. */
		if (prio_is_urgent(prio) || prio_is_urgent(old)) {
			sched_change_begin(rq, task, &change);
			sched_set_prio(task);
			sched_change_end(rq, task, &change);
		}
	}
	task_rq_unlock(rq, task, flags);
}
