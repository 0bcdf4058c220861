/*
 * /proc/<pid> and /proc/<pid>/task/<tid>: the directory of one task.
 *
 * What is in it stands in one table, task_files. Nothing of it stays in the
 * dentry cache: a dentry goes with its last user, since its task may be gone by
 * the next time, and the number another's. While it is in use, revalidate asks
 * each time whether the task still exists and whose it is now.
 *
 * An inode holds a struct pid. Each operation turns that into a task with a
 * reference (inode_task()), or answers -ESRCH, and takes what it needs of the
 * task's (mm, files, handlers) under the lock that the task's exit takes too.
 */
#include "internal.h"

#include <arch/current.h>
#include <fs/attr.h>
#include <fs/dentry.h>
#include <fs/libfs.h>
#include <fs/namei.h>
#include <fs/seq_file.h>
#include <fs/stat.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/posix_timers.h>
#include <kernel/ptrace.h>
#include <mm/mm.h>
#include <mm/slab.h>

static const struct inode_ops task_dir_iops;
static const struct file_ops task_dir_fops, task_text_fops, task_mounts_fops;

/* ---- the table ---- */

#define DIR(n, m, w, ops, file_ops)					\
	{ .name = n, .mode = S_IFDIR | m, .where = w, .iops = &ops,	\
	  .fops = &file_ops }
#define TEXT(n, m, fn)							\
	{ .name = n, .mode = S_IFREG | m, .where = IN_BOTH, .show = fn,	\
	  .iops = &task_file_iops, .fops = &task_text_fops }
#define MOUNTS(n, fn)							\
	{ .name = n, .mode = S_IFREG | 0444, .where = IN_BOTH,		\
	  .show = fn, .iops = &task_file_iops, .fops = &task_mounts_fops }
#define FILE(n, m, file_ops)						\
	{ .name = n, .mode = S_IFREG | m, .where = IN_BOTH,		\
	  .iops = &task_file_iops, .fops = &file_ops }
#define LINK(n, fn)							\
	{ .name = n, .mode = S_IFLNK | 0777, .where = IN_BOTH,		\
	  .link = fn, .iops = &task_link_iops }

const struct task_file task_files[] = {
	DIR("task", 0555, IN_PROCESS, threads_iops, threads_fops),
	DIR("fd", 0500, IN_BOTH, fd_dir_iops, fd_dir_fops),
	DIR("fdinfo", 0555, IN_BOTH, fdinfo_dir_iops, fdinfo_dir_fops),
	DIR("ns", 0511, IN_BOTH, ns_dir_iops, ns_dir_fops),
	{ .name = "net", .mode = S_IFDIR | 0555, .where = IN_BOTH,
	  .iops = &net_dir_iops, .fops = &net_dir_fops, .private = &proc_net },
	FILE("environ", 0400, task_environ_fops),
	FILE("auxv", 0400, task_auxv_fops),
	TEXT("status", 0444, task_status_show),
	TEXT("personality", 0400, task_personality_show),
	TEXT("limits", 0444, task_limits_show),
	TEXT("timers", 0444, posix_timers_show),
	TEXT("sched", 0444, task_sched_show),
	{ .name = "timerslack_ns", .mode = S_IFREG | 0666, .where = IN_PROCESS,
	  .iops = &task_file_iops, .fops = &task_timerslack_fops },
	FILE("comm", 0644, task_comm_fops),
	TEXT("syscall", 0400, task_syscall_show),
	FILE("cmdline", 0444, task_cmdline_fops),
	TEXT("stat", 0444, task_stat_show),
	TEXT("statm", 0444, task_statm_show),
	FILE("maps", 0444, task_maps_fops),
	FILE("mem", 0600, task_mem_fops),
	LINK("cwd", task_cwd_link),
	LINK("root", task_root_link),
	LINK("exe", task_exe_link),
	MOUNTS("mounts", task_mounts_show),
	MOUNTS("mountinfo", task_mountinfo_show),
	FILE("smaps", 0444, task_smaps_fops),
	FILE("smaps_rollup", 0444, task_smaps_rollup_fops),
	TEXT("wchan", 0444, task_wchan_show),
	TEXT("stack", 0400, task_stack_show),
	TEXT("schedstat", 0444, task_schedstat_show),
	TEXT("loginuid", 0444, task_loginuid_show),
	TEXT("oom_score", 0444, task_oom_score_show),
	FILE("oom_adj", 0644, task_oom_adj_fops),
	FILE("oom_score_adj", 0644, task_oom_score_adj_fops),
	FILE("coredump_filter", 0644, task_coredump_filter_fops),
	TEXT("io", 0400, task_io_show),
	FILE("pagemap", 0400, task_pagemap_fops),
	FILE("clear_refs", 0200, task_clear_refs_fops),
	FILE("uid_map", 0644, task_id_map_fops),
	FILE("gid_map", 0644, task_id_map_fops),
	FILE("projid_map", 0644, task_id_map_fops),
	FILE("setgroups", 0644, task_setgroups_fops),
	TEXT("cgroup", 0444, task_cgroup_show),
	{ .name = "children", .mode = S_IFREG | 0444, .where = IN_THREAD,
	  .show = task_children_show, .iops = &task_file_iops,
	  .fops = &task_text_fops },
};

