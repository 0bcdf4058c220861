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
#include <kernel/lock_debug.h>
#include <kernel/spinlock.h>
#include <lib/rbtree.h>

struct kthread;
struct sched_class;
struct worker;

/* One thing that competes for a CPU. Times are in ns; virtual ones weighted. */
struct sched_entity {
	struct rb_node	node;		/* [Q] by deadline, in the fair queue */
	uint64_t	vruntime;	/* [Q] virtual time it has had */
	uint64_t	deadline; /* [Q] vruntime at the end of its slice */
	uint64_t	min_vruntime;	/* [Q] smallest of its subtree */
	int64_t		vlag;		/* [Q] what it was owed when it slept */
	uint64_t	slice_ns;	/* [Q] how much it asks for at a time */
	/* [Q] start of the span not yet counted */
	uint64_t	exec_start_ns;
	uint64_t	sum_exec_ns;	/* [Q] CPU time in all */
	/* [Q] sum_exec_ns when it last began */
	uint64_t	switch_in_sum_ns;
	uint32_t	weight;		/* [Q] from nice; 1024 at nice 0 */
	bool		queued;	/* [Q] wants to run: in the tree or current */
};

struct task_sched {
	unsigned int		state;		/* [S] TASK_* */
	int			on_cpu;	/* its stack is in use by a CPU */
	int			on_rq;		/* [Q] TASK_ON_RQ_* or 0 */
	unsigned int		cpu;	/* [Q] of the run queue; last one */
	const struct sched_class *class;	/* [P]+[Q] */
	struct sched_entity	se;

	struct spinlock		lock;		/* wake-ups, affinity, nice */
	int			policy;		/* [P]+[Q] SCHED_* */
	int			nice;		/* [P]+[Q] -20 ... 19 */
	bool			reset_on_fork;	/* [P] */
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
