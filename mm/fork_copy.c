/*
 * fork(2): the copy of an address space.
 *
 * Areas are copied one by one; pages are not copied but shared, and private
 * ones become read-only on both sides until one side writes (mm/fault_cow.c).
 * The loop over one table's entries is what fork costs for a large process:
 * one pair of locks per table, one atomic addition per page, all other counts
 * added up at the end.
 *
 * File pages of areas that never had a private page are not even shared: the
 * child's own faults find them in the page cache.
 *
 * The child's memory is that of one moment, as far as another thread can tell:
 * if it has what a thread wrote, it has all that this wrote before. Until the
 * parent's TLBs are flushed threads may go on writing to pages that are shared
 * already, through old entries, which the child sees. Who takes a fault waits
 * until then: or it would be given a page of its own, and what it wrote next,
 * to a page not yet shared, the child would see without that.
 *
 * Locking: the parent's mmap_lock for writing, and the lock of each area from
 * before it is copied until the flush.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/tlb_gather.h>

#include "internal.h"

/* Pages by kind, counted while copying. */
struct copied {
	long	rss[NR_RSS];
};

/* One more mapping of @page, in the child. */
static inline void share_page(struct page *page, struct copied *counts)
{
	if (likely(page_is_anon(page))) {
		if (page_test(page, PG_ANON_EXCLUSIVE))
			page_clear(page, PG_ANON_EXCLUSIVE);
		counts->rss[RSS_ANON]++;
	} else {
		counts->rss[page_rss_type(page)]++;
	}
	page_add_mapping(page);
}

/* Copy @nr entries of one table. Both tables are locked. */
static bool copy_entries(pte_t *to, pte_t *from, unsigned int nr, bool private,
			 struct copied *counts)
{
	bool downgraded = false;

	for (; nr; nr--, to++, from++) {
		pte_t entry = pte_get(from);

		if (pte_none(entry))
			continue;
		if (unlikely(!pte_present(entry))) {
			counts->rss[RSS_SWAP]++;
			pte_set(to, entry);
			continue;
		}
		if (likely(!pte_special(entry)))
			share_page(pfn_to_page(pte_pfn(entry)), counts);
		if (private && pte_write(entry)) {
			pte_set_wrprotect(from);
			entry = pte_wrprotect(pte_get(from));
			downgraded = true;
		}
		pte_set(to, entry);
	}
	return downgraded;
}

/* Copy [addr, end), which one table holds. 0 or -ENOMEM. */
static int copy_table(struct tlb_gather *tlb, struct vma *new, pmd_t *from_pmd,
		      unsigned long addr, unsigned long end,
		      struct copied *counts)
{
	bool private = !(new->flags & VM_SHARED);
	pmd_t *to_pmd = pmd_alloc(new->mm, addr);
	struct spinlock *to_lock, *from_lock;
	pte_t *to, *from;

	if (!to_pmd || pte_table_alloc(new->mm, to_pmd))
		return -ENOMEM;
	to = pte_lock(to_pmd, addr, &to_lock);
	from_lock = pmd_ptl(*from_pmd);
	spin_lock_nested(from_lock, 1);
	from = pte_of(*from_pmd, addr);
	if (copy_entries(to, from, (end - addr) >> PAGE_SHIFT, private,
			 counts)) {
		tlb_entry_changed(tlb, addr);
		tlb_entry_changed(tlb, end - PAGE_SIZE);
	}
	spin_unlock(from_lock);
	spin_unlock(to_lock);
	return 0;
}

/* Share what @old has mapped with @new, the same range in another mm. */
static int copy_pages(struct tlb_gather *tlb, struct vma *new, struct vma *old)
{
	struct copied counts = { 0 };
	unsigned long addr = old->start, next;
	int err = 0;

	for (; addr < old->end && !err; addr = next) {
		pmd_t *pmd = pmd_lookup(old->mm, addr);

		if (!pmd) {
			next = pud_addr_end(addr, old->end);
			continue;
		}
		next = pmd_addr_end(addr, old->end);
		if (!table_none(READ_ONCE(*pmd)))
			err = copy_table(tlb, new, pmd, addr, next, &counts);
	}
	for (unsigned int i = 0; i < NR_RSS; i++)
		if (counts.rss[i])
			atomic_long_add(counts.rss[i], &new->mm->rss[i]);
	return err;
}

