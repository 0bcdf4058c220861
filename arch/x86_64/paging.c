/*
 * The kernel half of the address space.
 *
 * The boot code's tables map the first 4 GiB, writable and executable, twice.
 * paging_init() builds the final ones: RAM, and nothing but RAM, in the direct
 * map, never executable, with the largest pages that fit; and the kernel image
 * with one right per section. Both views of the image end up the same: what is
 * read-only at its own address is read-only in the direct map too
 * (paging_protect_image(), when the boot has stopped patching it).
 *
 * The top-level entries are all in place when the first user address space is
 * made, each of which copies them, so that a change below is seen by all. The
 * vmalloc area is a single top-level entry for that reason.
 *
 * Locking: boot is alone. Afterwards only the vmalloc area changes, under
 * kernel_table_mutex; its last-level tables count their entries (in mapcount)
 * and go when the last entry does.
 *
 * Source: SDM volume 3A, 4.5.
 */
#include <arch/cpu.h>
#include <arch/pgtable.h>
#include <arch/tlb.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/mutex.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "paging.h"

extern char _kernel_start[], _text[], _etext[], _rodata[], _erodata[];
extern char __start_ro_after_init[], __end_ro_after_init[];
extern char _data[], _ebss[], _init_start[], _init_data_start[], _init_end[];
extern char _kallsyms[], _image_end[];

pgd_t kernel_pgd[PTRS_PER_TABLE] __section(".bss..page_aligned")
	__aligned(PAGE_SIZE);
uint64_t pte_supported_mask __ro_after_init = ~0UL;

static DEFINE_MUTEX(kernel_table_mutex, RANK_KSTACK);

/*
 * A page for a table: from whichever allocator is there. Not GFP_KERNEL: what
 * frees memory may want kernel_table_mutex, which the caller holds.
 */
static uint64_t *table_alloc(bool early)
{
	return early ? early_alloc(PAGE_SIZE, PAGE_SIZE) :
		       get_zeroed_page(GFP_NOFS);
}

/* The table behind @entry, made if missing; NULL if there is no memory. */
static uint64_t *table_below(uint64_t *entry, bool early)
{
	if (table_none(*entry)) {
		uint64_t *table = table_alloc(early);

		if (!table)
			return NULL;
		WRITE_ONCE(*entry, __pa(table) | PROT_TABLE_KERNEL);
	}
	DEBUG_ASSERT(!table_is_leaf(*entry));
	return table_ptr(*entry);
}

static pmd_t *kernel_pmd(unsigned long addr, bool early)
{
	uint64_t *pud = table_below(&kernel_pgd[pgd_index(addr)], early);
	uint64_t *pmd = pud ? table_below(&pud[pud_index(addr)], early) : NULL;

	return pmd ? &pmd[pmd_index(addr)] : NULL;
}

static __init void map_small(unsigned long addr, paddr_t paddr, pgprot_t prot)
{
	pte_t *table = table_below(kernel_pmd(addr, true), true);

	pte_set(&table[pte_index(addr)],
		pte_make(PFN_DOWN(paddr), prot & pte_supported_mask));
}

static __init void map_large(unsigned long addr, paddr_t paddr, pgprot_t prot)
{
	*kernel_pmd(addr, true) = (paddr | prot | PTE_LARGE) &
				  pte_supported_mask;
}

static __init void map_huge(unsigned long addr, paddr_t paddr, pgprot_t prot)
{
	pud_t *pud = table_below(&kernel_pgd[pgd_index(addr)], true);

	pud[pud_index(addr)] = (paddr | prot | PTE_LARGE) & pte_supported_mask;
}

/* Map [addr, end) to @paddr with the largest pages that fit. */
static __init void map_range(unsigned long addr, unsigned long end,
			     paddr_t paddr, pgprot_t prot)
{
	while (addr < end) {
		unsigned long left = end - addr, both = addr | paddr, step;

		if (!(both & ~PUD_MASK) && left >= PUD_SIZE &&
		    cpu_has(CPU_FEATURE_PDPE1GB)) {
			map_huge(addr, paddr, prot);
			step = PUD_SIZE;
		} else if (!(both & ~PMD_MASK) && left >= PMD_SIZE) {
			map_large(addr, paddr, prot);
			step = PMD_SIZE;
		} else {
			map_small(addr, paddr, prot);
			step = PAGE_SIZE;
		}
		addr += step;
		paddr += step;
	}
}

