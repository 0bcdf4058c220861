/*
 * The early allocator: memory before the page allocator.
 *
 * It is made of two lists of physical ranges. `ram` is all RAM there is, sorted
 * and without overlaps, and stays for the life of the system: the direct map
 * and the page array are sized from it, never from the highest entry of the
 * firmware's map. `spare` is the part nobody uses yet: RAM minus page 0, the
 * kernel image and the initramfs. An allocation is cut off the top of the
 * highest spare range it fits in, so that low memory, which devices may need,
 * goes last.
 *
 * Both lists live in memory they manage themselves, so a firmware map of any
 * length is fine; a list that becomes full moves to a larger place.
 *
 * Context: boot, one CPU. Until paging_init() only what the boot page tables
 * map may be handed out, which is what early_limit is for.
 */
#include <arch/page.h>
#include <keel/boot_info.h>
#include <keel/bug.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/page_alloc.h>

#define LOG_PREFIX "mm"

#define BOOT_MAPPED_END	(4UL << 30)

extern char _image_start[], _image_end[];

/* A sorted list of ranges that do not overlap. */
struct range_list {
	struct mem_range	*ranges;
	unsigned int		nr, max;
};

static struct range_list ram __initdata;
static struct range_list spare __initdata;
static paddr_t early_limit __initdata = BOOT_MAPPED_END;
static paddr_t trampoline_page __ro_after_init;

const struct mem_range *ram_ranges __ro_after_init;
unsigned int nr_ram_ranges __ro_after_init;

static __init void list_insert_at(struct range_list *list, unsigned int pos,
				  paddr_t start, paddr_t end)
{
	ASSERT(list->nr < list->max);
	memmove(&list->ranges[pos + 1], &list->ranges[pos],
		(list->nr - pos) * sizeof(list->ranges[0]));
	list->ranges[pos] = (struct mem_range){ start, end };
	list->nr++;
}

static __init void list_remove_at(struct range_list *list, unsigned int pos)
{
	list->nr--;
	memmove(&list->ranges[pos], &list->ranges[pos + 1],
		(list->nr - pos) * sizeof(list->ranges[0]));
}

/* Add [start, end), merging it with what it touches. */
static __init void range_add(struct range_list *list, paddr_t start,
			     paddr_t end)
{
	unsigned int i = 0;

	if (start >= end)
		return;
	while (i < list->nr && list->ranges[i].end < start)
		i++;
	while (i < list->nr && list->ranges[i].start <= end) {
		start = min(start, list->ranges[i].start);
		end = max(end, list->ranges[i].end);
		list_remove_at(list, i);
	}
	list_insert_at(list, i, start, end);
}

/* Take [start, end) out; needs room for one more range. */
static __init void range_remove(struct range_list *list, paddr_t start,
				paddr_t end)
{
	unsigned int i = 0;

	while (i < list->nr) {
		struct mem_range r = list->ranges[i];

		if (r.end <= start || r.start >= end) {
			i++;
			continue;
		}
		list_remove_at(list, i);
		if (r.start < start)
			list_insert_at(list, i++, r.start, start);
		if (r.end > end)
			list_insert_at(list, i++, end, r.end);
	}
}

static __init paddr_t image_start(void)
{
	return PAGE_ALIGN_DOWN((paddr_t)(uintptr_t)_image_start);
}

static __init paddr_t image_end(void)
{
	return PAGE_ALIGN(__pa_symbol(_image_end));
}

/* If [start, end) overlaps [a, b), the end of that, else 0. */
static __init paddr_t overlap_end(paddr_t start, paddr_t end, paddr_t a,
				  paddr_t b)
{
	return a < b && start < b && end > a ? b : 0;
}

