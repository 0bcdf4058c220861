/*
 * Page tables: entries of four levels, and what may be asked of one.
 *
 * The levels are called pgd, pud, pmd and pte from the top, 512 entries each.
 * A leaf entry (pte) is in one of four states, and every walker meets all:
 *
 *	none		0: nothing was ever here
 *	present		the CPU uses it
 *	prot-none	a page is here but user mode may not touch it: the
 *			present bit is clear, PTE_PROTNONE says it is no swap
 *			entry. pte_present() is true for it, the CPU faults.
 *	swap		nonzero, neither of the above: an entry that says where
 *			the page went (pte_is_swap())
 *
 * The CPU itself sets PTE_ACCESSED and PTE_DIRTY in present entries, at any
 * time, so a present entry of a live address space is changed with
 * pte_get_and_clear() or an atomic operation, never read-modify-write.
 *
 * Whoever changes user entries holds the lock of the table they stand in
 * (mm/page_table.h), and whoever takes rights away goes through
 * mm/tlb_gather.h. Bits: [SDM3 4.5].
 */
#pragma once

#include <arch/page.h>
#include <keel/atomic.h>

struct mm;
struct page;

typedef uint64_t	pgd_t;
typedef uint64_t	pud_t;
typedef uint64_t	pmd_t;
typedef uint64_t	pte_t;
typedef uint64_t	pgprot_t;	/* an entry without its address */

#define PTRS_PER_TABLE		512
#define USER_PGD_ENTRIES	256

#define PTE_PRESENT		BIT(0)
#define PTE_WRITE		BIT(1)
#define PTE_USER		BIT(2)
#define PTE_WRITE_THROUGH	BIT(3)
#define PTE_CACHE_DISABLE	BIT(4)
#define PTE_ACCESSED		BIT(5)
#define PTE_DIRTY		BIT(6)
#define PTE_LARGE		BIT(7)	/* in a pud or pmd: a leaf */
#define PTE_GLOBAL		BIT(8)
#define PTE_PROTNONE		BIT(8)	/* where PTE_PRESENT is clear */
#define PTE_SPECIAL		BIT(9)	/* ours: no struct page is counted */
#define PTE_NX			BIT(63)	/* see pte_supported_mask */
#define PTE_ADDR_MASK		0x000ffffffffff000UL

/* What a change of protection keeps. */
#define PTE_CHANGE_KEEPS	(PTE_ADDR_MASK | PTE_ACCESSED | PTE_DIRTY | \
				 PTE_SPECIAL | PTE_CACHE_DISABLE | \
				 PTE_WRITE_THROUGH)

/* Kernel mappings. */
#define PROT_KERNEL_RW	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | \
			 PTE_GLOBAL | PTE_NX)
#define PROT_KERNEL_RO	(PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | \
			 PTE_GLOBAL | PTE_NX)
#define PROT_KERNEL_RX	(PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL)
#define PROT_KERNEL_IO	(PROT_KERNEL_RW | PTE_CACHE_DISABLE | PTE_WRITE_THROUGH)
/* Entries that point to tables: rights are decided in the leaf. */
#define PROT_TABLE_KERNEL (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED)
#define PROT_TABLE_USER	(PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_USER)

/* User mappings. Accessed is set at once: the page was just touched. */
#define PROT_USER_NONE	(PTE_PROTNONE | PTE_ACCESSED)
#define PROT_USER_R	(PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_NX)
#define PROT_USER_RX	(PTE_PRESENT | PTE_USER | PTE_ACCESSED)
#define PROT_USER_RW	(PROT_USER_R | PTE_WRITE)
#define PROT_USER_RWX	(PROT_USER_RX | PTE_WRITE)

static inline pte_t pte_get(const pte_t *ptep)
{
	return READ_ONCE(*ptep);
}

static inline void pte_set(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
}

/* Take an entry out without losing a dirty bit another CPU is setting. */
static inline pte_t pte_get_and_clear(pte_t *ptep)
{
	return xchg(ptep, 0);
}

/* Take the right to write away, the same way. */
static inline void pte_set_wrprotect(pte_t *ptep)
{
	__atomic_fetch_and(ptep, ~PTE_WRITE, __ATOMIC_RELAXED);
}

/* Its page has not been used, as far as CPUs will tell that ask anew. */
static inline void pte_clear_young(pte_t *ptep)
{
	__atomic_fetch_and(ptep, ~PTE_ACCESSED, __ATOMIC_RELAXED);
}

static inline pte_t pte_make(pfn_t pfn, pgprot_t prot)
{
	return (pfn << PAGE_SHIFT) | prot;
}

static inline bool pte_none(pte_t pte)		{ return pte == 0; }
static inline bool pte_present(pte_t pte)
{
	return pte & (PTE_PRESENT | PTE_PROTNONE);
}
static inline bool pte_protnone(pte_t pte)
{
	return (pte & (PTE_PRESENT | PTE_PROTNONE)) == PTE_PROTNONE;
}
static inline bool pte_is_swap(pte_t pte)
{
	return pte != 0 && !pte_present(pte);
}
static inline bool pte_write(pte_t pte)		{ return pte & PTE_WRITE; }
static inline bool pte_dirty(pte_t pte)		{ return pte & PTE_DIRTY; }
static inline bool pte_young(pte_t pte)		{ return pte & PTE_ACCESSED; }
static inline bool pte_special(pte_t pte)	{ return pte & PTE_SPECIAL; }
static inline pfn_t pte_pfn(pte_t pte)
{
	return (pte & PTE_ADDR_MASK) >> PAGE_SHIFT;
}