static __init void map_image_part(const char *start, const char *end,
				  pgprot_t prot)
{
	unsigned long addr = (unsigned long)start & PAGE_MASK;

	for (; addr < PAGE_ALIGN((unsigned long)end); addr += PAGE_SIZE)
		map_small(addr, __pa_symbol(addr), prot);
}

/*
 * The direct map of the image's own frames is mapped by small pages from the
 * start, so that protecting it later needs no page of a large one split.
 */
static __init void map_ram(paddr_t start, paddr_t end)
{
	paddr_t image = __pa_symbol(_kernel_start) & PMD_MASK;
	paddr_t image_last = ALIGN_UP(__pa_symbol(_image_end), PMD_SIZE);
	unsigned long va = (unsigned long)__va(0);
	paddr_t p;

	if (start < image)
		map_range(va + start, va + min(end, image), start,
			  PROT_KERNEL_RW);
	for (p = max(start, image); p < min(end, image_last); p += PAGE_SIZE)
		map_small(va + p, p, PROT_KERNEL_RW);
	if (end > image_last) {
		start = max(start, image_last);
		map_range(va + start, va + end, start, PROT_KERNEL_RW);
	}
}

/*
 * Build the final tables and use them. After this all RAM is at __va(), and
 * nothing else is: devices need ioremap().
 */
void __init paging_init(void)
{
	if (!cpu_has(CPU_FEATURE_NX))
		pte_supported_mask = ~PTE_NX;

	/* Patched during the boot, hence writable for now. */
	map_image_part(_text, _etext, PROT_KERNEL_RX | PTE_WRITE);
	map_image_part(_rodata, _ebss, PROT_KERNEL_RW);
	map_image_part(_init_start, _init_data_start,
		       PROT_KERNEL_RX | PTE_WRITE);
	map_image_part(_init_data_start, _image_end, PROT_KERNEL_RW);
	for (unsigned int i = 0; i < nr_ram_ranges; i++)
		map_ram(ram_ranges[i].start, ram_ranges[i].end);
	/* So that every address space shares what comes there later. */
	table_below(&kernel_pgd[pgd_index(VMALLOC_START)], true);
	table_below(&kernel_pgd[pgd_index(VMEMMAP_START)], true);

	load_page_table(__pa_symbol(kernel_pgd));
}

/*
 * Memory for a part of the page array. Of each struct page only the words that
 * say "nobody's" are set: clearing all would take longer than all the rest.
 */
static __init paddr_t page_array_alloc(size_t size)
{
	paddr_t p = early_alloc_phys(size, size, 0, PHYS_ADDR_MAX);
	struct page *page;

	if (!p)
		panic("mm: too little memory for the page array");
	for (page = __va(p); (size_t)((char *)page - (char *)__va(p)) < size;
	     page++) {
		*(uint64_t *)page = 0;	/* flags and order */
		atomic_long_set(&page->counts, 0);
	}
	return p;
}

/* Back the page array's part [start, end) with memory, if it has none. */
void __init paging_map_vmemmap(unsigned long start, unsigned long end)
{
	unsigned long addr = start & PAGE_MASK;

	end = PAGE_ALIGN(end);
	while (addr < end) {
		bool mapped = kernel_addr_mapped(addr);
		/* Another range may have had a small page of this block. */
		bool large = !mapped && !(addr & ~PMD_MASK) &&
			     end - addr >= PMD_SIZE;
		unsigned long step = large ? PMD_SIZE : PAGE_SIZE;

		if (!mapped) {
			paddr_t p = page_array_alloc(step);

			if (large)
				map_large(addr, p, PROT_KERNEL_RW);
			else
				map_small(addr, p, PROT_KERNEL_RW);
		}
		addr += step;
	}
}

