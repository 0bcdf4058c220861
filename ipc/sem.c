/*
 * Semaphore sets: semget(2) and semctl(2).
 *
 * A set is made with all its semaphores, whose number never changes, and lives
 * until IPC_RMID: no process owns it. What is done with the semaphores is in
 * ipc/semop.c, what is undone at exit in ipc/sem_undo.c.
 *
 * Source: man 2 semget, man 2 semctl.
 */
#include "sem.h"

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/slab.h>

#include "ipc.h"

struct ipc_ids sem_ids;

int sem_limits[4] = { SEMMSL, SEMMNS, SEMOPM, SEMMNI };

static unsigned int used_sems;		/* [sem_ids.rwsem] in all sets */

static void free_rcu(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct sem_set, obj.rcu));
}

/* Drop a reference. Context: any. */
void sem_put(struct sem_set *set)
{
	ipc_put(&set->obj, free_rcu);
}

/* ---- making -------------------------------------------------------------- */

static int create(const struct ipc_params *params)
{
	unsigned int nr = params->nsems;
	struct sem_set *set;
	int id;

	if (!nr)
		return -EINVAL;
	if (used_sems + nr > (unsigned int)READ_ONCE(sem_limits[SEM_TOTAL]))
		return -ENOSPC;
	set = kvzalloc(sizeof(*set) + nr * sizeof(set->sems[0]),
		       GFP_KERNEL_ACCOUNT);
	if (!set)
		return -ENOMEM;
	ipc_object_init(&set->obj, params, "sem");
	set->nr = nr;
	set->ctime = ktime_get_real_seconds();
	list_init(&set->waiting_alter);
	list_init(&set->waiting_zero);
	list_init(&set->undos);
	id = ipc_add(&sem_ids, &set->obj, READ_ONCE(sem_limits[SEM_SETS]));
	if (id < 0)
		sem_put(set);
	else
		used_sems += nr;
	return id;
}

static int check(const struct ipc_object *obj, const struct ipc_params *params)
{
	const struct sem_set *set = container_of(obj, struct sem_set, obj);

	return params->nsems > (int)set->nr ? -EINVAL : 0;
}

static const struct ipc_ops sem_ops = { .create = create, .check = check };

SYSCALL_DEFINE3(semget, int, key, int, nsems, int, flags)
{
	struct ipc_params params = {
		.key = key, .flags = flags, .nsems = nsems };

	if (nsems < 0 || nsems > READ_ONCE(sem_limits[SEM_PER_SET]))
		return -EINVAL;
	return ipc_get(&sem_ids, &sem_ops, &params);
}

/* ---- semctl: what concerns the set --------------------------------------- */

/* The set goes, and all that wait for it hear of it. Locking: rwsem. */
static int remove_set(struct ipc_object *obj, const void *unused __unused)
{
	struct sem_set *set = to_sem_set(obj);
	struct sem_undo *undos;

	spin_lock(&set->obj.lock);
	undos = sem_detach_undos(set);
	sem_fail_waiters(set, -EIDRM);
	ipc_remove(&sem_ids, &set->obj);
	spin_unlock(&set->obj.lock);
	used_sems -= set->nr;
	sem_free_undos(undos);
	sem_put(set);
	return 0;
}

static int change_set(struct ipc_object *obj, const void *wish)
{
	const struct semid64_ds *ds = wish;
	int err;

	spin_lock(&obj->lock);
	err = ipc_set_perm(obj, &ds->sem_perm);
	if (!err)
		to_sem_set(obj)->ctime = ktime_get_real_seconds();
	spin_unlock(&obj->lock);
	return err;
}

/* IPC_RMID and IPC_SET: for its owner. */
static int own(int semid, int cmd, const struct semid64_ds __user *uds)
{
	struct semid64_ds ds;

	if (cmd == IPC_RMID)
		return ipc_change(&sem_ids, semid, remove_set, NULL);
	if (copy_from_user(&ds, uds, sizeof(ds)))
		return -EFAULT;
	return ipc_change(&sem_ids, semid, change_set, &ds);
}

static void fill(struct semid64_ds *ds, const struct sem_set *set)
{
	ipc_to_user_perm(&set->obj, &ds->sem_perm);
	ds->sem_otime = set->otime;
	ds->sem_ctime = set->ctime;
	ds->sem_nsems = set->nr;
}

/* IPC_STAT, SEM_STAT and SEM_STAT_ANY; the latter two by index, for an id. */
static int __no_lock_check stat(int nr, int cmd,
				struct semid64_ds __user *uds)
{
	struct semid64_ds ds = {};
	struct ipc_object *obj;
	int id;

	obj = ipc_lock_to_show(&sem_ids, nr, cmd != IPC_STAT,
			       cmd == SEM_STAT_ANY);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	fill(&ds, to_sem_set(obj));
	id = cmd == IPC_STAT ? 0 : obj->id;
	spin_unlock(&obj->lock);
	return copy_to_user(uds, &ds, sizeof(ds)) ? -EFAULT : id;
}

static int info(int cmd, struct seminfo __user *to)
{
	struct seminfo seminfo = {
		.semmni = READ_ONCE(sem_limits[SEM_SETS]),
		.semmns = READ_ONCE(sem_limits[SEM_TOTAL]),
		.semmsl = READ_ONCE(sem_limits[SEM_PER_SET]),
		.semopm = READ_ONCE(sem_limits[SEM_OPS]),
		.semvmx = SEMVMX,
		.semmnu = SEMMNU,
		.semmap = SEMMAP,
		.semume = SEMUME,
		.semusz = SEMUSZ,
		.semaem = SEMAEM,
	};
	int max;

	down_read(&sem_ids.rwsem);
	if (cmd == SEM_INFO) {
		seminfo.semusz = sem_ids.in_use;
		seminfo.semaem = used_sems;
	}
	max = ipc_max_index(&sem_ids);
	up_read(&sem_ids.rwsem);
	return copy_to_user(to, &seminfo, sizeof(seminfo)) ? -EFAULT : max;
}

