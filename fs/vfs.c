/*
 * The order in which the VFS comes up, and its helpers for building the first
 * tree of files.
 */
#include <fs/vfs.h>

#include <fs/attr.h>
#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/tmpfs/tmpfs.h>
#include <uapi/fcntl.h>

#include "internal.h"

void __init vfs_init(void)
{
	dcache_init();
	inode_init();
	file_init();
	files_init();
	fs_struct_init();
	mount_init();
	mount_root();
	shmem_init();
}

/* ---- names, as the initramfs wants them: umask does not apply ---- */

int init_mkdir(const char *name, mode_t mode)
{
	struct path parent;
	struct dentry *dentry;
	int err;

	dentry = kern_path_create(name, &parent, LOOKUP_DIRECTORY);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mkdir(parent.dentry->inode, dentry, mode);
	done_path_create(&parent, dentry);
	return err;
}

int init_mknod(const char *name, mode_t mode, dev_t rdev)
{
	struct path parent;
	struct dentry *dentry;
	int err;

	dentry = kern_path_create(name, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (S_ISREG(mode))
		err = vfs_create(parent.dentry->inode, dentry, mode, true);
	else
		err = vfs_mknod(parent.dentry->inode, dentry, mode, rdev);
	done_path_create(&parent, dentry);
	return err;
}

int init_symlink(const char *target, const char *name)
{
	struct path parent;
	struct dentry *dentry;
	int err;

	dentry = kern_path_create(name, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_symlink(parent.dentry->inode, dentry, target);
	done_path_create(&parent, dentry);
	return err;
}

int init_link(const char *old, const char *new)
{
	struct path from, parent;
	struct dentry *dentry;
	int err = kern_path(old, 0, &from);

	if (err)
		return err;
	dentry = kern_path_create(new, &parent, 0);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
	} else {
		err = -EXDEV;
		if (from.mount == parent.mount)
			err = vfs_link(from.dentry, parent.dentry->inode,
				       dentry);
		done_path_create(&parent, dentry);
	}
	path_put(&from);
	return err;
}

int init_chmod(const char *name, mode_t mode)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = vfs_chmod(&path, mode);
	path_put(&path);
	return err;
}

int init_chown(const char *name, uid_t uid, gid_t gid, bool follow)
{
	struct path path;
	int err = kern_path(name, follow ? LOOKUP_FOLLOW : 0, &path);

	if (err)
		return err;
	err = vfs_chown(&path, uid, gid);
	path_put(&path);
	return err;
}

/* Does not follow a link. */
int init_utimes(const char *name, int64_t mtime_seconds)
{
	const struct timespec times[2] = {
		{ .tv_sec = mtime_seconds }, { .tv_sec = mtime_seconds },
	};
	struct path path;
	int err = kern_path(name, 0, &path);

	if (err)
		return err;
	err = vfs_utimes(&path, times);
	path_put(&path);
	return err;
}
