/*
 * /proc/<pid>/smaps and smaps_rollup: what is resident of each area, and of
 * all together.
 *
 * The page tables are walked under mmap_lock, a table at a time under its own
 * lock. A page's share ("Pss") is its size divided by the number of entries
 * that map it; sums are kept in units of 1 / 4096 byte, so that the fractions
 * of many pages do not get lost.
 *
 * Source: man 5 proc; Linux, Documentation/filesystems/proc.rst.
 */
#include "internal.h"

#include <fs/seq_file.h>
#include <kernel/sched.h>
#include <mm/page.h>
#include <mm/page_table.h>
#include <mm/vma.h>

#define PSS_SHIFT	12

struct usage {
	unsigned long	resident, referenced, anonymous, swap, locked;
	unsigned long	shared_clean, shared_dirty;
	unsigned long	private_clean, private_dirty;
	uint64_t	pss, pss_dirty, pss_anon, pss_file, pss_shmem;
	uint64_t	pss_locked;
};

static void count_kind(struct usage *u, const struct page *page,
		       uint64_t share)
{
	if (page_is_anon(page))
		u->pss_anon += share;
	else if (page_test(page, PG_SWAPBACKED))
		u->pss_shmem += share;
	else
		u->pss_file += share;
}

static void count_page(struct usage *u, const struct vma *vma, pte_t pte)
{
	const struct page *page = pfn_to_page(pte_pfn(pte));
	bool dirty = pte_dirty(pte) || page_test(page, PG_DIRTY);
	int mappings = max(page_mapcount(page), 1);
	uint64_t share = ((uint64_t)PAGE_SIZE << PSS_SHIFT) / mappings;

	u->resident += PAGE_SIZE;
	if (pte_young(pte) || page_test(page, PG_REFERENCED))
		u->referenced += PAGE_SIZE;
	if (page_is_anon(page))
		u->anonymous += PAGE_SIZE;
	if (mappings > 1)
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
	u->pss += share;
	if (dirty)
		u->pss_dirty += share;
	if (vma->flags & VM_LOCKED)
		u->pss_locked += share;
	count_kind(u, page, share);
}

/* The entries of one table; [addr, end) does not leave it. */
static void count_table(struct usage *u, struct vma *vma, unsigned long addr,
			unsigned long end)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_lookup_lock(vma->mm, addr, &ptl);

	if (!ptep)
		return;
	for (; addr < end; addr += PAGE_SIZE, ptep++) {
		pte_t pte = pte_get(ptep);

		if (pte_is_swap(pte))
			u->swap += PAGE_SIZE;
		else if (pte_present(pte) && !pte_special(pte))
			count_page(u, vma, pte);
	}
	spin_unlock(ptl);
}

/* Add what is resident of @vma. Locking: mmap_lock for reading. May sleep. */
static void count_area(struct usage *u, struct vma *vma)
{
	unsigned long addr = vma->start, next;

	for (; addr < vma->end; addr = next) {
		next = pmd_addr_end(addr, vma->end);
		count_table(u, vma, addr, next);
		cond_resched();
	}
}

static void show_kib(struct seq_file *m, const char *label,
		     unsigned long bytes)
{
	seq_printf(m, "%-16s%8lu kB\n", label, bytes / 1024);
}

static void show_usage(struct seq_file *m, const struct usage *u,
		       bool is_rollup)
{
	show_kib(m, "Rss:", u->resident);
	show_kib(m, "Pss:", u->pss >> PSS_SHIFT);
	show_kib(m, "Pss_Dirty:", u->pss_dirty >> PSS_SHIFT);
	if (is_rollup) {
		show_kib(m, "Pss_Anon:", u->pss_anon >> PSS_SHIFT);
		show_kib(m, "Pss_File:", u->pss_file >> PSS_SHIFT);
		show_kib(m, "Pss_Shmem:", u->pss_shmem >> PSS_SHIFT);
	}
	show_kib(m, "Shared_Clean:", u->shared_clean);
	show_kib(m, "Shared_Dirty:", u->shared_dirty);
	show_kib(m, "Private_Clean:", u->private_clean);
	show_kib(m, "Private_Dirty:", u->private_dirty);
	show_kib(m, "Referenced:", u->referenced);
	show_kib(m, "Anonymous:", u->anonymous);
	show_kib(m, "LazyFree:", 0);
	show_kib(m, "AnonHugePages:", 0);
	show_kib(m, "ShmemPmdMapped:", 0);
	show_kib(m, "FilePmdMapped:", 0);
	show_kib(m, "Shared_Hugetlb:", 0);
	show_kib(m, "Private_Hugetlb:", 0);
	show_kib(m, "Swap:", u->swap);
	show_kib(m, "SwapPss:", u->swap);
	show_kib(m, "Locked:", u->pss_locked >> PSS_SHIFT);
}

