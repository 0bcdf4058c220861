/*
 * Priority inheritance: a task that holds a lock is as urgent as whoever waits
 * for it.
 *
 * Let a task of low priority hold a lock that one of high priority wants. Any
 * task in between, which wants no lock at all, keeps the first from running
 * and so the second from ever getting the lock: the order of priorities is
 * inverted. The cure is to lend the waiter's urgency to the owner. As the
 * owner may itself wait for another lock, the loan is passed on along the
 * chain:
 *
 *	task C  --waits for-->  lock 2  --owned by-->  task B
 *	                                               |  waits for
 *	        task A  <--owned by--  lock 1  <-------+
 *
 * B is as urgent as C, and through B so is A. A chain that returns to where it
 * began is a deadlock, and is found before anybody sleeps on it.
 *
 * A struct rt_mutex exists only while somebody waits; the lock proper is a
 * word of user memory (kernel/futex_pi.c). It is never up for grabs: whoever
 * lets go of it names the next owner, the most urgent waiter.
 *
 * Locking: pi_lock guards all of the graph. A walk needs several tasks and
 * locks to stand still at once, and comes only where a task is about to sleep
 * or to wake another; the uncontended case never gets into the kernel.
 */
#include <kernel/rtmutex.h>

#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

/* As on Linux: who builds longer chains is refused. */
#define CHAIN_MAX	1024

static DEFINE_SPINLOCK(pi_lock, RANK_PI);

static struct rt_mutex_waiter *node_waiter(const struct rb_node *node)
{
	return rb_entry(node, struct rt_mutex_waiter, node);
}

static bool more_urgent(const struct rb_node *a, const struct rb_node *b)
{
	return node_waiter(a)->prio < node_waiter(b)->prio;
}

static struct rt_mutex_waiter *top_waiter(struct rt_mutex *lock)
{
	struct rb_node *first = rb_first_cached(&lock->waiters);

	return first ? node_waiter(first) : NULL;
}

/* For a task that is being made. */
void task_pi_init(struct task_pi *pi)
{
	list_init(&pi->owned);
	pi->blocked_on = NULL;
	pi->lent = PRIO_NONE;
	pi->exited = false;
}

/* Who is not real-time waits in the order of coming, as on Linux. */
static int waiting_prio(const struct task *task)
{
	int prio = task_effective_prio(task);

	return prio_is_urgent(prio) ? prio : PRIO_NICE_0;
}

/* The highest of all that wait for a lock of @task's, or PRIO_NONE. */
static int lent_prio(struct task *task)
{
	struct rt_mutex *lock;
	int highest = PRIO_NONE;

	list_for_each_entry(lock, &task->pi.owned, owned) {
		struct rt_mutex_waiter *top = top_waiter(lock);

		if (top)
			highest = min(highest, top->prio);
	}
	return highest;
}

static void insert_waiter(struct rt_mutex_waiter *w)
{
	w->prio = waiting_prio(w->task);
	rb_add_cached(&w->node, &w->lock->waiters, more_urgent);
}

static void remove_waiter(struct rt_mutex_waiter *w)
{
	rb_erase_cached(&w->node, &w->lock->waiters);
	w->task->pi.blocked_on = NULL;
}

/*
 * Who waits for @task, or what it is by itself, has changed: what it is lent
 * follows, and then what it lends. Locking: pi_lock held.
 */
static void adjust_chain(struct task *task)
{
	for (int depth = 0; task && depth < CHAIN_MAX; depth++) {
		struct rt_mutex_waiter *w = task->pi.blocked_on;
		int lent = lent_prio(task);

		if (lent != task->pi.lent) {
			task->pi.lent = lent;
			sched_set_boost(task, lent);
		}
		if (!w || w->prio == waiting_prio(task))
			return;
		rb_erase_cached(&w->node, &w->lock->waiters);
		insert_waiter(w);
		task = w->lock->owner;
	}
}

/* Would @task wait for itself? Locking: pi_lock held. */
static bool closes_circle(const struct rt_mutex *lock, const struct task *task)
{
	for (int depth = 0; depth < CHAIN_MAX; depth++) {
		const struct task *owner = lock->owner;

		if (owner == task)
			return true;
		if (!owner || !owner->pi.blocked_on)
			return false;
		lock = owner->pi.blocked_on->lock;
	}
	return true;
}

static void set_owner(struct rt_mutex *lock, struct task *owner)
{
	list_del_init(&lock->owned);
	lock->owner = owner;
	if (owner)
		list_add_tail(&lock->owned, &owner->pi.owned);
}

