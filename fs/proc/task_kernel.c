/*
 * Where in the kernel a task sleeps: wchan, stack, syscall.
 *
 * A stack may be walked only while its owner is not using it, and for as long
 * as it exists: task_call_asleep() keeps the task asleep meanwhile. What is
 * found is copied out and turned into names after that. About a task that runs
 * there is nothing to be said.
 */
#include "internal.h"

#include <arch/current.h>
#include <arch/stacktrace.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/kallsyms.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <lib/string.h>

#define MAX_DEPTH	64

struct trace {
	unsigned int	depth;
	unsigned long	addrs[MAX_DEPTH];
};

static bool note_address(void *cookie, unsigned long addr,
			 bool interrupted __unused)
{
	struct trace *trace = cookie;

	if (trace->depth == MAX_DEPTH)
		return false;
	trace->addrs[trace->depth++] = addr;
	return true;
}

static void walk(struct task *task, void *trace)
{
	arch_stack_walk(task, NULL, note_address, trace);
}

static void trace_task(struct task *task, struct trace *trace)
{
	trace->depth = 0;
	if (task == current)
		walk(task, trace);
	else
		task_call_asleep(task, walk, trace);
}

/* ---- wchan ---- */

/* The scheduler's own, and the pieces sleeping is made of. */
static bool is_sleep_function(const char *name)
{
	static const char *const prefixes[] = {
		"arch_switch_to", "schedule", "wait_sleep", "sleep_",
		"prepare_to_wait", "mutex_lock", "down_", "rwsem_",
		"wait_for_completion",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strstarts(name, prefixes[i]))
			return true;
	return false;
}

/* The name of the function @addr returns into; NULL if unknown. */
static const char *function_at(unsigned long addr)
{
	unsigned long offset, size;
	const char *name;

	/* A return address can be the start of the next function. */
	return kallsyms_lookup(addr - 1, &name, &offset, &size) ? name : NULL;
}

/*
 * The first entry of @trace that has a reason of its own to sleep; its depth
 * if there is none.
 */
static unsigned int first_reason(const struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->depth; i++) {
		const char *name = function_at(trace->addrs[i]);

		if (!name || !is_sleep_function(name))
			break;
	}
	return i;
}

int task_wchan_show(struct seq_file *m, struct task *task)
{
	const char *name = NULL;
	struct trace trace;
	unsigned int i;

	if (task != current &&
	    ptrace_may_access(task, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS)) {
		trace_task(task, &trace);
		i = first_reason(&trace);
		if (i < trace.depth)
			name = function_at(trace.addrs[i]);
	}
	seq_puts(m, name ?: "0");
	return 0;
}

/* ---- stack ---- */

int task_stack_show(struct seq_file *m, struct task *task)
{
	struct trace trace;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS))
		return -EPERM;
	trace_task(task, &trace);
	for (unsigned int i = first_reason(&trace); i < trace.depth; i++)
		seq_printf(m, "[<0>] %pB\n", (void *)trace.addrs[i]);
	return 0;
}

/* ---- syscall ---- */

struct call {
	bool		known;
	long		nr;
	unsigned long	args[6], sp, ip;
};

static void read_call(struct task *task, void *arg)
{
	const struct pt_regs *regs = task_pt_regs(task);
	struct call *call = arg;

	call->known = true;
	call->nr = syscall_get_nr(regs);
	syscall_get_args(regs, call->args);
	call->sp = user_stack_pointer(regs);
	call->ip = instruction_pointer(regs);
}

int task_syscall_show(struct seq_file *m, struct task *task)
{
	struct call call = { .nr = -1 };

	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH | PTRACE_MODE_FSCREDS))
		return -EPERM;
	if (task_is_kthread(task))
		call = (struct call){ .known = true }; /* never in user mode */
	else if (READ_ONCE(task->exit_state))
		call.known = true;	/* it makes none any more */
	else if (task == current)
		read_call(task, &call);
	else
		task_call_asleep(task, read_call, &call);
	if (!call.known) {
		seq_puts(m, "running\n");
		return 0;
	}
	seq_printf(m, "%ld", call.nr);
	if (call.nr != -1)
		for (unsigned int i = 0; i < ARRAY_SIZE(call.args); i++)
			seq_printf(m, " 0x%lx", call.args[i]);
	seq_printf(m, " 0x%lx 0x%lx\n", call.sp, call.ip);
	return 0;
}
