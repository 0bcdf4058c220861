/*
 * Wait queues. The protocol and its reasons: kernel/wait.h.
 */
#include <arch/current.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

void wait_queue_init(struct wait_queue *wq)
{
	spin_lock_init(&wq->lock, "wait_queue", RANK_WAIT_QUEUE);
	list_init(&wq->entries);
}

struct task *wait_current(void)
{
	return current;
}

/* An entry that wakes @task and leaves the queue as it does so. */
void wait_entry_init(struct wait_entry *entry, struct task *task)
{
	wait_entry_init_fn(entry, wake_task_and_remove, task);
}

/* An entry that calls @wake, for poll and the like. */
void wait_entry_init_fn(struct wait_entry *entry, wait_wake_fn *wake,
			void *private)
{
	entry->flags = 0;
	entry->private = private;
	entry->wake = wake;
	list_init(&entry->node);
}

/* Wake the entry's task if it is in one of the states @mode; stay queued. */
int wake_task(struct wait_entry *entry, unsigned int mode, int flags,
	      void *key __unused)
{
	return wake_up_task(entry->private, mode, flags);
}

/* The same, and leave the queue if that woke it. */
int wake_task_and_remove(struct wait_entry *entry, unsigned int mode,
			 int flags, void *key __unused)
{
	int woken = wake_up_task(entry->private, mode, flags);

	if (woken)
		list_del_init(&entry->node);
	return woken;
}

/* Queue @entry in front: it hears of every wake-up. Context: any. */
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	SPIN_GUARD_IRQSAVE(&wq->lock);

	entry->flags &= ~WAIT_EXCLUSIVE;
	list_add(&entry->node, &wq->entries);
}

/* Queue @entry at the end, where one wake-up serves one. Context: any. */
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry)
{
	SPIN_GUARD_IRQSAVE(&wq->lock);

	entry->flags |= WAIT_EXCLUSIVE;
	list_add_tail(&entry->node, &wq->entries);
}

/* Take @entry off; on return its wake function is not running. Any context. */
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	SPIN_GUARD_IRQSAVE(&wq->lock);

	list_del_init(&entry->node);
}

static int prepare(struct wait_queue *wq, struct wait_entry *entry,
		   unsigned int state, unsigned int exclusive)
{
	SPIN_GUARD_IRQSAVE(&wq->lock);

	/*
	 * With a signal pending we do not queue at all: an exclusive wake-up
	 * that reached us would be lost on a task that is about to leave.
	 */
	if (signal_pending_state(state, current)) {
		list_del_init(&entry->node);
		return -ERESTARTSYS;
	}
	entry->flags = exclusive;
	if (list_empty(&entry->node)) {
		if (exclusive)
			list_add_tail(&entry->node, &wq->entries);
		else
			list_add(&entry->node, &wq->entries);
	}
	/* A full barrier: the caller's test comes after it. */
	set_current_state(state);
	return 0;
}

/*
 * Queue @entry, if it is not queued, and set current's state: from now on a
 * wake-up makes us runnable, so the condition may be tested and, if it does
 * not hold, schedule() called.
 *
 * Context: process. Undone by finish_wait().
 * Return:  0, or -ERESTARTSYS if @state is one that signals interrupt and one
 *          is pending; then the entry is not queued.
 */
int prepare_to_wait(struct wait_queue *wq, struct wait_entry *entry,
		    unsigned int state)
{
	return prepare(wq, entry, state, 0);
}

/* The same, for an exclusive wait. */
int prepare_to_wait_exclusive(struct wait_queue *wq, struct wait_entry *entry,
			      unsigned int state)
{
	return prepare(wq, entry, state, WAIT_EXCLUSIVE);
}

/* Be running again, and off the queue. Context: process. */
void finish_wait(struct wait_queue *wq, struct wait_entry *entry)
{
	set_current_state_relaxed(TASK_RUNNING);
	/*
	 * A waker has usually taken us off. Both links are looked at: it
	 * writes two, and if we left (and our stack frame went) between the
	 * two writes, the second would land in somebody else's frame.
	 */
	if (READ_ONCE(entry->node.next) != &entry->node ||
	    READ_ONCE(entry->node.prev) != &entry->node)
		remove_wait_queue(wq, entry);
}

/* The sleep of wait_event: what is left of @timeout_ns, 0 if it is over. */
int64_t wait_sleep(int64_t timeout_ns)
{
	if (timeout_ns == WAIT_FOREVER) {
		schedule();
		return WAIT_FOREVER;
	}
	return schedule_timeout_ns(timeout_ns);
}

/*
 * Call the wake function of every entry, exclusive ones only until
 * @nr_exclusive of them have woken someone (0: all of them).
 *
 * Context: any, interrupts off. Locking: wq->lock.
 * Return:  how many were woken.
 */
int wake_up_queue_locked(struct wait_queue *wq, unsigned int mode,
			 int nr_exclusive, int flags, void *key)
{
	struct wait_entry *entry, *next;
	int woken = 0;

	assert_held(&wq->lock);
	list_for_each_entry_safe(entry, next, &wq->entries, node) {
		unsigned int exclusive = entry->flags & WAIT_EXCLUSIVE;
		int ret = entry->wake(entry, mode, flags, key);

		if (ret < 0)
			break;
		woken += ret > 0;
		if (ret > 0 && exclusive && --nr_exclusive == 0)
			break;
	}
	return woken;
}

/* The same without the lock. Context: any. */
int wake_up_queue(struct wait_queue *wq, unsigned int mode, int nr_exclusive,
		  int flags, void *key)
{
	SPIN_GUARD_IRQSAVE(&wq->lock);

	return wake_up_queue_locked(wq, mode, nr_exclusive, flags, key);
}
