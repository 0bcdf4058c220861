/*
 * What the files of the fault path share: mm/fault.c (dispatch, anonymous),
 * mm/fault_file.c, mm/fault_cow.c and mm/fault_entry.c (from the trap).
 */
#pragma once

#include <mm/fault.h>
#include <mm/page.h>

/* mm/fault.c */
void set_anon_entry(struct vm_fault *vmf, pte_t *pte, struct page *page);

/* mm/fault_file.c */
vm_fault_t file_fault(struct vm_fault *vmf);

/* mm/fault_cow.c */
vm_fault_t write_fault(struct vm_fault *vmf);

/* The entry of a private page of @vma's own: written to, as it was needed. */
static inline pte_t anon_entry(const struct vma *vma, const struct page *page)
{
	pte_t entry = pte_mkdirty(pte_make(page_to_pfn(page), vma->page_prot));

	return vma->flags & VM_WRITE ? pte_mkwrite(entry) : entry;
}
pte_t file_entry(const struct vma *vma, const struct page *page, bool write);
