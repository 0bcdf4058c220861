/*
 * mlock(2) and its family: memory that stays resident.
 *
 * Nothing takes pages away here yet, so being resident is a matter of faulting
 * them in; the flag on the area keeps it so for pages to come, and counts
 * against RLIMIT_MEMLOCK.
 */
#include <arch/current.h>
#include <keel/err.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/vma.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "internal.h"

#define VM_LOCKED_MASK	(VM_LOCKED | VM_LOCKONFAULT)

/* Change a part of an area; it may have been merged away afterwards. */
static int set_lock_flags(struct vma *vma, unsigned long start,
			  unsigned long end, unsigned long lock_flags)
{
	unsigned long old = vma->flags;
	unsigned long new = (old & ~VM_LOCKED_MASK) | lock_flags;
	long pages = (end - start) >> PAGE_SHIFT;

	if (new == old || (old & VM_SPECIAL))
		return 0;
	vma = vma_isolate(vma, start, end);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	vma_lock_write(vma);
	vma->flags = new;
	vma_unlock_write(vma);
	vma->mm->locked_vm += (!!(new & VM_LOCKED) - !!(old & VM_LOCKED)) *
			      pages;
	vma_merge_neighbours(vma);
	return 0;
}

/* The same for a range, which must have no holes. mmap_lock for writing. */
static int lock_range(struct mm *mm, unsigned long start, unsigned long end,
		      unsigned long lock_flags)
{
	int err = 0;

	while (start < end && !err) {
		struct vma *vma = vma_lookup(mm, start);
		unsigned long next;

		if (!vma)
			return -ENOMEM;
		next = min(vma->end, end);
		err = set_lock_flags(vma, start, next, lock_flags);
		start = next;
	}
	return err;
}

/* How many pages of the range are locked already. */
static unsigned long count_locked(struct mm *mm, unsigned long start,
				  unsigned long end)
{
	unsigned long pages = 0;
	struct vma *vma = find_vma(mm, start);

	for (; vma && vma->start < end; vma = vma_next(vma))
		if (vma->flags & VM_LOCKED)
			pages += (min(vma->end, end) -
				  max(vma->start, start)) >> PAGE_SHIFT;
	return pages;
}

/*
 * Whole pages around [start, start + len). False: it wraps. (A length that does
 * when it is made whole pages is 0, on Linux, too.)
 */
static bool page_range(unsigned long *start, unsigned long *end, size_t len)
{
	len = PAGE_ALIGN(len + *start % PAGE_SIZE);
	*start &= PAGE_MASK;
	*end = *start + len;
	return *end >= *start;
}

static int do_mlock(unsigned long start, size_t len, unsigned long lock_flags)
{
	struct mm *mm = current->mm;
	unsigned long end, pages;
	int err;

	if (!can_do_mlock())
		return -EPERM;
	if (!page_range(&start, &end, len))
		return -EINVAL;
	if (start == end)
		return 0;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	pages = ((end - start) >> PAGE_SHIFT) - count_locked(mm, start, end);
	/* Over the limit is -ENOMEM here, -EAGAIN in mmap(2). */
	err = check_lock_limit(mm, pages) ? -ENOMEM :
	      lock_range(mm, start, end, lock_flags);
	mmap_write_unlock(mm);
	if (err || (lock_flags & VM_LOCKONFAULT))
		return err;
	err = mm_populate(mm, start, end - start);
	if (err == -EFAULT)
		return -ENOMEM;
	return err == -ENOMEM ? -EAGAIN : err;
}

SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)
{
	return do_mlock(start, len, VM_LOCKED);
}

SYSCALL_DEFINE3(mlock2, unsigned long, start, size_t, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, flags & MLOCK_ONFAULT ?
		VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
{
	struct mm *mm = current->mm;
	unsigned long end;
	int err;

	if (!page_range(&start, &end, len))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = lock_range(mm, start, end, 0);
	mmap_write_unlock(mm);
	return err;
}

/* Give all areas @lock_flags; what cannot be split stays as it is. */
static void lock_all(struct mm *mm, unsigned long lock_flags)
{
	unsigned long addr = 0;
	struct vma *vma;

	while ((vma = find_vma(mm, addr))) {
		addr = vma->end;
		(void)set_lock_flags(vma, vma->start, vma->end, lock_flags);
	}
}

/* Fault everything in, as far as that is possible. */
static void populate_all(struct mm *mm)
{
	unsigned long addr = 0;

	for (;;) {
		struct vma *vma;
		unsigned long start, end;

		mmap_read_lock(mm);
		vma = find_vma(mm, addr);
		if (vma) {
			start = vma->start;
			end = vma->end;
		}
		mmap_read_unlock(mm);
		if (!vma)
			return;
		(void)mm_populate(mm, start, end - start);
		addr = end;
	}
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	const int known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
	struct mm *mm = current->mm;
	unsigned long lock_flags = VM_LOCKED;
	int err = 0;

	if (!flags || (flags & ~known) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	if (flags & MCL_ONFAULT)
		lock_flags |= VM_LOCKONFAULT;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if ((flags & MCL_CURRENT) && !capable(CAP_IPC_LOCK) &&
	    mm->total_vm > task_rlimit(current, RLIMIT_MEMLOCK) >> PAGE_SHIFT) {
		err = -ENOMEM;
	} else {
		mm->def_flags = flags & MCL_FUTURE ? lock_flags : 0;
		if (flags & MCL_CURRENT)
			lock_all(mm, lock_flags);
	}
	mmap_write_unlock(mm);
	if (!err && (flags & MCL_CURRENT) && !(flags & MCL_ONFAULT))
		populate_all(mm);
	return err;
}

SYSCALL_DEFINE0(munlockall)
{
	struct mm *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	mm->def_flags = 0;
	lock_all(mm, 0);
	mmap_write_unlock(mm);
	return 0;
}
