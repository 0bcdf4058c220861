/*
 * /proc/<pid>/task: the threads of a process.
 *
 * Readdir lists them by number, which is also the cookie, so that a reader who
 * goes on later neither misses a thread that stayed nor sees one twice. The
 * kernel's list is in order of creation; the next few numbers are picked out
 * of it at a time.
 */
#include "internal.h"

#include <fs/dentry.h>
#include <fs/libfs.h>
#include <fs/stat.h>
#include <kernel/pid.h>
#include <lib/printf.h>

#define BATCH	64

/* Put @nr in its place among the @count lowest numbers found so far. */
static unsigned int keep_lowest(pid_t *lowest, unsigned int count, pid_t nr)
{
	unsigned int i = count;

	if (count == BATCH) {
		if (nr > lowest[BATCH - 1])
			return count;
		i = --count;
	}
	for (; i > 0 && lowest[i - 1] > nr; i--)
		lowest[i] = lowest[i - 1];
	lowest[i] = nr;
	return count + 1;
}

/* The lowest thread numbers from @from on, sorted; returns how many. */
static unsigned int next_threads(struct task *task, pid_t from, pid_t *lowest)
{
	unsigned int count = 0;
	struct task *thread;

	RCU_GUARD();
	for_each_thread_rcu(task, thread)
		if (thread->pid >= from)
			count = keep_lowest(lowest, count, thread->pid);
	return count;
}

static bool emit_thread(struct dir_context *ctx, pid_t nr)
{
	char name[12];

	ctx->pos = nr + 1L;
	return dir_emit(ctx, name, snprintf(name, sizeof(name), "%d", nr),
			task_ino(nr, INO_THREAD, 0), mode_to_dtype(S_IFDIR));
}

/* The cookie of thread @nr is @nr + 1: 0 and 1 are the dots'. */
static int threads_iterate(struct file *file, struct dir_context *ctx)
{
	struct task *task = inode_task(file->inode);
	unsigned int count, i;
	pid_t lowest[BATCH];

	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		goto out;
	while (ctx->pos - 1 <= INT_MAX &&
	       (count = next_threads(task, ctx->pos - 1, lowest)) != 0) {
		for (i = 0; i < count; i++)
			if (!emit_thread(ctx, lowest[i]))
				goto out;
		ctx->pos = lowest[count - 1] + 2L;
	}
out:
	task_put(task);
	return 0;
}

static struct dentry *threads_lookup(struct inode *dir, struct dentry *dentry,
				     unsigned int lookup_flags __unused)
{
	struct inode *inode = ERR_PTR(-ENOENT);
	struct task *process, *thread = NULL;
	unsigned int nr;

	process = inode_task(dir);
	if (!process)
		return ERR_PTR(-ENOENT);
	if (name_to_number(dentry->name, dentry->name_len, &nr))
		thread = get_task_by_pid(nr);
	if (thread) {
		if (same_thread_group(process, thread))
			inode = task_dir_inode(dir->sb, thread, true);
		task_put(thread);
	}
	task_put(process);
	return task_splice(inode, dentry);
}

/* As many links as directories, threads among them. */
static int threads_getattr(const struct path *path, struct kstat *stat,
			   uint32_t request_mask, unsigned int flags)
{
	struct inode *inode = path->dentry->inode;
	struct task *task = inode_task(inode);
	int err = task_getattr(path, stat, request_mask, flags);

	if (task) {
		stat->nlink = 2 + READ_ONCE(task->group->nr_threads);
		task_put(task);
	}
	return err;
}

const struct inode_ops threads_iops = {
	.lookup = threads_lookup,
	.getattr = threads_getattr,
	.setattr = task_setattr,
};

const struct file_ops threads_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = threads_iterate,
};
