/*
 * Changing attributes: who may, and how the change reaches the inode.
 *
 * All changes are an iattr that passes through notify_change(), which adds what
 * Unix wants to happen besides (set-id bits that fall, ctime), and then through
 * the file system's setattr op. The inode is locked all the while.
 */
#include <fs/attr.h>

#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/page_cache.h>

#include "internal.h"

static bool may_change_owner(const struct inode *inode, uid_t uid)
{
	if (current_fsuid() == inode->uid && uid == inode->uid)
		return true;
	return inode_capable(inode, CAP_CHOWN);
}

/* An owner may give his file to any group he is in. */
static bool may_change_group(const struct inode *inode, gid_t gid)
{
	if (current_fsuid() == inode->uid &&
	    (gid == inode->gid || in_group_p(gid)))
		return true;
	return inode_capable(inode, CAP_CHOWN);
}

/* Only members of a group may make programs run as it. */
static void strip_sgid(const struct inode *inode, struct iattr *attr)
{
	gid_t gid = attr->valid & ATTR_GID ? attr->gid : inode->gid;

	if (!in_group_p(gid) && !inode_capable(inode, CAP_FSETID))
		attr->mode &= ~S_ISGID;
}

/* Return: 0; -EPERM; -EFBIG and such for sizes. */
int setattr_prepare(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->inode;
	unsigned int valid = attr->valid;
	int err;

	if (valid & ATTR_SIZE) {
		err = inode_newsize_ok(inode, attr->size);
		if (err)
			return err;
	}
	if (valid & ATTR_FORCE)
		return 0;
	if ((valid & ATTR_UID) && !may_change_owner(inode, attr->uid))
		return -EPERM;
	if ((valid & ATTR_GID) && !may_change_group(inode, attr->gid))
		return -EPERM;
	if (valid & ATTR_MODE) {
		if (!inode_owner_or_capable(inode))
			return -EPERM;
		strip_sgid(inode, attr);
	}
	if ((valid & (ATTR_ATIME_SET | ATTR_MTIME_SET)) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	unsigned int valid = attr->valid;

	if (valid & ATTR_UID)
		inode->uid = attr->uid;
	if (valid & ATTR_GID)
		inode->gid = attr->gid;
	if (valid & ATTR_ATIME)
		inode->atime = attr->atime;
	if (valid & ATTR_MTIME)
		inode->mtime = attr->mtime;
	if (valid & ATTR_CTIME)
		inode->ctime = attr->ctime;
	if (valid & ATTR_MODE)
		inode->mode = (inode->mode & S_IFMT) | (attr->mode & 07777);
}

int simple_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->inode;
	loff_t old = inode->size;
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (attr->valid & ATTR_SIZE) {
		inode_set_size(inode, attr->size);
		if (attr->size < old)
			truncate_pages(inode->mapping, attr->size, INT64_MAX);
	}
	setattr_copy(inode, attr);
	return 0;
}

/* 0; -EFBIG, with SIGXFSZ if it was the process's own limit; -ETXTBSY. */
int inode_newsize_ok(const struct inode *inode, loff_t size)
{
	unsigned long limit;

	if (size <= inode->size)
		return 0;
	limit = task_rlimit(current, RLIMIT_FSIZE);
	if (limit != RLIM_INFINITY && (unsigned long)size > limit) {
		send_sig(SIGXFSZ, current, 0);
		return -EFBIG;
	}
	return size > inode->sb->max_bytes ? -EFBIG : 0;
}

