/*
 * open(2): from a name to an open file, which may have to be made first.
 *
 * Without O_CREAT this is a lookup. With it, the last component is looked for
 * under RCU like any other, as most such files exist; only if it is not there
 * the directory is locked, and then the answer is final: found, or created.
 */
#include <fs/namei.h>

#include <fs/attr.h>
#include <fs/file.h>
#include <fs/mount.h>
#include <kernel/cred.h>
#include <uapi/fcntl.h>

#include "file_internal.h"
#include "internal.h"
#include "namei_internal.h"
#include "open_internal.h"

static int check_type(const struct path *path, int acc_mode)
{
	const struct inode *inode = path->dentry->inode;

	switch (inode->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc_mode & MAY_WRITE)
			return -EISDIR;
		return acc_mode & MAY_EXEC ? -EACCES : 0;
	case S_IFBLK:
	case S_IFCHR:
		if (READ_ONCE(path->mount->flags) & MNT_NODEV)
			return -EACCES;
		return 0;
	case S_IFREG:
		return (acc_mode & MAY_EXEC) && path_noexec(path) ?
			       -EACCES : 0;
	default:
		return 0;
	}
}

/*
 * May current open what is at @path?
 *
 * Return: 0; -ELOOP (a link), -EISDIR, -EACCES, -EPERM, -EROFS.
 */
