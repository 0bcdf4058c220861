/*
 * /proc/<pid>/fd and fdinfo: the open files of a task.
 *
 * fd/N is a magic link: following it leads to the very file that is open, even
 * if it has no name any more. Its permissions say how the file was opened.
 * fdinfo/N tells position and flags.
 *
 * Others' descriptors are looked up through task->files under task->lock, by
 * fget_task(); exit takes the table away under the same lock.
 */
#include "internal.h"

#include <arch/current.h>
#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/seq_file.h>
#include <kernel/ptrace.h>
#include <lib/printf.h>

static bool may_look(const struct inode *inode)
{
	struct task *task = inode_task(inode);
	bool ok = false;

	if (task) {
		ok = ptrace_may_access(task, PTRACE_MODE_READ |
				       PTRACE_MODE_FSCREDS);
		task_put(task);
	}
	return ok;
}

/* ---- what is common to both directories ---- */

/* The cookie of descriptor @fd is @fd + 2. */
static int iterate(struct file *file, struct dir_context *ctx,
		   enum ino_class class, unsigned int dtype)
{
	struct task *task = inode_task(file->inode);
	pid_t nr = pid_nr(PROC_I(file->inode)->pid);
	struct file *open;
	char name[12];
	unsigned int fd;
	bool more;

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		goto out;
	for (; ctx->pos - 2 <= INT_MAX; ctx->pos = fd + 3L) {
		fd = ctx->pos - 2;
		open = fget_task_next(task, &fd);
		if (!open)
			break;
		fput(open);
		ctx->pos = fd + 2L;
		more = dir_emit(ctx, name,
				snprintf(name, sizeof(name), "%u", fd),
				task_ino(nr, class, fd), dtype);
		if (!more)
			break;
	}
out:
	task_put(task);
	return 0;
}

/* The inode for descriptor @dentry->name of the task of @dir. */
static struct inode *fd_inode(const struct inode *dir, struct dentry *dentry,
			      mode_t mode, enum ino_class class)
{
	struct task *task = inode_task(dir);
	struct inode *inode = ERR_PTR(-ENOENT);
	struct file *file = NULL;
	unsigned int fd;

	if (!task)
		return inode;
	if (name_to_number(dentry->name, dentry->name_len, &fd))
		file = fget_task(task, fd);
	if (file) {
		inode = task_inode_alloc(dir->sb, task, mode,
					 task_ino(task->pid, class, fd));
		if (!IS_ERR(inode))
			PROC_I(inode)->fd = fd;
		fput(file);
	}
	task_put(task);
	return inode;
}

/* ---- fd ---- */

/*
 * The link's permission bits are how the file was opened. Return: 0 if the
 * descriptor is closed now, so that the link is gone.
 */
int fd_link_revalidate(struct inode *inode, struct task *task)
{
	struct file *file = fget_task(task, PROC_I(inode)->fd);
	mode_t mode = S_IFLNK;

	if (!file)
		return 0;
	if (file->mode & FMODE_READ)
		mode |= 0500;
	if (file->mode & FMODE_WRITE)
		mode |= 0300;
	WRITE_ONCE(inode->mode, mode);
	fput(file);
	return 1;
}

/* Where fd/N leads, with references. 0 or -ENOENT. */
int fd_link_path(struct inode *inode, struct task *task, struct path *path)
{
	struct file *file = fget_task(task, PROC_I(inode)->fd);

	if (!file)
		return -ENOENT;
	*path = file->path;
	path_get(path);
	fput(file);
	return 0;
}

static struct dentry *fd_lookup(struct inode *dir, struct dentry *dentry,
				unsigned int lookup_flags __unused)
{
	struct inode *inode = fd_inode(dir, dentry, S_IFLNK, INO_FD);
	struct task *task;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	inode->ops = &task_link_iops;
	inode_set_size(inode, 64);
	task = inode_task(inode);
	if (!task || !fd_link_revalidate(inode, task)) {
		iput(inode);
		inode = ERR_PTR(-ENOENT);
	}
	if (task)
		task_put(task);
	return task_splice(inode, dentry);
}

static int fd_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate(file, ctx, INO_FD, mode_to_dtype(S_IFLNK));
}

/* A process may always look at its own, whoever it has become meanwhile. */
static int fd_permission(struct inode *inode, int mask)
{
	struct task *task;
	int err = generic_permission(inode, mask);

	if (!err)
		return 0;
	task = inode_task(inode);
	if (task) {
		if (same_thread_group(task, current))
			err = 0;
		task_put(task);
	}
	return err;
}

const struct inode_ops fd_dir_iops = {
	.lookup = fd_lookup,
	.permission = fd_permission,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

const struct file_ops fd_dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = fd_iterate,
};

/* ---- fdinfo ---- */

/* The file, and its flags with O_CLOEXEC as the descriptor has it. */
static struct file *get_with_flags(struct task *task, unsigned int fd,
				   unsigned int *flags)
{
	struct file *file = NULL;
	struct fdtable *fdt;

	SPIN_GUARD(&task->lock);
	if (!task->files)
		return NULL;
	spin_lock(&task->files->lock);
	file = files_lookup(task->files, fd);
	if (file) {
		get_file(file);
		fdt = task->files->fdt;
		*flags = file->flags & ~O_CLOEXEC;
		if (test_bit(fd, fdt->close_on_exec))
			*flags |= O_CLOEXEC;
	}
	spin_unlock(&task->files->lock);
	return file;
}

static int fdinfo_show(struct seq_file *m, void *v __unused)
{
	struct inode *inode = m->private;
	struct task *task = inode_task(inode);
	struct file *file = NULL;
	unsigned int flags;

	if (task) {
		file = get_with_flags(task, PROC_I(inode)->fd, &flags);
		task_put(task);
	}
	if (!file)
		return -ENOENT;
	seq_printf(m, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
		   (long)file->pos, flags, file->path.mount->id,
		   (unsigned long)file->inode->ino);
	if (file->ops->show_fdinfo)
		file->ops->show_fdinfo(m, file);
	fput(file);
	return 0;
}

static int fdinfo_open(struct inode *inode, struct file *file)
{
	if (!may_look(inode))
		return -EACCES;
	return single_open(file, fdinfo_show, inode);
}

static const struct file_ops fdinfo_fops = {
	.open = fdinfo_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE_IN,
};

static struct dentry *fdinfo_lookup(struct inode *dir, struct dentry *dentry,
				    unsigned int lookup_flags __unused)
{
	struct inode *inode = fd_inode(dir, dentry, S_IFREG | 0444,
				       INO_FDINFO);

	if (!IS_ERR(inode)) {
		inode->ops = &task_file_iops;
		inode->fops = &fdinfo_fops;
	}
	return task_splice(inode, dentry);
}

static int fdinfo_dir_open(struct inode *inode, struct file *file __unused)
{
	return may_look(inode) ? 0 : -EACCES;
}

static int fdinfo_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate(file, ctx, INO_FDINFO, mode_to_dtype(S_IFREG));
}

const struct inode_ops fdinfo_dir_iops = {
	.lookup = fdinfo_lookup,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

const struct file_ops fdinfo_dir_fops = {
	.open = fdinfo_dir_open,
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = fdinfo_iterate,
};
