/*
 * The debug registers: breakpoints that need no change to the program, and
 * watchpoints, which nothing else can do.
 *
 * A CPU has four addresses, dr0 to dr3; dr7 says for each whether it counts,
 * how many bytes it is about, and whether executing, writing or any access is
 * the event; dr6 tells afterwards which it was. A debugger reads and writes
 * them as if each task had its own set (PTRACE_POKEUSER on u_debugreg), and
 * each has: they are loaded when it comes to the CPU.
 *
 * The one danger is an address in the kernel, where the event would hit us
 * instead of the program; so addresses are checked as they come in, and dr7 is
 * rebuilt from the bits that are harmless. An access by the kernel to what a
 * program watches does trap, in ring 0, and is ignored there.
 *
 * Source: [SDM3 17.2].
 */
#include "debug_regs.h"

#include <arch/current.h>
#include <arch/page.h>
#include <arch/ptrace.h>
#include <kernel/task.h>
#include <mm/slab.h>

#include "internal.h"
#include "thread_unusual.h"

#define NR_ADDRESSES	4
#define DR6_RESERVED	0xffff0ff0UL	/* what it reads as when idle */

/* dr7: for each address two enable bits below, four of kind and size above. */
#define DR7_ENABLED(dr7, i)	((dr7) >> ((i) * 2) & 3)
#define DR7_KIND(dr7, i)	((dr7) >> (16 + (i) * 4) & 3)
#define DR7_LEN(dr7, i)		((dr7) >> (18 + (i) * 4) & 3)
#define DR7_USER_BITS		0xffff00ffUL	/* the above, of all four */
#define DR7_FIXED		0x400UL

enum { KIND_EXECUTE, KIND_WRITE, KIND_IO, KIND_ACCESS };

struct debug_regs {
	unsigned long	addr[NR_ADDRESSES];
	unsigned long	dr7;
};

/* Locking: irqs off, or preemption at least. See debug_regs.h. */
void debug_regs_load(const struct debug_regs *debug)
{
	if (!debug || !(debug->dr7 & DR7_USER_BITS)) {
		write_dr7(DR7_FIXED);
		return;
	}
	write_dr0(debug->addr[0]);
	write_dr1(debug->addr[1]);
	write_dr2(debug->addr[2]);
	write_dr3(debug->addr[3]);
	write_dr7((debug->dr7 & DR7_USER_BITS) | DR7_FIXED);
}

/*
 * Note for the debugger which events it was. A breakpoint on an instruction
 * traps before that runs, and would again for ever: RF lets it pass once.
 */
void debug_regs_hit(struct pt_regs *regs, unsigned long dr6)
{
	const struct debug_regs *debug = current->thread.debug;

	current->thread.dr6 = dr6;
	for (unsigned int i = 0; debug && i < NR_ADDRESSES; i++)
		if ((dr6 & BIT(i)) && DR7_ENABLED(debug->dr7, i) &&
		    DR7_KIND(debug->dr7, i) == KIND_EXECUTE)
			regs->flags |= X86_EFLAGS_RF;
}

/* Context: any; the task is current, in exec, or will not run again. */
void debug_regs_free(struct arch_thread *t)
{
	struct debug_regs *debug = t->debug;

	if (likely(!debug))
		return;
	preempt_disable();
	t->debug = NULL;
	t->unusual &= ~THREAD_DEBUG;
	if (t == &current->thread)
		debug_regs_load(NULL);
	preempt_enable();
	kfree(debug);
}

/* Context: process; @task stands still. As Linux: 4 and 5 are always 0. */
unsigned long debug_regs_get(const struct task *task, unsigned int n)
{
	const struct debug_regs *debug = task->thread.debug;

	if (n == 6)
		return task->thread.dr6 ^ DR6_RESERVED;
	if (!debug)
		return 0;
	if (n < NR_ADDRESSES)
		return debug->addr[n];
	return n == 7 ? debug->dr7 : 0;
}

/* Would @dr7 with these addresses be sane, and concern ring 3 alone? */
static bool is_valid(const struct debug_regs *debug, unsigned long dr7)
{
	for (unsigned int i = 0; i < NR_ADDRESSES; i++) {
		/* Sizes are coded 1, 2, 8, 4. */
		static const unsigned char sizes[] = { 1, 2, 8, 4 };
		unsigned long size = sizes[DR7_LEN(dr7, i)];

		if (!DR7_ENABLED(dr7, i))
			continue;
		if (DR7_KIND(dr7, i) == KIND_IO ||
		    (DR7_KIND(dr7, i) == KIND_EXECUTE && size != 1))
			return false;
		if (debug->addr[i] & (size - 1))
			return false;
		if (debug->addr[i] >= TASK_SIZE)
			return false;
	}
	return true;
}

static int set_address(struct debug_regs *debug, unsigned int n,
		       unsigned long addr)
{
	unsigned long old = debug->addr[n];

	if (addr >= TASK_SIZE)
		return -EINVAL;
	debug->addr[n] = addr;
	if (is_valid(debug, debug->dr7))
		return 0;
	debug->addr[n] = old;
	return -EINVAL;
}

/*
 * Write debug register @n of @task.
 *
 * Context: process; may sleep; @task stands still.
 * Return:  0; -EINVAL: an address that is not the program's, or out of line
 *          with its size; -EIO: no such register; -ENOMEM.
 */
int debug_regs_set(struct task *task, unsigned int n, unsigned long value)
{
	struct debug_regs *debug = task->thread.debug;

	if (n == 4 || n == 5)
		return -EIO;
	if (n == 6) {
		task->thread.dr6 = value ^ DR6_RESERVED;
		return 0;
	}
	if (!debug) {
		if (!value)
			return 0;
		debug = kzalloc(sizeof(*debug), GFP_KERNEL);
		if (!debug)
			return -ENOMEM;
		task->thread.debug = debug;
		task->thread.unusual |= THREAD_DEBUG;
	}
	if (n < NR_ADDRESSES)
		return set_address(debug, n, value);
	if (!is_valid(debug, value))
		return -EINVAL;
	debug->dr7 = value;	/* read back as it is, loaded in part */
	return 0;
}
