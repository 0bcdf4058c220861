/*
 * Walking and building the user half of page tables.
 *
 * Tables are added under mm->page_table_lock and only removed when no area is
 * left in what they cover (mm/tlb_gather.c), under mmap_lock for writing with
 * no reader in any area. So whoever holds an area's lock (or mmap_lock, or an
 * rmap lock the area is in) may walk down without further ado; the lock of the
 * last-level table, which lies in its struct page, guards the entries in it.
 */
#pragma once

#include <arch/pgtable.h>
#include <mm/mm.h>
#include <mm/page.h>

/* The pmd entry for @addr; NULL if a table above it is missing. */
pmd_t *pmd_lookup(struct mm *mm, unsigned long addr);
/* The same, making what is missing; NULL if there is no memory. */
pmd_t *pmd_alloc(struct mm *mm, unsigned long addr);
/* Make *@pmd point to a table, if it does not. 0 or -ENOMEM. */
int pte_table_alloc_slow(struct mm *mm, pmd_t *pmd);
static inline int __must_check pte_table_alloc(struct mm *mm, pmd_t *pmd)
{
	return likely(!table_none(READ_ONCE(*pmd))) ? 0 :
	       pte_table_alloc_slow(mm, pmd);
}

static inline struct spinlock *pmd_ptl(pmd_t pmd)
{
	return &pfn_to_page(PFN_DOWN(pmd & PTE_ADDR_MASK))->table_lock;
}

static inline pte_t *pte_lock(pmd_t *pmd, unsigned long addr,
			      struct spinlock **ptl) __acquires(*ptl);

/* The entry for @addr with its table locked; *@pmd must be a table. */
static inline pte_t *pte_lock(pmd_t *pmd, unsigned long addr,
			      struct spinlock **ptl)
{
	pmd_t entry = READ_ONCE(*pmd);

	*ptl = pmd_ptl(entry);
	spin_lock(*ptl);
	return pte_of(entry, addr);
}

/* Find and lock the entry for @addr; NULL (unlocked) if no table is there. */
pte_t *pte_lookup_lock(struct mm *mm, unsigned long addr,
		       struct spinlock **ptl) __try_acquires(true, *ptl);

/* Table pages, zeroed, with their lock ready and counted. */
struct page *table_page_alloc(void);
void table_page_free(struct page *page);
/* A batch of them linked by next_table, after the TLBs were flushed. */
void table_pages_free(struct page *list);
