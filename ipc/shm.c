/*
 * System V shared memory: shmget(2) and shmctl(2).
 *
 * A segment is a file of the nameless tmpfs from which all shared memory
 * comes, with an id instead of a name. To attach it is to map the file
 * (ipc/shm_map.c). The file, and with it the memory, lives until the segment
 * is removed; if it is attached at that time, until the last attachment goes.
 *
 * Source: man 2 shmget, man 2 shmctl.
 */
#include "shm.h"

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#include "ipc.h"

struct ipc_ids shm_ids;

/* All there is, and some distance from where sums would wrap. */
#define SHMMAX	(ULONG_MAX - (1UL << 24))
#define SHMALL	SHMMAX

unsigned long shm_max_size = SHMMAX;
unsigned long shm_max_pages = SHMALL;
int shm_max_segments = SHMMNI;

static unsigned long total_pages;	/* [shm_ids.rwsem] of all segments */

/* Drop a reference. Context: any. */
void shm_put(struct shm_segment *shm)
{
	ipc_put(&shm->obj, kfree_rcu_callback);
}

/* ---- SHM_LOCK ------------------------------------------------------------ */

/*
 * Nothing of memory is ever written out, so a locked segment differs from
 * others only in being counted, against its locker's limit.
 */
static int lock_pages(struct shm_segment *shm)
{
	struct user *user = current_cred()->user;
	unsigned long limit = task_rlimit(current, RLIMIT_MEMLOCK);
	long pages = shm_pages(shm);

	if (shm->locked_by)
		return 0;
	if (atomic_long_add_return(pages, &user->locked_shm) >
		    (long)(limit >> PAGE_SHIFT) &&
	    limit != RLIM_INFINITY && !capable(CAP_IPC_LOCK)) {
		atomic_long_sub(pages, &user->locked_shm);
		return -ENOMEM;
	}
	refcount_get(&user->refs);
	shm->locked_by = user;
	shm->obj.mode |= SHM_LOCKED;
	return 0;
}

/* Return: whom to user_put() without the lock, or NULL. */
static struct user *unlock_pages(struct shm_segment *shm)
{
	struct user *user = shm->locked_by;

	if (user)
		atomic_long_sub(shm_pages(shm), &user->locked_shm);
	shm->locked_by = NULL;
	shm->obj.mode &= ~SHM_LOCKED;
	return user;
}

/* SHM_LOCK and SHM_UNLOCK. Locking: the segment's lock. */
static int may_lock(const struct shm_segment *shm, int cmd)
{
	uid_t euid = current_euid();

	if (capable(CAP_IPC_LOCK))
		return 0;
	if (euid != shm->obj.uid && euid != shm->obj.cuid)
		return -EPERM;
	if (cmd == SHM_LOCK && !task_rlimit(current, RLIMIT_MEMLOCK))
		return -EPERM;
	return 0;
}

