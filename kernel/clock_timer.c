/*
 * Timers on the clocks that programs can name. See kernel/clock_timer.h.
 *
 * A time on the wall clock is turned into one of CLOCK_MONOTONIC when the timer
 * is armed. If the clock is set afterwards that is wrong, so all armed timers
 * of such clocks are on a list; who sets the clock makes each of them run at
 * once, and one that finds that its time has not come arms itself anew
 * (clock_timer_rings). Being woken in vain is thus nothing special, and the
 * setter needs none of the owners' locks.
 *
 * Arming races with setting: a timer that was armed with the old offset, after
 * its place in the list had been passed, would stay wrong. So who arms looks
 * at the count of settings before and after.
 *
 * Locking: the owner's lock, held by every caller; wall_lock inside it.
 */
#include <kernel/clock_timer.h>

#include <fs/timerfd.h>
#include <keel/bug.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wait.h>

static DEFINE_SPINLOCK(wall_lock, RANK_CLOCK_TIMERS);
static LIST_HEAD(wall_timers);		/* [wall_lock] armed ones */
static unsigned int set_count;
DEFINE_WAIT_QUEUE(clock_set_wait);

/* How often the wall clock was set. Context: any. */
unsigned int clock_set_count(void)
{
	return smp_load_acquire(&set_count);
}

/*
 * Everyone who waits for a time of the wall clock, or of CLOCK_TAI, looks
 * again.
 * Context: any but NMI, after the clock has its new value.
 */
void clock_offsets_changed(void)
{
	struct clock_timer *timer;
	unsigned long flags = spin_lock_irqsave(&wall_lock);

	smp_store_release(&set_count, set_count + 1);
	list_for_each_entry(timer, &wall_timers, wall_node)
		timer_start(&timer->timer, 0);
	spin_unlock_irqrestore(&wall_lock, flags);
	wake_up_all(&clock_set_wait);
}

/* The same, after the wall clock jumped: some want to hear of it. */
void clock_was_set(void)
{
	clock_offsets_changed();
	timerfd_clock_was_set();
}

static void leave_wall(struct clock_timer *timer)
{
	unsigned long flags;

	if (list_empty(&timer->wall_node))
		return;
	flags = spin_lock_irqsave(&wall_lock);
	list_del_init(&timer->wall_node);
	spin_unlock_irqrestore(&wall_lock, flags);
}

static void join_wall(struct clock_timer *timer)
{
	unsigned long flags;

	if (!list_empty(&timer->wall_node))
		return;
	flags = spin_lock_irqsave(&wall_lock);
	list_add_tail(&timer->wall_node, &wall_timers);
	spin_unlock_irqrestore(&wall_lock, flags);
}

void clock_timer_init(struct clock_timer *timer, timer_fn *fn)
{
	*timer = (struct clock_timer){ .clock = CLOCK_MONOTONIC };
	timer_init(&timer->timer, fn);
	list_init(&timer->wall_node);
}

/*
 * Say when it rings: at @value_ns of @clock, or that long from now. A span is
 * measured by CLOCK_MONOTONIC, since setting a clock makes nothing shorter.
 * A timer that is armed has to be armed again or stopped afterwards.
 *
 * Locking: the owner's.
 */
void clock_timer_set(struct clock_timer *timer, int clock, int64_t value_ns,
		     uint64_t interval_ns, bool absolute)
{
	timer->clock = absolute ? clock : CLOCK_MONOTONIC;
	timer->expires_ns = absolute ? value_ns
				     : (int64_t)ktime_after(value_ns);
	timer->interval_ns = interval_ns;
}

/* Let it ring, at once if its time is past. Locking: the owner's. */
void clock_timer_arm(struct clock_timer *timer)
{
	unsigned int count;

	timer->armed = true;
	if (!clock_is_wall(timer->clock)) {
		leave_wall(timer);
		timer_start(&timer->timer, max(timer->expires_ns, 0L));
		return;
	}
	join_wall(timer);
	do {
		int64_t mono;

		count = clock_set_count();
		mono = timer->expires_ns - clock_offset_ns(timer->clock);
		timer_start(&timer->timer, max(mono, 0L));
	} while (count != clock_set_count());
}

/* Its function may be running, and will then find it not armed. */
void clock_timer_stop(struct clock_timer *timer)
{
	timer->armed = false;
	leave_wall(timer);
	timer_cancel(&timer->timer);
}

/*
 * Wait for the function of a timer that was stopped, before it is freed.
 * Context: process. Locking: none that the function takes.
 */
void clock_timer_finish(struct clock_timer *timer)
{
	DEBUG_ASSERT(!timer->armed && list_empty(&timer->wall_node));
	timer_cancel_sync(&timer->timer);
}

/*
 * For the timer's function: has its time come? If so it is not armed any more,
 * else it was called in vain and has been armed again. Locking: the owner's.
 */
bool clock_timer_rings(struct clock_timer *timer)
{
	if (!timer->armed)
		return false;
	if (clock_timer_left(timer) > 0) {
		clock_timer_arm(timer);
		return false;
	}
	timer->armed = false;
	leave_wall(timer);
	return true;
}

/*
 * Move the expiry by whole intervals until it is after @now_ns.
 * Locking: the owner's. Return: by how many; 0 if it has not come yet.
 */
uint64_t clock_timer_forward(struct clock_timer *timer, int64_t now_ns)
{
	int64_t late = now_ns - timer->expires_ns;
	uint64_t periods, step;

	if (late < 0)
		return 0;
	periods = late / timer->interval_ns + 1;
	if (__builtin_mul_overflow(periods, timer->interval_ns, &step) ||
	    step > (uint64_t)(INT64_MAX - timer->expires_ns))
		timer->expires_ns = INT64_MAX;
	else
		timer->expires_ns += step;
	return periods;
}

/* How long until it rings; 0 or less if it should have. */
int64_t clock_timer_left(const struct clock_timer *timer)
{
	return timer->expires_ns - clock_now_ns(timer->clock);
}