/* Give [start, end) of the image @prot: read-only in both maps, or in none. */
static __init void protect_part(const char *start, const char *end,
				pgprot_t prot)
{
	unsigned long addr = (unsigned long)start & PAGE_MASK;

	for (; addr < PAGE_ALIGN((unsigned long)end); addr += PAGE_SIZE) {
		paddr_t p = __pa_symbol(addr);

		map_small(addr, p, prot);
		if (!(prot & PTE_WRITE))
			map_small((unsigned long)__va(p), p, PROT_KERNEL_RO);
	}
}

/*
 * Take the right to write from code and constants, when nothing patches them
 * any more except through text_patch(). Context: boot, all CPUs idle or not
 * yet started.
 */
void __init paging_protect_image(void)
{
	protect_part(_text, _etext, PROT_KERNEL_RX);
	protect_part(_rodata, _erodata, PROT_KERNEL_RO);
	protect_part(_kallsyms, _image_end, PROT_KERNEL_RO);
	flush_tlb_kernel_range(PAGE_OFFSET, ~0UL);
}

/*
 * The sections used by the boot only are about to become free memory: away
 * with their own mapping, so that a stray call to them faults.
 */
void paging_unmap_init_sections(void)
{
	unsigned long addr;

	for (addr = (unsigned long)_init_start; addr < (unsigned long)_init_end;
	     addr += PAGE_SIZE)
		pte_set(kernel_pte_lookup(addr), 0);
	flush_tlb_kernel_range((unsigned long)_init_start,
			       (unsigned long)_init_end);
}

/*
 * The last-level entry of a kernel address; NULL if there is none or a large
 * page maps it. Context: any; the answer is stable for what the caller owns.
 */
pte_t *kernel_pte_lookup(unsigned long addr)
{
	pgd_t pgd = READ_ONCE(kernel_pgd[pgd_index(addr)]);
	pud_t pud;
	pmd_t pmd;

	if (table_none(pgd))
		return NULL;
	pud = READ_ONCE(*pud_of(pgd, addr));
	if (table_none(pud) || table_is_leaf(pud))
		return NULL;
	pmd = READ_ONCE(*pmd_of(pud, addr));
	if (table_none(pmd) || table_is_leaf(pmd))
		return NULL;
	return pte_of(pmd, addr);
}

/* Does a kernel address lead anywhere? Context: any. */
bool kernel_addr_mapped(unsigned long addr)
{
	pgd_t pgd = READ_ONCE(kernel_pgd[pgd_index(addr)]);
	pud_t pud;
	pmd_t pmd;

	if (table_none(pgd))
		return false;
	pud = READ_ONCE(*pud_of(pgd, addr));
	if (table_none(pud) || table_is_leaf(pud))
		return !table_none(pud);
	pmd = READ_ONCE(*pmd_of(pud, addr));
	if (table_none(pmd) || table_is_leaf(pmd))
		return !table_none(pmd);
	return pte_get(pte_of(pmd, addr)) & PTE_PRESENT;
}

/* Set one entry of the vmalloc area. 0 or -ENOMEM. */
static int map_one(unsigned long addr, pfn_t pfn, pgprot_t prot)
{
	pmd_t *pmd = kernel_pmd(addr, false);
	pte_t *table = pmd ? table_below(pmd, false) : NULL;

	if (!table)
		return -ENOMEM;
	ASSERT(pte_none(table[pte_index(addr)]));
	pte_set(&table[pte_index(addr)],
		pte_make(pfn, prot & pte_supported_mask));
	atomic_inc(&virt_to_page(table)->mapcount);
	return 0;
}

/*
 * Map @nr pages from @addr in the vmalloc area.
 * Context: process, may sleep. Return: 0, or -ENOMEM with nothing mapped.
 */
int kernel_map_pages(unsigned long addr, struct page **pages, unsigned long nr,
		     pgprot_t prot)
{
	unsigned long done;
	int err = 0;

	mutex_lock(&kernel_table_mutex);
	for (done = 0; done < nr && !err; done++)
		err = map_one(addr + done * PAGE_SIZE,
			      page_to_pfn(pages[done]), prot);
	mutex_unlock(&kernel_table_mutex);
	if (err)
		kernel_unmap_range(addr, (done - 1) * PAGE_SIZE);
	return err;
}

