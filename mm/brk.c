/*
 * brk(2): the heap behind the program.
 */
#include <arch/current.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/vma.h>

#include "internal.h"

/* Would a heap up to @brk, with the program's data, break RLIMIT_DATA? */
static bool exceeds_data_limit(const struct mm *mm, unsigned long brk)
{
	unsigned long limit = task_rlimit(current, RLIMIT_DATA);

	return limit != RLIM_INFINITY &&
	       (brk - mm->start_brk) + (mm->end_data - mm->start_data) > limit;
}

/* Anonymous memory at [start, end), which is free. 0 or an errno. */
static int grow(struct mm *mm, unsigned long start, unsigned long end)
{
	unsigned long flags = VM_DATA_DEFAULT | mm->def_flags, ret;
	struct vma *next = find_vma(mm, start);

	if (end > TASK_SIZE || (next && end > vma_start_gap(next)))
		return -ENOMEM;
	if ((flags & VM_LOCKED) &&
	    check_lock_limit(mm, (end - start) >> PAGE_SHIFT))
		return -EAGAIN;
	ret = map_area(mm, NULL, start, end - start, flags,
		       start >> PAGE_SHIFT);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}

/* Set the end of the heap to @brk, if that can be. mmap_lock for writing. */
static int set_brk(struct mm *mm, unsigned long brk)
{
	unsigned long new = PAGE_ALIGN(brk), old = PAGE_ALIGN(mm->brk);
	int err = 0;

	if (brk < mm->start_brk || exceeds_data_limit(mm, brk) || new < brk)
		return -ENOMEM;
	if (new > old)
		err = grow(mm, old, new);
	else if (new < old)
		err = do_munmap(mm, new, old - new);
	if (!err)
		mm->brk = brk;
	return err;
}

/* Unlike most, it returns not an error but the end as it is now. */
SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	struct mm *mm = current->mm;
	unsigned long old, now;
	bool populate;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	old = mm->brk;
	(void)set_brk(mm, brk);
	now = mm->brk;
	populate = mm->def_flags & VM_LOCKED;
	mmap_write_unlock(mm);
	if (populate && now > old)
		mm_populate(mm, PAGE_ALIGN(old), PAGE_ALIGN(now) -
						 PAGE_ALIGN(old));
	return now;
}

/*
 * Zeroed memory at exactly [addr, addr + len) in the current mm, for the bss
 * of a program. Return: 0 or -ENOMEM, -EINVAL.
 */
int vm_brk(unsigned long addr, unsigned long len, unsigned long vm_flags)
{
	struct mm *mm = current->mm;
	unsigned long ret;

	len = PAGE_ALIGN(len);
	if ((addr & ~PAGE_MASK) || addr > TASK_SIZE || len > TASK_SIZE - addr)
		return -EINVAL;
	if (!len)
		return 0;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = map_area(mm, NULL, addr, len,
		       VM_DATA_DEFAULT | mm->def_flags | vm_flags,
		       addr >> PAGE_SHIFT);
	mmap_write_unlock(mm);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}
