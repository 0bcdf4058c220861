/*
 * /proc/<pid>/pagemap and clear_refs: single pages, and whether they are used.
 *
 * pagemap is an array of 64-bit words, one for each page of the address space,
 * read by position. clear_refs forgets which pages were referenced, as smaps
 * counts them; a CPU whose TLB knows an entry does not note it anew, which is
 * good enough for an estimate. Writes since then ("soft-dirty") are not kept
 * track of.
 *
 * Both walk as fs/proc/smaps.c does: areas under mmap_lock, a table at a time
 * under its own lock.
 *
 * Source: Linux, Documentation/admin-guide/mm/pagemap.rst; man 5 proc.
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/libfs.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/vma.h>

/* ---- pagemap ---- */

#define ENTRY_SIZE	sizeof(uint64_t)
/* Entries made at a time: those of one page table. */
#define BATCH		(PAGE_SIZE / ENTRY_SIZE)

#define PM_EXCLUSIVE	BIT(56)		/* mapped here, and nowhere else */
#define PM_FILE		BIT(61)		/* of a file, or shared */
#define PM_SWAP		BIT(62)
#define PM_PRESENT	BIT(63)

static uint64_t page_entry(pte_t pte, bool show_pfn)
{
	uint64_t entry = PM_PRESENT;
	const struct page *page;

	if (pte_is_swap(pte))
		return PM_SWAP;
	if (!pte_present(pte))
		return 0;
	if (show_pfn)
		entry |= pte_pfn(pte);
	if (pte_special(pte))
		return entry;
	page = pfn_to_page(pte_pfn(pte));
	if (!page_is_anon(page))
		entry |= PM_FILE;
	if (page_mapcount(page) == 1)
		entry |= PM_EXCLUSIVE;
	return entry;
}

/* The pages of [addr, end), which is part of one area and of one table. */
static void fill_table(struct mm *mm, unsigned long addr, unsigned long end,
		       bool show_pfn, uint64_t *entries)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_lookup_lock(mm, addr, &ptl);

	if (!ptep)
		return;
	for (; addr < end; addr += PAGE_SIZE)
		*entries++ = page_entry(pte_get(ptep++), show_pfn);
	spin_unlock(ptl);
}

/* The same with all areas that are in [addr, end), and what is between them. */
static void fill(struct mm *mm, unsigned long addr, unsigned long end,
		 bool show_pfn, uint64_t *entries)
{
	struct vma *vma;

	memset(entries, 0, (end - addr) / PAGE_SIZE * ENTRY_SIZE);
	mmap_read_lock(mm);
	for (vma = find_vma(mm, addr); vma && vma->start < end;
	     vma = vma_next(vma)) {
		unsigned long from = max(addr, vma->start);

		fill_table(mm, from, min(end, vma->end), show_pfn,
			   entries + (from - addr) / PAGE_SIZE);
	}
	mmap_read_unlock(mm);
}

/* Locking: a user reference to @mm. Return: bytes, or -EFAULT, -EINTR. */
static ssize_t read_entries(struct mm *mm, unsigned long addr, bool show_pfn,
			    uint64_t *entries, struct iov_iter *to)
{
	ssize_t done = 0;

	while (iov_iter_count(to) && addr < TASK_SIZE) {
		unsigned long nr = iov_iter_count(to) / ENTRY_SIZE, end;
		size_t len, got;

		end = pmd_addr_end(addr, TASK_SIZE);
		if (nr < (end - addr) / PAGE_SIZE)
			end = addr + nr * PAGE_SIZE;
		fill(mm, addr, end, show_pfn, entries);
		len = (end - addr) / PAGE_SIZE * ENTRY_SIZE;
		got = copy_to_iter(entries, len, to);
		done += got;
		if (got < len)
			return done ?: -EFAULT;
		if (fatal_signal_pending(current))
			return done ?: -EINTR;
		cond_resched();
		addr = end;
	}
	return done;
}

