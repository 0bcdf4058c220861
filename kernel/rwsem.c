/*
 * Reader-writer semaphores. See kernel/rwsem.h for what they promise.
 *
 * The count:	WRITER	 a writer is inside
 *		WAITERS	 the queue is not empty: leaving must look at it
 *		HANDOFF	 the first waiter was overtaken: nobody else comes in
 *		READER	 times the number of readers inside
 *
 * As long as nobody waits, everything is a compare-and-exchange of the count.
 * With waiters, a free semaphore may still be taken by a task that is running,
 * which is much cheaper than waiting for a sleeper to wake; but only until the
 * first waiter has been overtaken once. Readers that lead the queue are let in
 * together, by whoever leaves: the semaphore is theirs when they wake. A
 * writer is woken to take it itself.
 *
 * WAITERS and HANDOFF change under wait_lock only. Whoever leaves after a
 * waiter has set WAITERS sees it and comes for the wait_lock, so no wake-up is
 * lost.
 */
#include <arch/current.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>

#define RWSEM_WRITER	1L
#define RWSEM_WAITERS	2L
#define RWSEM_HANDOFF	4L
#define RWSEM_READER	8L

/* One task in the queue, on its stack. A reader's @task is NULL once let in. */
struct rwsem_waiter {
	struct list_head	node;	/* [wait_lock] */
	struct task		*task;
	bool			is_writer;
};

#ifdef DEBUG
#define rwsem_debug_acquire(s, sub, try, excl) \
	lock_debug_sleep_acquire(&(s)->dbg, sub, try, excl)
#define rwsem_debug_acquired(s)		lock_debug_sleep_acquired(&(s)->dbg)
#define rwsem_debug_abandon(s)		lock_debug_sleep_abandon(&(s)->dbg)
#define rwsem_debug_release(s)		lock_debug_sleep_release(&(s)->dbg)
#else
#define rwsem_debug_acquire(s, sub, try, excl)	((void)(sub))
#define rwsem_debug_acquired(s)		do { } while (0)
#define rwsem_debug_abandon(s)		do { } while (0)
#define rwsem_debug_release(s)		do { } while (0)
#endif

void rwsem_init(struct rwsem *sem, const char *name __unused,
		enum lock_rank rank __unused)
{
	atomic_long_set(&sem->count, 0);
	sem->writer = NULL;
	spin_lock_init(&sem->wait_lock, "rwsem.wait_lock", RANK_MUTEX_WAIT);
	list_init(&sem->waiters);
#ifdef DEBUG
	lock_debug_init(&sem->dbg, name, rank);
#endif
}

static bool is_free(long count)
{
	return !(count & RWSEM_WRITER) && count < RWSEM_READER;
}

static bool try_read(struct rwsem *sem)
{
	long old = atomic_long_read(&sem->count);

	do {
		if (old & (RWSEM_WRITER | RWSEM_HANDOFF))
			return false;
		/* More and more readers would keep a waiting writer out. */
		if ((old & RWSEM_WAITERS) && !is_free(old))
			return false;
	} while (!atomic_long_try_cmpxchg(&sem->count, &old,
					  old + RWSEM_READER));
	return true;
}

/* @is_first: HANDOFF is for us. */
static bool try_write_as(struct rwsem *sem, bool is_first)
{
	long old = atomic_long_read(&sem->count);

	do {
		if (!is_free(old) || ((old & RWSEM_HANDOFF) && !is_first))
			return false;
	} while (!atomic_long_try_cmpxchg(&sem->count, &old,
					  old | RWSEM_WRITER));
	WRITE_ONCE(sem->writer, current);
	return true;
}

static bool try_write(struct rwsem *sem)
{
	return try_write_as(sem, false);
}

static struct rwsem_waiter *first_waiter(struct rwsem *sem)
{
	return list_first_entry_or_null(&sem->waiters, struct rwsem_waiter,
					node);
}

/* Take @waiter off the queue. Locking: wait_lock. */
static void unqueue(struct rwsem *sem, struct rwsem_waiter *waiter)
{
	long clear = 0;

	if (first_waiter(sem) == waiter)
		clear |= RWSEM_HANDOFF;
	list_del(&waiter->node);
	if (list_empty(&sem->waiters))
		clear |= RWSEM_WAITERS;
	if (clear)
		atomic_long_fetch_and(~clear, &sem->count);
}