static void show_flags(struct seq_file *m, unsigned long flags)
{
	static const struct {
		unsigned long	flag;
		const char	*name;
	} names[] = {
		{ VM_READ, "rd" },	  { VM_WRITE, "wr" },
		{ VM_EXEC, "ex" },	  { VM_SHARED, "sh" },
		{ VM_MAYREAD, "mr" },	  { VM_MAYWRITE, "mw" },
		{ VM_MAYEXEC, "me" },	  { VM_MAYSHARE, "ms" },
		{ VM_GROWSDOWN, "gd" },	  { VM_PFNMAP, "pf" },
		{ VM_LOCKED, "lo" },	  { VM_IO, "io" },
		{ VM_SEQ_READ, "sr" },	  { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" },	  { VM_DONTEXPAND, "de" },
		{ VM_LOCKONFAULT, "lf" }, { VM_ACCOUNT, "ac" },
		{ VM_NORESERVE, "nr" },	  { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" },
	};

	seq_puts(m, "VmFlags: ");
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, "%s ", names[i].name);
	seq_putc(m, '\n');
}

static int show(struct seq_file *m, void *record)
{
	struct usage u = { 0 };
	struct vma *vma = record;

	count_area(&u, vma);
	maps_show_area(m, vma);
	show_kib(m, "Size:", vma->end - vma->start);
	show_kib(m, "KernelPageSize:", PAGE_SIZE);
	show_kib(m, "MMUPageSize:", PAGE_SIZE);
	show_usage(m, &u, false);
	seq_puts(m, "THPeligible:    0\n");
	show_flags(m, vma->flags);
	return 0;
}

static const struct seq_ops smaps_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = show,
};

static int open(struct inode *inode, struct file *file)
{
	return maps_open(inode, file, &smaps_ops);
}

const struct file_ops task_smaps_fops = {
	.open = open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = maps_release,
	.flags = FOPS_NO_SPLICE_IN,
};

/* ---- the sum ---- */

static int rollup_show(struct seq_file *m, void *record)
{
	struct vma *vma = record, *first = record;
	unsigned long end = 0;
	struct usage u = { 0 };

	for (; vma; vma = vma_next(vma)) {
		count_area(&u, vma);
		end = vma->end;
	}
	seq_printf(m, "%08lx-%08lx ---p 00000000 00:00 0 ", first->start, end);
	seq_pad(m, 72);
	seq_puts(m, " [rollup]\n");
	show_usage(m, &u, true);
	return 0;
}

/* There is one record, made of all areas. */
static void *rollup_start(struct seq_file *m, loff_t *pos)
{
	return *pos == 0 ? maps_start(m, pos) : NULL;
}

static void *rollup_next(struct seq_file *m, void *record, loff_t *pos)
{
	*pos = TASK_SIZE;
	maps_stop(m, record);
	return NULL;
}

static const struct seq_ops rollup_ops = {
	.start = rollup_start,
	.next = rollup_next,
	.stop = maps_stop,
	.show = rollup_show,
};

static int rollup_open(struct inode *inode, struct file *file)
{
	return maps_open(inode, file, &rollup_ops);
}

const struct file_ops task_smaps_rollup_fops = {
	.open = rollup_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = maps_release,
	.flags = FOPS_NO_SPLICE_IN,
};
