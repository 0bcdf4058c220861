/*
 * epoll_wait(2): collecting what is ready.
 *
 * A scan takes the whole ready list, asks each item's file whether it is ready
 * indeed, and reports it if so. The file is asked because the list only says
 * that something happened: the data may have been read meanwhile.
 *
 *	item			after it was reported
 *	edge-triggered		off the list until its file wakes it again
 *	EPOLLONESHOT		the same, and its file's wake-ups are ignored
 *				until EPOLL_CTL_MOD names events anew
 *	level-triggered		back on the list, at the end: the next wait asks
 *				again, and those before it get their turn first
 *
 * While the scan goes on, wake functions fill the list anew. That is safe
 * without a lock around the asking: an item's `queued` is cleared before its
 * file is asked, so what happens after the asking queues the item once more.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <uapi/time.h>

#include "eventpoll_internal.h"

#define MAX_EVENTS	((int)(INT32_MAX / sizeof(struct epoll_event)))

/* ---- scans -------------------------------------------------------------- */

/* Take the ready list, as @todo. Locking: ep->mutex held. */
static void scan_begin(struct epoll *ep, struct list_head *todo)
{
	list_init(todo);
	spin_lock_irq(&ep->waiters.lock);
	list_splice_init(&ep->ready, todo);
	ep->scanning = true;
	spin_unlock_irq(&ep->waiters.lock);
}

/*
 * What was not looked at comes first again, what was reported and is to be
 * asked again (@again) last. Another waiter may go on with it.
 */
static void scan_end(struct epoll *ep, struct list_head *todo,
		     struct list_head *again)
{
	spin_lock_irq(&ep->waiters.lock);
	list_splice_init(again, ep->ready.prev);
	list_splice_init(todo, &ep->ready);
	ep->scanning = false;
	if (!list_empty(&ep->ready) && !list_empty(&ep->waiters.entries))
		wake_up_queue_locked(&ep->waiters, TASK_NORMAL, 1, 0, NULL);
	spin_unlock_irq(&ep->waiters.lock);
}

/* The next suspect, off the list. What happens to it from now on, queues it. */
static struct epoll_item *take_first(struct list_head *todo)
{
	struct epoll_item *item = list_first_entry(todo, struct epoll_item,
						   ready);

	list_del(&item->ready);
	(void)xchg(&item->queued, false);
	return item;
}

/* Put @item on a scanner's list, unless a wake function was faster. */
static void put_behind(struct epoll_item *item, struct list_head *prev)
{
	if (!xchg(&item->queued, true))
		list_add(&item->ready, prev);
}

/*
 * Might there be something? An item under another's scan counts.
 * Context: any that may take a spinlock.
 */
static bool has_events(struct epoll *ep)
{
	if (!list_empty(&ep->ready))
		return true;
	SPIN_GUARD_IRQ(&ep->waiters.lock);
	return !list_empty(&ep->ready) || ep->scanning;
}

/* ---- an instance as a file ----------------------------------------------- */

static unsigned int poll_at(struct file *file, struct poll_table *pt,
			    unsigned int depth)
{
	struct epoll *ep = file->private;
	struct list_head todo, again;
	struct epoll_item *item;
	unsigned int mask = 0;

	poll_wait(file, &ep->pollers, pt);
	if (!has_events(ep))
		return 0;
	list_init(&again);
	mutex_lock_nested(&ep->mutex, depth);
	scan_begin(ep, &todo);
	while (!mask && !list_empty(&todo)) {
		item = take_first(&todo);
		if (epoll_ask(item, NULL, depth)) {
			put_behind(item, &todo);
			mask = EPOLL_READABLE;
		}
	}
	scan_end(ep, &todo, &again);
	mutex_unlock(&ep->mutex);
	return mask;
}

/* The instance is readable while any of its files is ready. May sleep. */
unsigned int epoll_poll(struct file *file, struct poll_table *pt)
{
	return poll_at(file, pt, 0);
}

/*
 * Which of its events is @item's file ready for? The file may be on its way
 * out (see eventpoll_forget_file()), but not past it: our mutex is held.
 * Locking: the mutex of the item's instance, taken at subclass @depth.
 */
unsigned int epoll_ask(struct epoll_item *item, struct poll_table *pt,
		       unsigned int depth)
{
	if (unlikely(is_epoll(item->file)))
		return poll_at(item->file, pt, depth + 1) & item->events;
	return item->file->ops->poll(item->file, pt) & item->events;
}

/* ---- epoll_wait ---------------------------------------------------------- */

