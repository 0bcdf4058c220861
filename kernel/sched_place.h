/*
 * Where a task joins the fair queue: which virtual time it has when it wakes,
 * is born, or comes from another CPU. Read kernel/sched_fair.c first.
 *
 * A task that sleeps keeps its virtual time, and wakes at that or a slice
 * before V, whichever is later; and who wakes asks for little at first. So the
 * deadline of one that uses less than its share is before those of all who are
 * on time, since these are due at V or later, however many they are: it runs at
 * once. That is what makes a machine feel quick.
 *
 * Why nobody starves for it. Let a loop L wait at v, due at d.
 * (1) The virtual time of a task never goes back, asleep or not. A debt is paid
 *     by V passing it and by nothing else; yielding jumps ahead.
 * (2) Who has the least is eligible. So when all others' deadlines are past d,
 *     L runs: each of them can run only for the way from its time to d. That is
 *     bounded by a slice or two each, and by (1) not renewed by any number of
 *     sleeps. Only L's own running, and others', moves V on and earns a sleeper
 *     its slice again: it has really slept then. Tasks that hand a token round
 *     are so many tasks and get so many shares, not more.
 * (3) A new task begins at V or later, with a debt as large as its parent's, or
 *     as large as what its parent is owed: or each child would be given that.
 *
 * The time kept is one of the queue the task slept on. If it wakes on another,
 * its debt is what it was when it fell asleep, or what that queue's zero leaves
 * of it. A task that is moved while it wants to run takes its lag along. A new
 * weight scales the debt. On an empty queue V is where the last one left.
 * Differences of times wrap after 292 years of virtual time, and are cut to
 * LAG_MAX_NS, so that even then nobody waits for long.
 *
 * For sched_fair.c alone, and inline, as each wake-up comes through here.
 *
 * Locking: everything here runs under the run queue's lock.
 */
#pragma once

#include <arch/current.h>
#include <kernel/task.h>
#include <uapi/sched.h>

#include "sched_internal.h"

/* No one is owed, or owes, more than this: in ns at nice 0. */
#define LAG_MAX_NS	(2 * SLICE_NS)
/* What a woken task asks for first. */
#define WAKE_SLICE_NS	(SLICE_NS / 4)

/* Sums over entities of one queue, from which V follows. */
struct average {
	int64_t	sum;		/* of weight * (vruntime - zero) */
	int64_t	weight;
};

static inline struct task *entity_task(struct sched_entity *se)
{
	return container_of(se, struct task, sched.se);
}

/* @delta_ns of CPU time in the virtual time of @weight. */
static inline uint64_t fair_virtual_ns(uint64_t delta_ns, uint32_t weight)
{
	if (likely(weight == WEIGHT_NICE_0))
		return delta_ns;
	return delta_ns * WEIGHT_NICE_0 / weight;
}

/* Of all that want to run, the running one included. */
static inline struct average fair_average(const struct fair_queue *fq)
{
	const struct sched_entity *curr = fq->curr;
	struct average avg = { fq->weighted_sum, fq->weight };

	if (curr && curr->queued) {
		avg.sum += (int64_t)(curr->vruntime - fq->zero) * curr->weight;
		avg.weight += curr->weight;
	}
	return avg;
}

/* How long a slice of @se's is in its virtual time. */
static inline uint64_t fair_slice(const struct sched_entity *se)
{
	return fair_virtual_ns(se->slice_ns, se->weight);
}

/* V itself, rounded down. */
static inline uint64_t fair_average_vruntime(const struct fair_queue *fq,
					     struct average avg)
{
	if (avg.weight == 0)
		return fq->zero;
	if (avg.sum < 0)
		avg.sum -= avg.weight - 1;
	return fq->zero + avg.sum / avg.weight;
}

/* Where @se stands relative to V, within limits. */
static inline int64_t fair_lag(const struct fair_queue *fq,
			       const struct sched_entity *se)
{
	int64_t limit = fair_virtual_ns(LAG_MAX_NS, se->weight);
	uint64_t v = fair_average_vruntime(fq, fair_average(fq));

	return clamp((int64_t)(v - se->vruntime), -limit, limit);
}

/*
 * For who comes from another queue, wanting to run: the place that gives it the
 * lag it had there. Its own joining moves V towards it, which would shrink the
 * lag by w / (W + w); so that it has the lag it came with *afterwards*, it is
 * placed that much further out.
 */
static inline uint64_t moved_place(const struct sched_entity *se,
				   struct average avg, uint64_t v)
{
	if (!se->vlag || !avg.weight)
		return v;
	return v - se->vlag * (avg.weight + se->weight) / avg.weight;
}

/* For who wakes: where it was, but no further behind V than a slice. */
static inline uint64_t woken_place(const struct fair_queue *fq,
				   const struct sched_entity *se, uint64_t v)
{
	int64_t debt;

	if (se->slept_on == fq)
		debt = se->vruntime - v;
	else
		debt = min(-se->vlag, (int64_t)(se->vruntime -
					READ_ONCE(se->slept_on->zero)));
	return v + clamp(debt, -(int64_t)fair_virtual_ns(SLICE_NS, se->weight),
			 (int64_t)fair_virtual_ns(LAG_MAX_NS, se->weight));
}

/*
 * For who is new: V, if its parent is not here. Otherwise it owes what the
 * parent owes, or is owed: or each child would be given that again.
 */
static inline uint64_t new_place(const struct fair_queue *fq, uint64_t v)
{
	struct sched_entity *curr = fq->curr;
	int64_t debt;

	if (!curr || entity_task(curr) != current)
		return v;
	debt = curr->vruntime - v;
	return v + (debt < 0 ? -debt : debt);
}

/* Give @task, about to join, its virtual time and a deadline. */
static inline void fair_place(struct fair_queue *fq, struct task *task)
{
	struct sched_entity *se = &task->sched.se;
	struct average avg = fair_average(fq);
	uint64_t v = fair_average_vruntime(fq, avg);
	uint64_t request = fair_slice(se);

	if (task->sched.on_rq) {
		se->vruntime = moved_place(se, avg, v);
	} else if (!se->slept_on) {
		se->vruntime = new_place(fq, v);
	} else {
		se->vruntime = woken_place(fq, se, v);
		if (task->sched.policy == SCHED_NORMAL)
			request = fair_virtual_ns(WAKE_SLICE_NS, se->weight);
	}
	se->deadline = se->vruntime + request;
}

/* @se, asleep, has a debt that it shall pay at @weight. */
static inline void fair_rescale_debt(const struct fair_queue *fq,
				     struct sched_entity *se, uint32_t weight)
{
	uint64_t v = fair_average_vruntime(fq, fair_average(fq));
	int64_t most = fair_virtual_ns(LAG_MAX_NS, se->weight);
	int64_t debt = se->vruntime - v;

	if (se->slept_on == fq && debt > 0) {
		debt = min(debt, most);
		se->vruntime = v + debt * se->weight / weight;
	}
}