/* What keeps [start, end) from being free: where to try next, or 0. */
static __init paddr_t conflict_end(struct boot_info *info, paddr_t start,
				   paddr_t end)
{
	paddr_t next = overlap_end(start, end, 0, PAGE_SIZE);

	if (!next)
		next = overlap_end(start, end, image_start(), image_end());
	if (!next)
		next = overlap_end(start, end, info->initrd_start,
				   info->initrd_start + info->initrd_len);
	for (unsigned int i = 0; !next && i < info->nr_ranges; i++) {
		struct boot_mem_range *r = &info->ranges[i];

		if (r->type != BOOT_MEM_RAM)
			next = overlap_end(start, end, r->start,
					   r->start + r->len);
	}
	return next;
}

/* The first place for the lists themselves, straight from the map. */
static __init paddr_t find_first_place(struct boot_info *info, size_t size)
{
	for (unsigned int i = 0; i < info->nr_ranges; i++) {
		struct boot_mem_range *r = &info->ranges[i];
		paddr_t start = PAGE_ALIGN(r->start);
		paddr_t end = min(r->start + r->len, BOOT_MAPPED_END);
		paddr_t next;

		if (r->type != BOOT_MEM_RAM)
			continue;
		while (start + size <= end) {
			next = conflict_end(info, start, start + size);
			if (!next)
				return start;
			start = PAGE_ALIGN(next);
		}
	}
	panic("mm: no memory for the boot: the firmware's map lists none");
}

/* Entries of the firmware's map are rounded against us: RAM shrinks. */
static __init void collect_ram(struct boot_info *info)
{
	paddr_t mem_limit = min(param_size("mem", PHYS_ADDR_MAX),
				PHYS_ADDR_MAX);

	for (unsigned int i = 0; i < info->nr_ranges; i++) {
		struct boot_mem_range *r = &info->ranges[i];
		paddr_t end;

		if (r->type != BOOT_MEM_RAM ||
		    __builtin_add_overflow(r->start, r->len, &end))
			continue;
		range_add(&ram, PAGE_ALIGN(r->start),
			  PAGE_ALIGN_DOWN(min(end, mem_limit)));
	}
	for (unsigned int i = 0; i < info->nr_ranges; i++) {
		struct boot_mem_range *r = &info->ranges[i];
		paddr_t end;

		if (r->type == BOOT_MEM_RAM)
			continue;
		if (__builtin_add_overflow(r->start, r->len, &end))
			end = ~0UL & PAGE_MASK;
		range_remove(&ram, PAGE_ALIGN_DOWN(r->start), PAGE_ALIGN(end));
	}
}

/*
 * Do without an initramfs that is not where we can use it: a loader that errs,
 * or mem= below the place it lies at.
 */
static __init void check_initrd(struct boot_info *info)
{
	paddr_t start = info->initrd_start, end;
	const char *why = "is not in usable RAM (mem= too small?)";

	if (!info->initrd_len)
		return;
	if (__builtin_add_overflow(start, info->initrd_len, &end))
		end = PHYS_ADDR_MAX;
	if (start < image_end() && end > image_start()) {
		why = "overlaps the kernel";
	} else {
		for (unsigned int i = 0; i < ram.nr; i++)
			if (start >= ram.ranges[i].start &&
			    end <= ram.ranges[i].end)
				return;
	}
	pr_err("the initramfs at %#lx, %lu bytes, %s: ignored",
	       (unsigned long)start, (unsigned long)info->initrd_len, why);
	info->initrd_start = info->initrd_len = 0;
}

/* The highest free page below 640 KiB, for starting other CPUs. */
static __init void keep_trampoline_page(void)
{
	trampoline_page = early_alloc_phys(PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
					   0xa0000);
}

/*
 * Read the firmware's map. After this early_alloc() works, within the first
 * 4 GiB.
 */
void __init early_init(struct boot_info *info)
{
	/* Each entry can split a range in two; the rest is for allocations. */
	unsigned int max = info->nr_ranges * 2 + 32;
	size_t size = PAGE_ALIGN(2 * max * sizeof(struct mem_range));
	paddr_t place = find_first_place(info, size);

	ram = (struct range_list){ __va(place), 0, max };
	spare = (struct range_list){ ram.ranges + max, 0, max };
	collect_ram(info);
	check_initrd(info);

	memcpy(spare.ranges, ram.ranges, ram.nr * sizeof(ram.ranges[0]));
	spare.nr = ram.nr;
	range_remove(&spare, 0, PAGE_SIZE);
	range_remove(&spare, image_start(), image_end());
	range_remove(&spare, place, place + size);
	if (info->initrd_len)
		range_remove(&spare, PAGE_ALIGN_DOWN(info->initrd_start),
			     PAGE_ALIGN(info->initrd_start + info->initrd_len));

	ram_ranges = ram.ranges;
	nr_ram_ranges = ram.nr;
	keep_trampoline_page();
}

