/*
 * Keys and ids of System V IPC: making, finding and removing objects.
 *
 * Two xarrays lead to an object: by index, which its id contains, and by key.
 * Both are changed only with the rwsem of the kind held for writing, by calls
 * that may sleep; both are read under RCU, so that a semop(2) touches nothing
 * that all processes share but the object it is about.
 *
 * Between finding an object and locking it, it may be removed. Whoever has the
 * lock therefore looks at `deleted` first; that is the whole protocol.
 *
 * Source: man 7 sysvipc, man 2 semget, msgget, shmget.
 */
#include "util.h"

#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <mm/gfp.h>
#include <mm/xarray_ops.h>
#include <uapi/stat.h>

/* Indices are not used again before this many others have been. */
#define MIN_CYCLE	64

/* The record that stands for the heading of a listing. */
#define SEQ_START	((void *)1)

/* Numbers of one kind of object. Context: boot. */
void __init ipc_ids_init(struct ipc_ids *ids, const char *name)
{
	rwsem_init(&ids->rwsem, name, RANK_IPC_IDS);
	xa_init(&ids->by_index, &xa_kernel_ops);
	xa_init(&ids->by_key, &xa_kernel_ops);
	ids->last_index = -1;
}

/* ---- permissions --------------------------------------------------------- */

/*
 * May the caller do what the bits of @wanted say? They are as in a mode, for
 * whomever: owner's, group's and others' are taken together.
 *
 * Context: any. Locking: the object's, or RCU for a guess.
 * Return:  0 or -EACCES.
 */
int ipc_permission(const struct ipc_object *obj, unsigned int wanted)
{
	uid_t euid = current_euid();
	unsigned int granted = obj->mode;

	wanted |= wanted >> 6 | wanted >> 3;
	if (euid == obj->cuid || euid == obj->uid)
		granted >>= 6;
	else if (in_group_p(obj->cgid) || in_group_p(obj->gid))
		granted >>= 3;
	if ((wanted & ~granted & 7) && !capable(CAP_IPC_OWNER))
		return -EACCES;
	return 0;
}

/* May the caller change or remove the object? Return: 0 or -EPERM. */
int ipc_owner(const struct ipc_object *obj)
{
	uid_t euid = current_euid();

	if (euid == obj->cuid || euid == obj->uid || capable(CAP_SYS_ADMIN))
		return 0;
	return -EPERM;
}

/* ---- finding ------------------------------------------------------------- */

/*
 * The object with @id. It may be gone by the time its lock is taken.
 * Locking: RCU read lock. Return: ERR_PTR(-EINVAL) if there is none.
 */
struct ipc_object *ipc_find(struct ipc_ids *ids, int id)
{
	struct ipc_object *obj;

	if (id < 0)
		return ERR_PTR(-EINVAL);
	obj = xa_load(&ids->by_index, id & (IPC_MAX_OBJECTS - 1));
	if (!obj || obj->id != id)
		return ERR_PTR(-EINVAL);
	return obj;
}

/* The same by the index alone, for those that list all (SEM_STAT). */
struct ipc_object *ipc_find_index(struct ipc_ids *ids, int index)
{
	struct ipc_object *obj = NULL;

	if (index >= 0 && index < (int)IPC_MAX_OBJECTS)
		obj = xa_load(&ids->by_index, index);
	return obj ?: ERR_PTR(-EINVAL);
}

/*
 * The object with @id, locked. That it is removed (->deleted) the caller has to
 * see, after its permission, which is what a program hears of first.
 *
 * Context: any but interrupts. Locking: returns with the object's lock held.
 * Return:  the object; ERR_PTR(-EINVAL), unlocked.
 */
struct ipc_object * __no_lock_check ipc_lock(struct ipc_ids *ids, int id)
{
	struct ipc_object *obj;

	RCU_GUARD();
	obj = ipc_find(ids, id);
	if (!IS_ERR(obj))
		spin_lock(&obj->lock);
	return obj;
}

/* The largest index in use, 0 if there is none: what *_INFO returns. */
int ipc_max_index(struct ipc_ids *ids)
{
	unsigned long index, max = 0;
	struct ipc_object *obj;

	xa_for_each(&ids->by_index, index, obj)
		max = index;
	return max;
}

/* ---- making -------------------------------------------------------------- */

