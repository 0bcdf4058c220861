/*
 * One page fault in one area: by what the entry holds and what the area is,
 * one of a handful of cases.
 *
 *	entry		area		what happens		where
 *	none		anonymous	zero page, or fresh one	here
 *	none		file		the file's page		fault_file.c
 *	present, r/o	private, write	keep or copy		fault_cow.c
 *	present, r/o	shared, write	make it writable	fault_cow.c
 *	present		else		somebody was faster	nothing
 *
 * The entry is first looked at without a lock. Memory is allocated next, and
 * only then is the table's lock taken and the entry looked at again: if it has
 * changed, the work was in vain and the instruction faults again.
 *
 * Locking: the area's read lock (or mmap_lock for reading) on entry and exit.
 */
#include <keel/bug.h>
#include <mm/fault.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/rmap.h>

#include "fault_internal.h"
#include "internal.h"

/* Reading memory never written: all such pages are one page of zeros. */
static vm_fault_t map_zero_page(struct vm_fault *vmf)
{
	pte_t entry = pte_mkspecial(pte_make(page_to_pfn(zero_page),
					     vmf->vma->page_prot));
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);

	if (likely(pte_none(pte_get(pte))))
		pte_set(pte, entry);
	spin_unlock(vmf->ptl);
	return 0;
}

/*
 * Put @page, which is fresh and filled, at the fault's address as the area's
 * own. The table is locked.
 */
void set_anon_entry(struct vm_fault *vmf, pte_t *pte, struct page *page)
{
	page_add_anon_new(page, vmf->vma, vmf->address);
	pte_set(pte, anon_entry(vmf->vma, page));
}

/* The first touch of private memory without a file. */
static vm_fault_t anon_fault(struct vm_fault *vmf)
{
	struct vma *vma = vmf->vma;
	struct page *page;
	pte_t *pte;

	if (pte_table_alloc(vma->mm, vmf->pmd))
		return VM_FAULT_OOM;
	if (!(vmf->flags & FAULT_WRITE))
		return map_zero_page(vmf);
	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_USER | GFP_ZERO | GFP_NOWARN);
	if (unlikely(!page))
		return VM_FAULT_OOM;

	pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);
	if (unlikely(!pte_none(pte_get(pte)))) {
		spin_unlock(vmf->ptl);
		put_page(page);
		return 0;
	}
	set_anon_entry(vmf, pte, page);
	spin_unlock(vmf->ptl);
	atomic_long_inc(&vma->mm->rss[RSS_ANON]);
	mem_counter_inc(MEM_ANON);
	return 0;
}

/* The entry as it is now; none if there is not even a table. */
static pte_t peek_entry(const struct vm_fault *vmf)
{
	pmd_t pmd = READ_ONCE(*vmf->pmd);

	return table_none(pmd) ? 0 : pte_get(pte_of(pmd, vmf->address));
}

/*
 * Make @address (of a page) accessible in @vma as @flags want; that the area
 * allows it has been checked. Return: 0, or VM_FAULT_*.
 */
vm_fault_t fault_in_page(struct vma *vma, unsigned long address,
			 unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma,
		.address = address,
		.index = vma_index(vma, address),
		.flags = flags,
		.pmd = pmd_alloc(vma->mm, address),
	};

	if (unlikely(!vmf.pmd))
		return VM_FAULT_OOM;
	vmf.orig_pte = peek_entry(&vmf);
	if (pte_none(vmf.orig_pte))
		return vma_is_anonymous(vma) ? anon_fault(&vmf) :
					       file_fault(&vmf);
	/* Nothing puts pages elsewhere yet: such an entry is a bug of ours. */
	if (WARN_ON(!pte_present(vmf.orig_pte)))
		return VM_FAULT_SIGBUS;
	if ((flags & FAULT_WRITE) && !pte_write(vmf.orig_pte))
		return write_fault(&vmf);
	/* Another thread has mapped it, or our TLB did not know yet. */
	return 0;
}
