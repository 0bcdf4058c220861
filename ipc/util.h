/*
 * What semaphores, messages and shared memory have in common: objects with a
 * key, an id, an owner and permission bits.
 *
 * A key is what programs agree on (ftok(3)); an id is what the kernel calls
 * the object. The id's lower bits are an index into an xarray that grows, the
 * upper ones a sequence number, so that the id of an object that is gone does
 * not soon mean another one.
 *
 * Finding an object by its id takes no lock: the xarray is read under RCU, and
 * then the object's own spinlock is taken and its `deleted` looked at. Making
 * and removing objects holds the rwsem of their kind.
 *
 * Field protection:  [C] constant  [L] the object's lock  [W] ids->rwsem
 * [A] atomic
 */
#pragma once

#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <lib/xarray.h>
#include <uapi/ipc.h>

struct seq_file;
struct seq_ops;

/* id = sequence number << IPC_INDEX_BITS | index */
#define IPC_INDEX_BITS	15
#define IPC_MAX_OBJECTS	(1U << IPC_INDEX_BITS)

/*
 * The head of each object. One reference belongs to the tables as long as the
 * object can be found; others to those that sleep on it or map it. The last
 * one calls ids->free, a grace period later.
 */
struct ipc_object {
	struct spinlock	lock;
	bool		deleted;	/* [L] IPC_RMID: nobody finds it now */
	int		id;		/* [C] */
	int32_t		key;		/* [W] and [L] */
	uid_t		uid, cuid;	/* [L] cuid: [C] */
	gid_t		gid, cgid;	/* [L] cgid: [C] */
	mode_t		mode;		/* [L] */
	unsigned int	seq;		/* [C] */
	struct refcount	refs;		/* [A] */
	struct rcu_head	rcu;
};

/* All objects of one kind. */
struct ipc_ids {
	struct rwsem	rwsem;
	struct xarray	by_index;	/* [W] and RCU */
	struct xarray	by_key;		/* [W] those with a key; RCU */
	unsigned int	in_use;		/* [W] */
	unsigned long	next_index;	/* [W] where to look first */
	int		last_index;	/* [W] */
	unsigned int	seq;		/* [W] */
	void		(*free)(struct ipc_object *obj); /* [C] RCU callback's:
					* must not sleep */
	void		(*free_rcu)(struct rcu_head *rcu); /* [C] */
};

/* What semget, msgget and shmget were asked for. */
struct ipc_params {
	int32_t		key;
	int		flags;
	size_t		size;		/* of a segment */
	int		nsems;
};

/*
 * How one kind is made and found.
 *
 *	op	caller holds			may sleep   if NULL
 *	create	rwsem for writing		yes	    -
 *	check	rwsem, the object's lock	no	    every one will do
 *
 * create enters the object by ipc_add() and returns its id or an errno.
 */
struct ipc_ops {
	int (*create)(const struct ipc_params *params);
	int (*check)(const struct ipc_object *obj,
		     const struct ipc_params *params);
};

void ipc_ids_init(struct ipc_ids *ids, const char *name);
int ipc_get(struct ipc_ids *ids, const struct ipc_ops *ops,
	    const struct ipc_params *params);

/* Making and unmaking; rwsem held for writing. */
void ipc_object_init(struct ipc_object *obj, const struct ipc_params *params,
		     const char *name);
int ipc_add(struct ipc_ids *ids, struct ipc_object *obj, unsigned int max);
void ipc_remove(struct ipc_ids *ids, struct ipc_object *obj);
void ipc_remove_key(struct ipc_ids *ids, struct ipc_object *obj);

/* Finding: RCU read lock held. ERR_PTR(-EINVAL). */
struct ipc_object *ipc_find(struct ipc_ids *ids, int id);
struct ipc_object *ipc_find_index(struct ipc_ids *ids, int index);
struct ipc_object *ipc_lock(struct ipc_ids *ids, int id);
int ipc_max_index(struct ipc_ids *ids);

static inline void ipc_hold(struct ipc_object *obj)
{
	refcount_get(&obj->refs);
}

void ipc_put(struct ipc_object *obj, void (*free_rcu)(struct rcu_head *));

/* Permissions. */
int ipc_permission(const struct ipc_object *obj, unsigned int wanted);
int ipc_owner(const struct ipc_object *obj);

/* The common part of *ctl: IPC_SET and IPC_RMID, and all that begin by STAT. */
typedef int ipc_change_fn(struct ipc_object *obj, const void *ds);
int ipc_change(struct ipc_ids *ids, int id, ipc_change_fn *change,
	       const void *ds);
struct ipc_object *ipc_lock_to_show(struct ipc_ids *ids, int nr, bool by_index,
				    bool by_anyone);

/* What *_STAT and IPC_SET say of the head; the object's lock held. */
void ipc_to_user_perm(const struct ipc_object *obj, struct ipc64_perm *perm);
int ipc_set_perm(struct ipc_object *obj, const struct ipc64_perm *perm);

/* A file of /proc/sysvipc: one line for each object, after a heading. */
struct ipc_listing {
	struct ipc_ids	*ids;
	const char	*heading;
	void		(*show)(struct seq_file *m, struct ipc_object *obj);
};

extern const struct seq_ops ipc_listing_ops;
