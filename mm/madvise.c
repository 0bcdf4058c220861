/*
 * madvise(2): what a program knows about its use of memory.
 *
 * Most advice is a flag of the area or nothing at all. MADV_DONTNEED is a
 * command: the pages go at once, and what is read next is what the source has.
 * Advice this kernel has no use for but that Linux accepts without conditions
 * is accepted; what depends on a feature we lack (KSM, huge pages) is refused
 * as by a Linux that was built without it.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/page.h>
#include <mm/tlb_gather.h>
#include <uapi/fcntl.h>
#include <uapi/mman.h>

#include "internal.h"

/* Flags to clear and set, for advice that is nothing but that. */
struct advice_flags {
	int		advice;
	unsigned long	clear, set;
};

static const struct advice_flags advice_flags[] = {
	{ MADV_NORMAL, VM_RAND_READ | VM_SEQ_READ, 0 },
	{ MADV_SEQUENTIAL, VM_RAND_READ, VM_SEQ_READ },
	{ MADV_RANDOM, VM_SEQ_READ, VM_RAND_READ },
	{ MADV_DONTFORK, 0, VM_DONTCOPY },
	{ MADV_DOFORK, VM_DONTCOPY, 0 },
	{ MADV_DONTDUMP, 0, VM_DONTDUMP },
	{ MADV_DODUMP, VM_DONTDUMP, 0 },
	{ MADV_WIPEONFORK, 0, VM_WIPEONFORK },
	{ MADV_KEEPONFORK, VM_WIPEONFORK, 0 },
};

static const struct advice_flags *find_flags(int advice)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(advice_flags); i++)
		if (advice_flags[i].advice == advice)
			return &advice_flags[i];
	return NULL;
}

/* Advice that changes the area. mmap_lock for writing. */
static int set_flags(struct vma *vma, unsigned long start, unsigned long end,
		     const struct advice_flags *change)
{
	unsigned long flags = (vma->flags & ~change->clear) | change->set;

	if (change->advice == MADV_WIPEONFORK &&
	    (vma->file || (vma->flags & VM_SHARED)))
		return -EINVAL;
	if (change->advice == MADV_DOFORK && (vma->flags & VM_IO))
		return -EINVAL;
	if (change->advice == MADV_DODUMP && (vma->flags & VM_SPECIAL))
		return -EINVAL;
	if (flags == vma->flags)
		return 0;
	vma = vma_isolate(vma, start, end);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	vma_lock_write(vma);
	vma->flags = flags;
	vma_unlock_write(vma);
	vma_merge_neighbours(vma);
	return 0;
}

/* Drop the pages of a part of an area. mmap_lock in either mode. */
static int drop_pages(struct vma *vma, unsigned long start, unsigned long end,
		      int advice)
{
	struct tlb_gather tlb;

	if ((vma->flags & VM_PFNMAP) ||
	    ((vma->flags & VM_LOCKED) && advice != MADV_DONTNEED_LOCKED))
		return -EINVAL;
	if (advice == MADV_FREE && !vma_is_anonymous(vma))
		return -EINVAL;
	mm_update_hiwater_rss(vma->mm);
	tlb_gather_start(&tlb, vma->mm, false);
	unmap_vma_range(&tlb, vma, start, end);
	tlb_gather_finish(&tlb);
	return 0;
}

/* Punch a hole into the file behind a shared area. Drops the lock. */
static int __no_lock_check
remove_pages(struct mm *mm, struct vma *vma, unsigned long start,
	     unsigned long end)
{
	loff_t offset = (loff_t)vma_index(vma, start) << PAGE_SHIFT;
	struct file *file = vma->file;
	int err;

	if ((vma->flags & VM_LOCKED) || !file || !file->mapping)
		return -EINVAL;
	if ((vma->flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
	get_file(file);
	mmap_read_unlock(mm);
	err = vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    offset, end - start);
	fput(file);
	mmap_read_lock(mm);
	return err;
}

/* Fault the pages in for reading or writing. */
static int fault_pages(struct vma *vma, unsigned long start,
		       unsigned long end, bool write)
{
	if (vma->flags & (VM_IO | VM_PFNMAP))
		return -EINVAL;
	for (; start < end; start += PAGE_SIZE) {
		struct page *page = get_user_page(vma->mm, start,
						  write ? FAULT_WRITE : 0,
						  NULL);

		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

static int advise_area(struct mm *mm, struct vma *vma, unsigned long start,
		       unsigned long end, int advice)
{
	const struct advice_flags *change = find_flags(advice);

	if (change)
		return set_flags(vma, start, end, change);
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return drop_pages(vma, start, end, advice);
	case MADV_REMOVE:
		return remove_pages(mm, vma, start, end);
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return fault_pages(vma, start, end,
				   advice == MADV_POPULATE_WRITE);
	default:
		/* Nothing to read ahead from, nowhere to page out to. */
		return 0;
	}
}

static bool advice_is_known(int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_WILLNEED:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return find_flags(advice);
	}
}

/* Holes in the range are skipped, and reported at the end. */
static int advise_range(struct mm *mm, unsigned long start, unsigned long end,
			int advice)
{
	int err = 0, hole = 0;

	while (start < end && !err) {
		struct vma *vma = find_vma_intersection(mm, start, end);
		unsigned long next;

		if (!vma)
			return -ENOMEM;
		if (vma->start > start) {
			hole = -ENOMEM;
			start = vma->start;
		}
		next = min(vma->end, end);
		err = advise_area(mm, vma, start, next, advice);
		start = next;
	}
	return err ? err : hole;
}

/*
 * Do as madvise(2) on @mm. Locking: a user reference to @mm. May sleep.
 * Return: 0, -EINVAL, -ENOMEM (a hole), -EINTR, or what a file system says.
 */
int do_madvise(struct mm *mm, unsigned long start, size_t len_in, int advice)
{
	size_t len = PAGE_ALIGN(len_in);
	bool write = find_flags(advice);
	int err;

	if (!advice_is_known(advice) || (start & ~PAGE_MASK) ||
	    (len_in && !len) || start + len < start)
		return -EINVAL;
	if (!len)
		return 0;
	if (write) {
		if (mmap_write_lock_killable(mm))
			return -EINTR;
		err = advise_range(mm, start, start + len, advice);
		mmap_write_unlock(mm);
	} else {
		mmap_read_lock(mm);
		err = advise_range(mm, start, start + len, advice);
		mmap_read_unlock(mm);
	}
	return err;
}

SYSCALL_DEFINE3(madvise, unsigned long, start, size_t, len, int, advice)
{
	return do_madvise(current->mm, start, len, advice);
}
