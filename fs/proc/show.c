/*
 * Pieces of text that several files of /proc have in common.
 */
#include "show.h"

#include <fs/seq_file.h>
#include <kernel/pid.h>
#include <kernel/task.h>

pid_t proc_parent_nr(struct task *task)
{
	RCU_GUARD();
	/* A released task's real_parent may be gone for long. */
	if (!task_pid_of(task, PIDTYPE_PID))
		return 0;
	return rcu_dereference(task->real_parent)->tgid;
}

void proc_read_handlers(const struct sighand *sighand, sigset_t *ignored,
			sigset_t *caught)
{
	for (int sig = 1; sig <= NSIG; sig++) {
		const struct kernel_sigaction *ka = &sighand->action[sig - 1];

		if (ka->handler == SIG_IGN)
			*ignored |= sigmask(sig);
		else if (ka->handler != SIG_DFL)
			*caught |= sigmask(sig);
	}
}

void proc_show_name(struct seq_file *m, const struct task *task)
{
	for (int i = 0; i < TASK_COMM_LEN; i++) {
		char c = READ_ONCE(task->comm[i]);

		if (!c)
			break;
		if (c == '\n')
			seq_puts(m, "\\n");
		else if (c == '\\')
			seq_puts(m, "\\\\");
		else
			seq_putc(m, c);
	}
}
