/*
 * What stat(2) gathers before it is put into the caller's layout.
 */
#pragma once

#include <keel/types.h>
#include <uapi/stat.h>

struct file;
struct inode;
struct path;

struct kstat {
	uint32_t	result_mask;	/* STATX_* */
	mode_t		mode;
	unsigned int	nlink;
	uint32_t	block_size;
	uid_t		uid;
	gid_t		gid;
	dev_t		dev, rdev;	/* the kernel's form: <fs/dev.h> */
	uint64_t	attributes, attributes_mask;
	uint64_t	ino;
	loff_t		size;
	uint64_t	blocks;
	struct timespec	atime, mtime, ctime, btime;
	uint64_t	mnt_id;
};

/* From the inode's fields. Any context. */
void generic_fillattr(const struct inode *inode, struct kstat *stat);
/* ops->getattr or the fields. May sleep. */
int vfs_getattr(const struct path *path, struct kstat *stat,
		uint32_t request_mask, unsigned int flags);
