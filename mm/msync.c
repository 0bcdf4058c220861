/*
 * msync(2) and mincore(2): what has been written, and what is in memory.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#include "internal.h"

/* Write the file behind @vma; mmap_lock is dropped and taken again. */
static int __no_lock_check sync_area(struct mm *mm, struct vma *vma)
{
	struct file *file = get_file(vma->file);
	int err;

	mmap_read_unlock(mm);
	err = file->ops->fsync ? vfs_fsync(file, true) : 0;
	fput(file);
	mmap_read_lock(mm);
	return err;
}

/* The range, area by area; holes are reported at the end. */
static int sync_range(struct mm *mm, unsigned long start, unsigned long end,
		      int flags)
{
	int err = 0, hole = 0;

	while (start < end && !err) {
		struct vma *vma = find_vma_intersection(mm, start, end);

		if (!vma)
			return -ENOMEM;
		if (vma->start > start)
			hole = -ENOMEM;
		if ((flags & MS_INVALIDATE) && (vma->flags & VM_LOCKED))
			return -EBUSY;
		start = vma->end;
		if ((flags & MS_SYNC) && vma->file && (vma->flags & VM_SHARED))
			err = sync_area(mm, vma);
	}
	return err ? err : hole;
}

SYSCALL_DEFINE3(msync, unsigned long, start, size_t, len, int, flags)
{
	struct mm *mm = current->mm;
	unsigned long end;
	int err;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    (start & ~PAGE_MASK) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;
	mmap_read_lock(mm);
	err = sync_range(mm, start, end, flags);
	mmap_read_unlock(mm);
	return err;
}

/* Is the page of the file in the cache, mapped here or not? */
static bool in_cache(const struct vma *vma, unsigned long addr)
{
	struct page *page;
	bool there;

	if (!vma->file || !vma->file->mapping)
		return false;
	page = find_get_page(vma->file->mapping, vma_index(vma, addr));
	there = page && page_uptodate(page);
	if (page)
		put_page(page);
	return there;
}

static bool is_resident(const struct vma *vma, unsigned long addr)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lookup_lock(vma->mm, addr, &ptl);
	pte_t entry = 0;

	if (pte) {
		entry = pte_get(pte);
		spin_unlock(ptl);
	}
	return pte_none(entry) ? in_cache(vma, addr) : pte_present(entry);
}

/*
 * Fill @vec for up to a page's worth of bytes, one per page from @addr.
 * Return: how many, or -ENOMEM if nothing is mapped at @addr.
 */
static long residency(struct mm *mm, unsigned long addr, unsigned long pages,
		      unsigned char *vec)
{
	struct vma *vma;
	long nr = 0;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (!vma)
		nr = -ENOMEM;
	while (vma && pages-- && addr < vma->end) {
		vec[nr++] = is_resident(vma, addr);
		addr += PAGE_SIZE;
	}
	mmap_read_unlock(mm);
	return nr;
}

SYSCALL_DEFINE3(mincore, unsigned long, start, size_t, len,
		unsigned char __user *, vec)
{
	unsigned long pages = DIV_ROUND_UP(len, PAGE_SIZE);
	unsigned char *buf;
	long nr = 0;

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok((void __user *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buf = get_free_page(GFP_USER);
	if (!buf)
		return -EAGAIN;
	while (pages) {
		nr = residency(current->mm, start, min(pages, PAGE_SIZE), buf);
		if (nr > 0 && copy_to_user(vec, buf, nr))
			nr = -EFAULT;
		if (nr <= 0)
			break;
		pages -= nr;
		vec += nr;
		start += nr << PAGE_SHIFT;
		nr = 0;
	}
	free_page(buf);
	return nr;
}
