/*
 * Work queues: run a function soon, in process context, where it may sleep.
 *
 * All queues share one pool of kernel threads. The pool keeps just enough of
 * them: when a worker goes to sleep inside a work item while others wait, the
 * next idle worker takes over, and a new one is started if there is none;
 * workers idle for long go away. A queue only adds a limit (an ordered queue
 * runs one item at a time, in order) and something to wait for.
 *
 * A work item is queued at most once at a time; queue_work() of a pending item
 * says false. It may free itself, or queue itself again, from its function.
 */
#pragma once

#include <keel/list.h>
#include <kernel/timer.h>

struct work;
struct workqueue;
typedef void work_fn(struct work *);

struct work {
	struct list_head	node;		/* [pool lock] */
	work_fn			*fn;
	struct workqueue	*queue;	/* [pool lock] where it was queued */
	unsigned long		state;		/* WORK_* bits, atomic */
};

struct delayed_work {
	struct work		work;
	struct timer		timer;
	struct workqueue	*target;
};

#define WORK_INIT(var, func) { \
	.node = LIST_HEAD_INIT((var).node), .fn = (func) }
#define DEFINE_WORK(var, func)	struct work var = WORK_INIT(var, func)

void work_init(struct work *, work_fn *fn);
void delayed_work_init(struct delayed_work *, work_fn *fn);

#define WORKQUEUE_ORDERED	0x1	/* one item at a time, in order */

struct workqueue *workqueue_create(const char *name, unsigned int flags);
void workqueue_destroy(struct workqueue *);
bool queue_work(struct workqueue *, struct work *);
bool queue_delayed_work(struct workqueue *, struct delayed_work *,
			uint64_t delay_ns);
bool cancel_work_sync(struct work *);
bool cancel_delayed_work(struct delayed_work *);
bool cancel_delayed_work_sync(struct delayed_work *);
void flush_work(struct work *);
void flush_workqueue(struct workqueue *);

/* The queue for everyone: items may sleep, in any order. */
extern struct workqueue *system_workqueue;

static inline bool schedule_work(struct work *work)
{
	return queue_work(system_workqueue, work);
}

static inline bool schedule_delayed_work(struct delayed_work *work,
					 uint64_t delay_ns)
{
	return queue_delayed_work(system_workqueue, work, delay_ns);
}

void workqueue_init(void);
