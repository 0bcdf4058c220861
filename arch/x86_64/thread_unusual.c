/*
 * What few tasks have: breakpoints, a ban on reading the time stamp counter,
 * and segment selectors.
 *
 * Each is state of the CPU that must follow the task. To load it at every
 * switch would let all pay for it, so a task has a word with a bit for each
 * such thing, and arch_switch_to() tests the words of both tasks at once. Only
 * if there is something does it come here. Selectors a program loads without
 * asking, which is why the registers themselves are looked at as well.
 *
 * Source: [SDM3 2.5] for CR4.TSD; [SDM3 3.4.4] for selectors in 64-bit mode.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/thread.h>
#include <arch/tsc_access.h>
#include <kernel/task.h>

#include "debug_regs.h"
#include "internal.h"
#include "thread_unusual.h"

/* Whether ring 3 may read the time stamp counter. Context: irqs off. */
static void set_tsc_access(bool allow)
{
	unsigned long cr4 = read_cr4();

	write_cr4(allow ? cr4 & ~CR4_TSD : cr4 | CR4_TSD);
}

/* ---- selectors ------------------------------------------------------- */

/*
 * Can ring 3 have @selector in a data segment register? What else it holds it
 * finds replaced by 0. Asking first spares us the exception that loading it
 * would be, in the middle of a swapgs.
 */
static unsigned int loadable(unsigned int selector)
{
	switch (selector) {
	case 1 ... 3:
	case USER_DS:
	case USER_CS:
	case CPU_NUMBER_SELECTOR:
		return selector;
	}
	return 0;
}

/*
 * Load what @t is to run with. gs is loaded with the program's base in place
 * of ours, or it would be ours that is lost; both bases are written again.
 * Context: irqs off.
 */
static void selectors_load(struct arch_thread *t)
{
	const struct selectors *s = &t->selectors;

	__asm__ __volatile__("mov %0, %%ds" :: "r"(loadable(s->ds)));
	__asm__ __volatile__("mov %0, %%es" :: "r"(loadable(s->es)));
	__asm__ __volatile__("mov %0, %%fs" :: "r"(loadable(s->fs)));
	__asm__ __volatile__("swapgs\n\tmov %0, %%gs\n\tswapgs"
			     :: "r"(loadable(s->gs)) : "memory");
	if (!cpu_has(CPU_FEATURE_FSGSBASE)) {
		/* Then a segment's base is the program's. */
		if (loadable(s->fs) > 3)
			t->fsbase = 0;
		if (loadable(s->gs) > 3)
			t->gsbase = 0;
	}
	load_bases(t);
}

/* @t's selectors are others now. Context: it is current, or stands still. */
void selectors_changed(struct arch_thread *t)
{
	const struct selectors *s = &t->selectors;

	if (s->ds | s->es | s->fs | s->gs)
		t->unusual |= THREAD_SELECTORS;
	else
		t->unusual &= ~THREAD_SELECTORS;
}

/* Note what is loaded: @t is current. Context: no preemption. */
void selectors_save(struct arch_thread *t)
{
	struct selectors *s = &t->selectors;

	__asm__ __volatile__("mov %%ds, %0" : "=m"(s->ds));
	__asm__ __volatile__("mov %%es, %0" : "=m"(s->es));
	__asm__ __volatile__("mov %%fs, %0" : "=m"(s->fs));
	__asm__ __volatile__("mov %%gs, %0" : "=m"(s->gs));
	selectors_changed(t);
}

/* execve: @t, which is current, has none. Context: no preemption. */
void selectors_clear(struct arch_thread *t)
{
	unsigned long flags;

	t->selectors = (struct selectors){};
	selectors_changed(t);
	if (!selectors_in_use())
		return;
	flags = local_irq_save();
	selectors_load(t);
	local_irq_restore(flags);
}

/* ---- switch and fork ------------------------------------------------- */

/*
 * Part of the switch from @prev to @next, one of which is unusual.
 * Context: irqs off.
 */
void switch_unusual(struct arch_thread *prev, struct arch_thread *next)
{
	if (((prev->unusual | next->unusual) & THREAD_SELECTORS) ||
	    selectors_in_use()) {
		selectors_save(prev);
		selectors_load(next);
	}
	if ((prev->unusual | next->unusual) & THREAD_DEBUG)
		debug_regs_load(next->debug);
	if ((prev->unusual ^ next->unusual) & THREAD_NO_TSC)
		set_tsc_access(!(next->unusual & THREAD_NO_TSC));
}

/*
 * fork: @child, a copy, is not debugged as its parent, current, is. It keeps
 * the ban and the selectors.
 * Context: process.
 */
void thread_unusual_fork(struct arch_thread *child)
{
	child->debug = NULL;
	child->unusual &= ~THREAD_DEBUG;
	child->dr6 = 0;
	child->forced_tf = false;
	selectors_save(child);
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
