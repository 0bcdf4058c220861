/*
 * Sleeping for a time: a timer whose function wakes the sleeper.
 */
#include <arch/current.h>
#include <kernel/sched.h>
#include <kernel/signal_state.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/* On the sleeper's stack. */
struct sleeper {
	struct timer	timer;
	struct task	*task;
};

static void wake_sleeper(struct timer *timer)
{
	struct sleeper *sleeper = container_of(timer, struct sleeper, timer);

	wake_up_state(sleeper->task, ~0U);
}

/*
 * How much later than asked current may be woken, so that several are woken
 * together (PR_SET_TIMERSLACK). Real-time tasks are never late on purpose.
 */
static uint64_t slack_ns(void)
{
	if (unlikely(prio_is_urgent(current->sched.prio)))
		return 0;
	return READ_ONCE(current->timer_slack_ns);
}

/*
 * schedule(), but no later than @deadline_ns of CLOCK_MONOTONIC and current's
 * slack. The state was set by the caller; afterwards it is TASK_RUNNING.
 *
 * Context: process. Return: ns until the deadline, 0 if that is past.
 */
int64_t schedule_timeout_until(uint64_t deadline_ns)
{
	struct sleeper sleeper = { .task = current };
	int64_t left;

	timer_init(&sleeper.timer, wake_sleeper);
	timer_start_slack(&sleeper.timer, deadline_ns, slack_ns());
	schedule();
	timer_cancel_sync(&sleeper.timer);
	set_current_state_relaxed(TASK_RUNNING);
	left = deadline_ns - ktime_get_ns();
	return max(left, (int64_t)0);
}

/*
 * The same with a span of time; WAIT_FOREVER sets no limit.
 * Return: what is left of it (WAIT_FOREVER of WAIT_FOREVER).
 */
int64_t schedule_timeout_ns(int64_t timeout_ns)
{
	if (timeout_ns == WAIT_FOREVER) {
		schedule();
		return timeout_ns;
	}
	if (timeout_ns <= 0) {
		set_current_state_relaxed(TASK_RUNNING);
		return 0;
	}
	return schedule_timeout_until(ktime_after(timeout_ns));
}

/* Sleep for @duration_ns, signals or not. Context: process; sleeps. */
void sleep_ns(uint64_t duration_ns)
{
	uint64_t deadline = ktime_after(duration_ns);

	might_sleep();
	do {
		set_current_state(TASK_UNINTERRUPTIBLE);
	} while (schedule_timeout_until(deadline) > 0);
}

/*
 * Sleep for @duration_ns or until a signal comes.
 * Context: process; sleeps. Return: what is left, 0 if the time is over.
 */
int64_t sleep_ns_interruptible(uint64_t duration_ns)
{
	uint64_t deadline = ktime_after(duration_ns);
	int64_t left;

	might_sleep();
	do {
		set_current_state(TASK_INTERRUPTIBLE);
		left = schedule_timeout_until(deadline);
	} while (left > 0 && !signal_pending(current));
	return left;
}
