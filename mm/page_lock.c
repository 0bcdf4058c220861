/*
 * Waiting for a page's lock.
 *
 * The lock is a bit of page->flags and there is one page per 4 KiB of memory,
 * so who waits does so in one of a few queues, chosen by the page's address.
 * PG_WAITERS tells the unlocker that somebody does: it wakes all of the queue,
 * and those who came for another page look and sleep on.
 */
#include <keel/bug.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/hash.h>
#include <mm/page.h>
#include <mm/page_cache.h>

#include "internal.h"

#define QUEUE_BITS	6

static struct wait_queue page_queues[1 << QUEUE_BITS];

static struct wait_queue *page_queue(const struct page *page)
{
	return &page_queues[hash_ptr(page, QUEUE_BITS)];
}

/* Try again, with the note that we would wait; for wait_event()'s condition. */
static bool lock_or_mark(struct page *page)
{
	page_set(page, PG_WAITERS);
	return trylock_page(page);
}

/* Context: process; sleeps until the page is ours. */
void lock_page_slow(struct page *page)
{
	wait_event(page_queue(page), lock_or_mark(page));
}

/* Return: 0, or -EINTR if the task is being killed. */
int lock_page_killable_slow(struct page *page)
{
	if (wait_event_killable(page_queue(page), lock_or_mark(page)))
		return -EINTR;
	return 0;
}

static bool unlocked_or_mark(struct page *page)
{
	if (!page_locked(page))
		return true;
	page_set(page, PG_WAITERS);
	return !page_locked(page);
}

/* Wait until nobody holds the lock: what was being read in is there. */
void wait_on_page_locked(struct page *page)
{
	page = page_head(page);
	if (page_locked(page))
		wait_event(page_queue(page), unlocked_or_mark(page));
}

/*
 * The lock has been released and somebody waits. The mark goes first: who
 * still wants to wait sets it again before looking at the lock.
 */
void unlock_page_slow(struct page *page)
{
	page_clear(page, PG_WAITERS);
	wake_up_all(page_queue(page));
}

/* After this pages can be waited for. */
void __init page_cache_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(page_queues); i++)
		wait_queue_init(&page_queues[i]);
}
