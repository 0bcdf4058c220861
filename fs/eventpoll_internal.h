/*
 * Between the files of epoll: fs/eventpoll.c (instances and what they watch),
 * fs/eventpoll_wait.c (collecting events), fs/eventpoll_nest.c (instances that
 * watch instances).
 *
 * Locking, outermost first:
 *
 *	nest_mutex	all edges between instances; the question whether a
 *			new one may be
 *	epoll.mutex	one instance's items. Held while it asks its files,
 *			so for a nested one with a rising subclass
 *	file.lock	which items watch a file; item.dying
 *	waiters.lock	the ready list. Taken by wake functions, under the
 *			lock of the queue that was woken
 */
#pragma once

#include <fs/poll.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>
#include <lib/rbtree.h>
#include <uapi/eventpoll.h>

struct epoll_edge;

/* Bits of epoll_event.events that say how, not what. */
#define EPOLL_MODES	(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define EPOLL_ALWAYS	(EPOLLERR | EPOLLHUP)
#define EPOLL_READABLE	(POLLIN | POLLRDNORM)	/* what an instance says */

/*
 * One epoll_create(2). References: its file's, and one for each item, since
 * an item may be removed by the file it watches after the instance is closed.
 *
 * Field protection:  [M] mutex  [W] waiters.lock  [N] nest_mutex
 */
struct epoll {
	struct mutex		mutex;
	struct wait_queue	waiters;	/* tasks in epoll_wait(2) */
	struct list_head	ready;		/* [W] of items */
	bool			scanning;	/* [W] some are off the list */
	struct wait_queue	pollers;	/* who polls the instance */
	unsigned int		wake_depth;	/* [pollers.lock] */
	struct rb_root		items;		/* [M] */
	struct refcount		refs;
	struct user		*user;		/* whose limit it counts for */
	struct list_head	inner;		/* [N] edges down, */
	struct list_head	outer;		/* [N] up; also M to add */
	unsigned long		visited;	/* [N] in which walk, */
	unsigned int		depth;		/* [N] and what it found */
};

/* One wait queue that an item stands in. */
struct epoll_entry {
	struct wait_entry	wait;
	struct wait_queue	*wq;	/* NULL: not used, or gone */
	struct epoll_item	*item;
	struct epoll_entry	*next;
};

/*
 * One descriptor that an instance watches. Its file has no reference: an item
 * lives until the file's last one goes.
 *
 * @queued says that @ready is in use; whoever sets it puts the item on a list,
 * and nobody else touches the link. Only the instance's scanner, who holds the
 * mutex, takes it off again.
 */
struct epoll_item {
	struct rb_node		node;		/* [M] by file and fd */
	struct list_head	ready;		/* owned by who set queued */
	bool			queued;
	bool			dying;		/* [file.lock] the file's */
	int			fd;
	uint32_t		events;		/* [M] wake functions read it */
	uint64_t		data;		/* [M] */
	struct file		*file;
	struct epoll		*ep;		/* a reference */
	struct hlist_node	in_file;	/* [file.lock] file->epoll */
	struct epoll_entry	entry;		/* most need no more than one */
	struct epoll_edge	*edge;		/* if the file is an instance */
};

/* fs/eventpoll.c */
extern const struct file_ops epoll_fops;

static inline bool is_epoll(const struct file *file)
{
	return file->ops == &epoll_fops;
}

int epoll_item_ready(struct epoll_item *item, int wake_flags);

/* fs/eventpoll_wait.c */
unsigned int epoll_ask(struct epoll_item *item, struct poll_table *pt,
		       unsigned int depth);
unsigned int epoll_poll(struct file *file, struct poll_table *pt);

/* fs/eventpoll_nest.c; each with nest_mutex held. */
extern struct mutex nest_mutex;
int epoll_check_loop(struct epoll *outer, struct epoll *inner);
int epoll_edge_add(struct epoll_item *item);
void epoll_edge_remove(struct epoll_item *item);
int epoll_check_paths(struct epoll_item *item);
