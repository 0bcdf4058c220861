/*
 * Mutexes. See kernel/mutex.h for what they promise.
 *
 * The owner word is a task pointer with two flags in its low bits:
 *
 *	WAITERS	 the list is not empty: unlocking must look at it
 *	HANDOFF	 the first waiter was overtaken once: the mutex goes to it
 *
 * Without flags, lock and unlock are one compare-and-exchange each. With them,
 * a release happens under wait_lock only. So a waiter that holds wait_lock and
 * fails to take the mutex knows that a later unlock will see its flag and wake
 * it: no wake-up is lost.
 */
#include <arch/current.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>

#define MUTEX_WAITERS	1L
#define MUTEX_HANDOFF	2L
#define MUTEX_FLAGS	3L

/* One task in the queue; on that task's stack. */
struct mutex_waiter {
	struct list_head	node;	/* [wait_lock] */
	struct task		*task;
};

#ifdef DEBUG
#define mutex_debug_acquire(m, sub)	\
	lock_debug_sleep_acquire(&(m)->dbg, sub, false, true)
#define mutex_debug_acquired(m)		lock_debug_sleep_acquired(&(m)->dbg)
#define mutex_debug_trylock(m)	\
	lock_debug_sleep_acquire(&(m)->dbg, 0, true, true)
#define mutex_debug_abandon(m)		lock_debug_sleep_abandon(&(m)->dbg)
#define mutex_debug_release(m)		lock_debug_sleep_release(&(m)->dbg)
#else
#define mutex_debug_acquire(m, sub)	((void)(sub))
#define mutex_debug_acquired(m)		do { } while (0)
#define mutex_debug_trylock(m)		do { } while (0)
#define mutex_debug_abandon(m)		do { } while (0)
#define mutex_debug_release(m)		do { } while (0)
#endif

void mutex_init(struct mutex *mutex, const char *name __unused,
		enum lock_rank rank __unused)
{
	atomic_long_set(&mutex->owner, 0);
	spin_lock_init(&mutex->wait_lock, "mutex.wait_lock", RANK_MUTEX_WAIT);
	list_init(&mutex->waiters);
#ifdef DEBUG
	lock_debug_init(&mutex->dbg, name, rank);
#endif
}

static struct task *owner_task(long owner)
{
	return (struct task *)(owner & ~MUTEX_FLAGS);
}

static bool try_fast(struct mutex *mutex)
{
	long free = 0;

	return atomic_long_try_cmpxchg(&mutex->owner, &free, (long)current);
}

/*
 * Take the mutex if nobody has it, flags or not. With HANDOFF set a free
 * mutex belongs to the first waiter: only it (@is_first) may come in.
 */
static bool try_acquire(struct mutex *mutex, bool is_first)
{
	long old = atomic_long_read(&mutex->owner);

	do {
		/* Handed to us while we slept? */
		if (owner_task(old))
			return is_first && owner_task(old) == current;
		if ((old & MUTEX_HANDOFF) && !is_first)
			return false;
	} while (!atomic_long_try_cmpxchg(&mutex->owner, &old,
					  (long)current |
					  (old & MUTEX_FLAGS)));
	return true;
}

/*
 * Wait for an owner that is running, without sleeping. The owner cannot be
 * freed while we look at it: tasks are freed by RCU, and preemption is off.
 */
static bool spin_on_owner(struct mutex *mutex)
{
	bool taken = false;

	preempt_disable();
	for (;;) {
		long old = atomic_long_read(&mutex->owner);
		struct task *owner = owner_task(old);

		if (!owner) {
			taken = try_acquire(mutex, false);
			if (taken || (old & MUTEX_HANDOFF))
				break;
			continue;
		}
		if (!task_on_cpu(owner) || need_resched())
			break;
		cpu_relax();
	}
	preempt_enable();
	return taken;
}

/* Leave the queue. Locking: wait_lock. */
static void remove_waiter(struct mutex *mutex, struct mutex_waiter *waiter)
{
	bool was_first = mutex->waiters.next == &waiter->node;
	long clear = 0;

	list_del(&waiter->node);
	if (was_first)
		clear |= MUTEX_HANDOFF;
	if (list_empty(&mutex->waiters))
		clear |= MUTEX_WAITERS;
	atomic_long_fetch_and(~clear, &mutex->owner);
}

