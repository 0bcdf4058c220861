/*
 * User stacks: made by exec, grown by faults.
 *
 * A stack is an area that may grow down to the rlimit. What it grows towards
 * must stay stack_guard_gap pages away, so that a function with a large frame
 * cannot step over the gap unnoticed; mmap(2) keeps the same distance.
 */
#include <arch/current.h>
#include <keel/err.h>
#include <kernel/params.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>

#include "internal.h"

/* What exec leaves mapped below the arguments, so that few faults follow. */
#define STACK_SLACK	(128UL << 10)

unsigned long stack_guard_gap = 256;

/* May the stack be extended by @grow pages to @size bytes? 0 or -ENOMEM. */
static int may_grow(const struct vma *vma, unsigned long size,
		    unsigned long grow)
{
	const struct mm *mm = vma->mm;

	if (size > task_rlimit(current, RLIMIT_STACK) ||
	    !may_expand_vm(mm, vma->flags, grow))
		return -ENOMEM;
	if ((vma->flags & VM_LOCKED) && check_lock_limit(mm, grow))
		return -ENOMEM;
	return vma->flags & VM_ACCOUNT ? vm_commit(grow) : 0;
}

/* Does what lies below leave room for a stack that begins at @addr? */
static bool keeps_distance(const struct vma *vma, unsigned long addr)
{
	const struct vma *prev = vma_prev(vma);

	if (!prev)
		return true;
	if (addr < prev->end)
		return false;
	/* Two stacks, or an inaccessible guard, may be close. */
	if ((prev->flags & VM_GROWSDOWN) || !(prev->flags & VM_ACCESS_FLAGS))
		return true;
	return addr - prev->end >= stack_guard_gap << PAGE_SHIFT;
}

/*
 * Let @vma, a stack, begin at the page of @addr. Locking: mmap_lock for
 * writing. Return: 0, -EPERM below mmap_min_addr, -ENOMEM at a limit or if
 * something is in the way.
 */
int expand_stack(struct vma *vma, unsigned long addr)
{
	unsigned long grow;
	int err;

	addr &= PAGE_MASK;
	if (addr >= vma->start)
		return 0;
	if (addr < sysctl_mmap_min_addr)
		return -EPERM;
	grow = (vma->start - addr) >> PAGE_SHIFT;
	if (grow > vma->pgoff || !keeps_distance(vma, addr))
		return -ENOMEM;
	err = may_grow(vma, vma->end - addr, grow);
	if (err)
		return err;
	vma_set_bounds(vma, addr, vma->end, vma->pgoff - grow);
	vm_account(vma->mm, vma->flags, grow);
	return 0;
}

/*
 * exec: a stack of one page that ends at @top, in a new mm.
 * Return: 0 or -ENOMEM.
 */
int stack_create(struct mm *mm, unsigned long top)
{
	struct vma *vma = vma_alloc(mm);

	if (!vma)
		return -ENOMEM;
	if (vm_commit(1)) {
		vma_free(vma);
		return -ENOMEM;
	}
	mmap_write_lock(mm);
	vma->start = top - PAGE_SIZE;
	vma->end = top;
	vma->flags = VM_STACK_FLAGS;
	vma->page_prot = vm_page_prot(vma->flags);
	vma->pgoff = vma->start >> PAGE_SHIFT;
	vma_insert(mm, vma);
	vm_account(mm, vma->flags, 1);
	mmap_write_unlock(mm);
	return 0;
}

/*
 * exec: the kernel address of the page of @mm's stack that holds @addr, for
 * writing; the stack grows as needed. The page stays while the mm does.
 * Return: ERR_PTR(-ENOMEM, -E2BIG), the latter if the limit is reached.
 */
void *stack_page(struct mm *mm, unsigned long addr)
{
	struct vma *vma;
	struct page *page;

	mmap_write_lock(mm);
	vma = find_vma(mm, addr);
	if (!vma || expand_stack(vma, addr))
		page = ERR_PTR(-E2BIG);
	else
		page = get_user_page(mm, addr, FAULT_WRITE | FAULT_REMOTE,
				     NULL);
	mmap_write_unlock(mm);
	if (IS_ERR(page))
		return page;
	put_page(page);
	return page_address(page);
}

/*
 * exec: the arguments are written, the stack pointer will be @sp. Give the
 * stack its rights and some room. Return: 0 or -ENOMEM.
 */
int setup_arg_pages(struct mm *mm, unsigned long sp, bool executable)
{
	unsigned long limit = task_rlimit(current, RLIMIT_STACK) & PAGE_MASK;
	unsigned long low, flags;
	struct vma *vma;
	int err = 0;

	mmap_write_lock(mm);
	vma = find_vma(mm, sp);
	if (!vma || vma->start > sp) {
		err = -EFAULT;
		goto unlock;
	}
	low = vma->start - min(STACK_SLACK, vma->start);
	if (vma->end - low > limit)
		low = vma->end - max(limit, vma->end - vma->start);
	/* Less room is no reason to fail: it grows when it is used. */
	(void)expand_stack(vma, low);
	mm->start_stack = sp;
	flags = executable ? vma->flags | VM_EXEC : vma->flags;
	err = mprotect_range(vma, vma->start, vma->end, flags);
unlock:
	mmap_write_unlock(mm);
	return err;
}

void __init stack_init(void)
{
	stack_guard_gap = param_int("stack_guard_gap", stack_guard_gap);
}
