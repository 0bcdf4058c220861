/*
 * Work queues: see kernel/workqueue.h.
 *
 * One pool serves all queues. It tries to have as many workers *running* as
 * there are CPUs: the scheduler tells it when a worker goes to sleep in the
 * middle of an item (worker_sleeps()), and then the next idle one is woken if
 * there is work. So that there always is an idle one, a worker that takes an
 * item and finds nobody idle first makes another. Workers that have been idle
 * for long go, but for a few.
 *
 * An ordered queue gives the pool one item at a time and keeps the others on
 * its backlog.
 *
 * pool.lock protects everything here; it is taken in interrupts.
 */
#define LOG_PREFIX "workqueue"

#include <arch/current.h>
#include <arch/smp.h>
#include <kernel/kthread.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <kernel/workqueue.h>
#include <kernel/workqueue_sched.h>
#include <lib/string.h>
#include <mm/gfp.h>
#include <mm/slab.h>

#define WORKERS_MIN		2
#define WORKER_IDLE_NS		NSEC_PER_SEC

/* work.state: bit numbers. */
enum {
	WORK_PENDING,		/* queued, or its timer is running; atomic */
	WORK_ON_BACKLOG,	/* [pool.lock] not yet given to the pool */
	WORK_COLOR,		/* [pool.lock] see flush_workqueue() */
};

struct workqueue {
	const char		*name;
	unsigned int		flags;		/* WORKQUEUE_* */
	bool			active;	/* ordered: an item is in the pool */
	struct list_head	backlog;	/* ordered: those behind it */
	unsigned int		color;		/* of items queued now */
	unsigned int		nr_items[2];	/* not finished, by color */
	struct mutex		flush_lock;	/* one flush at a time */
};

/* One thread of the pool. */
struct worker {
	struct task		*task;
	struct list_head	node;		/* in pool.workers */
	struct list_head	idle_node;	/* in pool.idle, or self */
	const struct work	*work;		/* being run; may be freed */
	bool			counted;	/* in pool.nr_running */
};

static struct {
	struct spinlock		lock;
	struct list_head	works;		/* to be taken, in order */
	struct list_head	workers;	/* all */
	struct list_head	idle;		/* last idle first */
	unsigned int		nr_workers;
	unsigned int		nr_running;	/* busy and not asleep */
	bool			growing;	/* someone makes a worker */
	uint64_t		all_busy_ns;	/* when last nobody was idle */
	struct wait_queue	finished;	/* an item is done */
} pool = {
	.lock = SPINLOCK_INIT("work_pool", RANK_WORK_POOL),
	.works = LIST_HEAD_INIT(pool.works),
	.workers = LIST_HEAD_INIT(pool.workers),
	.idle = LIST_HEAD_INIT(pool.idle),
	.finished = WAIT_QUEUE_INIT(pool.finished),
};

static struct workqueue system_queue = {
	.name = "events",
	.backlog = LIST_HEAD_INIT(system_queue.backlog),
	.flush_lock = {
		.wait_lock = SPINLOCK_INIT("flush.wait", RANK_MUTEX_WAIT),
		.waiters = LIST_HEAD_INIT(system_queue.flush_lock.waiters),
		MUTEX_DEBUG_FIELD("flush", RANK_WORKQUEUE_LIST)
	},
};
struct workqueue *system_workqueue = &system_queue;

/* ---- the pool ------------------------------------------------------------ */

/* Whether there is work and a CPU for it. Locking: pool.lock. */
static bool may_take_work(void)
{
	return !list_empty(&pool.works) &&
	       pool.nr_running < num_online_cpus();
}

/* Have an idle worker look for work, if one may run. Locking: pool.lock. */
static void wake_worker(void)
{
	struct worker *worker;

	if (!may_take_work())
		return;
	worker = list_first_entry_or_null(&pool.idle, struct worker,
					  idle_node);
	if (!worker)
		return;
	/* Off the list: the next one to wake is another. */
	list_del_init(&worker->idle_node);
	if (list_empty(&pool.idle))
		pool.all_busy_ns = ktime_get_ns();
	wake_up_process(worker->task);
}

