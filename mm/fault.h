/*
 * Page faults: how an entry of a page table comes to be.
 *
 * The trap handler calls handle_page_fault(). It finds and locks the area,
 * then fault_in_page() decides by the entry's state and the area's kind: map a
 * fresh page, a page of a file, copy a shared one, or refuse.
 */
#pragma once

#include <arch/pgtable.h>
#include <mm/vma.h>

struct pt_regs;

/* What the fault wants, and how far it may go. */
#define FAULT_WRITE	0x01u
#define FAULT_EXEC	0x02u
#define FAULT_USER	0x04u	/* came from user mode */
#define FAULT_REMOTE	0x08u	/* on behalf of another task's request */
#define FAULT_FORCE	0x10u	/* write in spite of VM_WRITE missing */
#define FAULT_VMA_LOCK	0x20u	/* the area's lock is held, not mmap_lock */

/* One fault on its way; on the stack of who handles it. */
struct vm_fault {
	struct vma		*vma;
	unsigned long		address;	/* of the page */
	unsigned long		index;		/* page in the file */
	unsigned int		flags;		/* FAULT_* */
	pmd_t			*pmd;		/* entry of the table below */
	pte_t			*pte;		/* with ptl held, or NULL */
	pte_t			orig_pte;	/* what was seen first */
	struct spinlock		*ptl;
	struct page		*page;		/* result of ops->fault */
	struct page		*cow_page;	/* private write: the copy */
};

/* Error code bits of the trap, as the CPU gives them. [SDM3 4.7] */
#define PF_ERROR_PROT	0x01u	/* the entry was present */
#define PF_ERROR_WRITE	0x02u
#define PF_ERROR_USER	0x04u
#define PF_ERROR_RSVD	0x08u	/* reserved bit in an entry: corruption */
#define PF_ERROR_INSTR	0x10u	/* instruction fetch */

/*
 * The trap handler's call, with interrupts as they were at the fault (on, for
 * user mode). 0: dealt with (page, signal or fix-up). Nonzero: a kernel fault
 * that nothing explains; the caller prints an oops.
 */
int handle_page_fault(struct pt_regs *regs, unsigned long addr,
		      unsigned int error);

/*
 * Make @address accessible in @vma. Locking: the area's read lock or
 * mmap_lock, as @flags say. Return: VM_FAULT_*, 0 for success.
 */
vm_fault_t fault_in_page(struct vma *vma, unsigned long address,
			 unsigned int flags);

/*
 * The page behind a user address of @mm, faulted in if need be, with a
 * reference. Locking: mmap_lock held for reading. ERR_PTR(-EFAULT, -ENOMEM).
 */
struct page *get_user_page(struct mm *mm, unsigned long addr,
			   unsigned int flags, struct vma **vma);

/* Faults handled, for /proc/vmstat. */
unsigned long fault_count_total(void);