/* Let the first waiter, a reader, in. Locking: wait_lock. */
static bool admit_reader(struct rwsem *sem, struct rwsem_waiter *waiter)
{
	struct task *task = waiter->task;
	long old = atomic_long_read(&sem->count);

	do {
		if (old & RWSEM_WRITER) {
			/* One who was quicker: not a second time. */
			atomic_long_fetch_or(RWSEM_HANDOFF, &sem->count);
			return false;
		}
	} while (!atomic_long_try_cmpxchg(&sem->count, &old,
					  old + RWSEM_READER));
	unqueue(sem, waiter);
	/* The waiter may be gone after this; the task, under RCU, is not. */
	smp_store_release(&waiter->task, NULL);
	wake_up_process(task);
	return true;
}

/* See who of the queue can go on now. Locking: wait_lock. */
static void wake_first(struct rwsem *sem)
{
	struct rwsem_waiter *first;

	while ((first = first_waiter(sem)) && !first->is_writer)
		if (!admit_reader(sem, first))
			return;
	if (first && is_free(atomic_long_read(&sem->count)))
		wake_up_process(first->task);
}

/*
 * Wait while a writer that is running has it, without sleeping; as in
 * kernel/mutex.c.
 */
static bool spin_on_writer(struct rwsem *sem, bool (*try)(struct rwsem *))
{
	bool taken = false;

	preempt_disable();
	for (;;) {
		long count = atomic_long_read(&sem->count);
		struct task *writer = READ_ONCE(sem->writer);

		if (count >= RWSEM_READER || (count & RWSEM_HANDOFF))
			break;
		if (!(count & RWSEM_WRITER)) {
			taken = try(sem);
			if (taken)
				break;
			continue;
		}
		if (!writer || !task_on_cpu(writer) || need_resched())
			break;
		cpu_relax();
	}
	preempt_enable();
	return taken;
}

/* Whether the semaphore is ours now. Locking: wait_lock. */
static bool my_turn(struct rwsem *sem, struct rwsem_waiter *waiter)
{
	bool is_first;

	if (!waiter->is_writer)
		return !waiter->task;
	is_first = first_waiter(sem) == waiter;
	if (!is_first || !try_write_as(sem, true))
		return false;
	unqueue(sem, waiter);
	return true;
}

static int wait_for_turn(struct rwsem *sem, bool is_writer,
			 unsigned int state)
{
	struct rwsem_waiter waiter = {
		.task = current,
		.is_writer = is_writer,
	};
	bool was_first = false;
	int err = 0;

	spin_lock(&sem->wait_lock);
	list_add_tail(&waiter.node, &sem->waiters);
	atomic_long_fetch_or(RWSEM_WAITERS, &sem->count);
	/* Who left before it could see the bit will not let us in. */
	if (!is_writer && first_waiter(sem) == &waiter)
		wake_first(sem);
	for (;;) {
		set_current_state(state);
		if (my_turn(sem, &waiter))
			break;
		if (signal_pending_state(state, current)) {
			unqueue(sem, &waiter);
			/* Those behind us may have waited for us only. */
			wake_first(sem);
			err = -EINTR;
			break;
		}
		if (was_first)
			atomic_long_fetch_or(RWSEM_HANDOFF, &sem->count);
		was_first = first_waiter(sem) == &waiter;
		spin_unlock(&sem->wait_lock);
		schedule();
		spin_lock(&sem->wait_lock);
	}
	set_current_state_relaxed(TASK_RUNNING);
	spin_unlock(&sem->wait_lock);
	return err;
}

static int lock_common(struct rwsem *sem, bool is_writer, unsigned int state,
		       unsigned int subclass)
{
	bool (*try)(struct rwsem *) = is_writer ? try_write : try_read;
	int err = 0;

	might_sleep();
	rwsem_debug_acquire(sem, subclass, false, is_writer);
	if (!try(sem) && !spin_on_writer(sem, try))
		err = wait_for_turn(sem, is_writer, state);
	if (err)
		rwsem_debug_abandon(sem);
	else if (is_writer)
		rwsem_debug_acquired(sem);
	return err;
}

