/*
 * Keeping every CPU's TLB true to the page tables.
 *
 * mm->tlb_gen counts the changes to an address space that need a flush; each
 * CPU remembers, in pcpu_hot, the mm it has loaded and the generation its TLB
 * has seen. A flush raises the generation, then asks the CPUs in mm->cpumask;
 * a CPU that is behind flushes, one that is not has nothing to do, so a
 * late request is never wrong, and a CPU that comes back to an mm compares
 * generations and needs no request at all.
 *
 * Lazy TLB: a kernel thread has no mm and keeps the page tables of whoever
 * ran before; the CPU is then marked lazy and left alone, unless page tables
 * are about to be freed. The scheduler keeps the borrowed mm alive: it holds a
 * reference (mmgrab/mmdrop) for as long as the mm is some task's active_mm.
 *
 * Nothing here is called with interrupts off, as it waits for other CPUs.
 */
#pragma once

#include <keel/types.h>

struct mm;

/*
 * Forget what is cached for [@start, @end) of @mm on all CPUs; page-table
 * pages themselves too, if @freed_tables. On return no CPU uses the old
 * entries. Context: irqs on; may be called with preemption off.
 */
void flush_tlb_mm_range(struct mm *mm, vaddr_t start, vaddr_t end,
			bool freed_tables);
void flush_tlb_mm(struct mm *mm);
/* Kernel addresses, which all address spaces share. */
void flush_tlb_kernel_range(vaddr_t start, vaddr_t end);
/* This CPU only; any context. */
void flush_tlb_local_all(void);
void flush_tlb_local_page(vaddr_t addr);

/*
 * Make @next's address space this CPU's; @prev is the former active_mm. @next
 * NULL: a kernel thread, keep @prev lazily. Context: preemption off.
 */
void switch_mm(struct mm *prev, struct mm *next);
/* exec: current leaves its former mm for @next at once. Context: process. */
void activate_mm(struct mm *prev, struct mm *next);
