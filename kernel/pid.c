/*
 * Process ids: from numbers to tasks and back.
 *
 * Numbers are handed out cyclically from the lowest free one after the last,
 * so that a number is not reused soon after it was freed. The table from
 * number to struct pid is an xarray: looked up under RCU, changed under
 * pid_lock. It holds no reference; a struct pid leaves it when the last task,
 * group and session using the number are gone (pid_detach()), and is freed a
 * grace period after its last reference was dropped.
 */
#include <kernel/pid.h>

#include <kernel/task.h>
#include <lib/xarray.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>

#define RESERVED_PIDS	300	/* after a wrap, numbers start here */

struct pid_namespace {
	struct spinlock	lock;		/* of everything here */
	struct xarray	numbers;	/* nr -> struct pid; RCU */
	unsigned long	next;		/* where the search begins */
	unsigned int	level;
};

int pid_max = 32768;

struct pid_namespace init_pid_ns = {
	.lock = SPINLOCK_INIT("pid_ns", RANK_PID),
	.numbers = XARRAY_INIT(&xa_kernel_ops),
	.next = 1,
};

static struct kmem_cache *pid_cache;

/*
 * Number 0: the idle task's, and the group and session of tasks that never
 * were in one. It is in no table, and always in use.
 */
static struct pid init_struct_pid = {
	.refs = REFCOUNT_INIT(1),
	.wait_pidfd = WAIT_QUEUE_INIT(init_struct_pid.wait_pidfd),
	.numbers = { { .nr = 0, .ns = &init_pid_ns } },
};

static void free_pid_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(pid_cache, container_of(rcu, struct pid, rcu));
}

/* Drop a reference; NULL is fine. Context: any. */
void pid_put(struct pid *pid)
{
	if (pid && refcount_put(&pid->refs))
		call_rcu(&pid->rcu, free_pid_rcu);
}

/* The number clone3(2) was asked to give, and no other. */
static int take_wanted(struct pid_namespace *ns, struct pid *pid, pid_t wanted)
{
	unsigned long nr = 0;
	int err = xa_alloc(&ns->numbers, &nr, pid,
			   XA_LIMIT((unsigned long)wanted,
				    (unsigned long)wanted), GFP_ATOMIC);

	if (err)
		return err == -ENOMEM ? err : -EEXIST;
	pid->numbers[0] = (struct upid){ .nr = nr, .ns = ns };
	return 0;
}

/* Numbers from @min on; a wrap avoids the low ones, which daemons know. */
static int take_number(struct pid_namespace *ns, struct pid *pid)
{
	unsigned long nr = 0, min = ns->next;
	int err;

	err = xa_alloc(&ns->numbers, &nr, pid, XA_LIMIT(min, pid_max - 1UL),
		       GFP_ATOMIC);
	if (err == -EBUSY || err == -ENOSPC) {
		min = min_t(unsigned long, RESERVED_PIDS, pid_max - 1);
		err = xa_alloc(&ns->numbers, &nr, pid,
			       XA_LIMIT(min, pid_max - 1UL), GFP_ATOMIC);
	}
	if (err)
		return err;
	ns->next = nr + 1;
	pid->numbers[0] = (struct upid){ .nr = nr, .ns = ns };
	return 0;
}

/*
 * Make a pid with a number of its own, @wanted if that is not 0. The caller
 * holds the one reference, which passes to the first task attached with it.
 *
 * Context: process; may sleep.
 * Return:  the pid; -ENOMEM, -EAGAIN when all numbers are taken, -EEXIST when
 *          @wanted is.
 */
struct pid *pid_alloc(struct pid_namespace *ns, pid_t wanted)
{
	struct pid *pid = kmem_cache_alloc(pid_cache, GFP_KERNEL);
	int err;

	if (!pid)
		return ERR_PTR(-ENOMEM);
	refcount_set(&pid->refs, 1);
	pid->level = ns->level;
	for (int type = 0; type < PIDTYPE_MAX; type++)
		pid->tasks[type].first = NULL;
	wait_queue_init(&pid->wait_pidfd);
	spin_lock_irq(&ns->lock);
	err = wanted ? take_wanted(ns, pid, wanted) : take_number(ns, pid);
	spin_unlock_irq(&ns->lock);
	if (err) {
		kmem_cache_free(pid_cache, pid);
		return ERR_PTR(err == -ENOMEM || err == -EEXIST ? err :
								  -EAGAIN);
	}
	return pid;
}

/*
 * Give @pid's number back and drop the reference that came with it: when
 * nothing uses the number any more, or before anything did.
 *
 * Context: any; tasklist_lock may be held.
 */
void pid_free_number(struct pid *pid)
{
	struct pid_namespace *ns = pid->numbers[0].ns;
	unsigned long flags = spin_lock_irqsave(&ns->lock);

	xa_erase(&ns->numbers, pid->numbers[0].nr);
	spin_unlock_irqrestore(&ns->lock, flags);
	pid_put(pid);
}

/* Look @nr up. Context: RCU read lock, under which the result stays valid. */
struct pid *find_pid(pid_t nr)
{
	return nr > 0 ? xa_load(&init_pid_ns.numbers, nr) : NULL;
}

/* The lowest pid from @nr on, or NULL. Context: as find_pid(). */
struct pid *find_next_pid(pid_t nr)
{
	unsigned long index = max(nr, 1);

	return xa_find(&init_pid_ns.numbers, &index, INT_MAX, XA_PRESENT);
}

/* The number given out last, for /proc/loadavg. Context: any. */
pid_t last_pid(void)
{
	return READ_ONCE(init_pid_ns.next) - 1;
}

/* Look @nr up and take a reference; NULL if there is none. */
struct pid *find_get_pid(pid_t nr)
{
	struct pid *pid;

