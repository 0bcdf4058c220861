/*
 * The system calls that make and remove names.
 */
#include <fs/namei.h>

#include <fs/fs.h>
#include <fs/mount.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <uapi/fcntl.h>

#include "internal.h"
#include "namei_internal.h"

/* ---- making ---- */

static long do_mkdirat(int dfd, const char __user *name, mode_t mode)
{
	struct path parent;
	struct dentry *dentry;
	int err;

	dentry = user_path_create(dfd, name, &parent, LOOKUP_DIRECTORY);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mkdir(parent.dentry->inode, dentry, mode & ~current_umask());
	done_path_create(&parent, dentry);
	return err;
}

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, name, mode_t, mode)
{
	return do_mkdirat(dfd, name, mode);
}

SYSCALL_DEFINE2(mkdir, const char __user *, name, mode_t, mode)
{
	return do_mkdirat(AT_FDCWD, name, mode);
}

static int check_mknod_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

static long do_mknodat(int dfd, const char __user *name, mode_t mode,
		       unsigned int dev)
{
	struct path parent;
	struct dentry *dentry;
	int err = check_mknod_type(mode);

	if (err)
		return err;
	dentry = user_path_create(dfd, name, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	mode &= ~current_umask();
	if (!(mode & S_IFMT) || S_ISREG(mode))
		err = vfs_create(parent.dentry->inode, dentry, mode, true);
	else
		err = vfs_mknod(parent.dentry->inode, dentry, mode,
				S_ISCHR(mode) || S_ISBLK(mode) ?
					dev_decode(dev) : 0);
	done_path_create(&parent, dentry);
	return err;
}

SYSCALL_DEFINE4(mknodat, int, dfd, const char __user *, name, mode_t, mode,
		unsigned int, dev)
{
	return do_mknodat(dfd, name, mode, dev);
}

SYSCALL_DEFINE3(mknod, const char __user *, name, mode_t, mode,
		unsigned int, dev)
{
	return do_mknodat(AT_FDCWD, name, mode, dev);
}

static long do_symlinkat(const char __user *target, int dfd,
			 const char __user *name)
{
	struct path parent;
	struct pathname text;
	struct dentry *dentry;
	int err = pathname_get(&text, target, 0);

	if (err)
		return err;
	dentry = user_path_create(dfd, name, &parent, 0);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
	} else {
		err = vfs_symlink(parent.dentry->inode, dentry, text.name);
		done_path_create(&parent, dentry);
	}
	pathname_put(&text);
	return err;
}

SYSCALL_DEFINE3(symlinkat, const char __user *, target, int, dfd,
		const char __user *, name)
{
	return do_symlinkat(target, dfd, name);
}

SYSCALL_DEFINE2(symlink, const char __user *, target, const char __user *, name)
{
	return do_symlinkat(target, AT_FDCWD, name);
}

static long do_linkat(int old_dfd, const char __user *old, int new_dfd,
		      const char __user *new, int flags)
{
	unsigned int how = flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;
	struct path from, parent;
	struct dentry *dentry;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		how |= LOOKUP_EMPTY;
	}
	err = user_path_at(old_dfd, old, how, &from);
	if (err)
		return err;
	dentry = user_path_create(new_dfd, new, &parent, 0);
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

SYSCALL_DEFINE5(linkat, int, old_dfd, const char __user *, old,
		int, new_dfd, const char __user *, new, int, flags)
{
	return do_linkat(old_dfd, old, new_dfd, new, flags);
}

SYSCALL_DEFINE2(link, const char __user *, old, const char __user *, new)
{
	return do_linkat(AT_FDCWD, old, AT_FDCWD, new, 0);
}

/* ---- removing ---- */

static int remove_file(struct nameidata *nd, struct dentry *dentry)
{
	if (unlikely(nd->last_slash)) {
		if (d_is_negative(dentry))
			return -ENOENT;
		return d_is_dir(dentry) ? -EISDIR : -ENOTDIR;
	}
	return vfs_unlink(nd->inode, dentry);
}

static int remove_dir(struct nameidata *nd, struct dentry *dentry)
{
	if (d_is_negative(dentry))
		return -ENOENT;
	return vfs_rmdir(nd->inode, dentry);
}

/* What cannot be removed by that name, whatever it is. */
static int check_removable(enum last_type type, bool as_dir)
{
	if (likely(type == LAST_NORM))
		return 0;
	if (!as_dir)
		return -EISDIR;
	switch (type) {
	case LAST_DOTDOT:
		return -ENOTEMPTY;
	case LAST_DOT:
		return -EINVAL;
	default:
		return -EBUSY;
	}
}

/*
 * Remove the last component of the walk. The inode outlives the lock: freeing
 * a large file takes long.
 */
static int remove_last(struct nameidata *nd, bool as_dir)
{
	struct inode *victim = NULL;
	struct dentry *dentry;
	int err = check_removable(nd->last_type, as_dir);

	if (err)
		return err;
	err = mnt_want_write(nd->path.mount);
	if (err)
		return err;
	inode_lock_nested(nd->inode, INODE_LOCK_PARENT);
	dentry = lookup_locked(nd->path.dentry, &nd->last, 0);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
	} else {
		victim = dentry->inode;
		if (victim)
			ihold(victim);
		err = as_dir ? remove_dir(nd, dentry) :
			       remove_file(nd, dentry);
		dput(dentry);
	}
	inode_unlock(nd->inode);
	iput(victim);
	mnt_drop_write(nd->path.mount);
	return err;
}

static int remove_at(int dfd, const char *name, bool as_dir)
{
	struct nameidata nd;
	int err = parent_lookup(&nd, dfd, name);

	if (err)
		return err;
	err = remove_last(&nd, as_dir);
	nd_end(&nd);
	return err;
}

static int remove_user(int dfd, const char __user *name, bool as_dir)
{
	struct pathname p;
	int err = pathname_get(&p, name, 0);

	if (err)
		return err;
	err = remove_at(dfd, p.name, as_dir);
	pathname_put(&p);
	return err;
}

static int remove_kernel(const char *name, bool as_dir)
{
	struct pathname p;
	int err = pathname_get_kernel(&p, name);

	if (err)
		return err;
	err = remove_at(AT_FDCWD, p.name, as_dir);
	pathname_put(&p);
	return err;
}

int init_unlink(const char *name)
{
	return remove_kernel(name, false);
}

int init_rmdir(const char *name)
{
	return remove_kernel(name, true);
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, name, int, flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_user(dfd, name, flags & AT_REMOVEDIR);
}

SYSCALL_DEFINE1(unlink, const char __user *, name)
{
	return remove_user(AT_FDCWD, name, false);
}

SYSCALL_DEFINE1(rmdir, const char __user *, name)
{
	return remove_user(AT_FDCWD, name, true);
}
