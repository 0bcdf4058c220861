/*
 * Opening: from a place in the tree to a file with operations.
 *
 * What the file will be able to do is settled here, once, in file->mode, so
 * that read(2) and its like test one word.
 */
#include <fs/file.h>

#include <fs/char_dev.h>
#include <fs/dentry.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/pipe.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <lib/string.h>

#include "file_internal.h"
#include "internal.h"

static const struct file_ops path_only_fops;

static int no_open(struct inode *inode __unused, struct file *file __unused)
{
	return -ENXIO;
}

/* Sockets are not opened by name; block devices have no driver yet. */
static const struct file_ops no_open_fops = {
	.open = no_open,
};

/* @inode, just made, is a device node, a fifo or a socket. */
void init_special_inode(struct inode *inode, mode_t mode, dev_t rdev)
{
	inode->mode = mode;
	if (S_ISCHR(mode)) {
		inode->fops = &char_dev_fops;
		inode->rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->fops = &no_open_fops;
		inode->rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->fops = &fifo_fops;
	} else {
		inode->fops = &no_open_fops;
	}
}

static bool is_special(const struct inode *inode)
{
	return !S_ISREG(inode->mode) && !S_ISDIR(inode->mode) &&
	       !S_ISLNK(inode->mode);
}

static unsigned int access_to_fmode(unsigned int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return FMODE_READ;
	case O_WRONLY:
		return FMODE_WRITE;
	case O_RDWR:
		return FMODE_READ | FMODE_WRITE;
	default:
		return 0;	/* 3: for ioctl(2) alone */
	}
}

/* Promise that the content may be written while the file is open. */
static int become_writer(struct file *file)
{
	int err = get_write_access(file->inode);

	if (err)
		return err;
	err = mnt_want_write(file->path.mount);
	if (err) {
		put_write_access(file->inode);
		return err;
	}
	file->mode |= FMODE_WRITER;
	return 0;
}

/* What the operations, which open may have changed, make possible. */
static void settle_mode(struct file *file)
{
	const struct file_ops *ops = file->ops;

	file->mode |= FMODE_OPENED;
	if ((file->mode & FMODE_READ) && ops->read_iter)
		file->mode |= FMODE_CAN_READ;
	if ((file->mode & FMODE_WRITE) && ops->write_iter)
		file->mode |= FMODE_CAN_WRITE;
	if (!ops->llseek)
		file->mode &= ~FMODE_LSEEK;
	file->flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
			 FMODE_EXEC_FLAG);
}

/* 0; -ETXTBSY, -EROFS, -EINVAL; what ops->open says. May sleep. */
int file_open_path(struct file *file)
{
	struct inode *inode = file->path.dentry->inode;
	int err;

	file->inode = inode;
	file->mapping = inode->mapping;
	if (unlikely(file->flags & O_PATH)) {
		file->mode = FMODE_PATH;
		file->ops = &path_only_fops;
		return 0;
	}
	/* No file system here moves data past the page cache. */
	if (unlikely(file->flags & O_DIRECT))
		return -EINVAL;
	file->mode = access_to_fmode(file->flags) | FMODE_LSEEK |
		     FMODE_PREAD | FMODE_PWRITE |
		     (file->flags & FMODE_EXEC_FLAG);
	if (S_ISREG(inode->mode) || S_ISDIR(inode->mode))
		file->mode |= FMODE_ATOMIC_POS;
	file->ops = inode->fops;
	if ((file->mode & FMODE_WRITE) && !is_special(inode)) {
		err = become_writer(file);
		if (err)
			return err;
	}
	if (file->ops->open) {
		err = file->ops->open(inode, file);
		if (err)
			return err;
	}
	settle_mode(file);
	return 0;
}

/*
 * Open the file at @path without asking for permission.
 *
 * Context: may sleep. Return: ERR_PTR.
 */
struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred)
{
	struct file *file = file_alloc(flags, cred);
	int err;

	if (IS_ERR(file))
		return file;
	file->path = *path;
	path_get(path);
	err = file_open_path(file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* @file is complete but for its place and operations. Takes over @path. */
static struct file *finish_pseudo(struct file *file, const struct path *path,
				  const struct file_ops *ops)
{
	file->path = *path;
	file->inode = path->dentry->inode;
	file->mapping = file->inode->mapping;
	file->mode = access_to_fmode(file->flags);
	if (ops->llseek)
		file->mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	if (S_ISREG(file->inode->mode))
		file->mode |= FMODE_ATOMIC_POS;
	file->ops = ops;
	settle_mode(file);
	return file;
}

struct file *alloc_file_pseudo(struct inode *inode, struct mount *mount,
			       const char *name, int flags,
			       const struct file_ops *ops)
{
	struct qstr q = QSTR(name);
	struct path path;
	struct file *file = file_alloc(flags, current_cred());

	if (IS_ERR(file))
		return file;
	path.dentry = d_alloc_anon(mount->sb, &q, mount->sb->dentry_ops);
	if (!path.dentry) {
		fput(file);
		return ERR_PTR(-ENOMEM);
	}
	path.mount = mntget(mount);
	d_instantiate(path.dentry, inode);
	return finish_pseudo(file, &path, ops);
}

struct file *alloc_file_clone(struct file *base, int flags,
			      const struct file_ops *ops)
{
	struct file *file = file_alloc(flags, current_cred());

	if (IS_ERR(file))
		return file;
	path_get(&base->path);
	return finish_pseudo(file, &base->path, ops);
}

void replace_fops(struct file *file, const struct file_ops *new_ops)
{
	file->ops = new_ops;
}

int generic_file_open(struct inode *inode __unused, struct file *file __unused)
{
	return 0;
}

int nonseekable_open(struct inode *inode __unused, struct file *file)
{
	file->mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}

int stream_open(struct inode *inode __unused, struct file *file)
{
	file->mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE |
			FMODE_ATOMIC_POS);
	file->mode |= FMODE_STREAM;
	return 0;
}
