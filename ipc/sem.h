/*
 * Semaphore sets: what the files of ipc/sem*.c share.
 *
 * Field protection:  [C] constant  [L] the set's lock
 */
#pragma once

#include <keel/list.h>
#include <uapi/sem.h>

#include "util.h"

struct sem_undo;

struct semaphore {
	int	value;		/* [L] 0 to SEMVMX */
	pid_t	pid;		/* [L] the process of the last operation */
};

/* One set, from semget(2) to IPC_RMID. */
struct sem_set {
	struct ipc_object	obj;
	unsigned int		nr;		/* [C] */
	int64_t			otime, ctime;	/* [L] seconds */
	struct list_head	waiting_alter;	/* [L] oldest first */
	struct list_head	waiting_zero;	/* [L] those that only wait */
	struct list_head	undos;		/* [L] by sem_undo.set_node */
	struct semaphore	sems[];		/* [L] */
};

/*
 * A semop(2) as it is tried, and, on its task's stack, as it waits. A waiter
 * that is done is off the list before `status` says so; after that it is gone.
 */
struct sem_request {
	struct list_head	node;		/* [L] */
	struct task		*task;
	struct sembuf		*ops;
	unsigned int		nr_ops;
	const struct sembuf	*blocking;	/* [L] the one that cannot be */
	struct sem_undo		*undo;		/* NULL: nothing to undo */
	pid_t			pid;
	bool			alters;
	bool			repeats;	/* a semaphore twice, perhaps */
	int			status;		/* SEM_WAITING, or the result */
};

#define SEM_WAITING	1

/* What one process (or those that share it) has to take back in one set. */
struct sem_undo {
	struct list_head	list_node;	/* set's and list's lock */
	struct list_head	set_node;	/* [L] */
	struct sem_undo_list	*list;		/* [C] */
	struct sem_set		*set;		/* [C] not counted: linked */
	int16_t			adjust[];	/* [L] by semaphore */
};

extern struct ipc_ids sem_ids;

static inline struct sem_set *to_sem_set(struct ipc_object *obj)
{
	return container_of(obj, struct sem_set, obj);
}

void sem_put(struct sem_set *set);

/* semop.c; the set's lock held. */
void sem_run_waiters(struct sem_set *set);
void sem_fail_waiters(struct sem_set *set, int error);
unsigned int sem_count_waiters(const struct sem_set *set, unsigned int num,
			       bool for_zero);

/* sem_undo.c */
int sem_lock_with_undo(struct sem_set *set, struct sem_undo **undo);
void sem_forget_undo(struct sem_set *set, unsigned int num, unsigned int nr);
struct sem_undo *sem_detach_undos(struct sem_set *set);
void sem_free_undos(struct sem_undo *undo);

/* sem.c */
void sem_show(struct seq_file *m, struct ipc_object *obj);
void sem_init(void);
