/*
 * Changing the tree of names: create, mkdir, mknod, symlink, link, unlink and
 * rmdir, below their system calls.
 *
 * Each asks whether the caller may change the directory, then the file system
 * to do it, and then makes the dentry tell the new truth. The directory is
 * locked by the caller, and an inode that loses or gains a name here.
 */
#include <fs/namei.h>

#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/cred.h>

#include "internal.h"
#include "names.h"

/* 0; -EEXIST; -ENOENT (the directory was removed); -EACCES, -EROFS, ... */
int may_create(struct inode *dir, const struct dentry *dentry)
{
	if (d_is_positive(dentry))
		return -EEXIST;
	if (dir->flags & S_DEAD)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory, only owners of file or directory may remove it. */
static bool is_protected_by_sticky(const struct inode *dir,
				   const struct inode *inode)
{
	if (likely(!(dir->mode & S_ISVTX)))
		return false;
	return inode->uid != current_fsuid() && dir->uid != current_fsuid() &&
	       !inode_capable(inode, CAP_FOWNER);
}

/*
 * May @victim be removed from @dir, as a directory or as something else?
 *
 * Return: 0; -ENOENT; -EACCES; -EPERM; -EROFS; -ENOTDIR; -EISDIR; -EBUSY (the
 * root of a file system).
 */
int may_delete(struct inode *dir, const struct dentry *victim, bool as_dir)
{
	const struct inode *inode = victim->inode;
	int err;

	if (d_is_negative(victim))
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if ((dir->flags & S_APPEND) ||
	    (inode->flags & (S_APPEND | S_IMMUTABLE)) ||
	    is_protected_by_sticky(dir, inode))
		return -EPERM;
	if (as_dir) {
		if (!S_ISDIR(inode->mode))
			return -ENOTDIR;
		if (d_is_root(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->mode)) {
		return -EISDIR;
	}
	return dir->flags & S_DEAD ? -ENOENT : 0;
}

int vfs_create(struct inode *dir, struct dentry *dentry, mode_t mode,
	       bool excl)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->ops->create)
		return -EACCES;
	return dir->ops->create(dir, dentry, (mode & 07777) | S_IFREG, excl);
}

int vfs_mkdir(struct inode *dir, struct dentry *dentry, mode_t mode)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->ops->mkdir)
		return -EPERM;
	return dir->ops->mkdir(dir, dentry, mode & (0777 | S_ISVTX));
}

/* @mode says what kind; -EPERM for devices without CAP_MKNOD. */
int vfs_mknod(struct inode *dir, struct dentry *dentry, mode_t mode,
	      dev_t rdev)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	if (!dir->ops->mknod)
		return -EPERM;
	return dir->ops->mknod(dir, dentry, mode, rdev);
}

int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->ops->symlink)
		return -EPERM;
	return dir->ops->symlink(dir, dentry, target);
}

/* A further name for @old's file. Takes the file's lock. */
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = old->inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = may_create(dir, new);
	if (err)
		return err;
	if (dir->sb != inode->sb)
		return -EXDEV;
	if (inode->flags & (S_APPEND | S_IMMUTABLE))
		return -EPERM;
	if (!dir->ops->link || S_ISDIR(inode->mode))
		return -EPERM;
	inode_lock_nested(inode, INODE_LOCK_CHILD);
	/* The last name may have gone since we found it. */
	err = -ENOENT;
	if (inode->nlink || (inode->state & I_LINKABLE))
		err = dir->ops->link(old, dir, new);
	if (!err && unlikely(inode->state & I_LINKABLE)) {
		spin_lock(&inode->lock);
		inode->state &= ~I_LINKABLE;
		spin_unlock(&inode->lock);
	}
	inode_unlock(inode);
	return err;
}

/* Takes the file's lock; -EBUSY for a mount point. */
int vfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = dentry->inode;
	int err = may_delete(dir, dentry, false);

	if (err)
		return err;
	if (!dir->ops->unlink)
		return -EPERM;
	inode_lock_nested(inode, INODE_LOCK_CHILD);
	if (is_local_mountpoint(dentry))
		err = -EBUSY;
	else
		err = dir->ops->unlink(dir, dentry);
	inode_unlock(inode);
	if (!err)
		d_delete(dentry);
	return err;
}

/* @dentry's directory is gone: nothing can be made in it or mounted on it. */
void directory_is_gone(struct dentry *dentry)
{
	shrink_dcache_parent(dentry);
	spin_lock(&dentry->inode->lock);
	dentry->inode->flags |= S_DEAD;
	spin_unlock(&dentry->inode->lock);
	spin_lock(&dentry->lock);
	dentry->flags |= DENTRY_CANT_MOUNT;
	spin_unlock(&dentry->lock);
}

/* Takes the victim's lock; -EBUSY for a mount point, -ENOTEMPTY. */
int vfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = dentry->inode;
	int err = may_delete(dir, dentry, true);

	if (err)
		return err;
	if (!dir->ops->rmdir)
		return -EPERM;
	inode_lock_nested(inode, INODE_LOCK_CHILD);
	if (is_local_mountpoint(dentry))
		err = -EBUSY;
	else
		err = dir->ops->rmdir(dir, dentry);
	if (!err)
		directory_is_gone(dentry);
	inode_unlock(inode);
	if (!err)
		d_delete(dentry);
	return err;
}
