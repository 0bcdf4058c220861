/*
 * Kernel memory that is contiguous by address only, and device memory.
 *
 * Each area is followed by an unmapped guard page. Kernel stacks live here,
 * so that running off one faults on the guard page below it instead of
 * overwriting a neighbour.
 */
#pragma once

#include <arch/pgtable.h>
#include <keel/compiler.h>
#include <mm/gfp.h>

/* Context: process, may sleep. NULL if there is no memory. */
void *vmalloc(unsigned long size) __must_check;
void *vzalloc(unsigned long size) __must_check;
void vfree(const void *addr);
/* Pages the caller owns, at consecutive addresses. */
void *vmap(struct page **pages, unsigned long nr, pgprot_t prot) __must_check;
void vunmap(const void *addr);
/* Device registers, uncached. @paddr need not be aligned. */
void __iomem *ioremap(paddr_t paddr, unsigned long size) __must_check;
/* Memory that is not RAM of ours but may be cached: ACPI tables. */
void *memremap(paddr_t paddr, unsigned long size) __must_check;
void iounmap(const volatile void __iomem *addr);
void memunmap(const void *addr);

static inline bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START &&
	       (unsigned long)addr < VMALLOC_END;
}

/* The page behind a vmalloc address; NULL if it is unmapped. */
struct page *vmalloc_to_page(const void *addr);

/* The lowest address of KERNEL_STACK_SIZE bytes, or NULL. Not zeroed. */
void *kernel_stack_alloc(void) __must_check;
/* Context: any. Per CPU a few stacks are kept for the next fork. */
void kernel_stack_free(void *stack);
/* Is @addr in the guard page below a kernel stack? For the oops text. */
bool kernel_stack_guard_hit(unsigned long addr);

void vmalloc_init(void);
