/*
 * Bringing memory up, in the order in which each part needs the one before:
 * early allocator, final page tables, page array, page allocator. And giving
 * back, later, what only the boot needed.
 */
#include <arch/pgtable.h>
#include <keel/boot_info.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/page_alloc.h>
#include <mm/vmalloc.h>

#include "internal.h"

#define LOG_PREFIX "mm"

#define BLOCK_MAX_BYTES	(PAGE_SIZE << MAX_ORDER)

extern char _init_start[], _init_end[];

struct page *zero_page __ro_after_init;

/*
 * The page allocator looks at the struct page of a block's buddy whether or
 * not that is RAM, so the array covers whole blocks of the largest order.
 */
static __init void page_array_init(void)
{
	for (unsigned int i = 0; i < nr_ram_ranges; i++) {
		paddr_t start = ALIGN_DOWN(ram_ranges[i].start,
					   BLOCK_MAX_BYTES);
		paddr_t end = ALIGN_UP(ram_ranges[i].end, BLOCK_MAX_BYTES);

		paging_map_vmemmap((unsigned long)phys_to_page(start),
				   (unsigned long)phys_to_page(end));
	}
}

static __init unsigned long ram_pages(void)
{
	unsigned long pages = 0;

	for (unsigned int i = 0; i < nr_ram_ranges; i++)
		pages += PFN_DOWN(ram_ranges[i].end - ram_ranges[i].start);
	return pages;
}

/*
 * From the firmware's map to alloc_pages(). Panics if there is too little
 * memory for the kernel itself.
 */
void __init mem_init(struct boot_info *info)
{
	early_init(info);
	paging_init();
	early_set_limit(PHYS_ADDR_MAX);
	page_array_init();
	page_alloc_init();
	early_release_to_buddy();

	zero_page = alloc_page(GFP_KERNEL | GFP_ZERO);
	if (!zero_page)
		panic("mm: no memory left after setting up memory");
	pr_info("%lu MiB in %u ranges, %lu KiB free", ram_pages() >> 8,
		nr_ram_ranges, nr_free_pages() << 2);
}

/*
 * Give [start, end) to the page allocator: RAM that was kept back at boot and
 * is not used any more. Context: process.
 */
void mem_free_range(paddr_t start, paddr_t end, const char *what)
{
	pfn_t first = PFN_UP(start), last = PFN_DOWN(end);

	for (; first < last && !pfn_valid(first); first++)
		;
	for (; first < last && !pfn_valid(last - 1); last--)
		;
	if (first >= last)
		return;
	buddy_add_range(first, last);
	pr_info("%lu KiB of %s freed", (unsigned long)(last - first) << 2,
		what);
}

/*
 * The boot is over: seal code and constants, and free the .init sections. No
 * __init function may run, and no __ro_after_init variable change, after this.
 */
void mem_free_init(void)
{
	paging_protect_image();
	paging_unmap_init_sections();
	memset(__va(__pa_symbol(_init_start)), 0xcc,
	       (size_t)(_init_end - _init_start));
	mem_free_range(__pa_symbol(_init_start), __pa_symbol(_init_end),
		       "boot code and data");
}
