/*
 * The fair class: earliest eligible virtual deadline first (EEVDF).
 *
 * Each task has a virtual time that runs slower the greater its weight: a task
 * of twice the weight gets twice the CPU in the same virtual time. The
 * weighted average of all virtual times, V, is where everyone would be if the
 * CPU could be divided perfectly. A task behind V is owed time (its lag is
 * positive) and is *eligible*; one ahead of V has had too much and waits. Each
 * task asks for slices, and a slice of virtual length s, begun at v, is due at
 * v + s. Of the eligible tasks the one with the earliest deadline runs. Two
 * properties follow: no one's lag ever grows beyond about a slice, and a task
 * that asks for short slices is served sooner, without getting more.
 *
 * Where a task joins, which is what decides how long it waits when it wakes, is
 * in kernel/sched_place.h.
 *
 * Testing v <= V needs no division: with sums over all tasks, and times
 * relative to some common zero, it is  v * sum(w) <= sum(w * v_i).  The tree is
 * sorted by deadline, and each node knows the smallest v of its subtree, so the
 * first eligible one is found on one way down.
 *
 * The idea is from Stoica and Abdel-Wahab, 1995; Linux has used it since 6.6.
 *
 * Locking: everything here runs under the run queue's lock.
 */
#include <kernel/time.h>
#include <uapi/sched.h>

#include "sched_internal.h"
#include "sched_place.h"

/* 1024 / 1.25^nice: one step of nice is a quarter more or less CPU. */
static const uint32_t nice_weights[] = {
	/* -20 */ 88818, 71054, 56843, 45475, 36380,
	/* -15 */ 29104, 23283, 18626, 14901, 11921,
	/* -10 */ 9537, 7629, 6104, 4883, 3906,
	/*  -5 */ 3125, 2500, 2000, 1600, 1280,
	/*   0 */ 1024, 819, 655, 524, 419,
	/*   5 */ 336, 268, 215, 172, 137,
	/*  10 */ 110, 88, 70, 56, 45,
	/*  15 */ 36, 29, 23, 18, 15,
};

uint32_t nice_to_weight(int nice)
{
	return nice_weights[nice - NICE_MIN];
}

uint32_t task_weight(const struct task *task)
{
	if (task->sched.policy == SCHED_IDLE)
		return WEIGHT_IDLE;
	return nice_to_weight(task->sched.nice);
}

static struct sched_entity *node_entity(struct rb_node *node)
{
	return rb_entry(node, struct sched_entity, node);
}

static bool is_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

static int64_t relative(const struct fair_queue *fq, uint64_t vruntime)
{
	return (int64_t)(vruntime - fq->zero);
}

/* ---- the tree, and the sums that belong to it ---------------------------- */

/* The smallest vruntime of the subtree; true if @exit and it is unchanged. */
static bool update_min(struct sched_entity *se, bool exit)
{
	struct rb_node *left = se->node.left, *right = se->node.right;
	uint64_t old = se->min_vruntime;
	uint64_t smallest = se->vruntime;

	if (left && is_before(node_entity(left)->min_vruntime, smallest))
		smallest = node_entity(left)->min_vruntime;
	if (right && is_before(node_entity(right)->min_vruntime, smallest))
		smallest = node_entity(right)->min_vruntime;
	se->min_vruntime = smallest;
	return exit && smallest == old;
}

RB_DECLARE_CALLBACKS(static, min_vruntime_augment, struct sched_entity, node,
		     min_vruntime, update_min);