int may_open(const struct path *path, int acc_mode, unsigned int flags)
{
	struct inode *inode = path->dentry->inode;
	int err = check_type(path, acc_mode);

	if (err)
		return err;
	err = inode_permission(inode, MAY_OPEN | acc_mode);
	if (err)
		return err;
	if (unlikely(inode->flags & S_APPEND)) {
		if ((flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND))
			return -EPERM;
		if (flags & O_TRUNC)
			return -EPERM;
	}
	if (unlikely(flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

static int truncate_opened(struct file *file)
{
	struct path *path = &file->path;
	struct inode *inode = path->dentry->inode;
	int err = get_write_access(inode);

	if (err)
		return err;
	err = mnt_want_write(path->mount);
	if (!err) {
		err = do_truncate(path->dentry, 0,
				  ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
		mnt_drop_write(path->mount);
	}
	put_write_access(inode);
	return err;
}

/* file->path is where we arrived. A file just made asks no permission. */
static int open_arrived(struct file *file, const struct open_flags *op,
			bool created)
{
	struct inode *inode = file->path.dentry->inode;
	int err;

	if ((op->flags & O_CREAT) && !created && S_ISDIR(inode->mode))
		return -EISDIR;
	if (!(op->flags & O_PATH)) {
		err = may_open(&file->path, created ? 0 : op->acc_mode,
			       created ? op->flags & ~O_TRUNC : op->flags);
		if (err)
			return err;
	}
	if (unlikely(op->flags & O_TRUNC) && !created && S_ISREG(inode->mode)) {
		err = truncate_opened(file);
		if (err)
			return err;
	}
	return file_open_path(file);
}

/* ---- creating ---- */

/*
 * Find or make the last component with the directory locked.
 *
 * Return: a dentry that is positive, ERR_PTR; *@created tells.
 */
static struct dentry *find_or_create(struct nameidata *nd,
				     const struct open_flags *op,
				     bool *created)
{
	struct inode *dir = nd->inode;
	int write_err = mnt_want_write(nd->path.mount);
	struct dentry *dentry;
	int err = 0;

	inode_lock_nested(dir, INODE_LOCK_PARENT);
	dentry = lookup_locked(nd->path.dentry, &nd->last, nd->flags);
	if (!IS_ERR(dentry) && d_is_negative(dentry)) {
		err = write_err;
		if (!err)
			err = vfs_create(dir, dentry, op->mode,
					 op->flags & O_EXCL);
		*created = !err;
	}
	inode_unlock(dir);
	if (!write_err)
		mnt_drop_write(nd->path.mount);
	if (err) {
		dput(dentry);
		return ERR_PTR(err);
	}
	return dentry;
}

/*
 * Step onto the last component of a walk with O_CREAT.
 *
 * Return: as nd_last(). Under RCU, what is cached as missing is -ENOENT, which
 * to us means: make it.
 */
static const char *create_last(struct nameidata *nd,
			       const struct open_flags *op, bool *created)
{
	struct dentry *dentry;
	const char *text;
	int err;

	if (nd->last_type != LAST_NORM)
		return nd_last(nd);
	if (nd->last_slash)
		return ERR_PTR(-EISDIR);
	if ((nd->flags & LOOKUP_RCU) && !(op->flags & O_EXCL)) {
		text = nd_last(nd);
		if (text != ERR_PTR(-ENOENT))
			return text;
	}
	err = nd_complete_parent(nd);
	if (err)
		return ERR_PTR(err);
	dentry = find_or_create(nd, op, created);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (!*created && (op->flags & O_EXCL)) {
		dput(dentry);
		return ERR_PTR(-EEXIST);
	}
	return nd_step(nd, dentry);
}

/* ---- files without a name ---- */

/* A dentry below @dir that no lookup finds, with a new file. ERR_PTR. */
static struct dentry *make_tmpfile(struct dentry *dir,
				   const struct open_flags *op)
{
	struct inode *inode = dir->inode;
	struct dentry *dentry;
	int err = inode_permission(inode, MAY_WRITE | MAY_EXEC);

	if (err)
		return ERR_PTR(err);
	if (!inode->ops->tmpfile)
		return ERR_PTR(-EOPNOTSUPP);
	dentry = d_alloc_name(dir, "#tmpfile");
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	inode_lock_nested(inode, INODE_LOCK_PARENT);
	err = inode->ops->tmpfile(inode, dentry, op->mode | S_IFREG);
	inode_unlock(inode);
	if (err) {
		dput(dentry);
		return ERR_PTR(err);
	}
	/* O_EXCL: it shall never get a name. Nobody else knows it yet. */
	if (!(op->flags & O_EXCL))
		dentry->inode->state |= I_LINKABLE;
	return dentry;
}

static int open_tmpfile(struct file *file, int dfd, const char *name,
			const struct open_flags *op)
{
	struct dentry *dentry;
	struct path dir;
	int err = path_lookup_at(dfd, name,
				 op->lookup_flags | LOOKUP_DIRECTORY, &dir);

	if (err)
		return err;
	err = mnt_want_write(dir.mount);
	if (!err) {
		dentry = make_tmpfile(dir.dentry, op);
		if (IS_ERR(dentry)) {
			err = PTR_ERR(dentry);
		} else {
			file->path.mount = mntget(dir.mount);
			file->path.dentry = dentry;
			err = file_open_path(file);
		}
		mnt_drop_write(dir.mount);
	}
	path_put(&dir);
	return err;
}

/* ---- the walk ---- */

static int open_walk(struct nameidata *nd, const char *name,
		     const struct open_flags *op, bool *created)
{
	const char *text = name;
	int err;

	do {
		err = nd_walk(nd, text);
		if (unlikely(err))
			return err;
		text = op->flags & O_CREAT ? create_last(nd, op, created) :
					     nd_last(nd);
	} while (unlikely(text && !IS_ERR(text)));
	return PTR_ERR_OR_ZERO(text);
}

/* One attempt. *@created stays true in the next one: the file is ours. */
static int open_once(struct file *file, int dfd, const char *name,
		     const struct open_flags *op, unsigned int flags,
		     bool *created)
{
	struct nameidata nd;
	int err = nd_begin(&nd, dfd, name, flags);

	if (!err)
		err = open_walk(&nd, name, op, created);
	if (!err)
		err = nd_complete(&nd);
	if (!err) {
		file->path = nd.path;
		nd.path = (struct path){ NULL, NULL };
	}
	nd_end(&nd);
	return err;
}

static int open_named(struct file *file, int dfd, const char *name,
		      const struct open_flags *op)
{
	bool created = false;
	int err = open_once(file, dfd, name, op,
			    op->lookup_flags | LOOKUP_RCU, &created);

	if (unlikely(err == -ECHILD)) {
		if (op->lookup_flags & LOOKUP_CACHED)
			return -EAGAIN;
		err = open_once(file, dfd, name, op, op->lookup_flags,
				&created);
	}
	return err ? err : open_arrived(file, op, created);
}

/*
 * Open @name, a pathname's.
 *
 * Context: may sleep. Return: ERR_PTR of what man 2 open lists.
 */
struct file *open_at(int dfd, const char *name, const struct open_flags *op)
{
	struct file *file = file_alloc(op->flags, current_cred());
	int err;

	if (IS_ERR(file))
		return file;
	if (unlikely(op->flags & __O_TMPFILE))
		err = open_tmpfile(file, dfd, name, op);
	else
		err = open_named(file, dfd, name, op);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}
