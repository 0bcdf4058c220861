/*
 * Smaller files of a task: its name, limits, mounts, how it would fare if
 * memory ran out, what a core dump of it would have, what it has read and
 * written.
 *
 * Of /proc/<pid>/io (the counting is in kernel/io_usage.h) the last three lines
 * are about disks: bytes fetched, bytes that will have to be stored, and of
 * these, bytes that were taken back in time. All files live in memory, for
 * which both kernels say 0.
 *
 * Source: man 5 proc, man 5 core (coredump_filter).
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/signal.h>
#include <lib/parse.h>
#include <mm/mm.h>
#include <mm/oom.h>

#include "show.h"

/* ---- comm ---- */

static int comm_show(struct seq_file *m, void *v __unused)
{
	struct task *task = inode_task(m->private);

	if (!task)
		return -ESRCH;
	seq_printf(m, "%.*s\n", TASK_COMM_LEN, task->comm);
	task_put(task);
	return 0;
}

static int comm_open(struct inode *inode, struct file *file)
{
	return single_open(file, comm_show, inode);
}

/* A thread may rename any of its own process, nobody else's. */
static ssize_t comm_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct task *task;
	char name[TASK_COMM_LEN] = {};
	size_t len = iov_iter_count(from);

	if (!copy_from_iter_full(name, min(len, sizeof(name) - 1), from))
		return -EFAULT;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	if (same_thread_group(task, current))
		set_task_comm(task, name);
	else
		len = -EINVAL;
	task_put(task);
	return len;
}

const struct file_ops task_comm_fops = {
	.open = comm_open,
	.read_iter = seq_read_iter,
	.write_iter = comm_write,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE,
};

/* ---- limits and personality ---- */

static const struct {
	const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { "Max cpu time", "seconds" },
	[RLIMIT_FSIZE] = { "Max file size", "bytes" },
	[RLIMIT_DATA] = { "Max data size", "bytes" },
	[RLIMIT_STACK] = { "Max stack size", "bytes" },
	[RLIMIT_CORE] = { "Max core file size", "bytes" },
	[RLIMIT_RSS] = { "Max resident set", "bytes" },
	[RLIMIT_NPROC] = { "Max processes", "processes" },
	[RLIMIT_NOFILE] = { "Max open files", "files" },
	[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
	[RLIMIT_AS] = { "Max address space", "bytes" },
	[RLIMIT_LOCKS] = { "Max file locks", "locks" },
	[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
	[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
	[RLIMIT_NICE] = { "Max nice priority", NULL },
	[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
	[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void show_limit(struct seq_file *m, uint64_t limit)
{
	if (limit == RLIM_INFINITY)
		seq_printf(m, " %-20s", "unlimited");
	else
		seq_printf(m, " %-20lu", (unsigned long)limit);
}

int task_limits_show(struct seq_file *m, struct task *task)
{
	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		   "Hard Limit", "Units");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		const struct rlimit *limit = &task->group->rlim[i];

		seq_printf(m, "%-25s", limit_names[i].name);
		show_limit(m, READ_ONCE(limit->rlim_cur));
		show_limit(m, READ_ONCE(limit->rlim_max));
		if (limit_names[i].unit)
			seq_printf(m, " %-10s\n", limit_names[i].unit);
		else
			seq_puts(m, " \n");
	}
	return 0;
}

int task_personality_show(struct seq_file *m, struct task *task)
{
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS))
		return -EPERM;
	seq_printf(m, "%08x\n", task->personality);
	return 0;
}

/* Who logged in, for auditing. Nobody ever says so here: unset, as uid -1. */
int task_loginuid_show(struct seq_file *m, struct task *task __unused)
{
	seq_printf(m, "%u", (uid_t)-1);
	return 0;
}

/* ---- out of memory ---- */

#define OOM_SCORE_ADJ_MAX	1000

int task_oom_score_show(struct seq_file *m, struct task *task)
{
	struct mm *mm = get_task_mm(task);
	unsigned long score = 0;

	if (mm) {
		score = oom_score(mm, READ_ONCE(task->group->oom_score_adj));
		mmput(mm);
	}
	seq_printf(m, "%lu\n", score);
	return 0;
}

static int oom_score_adj_show(struct seq_file *m, void *v __unused)
{
	struct task *task = inode_task(m->private);

	if (!task)
		return -ESRCH;
	seq_printf(m, "%d\n", READ_ONCE(task->group->oom_score_adj));
	task_put(task);
	return 0;
}

static int oom_score_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_score_adj_show, inode);
}

/*
 * Anyone may offer to die sooner; to die later than before takes a right.
 * "Before" is, the old way, now.
 */
static int set_oom_score_adj(struct task *task, int adj, bool is_old_way)
{
	bool privileged = capable(CAP_SYS_RESOURCE);
	struct thread_group *group = task->group;
	unsigned long flags;
	int err = 0, min;

	if (!lock_task_sighand(task, &flags))
		return -ESRCH;
	min = is_old_way ? group->oom_score_adj : group->oom_score_adj_min;
	if (adj < min && !privileged) {
		err = -EACCES;
	} else {
		WRITE_ONCE(group->oom_score_adj, adj);
		if (privileged && !is_old_way)
			group->oom_score_adj_min = adj;
	}
	unlock_task_sighand(task, flags);
	return err;
}

