/*
 * poll: how a file says whether it is ready, and how one waits until it is.
 *
 * A file's poll op does two things: it passes each wait queue that will be
 * woken when its answer changes to poll_wait(), and it returns what it is ready
 * for now. Who polls decides what poll_wait() does by the poll_table: poll(2)
 * queues itself the first time round and nothing after that; a poll with
 * time-out 0 registers nothing at all (NULL).
 *
 * A wake-up says which events it is for (wake_up_poll()), so that a reader is
 * not woken by room for writing.
 */
#pragma once

#include <fs/file.h>
#include <kernel/wait.h>
#include <uapi/poll.h>

struct poll_table {
	void (*queue)(struct poll_table *pt, struct file *file,
		      struct wait_queue *wq);
	unsigned int	events;		/* what the poller waits for */
};

/*
 * For poll ops. Context: process. @pt NULL: only asking.
 *
 * The barrier puts the op's look at its condition behind the queueing; the
 * other half of the pair is in wait_queue_active(). Unlocking the queue alone
 * would let the CPU look first.
 */
static inline void poll_wait(struct file *file, struct wait_queue *wq,
			     struct poll_table *pt)
{
	if (pt && pt->queue) {
		pt->queue(pt, file, wq);
		smp_mb();
	}
}

/* A file without a poll op never makes anyone wait. */
#define POLL_DEFAULT	(POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

static inline unsigned int vfs_poll(struct file *file, struct poll_table *pt)
{
	return file->ops->poll ? file->ops->poll(file, pt) : POLL_DEFAULT;
}
