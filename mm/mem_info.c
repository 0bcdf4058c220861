/*
 * Who uses how much memory: the counters behind /proc/meminfo and sysinfo(2).
 *
 * A counter is one number per CPU, changed by a single instruction and summed
 * up by the rare reader. One CPU's share may be negative (pages allocated
 * here, freed there); the sum is right up to what is changing meanwhile.
 */
#include <arch/percpu.h>
#include <arch/smp.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>

#include "internal.h"

DEFINE_PER_CPU(struct mem_counters, mem_counters);

/* The sum, never negative. Context: any. */
long mem_counter_read(enum mem_counter counter)
{
	long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(mem_counters, cpu).count[counter]);
	return max(sum, 0L);
}

/* All at once, for reports. Context: any. */
void si_meminfo(struct mem_info *info)
{
	long clean;

	*info = (struct mem_info){
		.total = totalram_pages(),
		.free = nr_free_pages(),
		.cached = mem_counter_read(MEM_CACHED),
		.shmem = mem_counter_read(MEM_SHMEM),
		.anon = mem_counter_read(MEM_ANON),
		.mapped = mem_counter_read(MEM_MAPPED),
		.slab_reclaimable = mem_counter_read(MEM_SLAB_RECLAIMABLE),
		.slab_unreclaimable = mem_counter_read(MEM_SLAB_UNRECLAIMABLE),
		.page_tables = mem_counter_read(MEM_PAGE_TABLES),
		.kernel_stacks = mem_counter_read(MEM_KERNEL_STACKS),
		.vmalloc_used = mem_counter_read(MEM_VMALLOC),
	};
	vm_commit_info(&info->committed, &info->commit_limit);

	/* What could be had without killing anyone. */
	clean = (long)info->cached - (long)info->shmem;
	info->available = info->free + max(clean, 0L) +
			  info->slab_reclaimable / 2;
	info->available -= min(info->available, nr_reserved_pages());
}