/* The same for @len bytes of physical addresses that follow each other. */
int kernel_map_phys(unsigned long addr, paddr_t paddr, unsigned long len,
		    pgprot_t prot)
{
	unsigned long done;
	int err = 0;

	mutex_lock(&kernel_table_mutex);
	for (done = 0; done < len && !err; done += PAGE_SIZE)
		err = map_one(addr + done, PFN_DOWN(paddr + done), prot);
	mutex_unlock(&kernel_table_mutex);
	if (err)
		kernel_unmap_range(addr, done - PAGE_SIZE);
	return err;
}

/*
 * Clear [addr, end), which one last-level table covers; a table that became
 * empty is unlinked and returned.
 */
static struct page *clear_in_table(unsigned long addr, unsigned long end)
{
	pmd_t *pmd = kernel_pmd(addr, false);
	struct page *table;
	int left = 0;

	if (!pmd || table_none(*pmd))
		return NULL;
	table = phys_to_page(*pmd & PTE_ADDR_MASK);
	for (; addr < end; addr += PAGE_SIZE)
		if (!pte_none(pte_get_and_clear(pte_of(*pmd, addr))))
			left = atomic_dec_return(&table->mapcount);
		else
			left = atomic_read(&table->mapcount);
	if (left > 0)
		return NULL;
	WRITE_ONCE(*pmd, 0);
	return table;
}

/*
 * Unmap [addr, addr + len) of the vmalloc area and make all CPUs forget it.
 * Context: process, interrupts on; may sleep.
 */
void kernel_unmap_range(unsigned long addr, unsigned long len)
{
	unsigned long end = addr + len, start = addr, next;
	struct page *empty = NULL, *table;

	if (!len)
		return;
	mutex_lock(&kernel_table_mutex);
	for (; addr < end; addr = next) {
		next = pmd_addr_end(addr, end);
		table = clear_in_table(addr, next);
		if (table) {
			table->next_table = empty;
			empty = table;
		}
	}
	flush_tlb_kernel_range(start, end);
	mutex_unlock(&kernel_table_mutex);
	while ((table = empty)) {
		empty = table->next_table;
		put_page(table);
	}
}

/*
 * Map the first 2 MiB of physical memory at its own address (@on), for the
 * few instructions in which another CPU switches paging on, or undo it. Only
 * kernel_pgd has it, so no user address space ever does.
 */
void paging_identity_map_low(bool on)
{
	static pud_t *pud;

	if (on && !pud) {
		pmd_t *pmd = get_zeroed_page(GFP_KERNEL);

		pud = get_zeroed_page(GFP_KERNEL);
		if (!pmd || !pud)
			panic("mm: no memory for the CPUs' start-up mapping");
		pmd[0] = PTE_PRESENT | PTE_WRITE | PTE_LARGE;
		pud[0] = __pa(pmd) | PROT_TABLE_KERNEL;
		kernel_pgd[0] = __pa(pud) | PROT_TABLE_KERNEL;
	} else if (!on && pud) {
		kernel_pgd[0] = 0;
		flush_tlb_kernel_range(0, PMD_SIZE);
		free_page(table_ptr(pud[0]));
		free_page(pud);
		pud = NULL;
	}
}

/*
 * A top-level table for a new address space: the kernel half as everywhere,
 * the user half empty. NULL if there is no memory.
 */
pgd_t *pgd_alloc(void)
{
	pgd_t *pgd = get_free_page(GFP_KERNEL | GFP_ACCOUNT);

	if (!pgd)
		return NULL;
	memset(pgd, 0, USER_PGD_ENTRIES * sizeof(*pgd));
	memcpy(pgd + USER_PGD_ENTRIES, kernel_pgd + USER_PGD_ENTRIES,
	       (PTRS_PER_TABLE - USER_PGD_ENTRIES) * sizeof(*pgd));
	return pgd;
}

void pgd_free(pgd_t *pgd)
{
	free_page(pgd);
}
