/*
 * Reverse mapping: the trees that lead from a page to the areas.
 *
 * An area is in up to two interval trees, by the file's page numbers it shows:
 * its file's (address_space->areas) and, once it has anonymous pages, its
 * family's (anon_vma->areas). A family is founded by the first fault in an area
 * and joined by each copy fork(2) or a split makes; a page belongs to the
 * family, whoever of it maps it. So a walk may look into members that do not
 * have the page, and that is all it costs.
 *
 * A family's memory is type-stable for a grace period (SLAB_TYPESAFE_BY_RCU):
 * a walker who read page->mapping may be late, takes the reference only if
 * the count is not zero, and then looks whether the page is still mapped.
 *
 * Locking: the page lock keeps page->mapping; the trees have sleeping locks of
 * their own, under which the table locks are taken.
 */
#include <fs/file.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/slab.h>

#include "internal.h"

static struct kmem_cache *anon_vma_cache __ro_after_init;

static void anon_vma_construct(void *object)
{
	struct anon_vma *anon = object;

	refcount_set(&anon->refs, 0);
	mutex_init(&anon->lock, "anon_vma", RANK_ANON_VMA);
	anon->areas = INTERVAL_TREE_ROOT;
}

static void anon_vma_put(struct anon_vma *anon)
{
	if (refcount_put(&anon->refs)) {
		DEBUG_ASSERT(RB_EMPTY_ROOT(&anon->areas.root));
		kmem_cache_free(anon_vma_cache, anon);
	}
}

static void set_node(struct interval_tree_node *node, const struct vma *vma)
{
	node->start = vma->pgoff;
	node->last = vma->pgoff + vma_pages(vma) - 1;
}

static void anon_tree_insert(struct vma *vma)
{
	set_node(&vma->anon_node, vma);
	interval_tree_insert(&vma->anon_node, &vma->anon_vma->areas);
}

static struct address_space *vma_mapping(const struct vma *vma)
{
	return vma->file ? vma->file->mapping : NULL;
}

/*
 * Found a family for @vma. Context: a fault; the area's read lock or mmap_lock
 * is held, and others may be doing the same. May sleep.
 * Return: 0 or -ENOMEM.
 */
int anon_vma_prepare_slow(struct vma *vma)
{
	struct anon_vma *anon = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);
	bool won;

	if (!anon)
		return -ENOMEM;
	refcount_set(&anon->refs, 1);
	/* Who finds a page of the family waits until the area is in it. */
	mutex_lock(&anon->lock);
	spin_lock(&vma->mm->page_table_lock);
	won = !vma->anon_vma;
	if (won)
		smp_store_release(&vma->anon_vma, anon);
	spin_unlock(&vma->mm->page_table_lock);
	if (won)
		anon_tree_insert(vma);
	mutex_unlock(&anon->lock);
	if (!won)
		anon_vma_put(anon);
	return 0;
}

/* @vma, which is in no tree yet, belongs to @from's family, if it has one. */
void anon_vma_join(struct vma *vma, const struct vma *from)
{
	vma->anon_vma = READ_ONCE(from->anon_vma);
	if (vma->anon_vma)
		refcount_get(&vma->anon_vma->refs);
}

/* @vma, out of the trees, has no anonymous pages any more. */
void anon_vma_leave(struct vma *vma)
{
	if (vma->anon_vma)
		anon_vma_put(vma->anon_vma);
	vma->anon_vma = NULL;
}

/* ---- areas that write to a file ----------------------------------------- */

/* Could @vma's holder change the file? That it is read-only now is no help. */
bool vma_may_write_file(const struct vma *vma)
{
	const unsigned long both = VM_SHARED | VM_MAYWRITE;

	return vma->file && (vma->flags & both) == both;
}

/* Forbid such areas for ever. Context: any. Return: 0; -EBUSY: there is one. */
int mapping_deny_writable(struct address_space *mapping)
{
	int count = atomic_read(&mapping->writable);

	do {
		if (count > 0)
			return -EBUSY;
	} while (!atomic_try_cmpxchg(&mapping->writable, &count, -1));
	return 0;
}

/*
 * Announce such an area, until mapping_unmap_writable(): between what the file
 * said to it and its being in the tree, nobody shall forbid it.
 * Context: any. Return: 0; -EPERM: they are forbidden.
 */
int mapping_map_writable(struct address_space *mapping)
{
	int count = atomic_read(&mapping->writable);

	do {
		if (count < 0)
			return -EPERM;
	} while (!atomic_try_cmpxchg(&mapping->writable, &count, count + 1));
	return 0;
}

void mapping_unmap_writable(struct address_space *mapping)
{
	atomic_dec(&mapping->writable);
}