/* Only private pages, and frames no fault could bring back, need copying. */
static bool needs_copy(const struct vma *new)
{
	if (new->flags & VM_WIPEONFORK)
		return false;
	if (new->flags & VM_PFNMAP)
		return !new->ops || !new->ops->fault;
	return new->anon_vma;
}

/* Copy one area into @mm, behind @last. Return: it, or ERR_PTR(-ENOMEM). */
static struct vma *copy_area(struct tlb_gather *tlb, struct mm *mm,
			     struct vma *old, struct vma *last)
{
	struct vma *new;
	int err;

	if ((old->flags & VM_ACCOUNT) && vm_commit(vma_pages(old)))
		return ERR_PTR(-ENOMEM);
	new = vma_alloc(mm);
	if (!new) {
		if (old->flags & VM_ACCOUNT)
			vm_uncommit(vma_pages(old));
		return ERR_PTR(-ENOMEM);
	}
	vma_copy(new, old);
	new->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (new->flags & VM_WIPEONFORK)
		anon_vma_leave(new);
	/* From here on the area is the new mm's, which cleans up. */
	vma_append(mm, new, last);
	vm_account(mm, new->flags, vma_pages(new));
	err = needs_copy(new) ? copy_pages(tlb, new, old) : 0;
	return err ? ERR_PTR(err) : new;
}

static void unlock_areas(struct mm *old)
{
	struct vma *vma;

	for_each_vma(old, vma)
		if (vma_is_write_locked(vma))
			vma_unlock_write(vma);
}

static int copy_areas(struct mm *mm, struct mm *old)
{
	/* With one user, us, there is no other thread, and none can come. */
	bool alone = refcount_read(&old->users) == 1;
	struct vma *vma, *last = NULL;
	struct tlb_gather tlb;
	int err = 0;

	tlb_gather_start(&tlb, old, false);
	for_each_vma(old, vma) {
		if (!alone)
			vma_lock_write(vma);
		if (vma->flags & VM_DONTCOPY)
			continue;
		last = copy_area(&tlb, mm, vma, last);
		if (IS_ERR(last)) {
			err = PTR_ERR(last);
			break;
		}
	}
	tlb_gather_finish(&tlb);
	if (!alone)
		unlock_areas(old);
	return err;
}

/* Layout and everything exec has noted. */
static void copy_layout(struct mm *mm, const struct mm *old)
{
	mm->mmap_base = old->mmap_base;
	mm->mmap_legacy = old->mmap_legacy;
	mm->task_size = old->task_size;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
	memcpy(mm->saved_auxv, old->saved_auxv, sizeof(mm->saved_auxv));
	mm->dumpable = old->dumpable;
	mm->membarrier = old->membarrier;
	mm->thp_disabled = old->thp_disabled;
	mm->dump_filter = old->dump_filter;
}

/*
 * A copy of @old, the current address space, for a child.
 * Context: process, may sleep. Return: ERR_PTR(-ENOMEM, -EINTR).
 */
struct mm *mm_dup(struct mm *old)
{
	struct mm *mm = mm_alloc();
	int err;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	err = mmap_write_lock_killable(old);
	if (err)
		goto put_mm;
	copy_layout(mm, old);
	/* Each address space keeps its program from being written to. */
	if (old->exe_file && !deny_write_access(old->exe_file->inode))
		mm->exe_file = get_file(old->exe_file);
	err = copy_areas(mm, old);
	mm->hiwater_rss = mm_rss(mm);
	mm->hiwater_vm = mm->total_vm;
	mmap_write_unlock(old);
	if (!err)
		return mm;
put_mm:
	mmput(mm);
	return ERR_PTR(err);
}
