/*
 * The page cache: finding pages, adding them, taking them out.
 *
 * Lookups take no lock: the array is walked under RCU, and a page found may
 * have been taken out and freed, even be another file's by now. So a reference
 * is taken only if there still is one (get_page_unless_zero()), and then the
 * page is asked whether it is the one looked for. While we hold the reference
 * it can still leave the file; who must rule that out takes the page lock.
 *
 * A new page is put in locked and not up to date, and only then filled: of two
 * tasks that miss at the same place one fills, the other waits for the lock.
 */
#include <fs/inode.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/xarray_ops.h>

#include "internal.h"

/* An empty mapping. @host and @ops outlive it. */
void address_space_init(struct address_space *mapping, struct inode *host,
			const struct address_space_ops *ops,
			unsigned int flags)
{
	mapping->host = host;
	mapping->ops = ops;
	mapping->flags = flags;
	atomic_set(&mapping->writable, 0);
	mapping->nr_pages = 0;
	xa_init(&mapping->pages, &xa_kernel_ops);
	spin_lock_init(&mapping->lock, "mapping", RANK_MAPPING);
	rwsem_init(&mapping->areas_lock, "mapping_areas", RANK_I_MMAP);
	mapping->areas = INTERVAL_TREE_ROOT;
}

/* The inode goes; truncate_pages() has emptied the mapping. */
void address_space_destroy(struct address_space *mapping)
{
	ASSERT(mapping->nr_pages == 0);
	ASSERT(RB_EMPTY_ROOT(&mapping->areas.root));
	xa_destroy(&mapping->pages);
}

/* Is @page, to which we have a reference, still where we found it? */
static inline bool page_is_at(const struct page *page,
			      const struct address_space *mapping,
			      unsigned long index)
{
	return READ_ONCE(page->mapping) == (uintptr_t)mapping &&
	       READ_ONCE(page->index) == index;
}

/*
 * The page at @index with a reference, or NULL. Context: any.
 */
struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	rcu_read_lock();
	/* A page found on its way out: look again, the array knows by now. */
	while ((page = xa_load(&mapping->pages, index))) {
		if (unlikely(!get_page_unless_zero(page)))
			continue;
		if (likely(page_is_at(page, mapping, index)))
			break;
		put_page(page);
	}
	rcu_read_unlock();
	return page;
}

/*
 * The pages from @index on, up to @nr or to the first that is missing, with
 * references. Context: any. Return: how many.
 */
