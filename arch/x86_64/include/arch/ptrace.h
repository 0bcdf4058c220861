/*
 * struct pt_regs: the interrupted context, as entry code pushes it.
 *
 * The order is the one user space knows from ptrace(2), because it is
 * user_regs_struct without its segment tail. Every entry into the kernel -
 * system call, exception, interrupt - builds all of it, so code that looks at
 * registers need not ask how we came here. The last five words are what the
 * CPU pushes itself; orig_ax is the system call's number, or -1.
 */
#pragma once

#include <arch/irqflags.h>

struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
};

/* Selectors; sysret fixes the order of the user ones [SDM2 SYSRET]. */
#define KERNEL_CS	0x10
#define KERNEL_DS	0x18
#define USER32_CS	0x23
#define USER_DS		0x2b
#define USER_CS		0x33
#define TSS_SELECTOR	0x40
/* Of ring 3; Linux's too, since programs may know it. */
#define CPU_NUMBER_SELECTOR	0x7b

#define X86_EFLAGS_CF	0x000001UL
#define X86_EFLAGS_FIXED 0x000002UL
#define X86_EFLAGS_PF	0x000004UL
#define X86_EFLAGS_AF	0x000010UL
#define X86_EFLAGS_ZF	0x000040UL
#define X86_EFLAGS_SF	0x000080UL
#define X86_EFLAGS_TF	0x000100UL
#define X86_EFLAGS_DF	0x000400UL
#define X86_EFLAGS_OF	0x000800UL
#define X86_EFLAGS_IOPL	0x003000UL
#define X86_EFLAGS_NT	0x004000UL
#define X86_EFLAGS_RF	0x010000UL
#define X86_EFLAGS_AC	0x040000UL
#define X86_EFLAGS_ID	0x200000UL

static __always_inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

static inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static inline unsigned long user_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static inline unsigned long regs_return_value(const struct pt_regs *regs)
{
	return regs->ax;
}

static inline void regs_set_return_value(struct pt_regs *regs, long value)
{
	regs->ax = value;
}

/* The system call @regs stopped in, or -1. */
static inline long syscall_get_nr(const struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

/* Its six arguments, in the order of the ABI. */
static inline void syscall_get_args(const struct pt_regs *regs,
				    unsigned long args[6])
{
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}
