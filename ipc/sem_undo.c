/*
 * SEM_UNDO: what a process has done to semaphores, taken back at its end.
 *
 * Per set, a process has one record of how far each semaphore would have to
 * be moved back. Tasks that clone(2) with CLONE_SYSVSEM share the list of
 * records, and the last of them to leave applies it.
 *
 * A record is on two lists: its process's and its set's. It is entered and
 * removed with both locks held, the set's first. So whoever holds the set's
 * lock and finds it not deleted may use a record that was linked before; and
 * whoever holds the list's lock may follow a record to its set.
 *
 * Source: man 2 semop, SEM_UNDO; man 2 clone, CLONE_SYSVSEM.
 */
#include <arch/current.h>
#include <ipc/task_ipc.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/slab.h>
#include <uapi/sched.h>

#include "sem.h"

/* One reference for each task that shares it; RCU keeps the memory. */
struct sem_undo_list {
	struct refcount		refs;
	struct spinlock		lock;
	struct list_head	undos;		/* [lock] */
	struct rcu_head		rcu;
};

/* Current's list, made when it is first needed. NULL: no memory. */
static struct sem_undo_list *own_list(void)
{
	struct sem_undo_list *list = current->sem_undo;

	if (list)
		return list;
	list = kmalloc(sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return NULL;
	refcount_set(&list->refs, 1);
	spin_lock_init(&list->lock, "sem_undo_list", RANK_SEM_UNDO);
	list_init(&list->undos);
	current->sem_undo = list;
	return list;
}

/* Locking: the list's lock. */
static struct sem_undo *find_undo(struct sem_undo_list *list,
				  const struct sem_set *set)
{
	struct sem_undo *undo;

	list_for_each_entry(undo, &list->undos, list_node)
		if (undo->set == set)
			return undo;
	return NULL;
}

/* Link @new, unless a task that shares the list was faster. Both locks. */
static struct sem_undo *link_undo(struct sem_set *set, struct sem_undo *new)
{
	struct sem_undo_list *list = new->list;
	struct sem_undo *undo = find_undo(list, set);

	if (undo)
		return undo;
	list_add(&new->list_node, &list->undos);
	list_add(&new->set_node, &set->undos);
	return new;
}

static int __no_lock_check add_undo(struct sem_set *set,
				    struct sem_undo_list *list,
				    struct sem_undo **undo)
{
	struct sem_undo *new;

	new = kvzalloc(sizeof(*new) + set->nr * sizeof(new->adjust[0]),
		       GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->list = list;
	new->set = set;
	spin_lock(&set->obj.lock);
	if (set->obj.deleted) {
		spin_unlock(&set->obj.lock);
		kvfree(new);
		return -EIDRM;
	}
	spin_lock(&list->lock);
	*undo = link_undo(set, new);
	spin_unlock(&list->lock);
	if (unlikely(*undo != new)) {
		spin_unlock(&set->obj.lock);
		kvfree(new);
		spin_lock(&set->obj.lock);
		if (set->obj.deleted) {
			spin_unlock(&set->obj.lock);
			return -EIDRM;
		}
	}
	return 0;
}

/*
 * Lock @set, of which the caller has a reference, with current's record for
 * it in *@undo.
 * Context: process; may sleep. Locking: takes the set's lock if it succeeds.
 * Return:  0; -ENOMEM; -EIDRM.
 */
int __no_lock_check sem_lock_with_undo(struct sem_set *set,
				       struct sem_undo **undo)
{
	struct sem_undo_list *list = own_list();

	if (!list)
		return -ENOMEM;
	spin_lock(&list->lock);
	*undo = find_undo(list, set);
	spin_unlock(&list->lock);
	if (!*undo)
		return add_undo(set, list, undo);
	spin_lock(&set->obj.lock);
	if (!set->obj.deleted)
		return 0;
	spin_unlock(&set->obj.lock);
	return -EIDRM;
}

/*
 * Semaphores [@num, @num + @nr) were set: nothing before that is undone.
 * Locking: the set's lock.
 */
void sem_forget_undo(struct sem_set *set, unsigned int num, unsigned int nr)
{
	struct sem_undo *undo;

	list_for_each_entry(undo, &set->undos, set_node)
		for (unsigned int i = num; i < num + nr; i++)
			undo->adjust[i] = 0;
}

static void unlink_undo(struct sem_undo *undo)
{
	list_del(&undo->set_node);
	spin_lock(&undo->list->lock);
	list_del(&undo->list_node);
	spin_unlock(&undo->list->lock);
}

/*
 * The set goes: take its records off all lists. They hang together by
 * list_node.next as a chain for sem_free_undos(), without locks held.
 * Locking: the set's lock.
 */
struct sem_undo *sem_detach_undos(struct sem_set *set)
{
	struct sem_undo *undo, *tmp, *chain = NULL;

	list_for_each_entry_safe(undo, tmp, &set->undos, set_node) {
		unlink_undo(undo);
		undo->list_node.next = chain ? &chain->list_node : NULL;
		chain = undo;
	}
	return chain;
}

/* Context: process. */
void sem_free_undos(struct sem_undo *undo)
{
	while (undo) {
		struct list_head *next = undo->list_node.next;

		kvfree(undo);
		undo = next ? container_of(next, struct sem_undo, list_node) :
			      NULL;
	}
}

/* ---- fork and exit ------------------------------------------------------- */

int task_sem_undo_copy(struct task *child, uint64_t clone_flags)
{
	child->sem_undo = NULL;
	if (!(clone_flags & CLONE_SYSVSEM))
		return 0;
	child->sem_undo = own_list();
	if (!child->sem_undo)
		return -ENOMEM;
	refcount_get(&child->sem_undo->refs);
	return 0;
}

static void apply(struct sem_set *set, const struct sem_undo *undo)
{
	for (unsigned int i = 0; i < set->nr; i++) {
		struct semaphore *sem = &set->sems[i];

		if (!undo->adjust[i])
			continue;
		/* POSIX leaves open what then; Linux stays within limits. */
		sem->value = clamp(sem->value + undo->adjust[i], 0, SEMVMX);
		sem->pid = current->tgid;
	}
	set->otime = ktime_get_real_seconds();
	sem_run_waiters(set);
}

/* Apply one record and free it. False: there is none left. */
static bool undo_one(struct sem_undo_list *list)
{
	struct sem_undo *undo;
	struct sem_set *set;
	bool deleted;

	spin_lock(&list->lock);
	if (list_empty(&list->undos)) {
		spin_unlock(&list->lock);
		return false;
	}
	undo = list_first_entry(&list->undos, struct sem_undo, list_node);
	set = undo->set;
	ipc_hold(&set->obj);
	spin_unlock(&list->lock);

	spin_lock(&set->obj.lock);
	deleted = set->obj.deleted;
	if (!deleted) {
		unlink_undo(undo);
		apply(set, undo);
	}
	spin_unlock(&set->obj.lock);
	sem_put(set);
	if (!deleted)
		kvfree(undo);
	return true;
}

void task_sem_undo_drop(struct task *task)
{
	struct sem_undo_list *list = task->sem_undo;

	task->sem_undo = NULL;
	if (!list || !refcount_put(&list->refs))
		return;
	while (undo_one(list))
		;
	/* Who removes a set may be about to unlock it. */
	kfree_rcu(list, rcu);
}
