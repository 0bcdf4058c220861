/*
 * Taking parts of files out of memory.
 *
 * Truncation goes the way a page came, backwards: the new size is set first, so
 * that no fault brings the page in again; then the page is taken out of all
 * page tables, then locked, taken out of them once more if a fault was on its
 * way when the size changed, and taken out of the cache.
 */
#include <fs/inode.h>
#include <keel/bug.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>

#include "internal.h"

#define BATCH	16

/* Unmap the part of one area that shows pages [first, last]. */
static void unmap_in_area(struct vma *vma, unsigned long first,
			  unsigned long last, bool even_cow)
{
	unsigned long start, end;
	struct tlb_gather tlb;

	first = max(first, vma->pgoff);
	last = min(last, vma->pgoff + vma_pages(vma) - 1);
	start = vma_address(vma, first);
	end = vma_address(vma, last) + PAGE_SIZE;
	tlb_gather_start(&tlb, vma->mm, false);
	tlb.keep_anon = !even_cow;
	unmap_vma_range(&tlb, vma, start, end);
	tlb_gather_finish(&tlb);
}

/*
 * Unmap pages [first, last] of a file wherever they are mapped; with @even_cow
 * private copies go too. Context: process, may sleep.
 */
void unmap_mapping_pages(struct address_space *mapping, unsigned long first,
			 unsigned long last, bool even_cow)
{
	struct interval_tree_node *node;

	if (RB_EMPTY_ROOT(&mapping->areas.root))
		return;
	down_read(&mapping->areas_lock);
	interval_tree_for_each(node, &mapping->areas, first, last)
		unmap_in_area(container_of(node, struct vma, mapping_node),
			      first, last, even_cow);
	up_read(&mapping->areas_lock);
}

/* Remove a page that was found in the range, if it is still the file's. */
static void truncate_page(struct address_space *mapping, struct page *page)
{
	lock_page(page);
	if (page_mapping(page) == mapping) {
		while (unlikely(page_mapped(page)))
			unmap_mapping_pages(mapping, page->index, page->index,
					    false);
		page_cache_remove(page);
	}
	unlock_page(page);
}

/* A batch of pages in [*first, last] with references; *first moves on. */
static unsigned int get_batch(struct address_space *mapping,
			      unsigned long *first, unsigned long last,
			      struct page **pages)
{
	unsigned int nr = 0;
	struct page *page;

	rcu_read_lock();
	while (nr < BATCH && *first <= last) {
		page = xa_find(&mapping->pages, first, last, XA_PRESENT);
		if (!page)
			break;
		if (get_page_unless_zero(page))
			pages[nr++] = page;
		if (++*first == 0)
			break;
	}
	rcu_read_unlock();
	return nr;
}

/* Remove the whole pages [first, last] from the cache. */
static void truncate_whole(struct address_space *mapping, unsigned long first,
			   unsigned long last)
{
	struct page *pages[BATCH];
	unsigned int nr;

	while ((nr = get_batch(mapping, &first, last, pages)))
		for (unsigned int i = 0; i < nr; i++) {
			truncate_page(mapping, pages[i]);
			put_page(pages[i]);
		}
}

/* Zero [from, to) within one page, if it is in memory. */
static void zero_part(struct address_space *mapping, loff_t from, loff_t to)
{
	struct page *page = find_lock_page(mapping, from >> PAGE_SHIFT);

	if (!page)
		return;
	memset((char *)page_address(page) + PAGE_OFFSET_IN(from), 0,
	       to - from);
	page_set(page, PG_DIRTY);
	unlock_page(page);
	put_page(page);
}

/*
 * Remove what lies in bytes [from, to): whole pages go, the parts of pages at
 * both ends become zeros. @to = LLONG_MAX: everything behind @from, and the
 * caller has set the new size. Context: process, may sleep.
 * Locking: inode->rwsem for writing, or nobody else knows the inode.
 */
void truncate_pages(struct address_space *mapping, loff_t from, loff_t to)
{
	unsigned long first = DIV_ROUND_UP((uint64_t)from, PAGE_SIZE);
	unsigned long last = to == LLONG_MAX ? ~0UL :
			     (unsigned long)to >> PAGE_SHIFT;
	loff_t from_end = min((loff_t)(first << PAGE_SHIFT), to);

	if (from >= to || (!mapping->nr_pages &&
			   RB_EMPTY_ROOT(&mapping->areas.root)))
		return;
	/* Pages [first, last); last is then made the last one itself. */
	if (first < last) {
		last -= to != LLONG_MAX;
		unmap_mapping_pages(mapping, first, last, true);
		truncate_whole(mapping, first, last);
	}
	if (from < from_end)
		zero_part(mapping, from, from_end);
	if (to != LLONG_MAX && PAGE_OFFSET_IN(to) && to > from_end)
		zero_part(mapping, to & (loff_t)PAGE_MASK, to);
}

/*
 * Drop those of pages [first, last] that nobody uses and that can be read
 * again. Context: process, may sleep. Return: how many went.
 */
unsigned long invalidate_pages(struct address_space *mapping,
			       unsigned long first, unsigned long last)
{
	struct page *pages[BATCH];
	unsigned long dropped = 0;
	unsigned int nr;

	if (mapping->flags & AS_SHMEM)
		return 0;
	while ((nr = get_batch(mapping, &first, last, pages)))
		for (unsigned int i = 0; i < nr; i++) {
			struct page *page = pages[i];

			if (trylock_page(page)) {
				/* Two references: the cache's and ours. */
				if (page_mapping(page) == mapping &&
				    !page_test(page, PG_DIRTY) &&
				    page_count(page) == 2) {
					page_cache_remove(page);
					dropped++;
				}
				unlock_page(page);
			}
			put_page(page);
		}
	return dropped;
}
