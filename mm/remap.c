/*
 * Mapping frames that are not ours to count: device memory, for drivers whose
 * file_ops->mmap is called (frame buffers, /dev/mem).
 */
#include <keel/bug.h>
#include <keel/err.h>
#include <mm/page_table.h>
#include <mm/vma.h>

#include "internal.h"

static int map_in_table(struct vma *vma, unsigned long addr,
			unsigned long end, pfn_t pfn, pgprot_t prot)
{
	pmd_t *pmd = pmd_alloc(vma->mm, addr);
	struct spinlock *ptl;
	pte_t *pte;

	if (!pmd || pte_table_alloc(vma->mm, pmd))
		return -ENOMEM;
	pte = pte_lock(pmd, addr, &ptl);
	for (; addr < end; addr += PAGE_SIZE, pte++, pfn++) {
		DEBUG_ASSERT(pte_none(pte_get(pte)));
		pte_set(pte, pte_mkspecial(pte_make(pfn, prot)));
	}
	spin_unlock(ptl);
	return 0;
}

/*
 * Map the @size bytes of physical memory from frame @pfn at @addr in @vma.
 * They are not reference-counted: the caller sees to it that they last. Only
 * for all of a shared area, or one that cannot be written to, since private
 * copies of a device make no sense.
 * Locking: mmap_lock for writing. Return: 0, -EINVAL, or -ENOMEM, where what
 * has been mapped goes with the area.
 */
int remap_pfn_range(struct vma *vma, unsigned long addr, pfn_t pfn,
		    unsigned long size, pgprot_t prot)
{
	unsigned long end = addr + PAGE_ALIGN(size), next;
	int err = 0;

	if (end < addr || end > vma->end || addr < vma->start ||
	    pfn + (size >> PAGE_SHIFT) > PFN_DOWN(PHYS_ADDR_MAX))
		return -EINVAL;
	if (!(vma->flags & VM_SHARED) && (vma->flags & VM_MAYWRITE))
		return -EINVAL;
	vma->flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	prot &= pte_supported_mask;
	for (; addr < end && !err; addr = next) {
		next = pmd_addr_end(addr, end);
		err = map_in_table(vma, addr, next, pfn, prot);
		pfn += (next - addr) >> PAGE_SHIFT;
	}
	return err;
}
