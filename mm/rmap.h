/*
 * Reverse mapping: from a page to the entries that map it.
 *
 * A file's page is found through its address_space, whose interval tree holds
 * every area that maps the file. An anonymous page has an anon_vma: one object
 * per family, made when an area gets its first page and joined by the copies
 * of that area that fork(2) and splits make. Page index and area offset then
 * give the address. So page->mapping never changes when a process forks.
 *
 * An anonymous page mapped once and owned by one process carries
 * PG_ANON_EXCLUSIVE: it may be written without a copy. fork() clears the mark.
 *
 * Lock order: page lock, then address_space->areas_lock or anon_vma->lock,
 * then the table locks.
 */
#pragma once

#include <keel/refcount.h>
#include <kernel/mutex.h>
#include <kernel/rcu.h>
#include <lib/interval_tree.h>
#include <mm/page.h>
#include <mm/vma.h>

/* One family of areas that may map the same anonymous pages. */
struct anon_vma {
	struct refcount		refs;	/* areas, and who walks it */
	struct mutex		lock;	/* the tree below */
	struct rb_root_cached	areas;	/* interval tree by page offset */
};

/* Give @vma an anon_vma before its first anonymous page. 0 or -ENOMEM. */
int anon_vma_prepare_slow(struct vma *vma);
static inline int __must_check anon_vma_prepare(struct vma *vma)
{
	return likely(READ_ONCE(vma->anon_vma)) ? 0 :
	       anon_vma_prepare_slow(vma);
}
/* @vma, a copy of @from, joins its family (if it has one). */
void anon_vma_join(struct vma *vma, const struct vma *from);
void anon_vma_leave(struct vma *vma);
/* Around a change of the bounds of an area: out of its trees, and back. */
void rmap_trees_remove(struct vma *vma);
void rmap_trees_insert(struct vma *vma);

#define ANON_PAGE_FLAGS	((unsigned int)(BIT(PG_ANON_EXCLUSIVE) | \
					BIT(PG_SWAPBACKED) | BIT(PG_UPTODATE)))

/* A fresh page becomes an area's own; the caller sets the entry. */
static inline void page_add_anon_new(struct page *page, struct vma *vma,
				     unsigned long addr)
{
	page->mapping = (uintptr_t)vma->anon_vma | 1;
	page->index = vma_index(vma, addr);
	atomic_set(&page->mapcount, 1);
	/* Atomic: a late lookup in the page cache may hold the page lock. */
	__atomic_fetch_or(&page->flags, ANON_PAGE_FLAGS, __ATOMIC_RELAXED);
}

/* One more entry maps @page: a reference and a mapping in one go. */
#define PAGE_MAPPING_ONE	((1L << 32) + 1)
static inline void page_add_mapping(struct page *page)
{
	atomic_long_add(PAGE_MAPPING_ONE, &page->counts);
}

/*
 * One entry fewer; its reference remains with the caller. True if that was
 * the last mapping.
 */
static inline bool page_remove_mapping(struct page *page)
{
	return atomic_dec_and_test(&page->mapcount);
}

/* How resident pages of this kind are counted. */
static inline enum rss_type page_rss_type(const struct page *page)
{
	if (page_is_anon(page))
		return RSS_ANON;
	return page_test(page, PG_SWAPBACKED) ? RSS_SHMEM : RSS_FILE;
}

/*
 * Call @fn for each area that may map @page, with the address, until it
 * returns false. Locking: page lock held; @fn runs under the rmap lock.
 */
void rmap_walk(struct page *page,
	       bool (*fn)(struct page *page, struct vma *vma,
			  unsigned long addr, void *arg), void *arg);
/* How many entries really map it, by walking: for tests. */
unsigned int rmap_count_entries(struct page *page);

void rmap_init(void);