/* Where pages lie helps who attacks the hardware: not for everyone. */
static ssize_t pagemap_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct mm *mm = iocb->file->private;
	uint64_t *entries;
	ssize_t n = -ENOMEM;
	bool show_pfn;

	if (!mm)
		return 0;
	if (iocb->pos % ENTRY_SIZE || iov_iter_count(to) % ENTRY_SIZE)
		return -EINVAL;
	if ((uint64_t)iocb->pos / ENTRY_SIZE >= TASK_SIZE / PAGE_SIZE ||
	    !mmget_not_zero(mm))
		return 0;
	show_pfn = cred_capable(iocb->file->cred, &init_user_ns,
				CAP_SYS_ADMIN);
	entries = get_free_page(GFP_KERNEL);
	if (entries) {
		n = read_entries(mm, iocb->pos / ENTRY_SIZE * PAGE_SIZE,
				 show_pfn, entries, to);
		free_page(entries);
	}
	mmput(mm);
	if (n > 0)
		iocb->pos += n;
	return n;
}

static int pagemap_open(struct inode *inode, struct file *file)
{
	struct mm *mm = inode_mm_open(inode, PTRACE_MODE_READ);

	static_assert(BATCH == PTRS_PER_TABLE, "a table's entries are a page");
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	file->private = mm;
	return 0;
}

const struct file_ops task_pagemap_fops = {
	.open = pagemap_open,
	.read_iter = pagemap_read,
	.llseek = generic_file_llseek,
	.release = mm_file_release,
};

/* ---- clear_refs ---- */

enum {
	FORGET_ALL = 1,		/* references to all pages, */
	FORGET_ANON = 2,	/* to those of areas without a file, */
	FORGET_FILES = 3,	/* to those of areas with one */
	FORGET_PEAK = 5,	/* how many there were at most */
};

static void forget_table(struct mm *mm, unsigned long addr, unsigned long end)
{
	struct spinlock *ptl;
	pte_t *ptep = pte_lookup_lock(mm, addr, &ptl);

	if (!ptep)
		return;
	for (; addr < end; addr += PAGE_SIZE, ptep++) {
		pte_t pte = pte_get(ptep);

		if (!pte_present(pte) || pte_special(pte))
			continue;
		pte_clear_young(ptep);
		page_clear(pfn_to_page(pte_pfn(pte)), PG_REFERENCED);
	}
	spin_unlock(ptl);
}

static void forget_references(struct mm *mm, int what)
{
	struct vma *vma;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		unsigned long addr = vma->start, next;

		if (what != FORGET_ALL &&
		    (what == FORGET_FILES) != (vma->file != NULL))
			continue;
		for (; addr < vma->end; addr = next) {
			next = pmd_addr_end(addr, vma->end);
			forget_table(mm, addr, next);
			cond_resched();
		}
	}
	mmap_read_unlock(mm);
}

/* A number with white space around it, as people's shells write it. */
static int read_number(struct iov_iter *from, int *number)
{
	char text[13] = {}, *start = text;
	size_t len;

	if (!copy_from_iter_full(text, min(iov_iter_count(from),
					   sizeof(text) - 1), from))
		return -EFAULT;
	while (*start && strchr(" \t\n", *start))
		start++;
	for (len = strlen(start); len && strchr(" \t\n", start[len - 1]); len--)
		start[len - 1] = '\0';
	return kstrtoint(start, 10, number);
}

static ssize_t clear_refs_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	struct mm *mm;
	int what, err = read_number(from, &what);

	if (err)
		return err;
	if (what < FORGET_ALL || what > FORGET_PEAK ||
	    (what > FORGET_FILES && what < FORGET_PEAK))
		return -EINVAL;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	task_put(task);
	if (!mm)
		return len;
	if (what == FORGET_PEAK)
		WRITE_ONCE(mm->hiwater_rss, mm_rss(mm));
	else
		forget_references(mm, what);
	mmput(mm);
	return len;
}

const struct file_ops task_clear_refs_fops = {
	.write_iter = clear_refs_write,
	.llseek = noop_llseek,
};
