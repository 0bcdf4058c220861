/*
 * Areas and the tree they stand in.
 *
 * The tree is ordered by address. Each node also knows the free bytes in front
 * of its area and the largest such gap in its subtree, which is how mmap(2)
 * finds room in O(log n) (mm/unmapped_area.c). Readers without a lock use the
 * tree's order only.
 *
 * A vma that is in no tree has its lock held for writing, and that is also the
 * state in which it lies in the slab: a fault that still has a pointer to it
 * cannot get in.
 *
 * Locking: mmap_lock; for writing where something changes.
 */
#include <keel/bug.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/vma.h>

#include "internal.h"

static struct kmem_cache *vma_cache __ro_after_init;

static inline struct vma *vma_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vma, node);
}

static bool compute_max_gap(struct vma *vma, bool exit)
{
	unsigned long gap = vma->gap;

	if (vma->node.left)
		gap = max(gap, vma_of(vma->node.left)->max_gap);
	if (vma->node.right)
		gap = max(gap, vma_of(vma->node.right)->max_gap);
	if (exit && vma->max_gap == gap)
		return true;
	vma->max_gap = gap;
	return false;
}

RB_DECLARE_CALLBACKS(static, vma_gap_callbacks, struct vma, node, max_gap,
		     compute_max_gap);

/* Where @vma begins for those who look for room: a stack keeps its distance. */
unsigned long vma_start_gap(const struct vma *vma)
{
	unsigned long gap = stack_guard_gap << PAGE_SHIFT;

	if (!(vma->flags & VM_GROWSDOWN))
		return vma->start;
	return vma->start > gap ? vma->start - gap : 0;
}

/* The bounds or the flags of @vma or of its neighbour in front changed. */
static void vma_gap_update(struct vma *vma)
{
	struct vma *prev;
	unsigned long start, prev_end;

	if (!vma)
		return;
	prev = vma_prev(vma);
	prev_end = prev ? prev->end : 0;
	start = vma_start_gap(vma);
	vma->gap = start > prev_end ? start - prev_end : 0;
	vma_gap_callbacks.propagate(&vma->node, NULL);
}

/* Hang @vma into the tree at a place that has been searched for. */
static void vma_link(struct mm *mm, struct vma *vma, struct rb_node *parent,
		     struct rb_node **link)
{
	vma->gap = vma->max_gap = 0;
	rb_link_node(&vma->node, parent, link);
	rb_insert_augmented(&vma->node, &mm->vmas, &vma_gap_callbacks);
	vma_gap_update(vma);
	vma_gap_update(vma_next(vma));
	mm->nr_vmas++;
}

/*
 * Put an area, made by vma_alloc(), into its mm and its file's tree. From then
 * on faults use it. Locking: mmap_lock for writing.
 */
void vma_insert(struct mm *mm, struct vma *vma)
{
	struct rb_node **link = &mm->vmas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (vma->end <= vma_of(parent)->start) {
			link = &parent->left;
		} else {
			ASSERT(vma->start >= vma_of(parent)->end);
			link = &parent->right;
		}
	}
	rmap_trees_insert(vma);
	vma_link(mm, vma, parent, link);
	vma_unlock_write(vma);
}

/*
 * The same for fork, which copies areas in ascending order: behind @last, the
 * rightmost one, without a search.
 */
void vma_append(struct mm *mm, struct vma *vma, struct vma *last)
{
	rmap_trees_insert(vma);
	vma_link(mm, vma, last ? &last->node : NULL,
		 last ? &last->node.right : &mm->vmas.node);
	vma_unlock_write(vma);
}

/* Take an area, which is locked for writing and stays so, out of the tree. */
void vma_erase(struct mm *mm, struct vma *vma)
{
	struct vma *next = vma_next(vma);

	rb_erase_augmented(&vma->node, &mm->vmas, &vma_gap_callbacks);
	vma_gap_update(next);
	mm->nr_vmas--;
}

/*
 * Give an area other bounds; the neighbours leave room for them. @start may
 * not jump over another area. Locking: mmap_lock for writing.
 */
void vma_set_bounds(struct vma *vma, unsigned long start, unsigned long end,
		    unsigned long pgoff)
{
	vma_lock_write(vma);
	rmap_trees_remove(vma);
	vma->start = start;
	vma->end = end;
	vma->pgoff = pgoff;
	rmap_trees_insert(vma);
	vma_unlock_write(vma);
	vma_gap_update(vma);
	vma_gap_update(vma_next(vma));
}

/* @vma->flags have changed in VM_GROWSDOWN. */
void vma_flags_changed(struct vma *vma)
{
	vma_gap_update(vma);
}

/* The first area that ends after @addr, or NULL. */
struct vma *find_vma(struct mm *mm, unsigned long addr)
{
	struct rb_node *node = mm->vmas.node;
	struct vma *found = NULL;

	while (node) {
		struct vma *vma = vma_of(node);

		if (vma->end > addr) {
			found = vma;
			if (vma->start <= addr)
				break;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return found;
}

struct vma *vma_lookup(struct mm *mm, unsigned long addr)
{
	struct vma *vma = find_vma(mm, addr);

	return vma && vma->start <= addr ? vma : NULL;
}

struct vma *find_vma_intersection(struct mm *mm, unsigned long start,
				  unsigned long end)
{
	struct vma *vma = find_vma(mm, start);

	return vma && vma->start < end ? vma : NULL;
}

struct vma *vma_first(struct mm *mm)
{
	return vma_of(rb_first(&mm->vmas));
}

struct vma *vma_last(struct mm *mm)
{
	return vma_of(rb_last(&mm->vmas));
}

struct vma *vma_next(const struct vma *vma)
{
	return vma_of(rb_next(&vma->node));
}

struct vma *vma_prev(const struct vma *vma)
{
	return vma_of(rb_prev(&vma->node));
}

/*
 * An empty area of @mm, locked for writing until vma_insert().
 * Return: NULL if there is no memory.
 */
struct vma *vma_alloc(struct mm *mm)
{
	struct vma *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL_ACCOUNT);

	if (!vma)
		return NULL;
	/* Not the lock and the links: an RCU reader may be looking at them. */
	vma->mm = mm;
	vma->anon_vma = NULL;
	vma->file = NULL;
	vma->ops = NULL;
	vma->private = NULL;
	vma->pgoff = 0;
	vma->flags = 0;
	return vma;
}

/* Of an area in no tree; references it held are gone. */
void vma_free(struct vma *vma)
{
	DEBUG_ASSERT(vma_is_write_locked(vma));
	kmem_cache_free(vma_cache, vma);
}

static void vma_construct(void *object)
{
	struct vma *vma = object;

	memset(vma, 0, sizeof(*vma));
	vma_lock_init(vma);
}

void __init vma_init(void)
{
	vma_cache = kmem_cache_create("vma", sizeof(struct vma), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC |
				      SLAB_TYPESAFE_BY_RCU | SLAB_ACCOUNT,
				      vma_construct);
	vma_locks_init();
}

/*
 * The entries an area's pages get. Private memory is mapped read-only even if
 * it may be written: the fault on the first write is what makes the copy.
 */
pgprot_t vm_page_prot(unsigned long vm_flags)
{
	pgprot_t prot;

	if (!(vm_flags & VM_ACCESS_FLAGS))
		return PROT_USER_NONE;
	prot = vm_flags & VM_EXEC ? PROT_USER_RX : PROT_USER_R;
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		prot |= PTE_WRITE;
	return prot & pte_supported_mask;
}
