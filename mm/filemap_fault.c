/*
 * Page faults on files in the page cache: the ready-made vm_ops.
 *
 * Beyond the end of the file there is nothing to map: SIGBUS. The size is
 * looked at under the page lock, since truncation first sets the size and then
 * locks the pages it removes.
 */
#include <fs/file.h>
#include <fs/inode.h>
#include <keel/err.h>
#include <mm/fault.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/rmap.h>

#include "fault_internal.h"
#include "internal.h"

#define AROUND_MAX	16

/* Pages the file has, a last partial one included. */
static unsigned long file_pages(const struct address_space *mapping)
{
	return DIV_ROUND_UP((uint64_t)inode_size(mapping->host), PAGE_SIZE);
}

static vm_fault_t fault_error(long err)
{
	return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

/*
 * vm_ops->fault: the page of the file, locked, up to date, with a reference,
 * in vmf->page. Made if it was a hole. Context: may sleep.
 */
vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->file->mapping;
	vm_fault_t ret = VM_FAULT_LOCKED;
	struct page *page;

	if (unlikely(vmf->index >= file_pages(mapping)))
		return VM_FAULT_SIGBUS;
	page = find_lock_page(mapping, vmf->index);
	if (!page || unlikely(!page_uptodate(page))) {
		if (page) {
			unlock_page(page);
			put_page(page);
		}
		page = find_or_create_page(mapping, vmf->index, GFP_USER);
		if (IS_ERR(page))
			return fault_error(PTR_ERR(page));
		if (mapping->ops->read_pages)
			ret |= VM_FAULT_MAJOR;
	}
	if (unlikely(vmf->index >= file_pages(mapping))) {
		/* The file was cut meanwhile: the page must not stay. */
		if (page_mapping(page) == mapping && !page_mapped(page))
			page_cache_remove(page);
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = page;
	return ret;
}

/* Can @page be mapped as page @index right now? It is then locked. */
static bool lock_for_mapping(struct page *page, struct address_space *mapping,
			     unsigned long index)
{
	if (!page_uptodate(page) || !trylock_page(page))
		return false;
	if (likely(page_mapping(page) == mapping && page->index == index))
		return true;
	unlock_page(page);
	return false;
}

/*
 * Map the pages that are in memory among @nr from @first, whose entries begin
 * at @pte. The table is locked. Return: how many.
 */
static unsigned int map_present(struct vm_fault *vmf, pte_t *pte,
				struct page **pages, unsigned long first,
				unsigned int nr)
{
	struct vma *vma = vmf->vma;
	struct address_space *mapping = vma->file->mapping;
	bool write = vmf->flags & FAULT_WRITE;
	unsigned int mapped = 0;
	long fresh = 0;

	for (unsigned int i = 0; i < nr; i++, pte++) {
		struct page *page = pages[i];

		if (!page || !pte_none(pte_get(pte)) ||
		    !get_page_unless_zero(page))
			continue;
		if (unlikely(!lock_for_mapping(page, mapping, first + i))) {
			put_page(page);
			continue;
		}
		fresh += atomic_inc_return(&page->mapcount) == 1;
		pte_set(pte, file_entry(vma, page,
					write && first + i == vmf->index));
		unlock_page(page);
		mapped++;
	}
	mem_counter_add(MEM_MAPPED, fresh);
	return mapped;
}

/*
 * vm_ops->map_pages: map what is in memory among pages [first, last] of the
 * area, which lie in one table. Context: does not sleep.
 * Return: VM_FAULT_NOPAGE if vmf->address is mapped now.
 */
vm_fault_t filemap_map_pages(struct vm_fault *vmf, unsigned long first,
			     unsigned long last)
{
	struct vma *vma = vmf->vma;
	struct address_space *mapping = vma->file->mapping;
	enum rss_type type = mapping->flags & AS_SHMEM ? RSS_SHMEM : RSS_FILE;
	unsigned long addr = vma_address(vma, first), limit;
	struct page *pages[AROUND_MAX];
	unsigned int nr, mapped;
	pte_t *pte;
	bool done;

	limit = file_pages(mapping);
	if (unlikely(vmf->index >= limit))
		return 0;
	last = min(last, limit - 1);
	nr = min_t(unsigned long, last - first + 1, AROUND_MAX);

	/* The lock holds preemption off, hence RCU readers' rights. */
	pte = pte_lock(vmf->pmd, addr, &vmf->ptl);
	xa_load_range(&mapping->pages, first, (void **)pages, nr);
	mapped = map_present(vmf, pte, pages, first, nr);
	done = pte_present(pte_get(pte + (vmf->index - first)));
	spin_unlock(vmf->ptl);

	if (mapped)
		atomic_long_add(mapped, &vma->mm->rss[type]);
	return done ? VM_FAULT_NOPAGE : 0;
}

/*
 * vm_ops->page_mkwrite: a shared page of a file is about to be written to.
 * The page is locked. Context: may sleep.
 */
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->file;

	if (page_mapping(vmf->page) != file->mapping)
		return VM_FAULT_RETRY;
	file_update_time(file);
	page_set(vmf->page, PG_DIRTY);
	return 0;
}

const struct vm_ops generic_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = filemap_page_mkwrite,
};

/* Nothing is ever written back, so nobody needs to know of first writes. */
const struct vm_ops shmem_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};

/* file_ops->mmap for files in the page cache. Context: mmap_lock held. */
int generic_file_mmap(struct file *file, struct vma *vma)
{
	file_accessed(file);
	vma->ops = file->mapping->flags & AS_SHMEM ? &shmem_vm_ops :
						     &generic_file_vm_ops;
	return 0;
}