const unsigned int nr_task_files = ARRAY_SIZE(task_files);

/* ---- tasks of inodes ---- */

/* The task @inode is about, with a reference; NULL if it is gone. */
struct task *inode_task(const struct inode *inode)
{
	struct task *task;

	RCU_GUARD();
	task = pid_task(PROC_I(inode)->pid, PIDTYPE_PID);
	return task && refcount_get_unless_zero(&task->refs) ? task : NULL;
}

/*
 * Give @inode its owner: the task's effective ids. If others may not look into
 * the task (set-id programs), its files are root's; so are a zombie's. The
 * directories everyone may list stay the user's.
 */
static void set_owner(struct inode *inode, struct task *task)
{
	const struct cred *cred = task_cred_get(task);
	bool to_root = false;

	if (inode->mode != (S_IFDIR | 0555)) {
		spin_lock(&task->lock);
		to_root = !task->mm || READ_ONCE(task->mm->dumpable) != 1;
		spin_unlock(&task->lock);
	}
	WRITE_ONCE(inode->uid, to_root ? 0 : cred->euid);
	WRITE_ONCE(inode->gid, to_root ? 0 : cred->egid);
	cred_put(cred);
}

/*
 * An inode that is about @task. The caller sets ops, and fops unless it is a
 * link. Context: process; may sleep. Return: ERR_PTR(-ENOMEM, -ENOENT).
 */
struct inode *task_inode_alloc(struct super_block *sb, struct task *task,
			       mode_t mode, ino_t ino)
{
	struct inode *inode = new_inode(sb);
	struct pid *pid;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	rcu_read_lock();
	pid = task_pid_of(task, PIDTYPE_PID);
	if (pid && !refcount_get_unless_zero(&pid->refs))
		pid = NULL;
	rcu_read_unlock();
	PROC_I(inode)->pid = pid;
	if (!pid) {
		iput(inode);
		return ERR_PTR(-ENOENT);
	}
	inode->ino = ino;
	inode->mode = mode;
	inode->atime = inode->mtime = inode->ctime = current_time(inode);
	set_owner(inode, task);
	return inode;
}

/* ---- dentries ---- */

/*
 * Is what @dentry stands for still there? Its owner may have changed.
 * Return: 1, 0, or -ECHILD: not without references.
 */
static int task_revalidate(struct dentry *dentry, unsigned int lookup_flags)
{
	struct inode *inode;
	struct task *task;
	int valid = 1;

	if (lookup_flags & LOOKUP_RCU)
		return -ECHILD;
	inode = d_inode(dentry);
	task = inode ? inode_task(inode) : NULL;
	if (!task)
		return 0;
	if (S_ISLNK(inode->mode) && !PROC_I(inode)->file)
		valid = fd_link_revalidate(inode, task);
	set_owner(inode, task);
	task_put(task);
	return valid;
}

static bool task_dentry_delete(const struct dentry *dentry __unused)
{
	return true;
}

static const struct dentry_ops task_dentry_ops = {
	.revalidate = task_revalidate,
	.delete = task_dentry_delete,
};

