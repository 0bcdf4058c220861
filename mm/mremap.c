/*
 * mremap(2): longer, shorter, elsewhere.
 *
 * Shrinking is munmap of the tail; growing in place moves a bound. Moving makes
 * an area at the new place and moves the page-table entries over, not the
 * pages: nothing is copied.
 *
 * While entries move, reverse mapping must not look: it would find the page at
 * neither place. So its locks are held meanwhile, and as it may free the pages
 * as soon as they are released, the old entries are flushed before that.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>
#include <uapi/mman.h>

#include "internal.h"

/* One call, checked. Lengths are whole pages. */
struct remap {
	unsigned long	addr, old_len, new_len;
	unsigned long	new_addr;	/* wanted, or 0 */
	unsigned long	flags;		/* MREMAP_* */
	unsigned long	populate;	/* bytes at the end, for VM_LOCKED */
};

static void __no_lock_check rmap_lock(struct vma *vma)
{
	if (vma->file && vma->file->mapping)
		down_write(&vma->file->mapping->areas_lock);
	if (vma->anon_vma)
		mutex_lock(&vma->anon_vma->lock);
}

static void __no_lock_check rmap_unlock(struct vma *vma)
{
	if (vma->anon_vma)
		mutex_unlock(&vma->anon_vma->lock);
	if (vma->file && vma->file->mapping)
		up_write(&vma->file->mapping->areas_lock);
}

/* Move @nr entries from one table to another (or within one). */
static void move_entries(struct tlb_gather *tlb, pmd_t *from_pmd,
			 unsigned long from, pmd_t *to_pmd, unsigned long to,
			 unsigned long nr)
{
	struct spinlock *from_lock = pmd_ptl(*from_pmd);
	struct spinlock *to_lock = pmd_ptl(*to_pmd);
	pte_t *src = pte_of(*from_pmd, from), *dst = pte_of(*to_pmd, to);

	spin_lock_pair(from_lock, to_lock);
	for (; nr; nr--, src++, dst++, from += PAGE_SIZE) {
		pte_t entry = pte_get(src);

		if (pte_none(entry))
			continue;
		entry = pte_get_and_clear(src);
		pte_set(dst, entry);
		tlb_entry_changed(tlb, from);
	}
	spin_unlock_pair(from_lock, to_lock);
}

/* Bytes until either address reaches the end of its table. */
static unsigned long chunk_len(unsigned long from, unsigned long to,
			       unsigned long left)
{
	unsigned long len = min(PMD_SIZE - (from & ~PMD_MASK),
				PMD_SIZE - (to & ~PMD_MASK));

	return min(len, left);
}

/*
 * Move the entries of [from, from + len) in @old to @to in @new. Both areas
 * are locked against faults. Return: the bytes done; less than @len if there
 * is no memory for a table.
 */
static unsigned long move_range(struct vma *old, unsigned long from,
				struct vma *new, unsigned long to,
				unsigned long len)
{
	unsigned long done, step;
	struct tlb_gather tlb;

	tlb_gather_start(&tlb, old->mm, false);
	for (done = 0; done < len; done += step) {
		pmd_t *from_pmd = pmd_lookup(old->mm, from + done), *to_pmd;

		step = chunk_len(from + done, to + done, len - done);
		if (!from_pmd || table_none(READ_ONCE(*from_pmd)))
			continue;
		to_pmd = pmd_alloc(new->mm, to + done);
		if (!to_pmd || pte_table_alloc(new->mm, to_pmd))
			break;
		rmap_lock(old);
		move_entries(&tlb, from_pmd, from + done, to_pmd, to + done,
			     step >> PAGE_SHIFT);
		tlb_gather_flush(&tlb);
		rmap_unlock(old);
	}
	tlb_gather_finish(&tlb);
	return min(done, len);
}

/* A copy of @vma's part from @r->addr on, for @r->new_len bytes at @to. */
static struct vma *copy_to(struct vma *vma, const struct remap *r,
			   unsigned long to)
{
	struct vma *new = vma_alloc(vma->mm);

	if (!new)
		return NULL;
	vma_copy(new, vma);
	new->start = to;
	new->end = to + r->new_len;
	new->pgoff = vma_index(vma, r->addr);
	vma_insert(vma->mm, new);
	return new;
}

/* Take the entries over; if that fails half way, put them back. */
static bool move_pages(struct vma *old, struct vma *new, const struct remap *r)
{
	unsigned long len = min(r->old_len, r->new_len), done;

	vma_lock_write(old);
	vma_lock_write(new);
	done = move_range(old, r->addr, new, new->start, len);
	if (unlikely(done < len))
		move_range(new, new->start, old, r->addr, done);
	vma_unlock_write(new);
	vma_unlock_write(old);
	return done == len;
}

/* Move to @to, which is free. Return: @to, or -ENOMEM with all as before. */
static unsigned long move_area(struct mm *mm, struct vma *vma, struct remap *r,
			       unsigned long to)
{
	unsigned long pages = r->new_len >> PAGE_SHIFT;
	unsigned long flags = vma->flags;
	struct vma *new;

	if (mm->nr_vmas + 3 >= (unsigned int)sysctl_max_map_count)
		return -ENOMEM;
	if ((flags & VM_ACCOUNT) && vm_commit(pages))
		return -ENOMEM;
	/* Every anonymous page of the area must be of one family. */
	new = anon_vma_prepare(vma) ? NULL : copy_to(vma, r, to);
	if (!new) {
		if (flags & VM_ACCOUNT)
			vm_uncommit(pages);
		return -ENOMEM;
	}
	vm_account(mm, flags, pages);
	if (!move_pages(vma, new, r)) {
		do_munmap(mm, to, r->new_len);
		return -ENOMEM;
	}
	/* With old_len 0 the old place stays: a second view of the same. */
	if (r->old_len && !(r->flags & MREMAP_DONTUNMAP))
		do_munmap(mm, r->addr, r->old_len);
	if (flags & VM_LOCKED)
		r->populate = r->new_len;
	vma_merge_neighbours(new);
	return to;
}