static void count_running(struct worker *worker, bool running)
{
	if (worker->counted == running)
		return;
	worker->counted = running;
	pool.nr_running += running ? 1 : -1;
}

/* The worker is about to schedule(), maybe to sleep, inside an item. */
void worker_sleeps(struct worker *worker)
{
	if (task_is_running(worker->task) || !worker->work)
		return;
	SPIN_GUARD_IRQSAVE(&pool.lock);

	count_running(worker, false);
	wake_worker();
}

/* It is back. For a moment there may be more running than there should. */
void worker_runs(struct worker *worker)
{
	if (!worker->work || worker->counted)
		return;
	SPIN_GUARD_IRQSAVE(&pool.lock);

	count_running(worker, true);
}

static int worker_main(void *arg);

/* Make one more worker. Context: process; may sleep. */
static bool grow(void)
{
	struct worker *worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	struct task *task;

	if (!worker)
		return false;
	task = kthread_create(worker_main, worker, "kworker/%u",
			      pool.nr_workers);
	if (IS_ERR(task)) {
		kfree(worker);
		return false;
	}
	worker->task = task;
	spin_lock_irq(&pool.lock);
	list_add_tail(&worker->node, &pool.workers);
	list_add(&worker->idle_node, &pool.idle);
	pool.nr_workers++;
	spin_unlock_irq(&pool.lock);
	wake_up_process(task);
	return true;
}

/*
 * There must be someone idle to take over if we fall asleep in the next item.
 * While one worker makes another, the rest need not: the one that does looks
 * again when it is done, because the new one may have work by then.
 *
 * Locking: pool.lock, dropped and taken again.
 */
static void __no_lock_check keep_one_idle(void)
{
	bool grown = true;

	if (pool.growing)
		return;
	while (list_empty(&pool.idle) && grown) {
		pool.growing = true;
		spin_unlock_irq(&pool.lock);
		/* Without memory the items have to wait for each other. */
		grown = grow();
		spin_lock_irq(&pool.lock);
		pool.growing = false;
	}
}

/* ---- items --------------------------------------------------------------- */

/* Give @work to the pool. Locking: pool.lock. */
static void give_to_pool(struct work *work)
{
	list_add_tail(&work->node, &pool.works);
	wake_worker();
}

/* Put @work, which is marked pending, on @wq. Locking: pool.lock. */
static void insert_work(struct workqueue *wq, struct work *work)
{
	work->queue = wq;
	if (wq->color)
		set_bit(WORK_COLOR, &work->state);
	else
		clear_bit(WORK_COLOR, &work->state);
	wq->nr_items[wq->color]++;
	if ((wq->flags & WORKQUEUE_ORDERED) && wq->active) {
		set_bit(WORK_ON_BACKLOG, &work->state);
		list_add_tail(&work->node, &wq->backlog);
		return;
	}
	wq->active = true;
	give_to_pool(work);
}

/* An item of @wq and @color has ended or was taken off. Locking: pool.lock. */
static void item_is_done(struct workqueue *wq, unsigned int color)
{
	struct work *next;

	wq->nr_items[color]--;
	next = list_first_entry_or_null(&wq->backlog, struct work, node);
	if (next) {
		list_del(&next->node);
		clear_bit(WORK_ON_BACKLOG, &next->state);
		give_to_pool(next);
	} else {
		wq->active = false;
	}
}

static unsigned int work_color(const struct work *work)
{
	return test_bit(WORK_COLOR, &work->state);
}

/*
 * Run the first item. Locking: pool.lock, dropped and taken again.
 *
 * From the moment it is no longer pending it may be queued anew, or its
 * function may free it: all we need later is noted before.
 */