static int __no_lock_check lock_or_unlock(int shmid, int cmd)
{
	struct user *user = NULL;
	struct ipc_object *obj;
	int err;

	obj = ipc_lock(&shm_ids, shmid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	err = may_lock(to_shm(obj), cmd);
	if (!err && obj->deleted)
		err = -EIDRM;
	if (!err && cmd == SHM_LOCK)
		err = lock_pages(to_shm(obj));
	else if (!err)
		user = unlock_pages(to_shm(obj));
	spin_unlock(&obj->lock);
	if (user)
		user_put(user);
	return err;
}

/* ---- making and destroying ----------------------------------------------- */

static int make_file(struct shm_segment *shm, const struct ipc_params *params)
{
	bool commit = !(params->flags & SHM_NORESERVE) ||
		      sysctl_overcommit_memory == OVERCOMMIT_NEVER;
	struct file *file;
	char name[16];

	if (commit && vm_commit(shm_pages(shm)))
		return -ENOMEM;
	snprintf(name, sizeof(name), "SYSV%08x", params->key);
	file = shmem_file_setup(name, params->size, 0);
	if (IS_ERR(file)) {
		if (commit)
			vm_uncommit(shm_pages(shm));
		return PTR_ERR(file);
	}
	shm->committed = commit;
	shm->file = file;
	return 0;
}

static void drop_file(struct shm_segment *shm, struct file *file)
{
	fput(file);
	if (shm->committed)
		vm_uncommit(shm_pages(shm));
}

/* Sizes that a file may have, within the limits. Locking: rwsem. */
static int check_size(size_t size)
{
	unsigned long pages = size / PAGE_SIZE + (size % PAGE_SIZE != 0);

	if (size < SHMMIN || size > READ_ONCE(shm_max_size))
		return -EINVAL;
	if (pages << PAGE_SHIFT < size)
		return -ENOSPC;
	if (total_pages + pages < total_pages ||
	    total_pages + pages > READ_ONCE(shm_max_pages))
		return -ENOSPC;
	/* More than a file can be, as tmpfs on Linux answers it. */
	return (loff_t)size < 0 ? -EINVAL : 0;
}

/* There is no pool of huge pages, so it has none left. */
static int refuse_huge_pages(void)
{
	return capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM;
}

static int create(const struct ipc_params *params)
{
	struct shm_segment *shm;
	int id = check_size(params->size);

	if (id)
		return id;
	if (params->flags & SHM_HUGETLB)
		return refuse_huge_pages();
	shm = kzalloc(sizeof(*shm), GFP_KERNEL_ACCOUNT);
	if (!shm)
		return -ENOMEM;
	ipc_object_init(&shm->obj, params, "shm");
	shm->size = params->size;
	shm->cpid = current->tgid;
	shm->ctime = ktime_get_real_seconds();
	id = make_file(shm, params);
	if (id)
		goto put_shm;
	id = ipc_add(&shm_ids, &shm->obj, READ_ONCE(shm_max_segments));
	if (id < 0)
		goto drop_file;
	/* Where /proc/PID/maps shows a file's number, it has the id. */
	shm->file->inode->ino = id;
	total_pages += shm_pages(shm);
	return id;

drop_file:
	drop_file(shm, shm->file);
put_shm:
	shm_put(shm);
	return id;
}

static int check(const struct ipc_object *obj, const struct ipc_params *params)
{
	const struct shm_segment *shm = container_of(obj, struct shm_segment,
						     obj);

	return shm->size < params->size ? -EINVAL : 0;
}

static const struct ipc_ops shm_ops = { .create = create, .check = check };

SYSCALL_DEFINE3(shmget, int, key, size_t, size, int, flags)
{
	struct ipc_params params = {
		.key = key, .flags = flags, .size = size };

	return ipc_get(&shm_ids, &shm_ops, &params);
}

/*
 * The segment goes, and with the last mapping of its file, which may be this
 * one, the memory. Locking: rwsem for writing; the segment's lock, dropped.
 */
static void __no_lock_check destroy(struct shm_segment *shm)
{
	struct user *user = unlock_pages(shm);
	struct file *file = shm->file;

	ipc_remove(&shm_ids, &shm->obj);
	shm->file = NULL;
	spin_unlock(&shm->obj.lock);
	total_pages -= shm_pages(shm);
	if (user)
		user_put(user);
	drop_file(shm, file);
	shm_put(shm);
}

/*
 * After the last attachment of one that IPC_RMID has marked.
 * Context: process; may sleep; no locks held.
 */
void __no_lock_check shm_destroy_if_unused(struct shm_segment *shm)
{
	down_write(&shm_ids.rwsem);
	spin_lock(&shm->obj.lock);
	/* Another may have attached it again, or be faster. */
	if (!shm->obj.deleted && (shm->obj.mode & SHM_DEST) &&
	    !shm->nr_attached)
		destroy(shm);
	else
		spin_unlock(&shm->obj.lock);
	up_write(&shm_ids.rwsem);
}

/* ---- shmctl -------------------------------------------------------------- */

static int __no_lock_check remove_segment(struct ipc_object *obj,
					  const void *unused __unused)
{
	struct shm_segment *shm = to_shm(obj);

	spin_lock(&obj->lock);
	if (!shm->nr_attached) {
		destroy(shm);
		return 0;
	}
	obj->mode |= SHM_DEST;
	ipc_remove_key(&shm_ids, obj);
	spin_unlock(&obj->lock);
	return 0;
}

static int change_segment(struct ipc_object *obj, const void *wish)
{
	const struct shmid64_ds *ds = wish;
	int err;

	spin_lock(&obj->lock);
	err = ipc_set_perm(obj, &ds->shm_perm);
	if (!err)
		to_shm(obj)->ctime = ktime_get_real_seconds();
	spin_unlock(&obj->lock);
	return err;
}

/* IPC_RMID and IPC_SET: for its owner. */
static int own(int shmid, int cmd, const struct shmid64_ds __user *uds)
{
	struct shmid64_ds ds;

	if (cmd == IPC_RMID)
		return ipc_change(&shm_ids, shmid, remove_segment, NULL);
	if (copy_from_user(&ds, uds, sizeof(ds)))
		return -EFAULT;
	return ipc_change(&shm_ids, shmid, change_segment, &ds);
}

static void fill(struct shmid64_ds *ds, const struct shm_segment *shm)
{
	ipc_to_user_perm(&shm->obj, &ds->shm_perm);
	ds->shm_segsz = shm->size;
	ds->shm_atime = shm->atime;
	ds->shm_dtime = shm->dtime;
	ds->shm_ctime = shm->ctime;
	ds->shm_cpid = shm->cpid;
	ds->shm_lpid = shm->lpid;
	ds->shm_nattch = shm->nr_attached;
}

/* IPC_STAT, SHM_STAT and SHM_STAT_ANY; the latter two by index, for an id. */
static int __no_lock_check stat(int nr, int cmd,
				struct shmid64_ds __user *uds)
{
	struct shmid64_ds ds = {};
	struct ipc_object *obj;
	int id;

	obj = ipc_lock_to_show(&shm_ids, nr, cmd != IPC_STAT,
			       cmd == SHM_STAT_ANY);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	fill(&ds, to_shm(obj));
	id = cmd == IPC_STAT ? 0 : obj->id;
	spin_unlock(&obj->lock);
	return copy_to_user(uds, &ds, sizeof(ds)) ? -EFAULT : id;
}

static unsigned long resident_pages(const struct shm_segment *shm)
{
	return READ_ONCE(shm->file->mapping->nr_pages);
}

static int limits(struct shminfo64 __user *to)
{
	struct shminfo64 info = {
		.shmmni = READ_ONCE(shm_max_segments),
		.shmseg = READ_ONCE(shm_max_segments),
		.shmmax = READ_ONCE(shm_max_size),
		.shmall = READ_ONCE(shm_max_pages),
		.shmmin = SHMMIN,
	};
	int max;

	if (copy_to_user(to, &info, sizeof(info)))
		return -EFAULT;
	down_read(&shm_ids.rwsem);
	max = ipc_max_index(&shm_ids);
	up_read(&shm_ids.rwsem);
	return max;
}

static int usage(struct shm_info __user *to)
{
	struct shm_info info = {};
	struct ipc_object *obj;
	unsigned long index;
	int max;

	down_read(&shm_ids.rwsem);
	info.used_ids = shm_ids.in_use;
	info.shm_tot = total_pages;
	xa_for_each(&shm_ids.by_index, index, obj)
		info.shm_rss += resident_pages(to_shm(obj));
	max = ipc_max_index(&shm_ids);
	up_read(&shm_ids.rwsem);
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : max;
}

SYSCALL_DEFINE3(shmctl, int, shmid, int, cmd, void __user *, buf)
{
	if (shmid < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return limits(buf);
	case SHM_INFO:
		return usage(buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return stat(shmid, cmd, buf);
	case IPC_RMID:
	case IPC_SET:
		return own(shmid, cmd, buf);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return lock_or_unlock(shmid, cmd);
	default:
		return -EINVAL;
	}
}

/* A line of /proc/sysvipc/shm. */
void shm_show(struct seq_file *m, struct ipc_object *obj)
{
	struct shm_segment *shm = to_shm(obj);

	seq_printf(m, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u "
		   "%10lu %10lu %10lu %21lu %21lu\n", obj->key, obj->id,
		   obj->mode, shm->size, shm->cpid, shm->lpid,
		   shm->nr_attached, obj->uid, obj->gid, obj->cuid, obj->cgid,
		   shm->atime, shm->dtime, shm->ctime,
		   resident_pages(shm) << PAGE_SHIFT, 0UL);
}

/* Before: slab. */
void __init shm_init(void)
{
	ipc_ids_init(&shm_ids, "shm_ids");
}