static int read_number(struct iov_iter *from, int *number)
{
	char text[16] = {};

	if (!copy_from_iter_full(text, min(iov_iter_count(from),
					   sizeof(text) - 1), from))
		return -EFAULT;
	return kstrtoint(text, 0, number);
}

static ssize_t oom_score_adj_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	int adj, err = read_number(from, &adj);

	if (err)
		return err;
	if (adj < -OOM_SCORE_ADJ_MAX || adj > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	err = set_oom_score_adj(task, adj, false);
	task_put(task);
	return err ? err : (ssize_t)len;
}

const struct file_ops task_oom_score_adj_fops = {
	.open = oom_score_adj_open,
	.read_iter = seq_read_iter,
	.write_iter = oom_score_adj_write,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE,
};

/* ---- the same as it was before Linux 2.6.36, from -17 to 15 ---- */

#define OOM_ADJ_MIN	(-17)	/* never */
#define OOM_ADJ_MAX	15	/* the first */

static int oom_adj_show(struct seq_file *m, void *v __unused)
{
	struct task *task = inode_task(m->private);
	int adj;

	if (!task)
		return -ESRCH;
	adj = READ_ONCE(task->group->oom_score_adj);
	task_put(task);
	seq_printf(m, "%d\n", min(adj * -OOM_ADJ_MIN / OOM_SCORE_ADJ_MAX,
				  OOM_ADJ_MAX));
	return 0;
}

static int oom_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_adj_show, inode);
}

static ssize_t oom_adj_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	int adj, err = read_number(from, &adj);

	if (err)
		return err;
	if (adj < OOM_ADJ_MIN || adj > OOM_ADJ_MAX)
		return -EINVAL;
	/* The scale's upper end is the new one's, too. */
	adj = adj == OOM_ADJ_MAX ? OOM_SCORE_ADJ_MAX :
				   adj * OOM_SCORE_ADJ_MAX / -OOM_ADJ_MIN;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	err = set_oom_score_adj(task, adj, true);
	task_put(task);
	return err ? err : (ssize_t)len;
}

const struct file_ops task_oom_adj_fops = {
	.open = oom_adj_open,
	.read_iter = seq_read_iter,
	.write_iter = oom_adj_write,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* ---- mounts ---- */

struct mounts_reader {
	struct seq_file	*m;
	struct path	root;	/* the task's: what is not below is not told */
	int		(*show)(struct seq_file *m, struct mount *mount,
				const struct path *root);
};

static int show_one(struct mount *mount, void *arg)
{
	struct mounts_reader *reader = arg;

	return reader->show(reader->m, mount, &reader->root);
}

static int show_mounts(struct mounts_reader *reader, struct task *task)
{
	int err = task_root_link(NULL, task, &reader->root);

	if (err)
		return -EINVAL;
	err = mounts_for_each(show_one, reader);
	path_put(&reader->root);
	return err;
}

int task_mounts_show(struct seq_file *m, struct task *task)
{
	struct mounts_reader reader = { .m = m, .show = mount_show };

	return show_mounts(&reader, task);
}

int task_mountinfo_show(struct seq_file *m, struct task *task)
{
	struct mounts_reader reader = { .m = m, .show = mountinfo_show };

	return show_mounts(&reader, task);
}

/* ---- coredump_filter ---- */

static int show(struct seq_file *m, void *v __unused)
{
	struct task *task = inode_task(m->private);
	struct mm *mm;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	task_put(task);
	if (!mm)
		return 0;
	seq_printf(m, "%08x\n", READ_ONCE(mm->dump_filter));
	mmput(mm);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode);
}

/* Bits that mean nothing are dropped. */
static ssize_t write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	char text[16] = {};
	struct mm *mm;
	unsigned int filter;
	int err;

	if (!copy_from_iter_full(text, min(len, sizeof(text) - 1), from))
		return -EFAULT;
	err = kstrtouint(text, 0, &filter);
	if (err)
		return err;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	task_put(task);
	if (!mm)
		return -ESRCH;
	WRITE_ONCE(mm->dump_filter, filter & COREDUMP_ALL);
	mmput(mm);
	return len;
}

const struct file_ops task_coredump_filter_fops = {
	.open = open,
	.read_iter = seq_read_iter,
	.write_iter = write,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE,
};

/* ---- io ---- */

/*
 * The process's: its tasks', those gone among them. Of a process that has been
 * reaped there is only the task that was asked about.
 */
static struct io_usage usage_of_process(struct task *task)
{
	struct io_usage sum = {};
	struct task *thread;
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return task->io;
	sum = task->group->io;
	for_each_thread_rcu(task, thread)
		io_usage_add(&sum, &thread->io);
	unlock_task_sighand(task, flags);
	return sum;
}

/* How long the passwords are that a program reads is nobody's business. */
int task_io_show(struct seq_file *m, struct task *task)
{
	struct io_usage io = task->io;

	if (!ptrace_may_access(task, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS))
		return -EACCES;
	if (!task_show_is_thread(m))
		io = usage_of_process(task);
	seq_printf(m, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\n",
		   io.read_bytes, io.written_bytes, io.read_calls,
		   io.write_calls);
	seq_puts(m, "read_bytes: 0\nwrite_bytes: 0\n"
		 "cancelled_write_bytes: 0\n");
	return 0;
}