static void tree_insert(struct fair_queue *fq, struct sched_entity *se)
{
	struct rb_node **link = &fq->tree.root.node, *parent = NULL;
	bool leftmost = true;

	se->min_vruntime = se->vruntime;
	while (*link) {
		struct sched_entity *entry = node_entity(*link);

		parent = *link;
		if (is_before(se->vruntime, entry->min_vruntime))
			entry->min_vruntime = se->vruntime;
		if (is_before(se->deadline, entry->deadline)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_link_node(&se->node, parent, link);
	rb_insert_augmented_cached(&se->node, &fq->tree, leftmost,
				   &min_vruntime_augment);
	fq->weighted_sum += relative(fq, se->vruntime) * se->weight;
	fq->weight += se->weight;
}

static void tree_remove(struct fair_queue *fq, struct sched_entity *se)
{
	rb_erase_augmented_cached(&se->node, &fq->tree,
				  &min_vruntime_augment);
	fq->weighted_sum -= relative(fq, se->vruntime) * se->weight;
	fq->weight -= se->weight;
}

/* Move zero up to the smallest vruntime there is; it never goes back. */
static void advance_zero(struct fair_queue *fq)
{
	const struct sched_entity *curr = fq->curr;
	struct rb_node *root = fq->tree.root.node;
	uint64_t smallest;
	int64_t step;

	if (root) {
		smallest = node_entity(root)->min_vruntime;
		if (curr && curr->queued && is_before(curr->vruntime, smallest))
			smallest = curr->vruntime;
	} else if (curr && curr->queued) {
		smallest = curr->vruntime;
	} else {
		return;
	}
	step = relative(fq, smallest);
	if (step <= 0)
		return;
	fq->weighted_sum -= step * (int64_t)fq->weight;
	fq->zero = smallest;
}

static bool is_eligible(const struct fair_queue *fq, struct average avg,
			uint64_t vruntime)
{
	return relative(fq, vruntime) * avg.weight <= avg.sum;
}

/* ---- time ---------------------------------------------------------------- */

/*
 * Charge the running task for the time since the last call. At the end of its
 * slice it asks for the next one, and must let others compete.
 */
void fair_update_curr(struct runqueue *rq)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *curr = fq->curr;
	uint64_t now, delta;

	if (!curr)
		return;
	now = ktime_get_ns();
	delta = now - curr->exec_start_ns;
	if ((int64_t)delta <= 0)
		return;
	curr->exec_start_ns = now;
	curr->sum_exec_ns += delta;
	curr->vruntime += fair_virtual_ns(delta, curr->weight);
	if (!is_before(curr->vruntime, curr->deadline)) {
		curr->deadline = curr->vruntime + fair_slice(curr);
		if (rq->nr_running > 1)
			resched_curr(rq);
	}
	advance_zero(fq);
}

/* ---- the class's operations ---------------------------------------------- */

static void fair_enqueue(struct runqueue *rq, struct task *task)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *se = &task->sched.se;

	fair_update_curr(rq);
	fair_place(fq, task);
	se->queued = true;
	if (se != fq->curr) {
		tree_insert(fq, se);
		if (fq->curr && !se->waits_since_ns)
			se->waits_since_ns = fq->curr->exec_start_ns;
	}
	fq->nr_queued++;
}

static void fair_dequeue(struct runqueue *rq, struct task *task)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *se = &task->sched.se;

	fair_update_curr(rq);
	se->vlag = fq->nr_queued > 1 ? fair_lag(fq, se) : 0;
	if (se != fq->curr)
		tree_remove(fq, se);
	se->queued = false;
	se->slept_on = fq;
	if (fq->hint == se)
		fq->hint = NULL;
	if (unlikely(se->ahead))
		progress_set_ahead(fq, se, 0);
	fq->nr_queued--;
	advance_zero(fq);
}

/* The eligible entity with the earliest deadline. The tree is not empty. */
static struct sched_entity *earliest_eligible(struct fair_queue *fq,
					      struct average avg)
{
	struct sched_entity *first = node_entity(rb_first_cached(&fq->tree));
	struct rb_node *node = fq->tree.root.node;

	if (is_eligible(fq, avg, first->vruntime))
		return first;
	while (node) {
		struct sched_entity *se = node_entity(node);
		struct rb_node *left = node->left;

		/* Anything eligible to the left is due earlier. */
		if (left && is_eligible(fq, avg,
					node_entity(left)->min_vruntime)) {
			node = left;
			continue;
		}
		if (is_eligible(fq, avg, se->vruntime))
			return se;
		node = node->right;
	}
	/* Someone is always at or behind the average; rounding aside. */
	return first;
}

static struct sched_entity *choose(struct fair_queue *fq)
{
	struct average avg = fair_average(fq);
	struct sched_entity *hint = fq->hint;

	fq->hint = NULL;
	if (hint && is_eligible(fq, avg, hint->vruntime))
		return hint;
	return earliest_eligible(fq, avg);
}

/*
 * @se has the CPU. Its time begins where that of the one before it, which was
 * just charged, ended: the switch counts, or many switches would be for free.
 */
static void start_running(struct runqueue *rq, struct sched_entity *se)
{
	const struct task *prev = rq->curr;

	rq->fair.curr = se;
	if (likely(prev->sched.class == &fair_class))
		se->exec_start_ns = prev->sched.se.exec_start_ns;
	else
		se->exec_start_ns = ktime_get_ns();
	se->switch_in_sum_ns = se->sum_exec_ns;
	if (se->waits_since_ns)
		end_wait(rq, se);
}

/* The next to run, taken out of the tree; NULL if there is none. */
struct task *fair_pick_next(struct runqueue *rq)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *se;

	if (fq->nr_queued == 0)
		return NULL;
	se = choose(fq);
	tree_remove(fq, se);
	start_running(rq, se);
	return entity_task(se);
}

static void fair_put_prev(struct runqueue *rq, struct task *task)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *se = &task->sched.se;

	if (se->queued) {
		fair_update_curr(rq);
		tree_insert(fq, se);
		se->waits_since_ns = se->exec_start_ns;
	}
	fq->curr = NULL;
}

