/*
 * What a tracer may do to the registers of a task that stands still.
 *
 * All of these are for a tracee that is in a ptrace stop and off the CPU, or,
 * where a function says so, for current. What a tracer writes is as hostile as
 * a signal frame: whatever it is, the worst of it is a fault in ring 3.
 */
#pragma once

#include <keel/types.h>

struct pt_regs;
struct task;

/* Trap after one instruction, or no more. arch_disable_step: also current. */
void arch_enable_step(struct task *task);
void arch_disable_step(struct task *task);
/* current was to do one step, and that was a system call: send SIGTRAP. */
void arch_report_step(struct pt_regs *regs);

/*
 * The requests of ptrace(2) that only this machine has.
 * Return: as ptrace(2); -EIO: no such request.
 */
long arch_ptrace(struct task *task, long request, unsigned long addr,
		 unsigned long data);

/* Before a regset of current is got. */
void arch_sync_current(void);

/* A set of registers, by the type of the note it makes in a core file. */
struct regset {
	unsigned int	note;		/* NT_* */
	const char	*owner;		/* of the note: "CORE" or "LINUX" */
	size_t		size;		/* bytes; 0: see arch_regset_size() */
	/* Copy all of it; @buf has room for its size. */
	void		(*get)(struct task *task, void *buf);
	/* Replace the first @len bytes of it. Return: 0 or errno. */
	int		(*set)(struct task *task, const void *buf, size_t len);
};

/* The @n-th, or NULL behind the last. The first is NT_PRSTATUS. */
const struct regset *arch_regset(unsigned int n);
size_t arch_regset_size(const struct regset *set);
/* What ptrace(2) says to who asks for the set @note, which is none of them. */
int arch_no_regset(unsigned long note, bool write);