static int __no_lock_check
sleep_on(struct mutex *mutex, struct mutex_waiter *waiter,
	 unsigned int state)
{
	bool was_first = false;

	for (;;) {
		bool is_first = mutex->waiters.next == &waiter->node;

		set_current_state(state);
		if (try_acquire(mutex, is_first))
			return 0;
		if (signal_pending_state(state, current))
			return -EINTR;
		/* Woken as the first, and overtaken: not a second time. */
		if (is_first && was_first)
			atomic_long_fetch_or(MUTEX_HANDOFF, &mutex->owner);
		was_first = is_first;
		spin_unlock(&mutex->wait_lock);
		schedule();
		spin_lock(&mutex->wait_lock);
	}
}

static int lock_slow(struct mutex *mutex, unsigned int state)
{
	struct mutex_waiter waiter = { .task = current };
	int err = 0;

	if (spin_on_owner(mutex))
		return 0;
	spin_lock(&mutex->wait_lock);
	list_add_tail(&waiter.node, &mutex->waiters);
	atomic_long_fetch_or(MUTEX_WAITERS, &mutex->owner);
	err = sleep_on(mutex, &waiter, state);
	set_current_state_relaxed(TASK_RUNNING);
	remove_waiter(mutex, &waiter);
	/* Whoever is first now may have missed the wake-up meant for us. */
	if (err && !owner_task(atomic_long_read(&mutex->owner)) &&
	    !list_empty(&mutex->waiters))
		wake_up_process(list_first_entry(&mutex->waiters,
				struct mutex_waiter, node)->task);
	spin_unlock(&mutex->wait_lock);
	return err;
}

static int lock_common(struct mutex *mutex, unsigned int state,
		       unsigned int subclass)
{
	int err = 0;

	might_sleep();
	mutex_debug_acquire(mutex, subclass);
	if (unlikely(!try_fast(mutex)))
		err = lock_slow(mutex, state);
	if (err)
		mutex_debug_abandon(mutex);
	else
		mutex_debug_acquired(mutex);
	return err;
}

/* Take @mutex. Context: process; may sleep. Not recursive. */
void __no_lock_check mutex_lock(struct mutex *mutex)
{
	lock_common(mutex, TASK_UNINTERRUPTIBLE, 0);
}

/* The same where a mutex of this rank is held: @subclass tells how deep. */
void __no_lock_check
mutex_lock_nested(struct mutex *mutex, unsigned int subclass)
{
	lock_common(mutex, TASK_UNINTERRUPTIBLE, subclass);
}

/* Take @mutex unless a signal comes first. Return: 0 or -EINTR. */
int mutex_lock_interruptible(struct mutex *mutex)
{
	return lock_common(mutex, TASK_INTERRUPTIBLE, 0);
}

/* Take @mutex unless a fatal signal comes first. Return: 0 or -EINTR. */
int mutex_lock_killable(struct mutex *mutex)
{
	return lock_common(mutex, TASK_KILLABLE, 0);
}

/* Take @mutex if that is possible at once. Context: process. */
bool mutex_trylock(struct mutex *mutex)
{
	if (!try_acquire(mutex, false))
		return false;
	mutex_debug_trylock(mutex);
	return true;
}

/*
 * The first waiter's turn: either the mutex becomes its own, or it is woken
 * to try for the free mutex, which a running task may take before it.
 */
static void unlock_slow(struct mutex *mutex)
{
	struct mutex_waiter *waiter;
	struct task *next = NULL;
	long flags;

	spin_lock(&mutex->wait_lock);
	flags = atomic_long_read(&mutex->owner) & MUTEX_FLAGS;
	if (!list_empty(&mutex->waiters)) {
		waiter = list_first_entry(&mutex->waiters,
					  struct mutex_waiter, node);
		next = waiter->task;
	}
	if (next && (flags & MUTEX_HANDOFF))
		atomic_long_set(&mutex->owner, (long)next | MUTEX_WAITERS);
	else
		atomic_long_fetch_and(MUTEX_FLAGS, &mutex->owner);
	/* Under the lock: the waiter cannot go away before we are done. */
	if (next)
		wake_up_process(next);
	spin_unlock(&mutex->wait_lock);
}

/* Release @mutex, which current holds. Context: process. */
void __no_lock_check mutex_unlock(struct mutex *mutex)
{
	long mine = (long)current;

	mutex_debug_release(mutex);
	DEBUG_ASSERT(owner_task(atomic_long_read(&mutex->owner)) == current);
	if (unlikely(!atomic_long_try_cmpxchg(&mutex->owner, &mine, 0)))
		unlock_slow(mutex);
}

bool mutex_is_locked(const struct mutex *mutex)
{
	return owner_task(atomic_long_read(&mutex->owner)) != NULL;
}