static void __no_lock_check run_work(struct worker *worker)
{
	struct work *work = list_first_entry(&pool.works, struct work, node);
	struct workqueue *wq = work->queue;
	unsigned int color = work_color(work);
	work_fn *fn = work->fn;

	list_del_init(&work->node);
	worker->work = work;
	count_running(worker, true);
	clear_bit(WORK_PENDING, &work->state);
	spin_unlock_irq(&pool.lock);
	fn(work);
	if (unlikely(preempt_count()))
		panic("workqueue: %pS returned with preemption off", fn);
	cond_resched();
	spin_lock_irq(&pool.lock);
	worker->work = NULL;
	count_running(worker, false);
	item_is_done(wq, color);
	if (wait_queue_active(&pool.finished))
		wake_up_all(&pool.finished);
}

/* There are more workers than were needed at once lately. */
static bool has_surplus(void)
{
	return pool.nr_workers > WORKERS_MIN &&
	       ktime_get_ns() - pool.all_busy_ns > WORKER_IDLE_NS;
}

/*
 * Wait for work. Locking: pool.lock, dropped and taken again.
 * Return: false if one of us is too many, and not needed now.
 */
static bool __no_lock_check worker_idle(struct worker *worker)
{
	int64_t timeout = pool.nr_workers > WORKERS_MIN ? WORKER_IDLE_NS
							: WAIT_FOREVER;

	if (has_surplus())
		return false;
	list_add(&worker->idle_node, &pool.idle);
	set_current_state_relaxed(TASK_IDLE);
	spin_unlock_irq(&pool.lock);
	schedule_timeout_ns(timeout);
	spin_lock_irq(&pool.lock);
	/* Off the list: someone wants us to work. */
	if (list_empty(&worker->idle_node))
		return true;
	list_del_init(&worker->idle_node);
	return may_take_work() || !has_surplus();
}

static int worker_main(void *arg)
{
	struct worker *worker = arg;

	current->sched.worker = worker;
	spin_lock_irq(&pool.lock);
	list_del_init(&worker->idle_node);
	do {
		while (may_take_work()) {
			keep_one_idle();
			if (may_take_work())
				run_work(worker);
		}
	} while (worker_idle(worker));
	list_del(&worker->node);
	pool.nr_workers--;
	spin_unlock_irq(&pool.lock);
	current->sched.worker = NULL;
	kfree(worker);
	return 0;
}

/* ---- for users ----------------------------------------------------------- */

void work_init(struct work *work, work_fn *fn)
{
	*work = (struct work){ .fn = fn };
	list_init(&work->node);
}

/*
 * Have @work's function called on @wq. Context: any but NMI.
 * Return: false if it was pending already: one call will do for both.
 */
bool queue_work(struct workqueue *wq, struct work *work)
{
	unsigned long flags;

	if (test_and_set_bit(WORK_PENDING, &work->state))
		return false;
	flags = spin_lock_irqsave(&pool.lock);
	insert_work(wq, work);
	spin_unlock_irqrestore(&pool.lock, flags);
	return true;
}

static void delayed_work_due(struct timer *timer)
{
	struct delayed_work *work = container_of(timer, struct delayed_work,
						 timer);

	spin_lock(&pool.lock);
	insert_work(work->target, &work->work);
	spin_unlock(&pool.lock);
}

void delayed_work_init(struct delayed_work *work, work_fn *fn)
{
	work_init(&work->work, fn);
	timer_init(&work->timer, delayed_work_due);
	work->target = NULL;
}

/* The same, @delay_ns from now. Context: any but NMI. */
bool queue_delayed_work(struct workqueue *wq, struct delayed_work *work,
			uint64_t delay_ns)
{
	if (delay_ns == 0)
		return queue_work(wq, &work->work);
	if (test_and_set_bit(WORK_PENDING, &work->work.state))
		return false;
	work->target = wq;
	timer_start(&work->timer, ktime_after(delay_ns));
	return true;
}

