/*
 * /proc/<pid>/io: what a process has read and written. The counting is in
 * kernel/io_usage.h.
 *
 * The last three lines are about disks: bytes fetched, bytes that will have to
 * be stored, and of these, bytes that were taken back in time. All files live
 * in memory, for which both kernels say 0.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <fs/seq_file.h>
#include <kernel/ptrace.h>
#include <kernel/signal.h>

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