/* The end of lookup ops for tasks' files; @inode may be an ERR_PTR. */
struct dentry *task_splice(struct inode *inode, struct dentry *dentry)
{
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	/* Nobody else has the dentry yet. */
	dentry->ops = &task_dentry_ops;
	dentry->flags |= DENTRY_REVALIDATE | DENTRY_DELETE;
	d_add(dentry, inode);
	return NULL;
}

/* ---- inode operations of all of them ---- */

/* The directory and its files are the task's to define, not to be changed. */
int task_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	if (attr->valid & ATTR_MODE)
		return -EPERM;
	err = setattr_prepare(dentry, attr);
	if (!err)
		setattr_copy(dentry->inode, attr);
	return err;
}

int task_getattr(const struct path *path, struct kstat *stat,
		 uint32_t request_mask __unused, unsigned int flags __unused)
{
	struct inode *inode = path->dentry->inode;
	struct task *task = inode_task(inode);

	if (task) {
		set_owner(inode, task);
		task_put(task);
	}
	generic_fillattr(inode, stat);
	return 0;
}

const struct inode_ops task_file_iops = {
	.getattr = task_getattr,
	.setattr = task_setattr,
};

/* ---- texts ---- */

/* Of a file open()ed by task_text_open(): is it below task/? */
bool task_show_is_thread(const struct seq_file *m)
{
	return PROC_I(m->private)->is_thread;
}

static int task_text_show(struct seq_file *m, void *v __unused)
{
	struct inode *inode = m->private;
	struct task *task = inode_task(inode);
	int err;

	if (!task)
		return -ESRCH;
	err = PROC_I(inode)->file->show(m, task);
	task_put(task);
	return err;
}

static int task_text_open(struct inode *inode, struct file *file)
{
	return single_open(file, task_text_show, inode);
}

static const struct file_ops task_text_fops = {
	.open = task_text_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE_IN,
};