unsigned int find_get_pages(struct address_space *mapping, unsigned long index,
			    unsigned int nr, struct page **pages)
{
	unsigned int found;

	rcu_read_lock();
	xa_load_range(&mapping->pages, index, (void **)pages, nr);
	for (found = 0; found < nr; found++) {
		struct page *page = pages[found];

		if (!page || !get_page_unless_zero(page))
			break;
		if (unlikely(!page_is_at(page, mapping, index + found))) {
			put_page(page);
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/*
 * The page at @index, locked, and thus sure to stay there; NULL if there is
 * none. Context: process, may sleep.
 */
struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	for (;;) {
		struct page *page = find_get_page(mapping, index);

		if (!page)
			return NULL;
		lock_page(page);
		if (likely(page_is_at(page, mapping, index)))
			return page;
		unlock_page(page);
		put_page(page);
	}
}

static void count_pages(const struct address_space *mapping, long nr)
{
	mem_counter_add(MEM_CACHED, nr);
	if (mapping->flags & AS_SHMEM)
		mem_counter_add(MEM_SHMEM, nr);
}

/* Enter @page at @index, with nodes from @pool. Return: 0 or an errno. */
static int insert_locked(struct address_space *mapping, struct page *page,
			 unsigned long index, struct xa_pool *pool)
{
	void *old;

	if (xa_load(&mapping->pages, index))
		return -EEXIST;
	/* Before it can be found: a lookup compares these. */
	page->index = index;
	page->mapping = (uintptr_t)mapping;
	old = xa_store_pool(&mapping->pages, index, page, pool);
	if (IS_ERR(old)) {
		page->mapping = 0;
		return PTR_ERR(old);
	}
	mapping->nr_pages++;
	return 0;
}

/* The same with the lock; sleeps for memory only if there is none at hand. */
static int insert_page(struct address_space *mapping, struct page *page,
		       unsigned long index, gfp_t gfp)
{
	struct xa_pool pool = XA_POOL_INIT;
	int err;

	for (;;) {
		spin_lock(&mapping->lock);
		err = insert_locked(mapping, page, index, &pool);
		spin_unlock(&mapping->lock);
		if (err != -ENOMEM || xa_pool_fill(&pool, &mapping->pages, gfp))
			break;
	}
	if (unlikely(pool.nr))
		xa_pool_drain(&pool, &mapping->pages);
	return err;
}

/*
 * Put @page, which is locked and nobody's, into the cache, which takes a
 * reference. Context: process, as @gfp says. Return: 0; -EEXIST if there is
 * one already; -ENOMEM; or why the file system has no room (-ENOSPC).
 */
int page_cache_add(struct page *page, struct address_space *mapping,
		   unsigned long index, gfp_t gfp)
{
	int err;

	if (mapping->ops->reserve) {
		err = mapping->ops->reserve(mapping, 1);
		if (err)
			return err;
	}
	if (mapping->flags & AS_SHMEM)
		page_set(page, PG_SWAPBACKED);
	get_page(page);
	err = insert_page(mapping, page, index, gfp);
	if (unlikely(err)) {
		put_page(page);
		if (mapping->ops->release)
			mapping->ops->release(mapping, 1);
		return err;
	}
	count_pages(mapping, 1);
	return 0;
}

/*
 * Take @page, which is locked and mapped nowhere, out of its file; the cache's
 * reference is dropped. Context: process.
 */
void page_cache_remove(struct page *page)
{
	struct address_space *mapping = page_mapping(page);

	DEBUG_ASSERT(page_locked(page));
	spin_lock(&mapping->lock);
	xa_erase(&mapping->pages, page->index);
	mapping->nr_pages--;
	WRITE_ONCE(page->mapping, 0);
	spin_unlock(&mapping->lock);
	count_pages(mapping, -1);
	if (mapping->ops->release)
		mapping->ops->release(mapping, 1);
	put_page(page);
}

/*
 * The page at @index, locked; if there was none, a new one, locked and not up
 * to date. That there is no memory is told by an errno or by the OOM killer,
 * and not in the log. Context: process, may sleep. ERR_PTR(-ENOMEM, -ENOSPC).
 */
struct page *grab_cache_page(struct address_space *mapping,
			     unsigned long index, gfp_t gfp)
{
	gfp |= GFP_NOWARN;
	for (;;) {
		struct page *page = find_lock_page(mapping, index);
		int err;

		if (page)
			return page;
		page = alloc_page(gfp);
		if (!page)
			return ERR_PTR(-ENOMEM);
		(void)trylock_page(page);	/* nobody else knows it */
		err = page_cache_add(page, mapping, index, gfp);
		if (likely(!err))
			return page;
		unlock_page(page);
		put_page(page);
		if (err != -EEXIST)
			return ERR_PTR(err);
	}
}

/* Bring a locked page's content in, unlocked on return. 0 or an errno. */
static int fill_page(struct address_space *mapping, struct page *page)
{
	int err = 0;

	if (!mapping->ops->read_pages) {
		clear_page(page_address(page));
		page_set(page, PG_UPTODATE);
		unlock_page(page);
		return 0;
	}
	page_clear(page, PG_ERROR);
	err = mapping->ops->read_pages(mapping, &page, 1);
	if (err)
		return err;
	wait_on_page_locked(page);
	return page_uptodate(page) ? 0 : -EIO;
}

/*
 * The page at @index, locked and up to date, made if it is missing.
 * Context: process, may sleep. ERR_PTR(-ENOMEM, -ENOSPC, -EIO).
 */
struct page *find_or_create_page(struct address_space *mapping,
				 unsigned long index, gfp_t gfp)
{
	for (;;) {
		struct page *page = grab_cache_page(mapping, index, gfp);
		int err;

		if (IS_ERR(page) || page_uptodate(page))
			return page;
		err = fill_page(mapping, page);
		if (err) {
			put_page(page);
			return ERR_PTR(err);
		}
		lock_page(page);
		if (likely(page_is_at(page, mapping, index) &&
			   page_uptodate(page)))
			return page;
		unlock_page(page);
		put_page(page);
	}
}

/* The same, not locked: it may leave the file at any time. */
struct page *read_cache_page(struct address_space *mapping,
			     unsigned long index)
{
	struct page *page = find_get_page(mapping, index);

	if (page && page_uptodate(page))
		return page;
	if (page)
		put_page(page);
	page = find_or_create_page(mapping, index, GFP_USER);
	if (!IS_ERR(page))
		unlock_page(page);
	return page;
}

/*
 * The first index from @index on that has a page, or with @hole the first that
 * has none; ULONG_MAX if there is no such. Context: any.
 */
unsigned long page_cache_seek(struct address_space *mapping,
			      unsigned long index, bool hole)
{
	unsigned long at = index;

	rcu_read_lock();
	if (!hole) {
		if (!xa_find(&mapping->pages, &at, ~0UL, XA_PRESENT))
			at = ~0UL;
	} else {
		while (xa_load(&mapping->pages, at))
			at++;
	}
	rcu_read_unlock();
	return at;
}
