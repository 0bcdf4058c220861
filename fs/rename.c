/*
 * rename(2).
 *
 * The one operation that locks two directories, whose order has to be the same
 * for everybody: the ancestor first. Who is whose ancestor could change under
 * us, by a rename; so renames between directories of one file system exclude
 * each other (sb->rename_mutex). It also keeps a directory from becoming its
 * own descendant.
 */
#include <fs/namei.h>

#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/syscall.h>
#include <uapi/fcntl.h>
#include <uapi/fs.h>

#include "internal.h"
#include "namei_internal.h"
#include "names.h"

/* The child of @ancestor that is @dentry or above it; NULL: not below. */
static struct dentry *child_towards(struct dentry *ancestor,
				    struct dentry *dentry)
{
	while (!d_is_root(dentry)) {
		if (dentry->parent == ancestor)
			return dentry;
		dentry = dentry->parent;
	}
	return NULL;
}

/*
 * Lock two directories of one file system.
 *
 * Return: if one is an ancestor of the other, the child of it that leads
 * there, which must not be moved or replaced. NULL otherwise.
 */
struct dentry *__no_lock_check lock_rename(struct dentry *a, struct dentry *b)
{
	struct dentry *trap;

	if (a == b) {
		inode_lock_nested(a->inode, INODE_LOCK_PARENT);
		return NULL;
	}
	mutex_lock(&a->sb->rename_mutex);
	trap = child_towards(b, a);
	if (trap)
		swap(a, b);
	else
		trap = child_towards(a, b);
	inode_lock_nested(a->inode, INODE_LOCK_PARENT);
	inode_lock_nested(b->inode, INODE_LOCK_PARENT2);
	return trap;
}

void __no_lock_check unlock_rename(struct dentry *a, struct dentry *b)
{
	inode_unlock(a->inode);
	if (a != b) {
		inode_unlock(b->inode);
		mutex_unlock(&a->sb->rename_mutex);
	}
}

static int may_rename(const struct renamedata *rd)
{
	bool is_dir = d_is_dir(rd->old_dentry);
	int err = may_delete(rd->old_dir, rd->old_dentry, is_dir);

	if (err)
		return err;
	if (d_is_negative(rd->new_dentry))
		err = may_create(rd->new_dir, rd->new_dentry);
	else if (rd->flags & RENAME_EXCHANGE)
		err = may_delete(rd->new_dir, rd->new_dentry,
				 d_is_dir(rd->new_dentry));
	else
		err = may_delete(rd->new_dir, rd->new_dentry, is_dir);
	if (err)
		return err;
	if (!rd->old_dir->ops->rename)
		return -EPERM;
	/* A directory that gets another parent has its ".." changed. */
	if (rd->old_dir == rd->new_dir)
		return 0;
	if (is_dir)
		err = inode_permission(rd->old_dentry->inode, MAY_WRITE);
	if (!err && (rd->flags & RENAME_EXCHANGE) && d_is_dir(rd->new_dentry))
		err = inode_permission(rd->new_dentry->inode, MAY_WRITE);
	return err;
}

/* Lock the files themselves: any order is right, so take the addresses'. */
static void __no_lock_check lock_files(struct inode *a, struct inode *b)
{
	if (a > b)
		swap(a, b);
	if (a)
		inode_lock_nested(a, INODE_LOCK_CHILD);
	if (b)
		inode_lock_nested(b, INODE_LOCK_CHILD2);
}

static void __no_lock_check unlock_files(struct inode *a, struct inode *b)
{
	if (a)
		inode_unlock(a);
	if (b)
		inode_unlock(b);
}

static void rename_dentries(const struct renamedata *rd)
{
	if (rd->flags & RENAME_EXCHANGE) {
		d_exchange(rd->old_dentry, rd->new_dentry);
		return;
	}
	if (d_is_dir(rd->new_dentry))
		directory_is_gone(rd->new_dentry);
	d_move(rd->old_dentry, rd->new_dentry);
}

/*
 * Context: may sleep. Locking: lock_rename(); takes the files' own locks.
 * Return: 0; what may_create() and may_delete() say; -EBUSY (mount points);
 * what the file system says (-ENOTEMPTY, -ENOSPC, -EINVAL for flags).
 */
int vfs_rename(struct renamedata *rd)
{
	struct inode *source = rd->old_dentry->inode;
	struct inode *target = rd->new_dentry->inode;
	int err;

	if (source == target)
		return 0;
	err = may_rename(rd);
	if (err)
		return err;
	lock_files(source, target);
	if (is_local_mountpoint(rd->old_dentry) ||
	    is_local_mountpoint(rd->new_dentry))
		err = -EBUSY;
	else
		err = rd->old_dir->ops->rename(rd->old_dir, rd->old_dentry,
					       rd->new_dir, rd->new_dentry,
					       rd->flags);
	if (!err)
		rename_dentries(rd);
	unlock_files(source, target);
	return err;
}

