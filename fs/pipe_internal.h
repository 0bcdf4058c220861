/*
 * What fs/pipe.c and fs/pipe_splice.c know of a pipe: its ring of pages.
 *
 *	tail                    head
 *	 v                       v
 *	[page][page][page][page][    ][    ]...		ring_size slots
 *
 * A slot's page is the pipe's own, but for tee(2): then slots of two pipes
 * hold the same page, each with a reference. Bytes that are in a slot are
 * never changed, only added to, so neither notices. And but for vmsplice(2):
 * its pages are still a program's, which may write to them. What is given back
 * as a spare page is nobody else's, and never was a program's.
 *
 * splice(2) moves data to and from files without the lock: files sleep, and
 * closing what comes with a message can close a pipe. It keeps the slots it
 * needs meanwhile, by taking them off `limit`: for everyone else the ring is
 * that much smaller. While data is out of the ring that may come back, who else
 * reads waits (`away`): neither is the pipe at its end, nor is what was written
 * behind that data the next to be read.
 */
#pragma once

#include <fs/pipe.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <uapi/poll.h>

#define SPARE_PAGES	2

struct fasync;

#define SLOT_PACKET	0x1	/* O_DIRECT: a read takes it whole */
#define SLOT_SPLICED	0x2	/* a write begins a new one */
#define SLOT_USER	0x4	/* the page is, or was, a program's memory */

struct pipe_slot {
	struct page	*page;
	unsigned int	offset;		/* of the first byte not yet read */
	unsigned int	len;
	unsigned int	flags;		/* SLOT_* */
};

struct pipe {
	struct mutex		lock;
	struct wait_queue	rd_wait, wr_wait;
	unsigned int		head, tail;	/* [lock] free-running */
	unsigned int		ring_size;	/* [lock] a power of two */
	unsigned int		limit;	/* [lock] slots not kept by splice(2) */
	unsigned int		away;	/* [lock] bytes splice(2) is writing */
	unsigned int		readers, writers; /* [lock] open files */
	unsigned int		r_counter, w_counter; /* [lock] opens so far */
	unsigned int		files;		/* [inode->lock] */
	bool			polled;		/* set once, never cleared */
	struct fasync		*rd_async, *wr_async;
	struct page		*spare[SPARE_PAGES]; /* [lock] for reuse */
	struct pipe_slot	*slots;		/* [lock] */
};

static inline unsigned int used(const struct pipe *pipe)
{
	return READ_ONCE(pipe->head) - READ_ONCE(pipe->tail);
}

static inline bool is_empty(const struct pipe *pipe)
{
	return used(pipe) == 0;
}

static inline bool is_full(const struct pipe *pipe)
{
	return used(pipe) >= READ_ONCE(pipe->limit);
}

/* Is there something to read now? */
static inline bool has_data(const struct pipe *pipe)
{
	return !is_empty(pipe) && !READ_ONCE(pipe->away);
}

/* Nothing is there, and nothing will come. */
static inline bool at_end(const struct pipe *pipe)
{
	return is_empty(pipe) && !READ_ONCE(pipe->writers) &&
	       !READ_ONCE(pipe->away);
}

/* Would a read end at once? */
static inline bool readable(const struct pipe *pipe)
{
	return has_data(pipe) || at_end(pipe);
}

static inline bool writable(const struct pipe *pipe)
{
	return !is_full(pipe) || !READ_ONCE(pipe->readers);
}

static inline struct pipe_slot *slot_at(struct pipe *pipe, unsigned int i)
{
	return &pipe->slots[i & (pipe->ring_size - 1)];
}

static inline struct page *take_page(struct pipe *pipe)
{
	for (int i = 0; i < SPARE_PAGES; i++) {
		struct page *page = pipe->spare[i];

		if (page) {
			pipe->spare[i] = NULL;
			return page;
		}
	}
	return alloc_page(GFP_USER | GFP_NOWARN);
}

static inline void give_page(struct pipe *pipe, struct page *page)
{
	for (int i = 0; i < SPARE_PAGES; i++) {
		if (!pipe->spare[i] && page_count(page) == 1) {
			pipe->spare[i] = page;
			return;
		}
	}
	put_page(page);
}

/* What was in @slot has been read. Locking: pipe->lock. */
static inline void drop_slot(struct pipe *pipe, struct pipe_slot *slot)
{
	if (unlikely(slot->flags & SLOT_USER))
		put_page(slot->page);
	else
		give_page(pipe, slot->page);
	slot->page = NULL;
}

static inline void wake_writers(struct pipe *pipe)
{
	wake_up_sync_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
}

static inline void wake_readers(struct pipe *pipe)
{
	wake_up_sync_poll(&pipe->rd_wait, POLLIN | POLLRDNORM);
}
