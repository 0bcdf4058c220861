/*
 * Exceptions, from the outside: dying of one.
 */
#pragma once

#include <keel/compiler.h>

struct pt_regs;

/*
 * The kernel itself did something impossible. Prints an oops, then kills the
 * current task if it is a plain task in process context without locks, and
 * panics otherwise.
 */
void die(const char *what, struct pt_regs *regs, unsigned long error_code)
	__noreturn __cold;

/* Page-fault error code bits [SDM3 4.7], as handle_page_fault() gets them. */
#define PF_ERR_PRESENT		0x01	/* 0: not present; 1: protection */
#define PF_ERR_WRITE		0x02
#define PF_ERR_USER		0x04
#define PF_ERR_RESERVED		0x08
#define PF_ERR_INSTR		0x10
#define PF_ERR_PKEY		0x20

/*
 * A page fault in kernel mode that nobody could resolve: continue at the
 * fix-up if the instruction has one, else oops. mm/fault.c's last resort.
 */
void kernel_fault(struct pt_regs *regs, unsigned long addr,
		  unsigned int error_code);

/*
 * A signal is about to be sent for current's page fault at @addr in user mode:
 * its context shall tell of it.
 */
void arch_remember_fault(unsigned long addr, unsigned int error);

/* IDT and the handlers behind it. Once; then per CPU. */
void traps_init(void);
/* GDT, TSS with IST stacks, IDT of this CPU. */
void descriptors_init_this_cpu(void);
