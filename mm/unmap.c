/*
 * Clearing page-table entries, into a gather object.
 *
 * The loop over one table is the inner loop of munmap(2) and exit: what can be
 * counted is counted in the gather and added up once.
 */
#include <keel/bug.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>

#include "internal.h"

/* The page of a present entry, which is cleared already, goes. */
static inline void unmap_page(struct tlb_gather *tlb, pte_t entry)
{
	struct page *page = pfn_to_page(pte_pfn(entry));

	if (page_is_anon(page)) {
		tlb->rss[RSS_ANON]--;
		if (page_remove_mapping(page))
			tlb->anon--;
	} else {
		if (pte_dirty(entry) && !page_test(page, PG_DIRTY))
			page_set(page, PG_DIRTY);
		tlb->rss[page_rss_type(page)]--;
		if (page_remove_mapping(page))
			tlb->mapped--;
	}
	tlb_remove_page(tlb, page);
}

/*
 * Clear the entries for [addr, end), which one table holds. Return: where it
 * stopped, @end or earlier if the gather became full.
 */
static unsigned long unmap_in_table(struct tlb_gather *tlb, pmd_t *pmd,
				    unsigned long addr, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lock(pmd, addr, &ptl);

	for (; addr < end && !tlb->full; addr += PAGE_SIZE, pte++) {
		pte_t entry = pte_get(pte);

		if (pte_none(entry))
			continue;
		if (unlikely(!pte_present(entry))) {
			pte_set(pte, 0);
			tlb->rss[RSS_SWAP]--;
			continue;
		}
		if (unlikely(tlb->keep_anon) && !pte_special(entry) &&
		    page_is_anon(pfn_to_page(pte_pfn(entry))))
			continue;
		if (tlb->fullmm)
			pte_set(pte, 0);
		else
			entry = pte_get_and_clear(pte);
		tlb_entry_changed(tlb, addr);
		if (likely(!pte_special(entry)))
			unmap_page(tlb, entry);
	}
	spin_unlock(ptl);
	return addr;
}

/*
 * Clear all entries of @vma in [start, end).
 * Locking: mmap_lock in either mode, or an rmap lock the area is in; no
 * spinlock, as a full gather is flushed on the way.
 */
void unmap_vma_range(struct tlb_gather *tlb, struct vma *vma,
		     unsigned long start, unsigned long end)
{
	unsigned long addr = start, next;

	DEBUG_ASSERT(start >= vma->start && end <= vma->end);
	while (addr < end) {
		pmd_t *pmd = pmd_lookup(tlb->mm, addr);

		if (!pmd) {
			addr = pud_addr_end(addr, end);
			continue;
		}
		next = pmd_addr_end(addr, end);
		if (table_none(READ_ONCE(*pmd))) {
			addr = next;
			continue;
		}
		addr = unmap_in_table(tlb, pmd, addr, next);
		if (unlikely(tlb_gather_full(tlb)))
			tlb_gather_flush(tlb);
	}
}