/* ---- semctl: what concerns the semaphores -------------------------------- */

/* The set, with a reference, for who may do what @wanted says. ERR_PTR. */
static struct sem_set *get_set(int semid, unsigned int wanted)
{
	struct ipc_object *obj;
	int err;

	RCU_GUARD();
	obj = ipc_find(&sem_ids, semid);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	err = ipc_permission(obj, wanted);
	if (err)
		return ERR_PTR(err);
	if (!refcount_get_unless_zero(&obj->refs))
		return ERR_PTR(-EIDRM);
	return to_sem_set(obj);
}

/* Set semaphores from @num on to @values, and see whom that helps. */
static int set_values(struct sem_set *set, const uint16_t *values,
		      unsigned int num, unsigned int nr)
{
	SPIN_GUARD(&set->obj.lock);
	if (set->obj.deleted)
		return -EIDRM;
	for (unsigned int i = 0; i < nr; i++) {
		set->sems[num + i].value = values[i];
		set->sems[num + i].pid = current->tgid;
	}
	sem_forget_undo(set, num, nr);
	set->ctime = ktime_get_real_seconds();
	sem_run_waiters(set);
	return 0;
}

static int get_values(struct sem_set *set, uint16_t *values)
{
	SPIN_GUARD(&set->obj.lock);
	if (set->obj.deleted)
		return -EIDRM;
	for (unsigned int i = 0; i < set->nr; i++)
		values[i] = set->sems[i].value;
	return 0;
}

static int setall(struct sem_set *set, uint16_t *values,
		  const uint16_t __user *from)
{
	if (copy_from_user(values, from, set->nr * sizeof(*values)))
		return -EFAULT;
	for (unsigned int i = 0; i < set->nr; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	return set_values(set, values, 0, set->nr);
}

static int getall(struct sem_set *set, uint16_t *values, uint16_t __user *to)
{
	int err = get_values(set, values);

	if (!err && copy_to_user(to, values, set->nr * sizeof(*values)))
		err = -EFAULT;
	return err;
}

/* GETALL and SETALL. */
static int all_values(int semid, int cmd, uint16_t __user *array)
{
	struct sem_set *set = get_set(semid, cmd == SETALL ? 0222 : 0444);
	uint16_t *values;
	int err = -ENOMEM;

	if (IS_ERR(set))
		return PTR_ERR(set);
	values = kvcalloc(set->nr, sizeof(*values), GFP_KERNEL_ACCOUNT);
	if (values)
		err = cmd == SETALL ? setall(set, values, array) :
				      getall(set, values, array);
	kvfree(values);
	sem_put(set);
	return err;
}

static int setval(int semid, int num, int value)
{
	uint16_t short_value = value;
	struct sem_set *set;
	int err;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	set = get_set(semid, 0);
	if (IS_ERR(set))
		return PTR_ERR(set);
	if (num < 0 || num >= (int)set->nr)
		err = -EINVAL;
	else
		err = ipc_permission(&set->obj, 0222);
	if (!err)
		err = set_values(set, &short_value, num, 1);
	sem_put(set);
	return err;
}

static int read_one(struct sem_set *set, int num, int cmd)
{
	SPIN_GUARD(&set->obj.lock);
	if (set->obj.deleted)
		return -EIDRM;
	switch (cmd) {
	case GETVAL:
		return set->sems[num].value;
	case GETPID:
		return set->sems[num].pid;
	default:
		return sem_count_waiters(set, num, cmd == GETZCNT);
	}
}

/* GETVAL, GETPID, GETNCNT and GETZCNT. */
static int one_value(int semid, int num, int cmd)
{
	struct sem_set *set = get_set(semid, 0444);
	int ret = -EINVAL;

	if (IS_ERR(set))
		return PTR_ERR(set);
	if (num >= 0 && num < (int)set->nr)
		ret = read_one(set, num, cmd);
	sem_put(set);
	return ret;
}

SYSCALL_DEFINE4(semctl, int, semid, int, num, int, cmd, unsigned long, arg)
{
	if (semid < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		return info(cmd, (struct seminfo __user *)arg);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		return stat(semid, cmd, (struct semid64_ds __user *)arg);
	case GETALL:
	case SETALL:
		return all_values(semid, cmd, (uint16_t __user *)arg);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return one_value(semid, num, cmd);
	case SETVAL:
		return setval(semid, num, arg);
	case IPC_RMID:
	case IPC_SET:
		return own(semid, cmd, (struct semid64_ds __user *)arg);
	default:
		return -EINVAL;
	}
}

/* A line of /proc/sysvipc/sem. */
void sem_show(struct seq_file *m, struct ipc_object *obj)
{
	struct sem_set *set = to_sem_set(obj);

	seq_printf(m, "%10d %10d  %4o %10u %5u %5u %5u %5u %10lu %10lu\n",
		   obj->key, obj->id, obj->mode, set->nr, obj->uid, obj->gid,
		   obj->cuid, obj->cgid, set->otime, set->ctime);
}

/* Before: slab. */
void __init sem_init(void)
{
	ipc_ids_init(&sem_ids, "sem_ids");
}
