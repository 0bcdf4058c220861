/*
 * Splitting areas, merging them, and letting go of them.
 *
 * A call on a part of an area (mprotect, munmap, madvise) splits it so that
 * the part is an area of its own. Neighbours that have become alike are merged
 * again, or a program that maps and unmaps at random would drown in areas.
 *
 * Locking: mmap_lock for writing, everywhere here.
 */
#include <fs/file.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/vma.h>

#include "internal.h"

/* Give @new what @from has, references included, but no place of its own. */
void vma_copy(struct vma *new, const struct vma *from)
{
	new->start = from->start;
	new->end = from->end;
	new->flags = from->flags;
	new->page_prot = from->page_prot;
	new->pgoff = from->pgoff;
	new->ops = from->ops;
	new->private = from->private;
	new->file = from->file ? get_file(from->file) : NULL;
	anon_vma_join(new, from);
	if (new->ops && new->ops->open)
		new->ops->open(new);
}

/*
 * Split @vma at @addr, which lies inside; @vma keeps the lower part.
 * Return: 0 or -ENOMEM.
 */
int vma_split(struct vma *vma, unsigned long addr)
{
	struct mm *mm = vma->mm;
	struct vma *upper;

	DEBUG_ASSERT(addr > vma->start && addr < vma->end);
	if (mm->nr_vmas >= (unsigned int)sysctl_max_map_count)
		return -ENOMEM;
	upper = vma_alloc(mm);
	if (!upper)
		return -ENOMEM;
	vma_copy(upper, vma);
	upper->start = addr;
	upper->pgoff = vma_index(vma, addr);
	vma_set_bounds(vma, vma->start, addr, vma->pgoff);
	vma_insert(mm, upper);
	return 0;
}

/*
 * Make [start, end) begin and end where areas do.
 * Return: 0 or -ENOMEM, with perhaps one split done, which changes nothing.
 */
int vma_split_range(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma = vma_lookup(mm, start);
	int err = 0;

	if (vma && vma->start < start)
		err = vma_split(vma, start);
	if (err)
		return err;
	vma = vma_lookup(mm, end - 1);
	if (vma && vma->end > end)
		err = vma_split(vma, end);
	return err;
}

/* Would an area with these properties be no different from @vma? */
bool vma_is_like(const struct vma *vma, unsigned long flags,
		 const struct file *file, const struct vm_ops *ops)
{
	return vma->flags == flags && vma->file == file && vma->ops == ops &&
	       !(flags & VM_SPECIAL) && !(ops && ops->close);
}

static bool can_merge(const struct vma *a, const struct vma *b)
{
	return a->end == b->start &&
	       a->pgoff + vma_pages(a) == b->pgoff &&
	       vma_is_like(a, b->flags, b->file, b->ops) &&
	       a->private == b->private &&
	       (a->anon_vma == b->anon_vma || !a->anon_vma || !b->anon_vma);
}

/* @vma is in no tree and locked for writing; its files wait for the unlock. */
void vma_bury(struct vma *vma)
{
	anon_vma_leave(vma);
	vma->next_dead = vma->mm->dead_vmas;
	vma->mm->dead_vmas = vma;
}

/* Let @a have all that @b has. */
static void absorb(struct vma *a, struct vma *b)
{
	vma_lock_write(a);
	vma_lock_write(b);
	rmap_trees_remove(a);
	rmap_trees_remove(b);
	vma_erase(b->mm, b);
	a->end = b->end;
	if (!a->anon_vma)
		anon_vma_join(a, b);
	rmap_trees_insert(a);
	vma_unlock_write(a);
	vma_flags_changed(a);
	if (vma_next(a))
		vma_flags_changed(vma_next(a));
	vma_bury(b);
}

/* Merge @vma with its neighbours, if they are alike. Return: what it is now. */
struct vma *vma_merge_neighbours(struct vma *vma)
{
	struct vma *prev = vma_prev(vma), *next;

	if (prev && can_merge(prev, vma)) {
		absorb(prev, vma);
		vma = prev;
	}
	next = vma_next(vma);
	if (next && can_merge(vma, next))
		absorb(vma, next);
	return vma;
}

/*
 * Extend a neighbour over [addr, end), which is free, if an anonymous area of
 * these flags there would only be more of the same. NULL if not.
 */
struct vma *vma_extend_anon(struct mm *mm, unsigned long addr,
			    unsigned long end, unsigned long flags)
{
	struct vma *next = find_vma(mm, addr);
	struct vma *prev = next ? vma_prev(next) : vma_last(mm);
	unsigned long pgoff = addr >> PAGE_SHIFT;

	if (prev && prev->end == addr &&
	    vma_is_like(prev, flags, NULL, NULL) &&
	    prev->pgoff + vma_pages(prev) == pgoff) {
		vma_set_bounds(prev, prev->start, end, prev->pgoff);
		if (next && can_merge(prev, next))
			absorb(prev, next);
		return prev;
	}
	if (next && next->start == end &&
	    vma_is_like(next, flags, NULL, NULL) &&
	    next->pgoff == end >> PAGE_SHIFT) {
		vma_set_bounds(next, addr, next->end, pgoff);
		return next;
	}
	return NULL;
}

/* Free an area that is in no tree, with what it holds. No lock needed. */
void vma_release(struct vma *vma)
{
	if (vma->ops && vma->ops->close)
		vma->ops->close(vma);
	if (vma->file)
		fput(vma->file);
	vma_free(vma);
}

/*
 * Leave the lock, then let go of the files that areas removed meanwhile had:
 * the last reference to a file may take locks that come before mmap_lock.
 */
void mmap_write_unlock(struct mm *mm)
{
	struct vma *dead = mm->dead_vmas;

	mm->dead_vmas = NULL;
	up_write(&mm->mmap_lock);
	while (unlikely(dead)) {
		struct vma *next = dead->next_dead;

		vma_release(dead);
		dead = next;
	}
}