/* Enter as a reader. Context: process; may sleep. Not recursive. */
void __no_lock_check down_read(struct rwsem *sem)
{
	lock_common(sem, false, TASK_UNINTERRUPTIBLE, 0);
}

void __no_lock_check down_read_nested(struct rwsem *sem, unsigned int subclass)
{
	lock_common(sem, false, TASK_UNINTERRUPTIBLE, subclass);
}

/* Enter as a reader unless a fatal signal comes first. Return: 0, -EINTR. */
int down_read_killable(struct rwsem *sem)
{
	return lock_common(sem, false, TASK_KILLABLE, 0);
}

/* Enter as a reader unless a signal comes first. Return: 0, -EINTR. */
int down_read_interruptible(struct rwsem *sem)
{
	return lock_common(sem, false, TASK_INTERRUPTIBLE, 0);
}

/* Enter as a reader if that is possible at once. */
bool down_read_trylock(struct rwsem *sem)
{
	if (!try_read(sem))
		return false;
	rwsem_debug_acquire(sem, 0, true, false);
	return true;
}

/* Enter as the writer. Context: process; may sleep. Not recursive. */
void __no_lock_check down_write(struct rwsem *sem)
{
	lock_common(sem, true, TASK_UNINTERRUPTIBLE, 0);
}

/* The same where an rwsem of this rank is held: @subclass tells how deep. */
void __no_lock_check down_write_nested(struct rwsem *sem, unsigned int subclass)
{
	lock_common(sem, true, TASK_UNINTERRUPTIBLE, subclass);
}

/* Enter as the writer unless a fatal signal comes first. Return: 0, -EINTR. */
int down_write_killable(struct rwsem *sem)
{
	return lock_common(sem, true, TASK_KILLABLE, 0);
}

/* Enter as the writer if that is possible at once. */
bool down_write_trylock(struct rwsem *sem)
{
	if (!try_write(sem))
		return false;
	rwsem_debug_acquire(sem, 0, true, true);
	return true;
}

static void wake_next(struct rwsem *sem)
{
	spin_lock(&sem->wait_lock);
	wake_first(sem);
	spin_unlock(&sem->wait_lock);
}

/* Leave as a reader. Context: process. */
void __no_lock_check up_read(struct rwsem *sem)
{
	long count;

	rwsem_debug_release(sem);
	count = atomic_long_sub_return(RWSEM_READER, &sem->count);
	DEBUG_ASSERT(count >= 0);
	if (unlikely((count & RWSEM_WAITERS) && is_free(count)))
		wake_next(sem);
}

/* Leave as the writer. Context: process. */
void __no_lock_check up_write(struct rwsem *sem)
{
	rwsem_debug_release(sem);
	DEBUG_ASSERT(sem->writer == current);
	WRITE_ONCE(sem->writer, NULL);
	if (unlikely(atomic_long_fetch_and(~RWSEM_WRITER, &sem->count) &
		     RWSEM_WAITERS))
		wake_next(sem);
}

/* Go on as a reader, with no other writer in between. Context: process. */
void downgrade_write(struct rwsem *sem)
{
	DEBUG_ASSERT(sem->writer == current);
#ifdef DEBUG
	sem->dbg.owner_task = NULL;
#endif
	WRITE_ONCE(sem->writer, NULL);
	if (atomic_long_fetch_add(RWSEM_READER - RWSEM_WRITER, &sem->count) &
	    RWSEM_WAITERS)
		wake_next(sem);
}

bool rwsem_is_locked(const struct rwsem *sem)
{
	return !is_free(atomic_long_read(&sem->count));
}

bool rwsem_is_write_locked(const struct rwsem *sem)
{
	return atomic_long_read(&sem->count) & RWSEM_WRITER;
}

/* True if someone waits: whoever holds it for long may want to let go. */
bool rwsem_is_contended(const struct rwsem *sem)
{
	return atomic_long_read(&sem->count) & RWSEM_WAITERS;
}