/* Of all texts about a task, only these may be spliced. */
static const struct file_ops task_mounts_fops = {
	.open = task_text_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* ---- magic links ---- */

/* Where @inode leads, with references. 0, -EACCES, -ENOENT. */
static int link_path(struct inode *inode, struct path *path)
{
	struct task *task = inode_task(inode);
	int err = -EACCES;

	if (!task)
		return -ENOENT;
	if (ptrace_may_access(task, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS))
		err = PROC_I(inode)->file ?
		      PROC_I(inode)->file->link(inode, task, path) :
		      fd_link_path(inode, task, path);
	task_put(task);
	return err;
}

static const char *task_get_link(struct dentry *dentry, struct inode *inode,
				 struct link_done *done)
{
	struct path path;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	err = link_path(inode, &path);
	return err ? ERR_PTR(err) : nd_jump_link(done, &path);
}

static int task_readlink(struct dentry *dentry, char *buf, int size)
{
	struct path path;
	char *page, *text;
	int len = link_path(dentry->inode, &path);

	if (len)
		return len;
	page = kmalloc(PATH_MAX, GFP_KERNEL);
	text = page ? d_path(&path, page, PATH_MAX) : ERR_PTR(-ENOMEM);
	if (IS_ERR(text)) {
		len = PTR_ERR(text);
	} else {
		len = min_t(size_t, strlen(text), size);
		memcpy(buf, text, len);
	}
	kfree(page);
	path_put(&path);
	return len;
}

const struct inode_ops task_link_iops = {
	.get_link = task_get_link,
	.readlink = task_readlink,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

/* ---- the directory ---- */

static unsigned int dir_kind(const struct inode *dir)
{
	return PROC_I(dir)->is_thread ? IN_THREAD : IN_PROCESS;
}

static enum ino_class dir_ino_class(const struct inode *dir)
{
	return PROC_I(dir)->is_thread ? INO_THREAD : INO_PROCESS;
}

static ino_t file_ino(const struct inode *dir, const struct task_file *file)
{
	return task_ino(pid_nr(PROC_I(dir)->pid), dir_ino_class(dir),
			1 + (file - task_files));
}

static struct inode *file_inode(const struct inode *dir, struct task *task,
				const struct task_file *file)
{
	struct inode *inode = task_inode_alloc(dir->sb, task, file->mode,
					       file_ino(dir, file));

	if (IS_ERR(inode))
		return inode;
	PROC_I(inode)->file = file;
	PROC_I(inode)->is_thread = PROC_I(dir)->is_thread;
	inode->private = file->private;
	inode->ops = file->iops;
	if (file->fops)
		inode->fops = file->fops;
	if (S_ISDIR(file->mode))
		set_nlink(inode, 2);
	return inode;
}

static const struct task_file *find_file(const struct inode *dir,
					 const char *name)
{
	for (unsigned int i = 0; i < nr_task_files; i++)
		if ((task_files[i].where & dir_kind(dir)) &&
		    strcmp(task_files[i].name, name) == 0)
			return &task_files[i];
	return NULL;
}

static struct dentry *task_dir_lookup(struct inode *dir, struct dentry *dentry,
				      unsigned int lookup_flags __unused)
{
	const struct task_file *file = find_file(dir, dentry->name);
	struct task *task = file ? inode_task(dir) : NULL;
	struct inode *inode;

	if (!task)
		return ERR_PTR(-ENOENT);
	inode = file_inode(dir, task, file);
	task_put(task);
	return task_splice(inode, dentry);
}

static int task_dir_iterate(struct file *file, struct dir_context *ctx)
{
	const struct inode *dir = file->inode;
	struct task *task = inode_task(dir);

	if (!task)
		return -ENOENT;
	task_put(task);
	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos - 2 < nr_task_files; ctx->pos++) {
		const struct task_file *entry = &task_files[ctx->pos - 2];

		if (!(entry->where & dir_kind(dir)))
			continue;
		if (!dir_emit(ctx, entry->name, strlen(entry->name),
			      file_ino(dir, entry),
			      mode_to_dtype(entry->mode)))
			return 0;
	}
	return 0;
}

/*
 * Whoever still stands in the directory of a process that is gone is told so.
 * Context: any, since RCU walks ask too. Return: 0, -EACCES, -ESRCH.
 */
static int task_dir_permission(struct inode *inode, int mask)
{
	struct task *task;

	RCU_GUARD();
	task = pid_task(PROC_I(inode)->pid, PIDTYPE_PID);
	return task ? generic_permission(inode, mask) : -ESRCH;
}

static const struct inode_ops task_dir_iops = {
	.lookup = task_dir_lookup,
	.permission = task_dir_permission,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

static const struct file_ops task_dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = task_dir_iterate,
};

struct pid *proc_process_of(struct file *file)
{
	if (file->ops != &task_dir_fops || PROC_I(file->inode)->is_thread)
		return NULL;
	return pid_get(PROC_I(file->inode)->pid);
}

/* The inode of a task's directory. May sleep. ERR_PTR(-ENOMEM, -ENOENT). */
struct inode *task_dir_inode(struct super_block *sb, struct task *task,
			     bool is_thread)
{
	struct inode *inode;

	inode = task_inode_alloc(sb, task, S_IFDIR | 0555,
				 task_ino(task->pid, is_thread ? INO_THREAD :
					  INO_PROCESS, 0));
	if (IS_ERR(inode))
		return inode;
	PROC_I(inode)->is_thread = is_thread;
	inode->ops = &task_dir_iops;
	inode->fops = &task_dir_fops;
	set_nlink(inode, is_thread ? 5 : 6);
	return inode;
}

/*
 * A name that is a number as readdir writes it: no sign, no zero in front,
 * below INT_MAX.
 */
bool name_to_number(const char *name, size_t len, unsigned int *number)
{
	unsigned int n = 0;

	if (len == 0 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned int digit = name[i] - '0';

		if (digit > 9 || n > (INT_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}

/*
 * /proc/<pid>. Threads other than the first are not listed, but found: as on
 * Linux their directory looks like a process's.
 */
struct dentry *proc_process_lookup(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode;
	struct task *task;
	unsigned int nr;

	if (!name_to_number(dentry->name, dentry->name_len, &nr))
		return ERR_PTR(-ENOENT);
	task = get_task_by_pid(nr);
	if (!task)
		return ERR_PTR(-ENOENT);
	inode = task_dir_inode(dir->sb, task, false);
	task_put(task);
	return task_splice(inode, dentry);
}