static inline pte_t pte_mkwrite(pte_t pte)	{ return pte | PTE_WRITE; }
static inline pte_t pte_wrprotect(pte_t pte)	{ return pte & ~PTE_WRITE; }
static inline pte_t pte_mkdirty(pte_t pte)	{ return pte | PTE_DIRTY; }
static inline pte_t pte_mkclean(pte_t pte)	{ return pte & ~PTE_DIRTY; }
static inline pte_t pte_mkyoung(pte_t pte)	{ return pte | PTE_ACCESSED; }
static inline pte_t pte_mkold(pte_t pte)	{ return pte & ~PTE_ACCESSED; }
static inline pte_t pte_mkspecial(pte_t pte)	{ return pte | PTE_SPECIAL; }

/* The same page under other rights. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return (pte & PTE_CHANGE_KEEPS) | (prot & ~PTE_CHANGE_KEEPS) |
	       (prot & PTE_ACCESSED);
}

/* The upper levels: absent, a table, or (kernel half only) a large leaf. */
static inline bool table_none(uint64_t entry)	{ return entry == 0; }
static inline bool table_is_leaf(uint64_t entry) { return entry & PTE_LARGE; }
static inline void *table_ptr(uint64_t entry)
{
	return __va(entry & PTE_ADDR_MASK);
}

static inline unsigned int pgd_index(unsigned long addr)
{
	return (addr >> PGDIR_SHIFT) & (PTRS_PER_TABLE - 1);
}

static inline unsigned int pud_index(unsigned long addr)
{
	return (addr >> PUD_SHIFT) & (PTRS_PER_TABLE - 1);
}

static inline unsigned int pmd_index(unsigned long addr)
{
	return (addr >> PMD_SHIFT) & (PTRS_PER_TABLE - 1);
}

static inline unsigned int pte_index(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) & (PTRS_PER_TABLE - 1);
}

/* Entries inside the table @entry points to, which must be one. */
static inline pud_t *pud_of(pgd_t entry, unsigned long addr)
{
	return (pud_t *)table_ptr(entry) + pud_index(addr);
}

static inline pmd_t *pmd_of(pud_t entry, unsigned long addr)
{
	return (pmd_t *)table_ptr(entry) + pmd_index(addr);
}

static inline pte_t *pte_of(pmd_t entry, unsigned long addr)
{
	return (pte_t *)table_ptr(entry) + pte_index(addr);
}

/* The first address after @addr's entry of that level, at most @end. */
static inline unsigned long range_end(unsigned long addr, unsigned long end,
				      unsigned long size)
{
	unsigned long next = (addr + size) & ~(size - 1);

	return next - 1 < end - 1 ? next : end;
}

#define pgd_addr_end(addr, end)	range_end(addr, end, PGDIR_SIZE)
#define pud_addr_end(addr, end)	range_end(addr, end, PUD_SIZE)
#define pmd_addr_end(addr, end)	range_end(addr, end, PMD_SIZE)

/*
 * Swap entries: bits that are clear are PRESENT (0) and PROTNONE (8). The type
 * stands in bits 2-6, the offset from bit 12 up.
 */
static inline pte_t swap_pte_make(unsigned int type, unsigned long offset)
{
	return (offset << 12) | ((uint64_t)type << 2) | BIT(1);
}

static inline unsigned int swap_pte_type(pte_t pte) { return pte >> 2 & 0x1f; }
static inline unsigned long swap_pte_offset(pte_t pte) { return pte >> 12; }

/* arch/x86_64/paging.c: the kernel half. */

/* The top-level table of the kernel: what init_mm and every mm share. */
extern pgd_t kernel_pgd[PTRS_PER_TABLE];

/* All bits but PTE_NX where the CPU has no NX, else all bits. */
extern uint64_t pte_supported_mask;

void paging_init(void);
void paging_protect_image(void);
void paging_unmap_init_sections(void);
int kernel_map_pages(unsigned long addr, struct page **pages,
		     unsigned long nr_pages, pgprot_t prot);
int kernel_map_phys(unsigned long addr, paddr_t paddr, unsigned long len,
		    pgprot_t prot);
void kernel_unmap_range(unsigned long addr, unsigned long len);
pte_t *kernel_pte_lookup(unsigned long addr);
void paging_map_vmemmap(unsigned long start, unsigned long end);
/* Does this kernel address translate to anything? For oops printers. */
bool kernel_addr_mapped(unsigned long addr);
/* Give the AP trampoline's page an identity mapping; false takes it away. */
void paging_identity_map_low(bool on);

/* A top-level table with the kernel half in place and an empty user half. */
pgd_t *pgd_alloc(void);
void pgd_free(pgd_t *pgd);
