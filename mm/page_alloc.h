/*
 * The page allocator: blocks of 2^order pages.
 *
 * Two zones (DMA32 below 4 GiB, NORMAL above), each a buddy system under one
 * lock; in front of them, per CPU, a short list of single pages that needs no
 * lock, only interrupts off. The last pages of a zone are kept for those who
 * cannot wait (GFP_ATOMIC) and for a task that was killed to free memory.
 */
#pragma once

#include <arch/percpu.h>
#include <mm/gfp.h>
#include <mm/page.h>

#define MAX_ORDER	10	/* largest block: 4 MiB */

enum zone_type { ZONE_DMA32, ZONE_NORMAL, NR_ZONES };

/* What alloc_pages() returns has one reference; NULL if there is none. */
struct page *alloc_pages(gfp_t gfp, unsigned int order) __must_check;
void free_pages(struct page *page, unsigned int order);
/* A contiguous range of any size, freed page by page or by its free. */
struct page *alloc_pages_exact(gfp_t gfp, unsigned long nr) __must_check;
void free_pages_exact(struct page *page, unsigned long nr);
/* Free single pages whose reference count has reached zero. */
void free_page_batch(struct page **pages, unsigned int nr);
/* Up to @nr single pages; returns how many. */
unsigned int alloc_page_batch(gfp_t gfp, unsigned int nr, struct page **pages);

static inline struct page *__must_check alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

/* The same by address. */
void *get_free_page(gfp_t gfp) __must_check;
void *get_zeroed_page(gfp_t gfp) __must_check;
void free_page(void *addr);

/* Move the per-CPU lists of all CPUs back. Context: process, may sleep. */
void drain_all_pages(void);
void drain_local_pages(void);

unsigned long totalram_pages(void);
unsigned long nr_free_pages(void);

/* Counters for /proc/meminfo and sysinfo(2), in pages. */
struct mem_info {
	unsigned long	total, free, available;
	unsigned long	cached, shmem, anon, mapped;
	unsigned long	slab_reclaimable, slab_unreclaimable;
	unsigned long	page_tables, kernel_stacks, vmalloc_used;
	unsigned long	committed, commit_limit;
};
void si_meminfo(struct mem_info *info);

/* Who uses how much; updated in batches, per CPU. */
enum mem_counter {
	MEM_CACHED,		/* page cache, tmpfs included */
	MEM_SHMEM,		/* of that, tmpfs */
	MEM_ANON,
	MEM_MAPPED,		/* page cache pages in page tables */
	MEM_PAGE_TABLES,
	MEM_KERNEL_STACKS,
	MEM_SLAB_RECLAIMABLE,
	MEM_SLAB_UNRECLAIMABLE,
	MEM_VMALLOC,
	NR_MEM_COUNTERS
};
struct mem_counters {
	long	count[NR_MEM_COUNTERS];
};
DECLARE_PER_CPU(struct mem_counters, mem_counters);

/* Context: any; one instruction. */
#define mem_counter_add(counter, nr) \
	this_cpu_add(mem_counters.count[counter], nr)
#define mem_counter_inc(counter) this_cpu_inc(mem_counters.count[counter])
#define mem_counter_dec(counter) this_cpu_dec(mem_counters.count[counter])
long mem_counter_read(enum mem_counter counter);

/* mm/early.c hands a free range over. Context: boot. */
void buddy_add_range(pfn_t start, pfn_t end);
void page_alloc_init(void);