static void fair_set_curr(struct runqueue *rq, struct task *task)
{
	struct sched_entity *se = &task->sched.se;

	if (se->queued)
		tree_remove(&rq->fair, se);
	start_running(rq, se);
}

/*
 * Switching costs more than most wake-ups gain. So @curr has a minimum, unless
 * @task is a program that has had so little of its share that it is worth it.
 */
static bool must_let_run(const struct sched_entity *curr,
			 const struct task *task)
{
	const struct sched_entity *se = &task->sched.se;

	if (curr->sum_exec_ns - curr->switch_in_sum_ns >= WAKE_GRANULARITY_NS)
		return false;
	return !task->mm ||
	       !is_before(se->vruntime +
			  fair_virtual_ns(WAKE_GRANULARITY_NS, se->weight),
			  curr->vruntime);
}

/* A woken task runs at once if it would be chosen now, with that exception. */
static void fair_wakeup_preempt(struct runqueue *rq, struct task *task,
				int flags)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *se = &task->sched.se, *curr = fq->curr;
	struct average avg;

	if (flags & WAKE_SYNC) {
		/* The waker is about to sleep: then it is this one's turn. */
		fq->hint = se;
		return;
	}
	if (!curr || (flags & WAKE_FORK))
		return;
	if (entity_task(curr)->sched.policy == SCHED_IDLE &&
	    task->sched.policy != SCHED_IDLE) {
		resched_curr(rq);
		return;
	}
	if (task->sched.policy != SCHED_NORMAL || must_let_run(curr, task))
		return;
	avg = fair_average(fq);
	if (is_eligible(fq, avg, se->vruntime) &&
	    (is_before(se->deadline, curr->deadline) ||
	     !is_eligible(fq, avg, curr->vruntime)))
		resched_curr(rq);
}

/*
 * Ticks are a slice apart, and a turn begins a moment after one: it ends with
 * the next, not with the one after that, for the sake of that moment. It is
 * also the chance of those who woke when the turn had just begun.
 */
static void fair_tick(struct runqueue *rq, struct task *task)
{
	struct fair_queue *fq = &rq->fair;
	struct sched_entity *curr = &task->sched.se;
	struct rb_node *first = rb_first_cached(&fq->tree);
	uint64_t moment = fair_virtual_ns(SLICE_NS / 8, curr->weight);

	fair_update_curr(rq);
	if (!first)
		return;
	if (is_before(curr->deadline, curr->vruntime + moment)) {
		curr->deadline += fair_slice(curr);
		resched_curr(rq);
	} else if (is_before(node_entity(first)->deadline, curr->deadline) &&
		   is_eligible(fq, fair_average(fq),
			       node_entity(first)->vruntime)) {
		resched_curr(rq);
	}
}

/* Give up what is left of the slice: others are due earlier now. */
static void fair_yield(struct runqueue *rq, struct task *task)
{
	struct sched_entity *se = &task->sched.se;

	fair_update_curr(rq);
	if (is_before(se->vruntime, se->deadline))
		se->vruntime = se->deadline;
	se->deadline = se->vruntime + fair_slice(se);
	advance_zero(&rq->fair);
}

const struct sched_class fair_class = {
	.enqueue = fair_enqueue,
	.dequeue = fair_dequeue,
	.pick_next = fair_pick_next,
	.put_prev = fair_put_prev,
	.set_curr = fair_set_curr,
	.wakeup_preempt = fair_wakeup_preempt,
	.tick = fair_tick,
	.yield = fair_yield,
	.update_curr = fair_update_curr,
};

/* ---- for the rest of the scheduler --------------------------------------- */

void fair_init_queue(struct fair_queue *fq)
{
	*fq = (struct fair_queue){ .tree = RB_ROOT_CACHED };
}

/* A new task: its own history, at the weight it inherits. */
void fair_init_entity(struct sched_entity *se)
{
	*se = (struct sched_entity){
		.weight = se->weight,
		.slice_ns = SLICE_NS,
	};
}

/*
 * Change the weight of @task, of any class, on no queue or @rq. What it is
 * owed, in real time, stays: its lag is scaled the other way round.
 */
void fair_set_weight(struct runqueue *rq, struct task *task, uint32_t weight)
{
	struct sched_entity *se = &task->sched.se;
	bool queued = se->queued && task->sched.class == &fair_class;

	if (se->weight == weight)
		return;
	if (queued)
		fair_dequeue(rq, task);
	else
		fair_rescale_debt(&rq->fair, se, weight);
	se->vlag = se->vlag * (int64_t)se->weight / (int64_t)weight;
	se->weight = weight;
	if (queued)
		fair_enqueue(rq, task);
}