/* ---- the system calls ---- */

static int check_slashes(const struct nameidata *from,
			 const struct nameidata *to,
			 const struct renamedata *rd)
{
	bool exchange = rd->flags & RENAME_EXCHANGE;

	if (exchange && !d_is_dir(rd->new_dentry) && to->last_slash)
		return -ENOTDIR;
	if (d_is_dir(rd->old_dentry))
		return 0;
	if (from->last_slash || (!exchange && to->last_slash))
		return -ENOTDIR;
	return 0;
}

static int check_names(const struct nameidata *from,
		       const struct nameidata *to, const struct renamedata *rd,
		       const struct dentry *trap)
{
	bool exchange = rd->flags & RENAME_EXCHANGE;
	int err;

	if ((rd->flags & RENAME_NOREPLACE) && d_is_positive(rd->new_dentry))
		return -EEXIST;
	if (exchange && d_is_negative(rd->new_dentry))
		return -ENOENT;
	err = check_slashes(from, to, rd);
	if (err)
		return err;
	if (rd->old_dentry == trap)
		return -EINVAL;
	if (rd->new_dentry == trap)
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* Both directories are found and locked. */
static int rename_locked(struct nameidata *from, struct nameidata *to,
			 unsigned int flags, const struct dentry *trap)
{
	struct renamedata rd = {
		.old_dir = from->inode, .new_dir = to->inode, .flags = flags,
	};
	int err;

	rd.old_dentry = lookup_locked(from->path.dentry, &from->last, 0);
	if (IS_ERR(rd.old_dentry))
		return PTR_ERR(rd.old_dentry);
	if (d_is_negative(rd.old_dentry)) {
		dput(rd.old_dentry);
		return -ENOENT;
	}
	rd.new_dentry = lookup_locked(to->path.dentry, &to->last,
				      LOOKUP_CREATE);
	if (IS_ERR(rd.new_dentry)) {
		dput(rd.old_dentry);
		return PTR_ERR(rd.new_dentry);
	}
	err = check_names(from, to, &rd, trap);
	if (!err)
		err = vfs_rename(&rd);
	dput(rd.new_dentry);
	dput(rd.old_dentry);
	return err;
}

static int rename_between(struct nameidata *from, struct nameidata *to,
			  unsigned int flags)
{
	struct dentry *trap, *old_dir = from->path.dentry;
	struct dentry *new_dir = to->path.dentry;
	int err;

	if (from->path.mount != to->path.mount)
		return -EXDEV;
	if (from->last_type != LAST_NORM)
		return -EBUSY;
	if (to->last_type != LAST_NORM)
		return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = mnt_want_write(from->path.mount);
	if (err)
		return err;
	trap = lock_rename(old_dir, new_dir);
	err = rename_locked(from, to, flags, trap);
	unlock_rename(old_dir, new_dir);
	mnt_drop_write(from->path.mount);
	return err;
}

static int rename_paths(int old_dfd, const char *old, int new_dfd,
			const char *new, unsigned int flags)
{
	struct nameidata from, to;
	int err = parent_lookup(&from, old_dfd, old);

	if (err)
		return err;
	err = parent_lookup(&to, new_dfd, new);
	if (!err) {
		err = rename_between(&from, &to, flags);
		nd_end(&to);
	}
	nd_end(&from);
	return err;
}

static int do_rename(int old_dfd, const char __user *old, int new_dfd,
		     const char __user *new, unsigned int flags)
{
	struct pathname from, to;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if ((flags & RENAME_EXCHANGE) && (flags & RENAME_NOREPLACE))
		return -EINVAL;
	err = pathname_get(&from, old, 0);
	if (err)
		return err;
	err = pathname_get(&to, new, 0);
	if (!err) {
		err = rename_paths(old_dfd, from.name, new_dfd, to.name,
				   flags);
		pathname_put(&to);
	}
	pathname_put(&from);
	return err;
}

SYSCALL_DEFINE5(renameat2, int, old_dfd, const char __user *, old,
		int, new_dfd, const char __user *, new, unsigned int, flags)
{
	return do_rename(old_dfd, old, new_dfd, new, flags);
}

SYSCALL_DEFINE4(renameat, int, old_dfd, const char __user *, old,
		int, new_dfd, const char __user *, new)
{
	return do_rename(old_dfd, old, new_dfd, new, 0);
}

SYSCALL_DEFINE2(rename, const char __user *, old, const char __user *, new)
{
	return do_rename(AT_FDCWD, old, AT_FDCWD, new, 0);
}
