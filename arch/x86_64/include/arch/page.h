/*
 * Pages, and where the kernel's parts of the address space begin.
 *
 * The places are Linux's, so that what is read elsewhere holds here:
 *
 *	0x0000000000000000	user half, TASK_SIZE bytes
 *	0xffff888000000000	direct map: all RAM, at PAGE_OFFSET + physical
 *	0xffffc90000000000	vmalloc: kernel stacks, ioremap, big tables
 *	0xffffea0000000000	one struct page per page frame of RAM
 *	0xffffffff80000000	the kernel image, at its physical address + this
 *	0xffffffffa0000000	modules
 *	0xffffffffff000000	fixmap: addresses known at link time
 *
 * A physical address becomes a pointer by __va(); the boot page tables and the
 * final ones both hold this map (the former for the first 4 GiB only). Device
 * memory is not RAM and is reached by ioremap().
 */
#pragma once

#include <keel/types.h>

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PMD_SHIFT		21
#define PMD_SIZE		(1UL << PMD_SHIFT)
#define PMD_MASK		(~(PMD_SIZE - 1))
#define PUD_SHIFT		30
#define PUD_SIZE		(1UL << PUD_SHIFT)
#define PUD_MASK		(~(PUD_SIZE - 1))
#define PGDIR_SHIFT		39
#define PGDIR_SIZE		(1UL << PGDIR_SHIFT)
#define PGDIR_MASK		(~(PGDIR_SIZE - 1))

#define PAGE_ALIGN(addr)	(((addr) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(addr)	((addr) & PAGE_MASK)
#define PAGE_OFFSET_IN(addr)	((unsigned long)(addr) & (PAGE_SIZE - 1))

/*
 * One page below the canonical hole stays unused: a `syscall` instruction in
 * the last bytes of the half would give a non-canonical return address.
 */
#define TASK_SIZE		0x00007ffffffff000UL

#define PAGE_OFFSET		0xffff888000000000UL
#define DIRECT_MAP_END		0xffffc87fffffffffUL
#define VMALLOC_START		0xffffc90000000000UL
#define VMALLOC_END		0xffffc98000000000UL	/* one pgd entry */
#define VMEMMAP_START		0xffffea0000000000UL
#define KERNEL_IMAGE_BASE	0xffffffff80000000UL
#define MODULES_START		0xffffffffa0000000UL
#define FIXMAP_START		0xffffffffff000000UL

#define PHYS_ADDR_BITS		46
#define PHYS_ADDR_MAX		(1UL << PHYS_ADDR_BITS)

#ifndef __ASSEMBLER__

/* A direct-map pointer for a physical address. */
#define __va(paddr)		((void *)((uintptr_t)(paddr) + PAGE_OFFSET))

/* The physical address of a pointer into the direct map or the image. */
static inline paddr_t phys_addr(uintptr_t addr)
{
	if (addr >= KERNEL_IMAGE_BASE)
		return addr - KERNEL_IMAGE_BASE;
	return addr - PAGE_OFFSET;
}

#define __pa(ptr)		phys_addr((uintptr_t)(ptr))
/* Of a symbol of the kernel image: a constant the linker can compute. */
#define __pa_symbol(sym)	((uintptr_t)(sym) - KERNEL_IMAGE_BASE)

#define PFN_UP(paddr)		(((paddr) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(paddr)		((paddr) >> PAGE_SHIFT)
#define PFN_PHYS(pfn)		((paddr_t)(pfn) << PAGE_SHIFT)

/*
 * Whole pages by quadwords: emulated CPUs count one instruction per element,
 * so bytes would cost eight times as much, and real ones do not care.
 */
static inline void clear_page(void *page)
{
	unsigned long count = PAGE_SIZE / 8;

	__asm__ __volatile__("rep stosq"
			     : "+D"(page), "+c"(count) : "a"(0UL) : "memory");
}

static inline void copy_page(void *to, const void *from)
{
	unsigned long count = PAGE_SIZE / 8;

	__asm__ __volatile__("rep movsq"
			     : "+D"(to), "+S"(from), "+c"(count) :: "memory");
}

#endif
