/*
 * Magic links of a task: its working directory, its root, its program; and, in
 * its directory ns, the namespaces it is in, as links to files of nsfs.
 *
 * A link's function is given a task with a reference, and the link's inode, and
 * gives a path with references; -ENOENT if the task has no such thing (kernel
 * threads have no program, zombies have nothing).
 *
 * All tasks are in the initial namespaces. A zombie has left those that live on
 * what it has given up already; its numbers, and who it was, it still has.
 *
 * Source: man 7 namespaces ("The /proc/pid/ns/ directory").
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/libfs.h>
#include <fs/nsfs.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/mm.h>

int task_cwd_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	SPIN_GUARD(&task->lock);
	if (!task->fs)
		return -ENOENT;
	fs_get_pwd(task->fs, path);
	return 0;
}

int task_root_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	SPIN_GUARD(&task->lock);
	if (!task->fs)
		return -ENOENT;
	fs_get_root(task->fs, path);
	return 0;
}

/* Context: may sleep, for mmap_lock. */
int task_exe_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	struct mm *mm = get_task_mm(task);
	int err = -ENOENT;

	if (!mm)
		return err;
	mmap_read_lock(mm);
	if (mm->exe_file) {
		*path = mm->exe_file->path;
		path_get(path);
		err = 0;
	}
	mmap_read_unlock(mm);
	mmput(mm);
	return err;
}

/* ---- namespaces ---- */

struct ns_entry {
	enum ns_kind	kind;
	bool		of_zombies;
};

static int ns_link(struct inode *inode, struct task *task, struct path *path)
{
	const struct ns_entry *entry = inode->private;

	if (READ_ONCE(task->exit_state) && !entry->of_zombies)
		return -ENOENT;
	ns_path(entry->kind, path);
	return 0;
}

#define NS(n, k, zombies)						\
	{ .name = n, .mode = S_IFLNK | 0777, .where = IN_BOTH,		\
	  .link = ns_link, .iops = &task_link_iops,			\
	  .private = &(struct ns_entry){ k, zombies } }

static const struct task_file ns_files[] = {
	NS("net", NS_NET, false),
	NS("uts", NS_UTS, false),
	NS("ipc", NS_IPC, false),
	NS("pid", NS_PID, true),
	NS("pid_for_children", NS_PID, false),
	NS("user", NS_USER, true),
	NS("mnt", NS_MNT, false),
	NS("cgroup", NS_CGROUP, false),
	NS("time", NS_TIME, false),
	NS("time_for_children", NS_TIME, false),
};

static ino_t ns_ino(const struct task *task, unsigned int i)
{
	return task_ino(task->pid, INO_NS, i);
}

/* ERR_PTR: -ENOENT, -ENOMEM. */
static struct inode *ns_inode(struct inode *dir, struct task *task,
			      const char *name)
{
	struct inode *inode;

	for (unsigned int i = 0; i < ARRAY_SIZE(ns_files); i++) {
		if (strcmp(ns_files[i].name, name) != 0)
			continue;
		inode = task_inode_alloc(dir->sb, task, ns_files[i].mode,
					 ns_ino(task, i));
		if (IS_ERR(inode))
			return inode;
		PROC_I(inode)->file = &ns_files[i];
		PROC_I(inode)->is_thread = PROC_I(dir)->is_thread;
		inode->private = ns_files[i].private;
		inode->ops = ns_files[i].iops;
		return inode;
	}
	return ERR_PTR(-ENOENT);
}

static struct dentry *ns_lookup(struct inode *dir, struct dentry *dentry,
				unsigned int lookup_flags __unused)
{
	struct task *task = inode_task(dir);
	struct inode *inode;

	if (!task)
		return ERR_PTR(-ENOENT);
	inode = ns_inode(dir, task, dentry->name);
	task_put(task);
	return task_splice(inode, dentry);
}

static int ns_iterate(struct file *file, struct dir_context *ctx)
{
	struct task *task = inode_task(file->inode);

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		goto out;
	for (; ctx->pos - 2 < (loff_t)ARRAY_SIZE(ns_files); ctx->pos++) {
		unsigned int i = ctx->pos - 2;

		if (!dir_emit(ctx, ns_files[i].name, strlen(ns_files[i].name),
			      ns_ino(task, i), mode_to_dtype(S_IFLNK)))
			break;
	}
out:
	task_put(task);
	return 0;
}

const struct inode_ops ns_dir_iops = {
	.lookup = ns_lookup,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

const struct file_ops ns_dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = ns_iterate,
};
