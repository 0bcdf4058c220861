/*
 * Memory before there is a page allocator.
 *
 * The early allocator keeps a list of free physical ranges, made from the
 * firmware's map minus the kernel image, the initramfs and page 0. It serves
 * those who must have memory before the page array exists (page tables, the
 * page array itself) and then hands what is left to the page allocator.
 * Memory it gave out is never freed, except through mem_free_range().
 */
#pragma once

#include <keel/types.h>

struct boot_info;

/* A physical range, [start, end), page aligned. */
struct mem_range {
	paddr_t		start, end;
};

/* All RAM, sorted and merged; constant after mem_init(). */
extern const struct mem_range *ram_ranges;
extern unsigned int nr_ram_ranges;

void early_init(struct boot_info *info);
/* Zeroed, by its direct-map address; panics if there is none. */
void *early_alloc(size_t size, size_t align);
/* In [@min, @max); not zeroed; 0 if there is none. */
paddr_t early_alloc_phys(size_t size, size_t align, paddr_t min, paddr_t max);
/* Below 4 GiB while the boot page tables are in use. */
void early_set_limit(paddr_t limit);
void early_release_to_buddy(void);

/*
 * The whole of memory: early allocator, final page tables, page array, page
 * allocator. After this alloc_pages() works; slab_init() comes next.
 */
void mem_init(struct boot_info *info);
/* A page below 1 MiB, kept for starting the other CPUs; 0 if none. */
paddr_t mem_trampoline_page(void);
/* Give RAM that was kept back (initramfs, init sections) to the allocator. */
void mem_free_range(paddr_t start, paddr_t end, const char *what);
/* .init sections, when start_kernel() is through. */
void mem_free_init(void);
/* Is any byte of [start, start + len) RAM? */
bool mem_is_ram(paddr_t start, uint64_t len);
