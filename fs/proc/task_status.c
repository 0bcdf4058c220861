/*
 * /proc/<pid>/status: a task in words, one "Name:\tvalue" line each.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <arch/smp.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <mm/mm.h>

#include "show.h"

/* ---- who ---- */

static const char *state_word(char letter)
{
	switch (letter) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	case 't':
		return "tracing stop";
	case 'Z':
		return "zombie";
	case 'I':
		return "idle";
	default:
		return "dead";
	}
}

static void show_state(struct seq_file *m, const struct task *task)
{
	char letter = task_state_char(task);

	seq_printf(m, "State:\t%c (%s)\n", letter, state_word(letter));
}

/* Behind the name, but only while the task has a working directory. */
static void show_umask(struct seq_file *m, struct task *task)
{
	int umask = -1;

	spin_lock(&task->lock);
	if (task->fs)
		umask = READ_ONCE(task->fs->umask);
	spin_unlock(&task->lock);
	if (umask >= 0)
		seq_printf(m, "Umask:\t%#04o\n", umask);
}

/* The spinlock makes us an RCU reader, too. */
static unsigned int fd_table_size(struct task *task)
{
	SPIN_GUARD(&task->lock);
	return task->files ? rcu_dereference(task->files->fdt)->max_fds : 0;
}

static void show_groups(struct seq_file *m, const struct cred *cred)
{
	seq_puts(m, "Groups:\t");
	for (unsigned int i = 0; i < cred->group_info->count; i++)
		seq_printf(m, "%s%u", i ? " " : "", cred->group_info->gids[i]);
	seq_puts(m, " \n");
}

static void show_ids(struct seq_file *m, struct task *task,
		     const struct cred *cred)
{
	pid_t ppid = proc_parent_nr(task);
	pid_t tracer = ptrace_tracer_nr(task);

	seq_printf(m, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n"
		   "TracerPid:\t%d\n", task->tgid, task->pid, ppid, tracer);
	seq_printf(m, "Uid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid,
		   cred->suid, cred->fsuid);
	seq_printf(m, "Gid:\t%u\t%u\t%u\t%u\n", cred->gid, cred->egid,
		   cred->sgid, cred->fsgid);
	seq_printf(m, "FDSize:\t%u\n", fd_table_size(task));
	show_groups(m, cred);
	/* By what number in each pid namespace: there is one. */
	seq_printf(m, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
		   task->tgid, task->pid, task_pgrp_nr(task),
		   task_session_nr(task));
}

/* ---- memory ---- */

static void show_kib(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%s:\t%8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

static unsigned long rss(const struct mm *mm, enum rss_type type)
{
	return max(atomic_long_read(&mm->rss[type]), 0L);
}

static void show_memory(struct seq_file *m, const struct mm *mm)
{
	unsigned long text = (ALIGN_UP(mm->end_code, PAGE_SIZE) -
			      ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >>
			     PAGE_SHIFT;

	text = min(text, mm->exec_vm);
	show_kib(m, "VmPeak", max(mm->hiwater_vm, mm->total_vm));
	show_kib(m, "VmSize", mm->total_vm);
	show_kib(m, "VmLck", mm->locked_vm);
	show_kib(m, "VmPin", 0);
	show_kib(m, "VmHWM", mm_hiwater_rss(mm));
	show_kib(m, "VmRSS", mm_rss(mm));
	show_kib(m, "RssAnon", rss(mm, RSS_ANON));
	show_kib(m, "RssFile", rss(mm, RSS_FILE));
	show_kib(m, "RssShmem", rss(mm, RSS_SHMEM));
	show_kib(m, "VmData", mm->data_vm);
	show_kib(m, "VmStk", mm->stack_vm);
	show_kib(m, "VmExe", text);
	show_kib(m, "VmLib", mm->exec_vm - text);
	show_kib(m, "VmPTE",
		 atomic_long_read(&mm->pgtable_bytes) >> PAGE_SHIFT);
	show_kib(m, "VmSwap", rss(mm, RSS_SWAP));
	show_kib(m, "HugetlbPages", 0);
	seq_puts(m, "CoreDumping:\t0\nTHP_enabled:\t0\n");
}

/* ---- signals ---- */

struct signal_sets {
	sigset_t	pending, shared, blocked, ignored, caught;
	int		nr_threads;
	unsigned long	queued, limit;
};

static void read_signals(struct task *task, struct signal_sets *s)
{
	struct sighand *sighand;
	unsigned long flags;

	*s = (struct signal_sets){ 0 };
	sighand = lock_task_sighand(task, &flags);
	if (!sighand)
		return;
	s->pending = task->pending.set;
	s->shared = task->group->shared_pending.set;
	s->blocked = task->blocked;
	proc_read_handlers(sighand, &s->ignored, &s->caught);
	s->nr_threads = task->group->nr_threads;
	s->limit = task_rlimit(task, RLIMIT_SIGPENDING);
	rcu_read_lock();
	s->queued = atomic_long_read(
		&rcu_dereference(task->real_cred)->user->sigpending);
	rcu_read_unlock();
	unlock_task_sighand(task, flags);
}

static void show_signals(struct seq_file *m, struct task *task)
{
	struct signal_sets s;

	read_signals(task, &s);
	seq_printf(m, "Threads:\t%d\nSigQ:\t%lu/%lu\n", s.nr_threads, s.queued,
		   s.limit);
	seq_printf(m, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n"
		   "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", s.pending, s.shared,
		   s.blocked, s.ignored, s.caught);
}

/* ---- rights, CPUs, switches ---- */

static void show_rights(struct seq_file *m, struct task *task,
			const struct cred *cred)
{
	seq_printf(m, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n"
		   "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", cred->cap_inheritable,
		   cred->cap_permitted, cred->cap_effective, cred->cap_bset,
		   cred->cap_ambient);
	seq_printf(m, "NoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%u\n",
		   task->no_new_privs, task->seccomp_mode,
		   seccomp_depth(task));
	/* What prctl(PR_GET_SPECULATION_CTRL), too, knows nothing of. */
	seq_puts(m, "Speculation_Store_Bypass:\tunknown\n"
		 "SpeculationIndirectBranch:\tunsupported\n");
}

static void show_places(struct seq_file *m, const struct task *task)
{
	seq_puts(m, "Cpus_allowed:\t");
	seq_cpumask(m, &task->sched.cpus_mask);
	seq_puts(m, "\nCpus_allowed_list:\t");
	seq_cpulist(m, &task->sched.cpus_mask);
	/* All memory is one node. */
	seq_puts(m, "\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
	seq_printf(m, "voluntary_ctxt_switches:\t%lu\n"
		   "nonvoluntary_ctxt_switches:\t%lu\n",
		   READ_ONCE(task->nvcsw), READ_ONCE(task->nivcsw));
}

int task_status_show(struct seq_file *m, struct task *task)
{
	const struct cred *cred = task_cred_get(task);
	struct mm *mm = get_task_mm(task);

	seq_puts(m, "Name:\t");
	proc_show_name(m, task);
	seq_putc(m, '\n');
	show_umask(m, task);
	show_state(m, task);
	show_ids(m, task, cred);
	if (mm) {
		show_memory(m, mm);
		mmput(mm);
	}
	show_signals(m, task);
	show_rights(m, task, cred);
	show_places(m, task);
	cred_put(cred);
	return 0;
}
