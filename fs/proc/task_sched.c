/*
 * /proc/PID/sched, schedstat and timerslack_ns: what the scheduler knows about
 * a task.
 *
 * schedstat has three numbers: ns on a CPU, ns spent waiting for one, and how
 * often it came to run. sched has more, for people.
 *
 * Source: Linux, Documentation/scheduler/sched-stats.rst.
 */
#include "internal.h"
#include "show.h"

#include <arch/current.h>
#include <fs/iov_iter.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/parse.h>

/* How often it came to run: once more than it left, or as often. */
static unsigned long turns(struct task *task)
{
	return READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw) +
	       task_on_cpu(task);
}

int task_schedstat_show(struct seq_file *m, struct task *task)
{
	seq_printf(m, "%lu %lu %lu\n", (unsigned long)task_runtime_ns(task),
		   (unsigned long)READ_ONCE(task->sched.se.waited_ns),
		   turns(task));
	return 0;
}

static void show_ns(struct seq_file *m, const char *name, uint64_t ns)
{
	seq_printf(m, "%-45s:%14lu.%06lu\n", name,
		   (unsigned long)(ns / NSEC_PER_MSEC),
		   (unsigned long)(ns % NSEC_PER_MSEC));
}

static void show_number(struct seq_file *m, const char *name, long value)
{
	seq_printf(m, "%-45s:%21ld\n", name, value);
}

int task_sched_show(struct seq_file *m, struct task *task)
{
	const struct task_sched *sched = &task->sched;
	unsigned long nvcsw = READ_ONCE(task->nvcsw);
	unsigned long nivcsw = READ_ONCE(task->nivcsw);

	proc_show_name(m, task);
	seq_printf(m, " (%d, #threads: %d)\n", task->pid,
		   READ_ONCE(task->group->nr_threads));
	seq_puts(m, "---------------------------------------------------------"
		 "----------\n");
	show_ns(m, "se.exec_start", READ_ONCE(sched->se.exec_start_ns));
	show_ns(m, "se.vruntime", READ_ONCE(sched->se.vruntime));
	show_ns(m, "se.sum_exec_runtime", task_runtime_ns(task));
	show_number(m, "nr_switches", nvcsw + nivcsw);
	show_number(m, "nr_voluntary_switches", nvcsw);
	show_number(m, "nr_involuntary_switches", nivcsw);
	show_number(m, "se.load.weight", READ_ONCE(sched->se.weight) * 1024L);
	show_number(m, "policy", READ_ONCE(sched->policy));
	show_number(m, "prio", PRIO_FAIR + task_prio(task));
	if (task_effective_prio(task) == PRIO_DEADLINE) {
		show_number(m, "dl.runtime", sched->dl.left_ns);
		show_number(m, "dl.deadline", sched->dl.due_ns);
	}
	return 0;
}

/* ---- timerslack_ns ---- */

/* The task of @inode, with a reference, if current may be told or change it. */
static struct task *slack_task(const struct inode *inode)
{
	struct task *task = inode_task(inode);

	if (!task)
		return ERR_PTR(-ESRCH);
	if (task == current || capable(CAP_SYS_NICE))
		return task;
	task_put(task);
	return ERR_PTR(-EPERM);
}

static int timerslack_show(struct seq_file *m, void *v __unused)
{
	struct task *task = slack_task(m->private);

	if (IS_ERR(task))
		return PTR_ERR(task);
	seq_printf(m, "%lu\n", READ_ONCE(task->timer_slack_ns));
	task_put(task);
	return 0;
}

static int timerslack_open(struct inode *inode, struct file *file)
{
	return single_open(file, timerslack_show, inode);
}

/* As PR_SET_TIMERSLACK of another: 0 is the task's default. */
static ssize_t timerslack_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	char text[24] = {};
	unsigned long ns;
	int err;

	if (!copy_from_iter_full(text, min(len, sizeof(text) - 1), from))
		return -EFAULT;
	err = kstrtoul(text, 10, &ns);
	if (err)
		return err;
	task = slack_task(iocb->file->inode);
	if (IS_ERR(task))
		return PTR_ERR(task);
	WRITE_ONCE(task->timer_slack_ns,
		   ns ? ns : READ_ONCE(task->default_timer_slack_ns));
	task_put(task);
	return len;
}

const struct file_ops task_timerslack_fops = {
	.open = timerslack_open,
	.read_iter = seq_read_iter,
	.write_iter = timerslack_write,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE,
};
