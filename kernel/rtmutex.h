/*
 * Locks with priority inheritance: who waits for whom. See kernel/rtmutex.c.
 */
#pragma once

#include <keel/list.h>
#include <lib/rbtree.h>

struct task;

/* One contended lock. All fields: pi_lock. */
struct rt_mutex {
	struct rb_root_cached	waiters;	/* most urgent first */
	struct task		*owner;		/* NULL: it died unawaited */
	struct list_head	owned;		/* in owner->pi.owned */
	bool			inherited;	/* the owner before died */
};

/* One task that waits for one lock. All fields: pi_lock. */
struct rt_mutex_waiter {
	struct rb_node		node;
	struct rt_mutex		*lock;
	struct task		*task;
	int			prio;		/* what it is sorted by */
	bool			granted;	/* the lock is its own now */
};

/* What a task has to do with such locks; in struct task. */
struct task_pi {
	struct list_head	owned;		/* [pi_lock] contended ones */
	struct rt_mutex_waiter	*blocked_on;	/* [pi_lock] */
	int			lent;	/* [pi_lock] priority, or PRIO_NONE */
	bool			exited;	/* owns none, nor ever will */
};

void task_pi_init(struct task_pi *pi);
bool rt_mutex_adopt(struct rt_mutex *lock, struct task *owner);
void rt_mutex_abandon(struct rt_mutex *lock);
int rt_mutex_enqueue(struct rt_mutex *lock, struct rt_mutex_waiter *w,
		     struct task *task);
bool rt_mutex_cancel(struct rt_mutex_waiter *w);
struct rt_mutex_waiter *rt_mutex_top(struct rt_mutex *lock);
void rt_mutex_grant(struct rt_mutex_waiter *w);
void rt_mutex_settled(struct rt_mutex *lock);
bool rt_mutex_pass_on(struct rt_mutex *lock);
void rt_mutex_exit(struct task *task, bool for_good);
void rt_mutex_prio_changed(struct task *task);