/* Can @vma become @more bytes longer where it is? */
static bool has_room_behind(struct vma *vma, unsigned long more)
{
	struct vma *next = vma_next(vma);
	unsigned long end = vma->end + more;

	return end > vma->end && end <= TASK_SIZE &&
	       (!next || vma_start_gap(next) >= end);
}

static unsigned long grow_in_place(struct mm *mm, struct vma *vma,
				   struct remap *r)
{
	unsigned long more = r->new_len - r->old_len;
	unsigned long pages = more >> PAGE_SHIFT;

	if ((vma->flags & VM_ACCOUNT) && vm_commit(pages))
		return -ENOMEM;
	vma_set_bounds(vma, vma->start, vma->end + more, vma->pgoff);
	vm_account(mm, vma->flags, pages);
	if (vma->flags & VM_LOCKED)
		r->populate = more;
	vma_merge_neighbours(vma);
	return r->addr;
}

/* The area the call is about, if it may be resized so. ERR_PTR. */
static struct vma *check_area(struct mm *mm, const struct remap *r)
{
	struct vma *vma = vma_lookup(mm, r->addr);
	unsigned long more = (r->new_len - r->old_len) >> PAGE_SHIFT;

	if (!vma)
		return ERR_PTR(-EFAULT);
	/* Doubling a private mapping makes no sense. */
	if (!r->old_len && !(vma->flags & VM_MAYSHARE))
		return ERR_PTR(-EINVAL);
	if ((r->flags & MREMAP_DONTUNMAP) &&
	    (vma->flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return ERR_PTR(-EINVAL);
	if (r->old_len > vma->end - r->addr)
		return ERR_PTR(-EFAULT);
	if (r->new_len <= r->old_len)
		return vma;
	if (vma_index(vma, r->addr) + (r->new_len >> PAGE_SHIFT) <
	    vma_index(vma, r->addr))
		return ERR_PTR(-EINVAL);
	if (vma->flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if ((vma->flags & VM_LOCKED) && check_lock_limit(mm, more))
		return ERR_PTR(-EAGAIN);
	if (!may_expand_vm(mm, vma->flags, more))
		return ERR_PTR(-ENOMEM);
	return vma;
}

/* MREMAP_FIXED and MREMAP_DONTUNMAP: to a place given or found. */
static unsigned long remap_to(struct mm *mm, struct remap *r)
{
	unsigned long map_flags = 0, to;
	struct vma *vma;
	int err;

	if (r->flags & MREMAP_FIXED) {
		if ((r->new_addr & ~PAGE_MASK) || r->new_len > TASK_SIZE ||
		    r->new_addr > TASK_SIZE - r->new_len)
			return -EINVAL;
		if (r->addr < r->new_addr + r->new_len &&
		    r->new_addr < r->addr + r->old_len)
			return -EINVAL;
		err = do_munmap(mm, r->new_addr, r->new_len);
		if (err)
			return err;
		map_flags = MAP_FIXED;
	}
	if (r->old_len > r->new_len) {
		err = do_munmap(mm, r->addr + r->new_len,
				r->old_len - r->new_len);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	vma = check_area(mm, r);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if ((r->flags & MREMAP_DONTUNMAP) &&
	    !may_expand_vm(mm, vma->flags, r->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	to = get_unmapped_area(vma->file, r->new_addr, r->new_len,
			       vma_index(vma, r->addr), map_flags);
	return IS_ERR_VALUE(to) ? to : move_area(mm, vma, r, to);
}

static unsigned long do_mremap(struct mm *mm, struct remap *r)
{
	struct vma *vma;
	unsigned long to;
	int err;

	if (!vma_lookup(mm, r->addr))
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(mm, r);
	if (r->old_len >= r->new_len) {
		err = r->old_len > r->new_len ?
		      do_munmap(mm, r->addr + r->new_len,
				r->old_len - r->new_len) : 0;
		return err ? (unsigned long)err : r->addr;
	}
	vma = check_area(mm, r);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if (r->old_len == vma->end - r->addr &&
	    has_room_behind(vma, r->new_len - r->old_len))
		return grow_in_place(mm, vma, r);
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = get_unmapped_area(vma->file, 0, r->new_len,
			       vma_index(vma, r->addr), 0);
	return IS_ERR_VALUE(to) ? to : move_area(mm, vma, r, to);
}

SYSCALL_DEFINE5(mremap, unsigned long, addr, unsigned long, old_len,
		unsigned long, new_len, unsigned long, flags,
		unsigned long, new_addr)
{
	struct mm *mm = current->mm;
	struct remap r = {
		.addr = addr, .flags = flags,
		.old_len = PAGE_ALIGN(old_len), .new_len = PAGE_ALIGN(new_len),
		.new_addr = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ?
			    new_addr : 0,
	};
	unsigned long ret;

	if (flags & ~(unsigned long)(MREMAP_FIXED | MREMAP_MAYMOVE |
				     MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) &&
	    !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && r.old_len != r.new_len)
		return -EINVAL;
	if ((addr & ~PAGE_MASK) || !r.new_len)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mremap(mm, &r);
	mmap_write_unlock(mm);
	if (!IS_ERR_VALUE(ret) && r.populate)
		mm_populate(mm, ret + r.new_len - r.populate, r.populate);
	return ret;
}