/* Set-id bits fall when the owner changes or somebody writes. */
static void kill_set_ids(const struct inode *inode, struct iattr *attr)
{
	mode_t mode = inode->mode, kill = 0;

	if (!(attr->valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)))
		return;
	if (attr->valid & ATTR_KILL_SUID)
		kill |= mode & S_ISUID;
	if ((attr->valid & ATTR_KILL_SGID) &&
	    (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		kill |= S_ISGID;
	attr->valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	if (!kill)
		return;
	if (!(attr->valid & ATTR_MODE)) {
		attr->valid |= ATTR_MODE;
		attr->mode = mode;
	}
	attr->mode &= ~kill;
}

/* Times set to "now": who may write may do it too. */
static int may_touch(struct inode *inode)
{
	if (inode_owner_or_capable(inode))
		return 0;
	return inode_permission(inode, MAY_WRITE);
}

/*
 * Change what @attr says, the rest that follows from it included.
 *
 * Context: may sleep. Locking: inode's rwsem held for writing.
 * Return: 0; -EPERM, -EACCES, -EROFS; the file system's errors.
 */
int notify_change(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->inode;
	struct timespec now = current_time(inode);
	unsigned int kill = attr->valid & (ATTR_KILL_SUID | ATTR_KILL_SGID);
	int err;

	assert_rwsem_held_write(&inode->rwsem);
	if ((attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET |
			    ATTR_MTIME_SET)) &&
	    (inode->flags & (S_IMMUTABLE | S_APPEND)))
		return -EPERM;
	attr->ctime = now;
	if (!(attr->valid & ATTR_ATIME_SET))
		attr->atime = now;
	if (!(attr->valid & ATTR_MTIME_SET))
		attr->mtime = now;
	/* What setattr_prepare() asks about the mode is for chmod(2) only. */
	if (kill && !(attr->valid & ATTR_FORCE)) {
		err = setattr_prepare(dentry, attr);
		if (err)
			return err;
		attr->valid |= ATTR_FORCE;
	}
	kill_set_ids(inode, attr);
	if (unlikely(inode->flags & S_FILE_CAPS) &&
	    (kill || (attr->valid & ATTR_SIZE)))
		inode_drop_file_caps(inode);
	if (inode->ops->setattr)
		return inode->ops->setattr(dentry, attr);
	return simple_setattr(dentry, attr);
}

/* utimensat(2) with @times (NULL: now). Takes the inode's lock. */
int vfs_utimes(const struct path *path, const struct timespec *times)
{
	struct inode *inode = path->dentry->inode;
	struct iattr attr = {
		.valid = ATTR_CTIME | ATTR_ATIME | ATTR_MTIME,
	};
	int err = 0;

	if (times && (times[0].tv_nsec != UTIME_NOW ||
		      times[1].tv_nsec != UTIME_NOW)) {
		if (times[0].tv_nsec == UTIME_OMIT) {
			attr.valid &= ~ATTR_ATIME;
		} else if (times[0].tv_nsec != UTIME_NOW) {
			attr.atime = times[0];
			attr.valid |= ATTR_ATIME_SET;
		}
		if (times[1].tv_nsec == UTIME_OMIT) {
			attr.valid &= ~ATTR_MTIME;
		} else if (times[1].tv_nsec != UTIME_NOW) {
			attr.mtime = times[1];
			attr.valid |= ATTR_MTIME_SET;
		}
		/* One of them now and the other left alone: owners only. */
		if (!inode_owner_or_capable(inode))
			return -EPERM;
	} else {
		err = inode->flags & S_IMMUTABLE ? -EPERM : may_touch(inode);
	}
	if (err)
		return err;
	inode_lock(inode);
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	return err;
}

/* Without permission checks beyond notify_change()'s. Takes the lock. */
int vfs_chmod(const struct path *path, mode_t mode)
{
	struct inode *inode = path->dentry->inode;
	struct iattr attr = { .valid = ATTR_MODE | ATTR_CTIME };
	int err;

	inode_lock(inode);
	attr.mode = (mode & 07777) | (inode->mode & S_IFMT);
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	return err;
}

/* -1 leaves an id as it is. */
int vfs_chown(const struct path *path, uid_t uid, gid_t gid)
{
	struct inode *inode = path->dentry->inode;
	struct iattr attr = { .valid = ATTR_CTIME, .uid = uid, .gid = gid };
	int err;

	if (uid != (uid_t)-1)
		attr.valid |= ATTR_UID;
	if (gid != (gid_t)-1)
		attr.valid |= ATTR_GID;
	inode_lock(inode);
	if (!S_ISDIR(inode->mode))
		attr.valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	return err;
}

/* Takes the inode's lock; the caller has checked the right to write. */
int do_truncate(struct dentry *dentry, loff_t size, unsigned int attr_flags,
		struct file *file)
{
	struct inode *inode = dentry->inode;
	struct iattr attr = {
		.valid = ATTR_SIZE | attr_flags, .size = size, .file = file,
	};
	int err;

	if (size < 0)
		return -EINVAL;
	if (file)
		attr.valid |= ATTR_FILE;
	inode_lock(inode);
	if ((inode->mode & (S_ISUID | S_ISGID)) && !capable(CAP_FSETID))
		attr.valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
	err = notify_change(dentry, &attr);
	inode_unlock(inode);
	return err;
}
