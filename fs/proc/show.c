/*
 * Pieces of text that several files of /proc have in common.
 */
#include "show.h"

#include <fs/seq_file.h>
#include <keel/cpumask.h>
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

/* Groups of 32 bits, the highest first, with commas between them. */
void proc_show_cpumask(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int group = DIV_ROUND_UP(nr_cpu_ids, 32);
	unsigned int nr_bits = (nr_cpu_ids - 1) % 32 + 1; /* of the highest */

	while (group-- > 0) {
		uint32_t bits = READ_ONCE(mask->bits[group / 2]) >>
				(group % 2 * 32);

		bits &= ~0U >> (32 - nr_bits);
		seq_printf(m, "%0*x%s", (int)DIV_ROUND_UP(nr_bits, 4), bits,
			   group ? "," : "");
		nr_bits = 32;
	}
}

void proc_show_cpulist(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int first = cpumask_first(mask), last;
	const char *separator = "";

	while (first < nr_cpu_ids) {
		for (last = first; last + 1 < nr_cpu_ids &&
				   cpumask_test_cpu(last + 1, mask); last++)
			;
		seq_printf(m, "%s%u", separator, first);
		if (last > first)
			seq_printf(m, "-%u", last);
		separator = ",";
		first = cpumask_next_from(last + 1, mask);
	}
}