static bool put_event(struct epoll_event __user *uevent, uint32_t events,
		      uint64_t data)
{
	/* The structure is packed: the second member is not aligned. */
	uint64_t __user *udata = (void __user *)
		((char __user *)uevent + offsetof(struct epoll_event, data));

	if (!user_access_begin(uevent, sizeof(*uevent)))
		return false;
	unsafe_put_user(events, (uint32_t __user *)uevent, fault);
	unsafe_put_user(data, udata, fault);
	user_access_end();
	return true;

fault:
	user_access_end();
	return false;
}

/* Return: 1 reported, 0 it was not ready, -EFAULT and it is next again. */
static int report(struct epoll_item *item, struct epoll_event __user *uevent,
		  struct list_head *todo, struct list_head *again)
{
	unsigned int events = epoll_ask(item, NULL, 0);

	if (!events)
		return 0;
	if (!put_event(uevent, events, item->data)) {
		put_behind(item, todo);
		return -EFAULT;
	}
	if (item->events & EPOLLONESHOT)
		WRITE_ONCE(item->events, item->events & EPOLL_MODES);
	else if (!(item->events & EPOLLET))
		put_behind(item, again->prev);
	return 1;
}

/* Return: how many events were reported, or -EFAULT if the first could not. */
static int collect(struct epoll *ep, struct epoll_event __user *uevents,
		   int max)
{
	struct list_head todo, again;
	int n = 0, one;

	list_init(&again);
	mutex_lock(&ep->mutex);
	scan_begin(ep, &todo);
	while (n < max && !list_empty(&todo)) {
		one = report(take_first(&todo), uevents + n, &todo, &again);
		if (one < 0) {
			n = n ?: one;
			break;
		}
		n += one;
	}
	scan_end(ep, &todo, &again);
	mutex_unlock(&ep->mutex);
	return n;
}

/*
 * Wait for events for @left ns (WAIT_FOREVER). One that has come goes before
 * a signal, and before the time's being over: whoever was woken for it alone
 * must not leave without looking.
 * Return: how many, 0 if the time is over, -EINTR, -EFAULT.
 */
static int wait_for_events(struct epoll *ep,
			   struct epoll_event __user *uevents, int max,
			   int64_t left)
{
	int n;

	for (;;) {
		if (has_events(ep)) {
			n = collect(ep, uevents, max);
			if (n)
				return n;
		}
		if (left <= 0)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		left = wait_event_interruptible_exclusive_timeout(
				&ep->waiters, has_events(ep), left);
		if (left < 0)
			return -EINTR;
	}
}

static int do_epoll_wait(int epfd, struct epoll_event __user *uevents,
			 int max, int64_t timeout_ns)
{
	struct fd f;
	int ret = -EINVAL;

	if (max <= 0 || max > MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(uevents, max * sizeof(*uevents)))
		return -EFAULT;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	if (is_epoll(f.file))
		ret = wait_for_events(f.file->private, uevents, max,
				      timeout_ns);
	fdput(f);
	return ret;
}

static int64_t ms_to_ns(int ms)
{
	return ms < 0 ? WAIT_FOREVER : ms * (int64_t)NSEC_PER_MSEC;
}

/*
 * Wait for events on @epfd; at most @max of them are told.
 *
 * Context: process, may sleep. Never restarted after a signal.
 * Return: how many, 0 after the time-out; -EBADF, -EINVAL (not an instance,
 * @max), -EFAULT, -EINTR.
 */
SYSCALL_DEFINE4(epoll_wait, int, epfd, struct epoll_event __user *, uevents,
		int, max, int, timeout_ms)
{
	return do_epoll_wait(epfd, uevents, max, ms_to_ns(timeout_ms));
}

static long wait_with_mask(int epfd, struct epoll_event __user *uevents,
			   int max, int64_t timeout_ns,
			   const sigset_t __user *mask, size_t size)
{
	int ret = set_user_sigmask(mask, size);

	if (ret)
		return ret;
	ret = do_epoll_wait(epfd, uevents, max, timeout_ns);
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret;
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, uevents,
		int, max, int, timeout_ms, const sigset_t __user *, mask,
		size_t, size)
{
	return wait_with_mask(epfd, uevents, max, ms_to_ns(timeout_ms), mask,
			      size);
}

SYSCALL_DEFINE6(epoll_pwait2, int, epfd, struct epoll_event __user *, uevents,
		int, max, const struct timespec __user *, timeout,
		const sigset_t __user *, mask, size_t, size)
{
	int64_t timeout_ns = WAIT_FOREVER;
	struct timespec ts;

	if (timeout) {
		if (get_timespec(&ts, timeout))
			return -EFAULT;
		if (!timespec_valid(&ts))
			return -EINVAL;
		timeout_ns = timespec_to_ns(&ts);
	}
	return wait_with_mask(epfd, uevents, max, timeout_ns, mask, size);
}
