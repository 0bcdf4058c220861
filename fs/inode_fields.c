/*
 * The small fields of inodes: link counts, times, set-id bits, who may write.
 */
#include <fs/inode.h>

#include <fs/attr.h>
#include <fs/char_dev.h>
#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/time.h>
#include <uapi/xattr.h>

#include "internal.h"

#define SECONDS_PER_DAY	(24 * 60 * 60)

/* ---- links ---- */

void inc_nlink(struct inode *inode)
{
	WRITE_ONCE(inode->nlink, inode->nlink + 1);
}

void drop_nlink(struct inode *inode)
{
	WARN_ON(inode->nlink == 0);
	WRITE_ONCE(inode->nlink, inode->nlink - 1);
}

void clear_nlink(struct inode *inode)
{
	WRITE_ONCE(inode->nlink, 0);
}

void set_nlink(struct inode *inode, unsigned int nlink)
{
	WRITE_ONCE(inode->nlink, nlink);
}

/* ---- times ---- */

/* Now, as far as @inode's file system can store it. */
struct timespec current_time(const struct inode *inode __unused)
{
	return ktime_get_real_ts();
}

static int timespec_compare(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

void inode_touch(struct inode *inode)
{
	inode->mtime = inode->ctime = current_time(inode);
}

/* A write to @file happens. Any lock: torn reads of times are accepted. */
void file_update_time(struct file *file)
{
	if (!(file->inode->flags & S_NOCMTIME))
		inode_touch(file->inode);
}

/* relatime: once a day, or if the file has changed since the last access. */
static bool atime_is_stale(const struct inode *inode, const struct mount *mount)
{
	if (!(mount->flags & MNT_RELATIME))
		return true;
	return timespec_compare(&inode->mtime, &inode->atime) >= 0 ||
	       timespec_compare(&inode->ctime, &inode->atime) >= 0 ||
	       ktime_get_real_seconds() - inode->atime.tv_sec >=
		       SECONDS_PER_DAY;
}

/* The content at @path has been read. Any context that may write an inode. */
void touch_atime(const struct path *path)
{
	struct inode *inode = path->dentry->inode;
	unsigned int mnt_flags = READ_ONCE(path->mount->flags);

	if ((inode->flags & S_NOATIME) || (mnt_flags & MNT_NOATIME))
		return;
	if ((mnt_flags & MNT_NODIRATIME) && S_ISDIR(inode->mode))
		return;
	if (!atime_is_stale(inode, path->mount))
		return;
	if ((mnt_flags & MNT_READONLY) || sb_rdonly(inode->sb))
		return;
	inode->atime = current_time(inode);
}

void file_accessed(struct file *file)
{
	if (!(file->flags & O_NOATIME))
		touch_atime(&file->path);
}

/* ---- set-id bits ---- */

/*
 * @inode is not what it was when somebody gave it capabilities.
 * Locking: inode->rwsem held for writing.
 */
void inode_drop_file_caps(struct inode *inode)
{
	if (!(inode->flags & S_FILE_CAPS))
		return;
	inode->ops->setxattr(inode, XATTR_NAME_CAPS, NULL, 0, 0);
	inode->flags &= ~S_FILE_CAPS;
}

/*
 * Somebody writes to @file: it no longer runs as its owner or group.
 *
 * Context: may sleep. Locking: inode->rwsem held for writing.
 * Return: 0 or what the file system says to the change of mode.
 */
int file_remove_privs(struct file *file)
{
	struct inode *inode = file->inode;
	struct iattr attr = { .valid = ATTR_MODE | ATTR_CTIME | ATTR_FORCE };
	mode_t kill = 0;

	if (likely(!(inode->mode & (S_ISUID | S_ISGID)) &&
		   !(inode->flags & S_FILE_CAPS)) || !S_ISREG(inode->mode))
		return 0;
	inode_drop_file_caps(inode);
	if (inode->mode & S_ISUID)
		kill |= S_ISUID;
	if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		kill |= S_ISGID;
	if (!kill || capable(CAP_FSETID))
		return 0;
	attr.mode = inode->mode & ~kill;
	return notify_change(file->path.dentry, &attr);
}

/* ---- writers against execution ---- */

/* 0, or -ETXTBSY while the file is executed. */
int get_write_access(struct inode *inode)
{
	int count = atomic_read(&inode->write_count);

	do {
		if (count < 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->write_count, &count, count + 1));
	return 0;
}

void put_write_access(struct inode *inode)
{
	atomic_dec(&inode->write_count);
}

/* 0, or -ETXTBSY while somebody has the file open for writing. */
int deny_write_access(struct inode *inode)
{
	int count = atomic_read(&inode->write_count);

	do {
		if (count > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->write_count, &count, count - 1));
	return 0;
}

void allow_write_access(struct inode *inode)
{
	atomic_inc(&inode->write_count);
}
