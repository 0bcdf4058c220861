/*
 * Taking pages out of page tables: collect, flush, then free.
 *
 * A page may be reused only when no CPU's TLB can still reach it, and a page
 * table only when no CPU can still be walking it. So everything that clears
 * entries or takes rights away goes through one gather object: it remembers
 * the range that changed, the pages and the tables, and at the end (or when it
 * is full) flushes all CPUs concerned, once, and frees the pages and then the
 * tables. This is the only way user entries are cleared or downgraded.
 *
 * Use: tlb_gather_start(); under each table's lock change entries and tell
 * tlb_entry_changed() / tlb_remove_page(); after dropping the lock, if
 * tlb_gather_full(), tlb_gather_flush(); tlb_gather_finish().
 */
#pragma once

#include <arch/pgtable.h>
#include <mm/mm.h>
#include <mm/page.h>

#define TLB_BATCH_LOCAL	32	/* pages kept on the stack */

struct tlb_batch {
	struct tlb_batch	*next;
	unsigned int		nr, max;
	struct page		**pages;
};

/* On the stack of who unmaps. */
struct tlb_gather {
	struct mm		*mm;
	unsigned long		start, end;	/* what must be flushed */
	bool			fullmm;		/* the mm is going away */
	bool			freed_tables;
	bool			full;		/* flush before more is added */
	bool			keep_anon;	/* private copies stay */
	long			rss[NR_RSS];	/* change to be accounted */
	long			anon, mapped;	/* the same for MEM_* */
	struct page		*tables;	/* by next_table */
	struct tlb_batch	*active;
	unsigned int		nr_batches;
	struct tlb_batch	local;
	struct page		*local_pages[TLB_BATCH_LOCAL];
};

void tlb_gather_start(struct tlb_gather *tlb, struct mm *mm, bool fullmm);
/* Flush what has been collected and free it. No spinlock may be held. */
void tlb_gather_flush(struct tlb_gather *tlb);
void tlb_gather_finish(struct tlb_gather *tlb);

/* Make room in a full batch, or note that the gather is full. */
void tlb_gather_grow(struct tlb_gather *tlb);

/* The entry for @addr lost rights or was cleared. */
static inline void tlb_entry_changed(struct tlb_gather *tlb,
				     unsigned long addr)
{
	if (addr < tlb->start)
		tlb->start = addr;
	if (addr + PAGE_SIZE > tlb->end)
		tlb->end = addr + PAGE_SIZE;
}

static inline bool tlb_gather_full(const struct tlb_gather *tlb)
{
	return tlb->full;
}

/* The gather takes over the entry's reference to @page. */
static inline void tlb_remove_page(struct tlb_gather *tlb, struct page *page)
{
	struct tlb_batch *batch = tlb->active;

	batch->pages[batch->nr++] = page;
	if (unlikely(batch->nr == batch->max))
		tlb_gather_grow(tlb);
}

/* A table that is no longer linked. */
static inline void tlb_remove_table(struct tlb_gather *tlb, struct page *table)
{
	table->next_table = tlb->tables;
	tlb->tables = table;
	tlb->freed_tables = true;
}

/* Clear all entries of @vma in [start, end): mm/unmap.c. */
void unmap_vma_range(struct tlb_gather *tlb, struct vma *vma,
		     unsigned long start, unsigned long end);
/*
 * Free the tables for [start, end) where they lie wholly within
 * [floor, ceiling), which no other area reaches into.
 */
void free_page_tables(struct tlb_gather *tlb, unsigned long start,
		      unsigned long end, unsigned long floor,
		      unsigned long ceiling);
/* Put another page's entry in the place of a present one. */
void tlb_replace_entry(struct mm *mm, unsigned long addr, pte_t *ptep,
		       pte_t entry);