/* Take @work off if it is queued. True if it was. */
static bool dequeue(struct work *work)
{
	SPIN_GUARD_IRQSAVE(&pool.lock);

	if (list_empty(&work->node) || !test_bit(WORK_PENDING, &work->state))
		return false;
	list_del_init(&work->node);
	if (test_bit(WORK_ON_BACKLOG, &work->state)) {
		clear_bit(WORK_ON_BACKLOG, &work->state);
		work->queue->nr_items[work_color(work)]--;
	} else {
		item_is_done(work->queue, work_color(work));
	}
	clear_bit(WORK_PENDING, &work->state);
	wake_up_all(&pool.finished);
	return true;
}

static bool is_running(const struct work *work)
{
	struct worker *worker;

	SPIN_GUARD_IRQSAVE(&pool.lock);

	list_for_each_entry(worker, &pool.workers, node)
		if (worker->work == work)
			return true;
	return false;
}

/*
 * Take @work off its queue, and if it is running wait until it is not. Nobody
 * must queue it anew meanwhile.
 *
 * Context: process; may sleep. Return: true if it was pending.
 */
bool cancel_work_sync(struct work *work)
{
	bool was_pending = dequeue(work);

	wait_event(&pool.finished, !is_running(work));
	return was_pending;
}

/* Stop @work unless it is running. Context: any. True if it was pending. */
bool cancel_delayed_work(struct delayed_work *work)
{
	if (timer_cancel(&work->timer)) {
		clear_bit(WORK_PENDING, &work->work.state);
		return true;
	}
	return dequeue(&work->work);
}

/* Stop @work and wait until it is not running. Context: process; may sleep. */
bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool was_pending = timer_cancel_sync(&work->timer);

	if (was_pending)
		clear_bit(WORK_PENDING, &work->work.state);
	return cancel_work_sync(&work->work) || was_pending;
}

/*
 * Wait until @work is neither queued nor running. Nobody may free it meanwhile.
 * Context: process; may sleep; not from the item itself.
 */
void flush_work(struct work *work)
{
	wait_event(&pool.finished, !test_bit(WORK_PENDING, &work->state) &&
				   !is_running(work));
}

/*
 * Wait until all items are done that are on @wq now.
 *
 * Items queued from now on get the other of two colors, so that waiting ends
 * although work keeps coming. The flush before us waited for that color to run
 * out, so nothing old has it.
 *
 * Context: process; may sleep; not from one of its items.
 */
void flush_workqueue(struct workqueue *wq)
{
	unsigned int old;

	MUTEX_GUARD(&wq->flush_lock);
	spin_lock_irq(&pool.lock);
	old = wq->color;
	wq->color = !old;
	spin_unlock_irq(&pool.lock);
	wait_event(&pool.finished, READ_ONCE(wq->nr_items[old]) == 0);
}

/*
 * Make a work queue. @name must outlive it. Context: process; may sleep.
 * Return: the queue, NULL without memory.
 */
struct workqueue *workqueue_create(const char *name, unsigned int flags)
{
	struct workqueue *wq = kzalloc(sizeof(*wq), GFP_KERNEL);

	if (!wq)
		return NULL;
	wq->name = name;
	wq->flags = flags;
	list_init(&wq->backlog);
	mutex_init(&wq->flush_lock, "flush", RANK_WORKQUEUE_LIST);
	return wq;
}

/* Wait for the items of @wq and free it. Nobody queues any more. May sleep. */
void workqueue_destroy(struct workqueue *wq)
{
	flush_workqueue(wq);
	flush_workqueue(wq);	/* items their functions queued anew */
	ASSERT(wq->nr_items[0] + wq->nr_items[1] == 0);
	kfree(wq);
}

/* After this: what was queued until now runs. Needs kthreadd. */
void __init workqueue_init(void)
{
	for (unsigned int i = 0; i < WORKERS_MIN; i++)
		if (!grow())
			panic("workqueue: no memory for the first workers");
}
