/*
 * Changing what stat(2) shows: chmod, chown, truncate, utimes.
 */
#pragma once

#include <keel/types.h>
#include <uapi/time.h>

struct dentry;
struct file;
struct inode;
struct path;

#define ATTR_MODE	0x0001u
#define ATTR_UID	0x0002u
#define ATTR_GID	0x0004u
#define ATTR_SIZE	0x0008u
#define ATTR_ATIME	0x0010u
#define ATTR_MTIME	0x0020u
#define ATTR_CTIME	0x0040u
#define ATTR_ATIME_SET	0x0080u	/* to the given time: owners only */
#define ATTR_MTIME_SET	0x0100u
#define ATTR_FORCE	0x0200u	/* no permission checks */
#define ATTR_KILL_SUID	0x0800u
#define ATTR_KILL_SGID	0x1000u
#define ATTR_FILE	0x2000u	/* file is set: ftruncate, O_TRUNC */
#define ATTR_OPEN	0x8000u	/* O_TRUNC */

struct iattr {
	unsigned int	valid;		/* ATTR_* */
	mode_t		mode;
	uid_t		uid;
	gid_t		gid;
	loff_t		size;
	struct timespec	atime, mtime, ctime;
	struct file	*file;
};

/* May the caller? 0, -EPERM. Inode's rwsem held for writing. */
int setattr_prepare(struct dentry *dentry, struct iattr *attr);
/* Store everything but the size. */
void setattr_copy(struct inode *inode, const struct iattr *attr);
/* The whole of a setattr op for files whose pages are the file. */
int simple_setattr(struct dentry *dentry, struct iattr *attr);
/* RLIMIT_FSIZE (SIGXFSZ), the file system's limit: 0, -EFBIG. */
int inode_newsize_ok(const struct inode *inode, loff_t size);

/* Dispatch to ops->setattr; inode's rwsem held for writing. */
int notify_change(struct dentry *dentry, struct iattr *attr);

int vfs_chmod(const struct path *path, mode_t mode);
int vfs_chown(const struct path *path, uid_t uid, gid_t gid);
/* As utimensat(2): atime and mtime, NULL for now. */
int vfs_utimes(const struct path *path, const struct timespec *times);
int vfs_truncate(const struct path *path, loff_t size);
int do_truncate(struct dentry *dentry, loff_t size, unsigned int attr_flags,
		struct file *file);
