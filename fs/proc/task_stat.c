/*
 * /proc/<pid>/stat and statm: a task in numbers, on one line.
 *
 * ps(1) and top(1) read these for every process, so each is gathered with few
 * locks: usage and signals under sighand->lock, which also answers whether the
 * task has been released meanwhile (then there are none), the rest as it is.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <fs/dev.h>
#include <fs/seq_file.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task_tty.h>
#include <kernel/time.h>
#include <mm/mm.h>

#include "show.h"

/* What is read under sighand->lock; zeros after the task's release. */
struct shared_stat {
	struct tty	*tty;
	int		nr_threads;
	sigset_t	pending, ignored, caught;
	unsigned long	min_flt, maj_flt, cmin_flt, cmaj_flt;
	uint64_t	cutime_ns, cstime_ns;
};

static unsigned long ticks(uint64_t ns)
{
	return ns / NSEC_PER_CLOCK_TICK;
}

static void read_shared(struct task *task, bool is_thread,
			struct shared_stat *s)
{
	struct thread_group *group = task->group;
	struct sighand *sighand;
	struct task *thread;
	unsigned long flags;

	*s = (struct shared_stat){ 0 };
	sighand = lock_task_sighand(task, &flags);
	if (!sighand)
		return;
	s->tty = task_tty_inherit(group);
	s->nr_threads = group->nr_threads;
	s->pending = task->pending.set;
	proc_read_handlers(sighand, &s->ignored, &s->caught);
	s->cmin_flt = group->cmin_flt;
	s->cmaj_flt = group->cmaj_flt;
	s->cutime_ns = group->cutime_ns;
	s->cstime_ns = group->cstime_ns;
	s->min_flt = task->min_flt;
	s->maj_flt = task->maj_flt;
	if (!is_thread) {
		s->min_flt = group->min_flt;
		s->maj_flt = group->maj_flt;
		for_each_thread_rcu(task, thread) {
			s->min_flt += READ_ONCE(thread->min_flt);
			s->maj_flt += READ_ONCE(thread->maj_flt);
		}
	}
	unlock_task_sighand(task, flags);
}

/* task->flags in the ABI's bits, by which programs know kernel threads. */
static unsigned int linux_flags(const struct task *task)
{
	static const struct {
		unsigned int ours, abi;
	} map[] = {
		{ PF_EXITING, 0x00000004 },
		{ PF_FORKNOEXEC, 0x00000040 },
		{ PF_SUPERPRIV, 0x00000100 },
		{ PF_SIGNALED, 0x00000400 },
		/* Nor are they frozen when the machine is to sleep. */
		{ PF_KTHREAD, 0x00208000 },
		{ PF_RANDOMIZE, 0x00400000 },
	};
	unsigned int flags = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(map); i++)
		if (task->flags & map[i].ours)
			flags |= map[i].abi;
	return flags;
}

/* Addresses of the program tell where ASLR put it: not for everyone. */
static void show_layout(struct seq_file *m, const struct mm *mm,
			bool permitted)
{
	if (!mm || !permitted) {
		seq_puts(m, " 0 0 0 0 0 0 0");
		return;
	}
	seq_printf(m, " %lu %lu %lu %lu %lu %lu %lu", mm->start_data,
		   mm->end_data, mm->start_brk, mm->arg_start, mm->arg_end,
		   mm->env_start, mm->env_end);
}

static void show_memory(struct seq_file *m, struct task *task,
			const struct mm *mm, bool permitted)
{
	unsigned long start = 0, end = 0, stack = 0;

	if (mm) {
		start = permitted ? mm->start_code : 1;
		end = permitted ? mm->end_code : 1;
		stack = permitted ? mm->start_stack : 0;
	}
	/* The stack and instruction pointers are shown of core dumps only. */
	seq_printf(m, " %lu %lu %lu %lu %lu %lu 0 0",
		   mm ? mm->total_vm * PAGE_SIZE : 0, mm ? mm_rss(mm) : 0,
		   (unsigned long)task_rlimit(task, RLIMIT_RSS), start, end,
		   stack);
}

static void show_identity(struct seq_file *m, struct task *task,
			  struct shared_stat *s)
{
	pid_t foreground;
	dev_t dev = task_tty_describe(s->tty, &foreground);

	task_tty_put(s->tty);
	seq_printf(m, "%d (%.*s) %c %d %d %d %d %d %u", task->pid,
		   TASK_COMM_LEN, task->comm, task_state_char(task),
		   proc_parent_nr(task), task_pgrp_nr(task),
		   task_session_nr(task), dev_encode(dev), foreground,
		   linux_flags(task));
}

/* Bits of signals 1 to 31, which is all this file has room for. */
static unsigned long low_signals(sigset_t set)
{
	return set & 0x7fffffff;
}

int task_stat_show(struct seq_file *m, struct task *task)
{
	bool is_thread = task_show_is_thread(m);
	bool permitted = ptrace_may_access(task, PTRACE_MODE_READ |
					   PTRACE_MODE_FSCREDS);
	struct mm *mm = get_task_mm(task);
	struct shared_stat s;
	struct cputime time;

	read_shared(task, is_thread, &s);
	time = is_thread ? task_cputime(task) : group_cputime(task);
	show_identity(m, task, &s);
	seq_printf(m, " %lu %lu %lu %lu %lu %lu %lu %lu", s.min_flt,
		   s.cmin_flt, s.maj_flt, s.cmaj_flt, ticks(time.utime_ns),
		   ticks(time.stime_ns), ticks(s.cutime_ns),
		   ticks(s.cstime_ns));
	seq_printf(m, " %d %d %d 0 %lu", task_prio(task), task_nice(task),
		   s.nr_threads, ticks(task->start_ns));
	show_memory(m, task, mm, permitted);
	seq_printf(m, " %lu %lu %lu %lu", low_signals(s.pending),
		   low_signals(task->blocked), low_signals(s.ignored),
		   low_signals(s.caught));
	/* wchan: only whether there is one; its name is in wchan. */
	seq_printf(m, " %d 0 0 %d %u %d %d 0 0 0",
		   permitted && !task_is_running(task), task->exit_signal,
		   task_cpu(task), task->sched.rt_priority,
		   task->sched.policy);
	show_layout(m, mm, permitted);
	seq_printf(m, " %d\n", permitted ? task->exit_code : 0);
	if (mm)
		mmput(mm);
	return 0;
}

int task_statm_show(struct seq_file *m, struct task *task)
{
	struct mm *mm = get_task_mm(task);
	unsigned long text;

	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	text = ALIGN_UP(mm->end_code, PAGE_SIZE) -
	       ALIGN_DOWN(mm->start_code, PAGE_SIZE);
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm, mm_rss(mm),
		   atomic_long_read(&mm->rss[RSS_FILE]) +
			   atomic_long_read(&mm->rss[RSS_SHMEM]),
		   text >> PAGE_SHIFT, mm->data_vm + mm->stack_vm);
	mmput(mm);
	return 0;
}