/* ---- the trees ----------------------------------------------------------- */

/* Put an area into its trees, by its present bounds. May sleep. */
void rmap_trees_insert(struct vma *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (vma->anon_vma) {
		mutex_lock(&vma->anon_vma->lock);
		anon_tree_insert(vma);
		mutex_unlock(&vma->anon_vma->lock);
	}
	if (mapping) {
		down_write(&mapping->areas_lock);
		set_node(&vma->mapping_node, vma);
		interval_tree_insert(&vma->mapping_node, &mapping->areas);
		if (vma_may_write_file(vma))
			atomic_inc(&mapping->writable);
		up_write(&mapping->areas_lock);
	}
}

/* Take it out, before its bounds change or its tables go. May sleep. */
void rmap_trees_remove(struct vma *vma)
{
	struct address_space *mapping = vma_mapping(vma);

	if (vma->anon_vma) {
		mutex_lock(&vma->anon_vma->lock);
		interval_tree_remove(&vma->anon_node, &vma->anon_vma->areas);
		mutex_unlock(&vma->anon_vma->lock);
	}
	if (mapping) {
		down_write(&mapping->areas_lock);
		interval_tree_remove(&vma->mapping_node, &mapping->areas);
		if (vma_may_write_file(vma))
			atomic_dec(&mapping->writable);
		up_write(&mapping->areas_lock);
	}
}

typedef bool (*rmap_fn)(struct page *page, struct vma *vma,
			unsigned long addr, void *arg);

/* The page's family with a reference, or NULL if it is mapped no more. */
static struct anon_vma *page_get_anon_vma(struct page *page)
{
	struct anon_vma *anon = NULL;
	uintptr_t mapping;

	rcu_read_lock();
	mapping = READ_ONCE(page->mapping);
	if ((mapping & 1) && page_mapped(page)) {
		anon = (struct anon_vma *)(mapping - 1);
		if (!refcount_get_unless_zero(&anon->refs))
			anon = NULL;
	}
	rcu_read_unlock();
	/* Freed and founded again as another family in between? */
	if (anon && !page_mapped(page)) {
		anon_vma_put(anon);
		anon = NULL;
	}
	return anon;
}

static void rmap_walk_anon(struct page *page, rmap_fn fn, void *arg)
{
	struct anon_vma *anon = page_get_anon_vma(page);
	struct interval_tree_node *node;

	if (!anon)
		return;
	mutex_lock(&anon->lock);
	interval_tree_for_each(node, &anon->areas, page->index, page->index) {
		struct vma *vma = container_of(node, struct vma, anon_node);

		if (!fn(page, vma, vma_address(vma, page->index), arg))
			break;
	}
	mutex_unlock(&anon->lock);
	anon_vma_put(anon);
}

static void rmap_walk_file(struct page *page, rmap_fn fn, void *arg)
{
	struct address_space *mapping = page_mapping(page);
	struct interval_tree_node *node;

	if (!mapping)
		return;
	down_read(&mapping->areas_lock);
	interval_tree_for_each(node, &mapping->areas, page->index,
			       page->index) {
		struct vma *vma = container_of(node, struct vma, mapping_node);

		if (!fn(page, vma, vma_address(vma, page->index), arg))
			break;
	}
	up_read(&mapping->areas_lock);
}

/*
 * Call @fn for each place where @page may be mapped, until it says false.
 * Locking: the page lock is held. Context: process, may sleep.
 */
void rmap_walk(struct page *page, rmap_fn fn, void *arg)
{
	DEBUG_ASSERT(page_locked(page));
	if (page_is_anon(page))
		rmap_walk_anon(page, fn, arg);
	else
		rmap_walk_file(page, fn, arg);
}

static bool count_entry(struct page *page, struct vma *vma,
			unsigned long addr, void *arg)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lookup_lock(vma->mm, addr, &ptl);

	if (pte) {
		pte_t entry = pte_get(pte);

		if (pte_present(entry) && !pte_special(entry) &&
		    pte_pfn(entry) == page_to_pfn(page))
			++*(unsigned int *)arg;
		spin_unlock(ptl);
	}
	return true;
}

/* How many entries map @page, found by walking: what mapcount should be. */
unsigned int rmap_count_entries(struct page *page)
{
	unsigned int nr = 0;

	lock_page(page);
	rmap_walk(page, count_entry, &nr);
	unlock_page(page);
	return nr;
}

void __init rmap_init(void)
{
	anon_vma_cache = kmem_cache_create("anon_vma", sizeof(struct anon_vma),
					   0, SLAB_TYPESAFE_BY_RCU |
					   SLAB_PANIC | SLAB_ACCOUNT,
					   anon_vma_construct);
}
