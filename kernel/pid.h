/*
 * Process ids as objects.
 *
 * A number alone is a poor thing to hold on to: by the time it is used, the
 * process may be gone and the number given to another. Who wants to remember
 * a task, a process group or a session therefore holds a reference to its
 * struct pid, which lives as long as anyone holds it and whose number is not
 * given out again while it is in use by any task, group or session.
 *
 * A pid has one number per pid namespace it is seen in; numbers[level] is
 * what its innermost namespace calls it.
 */
#pragma once

#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/wait.h>

struct task;
struct pid_namespace;

enum pid_type {
	PIDTYPE_PID,		/* one task */
	PIDTYPE_TGID,		/* a process, by its leader */
	PIDTYPE_PGID,		/* a process group */
	PIDTYPE_SID,		/* a session */
	PIDTYPE_MAX,
};

struct upid {
	pid_t			nr;
	struct pid_namespace	*ns;
};

struct pid {
	struct refcount		refs;
	unsigned int		level;		/* last index in numbers */
	struct hlist_head	tasks[PIDTYPE_MAX]; /* tasklist_lock; RCU */
	struct wait_queue	wait_pidfd;	/* poll on a pidfd */
	struct rcu_head		rcu;
	struct upid		numbers[];
};

extern struct pid_namespace init_pid_ns;
/* /proc/sys/kernel/pid_max: one more than the largest number given out. */
extern int pid_max;
#define PID_MAX_MIN	301
#define PID_MAX_LIMIT	(4 << 20)

static inline struct pid *pid_get(struct pid *pid)
{
	if (pid)
		refcount_get(&pid->refs);
	return pid;
}

void pid_put(struct pid *pid);
struct pid *pid_alloc(struct pid_namespace *ns, pid_t wanted);
void pid_free_number(struct pid *pid);
struct pid *find_pid(pid_t nr);			/* RCU read lock held */
struct pid *find_get_pid(pid_t nr);
struct pid *find_next_pid(pid_t nr);		/* RCU: nr or the next one */
pid_t last_pid(void);
struct task *pid_task(struct pid *pid, enum pid_type type); /* RCU */
struct task *find_task_by_pid(pid_t nr);	/* RCU */
struct task *get_task_by_pid(pid_t nr);		/* counted, or NULL */
struct pid *task_pid_of(struct task *task, enum pid_type type);
void pid_attach(struct task *task, enum pid_type type);
void pid_detach(struct task *task, enum pid_type type);
void pid_change(struct task *task, enum pid_type type, struct pid *pid);
void pid_exchange(struct task *a, struct task *b);
void pid_transfer(struct task *old, struct task *new, enum pid_type type);
void pid_init(void);

/* The number in the root namespace; 0 for none, as the ABI says it. */
static inline pid_t pid_nr(const struct pid *pid)
{
	return pid ? pid->numbers[0].nr : 0;
}

/* All tasks that are @type of @pid; tasklist_lock or RCU. */
#define for_each_pid_task(pid, type, task) \
	hlist_for_each_entry_rcu(task, &(pid)->tasks[type], pid_links[type])

pid_t task_pgrp_nr(struct task *task);
pid_t task_session_nr(struct task *task);
pid_t task_tgid_nr(struct task *task);
pid_t task_ppid_nr(struct task *task);
