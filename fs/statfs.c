/*
 * statfs(2): how full a file system is, and how it is mounted.
 */
#include <fs/libfs.h>

#include <fs/files.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/syscall.h>
#include <uapi/statfs.h>

#include "internal.h"

static unsigned int mount_to_st_flags(const struct mount *mount)
{
	static const struct { unsigned int mnt, st; } table[] = {
		{ MNT_READONLY, ST_RDONLY },	{ MNT_NOSUID, ST_NOSUID },
		{ MNT_NODEV, ST_NODEV },	{ MNT_NOEXEC, ST_NOEXEC },
		{ MNT_NOATIME, ST_NOATIME },	{ MNT_RELATIME, ST_RELATIME },
		{ MNT_NODIRATIME, ST_NODIRATIME },
		{ MNT_NOSYMFOLLOW, ST_NOSYMFOLLOW },
	};
	unsigned int i, flags = ST_VALID;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (mount->flags & table[i].mnt)
			flags |= table[i].st;
	if (mount->sb->flags & SB_RDONLY)
		flags |= ST_RDONLY;
	if (mount->sb->flags & SB_SYNCHRONOUS)
		flags |= ST_SYNCHRONOUS;
	return flags;
}

static int statfs_path(const struct path *path, struct statfs __user *user)
{
	struct super_block *sb = path->dentry->sb;
	struct statfs buf = { .f_fsid.val[0] = sb->dev };
	int err;

	if (sb->ops->statfs)
		err = sb->ops->statfs(path->dentry, &buf);
	else
		err = simple_statfs(path->dentry, &buf);
	if (err)
		return err;
	if (!buf.f_frsize)
		buf.f_frsize = buf.f_bsize;
	buf.f_flags = mount_to_st_flags(path->mount);
	return copy_to_user(user, &buf, sizeof(buf)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, name, struct statfs __user *, buf)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = statfs_path(&path, buf);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(fstatfs, unsigned int, fd, struct statfs __user *, buf)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = statfs_path(&f.file->path, buf);
	fdput(f);
	return err;
}
