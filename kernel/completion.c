/*
 * Completions: a counter of events that have happened, and who waits for one.
 */
#include <arch/current.h>
#include <kernel/completion.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>

#define DONE_FOR_ALL	UINT32_MAX

void completion_init(struct completion *done)
{
	done->done = 0;
	wait_queue_init(&done->wait);
}

/* Let one waiter through, now or later. Context: any. */
void complete(struct completion *done)
{
	SPIN_GUARD_IRQSAVE(&done->wait.lock);

	if (done->done != DONE_FOR_ALL)
		done->done++;
	wake_up_queue_locked(&done->wait, TASK_NORMAL, 1, 0,
			     NULL);
}

/* Let everyone through, for good. Context: any. */
void complete_all(struct completion *done)
{
	SPIN_GUARD_IRQSAVE(&done->wait.lock);

	done->done = DONE_FOR_ALL;
	wake_up_queue_locked(&done->wait, TASK_NORMAL, 0, 0,
			     NULL);
}

/* Take one event if there is one. Locking: done->wait.lock. */
static bool take(struct completion *done)
{
	if (!done->done)
		return false;
	if (done->done != DONE_FOR_ALL)
		done->done--;
	return true;
}

/*
 * The condition and the queue share a lock, so nothing can come between test
 * and sleep; and since complete() holds it to its end, the completion may go
 * as soon as we return.
 */
static int64_t wait_common(struct completion *done, unsigned int state,
			   int64_t timeout_ns)
{
	struct wait_entry self;
	int64_t left = timeout_ns;

	might_sleep();
	wait_entry_init(&self, current);
	self.flags = WAIT_EXCLUSIVE;
	spin_lock_irq(&done->wait.lock);
	while (!done->done && left > 0) {
		if (signal_pending_state(state, current)) {
			left = -ERESTARTSYS;
			break;
		}
		if (list_empty(&self.node))
			list_add_tail(&self.node, &done->wait.entries);
		set_current_state_relaxed(state);
		spin_unlock_irq(&done->wait.lock);
		left = wait_sleep(left);
		spin_lock_irq(&done->wait.lock);
	}
	list_del_init(&self.node);
	set_current_state_relaxed(TASK_RUNNING);
	if (left != -ERESTARTSYS && take(done))
		left = max(left, (int64_t)1);
	spin_unlock_irq(&done->wait.lock);
	return left;
}

/* Wait until it is complete. Context: process; may sleep. */
void wait_for_completion(struct completion *done)
{
	wait_common(done, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
}

/* The same unless a signal comes first. Return: 0 or -ERESTARTSYS. */
int wait_for_completion_interruptible(struct completion *done)
{
	return min_t(int64_t, 0, wait_common(done, TASK_INTERRUPTIBLE,
					     WAIT_FOREVER));
}

/* The same unless a fatal signal comes first. Return: 0 or -ERESTARTSYS. */
int wait_for_completion_killable(struct completion *done)
{
	return min_t(int64_t, 0, wait_common(done, TASK_KILLABLE,
					     WAIT_FOREVER));
}

/* Return: what is left of @timeout_ns (at least 1), 0 if it was over first. */
int64_t wait_for_completion_timeout(struct completion *done,
				    int64_t timeout_ns)
{
	return wait_common(done, TASK_UNINTERRUPTIBLE, timeout_ns);
}

/* Pass if that needs no waiting. Context: any. */
bool try_wait_for_completion(struct completion *done)
{
	SPIN_GUARD_IRQSAVE(&done->wait.lock);

	return take(done);
}

/* True if a waiter would get through. Context: any. */
bool completion_done(struct completion *done)
{
	SPIN_GUARD_IRQSAVE(&done->wait.lock);

	return done->done != 0;
}
