/*
 * Faults on pages of files.
 *
 * Three cases, by what is to be done with the page: read it (or execute): map
 * the file's page, together with neighbours that happen to be in memory; write
 * to it privately: copy it at once, since mapping it first would only mean a
 * second fault; write to it shared: map it writable, after the file system has
 * been asked, if it wants to know.
 *
 * The page comes locked from ops->fault and stays so until it is mapped:
 * truncation takes the lock too, so it either sees the mapping or keeps the
 * page from being found.
 */
#include <keel/bug.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/rmap.h>

#include "fault_internal.h"
#include "internal.h"

#define FAULT_AROUND_BYTES	(16 * PAGE_SIZE)

/*
 * Entries of shared areas are writable from the start, unless the file system
 * wants to be told of the first write (page_mkwrite).
 */
pte_t file_entry(const struct vma *vma, const struct page *page, bool write)
{
	pte_t entry = pte_make(page_to_pfn(page), vma->page_prot);

	if (write)
		return pte_mkdirty(pte_mkwrite(entry));
	return vma->ops->page_mkwrite ? pte_wrprotect(entry) : entry;
}

/* Map what is in the cache around the address. True if that was enough. */
static bool fault_around(struct vm_fault *vmf)
{
	struct vma *vma = vmf->vma;
	unsigned long start, end;

	start = max(ALIGN_DOWN(vmf->address, FAULT_AROUND_BYTES), vma->start);
	end = min(ALIGN_DOWN(vmf->address, FAULT_AROUND_BYTES) +
		  FAULT_AROUND_BYTES, vma->end);
	return vma->ops->map_pages(vmf, vma_index(vma, start),
				   vma_index(vma, end - 1)) & VM_FAULT_NOPAGE;
}

/* Get the file's page into vmf->page, with a reference and locked. */
static vm_fault_t get_file_page(struct vm_fault *vmf)
{
	vm_fault_t ret = vmf->vma->ops->fault(vmf);

	if (ret & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_NOPAGE |
		   VM_FAULT_DONE_COW))
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(vmf->page);
	return ret | VM_FAULT_LOCKED;
}

/*
 * Map vmf->page, whose reference the entry takes over. The page is locked.
 * Return: 0, or VM_FAULT_NOPAGE if somebody was faster: the reference is
 * still the caller's.
 */
static vm_fault_t map_file_page(struct vm_fault *vmf, bool write)
{
	struct vma *vma = vmf->vma;
	struct page *page = vmf->page;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);

	if (unlikely(!pte_none(pte_get(pte)))) {
		spin_unlock(vmf->ptl);
		return VM_FAULT_NOPAGE;
	}
	if (atomic_inc_return(&page->mapcount) == 1)
		mem_counter_inc(MEM_MAPPED);
	pte_set(pte, file_entry(vma, page, write));
	spin_unlock(vmf->ptl);
	atomic_long_inc(&vma->mm->rss[page_rss_type(page)]);
	return 0;
}

static void release_file_page(struct page *page, bool mapped)
{
	unlock_page(page);
	if (!mapped)
		put_page(page);
}

/* Read, execute, or write to a shared area. */
static vm_fault_t map_fault(struct vm_fault *vmf)
{
	const struct vm_ops *ops = vmf->vma->ops;
	bool write = vmf->flags & FAULT_WRITE;
	vm_fault_t ret, mapped;

	if (ops->map_pages && !(write && ops->page_mkwrite) &&
	    fault_around(vmf))
		return 0;
	ret = get_file_page(vmf);
	if (!(ret & VM_FAULT_LOCKED))
		return ret & ~VM_FAULT_NOPAGE;
	if (write && ops->page_mkwrite) {
		mapped = ops->page_mkwrite(vmf);
		if (mapped & (VM_FAULT_ERROR | VM_FAULT_RETRY)) {
			release_file_page(vmf->page, false);
			return mapped;
		}
	}
	mapped = map_file_page(vmf, write);
	release_file_page(vmf->page, !mapped);
	return ret & VM_FAULT_MAJOR;
}

/* Map the copy in vmf->cow_page. The reference is used up either way. */
static void map_copy(struct vm_fault *vmf)
{
	struct mm *mm = vmf->vma->mm;
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);

	if (unlikely(!pte_none(pte_get(pte)))) {
		spin_unlock(vmf->ptl);
		put_page(vmf->cow_page);
		return;
	}
	set_anon_entry(vmf, pte, vmf->cow_page);
	spin_unlock(vmf->ptl);
	atomic_long_inc(&mm->rss[RSS_ANON]);
	mem_counter_inc(MEM_ANON);
}

/* Write to a private area: the file's page is copied, not mapped. */
static vm_fault_t copy_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (anon_vma_prepare(vmf->vma))
		return VM_FAULT_OOM;
	vmf->cow_page = alloc_page(GFP_USER | GFP_NOWARN);
	if (!vmf->cow_page)
		return VM_FAULT_OOM;
	ret = get_file_page(vmf);
	if (!(ret & (VM_FAULT_LOCKED | VM_FAULT_DONE_COW))) {
		put_page(vmf->cow_page);
		return ret & ~VM_FAULT_NOPAGE;
	}
	if (ret & VM_FAULT_LOCKED) {
		copy_page(page_address(vmf->cow_page),
			  page_address(vmf->page));
		release_file_page(vmf->page, false);
	}
	map_copy(vmf);
	return ret & VM_FAULT_MAJOR;
}

/* The entry is none and the area has a source. Return: 0 or VM_FAULT_*. */
vm_fault_t file_fault(struct vm_fault *vmf)
{
	if (unlikely(!vmf->vma->ops->fault))
		return VM_FAULT_SIGBUS;
	if (pte_table_alloc(vmf->vma->mm, vmf->pmd))
		return VM_FAULT_OOM;
	if ((vmf->flags & FAULT_WRITE) && !(vmf->vma->flags & VM_SHARED))
		return copy_fault(vmf);
	return map_fault(vmf);
}
