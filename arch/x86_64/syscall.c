/*
 * Setting up `syscall`, deciding about sysret, and arch_prctl(2).
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/page.h>
#include <arch/preempt.h>
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/prctl.h>

#include "fpu_internal.h"
#include "internal.h"

/*
 * Flags that `syscall` clears on the way in: interrupts off until there is a
 * stack; no single step through the kernel (TF); strings run forward, as C
 * expects (DF); no access to user pages (AC); no nested-task return (NT).
 */
#define SYSCALL_FLAGS_CLEARED \
	(X86_EFLAGS_IF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_AC | \
	 X86_EFLAGS_NT)

/*
 * STAR holds the selector SYSCALL loads into cs (ss: the next one), and the
 * one from which SYSRET counts: cs is 16 above it, ss 8 [SDM2 SYSRET].
 *
 * Context: every CPU, once.
 */
void syscall_init_this_cpu(void)
{
	wrmsr(MSR_STAR, (uint64_t)USER32_CS << 48 | (uint64_t)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (uintptr_t)syscall_entry);
	wrmsr(MSR_SFMASK, SYSCALL_FLAGS_CLEARED);
}

/*
 * May sysret be used? It puts rcx into rip and r11 into rflags, loads fixed
 * selectors, cannot set RF, and with TF traps before the program's next
 * instruction instead of after it. A non-canonical rip makes it fault on
 * Intel in ring 0, but with the user's stack pointer: so the address must lie
 * in the user half, which is stricter than canonical.
 *
 * Context: any; pure.
 */
bool sysret_is_safe(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       regs->ip < TASK_SIZE && regs->cs == USER_CS &&
	       regs->ss == USER_DS &&
	       !(regs->flags & (X86_EFLAGS_TF | X86_EFLAGS_RF));
}

static long set_base(unsigned long *field, unsigned long base)
{
	if (base >= TASK_SIZE)
		return -EPERM;
	preempt_disable();
	*field = base;
	if (field == &current->thread.fsbase)
		wrmsr(MSR_FS_BASE, base);
	else
		wrmsr(MSR_KERNEL_GS_BASE, base);
	preempt_enable();
	return 0;
}

/*
 * The base of fs or gs, current's. Programs set them without us where the CPU
 * has the instructions. Context: process.
 */
unsigned long user_segment_base(unsigned int msr)
{
	unsigned long base;

	preempt_disable();
	base = rdmsr(msr);
	preempt_enable();
	return base;
}

/* Features of the FPU that have to be asked for: we have none of these. */
static int request_xfeature(unsigned long nr)
{
	return nr <= XFEATURE_MAX ? -EOPNOTSUPP : -EINVAL;
}

/*
 * Without XSAVE there are two that are always there, and no permissions.
 * Virtual machines may use what programs may.
 */
static int get_xfeatures(int option, uint64_t __user *to)
{
	uint64_t features = fpu_xfeatures;

	if (option == ARCH_GET_XCOMP_SUPP)
		features |= XFEATURES_LEGACY;
	return put_user(features, to);
}

/*
 * Return: 0 (ARCH_GET_CPUID: 1), -EPERM (a kernel address), -EFAULT (@arg),
 * -EINVAL (@option), -ENODEV (no CPU we know can forbid cpuid), -EOPNOTSUPP.
 */
SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg)
{
	switch (option) {
	case ARCH_SET_FS:
		return set_base(&current->thread.fsbase, arg);
	case ARCH_SET_GS:
		return set_base(&current->thread.gsbase, arg);
	case ARCH_GET_FS:
		return put_user(user_segment_base(MSR_FS_BASE),
				(unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(user_segment_base(MSR_KERNEL_GS_BASE),
				(unsigned long __user *)arg);
	case ARCH_GET_CPUID:
		return 1;	/* ring 3 may execute it */
	case ARCH_SET_CPUID:
		return -ENODEV;
	case ARCH_GET_XCOMP_SUPP:
	case ARCH_GET_XCOMP_PERM:
	case ARCH_GET_XCOMP_GUEST_PERM:
		return get_xfeatures(option, (uint64_t __user *)arg);
	case ARCH_REQ_XCOMP_PERM:
	case ARCH_REQ_XCOMP_GUEST_PERM:
		return request_xfeature(arg);
	}
	return -EINVAL;
}
