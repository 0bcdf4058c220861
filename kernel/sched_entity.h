/*
 * What the scheduler keeps in each task, as the member `sched`.
 *
 * Apart from kernel/sched.h because struct task embeds it. A run queue sorts
 * struct sched_entity, not tasks, so that a group of tasks can become one
 * entity of its parent's queue.
 *
 * Field protection:  [Q] lock of the run queue the task is on  [P] sched.lock
 * [S] written by the task itself, or by who wakes it  [C] constant
 */
#pragma once

#include <keel/cpumask.h>
#include <keel/list.h>
#include <kernel/lock_debug.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <lib/rbtree.h>

struct fair_queue;
struct kthread;
struct sched_class;
struct worker;

/* One thing that competes for a CPU. Times are in ns; virtual ones weighted. */
struct sched_entity {
	struct rb_node	node;		/* [Q] by deadline, in the fair queue */
	uint64_t	vruntime;	/* [Q] virtual time it has had */
	uint64_t	deadline; /* [Q] vruntime at the end of its slice */
	uint64_t	min_vruntime;	/* [Q] smallest of its subtree */
	int64_t		vlag;		/* [Q] what it was owed when it left */
	const struct fair_queue *slept_on; /* [Q] left; NULL: it is new */
	uint64_t	slice_ns;	/* [Q] how much it asks for at a time */
	/* [Q] start of the span not yet counted */
	uint64_t	exec_start_ns;
	uint64_t	sum_exec_ns;	/* [Q] CPU time in all */
	/* [Q] sum_exec_ns when it last began */
	uint64_t	switch_in_sum_ns;
	/* [Q] since when it waits for the CPU; 0: it does not */
	uint64_t	waits_since_ns;
	uint64_t	waited_ns;	/* [Q] in all */
	int64_t		ahead;	/* [Q] of its queue's clock: sched_progress.c */
	uint32_t	weight;		/* [Q] from nice; 1024 at nice 0 */
	bool		queued;	/* [Q] wants to run: in the tree or current */
};

/* The same of a SCHED_FIFO or SCHED_RR task: kernel/sched_rt.c. All [Q]. */
struct rt_entity {
	struct list_head node;		/* in the list of its priority */
	bool		to_head;	/* next time queued, it comes first */
	uint64_t	slice_used_ns;	/* SCHED_RR: since its turn began */
	uint64_t	awake_ns;	/* CPU time since it last slept */
	uint64_t	warn_at_ns;	/* RLIMIT_RTTIME's next SIGXCPU */
};

/* What sched_setattr(2) said about a SCHED_DEADLINE task. */
struct dl_params {
	uint64_t	runtime_ns;	/* 0: none */
	uint64_t	deadline_ns;	/* after the start of each period */
	uint64_t	period_ns;
	uint64_t	flags;		/* SCHED_FLAG_DL_OVERRUN, RECLAIM */
};

/* The same of a SCHED_DEADLINE task: kernel/sched_deadline.c. All [Q]. */
struct dl_entity {
	struct rb_node	node;		/* by due_ns */
	struct dl_params params;	/* [P]+[Q] */
	int64_t		left_ns;	/* of this period's runtime */
	uint64_t	due_ns;		/* this period's deadline */
	bool		throttled;	/* out of the tree until the timer */
	bool		overran;	/* a SIGXCPU is owed */
	struct timer	timer;	/* ends the throttling; has a reference */
};

struct task_sched {
	unsigned int		state;		/* [S] TASK_* */
	int			on_cpu;	/* its stack is in use by a CPU */
	int			on_rq;		/* [Q] TASK_ON_RQ_* or 0 */
	bool			is_awaited;	/* wait_task_inactive() */
	unsigned int		cpu;	/* [Q] of the run queue; last one */
	const struct sched_class *class;	/* [P]+[Q] */
	int			prio;	/* [P]+[Q] the one that counts */
	struct sched_entity	se;
	struct rt_entity	rt;
	struct dl_entity	dl;

	struct spinlock		lock;		/* wake-ups, affinity, nice */
	int			policy;		/* [P]+[Q] SCHED_* */
	int			nice;		/* [P]+[Q] -20 ... 19 */
	int			rt_priority;	/* [P]+[Q] 1 ... 99, or 0 */
	int			boost;	/* [P]+[Q] lent to it; PRIO_NONE */
	bool			reset_on_fork;	/* [P] */
	uint16_t		ioprio;		/* class and level */
	/* [Q] in rq->nr_uninterruptible */
	bool			counts_as_load;
	unsigned int		nr_cpus_allowed; /* [P]+[Q] */
	struct cpumask		cpus_mask;	/* [P]+[Q] where it may run */

	/* CPU time by mode as the tick saw it, to split sum_exec_ns. [Q] */
	uint64_t		user_ns;
	uint64_t		system_ns;
	uint64_t		utime_ns; /* [P] what was last reported: */
	uint64_t		stime_ns;	/* neither may go backwards */
	struct kthread		*kthread;	/* [C] kernel/kthread.c */
	struct worker		*worker;	/* [S] kernel/workqueue.c */
	struct held_locks	held;	/* [S] sleeping locks; debug only */
};
