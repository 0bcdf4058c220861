/*
 * Getting at user pages from inside: to fault them in ahead of time, and to
 * read or change the memory of another process.
 */
#include <arch/current.h>
#include <keel/err.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <mm/fault.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/page_table.h>
#include <mm/rmap.h>

#include "internal.h"

/* Do @vma's flags allow the access? With FAULT_FORCE, could they? */
static bool gup_allowed(const struct vma *vma, unsigned int flags)
{
	if (vma->flags & (VM_IO | VM_PFNMAP))
		return false;
	if (flags & FAULT_WRITE) {
		if (vma->flags & VM_WRITE)
			return true;
		/* A debugger's breakpoint: a copy of private code. */
		return (flags & FAULT_FORCE) && (vma->flags & VM_MAYWRITE) &&
		       !(vma->flags & VM_SHARED);
	}
	return vma->flags & (flags & FAULT_FORCE ? VM_MAYREAD :
						   VM_ACCESS_FLAGS);
}

/* May the page behind @entry be used for the access without a fault? */
static bool entry_is_good(const struct vma *vma, pte_t entry,
			  unsigned int flags)
{
	struct page *page;

	if (!pte_present(entry))
		return false;
	if (!(flags & FAULT_WRITE) || pte_write(entry))
		return true;
	/* A forced write leaves the entry read-only but the page ours. */
	if (!(flags & FAULT_FORCE) || (vma->flags & VM_WRITE) ||
	    pte_special(entry))
		return false;
	page = pfn_to_page(pte_pfn(entry));
	return page_is_anon(page) && page_test(page, PG_ANON_EXCLUSIVE);
}

/* The page that is mapped at @addr and good for the access, or NULL. */
static struct page *lookup_page(struct vma *vma, unsigned long addr,
				unsigned int flags)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lookup_lock(vma->mm, addr, &ptl);
	struct page *page = NULL;

	if (!pte)
		return NULL;
	if (entry_is_good(vma, pte_get(pte), flags)) {
		page = pfn_to_page(pte_pfn(pte_get(pte)));
		get_page(page);
	}
	spin_unlock(ptl);
	return page;
}

/*
 * The page behind @addr of @mm, faulted in as @flags (FAULT_WRITE, _FORCE)
 * say, with a reference. Locking: mmap_lock held; may sleep.
 * Return: ERR_PTR(-EFAULT, -ENOMEM, -EINTR).
 */
struct page *get_user_page(struct mm *mm, unsigned long addr,
			   unsigned int flags, struct vma **vmap)
{
	struct vma *vma = vma_lookup(mm, addr);

	if (!vma || !gup_allowed(vma, flags))
		return ERR_PTR(-EFAULT);
	if (vmap)
		*vmap = vma;
	for (;;) {
		struct page *page = lookup_page(vma, addr, flags);
		vm_fault_t ret;

		if (page)
			return page;
		ret = fault_in_page(vma, addr & PAGE_MASK, flags);
		if (ret & VM_FAULT_OOM)
			return ERR_PTR(-ENOMEM);
		if (ret & VM_FAULT_ERROR)
			return ERR_PTR(-EFAULT);
		if (fatal_signal_pending(current))
			return ERR_PTR(-EINTR);
	}
}

/* One page's part of access_remote_vm(). Return: bytes done. */
static size_t access_one(struct mm *mm, unsigned long addr, void *buf,
			 size_t len, unsigned int flags)
{
	struct page *page;
	char *at;

	len = min(len, PAGE_SIZE - PAGE_OFFSET_IN(addr));
	page = get_user_page(mm, addr, flags, NULL);
	if (IS_ERR(page))
		return 0;
	at = (char *)page_address(page) + PAGE_OFFSET_IN(addr);
	if (flags & FAULT_WRITE) {
		memcpy(at, buf, len);
		if (!page_is_anon(page))
			page_set(page, PG_DIRTY);
	} else {
		memcpy(buf, at, len);
	}
	put_page(page);
	return len;
}

/*
 * Read, or with @write change, @len bytes at @addr of @mm; with @force also
 * what the process itself may not. Context: process, may sleep; the caller
 * keeps @mm in use. Return: the bytes done before the first that cannot be.
 */
size_t access_remote_vm(struct mm *mm, unsigned long addr, void *buf,
			size_t len, bool write, bool force)
{
	unsigned int flags = FAULT_REMOTE | (write ? FAULT_WRITE : 0) |
			     (force ? FAULT_FORCE : 0);
	size_t done = 0, part;

	if (addr >= TASK_SIZE)
		return 0;
	len = min(len, TASK_SIZE - addr);
	mmap_read_lock(mm);
	while (done < len) {
		part = access_one(mm, addr + done, (char *)buf + done,
				  len - done, flags);
		if (!part)
			break;
		done += part;
	}
	mmap_read_unlock(mm);
	return done;
}

/* Nothing but zeros: an anonymous page that nobody has written to. */
static bool is_untouched(struct mm *mm, unsigned long addr)
{
	struct vma *vma = vma_lookup(mm, addr);
	struct spinlock *ptl;
	bool untouched;
	pte_t *pte;

	if (!vma || !vma_is_anonymous(vma))
		return !vma;
	pte = pte_lookup_lock(mm, addr, &ptl);
	if (!pte)
		return true;
	untouched = pte_none(pte_get(pte)) || pte_special(pte_get(pte));
	spin_unlock(ptl);
	return untouched;
}

/* See mm/mm.h: asking must not make memory grow. */
bool read_page_for_dump(struct mm *mm, unsigned long addr, void *to)
{
	bool done;

	mmap_read_lock(mm);
	done = !is_untouched(mm, addr) &&
	       access_one(mm, addr, to, PAGE_SIZE,
			  FAULT_REMOTE | FAULT_FORCE) == PAGE_SIZE;
	mmap_read_unlock(mm);
	return done;
}

/* Fault in the pages of [start, end) of one area, as its rights allow. */
static int populate_area(struct vma *vma, unsigned long start,
			 unsigned long end)
{
	unsigned int flags = 0;

	/* Private pages are copied now, shared ones not made dirty. */
	if ((vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		flags |= FAULT_WRITE;
	for (; start < end; start += PAGE_SIZE) {
		struct page *page = get_user_page(vma->mm, start, flags, NULL);

		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

/*
 * Fault in [start, start + len) of the current mm. Context: process, no locks;
 * may sleep. Return: 0; -ENOMEM if part of it is not mapped or memory ran out;
 * -EFAULT for what cannot be accessed.
 */
int mm_populate(struct mm *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + len;
	int err = 0;

	mmap_read_lock(mm);
	while (start < end && !err) {
		struct vma *vma = find_vma_intersection(mm, start, end);

		if (!vma || vma->start > start)
			err = -ENOMEM;
		else if (!(vma->flags & (VM_IO | VM_PFNMAP)))
			err = populate_area(vma, start, min(vma->end, end));
		if (vma)
			start = vma->end;
	}
	mmap_read_unlock(mm);
	return err;
}
