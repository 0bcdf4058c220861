/*
 * The oops: what is printed when the kernel itself goes wrong, and what dies.
 *
 * The report is meant to be read by somebody who has never seen one: first
 * what happened and, where it can be guessed, why; then where (task, symbol
 * and offset), the registers, the bytes at the instruction pointer, and the
 * chain of calls. Afterwards only the task that ran is killed, provided it
 * holds nothing others wait for: in an interrupt, with a spinlock held, in the
 * idle task or in init there is nothing to go back to, and the kernel panics.
 */
#include <arch/current.h>
#include <arch/stacktrace.h>
#include <arch/traps.h>
#include <arch/uaccess.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <lib/printf.h>
#include <mm/vmalloc.h>

#include "internal.h"

#define LOG_PREFIX ""

#define CODE_BYTES_BEFORE	16
#define CODE_BYTES		32

static unsigned int oops_count;

/* The bytes around ip; the one it points at in <>. */
static void show_code(unsigned long ip)
{
	char line[CODE_BYTES * 3 + 4];
	size_t len = 0;

	for (int i = -CODE_BYTES_BEFORE; i < CODE_BYTES_BEFORE; i++) {
		uint8_t byte;
		bool ok = copy_from_kernel_nofault(&byte, (void *)(ip + i), 1);

		len += ok ? snprintf(line + len, sizeof(line) - len,
				     i == 0 ? "<%02x> " : "%02x ", byte)
			  : snprintf(line + len, sizeof(line) - len, "?? ");
	}
	pr_emerg("Code: %s", line);
}

/* Context: any, NMI included. */
void show_regs(const struct pt_regs *regs)
{
	if (user_mode(regs))
		pr_emerg("RIP: %04lx:%016lx", regs->cs, regs->ip);
	else
		pr_emerg("RIP: %04lx:%pS", regs->cs, (void *)regs->ip);
	pr_emerg("RSP: %04lx:%016lx EFLAGS: %08lx ORIG_RAX: %016lx", regs->ss,
		 regs->sp, regs->flags, regs->orig_ax);
	pr_emerg("RAX: %016lx RBX: %016lx RCX: %016lx", regs->ax, regs->bx,
		 regs->cx);
	pr_emerg("RDX: %016lx RSI: %016lx RDI: %016lx", regs->dx, regs->si,
		 regs->di);
	pr_emerg("RBP: %016lx R08: %016lx R09: %016lx", regs->bp, regs->r8,
		 regs->r9);
	pr_emerg("R10: %016lx R11: %016lx R12: %016lx", regs->r10, regs->r11,
		 regs->r12);
	pr_emerg("R13: %016lx R14: %016lx R15: %016lx", regs->r13, regs->r14,
		 regs->r15);
	pr_emerg("CR2: %016lx CR3: %016lx CR4: %016lx", read_cr2(), read_cr3(),
		 read_cr4());
	if (!user_mode(regs))
		show_code(regs->ip);
}

void oops_report(const char *what, struct pt_regs *regs,
		 unsigned long error_code)
{
	unsigned int nr = __atomic_add_fetch(&oops_count, 1, __ATOMIC_RELAXED);

	add_taint(TAINT_OOPS);
	pr_emerg("Oops: %s, error code %04lx [#%u]", what, error_code, nr);
	show_where("");
	show_regs(regs);
	show_task_stack(current, regs);
}

/* The task cannot go on; can the kernel? */
static __noreturn void end_task(struct pt_regs *regs)
{
	if (in_interrupt())
		panic("oops in an interrupt");
	if (in_atomic() || !(regs->flags & X86_EFLAGS_IF))
		panic("oops with a spinlock held or interrupts off");
	if (current->pid == 0 || current == init_process)
		panic("oops in %s", current->pid ? "init" : "the idle task");
	if (panic_on_oops)
		panic("panic_on_oops is set");
	local_irq_enable();
	do_exit(SIGSEGV);
}

void die(const char *what, struct pt_regs *regs, unsigned long error_code)
{
	oops_report(what, regs, error_code);
	end_task(regs);
}

static bool is_canonical(unsigned long addr)
{
	return (long)(addr << 16) >> 16 == (long)addr;
}

/* A guess at why, from the address and what was attempted. */
static const char *page_fault_cause(unsigned long addr, unsigned int error)
{
	if (kernel_stack_guard_hit(addr))
		return "kernel stack overflow";
	if (addr < PAGE_SIZE)
		return "NULL pointer dereference";
	if (error & PF_ERR_RESERVED)
		return "damaged page table";
	if (addr < TASK_SIZE) {
		if (error & PF_ERR_INSTR)
			return "jump into user memory";
		return error & PF_ERR_PRESENT ?
		       "user memory touched without copy_from_user() or kin" :
		       "a user-space address where a kernel one was expected";
	}
	if (error & PF_ERR_INSTR)
		return "jump to memory that is not code";
	if (error & PF_ERR_PRESENT)
		return "write to read-only memory";
	if (is_vmalloc_addr((void *)addr))
		return "vmalloc memory that is not mapped: freed, or past it";
	return "wild pointer";
}

void oops_page_fault(struct pt_regs *regs, unsigned long addr,
		     unsigned int error)
{
	pr_emerg("kernel page fault: cannot %s %016lx",
		 error & PF_ERR_INSTR ? "execute" :
		 error & PF_ERR_WRITE ? "write to" : "read from", addr);
	pr_emerg("likely cause: %s", page_fault_cause(addr, error));
	if (!is_canonical(addr))
		pr_emerg("the address is not canonical");
	die("page fault", regs, error);
}
