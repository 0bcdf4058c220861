/*
 * /proc/<pid>/uid_map, gid_map, projid_map, setgroups, cgroup, children: what
 * a task belongs to.
 *
 * There is one user namespace, the initial one. In it each id is itself, which
 * nobody can change, and setgroups(2) is allowed, which cannot be taken back.
 * Of control groups there is no hierarchy that a task could have a place in.
 *
 * Source: man 7 user_namespaces, man 7 cgroups, man 5 proc.
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <lib/string.h>

/* ---- maps ---- */

static int id_map_show(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%10u %10u %10u\n", 0U, 0U, UINT32_MAX);
	return 0;
}

/* A file about a task that is the same for all; but there has to be one. */
static int open_same(struct inode *inode, struct file *file,
		     int (*show)(struct seq_file *m, void *v))
{
	struct task *task = inode_task(inode);

	if (!task)
		return -EINVAL;
	task_put(task);
	return single_open(file, show, inode);
}

static int id_map_open(struct inode *inode, struct file *file)
{
	return open_same(inode, file, id_map_show);
}

static ssize_t id_map_write(struct kiocb *iocb __unused,
			    struct iov_iter *from __unused)
{
	return -EPERM;
}

const struct file_ops task_id_map_fops = {
	.open = id_map_open,
	.read_iter = seq_read_iter,
	.write_iter = id_map_write,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* ---- setgroups ---- */

static int setgroups_show(struct seq_file *m, void *v __unused)
{
	seq_puts(m, "allow\n");
	return 0;
}

static int setgroups_open(struct inode *inode, struct file *file)
{
	if ((file->mode & FMODE_WRITE) && !capable(CAP_SYS_ADMIN))
		return -EACCES;
	return open_same(inode, file, setgroups_show);
}

static ssize_t setgroups_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from), end;
	char word[8] = {};

	if (iocb->pos != 0 || len >= sizeof(word))
		return -EINVAL;
	if (!copy_from_iter_full(word, len, from))
		return -EFAULT;
	for (end = strlen(word); end > 0; end--)
		if (!strchr(" \t\n", word[end - 1]))
			break;
	word[end] = '\0';
	if (strcmp(word, "deny") == 0)
		return -EPERM;
	return strcmp(word, "allow") == 0 ? (ssize_t)len : -EINVAL;
}

const struct file_ops task_setgroups_fops = {
	.open = setgroups_open,
	.read_iter = seq_read_iter,
	.write_iter = setgroups_write,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* ---- cgroup and children ---- */

int task_cgroup_show(struct seq_file *m __unused, struct task *task __unused)
{
	return 0;
}

/* Those it forked, or was given as their new parent, until they are reaped. */
int task_children_show(struct seq_file *m, struct task *task)
{
	unsigned long flags = spin_lock_irqsave(&tasklist_lock);
	struct task *child;

	list_for_each_entry(child, &task->children, sibling)
		if (child->group->leader == child)
			seq_printf(m, "%d ", child->pid);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return 0;
}
