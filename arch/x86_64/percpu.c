/*
 * Giving every CPU its own copy of the per-CPU section.
 *
 * The boot CPU has been using the section itself, with gs base 0, and keeps
 * it: what it has put there by now (list heads, free pages, timers) may point
 * into itself and could not be moved. All other CPUs start from the section
 * as the linker made it, so that has to be saved before the boot CPU writes
 * its first variable, which is earlier than any allocator exists.
 */
#include <arch/percpu.h>
#include <arch/preempt.h>
#include <keel/bug.h>
#include <keel/cpumask.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"

extern char __per_cpu_start[], __per_cpu_end[];

DEFINE_PER_CPU(struct pcpu_hot, pcpu_hot) = {
	.current_task = &init_task,
	.preempt_count = (int)PREEMPT_NO_RESCHED,
};

/* Any value but zero will do until tasks have random ones. */
DEFINE_PER_CPU(unsigned long, __stack_chk_guard) = 0x5ac3b1e9d07f4200;

static unsigned long boot_offset;
unsigned long *per_cpu_offset __ro_after_init = &boot_offset;
unsigned int nr_cpu_ids __ro_after_init = 1;

static char pristine[64 * 1024] __initdata;

/*
 * Keep the section as it is now for the other CPUs.
 *
 * Context: the first C code of a boot.
 */
__init __no_stack_protector void per_cpu_save_template(void)
{
	size_t size = __per_cpu_end - __per_cpu_start;

	wrmsr(MSR_GS_BASE, 0);
	if (size > sizeof(pristine))
		panic("%zu bytes of per-CPU data, room for %zu", size,
		      sizeof(pristine));
	memcpy(pristine, __per_cpu_start, size);
}

/*
 * Make areas for CPUs 1 to @nr - 1.
 *
 * Context: boot CPU, after the slab and before any other CPU starts.
 */
__init void per_cpu_init(unsigned int nr)
{
	size_t size = __per_cpu_end - __per_cpu_start;
	unsigned long *offsets = kcalloc(nr, sizeof(*offsets), GFP_KERNEL);

	if (!offsets)
		panic("no memory for per-CPU offsets");
	for (unsigned int cpu = 1; cpu < nr; cpu++) {
		struct page *pages = alloc_pages_exact(GFP_KERNEL,
						       PFN_UP(size));
		struct pcpu_hot *hot;
		char *area;

		if (!pages)
			panic("no memory for the per-CPU data of CPU %u", cpu);
		area = page_address(pages);
		memcpy(area, pristine, size);
		offsets[cpu] = (unsigned long)area -
			       (unsigned long)__per_cpu_start;
		hot = (void *)((char *)&pcpu_hot + offsets[cpu]);
		hot->cpu_number = cpu;
		hot->offset = offsets[cpu];
	}
	per_cpu_offset = offsets;
	nr_cpu_ids = nr;
}
