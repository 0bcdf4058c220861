/*
 * How far each CPU's tasks have come, so that queues can be compared.
 *
 * With five loops on four CPUs no distribution is fair: two share, three do
 * not. What can be fair is who has to share for how long. So each queue has a
 * clock, its *progress*: the virtual time that a task of weight 1024 has had by
 * being there, which goes at 1024 / load. On a crowded CPU it goes slowly. When
 * two clocks are PROGRESS_GAP_NS apart, the queue in front takes a task from
 * the one behind, and from then on it is the other's turn to go slowly. The
 * gap is bounded, hence so is the difference between any two loops' shares.
 *
 * A task that changes queues does not lose what it is behind: its `ahead` is
 * its distance from its queue's clock, negative if it comes from a crowded CPU.
 * The mean of that over a queue, added to the clock, is what is compared; and
 * of those that may leave a crowded queue, the one that has had most does, for
 * it is those who stay that gain. Whoever sleeps competes for nothing, and
 * wakes with its queue's clock.
 *
 * A clock means nothing after its CPU was idle, since nobody there was held up.
 * It is set by another's when they are first compared.
 *
 * Locking: a queue's clock and sum belong to the queue's lock. Others look at
 * them without; a stale value makes a wrong candidate, and the decision is
 * taken with both locks held.
 */
#include "sched_internal.h"

/* Bring @rq's clock up to @now. Locking: rq->lock. */
void progress_update(struct runqueue *rq, uint64_t now)
{
	uint64_t load = queue_load(rq);
	int64_t passed = now - rq->progress_at_ns;

	rq->progress_at_ns = now;
	if (load && passed > 0)
		rq->progress_ns += (uint64_t)passed * WEIGHT_NICE_0 / load;
}

/* The mean progress of @rq's tasks. A snapshot, exact with its lock. */
uint64_t progress_mean(const struct runqueue *rq)
{
	int64_t load = fair_load(&rq->fair);
	int64_t sum = READ_ONCE(rq->fair.ahead_sum);

	return READ_ONCE(rq->progress_ns) + (load ? sum / load : 0);
}

/*
 * How much further @rq's tasks have come than @behind's; never more than two
 * gaps are remembered, so that what could not be mended in time is forgotten
 * rather than mended by a storm of moves.
 *
 * Locking: both queues.
 */
int64_t progress_gap(struct runqueue *rq, struct runqueue *behind, uint64_t now)
{
	int64_t gap;

	progress_update(rq, now);
	progress_update(behind, now);
	gap = progress_mean(rq) - progress_mean(behind);
	if (behind->progress_is_stale) {
		behind->progress_ns += gap;
		gap = 0;
	} else if (rq->progress_is_stale) {
		rq->progress_ns -= gap;
		gap = 0;
	} else if (gap > 2 * PROGRESS_GAP_NS) {
		rq->progress_ns -= gap - 2 * PROGRESS_GAP_NS;
		gap = 2 * PROGRESS_GAP_NS;
	}
	rq->progress_is_stale = false;
	behind->progress_is_stale = false;
	return gap;
}

/* Where @task, on @from, will stand by the clock of @to. Locking: both. */
int64_t progress_carried(const struct runqueue *from, const struct runqueue *to,
			 const struct task *task)
{
	int64_t ahead = task->sched.se.ahead + from->progress_ns -
			to->progress_ns;

	if (from->progress_is_stale || to->progress_is_stale)
		return 0;
	return clamp(ahead, -2 * PROGRESS_GAP_NS, 2 * PROGRESS_GAP_NS);
}

/* @se, queued, stands @ahead of its queue's clock. Locking: its queue. */
void progress_set_ahead(struct fair_queue *fq, struct sched_entity *se,
			int64_t ahead)
{
	fq->ahead_sum += (ahead - se->ahead) * (int64_t)se->weight;
	se->ahead = ahead;
}
