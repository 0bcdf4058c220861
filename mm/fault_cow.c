/*
 * The first write to a page that is mapped read-only.
 *
 * In a shared area the entry was only waiting for that. In a private one the
 * page may be used by others: a file's, the page of zeros, or an anonymous one
 * that a fork left shared. Whether an anonymous page is ours alone is written
 * on it (PG_ANON_EXCLUSIVE); where the mark is missing, one mapping and no
 * reference beside it mean that everybody else has gone, and it is ours again.
 * If not, a copy takes its place.
 *
 * Why the mark, if there are counts? They can be raised by anyone who looks at
 * the page for a moment, and copying because of that would part the process
 * from a page a device is writing to. A page marked stays where it is.
 */
#include <keel/bug.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>

#include "fault_internal.h"
#include "internal.h"

/* Is this anonymous page nobody else's? The table is locked. */
static bool is_ours(struct page *page)
{
	if (page_test(page, PG_ANON_EXCLUSIVE))
		return true;
	if (atomic_long_read(&page->counts) != PAGE_MAPPING_ONE)
		return false;
	page_set(page, PG_ANON_EXCLUSIVE);
	return true;
}

/*
 * Let the page be written to where it is. More rights need no flush: a CPU
 * that still has the old entry faults and finds the new one.
 */
static vm_fault_t __no_lock_check allow_write(struct vm_fault *vmf, pte_t *pte)
{
	pte_t entry = pte_mkdirty(pte_mkyoung(pte_get(pte)));

	/* A forced write (ptrace) does not make the area writable. */
	if (vmf->vma->flags & VM_WRITE)
		entry = pte_mkwrite(entry);
	pte_set(pte, entry);
	spin_unlock(vmf->ptl);
	return 0;
}

/* Account for @old (NULL: the page of zeros) having been replaced. */
static void account_copy(struct mm *mm, struct page *old)
{
	enum rss_type type;
	bool last;

	if (!old) {
		atomic_long_inc(&mm->rss[RSS_ANON]);
		mem_counter_inc(MEM_ANON);
		return;
	}
	type = page_rss_type(old);
	last = page_remove_mapping(old);
	if (type == RSS_ANON) {
		if (!last)
			mem_counter_inc(MEM_ANON);
		return;
	}
	if (last)
		mem_counter_dec(MEM_MAPPED);
	atomic_long_dec(&mm->rss[type]);
	atomic_long_inc(&mm->rss[RSS_ANON]);
	mem_counter_inc(MEM_ANON);
}

/* Do two values of an entry mean the same page and rights? */
static bool same_entry(pte_t a, pte_t b)
{
	return !((a ^ b) & ~(PTE_ACCESSED | PTE_DIRTY));
}

/* Put @new where @old is. False if the entry is not what it was. */
static bool replace_page(struct vm_fault *vmf, struct page *old,
			 struct page *new)
{
	struct vma *vma = vmf->vma;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);

	if (unlikely(!same_entry(pte_get(pte), vmf->orig_pte))) {
		spin_unlock(vmf->ptl);
		return false;
	}
	page_add_anon_new(new, vma, vmf->address);
	tlb_replace_entry(vma->mm, vmf->address, pte, anon_entry(vma, new));
	account_copy(vma->mm, old);
	spin_unlock(vmf->ptl);
	return true;
}

/*
 * Replace @old (NULL: the page of zeros), to which we hold a reference of our
 * own, by a copy. Return: 0 or VM_FAULT_OOM.
 */
static vm_fault_t copy_private(struct vm_fault *vmf, struct page *old)
{
	struct page *new = NULL;
	vm_fault_t ret = VM_FAULT_OOM;

	if (anon_vma_prepare(vmf->vma))
		goto out;
	new = alloc_page(GFP_USER | GFP_NOWARN | (old ? 0 : GFP_ZERO));
	if (!new)
		goto out;
	ret = 0;
	if (old)
		copy_page(page_address(new), page_address(old));
	if (replace_page(vmf, old, new)) {
		new = NULL;
		if (old)	/* the entry's reference */
			put_page(old);
	}
out:
	if (new)
		put_page(new);
	if (old)
		put_page(old);
	return ret;
}

/* A shared page whose file system wants to be asked. The table is locked. */
static vm_fault_t __no_lock_check
ask_file_system(struct vm_fault *vmf, struct page *page)
{
	vm_fault_t ret;
	pte_t *pte;

	get_page(page);
	spin_unlock(vmf->ptl);
	lock_page(page);
	vmf->page = page;
	ret = vmf->vma->ops->page_mkwrite(vmf);
	if (!(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY))) {
		pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);
		if (same_entry(pte_get(pte), vmf->orig_pte))
			allow_write(vmf, pte);
		else
			spin_unlock(vmf->ptl);
	}
	unlock_page(page);
	put_page(page);
	return ret & (VM_FAULT_ERROR | VM_FAULT_RETRY);
}

/*
 * A write met vmf->orig_pte, which is present and read-only.
 * Return: 0 or VM_FAULT_*.
 */
vm_fault_t __no_lock_check write_fault(struct vm_fault *vmf)
{
	struct vma *vma = vmf->vma;
	struct page *page = NULL;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);
	pte_t entry = pte_get(pte);

	if (unlikely(!same_entry(entry, vmf->orig_pte))) {
		spin_unlock(vmf->ptl);
		return 0;
	}
	if (!pte_special(entry))
		page = pfn_to_page(pte_pfn(entry));
	if (vma->flags & VM_SHARED) {
		if (page && vma->ops && vma->ops->page_mkwrite)
			return ask_file_system(vmf, page);
		return allow_write(vmf, pte);
	}
	if (page && page_is_anon(page) && is_ours(page))
		return allow_write(vmf, pte);
	if (page)
		get_page(page);
	spin_unlock(vmf->ptl);
	return copy_private(vmf, page);
}
