/*
 * Reader-writer semaphores. See kernel/rwsem.h for what they promise.
 *
 * The count:	bit 0	a writer is inside
 *		bit 1	tasks wait: newcomers queue up behind them
 *		8...	the number of readers inside
 *
 * As long as nobody waits, everything is a compare-and-exchange of the count.
 * The waiting bit changes under wait_lock only, and so does the count while it
 * is set, apart from readers and the writer leaving; whoever leaves last then
 * lets the next ones in: it does the counting for them and wakes them with the
 * semaphore already theirs. That is fair, and a woken task never has to try
 * again.
 */
#include <arch/current.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>

#define RWSEM_WRITER	1L
#define RWSEM_WAITERS	2L
#define RWSEM_READER	8L

/* One task in the queue, on its stack. @task becomes NULL once it is in. */
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

static bool try_read(struct rwsem *sem)
{
	long old = atomic_long_read(&sem->count);

	do {
		if (old & (RWSEM_WRITER | RWSEM_WAITERS))
			return false;
	} while (!atomic_long_try_cmpxchg(&sem->count, &old,
					  old + RWSEM_READER));
	return true;
}

static bool try_write(struct rwsem *sem)
{
	long free = 0;

	if (!atomic_long_try_cmpxchg(&sem->count, &free, RWSEM_WRITER))
		return false;
	WRITE_ONCE(sem->writer, current);
	return true;
}

/* Give @waiter its turn. The waiter may be gone as soon as task is NULL. */
static void admit(struct rwsem *sem, struct rwsem_waiter *waiter)
{
	struct task *task = waiter->task;

	list_del(&waiter->node);
	if (waiter->is_writer) {
		atomic_long_fetch_or(RWSEM_WRITER, &sem->count);
		WRITE_ONCE(sem->writer, task);
	} else {
		atomic_long_add(RWSEM_READER, &sem->count);
	}
	smp_store_release(&waiter->task, NULL);
	/* Not freed before this: tasks are freed by RCU, preemption is off. */
	wake_up_process(task);
}

/* Let in whoever can come in now. Locking: wait_lock. */
static void admit_waiters(struct rwsem *sem)
{
	while (!list_empty(&sem->waiters)) {
		struct rwsem_waiter *first = list_first_entry(&sem->waiters,
				struct rwsem_waiter, node);
		long count = atomic_long_read(&sem->count);

		if (count & RWSEM_WRITER)
			break;
		if (first->is_writer && count >= RWSEM_READER)
			break;
		admit(sem, first);
	}
	if (list_empty(&sem->waiters))
		atomic_long_fetch_and(~RWSEM_WAITERS, &sem->count);
}

/*
 * Wait while a writer that is running has it, without sleeping; as in
 * kernel/mutex.c. Fails if others wait already: they come first.
 */
static bool spin_on_writer(struct rwsem *sem, bool (*try)(struct rwsem *))
{
	bool taken = false;

	preempt_disable();
	for (;;) {
		struct task *writer = READ_ONCE(sem->writer);
		long count = atomic_long_read(&sem->count);

		if (count & RWSEM_WAITERS)
			break;
		if (!(count & RWSEM_WRITER)) {
			taken = try(sem);
			if (taken || atomic_long_read(&sem->count) >=
				     RWSEM_READER)
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

/* A signal came first, unless we were let in at the same moment. */
static bool give_up(struct rwsem *sem, struct rwsem_waiter *waiter)
{
	SPIN_GUARD(&sem->wait_lock);

	if (!waiter->task)
		return false;
	list_del(&waiter->node);
	/* Those behind us may have been waiting for us only. */
	admit_waiters(sem);
	return true;
}

static int wait_for_turn(struct rwsem *sem, bool is_writer,
			 unsigned int state)
{
	struct rwsem_waiter waiter = {
		.task = current,
		.is_writer = is_writer,
	};
	int err = 0;

	spin_lock(&sem->wait_lock);
	list_add_tail(&waiter.node, &sem->waiters);
	atomic_long_fetch_or(RWSEM_WAITERS, &sem->count);
	/* Whoever left before it could see the bit did not let us in. */
	admit_waiters(sem);
	spin_unlock(&sem->wait_lock);
	for (;;) {
		set_current_state(state);
		if (!smp_load_acquire(&waiter.task))
			break;
		if (signal_pending_state(state, current) &&
		    give_up(sem, &waiter)) {
			err = -EINTR;
			break;
		}
		schedule();
	}
	set_current_state_relaxed(TASK_RUNNING);
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
void down_read(struct rwsem *sem)
{
	lock_common(sem, false, TASK_UNINTERRUPTIBLE, 0);
}

void down_read_nested(struct rwsem *sem, unsigned int subclass)
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
void down_write(struct rwsem *sem)
{
	lock_common(sem, true, TASK_UNINTERRUPTIBLE, 0);
}

/* The same where an rwsem of this rank is held: @subclass tells how deep. */
void down_write_nested(struct rwsem *sem, unsigned int subclass)
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
	admit_waiters(sem);
	spin_unlock(&sem->wait_lock);
}

/* Leave as a reader. Context: process. */
void up_read(struct rwsem *sem)
{
	long count;

	rwsem_debug_release(sem);
	count = atomic_long_sub_return(RWSEM_READER, &sem->count);
	DEBUG_ASSERT(count >= 0);
	if (unlikely(count == RWSEM_WAITERS))
		wake_next(sem);
}

/* Leave as the writer. Context: process. */
void up_write(struct rwsem *sem)
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
	return atomic_long_read(&sem->count) & ~RWSEM_WAITERS;
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
