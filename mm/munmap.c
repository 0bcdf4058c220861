/*
 * Removing areas: munmap(2), and whoever maps over something.
 *
 * The order is what keeps everybody else safe: lock the area against faults,
 * clear its entries into a gather, take it out of the reverse mappings (from
 * then on nobody walks its tables), free the tables, flush, free the pages.
 *
 * An area that only loses its head or its tail is shortened in place.
 */
#include <arch/current.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>
#include <mm/vma.h>

#include "internal.h"

/* @pages of an area with @flags come (or, negative, go). */
void vm_account(struct mm *mm, unsigned long flags, long pages)
{
	mm->total_vm += pages;
	if (flags & VM_GROWSDOWN)
		mm->stack_vm += pages;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		mm->exec_vm += pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += pages;
	if (flags & VM_LOCKED)
		mm->locked_vm += pages;
	mm->hiwater_vm = max(mm->hiwater_vm, mm->total_vm);
}

static void unaccount(struct mm *mm, struct vma *vma, unsigned long pages)
{
	vm_account(mm, vma->flags, -(long)pages);
	if (vma->flags & VM_ACCOUNT)
		vm_uncommit(pages);
}

/* Unmap all of @vma and take it out of everything but the gather. */
static void remove_whole(struct tlb_gather *tlb, struct vma *vma)
{
	struct mm *mm = vma->mm;

	vma_lock_write(vma);
	unmap_vma_range(tlb, vma, vma->start, vma->end);
	rmap_trees_remove(vma);
	vma_erase(mm, vma);
	unaccount(mm, vma, vma_pages(vma));
	vma_bury(vma);
}

/* Unmap the head or the tail [start, end) of @vma, which keeps the rest. */
static void remove_edge(struct tlb_gather *tlb, struct vma *vma,
			unsigned long start, unsigned long end)
{
	unsigned long pages = (end - start) >> PAGE_SHIFT;

	vma_lock_write(vma);
	unmap_vma_range(tlb, vma, start, end);
	vma_unlock_write(vma);
	if (start > vma->start)
		vma_set_bounds(vma, vma->start, start, vma->pgoff);
	else
		vma_set_bounds(vma, end, vma->end, vma_index(vma, end));
	unaccount(vma->mm, vma, pages);
}

/*
 * Remove everything in [start, end), which whole areas and edges of areas
 * make up. @first is the first area that is touched.
 */
static void remove_range(struct mm *mm, struct vma *first, unsigned long start,
			 unsigned long end)
{
	struct vma *prev = vma_prev(first), *vma = first, *next;
	unsigned long floor = prev ? prev->end : 0, ceiling = TASK_SIZE;
	struct tlb_gather tlb;

	mm_update_hiwater_rss(mm);
	tlb_gather_start(&tlb, mm, false);
	for (; vma && vma->start < end; vma = next) {
		next = vma_next(vma);
		if (vma->start < start) {
			remove_edge(&tlb, vma, start, vma->end);
			floor = start;
		} else if (vma->end > end) {
			remove_edge(&tlb, vma, vma->start, end);
			next = vma;
			break;
		} else {
			remove_whole(&tlb, vma);
		}
	}
	if (vma)
		ceiling = vma->start;
	free_page_tables(&tlb, start, end, floor, ceiling);
	tlb_gather_finish(&tlb);
}

/*
 * Remove what is mapped in [start, start + len). Locking: mmap_lock for
 * writing. Return: 0; -EINVAL for a bad range; -ENOMEM if a split in two
 * found no memory or would make too many areas.
 */
int do_munmap(struct mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end;
	struct vma *vma;
	int err;

	if ((start & ~PAGE_MASK) || start > TASK_SIZE ||
	    len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	end = start + len;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	if (vma->start < start && vma->end > end) {
		/* A hole in the middle: the upper part gets its own area. */
		err = vma_split(vma, end);
		if (err)
			return err;
	}
	remove_range(mm, vma, start, end);
	return 0;
}

/* The same for the current mm, with the lock. */
int vm_munmap(unsigned long start, unsigned long len)
{
	struct mm *mm = current->mm;
	int err = mmap_write_lock_killable(mm);

	if (err)
		return err;
	err = do_munmap(mm, start, len);
	mmap_write_unlock(mm);
	return err;
}

SYSCALL_DEFINE2(munmap, unsigned long, addr, size_t, len)
{
	return vm_munmap(addr, len);
}

/*
 * Remove everything of an address space that has no users left.
 * Context: process, may sleep.
 */
void exit_mmap(struct mm *mm)
{
	struct vma *vma = vma_first(mm), *first = vma, *next;
	struct tlb_gather tlb;

	if (!vma)
		return;
	tlb_gather_start(&tlb, mm, true);
	for (; vma; vma = vma_next(vma)) {
		unmap_vma_range(&tlb, vma, vma->start, vma->end);
		rmap_trees_remove(vma);
		anon_vma_leave(vma);
		if (vma->flags & VM_ACCOUNT)
			vm_uncommit(vma_pages(vma));
	}
	free_page_tables(&tlb, first->start, vma_last(mm)->end, 0, TASK_SIZE);
	tlb_gather_finish(&tlb);

	rbtree_postorder_for_each_entry_safe(vma, next, &mm->vmas, node) {
		vma_lock_write(vma);
		vma_release(vma);
	}
	mm->vmas = RB_ROOT;
	mm->nr_vmas = 0;
}
