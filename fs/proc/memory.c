/*
 * /proc/meminfo, vmstat, slabinfo, swaps: where memory is.
 *
 * Only what this kernel has is shown: there are no lists of active and
 * inactive pages yet, and no swap.
 *
 * Source: man 5 proc; Linux, Documentation/filesystems/proc.rst.
 */
#include "internal.h"

#include <arch/page.h>
#include <arch/smp.h>
#include <fs/seq_file.h>
#include <mm/fault.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

/* One line of meminfo: the label's column is 16 wide. */
static void show_kib(struct seq_file *m, const char *label, unsigned long kib)
{
	seq_printf(m, "%-16s%8lu kB\n", label, kib);
}

static void show_pages(struct seq_file *m, const char *label,
		       unsigned long pages)
{
	show_kib(m, label, pages * (PAGE_SIZE / 1024));
}

static int meminfo_show(struct seq_file *m, void *v __unused)
{
	struct mem_info info;

	si_meminfo(&info);
	show_pages(m, "MemTotal:", info.total);
	show_pages(m, "MemFree:", info.free);
	show_pages(m, "MemAvailable:", info.available);
	show_kib(m, "Buffers:", 0);	/* no block devices */
	show_pages(m, "Cached:", info.cached);
	show_kib(m, "SwapCached:", 0);
	show_kib(m, "SwapTotal:", 0);
	show_kib(m, "SwapFree:", 0);
	show_kib(m, "Dirty:", 0);
	show_kib(m, "Writeback:", 0);
	show_pages(m, "AnonPages:", info.anon);
	show_pages(m, "Mapped:", info.mapped);
	show_pages(m, "Shmem:", info.shmem);
	show_pages(m, "KReclaimable:", info.slab_reclaimable);
	show_pages(m, "Slab:",
		   info.slab_reclaimable + info.slab_unreclaimable);
	show_pages(m, "SReclaimable:", info.slab_reclaimable);
	show_pages(m, "SUnreclaim:", info.slab_unreclaimable);
	show_pages(m, "KernelStack:", info.kernel_stacks);
	show_pages(m, "PageTables:", info.page_tables);
	show_pages(m, "CommitLimit:", info.commit_limit);
	show_pages(m, "Committed_AS:", info.committed);
	show_kib(m, "VmallocTotal:", (VMALLOC_END - VMALLOC_START) / 1024);
	show_pages(m, "VmallocUsed:", info.vmalloc_used);
	show_kib(m, "VmallocChunk:", 0);
	return 0;
}

static int vmstat_show(struct seq_file *m, void *v __unused)
{
	struct mem_info info;

	si_meminfo(&info);
	seq_printf(m, "nr_free_pages %lu\n", info.free);
	seq_printf(m, "nr_page_table_pages %lu\n", info.page_tables);
	seq_printf(m, "nr_kernel_stack %lu\n",
		   info.kernel_stacks * (PAGE_SIZE / 1024));
	seq_printf(m, "nr_slab_reclaimable %lu\n", info.slab_reclaimable);
	seq_printf(m, "nr_slab_unreclaimable %lu\n", info.slab_unreclaimable);
	seq_printf(m, "nr_anon_pages %lu\n", info.anon);
	seq_printf(m, "nr_mapped %lu\n", info.mapped);
	seq_printf(m, "nr_file_pages %lu\n", info.cached);
	seq_printf(m, "nr_shmem %lu\n", info.shmem);
	seq_printf(m, "pgfault %lu\n", fault_count_total());
	return 0;
}

static void show_cache(const struct slab_info *info, void *arg)
{
	seq_printf(arg, "%-17s %6lu %6lu %6lu %4u %4u : tunables %4u %4u %4u"
		   " : slabdata %6lu %6lu %6lu\n", info->name,
		   info->active_objects, info->total_objects,
		   info->object_size, info->objects_per_slab,
		   info->pages_per_slab, 0, 0, 0, info->active_slabs,
		   info->total_slabs, 0UL);
}

static int slabinfo_show(struct seq_file *m, void *v __unused)
{
	seq_puts(m, "slabinfo - version: 2.1\n"
		 "# name            <active_objs> <num_objs> <objsize> "
		 "<objperslab> <pagesperslab> : tunables <limit> <batchcount> "
		 "<sharedfactor> : slabdata <active_slabs> <num_slabs> "
		 "<sharedavail>\n");
	slab_for_each_cache(show_cache, m);
	return 0;
}

static int swaps_show(struct seq_file *m, void *v __unused)
{
	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static const struct pseudo_file files[] = {
	{ .name = "meminfo", .mode = 0444, .show = meminfo_show },
	{ .name = "vmstat", .mode = 0444, .show = vmstat_show },
	{ .name = "slabinfo", .mode = 0400, .show = slabinfo_show,
	  .no_splice = true },
	{ .name = "swaps", .mode = 0444, .show = swaps_show,
	  .no_splice = true },
};

void __init proc_memory_init(void)
{
	pseudo_add_all(&proc_root, files, ARRAY_SIZE(files));
}
