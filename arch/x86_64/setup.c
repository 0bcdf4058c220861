/*
 * The boot CPU's first minutes.
 *
 * The order is dictated by who needs whom: the per-CPU section must be saved
 * before the first variable in it is written, and only then can there be an
 * exception handler; features must be known before they are switched on, and
 * the code that depends on them patched before it runs.
 */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/setup.h>
#include <arch/thread.h>
#include <arch/traps.h>
#include <kernel/extable.h>
#include <kernel/task.h>

#include "clock_internal.h"
#include "internal.h"

extern char init_stack[];

/* See <arch/setup.h>. Context: boot, irqs off, on the boot page tables. */
__init __no_stack_protector void arch_early_init(void)
{
	per_cpu_save_template();
	clock_note_boot();
	traps_init();
	arch_thread_init_boot(&init_task, init_stack);
	extable_init();
	cpu_detect();
	alternatives_apply();
	cpu_init_this();
}
