/*
 * What the files of mm/ tell each other and nobody else.
 */
#pragma once

#include <mm/mm.h>
#include <mm/page.h>
#include <mm/vma.h>

struct page;
struct tlb_gather;
struct vma;

/* mm/page_alloc.c */
unsigned long nr_reserved_pages(void);

/* mm/slab.c: empty the magazines of all CPUs. Context: process. */
void slab_drain_all(void);

/* mm/overcommit.c, in pages */
void vm_commit_info(unsigned long *committed, unsigned long *limit);

/* mm/kernel_stack.c */
void kernel_stacks_init(void);

/* mm/page_lock.c */
void page_lock_init(void);
