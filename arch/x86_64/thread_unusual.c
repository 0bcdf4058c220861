/*
 * What few tasks have: breakpoints, and a ban on reading the time stamp
 * counter.
 *
 * Each is state of the CPU that must follow the task. To load it at every
 * switch would let all pay for it, so a task has a word with a bit for each
 * such thing, and arch_switch_to() tests the words of both tasks at once. Only
 * if there is something does it come here.
 *
 * Source: [SDM3 2.5] for CR4.TSD.
 */
#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/thread.h>
#include <arch/tsc_access.h>
#include <kernel/task.h>

#include "debug_regs.h"
#include "internal.h"

/* Whether ring 3 may read the time stamp counter. Context: irqs off. */
static void set_tsc_access(bool allow)
{
	unsigned long cr4 = read_cr4();

	write_cr4(allow ? cr4 & ~CR4_TSD : cr4 | CR4_TSD);
}

/*
 * Part of the switch from @prev to @next, one of which is unusual.
 * Context: irqs off.
 */
void switch_unusual(const struct arch_thread *prev,
		    const struct arch_thread *next)
{
	if ((prev->unusual | next->unusual) & THREAD_DEBUG)
		debug_regs_load(next->debug);
	if ((prev->unusual ^ next->unusual) & THREAD_NO_TSC)
		set_tsc_access(!(next->unusual & THREAD_NO_TSC));
}

/*
 * fork: @child, a copy, is not debugged as its parent is. It keeps the ban.
 * Context: process.
 */
void thread_unusual_fork(struct arch_thread *child)
{
	child->debug = NULL;
	child->unusual &= ~THREAD_DEBUG;
	child->dr6 = 0;
	child->forced_tf = false;
}

/* See <arch/tsc_access.h>. Context: process. */
bool arch_may_read_tsc(void)
{
	return !(current->thread.unusual & THREAD_NO_TSC);
}

/*
 * See <arch/tsc_access.h>. The task and the CPU it is on change as one: it must
 * not be moved to another in between. Context: process.
 */
void arch_allow_tsc(bool allow)
{
	struct arch_thread *t = &current->thread;
	unsigned long flags = local_irq_save();

	t->unusual = allow ? t->unusual & ~THREAD_NO_TSC :
			     t->unusual | THREAD_NO_TSC;
	set_tsc_access(allow);
	local_irq_restore(flags);
}
