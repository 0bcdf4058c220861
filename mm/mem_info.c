/*
 * Who uses how much memory: the counters behind /proc/meminfo and sysinfo(2);
 * and how much may be promised.
 *
 * A counter is one number per CPU, changed by a single instruction and summed
 * up by the rare reader. One CPU's share may be negative (pages allocated
 * here, freed there); the sum is right up to what is changing meanwhile.
 *
 * Private writable memory is promised when it is mapped and needed only when
 * it is touched. By default (heuristic) only a single request that could never
 * be met is refused; /proc/sys/vm/overcommit_memory = 1 refuses nothing, 2
 * keeps the sum of all promises below half the memory.
 *
 * Source: man 5 proc, /proc/sys/vm/overcommit_memory.
 */
#include <arch/percpu.h>
#include <arch/smp.h>
#include <keel/atomic.h>
#include <keel/err.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>
#include <uapi/mman.h>

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

/* ---- promises: overcommit ---- */

#define OVERCOMMIT_RATIO	50	/* per cent of memory */

int sysctl_overcommit_memory = OVERCOMMIT_GUESS;

static atomic_long_t committed_pages;

static unsigned long commit_limit(void)
{
	return totalram_pages() * OVERCOMMIT_RATIO / 100;
}

/* Promise @pages more. Return: 0 or -ENOMEM. */
int vm_commit(long pages)
{
	long sum = atomic_long_add_return(pages, &committed_pages);
	bool ok = true;

	switch (sysctl_overcommit_memory) {
	case OVERCOMMIT_ALWAYS:
		break;
	case OVERCOMMIT_NEVER:
		ok = sum <= (long)commit_limit();
		break;
	default:
		ok = pages <= (long)totalram_pages();
	}
	if (likely(ok))
		return 0;
	vm_uncommit(pages);
	return -ENOMEM;
}

void vm_uncommit(long pages)
{
	atomic_long_sub(pages, &committed_pages);
}

/* For /proc/meminfo: Committed_AS and CommitLimit. */
void vm_commit_info(unsigned long *committed, unsigned long *limit)
{
	*committed = max(atomic_long_read(&committed_pages), 0L);
	*limit = commit_limit();
}