	RCU_GUARD();
	pid = find_pid(nr);
	if (pid && !refcount_get_unless_zero(&pid->refs))
		pid = NULL;
	return pid;
}

/* Any one task that is @type of @pid. Context: RCU or tasklist_lock. */
struct task *pid_task(struct pid *pid, enum pid_type type)
{
	struct hlist_node *first;

	if (!pid)
		return NULL;
	first = smp_load_acquire(&pid->tasks[type].first);
	return first ? hlist_entry(first, struct task, pid_links[type]) : NULL;
}

/* The task with number @nr, or NULL. Context: RCU read lock. */
struct task *find_task_by_pid(pid_t nr)
{
	return pid_task(find_pid(nr), PIDTYPE_PID);
}

/* The same with a reference, for use after the RCU read lock is gone. */
struct task *get_task_by_pid(pid_t nr)
{
	struct task *task;

	RCU_GUARD();
	task = find_task_by_pid(nr);
	return task && refcount_get_unless_zero(&task->refs) ? task : NULL;
}

/*
 * What pid @task is known by as @type. The others than PID are the whole
 * process's and change: RCU or tasklist_lock for the result to stay valid.
 */
struct pid *task_pid_of(struct task *task, enum pid_type type)
{
	if (type == PIDTYPE_PID)
		return READ_ONCE(task->thread_pid);
	return READ_ONCE(task->group->pids[type]);
}

/*
 * Enter @task in the list of its pid of @type, which task_pid_of() names.
 * Locking: tasklist_lock held.
 */
void pid_attach(struct task *task, enum pid_type type)
{
	struct pid *pid = task_pid_of(task, type);

	assert_held(&tasklist_lock);
	hlist_add_head(&task->pid_links[type], &pid->tasks[type]);
}

static bool pid_unused(struct pid *pid)
{
	for (int type = 0; type < PIDTYPE_MAX; type++)
		if (!hlist_empty(&pid->tasks[type]))
			return false;
	return true;
}

static void leave_pid(struct task *task, enum pid_type type, struct pid *new)
{
	struct pid *old = task_pid_of(task, type);

	assert_held(&tasklist_lock);
	hlist_del_rcu(&task->pid_links[type]);
	if (type == PIDTYPE_PID)
		WRITE_ONCE(task->thread_pid, new);
	else
		WRITE_ONCE(task->group->pids[type], new);
	if (pid_unused(old))
		pid_free_number(old);
}

/*
 * Take @task out of its pid of @type. The number is given back with its last
 * user. Locking: tasklist_lock held.
 */
void pid_detach(struct task *task, enum pid_type type)
{
	leave_pid(task, type, NULL);
}

/* Move @task's process to another group or session. As pid_detach(). */
void pid_change(struct task *task, enum pid_type type, struct pid *pid)
{
	leave_pid(task, type, pid);
	pid_attach(task, type);
}

/*
 * Exchange the numbers of two threads of one process. Who looks for either
 * under RCU finds one of the two. Locking: tasklist_lock held.
 */
void pid_exchange(struct task *a, struct task *b)
{
	struct hlist_node *node_a = &a->pid_links[PIDTYPE_PID];
	struct hlist_node *node_b = &b->pid_links[PIDTYPE_PID];
	struct pid *pid_a = a->thread_pid, *pid_b = b->thread_pid;
	pid_t nr_a = a->pid;

	assert_held(&tasklist_lock);
	/* Each is the only one with its number. */
	smp_store_release(&pid_a->tasks[PIDTYPE_PID].first, node_b);
	smp_store_release(&pid_b->tasks[PIDTYPE_PID].first, node_a);
	node_a->pprev = &pid_b->tasks[PIDTYPE_PID].first;
	node_b->pprev = &pid_a->tasks[PIDTYPE_PID].first;
	WRITE_ONCE(a->thread_pid, pid_b);
	WRITE_ONCE(b->thread_pid, pid_a);
	WRITE_ONCE(a->pid, b->pid);
	WRITE_ONCE(b->pid, nr_a);
}

/*
 * Let @new stand in @old's place as @type, one of those that name their
 * common process. Locking: tasklist_lock held.
 */
void pid_transfer(struct task *old, struct task *new, enum pid_type type)
{
	assert_held(&tasklist_lock);
	hlist_replace_rcu(&old->pid_links[type], &new->pid_links[type]);
}

static pid_t task_nr(struct task *task, enum pid_type type)
{
	RCU_GUARD();
	return pid_nr(task_pid_of(task, type));
}

/* The numbers other tasks know @task's process by; 0 once it is reaped. */
pid_t task_pgrp_nr(struct task *task)
{
	return task_nr(task, PIDTYPE_PGID);
}

pid_t task_session_nr(struct task *task)
{
	return task_nr(task, PIDTYPE_SID);
}

pid_t task_tgid_nr(struct task *task)
{
	return task_nr(task, PIDTYPE_TGID);
}

pid_t task_ppid_nr(struct task *task)
{
	RCU_GUARD();
	return rcu_dereference(task->real_parent)->tgid;
}

/*
 * Prepare the allocation of pids. Before: slab. As on Linux the space of
 * numbers grows with the machine: a thousand for each CPU, at least 32768.
 */
void __init pid_init(void)
{
	pid_cache = kmem_cache_create("pid", sizeof(struct pid) +
				      sizeof(struct upid), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	init_task.thread_pid = &init_struct_pid;
	spin_lock(&tasklist_lock);
	for (int type = 0; type < PIDTYPE_MAX; type++) {
		init_task.group->pids[type] = &init_struct_pid;
		pid_attach(&init_task, type);
	}
	list_add_tail(&init_task.group_node, &init_task.group->threads);
	spin_unlock(&tasklist_lock);
}