/*
 * Begin to keep account of @lock, which @owner holds.
 * Context: process. Return: false if @owner has ended, and can hold none.
 */
bool rt_mutex_adopt(struct rt_mutex *lock, struct task *owner)
{
	SPIN_GUARD(&pi_lock);
	lock->waiters = (struct rb_root_cached){};
	lock->inherited = false;
	list_init(&lock->owned);
	set_owner(lock, owner);
	smp_mb();	/* with rt_mutex_exit(): one of us sees the other */
	if (!READ_ONCE(owner->pi.exited))
		return true;
	set_owner(lock, NULL);
	return false;
}

/* Nobody waits for @lock any more: it is about to be freed. */
void rt_mutex_abandon(struct rt_mutex *lock)
{
	struct task *owner;

	SPIN_GUARD(&pi_lock);
	owner = lock->owner;
	set_owner(lock, NULL);
	if (owner)
		adjust_chain(owner);
}

/*
 * Let @task, which is or will be asleep, wait for @lock by @w.
 * Return: 0, or -EDEADLK: it would wait for ever, and is not queued.
 */
int rt_mutex_enqueue(struct rt_mutex *lock, struct rt_mutex_waiter *w,
		     struct task *task)
{
	SPIN_GUARD(&pi_lock);
	if (closes_circle(lock, task))
		return -EDEADLK;
	w->lock = lock;
	w->task = task;
	w->granted = false;
	task->pi.blocked_on = w;
	insert_waiter(w);
	if (lock->owner)
		adjust_chain(lock->owner);
	return 0;
}

/*
 * Wait no longer. Return: true if @w is queued no more; false: it has been
 * given the lock already.
 */
bool rt_mutex_cancel(struct rt_mutex_waiter *w)
{
	SPIN_GUARD(&pi_lock);
	if (w->granted)
		return false;
	remove_waiter(w);
	if (w->lock->owner)
		adjust_chain(w->lock->owner);
	return true;
}

/* Who is to have @lock next. The caller keeps waiters from leaving. */
struct rt_mutex_waiter *rt_mutex_top(struct rt_mutex *lock)
{
	SPIN_GUARD(&pi_lock);
	return top_waiter(lock);
}

static void grant_locked(struct rt_mutex_waiter *w)
{
	struct rt_mutex *lock = w->lock;
	struct task *old = lock->owner;

	remove_waiter(w);
	set_owner(lock, w->task);
	if (old)
		adjust_chain(old);
	adjust_chain(w->task);
	WRITE_ONCE(w->granted, true);
}

/* Make @w's task the owner of what it waits for. It is not woken. */
void rt_mutex_grant(struct rt_mutex_waiter *w)
{
	SPIN_GUARD(&pi_lock);
	w->lock->inherited = false;
	grant_locked(w);
}

/* The owner, who inherited @lock, has made it known in user memory. */
void rt_mutex_settled(struct rt_mutex *lock)
{
	SPIN_GUARD(&pi_lock);
	lock->inherited = false;
}

/* As below, of one lock. False: nobody wants it. */
static bool pass_on_locked(struct rt_mutex *lock)
{
	struct rt_mutex_waiter *top = top_waiter(lock);
	struct task *task;

	if (!top) {
		set_owner(lock, NULL);
		return false;
	}
	task = top->task;
	lock->inherited = true;
	grant_locked(top);
	wake_up_process(task);
	return true;
}

/*
 * @lock's owner cannot let go of it in the user's memory. The next one gets
 * it, is woken, and is to do that in the owner's stead. Return: is there one?
 */
bool rt_mutex_pass_on(struct rt_mutex *lock)
{
	struct task *old;
	bool passed;

	SPIN_GUARD(&pi_lock);
	old = lock->owner;
	passed = pass_on_locked(lock);
	if (old)
		adjust_chain(old);
	return passed;
}

/*
 * @task, which is current, leaves its memory: the locks it holds are passed
 * on. @for_good: it ends, and must be given none any more.
 */
void rt_mutex_exit(struct task *task, bool for_good)
{
	struct rt_mutex *lock, *tmp;

	if (for_good)
		(void)xchg(&task->pi.exited, true);
	if (likely(list_empty(&task->pi.owned)))
		return;
	SPIN_GUARD(&pi_lock);
	list_for_each_entry_safe(lock, tmp, &task->pi.owned, owned)
		pass_on_locked(lock);
	adjust_chain(task);
}

/* @task's own priority was changed. Context: process. */
void rt_mutex_prio_changed(struct task *task)
{
	if (!READ_ONCE(task->pi.blocked_on))
		return;
	SPIN_GUARD(&pi_lock);
	adjust_chain(task);
}
