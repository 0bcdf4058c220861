/*
 * Taking pages out of page tables: the gather object's slow half, and the
 * freeing of tables. See mm/tlb_gather.h.
 */
#include <arch/tlb.h>
#include <keel/bug.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/tlb_gather.h>

#include "internal.h"

/* Bounds how long pages wait for the flush: 16 batches are 32 MiB. */
#define MAX_BATCHES	16

/*
 * Begin. @fullmm: the whole address space goes and nobody runs in it, so that
 * entries need not be cleared atomically.
 */
void tlb_gather_start(struct tlb_gather *tlb, struct mm *mm, bool fullmm)
{
	tlb->mm = mm;
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb->fullmm = fullmm;
	tlb->freed_tables = false;
	tlb->full = false;
	tlb->keep_anon = false;
	memset(tlb->rss, 0, sizeof(tlb->rss));
	tlb->anon = tlb->mapped = 0;
	tlb->tables = NULL;
	tlb->active = &tlb->local;
	tlb->nr_batches = 0;
	tlb->local = (struct tlb_batch){
		.max = TLB_BATCH_LOCAL, .pages = tlb->local_pages,
	};
}

/*
 * The active batch is full: go on in another one, or, if there is no memory
 * for that, say that the gather must be flushed first. Context: a table's lock
 * is held.
 */
void tlb_gather_grow(struct tlb_gather *tlb)
{
	struct tlb_batch *batch;

	if (tlb->nr_batches >= MAX_BATCHES) {
		tlb->full = true;
		return;
	}
	batch = get_free_page(GFP_NOWAIT);
	if (!batch) {
		tlb->full = true;
		return;
	}
	batch->next = NULL;
	batch->nr = 0;
	batch->max = (PAGE_SIZE - sizeof(*batch)) / sizeof(struct page *);
	batch->pages = (struct page **)(batch + 1);
	tlb->active->next = batch;
	tlb->active = batch;
	tlb->nr_batches++;
}

/* Drop the references of a batch; those that were the last are freed. */
static void release_batch(struct tlb_batch *batch)
{
	unsigned int dead = 0;

	for (unsigned int i = 0; i < batch->nr; i++) {
		struct page *page = batch->pages[i];

		if (atomic_dec_and_test(&page->refcount))
			batch->pages[dead++] = page;
	}
	batch->nr = 0;
	if (dead)
		free_page_batch(batch->pages, dead);
}

/* The batches after the first are for this round only. */
static void release_pages(struct tlb_gather *tlb)
{
	struct tlb_batch *batch = tlb->local.next;

	release_batch(&tlb->local);
	while (batch) {
		struct tlb_batch *next = batch->next;

		release_batch(batch);
		free_page(batch);
		batch = next;
	}
	tlb->local.next = NULL;
	tlb->active = &tlb->local;
	tlb->nr_batches = 0;
	tlb->full = false;
}

/*
 * Make every CPU forget what has been collected, then free it: pages first,
 * tables last. Context: process, no spinlock held; waits for other CPUs.
 */
void tlb_gather_flush(struct tlb_gather *tlb)
{
	struct page *tables = tlb->tables;

	if (tlb->start < tlb->end || tlb->freed_tables)
		flush_tlb_mm_range(tlb->mm, tlb->start, tlb->end,
				   tlb->freed_tables);
	release_pages(tlb);
	tlb->tables = NULL;
	tlb->freed_tables = false;
	tlb->start = ~0UL;
	tlb->end = 0;
	table_pages_free(tables);
}

/* The rest, and the counts. */
void tlb_gather_finish(struct tlb_gather *tlb)
{
	tlb_gather_flush(tlb);
	for (unsigned int i = 0; i < NR_RSS; i++)
		if (tlb->rss[i])
			atomic_long_add(tlb->rss[i], &tlb->mm->rss[i]);
	if (tlb->anon)
		mem_counter_add(MEM_ANON, tlb->anon);
	if (tlb->mapped)
		mem_counter_add(MEM_MAPPED, tlb->mapped);
}

/* Unlink the table *@entry points to. */
static void drop_table(struct tlb_gather *tlb, uint64_t *entry,
		       unsigned long addr)
{
	struct page *table = phys_to_page(*entry & PTE_ADDR_MASK);

	WRITE_ONCE(*entry, 0);
	tlb_entry_changed(tlb, addr);
	tlb_remove_table(tlb, table);
	atomic_long_sub(PAGE_SIZE, &tlb->mm->pgtable_bytes);
}

/* Does the aligned block of @size around @addr lie within the free range? */
static bool block_within(unsigned long addr, unsigned long size,
			 unsigned long floor, unsigned long ceiling)
{
	addr = ALIGN_DOWN(addr, size);
	return addr >= floor && addr + size <= ceiling;
}

static void free_in_pmd_table(struct tlb_gather *tlb, pud_t pud,
			      unsigned long addr, unsigned long end,
			      unsigned long floor, unsigned long ceiling)
{
	pmd_t *pmd = pmd_of(pud, addr);

	for (; addr < end; addr = pmd_addr_end(addr, end), pmd++)
		if (!table_none(*pmd) &&
		    block_within(addr, PMD_SIZE, floor, ceiling))
			drop_table(tlb, pmd, addr);
}

static void free_in_pud_table(struct tlb_gather *tlb, pgd_t pgd,
			      unsigned long addr, unsigned long end,
			      unsigned long floor, unsigned long ceiling)
{
	pud_t *pud = pud_of(pgd, addr);
	unsigned long next;

	for (; addr < end; addr = next, pud++) {
		next = pud_addr_end(addr, end);
		if (table_none(*pud))
			continue;
		free_in_pmd_table(tlb, *pud, addr, next, floor, ceiling);
		if (block_within(addr, PUD_SIZE, floor, ceiling))
			drop_table(tlb, pud, addr);
	}
}

/*
 * Free the tables for [start, end), whose entries are all cleared, as far as
 * what they cover lies in [floor, ceiling): there is no other area in that.
 * Locking: mmap_lock for writing, or the mm has no users; the areas that were
 * here can no longer be found by reverse mapping.
 */
void free_page_tables(struct tlb_gather *tlb, unsigned long start,
		      unsigned long end, unsigned long floor,
		      unsigned long ceiling)
{
	unsigned long addr, next;

	/* The last block of the half ends at the hole, not at TASK_SIZE. */
	if (ceiling >= TASK_SIZE)
		ceiling = ALIGN_UP(TASK_SIZE, PGDIR_SIZE);
	for (addr = start; addr < end; addr = next) {
		pgd_t *pgd = &tlb->mm->pgd[pgd_index(addr)];

		next = pgd_addr_end(addr, end);
		if (table_none(*pgd))
			continue;
		free_in_pud_table(tlb, *pgd, addr, next, floor, ceiling);
		if (block_within(addr, PGDIR_SIZE, floor, ceiling))
			drop_table(tlb, pgd, addr);
	}
}

/*
 * Replace a present entry by another page's: the old translation must be gone
 * everywhere before the new one can be seen, or two threads would see two
 * pages at one address. Locking: the table's lock is held.
 */
void tlb_replace_entry(struct mm *mm, unsigned long addr, pte_t *ptep,
		       pte_t entry)
{
	pte_set(ptep, 0);
	flush_tlb_mm_range(mm, addr, addr + PAGE_SIZE, false);
	pte_set(ptep, entry);
}