/* The head of a new object, which nobody knows yet. */
void ipc_object_init(struct ipc_object *obj, const struct ipc_params *params,
		     const char *name)
{
	spin_lock_init(&obj->lock, name, RANK_IPC);
	obj->deleted = false;
	obj->key = params->key;
	obj->mode = params->flags & 0777;
	obj->uid = obj->cuid = current_euid();
	obj->gid = obj->cgid = current_cred()->egid;
	refcount_set(&obj->refs, 1);
}

/*
 * Enter @obj into the tables and give it an id. From here on it is found.
 *
 * Context: process; may sleep. Locking: rwsem for writing.
 * Return:  the id; -ENOSPC: @max are in use already; -ENOMEM.
 */
int ipc_add(struct ipc_ids *ids, struct ipc_object *obj, unsigned int max)
{
	unsigned int cycle = max(ids->in_use * 3 / 2, (unsigned int)MIN_CYCLE);
	unsigned long index;
	void *old;
	int err;

	if (ids->in_use >= max)
		return -ENOSPC;
	cycle = min(cycle, IPC_MAX_OBJECTS);
	if (ids->next_index >= cycle)
		ids->next_index = 0;
	/* Reserved first: whoever finds the object must find its id in it. */
	err = xa_alloc_cyclic(&ids->by_index, &index, NULL,
			      XA_LIMIT(0, cycle - 1), &ids->next_index,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	if ((int)index <= ids->last_index)
		ids->seq = (ids->seq + 1) & (INT_MAX >> IPC_INDEX_BITS);
	ids->last_index = index;
	obj->seq = ids->seq;
	obj->id = obj->seq << IPC_INDEX_BITS | index;
	if (obj->key != IPC_PRIVATE) {
		old = xa_store(&ids->by_key, (uint32_t)obj->key, obj,
			       GFP_KERNEL_ACCOUNT);
		if (IS_ERR(old)) {
			xa_release(&ids->by_index, index);
			return PTR_ERR(old);
		}
	}
	xa_store(&ids->by_index, index, obj, GFP_KERNEL_ACCOUNT);
	ids->in_use++;
	return obj->id;
}

/* From now on the key means nothing, or another object. */
void ipc_remove_key(struct ipc_ids *ids, struct ipc_object *obj)
{
	if (obj->key == IPC_PRIVATE)
		return;
	xa_erase(&ids->by_key, (uint32_t)obj->key);
	obj->key = IPC_PRIVATE;
}

/*
 * Take @obj out of the tables. Who has found it already sees `deleted`. The
 * tables' reference is the caller's now.
 * Locking: rwsem for writing, and the object's lock.
 */
void ipc_remove(struct ipc_ids *ids, struct ipc_object *obj)
{
	assert_held(&obj->lock);
	ipc_remove_key(ids, obj);
	xa_erase(&ids->by_index, obj->id & (IPC_MAX_OBJECTS - 1));
	ids->in_use--;
	obj->deleted = true;
}

/*
 * Drop a reference; the last one has @free_rcu called after a grace period.
 * Context: any.
 */
void ipc_put(struct ipc_object *obj, void (*free_rcu)(struct rcu_head *))
{
	if (refcount_put(&obj->refs))
		call_rcu(&obj->rcu, free_rcu);
}

/* ---- semget, msgget, shmget ---------------------------------------------- */

/* An object of that key is there: will it do? */
static int use_existing(struct ipc_object *obj, const struct ipc_ops *ops,
			const struct ipc_params *params)
{
	int err = 0;

	if ((params->flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	spin_lock(&obj->lock);
	if (ops->check)
		err = ops->check(obj, params);
	if (!err)
		err = ipc_permission(obj, params->flags & 0777);
	spin_unlock(&obj->lock);
	return err ?: obj->id;
}

/*
 * Find or make what @params describes.
 *
 * Context: process; may sleep.
 * Return:  an id; -ENOENT: none, and no IPC_CREAT; -EEXIST: IPC_EXCL; -EACCES;
 *          what @ops say.
 */
int ipc_get(struct ipc_ids *ids, const struct ipc_ops *ops,
	    const struct ipc_params *params)
{
	struct ipc_object *obj = NULL;
	int ret;

	down_write(&ids->rwsem);
	if (params->key != IPC_PRIVATE)
		obj = xa_load(&ids->by_key, (uint32_t)params->key);
	if (obj)
		ret = use_existing(obj, ops, params);
	else if (params->key == IPC_PRIVATE || (params->flags & IPC_CREAT))
		ret = ops->create(params);
	else
		ret = -ENOENT;
	up_write(&ids->rwsem);
	return ret;
}

/* ---- what *ctl says and sets --------------------------------------------- */

/*
 * For IPC_SET and IPC_RMID: have @change done to the object @id, if it is
 * current's to change. @ds is passed on.
 *
 * Context: process; may sleep. @change is called with the rwsem held for
 * writing, so that the object does not go away, and takes its lock itself.
 * Return:  @change's; -EINVAL: no such id; -EPERM.
 */
int ipc_change(struct ipc_ids *ids, int id, ipc_change_fn *change,
	       const void *ds)
{
	struct ipc_object *obj;
	int err;

	down_write(&ids->rwsem);
	obj = ipc_find(ids, id);
	err = PTR_ERR_OR_ZERO(obj);
	if (!err)
		err = ipc_owner(obj);
	if (!err)
		err = change(obj, ds);
	up_write(&ids->rwsem);
	return err;
}

/*
 * For IPC_STAT, *_STAT and *_STAT_ANY: the object @nr, which is an id or, with
 * @by_index, an index; for who may read it, or @by_anyone.
 *
 * Context: any but interrupts. Locking: returns with the object's lock held.
 * Return:  the object; ERR_PTR(-EINVAL: no such one; -EACCES; -EIDRM).
 */
struct ipc_object * __no_lock_check ipc_lock_to_show(struct ipc_ids *ids,
						     int nr, bool by_index,
						     bool by_anyone)
{
	struct ipc_object *obj;
	int err = 0;

	rcu_read_lock();
	obj = by_index ? ipc_find_index(ids, nr) : ipc_find(ids, nr);
	if (IS_ERR(obj)) {
		rcu_read_unlock();
		return obj;
	}
	spin_lock(&obj->lock);
	rcu_read_unlock();
	if (!by_anyone)
		err = ipc_permission(obj, 0444);
	if (!err && obj->deleted)
		err = -EIDRM;
	if (!err)
		return obj;
	spin_unlock(&obj->lock);
	return ERR_PTR(err);
}

/* *@perm as IPC_STAT shows it. Locking: the object's lock. */
void ipc_to_user_perm(const struct ipc_object *obj, struct ipc64_perm *perm)
{
	*perm = (struct ipc64_perm){
		.key = obj->key,
		.uid = obj->uid,
		.gid = obj->gid,
		.cuid = obj->cuid,
		.cgid = obj->cgid,
		.mode = obj->mode,
		.seq = obj->seq,
	};
}

/*
 * IPC_SET: owner, group and the nine bits.
 * Locking: the object's lock. Return: 0; -EINVAL: no such ids.
 */
int ipc_set_perm(struct ipc_object *obj, const struct ipc64_perm *perm)
{
	if (perm->uid == (uid_t)-1 || perm->gid == (gid_t)-1)
		return -EINVAL;
	obj->uid = perm->uid;
	obj->gid = perm->gid;
	obj->mode = (obj->mode & ~0777U) | (perm->mode & 0777);
	return 0;
}

/* ---- /proc/sysvipc ------------------------------------------------------- */

static const struct ipc_listing *listing_of(const struct seq_file *m)
{
	return m->private;
}

/* Record 0 is the heading, record n + 1 what has index n or the next one. */
static void *listing_at(struct seq_file *m, loff_t *pos)
{
	unsigned long index = *pos - 1;
	struct ipc_object *obj;

	obj = xa_find(&listing_of(m)->ids->by_index, &index, ~0UL, XA_PRESENT);
	if (obj)
		*pos = index + 1;
	return obj;
}

static void *__no_lock_check listing_start(struct seq_file *m, loff_t *pos)
{
	down_read(&listing_of(m)->ids->rwsem);
	return *pos == 0 ? SEQ_START : listing_at(m, pos);
}

static void *listing_next(struct seq_file *m, void *record __unused,
			  loff_t *pos)
{
	++*pos;
	return listing_at(m, pos);
}

static void __no_lock_check listing_stop(struct seq_file *m,
					 void *record __unused)
{
	up_read(&listing_of(m)->ids->rwsem);
}

static int listing_show(struct seq_file *m, void *record)
{
	struct ipc_object *obj = record;

	if (record == SEQ_START) {
		seq_puts(m, listing_of(m)->heading);
		return 0;
	}
	spin_lock(&obj->lock);
	listing_of(m)->show(m, obj);
	spin_unlock(&obj->lock);
	return 0;
}

const struct seq_ops ipc_listing_ops = {
	.start = listing_start,
	.next = listing_next,
	.stop = listing_stop,
	.show = listing_show,
};