/* Allow addresses up to @limit, once the page tables map them. */
void __init early_set_limit(paddr_t limit)
{
	early_limit = limit;
}

/* Move the list of spare ranges, which is full, to a place twice as large. */
static __init void grow_spare(void)
{
	size_t size = PAGE_ALIGN(2 * spare.max * sizeof(struct mem_range));

	for (unsigned int i = spare.nr; i-- > 0;) {
		struct mem_range *r = &spare.ranges[i];
		struct mem_range *place;

		if (r->end > early_limit || r->end - r->start <= size)
			continue;
		r->end -= size;
		place = __va(r->end);
		memcpy(place, spare.ranges, spare.nr * sizeof(*place));
		spare.ranges = place;
		spare.max = size / sizeof(*place);
		return;
	}
	panic("mm: out of memory while the boot sets up memory");
}

/*
 * Allocate physical memory in [min, max), @align a power of two of at least
 * a page. Not zeroed. Return: its address, or 0 if there is none.
 */
paddr_t __init early_alloc_phys(size_t size, size_t align, paddr_t min_addr,
				paddr_t max_addr)
{
	size = PAGE_ALIGN(size);
	if (spare.nr + 1 >= spare.max)
		grow_spare();
	for (unsigned int i = spare.nr; i-- > 0;) {
		struct mem_range *r = &spare.ranges[i];
		paddr_t low = max(r->start, min_addr);
		paddr_t high = min(r->end, max_addr);
		paddr_t addr;

		if (high < low || high - low < size)
			continue;
		addr = ALIGN_DOWN(high - size, align);
		if (addr < low)
			continue;
		range_remove(&spare, addr, addr + size);
		return addr;
	}
	return 0;
}

/*
 * Allocate @size zeroed bytes that are never freed; whole pages, so for large
 * things. Panics if there is no memory: a machine we cannot run on.
 */
void *__init early_alloc(size_t size, size_t align)
{
	paddr_t addr = early_alloc_phys(size, max(align, PAGE_SIZE), 0,
					early_limit);

	if (!addr)
		panic("mm: too little memory: %zu KiB more are needed to boot",
		      size >> 10);
	return memset(__va(addr), 0, PAGE_ALIGN(size));
}

/* Hand all that is left to the page allocator; no early_alloc() after this. */
void __init early_release_to_buddy(void)
{
	for (unsigned int i = 0; i < spare.nr; i++)
		buddy_add_range(PFN_DOWN(spare.ranges[i].start),
				PFN_DOWN(spare.ranges[i].end));
	spare.nr = spare.max = 0;
}

paddr_t mem_trampoline_page(void)
{
	return trampoline_page;
}

/* The last RAM range that begins at or below @addr, or NULL. */
static const struct mem_range *ram_range_at(paddr_t addr)
{
	unsigned int low = 0, high = nr_ram_ranges;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (ram_ranges[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &ram_ranges[low - 1] : NULL;
}

/* Is any byte of [start, start + len) RAM? Context: any. */
bool mem_is_ram(paddr_t start, uint64_t len)
{
	paddr_t last = start + max(len, (uint64_t)1) - 1;
	const struct mem_range *r = ram_range_at(last);

	return r && r->end > start;
}

/* Is there a struct page for this frame? Context: any. */
bool pfn_valid(pfn_t pfn)
{
	return pfn < PFN_DOWN(PHYS_ADDR_MAX) &&
	       mem_is_ram(PFN_PHYS(pfn), PAGE_SIZE);
}
