/*
 * devtmpfs: one tmpfs, the same wherever it is mounted, in which a node
 * appears for each device a driver registers.
 *
 * It is mounted once by the kernel for itself, so that nodes can be made
 * before user space has mounted it on /dev, and made as root whoever is
 * current. A node the user removed or changed is not touched.
 */
#include <fs/devtmpfs/devtmpfs.h>

#define LOG_PREFIX "devtmpfs"

#include <fs/dentry.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/path.h>
#include <fs/tmpfs/tmpfs.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <uapi/stat.h>

static struct mount *dev_mount __ro_after_init;

static int fill_super(struct super_block *sb,
		      const struct mount_args *args __unused)
{
	struct mount_args fixed = { .data = "mode=0755" };

	return tmpfs_fill_super(sb, &fixed);
}

const struct file_system_type devtmpfs_type = {
	.name = "devtmpfs",
	.flags = FS_PINNED | FS_SINGLE,
	.fill_super = fill_super,
};

/* Go down to the folder @name lies in, making folders; counted. */
static struct dentry *parent_of(const char **name)
{
	struct dentry *dir = dget(dev_mount->root), *sub;
	const char *slash;
	int err = 0;

	while ((slash = strchr(*name, '/')) != NULL) {
		inode_lock_nested(dir->inode, INODE_LOCK_PARENT);
		sub = lookup_one(dir, *name, slash - *name);
		if (!IS_ERR(sub) && d_is_negative(sub))
			err = vfs_mkdir(dir->inode, sub, 0755);
		inode_unlock(dir->inode);
		dput(dir);
		if (!IS_ERR(sub) && err) {
			dput(sub);
			sub = ERR_PTR(err);
		}
		if (IS_ERR(sub))
			return sub;
		dir = sub;
		*name = slash + 1;
	}
	return dir;
}

/*
 * Make the node @name ("null", "pts/0") for @dev.
 *
 * Context: process; may sleep. Return: 0, -EEXIST, -ENOMEM.
 */
int devtmpfs_create_node(const char *name, mode_t mode, dev_t dev)
{
	const char *last = name;
	struct dentry *dir = parent_of(&last), *dentry;
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	inode_lock_nested(dir->inode, INODE_LOCK_PARENT);
	dentry = lookup_one(dir, last, strlen(last));
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err && d_is_positive(dentry))
		err = -EEXIST;
	if (!err)
		err = vfs_mknod(dir->inode, dentry, mode, dev);
	/* vfs_mknod() applied the caller's umask and ids: ours are fixed. */
	if (!err)
		dentry->inode->mode = mode;
	if (!IS_ERR(dentry))
		dput(dentry);
	inode_unlock(dir->inode);
	dput(dir);
	if (err && err != -EEXIST)
		pr_warn("no node for %s: error %d", name, err);
	return err;
}

/* The device is gone: remove its node. Return: 0, -ENOENT. */
int devtmpfs_delete_node(const char *name)
{
	const char *last = name;
	struct dentry *dir = parent_of(&last), *dentry;
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	inode_lock_nested(dir->inode, INODE_LOCK_PARENT);
	dentry = lookup_one(dir, last, strlen(last));
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err && d_is_negative(dentry))
		err = -ENOENT;
	if (!err)
		err = vfs_unlink(dir->inode, dentry);
	if (!IS_ERR(dentry))
		dput(dentry);
	inode_unlock(dir->inode);
	dput(dir);
	return err;
}

/* Before: the VFS, tmpfs. After: drivers can make nodes. */
void __init devtmpfs_init(void)
{
	dev_mount = kern_mount(&devtmpfs_type);
	if (IS_ERR(dev_mount))
		panic("devtmpfs: cannot be mounted");
}
