/*
 * mprotect(2): other rights for what is mapped.
 *
 * The area is cut to size, its flags change, and the entries of pages that are
 * there follow. Rights taken away need a flush; rights given need none: at
 * worst a CPU faults once more and finds that all is well. A private page that
 * is ours alone becomes writable at once, which saves that fault too.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <keel/err.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>
#include <uapi/mman.h>

#include "internal.h"

/* What a present entry becomes in @vma, whose new rights are set. */
static pte_t changed_entry(const struct vma *vma, pte_t old)
{
	pte_t new = pte_modify(old, vma->page_prot);

	if (!(vma->flags & VM_WRITE) || pte_special(old))
		return new;
	if (vma->flags & VM_SHARED) {
		/* Not before the file system was asked. */
		if (vma->ops && vma->ops->page_mkwrite && !pte_write(old))
			new = pte_wrprotect(new);
	} else if (page_is_anon(pfn_to_page(pte_pfn(old))) &&
		   page_test(pfn_to_page(pte_pfn(old)), PG_ANON_EXCLUSIVE)) {
		new = pte_mkdirty(pte_mkwrite(new));
	}
	return new;
}

/* Does @new forbid something that @old allowed? */
static bool takes_rights(pte_t old, pte_t new)
{
	return (old & ~new & (PTE_PRESENT | PTE_WRITE | PTE_USER)) ||
	       (new & ~old & PTE_NX);
}

static void change_in_table(struct tlb_gather *tlb, struct vma *vma,
			    pmd_t *pmd, unsigned long addr, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lock(pmd, addr, &ptl);

	for (; addr < end; addr += PAGE_SIZE, pte++) {
		pte_t old = pte_get(pte), new;

		if (pte_none(old) || !pte_present(old))
			continue;
		/* Taken out, so that no dirty bit set meanwhile is lost. */
		old = pte_get_and_clear(pte);
		new = changed_entry(vma, old);
		pte_set(pte, new);
		if (takes_rights(old, new))
			tlb_entry_changed(tlb, addr);
	}
	spin_unlock(ptl);
}

/* Let all entries of @vma follow its flags. */
static void change_entries(struct vma *vma)
{
	unsigned long addr = vma->start, next;
	struct tlb_gather tlb;

	tlb_gather_start(&tlb, vma->mm, false);
	for (; addr < vma->end; addr = next) {
		pmd_t *pmd = pmd_lookup(vma->mm, addr);

		if (!pmd) {
			next = pud_addr_end(addr, vma->end);
			continue;
		}
		next = pmd_addr_end(addr, vma->end);
		if (!table_none(READ_ONCE(*pmd)))
			change_in_table(&tlb, vma, pmd, addr, next);
	}
	tlb_gather_finish(&tlb);
}

/* Cut [start, end) out of @vma. Return: that area, or ERR_PTR(-ENOMEM). */
struct vma *vma_isolate(struct vma *vma, unsigned long start,
			unsigned long end)
{
	int err = 0;

	if (start > vma->start) {
		err = vma_split(vma, start);
		vma = vma_next(vma);
	}
	if (!err && end < vma->end)
		err = vma_split(vma, end);
	return err ? ERR_PTR(err) : vma;
}

/*
 * Give [start, end), which lies in @vma, the flags @new_flags. @vma may have
 * been merged away afterwards. Locking: mmap_lock for writing.
 * Return: 0 or -ENOMEM.
 */
int mprotect_range(struct vma *vma, unsigned long start, unsigned long end,
		   unsigned long new_flags)
{
	struct mm *mm = vma->mm;
	unsigned long old_flags = vma->flags, pages;

	if (new_flags == old_flags)
		return 0;
	pages = (end - start) >> PAGE_SHIFT;
	/* What becomes data has to fit in as data. */
	if ((new_flags & VM_WRITE) && !may_expand_vm(mm, new_flags, pages) &&
	    may_expand_vm(mm, old_flags, pages))
		return -ENOMEM;
	if ((new_flags & VM_WRITE) &&
	    !(old_flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
		if (vm_commit(pages))
			return -ENOMEM;
		new_flags |= VM_ACCOUNT;
	}
	vma = vma_isolate(vma, start, end);
	if (IS_ERR(vma)) {
		if ((new_flags & ~old_flags) & VM_ACCOUNT)
			vm_uncommit(pages);
		return PTR_ERR(vma);
	}
	vma_lock_write(vma);
	vma->flags = new_flags;
	vma->page_prot = vm_page_prot(new_flags);
	change_entries(vma);
	vma_unlock_write(vma);
	vm_account(mm, old_flags, -(long)pages);
	vm_account(mm, new_flags, pages);
	vma_merge_neighbours(vma);
	return 0;
}

/* One area's part of a call. Return: 0, -EACCES, -ENOMEM. */
static int protect_part(struct vma *vma, unsigned long start,
			unsigned long end, unsigned long prot)
{
	unsigned long flags = (vma->flags & ~VM_ACCESS_FLAGS) |
			      prot_to_vm_flags(prot);

	if (unlikely(current->personality & READ_IMPLIES_EXEC) &&
	    (prot & PROT_READ) && (vma->flags & VM_MAYEXEC))
		flags |= VM_EXEC;
	/* VM_MAYx stands four bits above VM_x. */
	if (flags & ~(flags >> 4) & VM_ACCESS_FLAGS)
		return -EACCES;
	return mprotect_range(vma, start, end, flags);
}

/*
 * With PROT_GROWSDOWN the whole stack below is meant. Return: where to begin,
 * or an errno.
 */
static unsigned long first_address(struct vma *vma, unsigned long start,
				   unsigned long end, unsigned long prot)
{
	if (!(prot & PROT_GROWSDOWN))
		return vma->start > start ? (unsigned long)-ENOMEM : start;
	if (vma->start >= end)
		return -ENOMEM;
	return vma->flags & VM_GROWSDOWN ? vma->start :
					   (unsigned long)-EINVAL;
}

static int do_mprotect(struct mm *mm, unsigned long start, unsigned long end,
		       unsigned long prot)
{
	struct vma *vma = find_vma(mm, start);
	int err = 0;

	if (!vma)
		return -ENOMEM;
	start = first_address(vma, start, end, prot);
	if (IS_ERR_VALUE(start))
		return start;
	while (start < end && !err) {
		unsigned long next;

		vma = vma_lookup(mm, start);
		if (!vma)
			return -ENOMEM;
		next = min(vma->end, end);
		err = protect_part(vma, start, next, prot);
		start = next;
	}
	return err;
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len,
		unsigned long, prot)
{
	const unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct mm *mm = current->mm;
	unsigned long end;
	int err;

	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (start & ~PAGE_MASK))
		return -EINVAL;
	if (!len)
		return 0;
	end = start + PAGE_ALIGN(len);
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC |
				    PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	/* No stack grows up here. */
	if (prot & PROT_GROWSUP)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_mprotect(mm, start, end, prot);
	mmap_write_unlock(mm);
	return err;
}
