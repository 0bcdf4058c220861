/*
 * Exceptions: whose fault it was decides what happens.
 *
 * From ring 3 an exception becomes a signal, with the si_code Linux gives it;
 * the program may handle it or die, the kernel is not concerned. From ring 0 it
 * is either expected - the instruction is in the exception table and goes on at
 * its fix-up - or a bug, which oops.c reports. Page faults are the one kind
 * that is business as usual, and belong to mm/fault.c.
 *
 * Handlers are entered with interrupts off (all gates are interrupt gates) and
 * turn them on as soon as they have read what another exception could
 * overwrite, if they were on before.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <arch/traps.h>
#include <kernel/extable.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <mm/fault.h>
#include <mm/vmalloc.h>

#include "debug_regs.h"
#include "fpu_internal.h"
#include "internal.h"
#include "text_patch.h"

#define LOG_PREFIX ""

#define DR6_TRAP_BITS	0x000f
#define DR6_STEP	BIT(14)
#define DR6_RESERVED	0xffff0ff0	/* what it reads as when idle */

/* One kind of exception that is nothing but a signal. */
struct trap_info {
	const char	*name;
	uint8_t		sig;
	uint8_t		code;		/* 0: SI_KERNEL, no address */
};

static const struct trap_info trap_infos[32] = {
	[0] = { "divide error", SIGFPE, FPE_INTDIV },
	[3] = { "int3", SIGTRAP, 0 },
	[4] = { "overflow", SIGSEGV, 0 },
	[5] = { "bounds", SIGSEGV, 0 },
	[6] = { "invalid opcode", SIGILL, ILL_ILLOPN },
	[7] = { "device not available", SIGSEGV, 0 },
	[9] = { "coprocessor segment overrun", SIGFPE, 0 },
	[10] = { "invalid TSS", SIGSEGV, 0 },
	[11] = { "segment not present", SIGBUS, 0 },
	[12] = { "stack segment", SIGBUS, 0 },
	[13] = { "general protection fault", SIGSEGV, 0 },
	[16] = { "x87 exception", SIGFPE, 0 },
	[17] = { "alignment check", SIGBUS, BUS_ADRALN },
	[19] = { "SIMD exception", SIGFPE, 0 },
	[21] = { "control protection fault", SIGSEGV, 0 },
};

static void restore_irqs(const struct pt_regs *regs)
{
	if (regs->flags & X86_EFLAGS_IF)
		local_irq_enable();
}

/* For sigcontext: what current was last sent a signal for. Any context. */
void remember_trap(unsigned int vector, unsigned long error)
{
	current->thread.trap_nr = vector;
	current->thread.error_code = error;
}

/*
 * See <arch/traps.h>. What the kernel has mapped is nobody's business: in its
 * half every page seems to be there, and to be forbidden. Context: process.
 */
void arch_remember_fault(unsigned long addr, unsigned int error)
{
	if (addr >= TASK_SIZE)
		error |= PF_ERR_PRESENT;
	current->thread.cr2 = addr;
	remember_trap(14, error | PF_ERR_USER);
}

static void send_trap_signal(unsigned int vector, unsigned long error, int sig,
			     int code, unsigned long addr)
{
	remember_trap(vector, error);
	if (code)
		force_sig_fault(sig, code, (void __user *)addr);
	else
		force_sig(sig);
}

/* In ring 0: go on at the fix-up, or die. */
static void kernel_trap(struct pt_regs *regs, const char *name,
			unsigned long error)
{
	unsigned long fixup = extable_lookup(regs->ip);

	if (!fixup)
		die(name, regs, error);
	regs->ip = fixup;
}

static void simple_trap(struct pt_regs *regs, unsigned int vector,
			unsigned long error)
{
	const struct trap_info *info = &trap_infos[vector];
	const char *name = info->name ? info->name : "unknown exception";

	if (!user_mode(regs)) {
		kernel_trap(regs, name, error);
		return;
	}
	restore_irqs(regs);
	send_trap_signal(vector, error, info->name ? info->sig : SIGSEGV,
			 info->code, vector == 17 ? 0 : regs->ip);
}

#define DEFINE_SIMPLE_TRAP(vector) \
static void trap_##vector(struct pt_regs *regs, unsigned long error) \
{ \
	simple_trap(regs, vector, error); \
}

DEFINE_SIMPLE_TRAP(0)
DEFINE_SIMPLE_TRAP(4)
DEFINE_SIMPLE_TRAP(5)
DEFINE_SIMPLE_TRAP(6)
DEFINE_SIMPLE_TRAP(7)
DEFINE_SIMPLE_TRAP(9)
DEFINE_SIMPLE_TRAP(10)
DEFINE_SIMPLE_TRAP(11)
DEFINE_SIMPLE_TRAP(12)
DEFINE_SIMPLE_TRAP(17)
DEFINE_SIMPLE_TRAP(21)

/* Ring 3 may not do that; but what UMIP forbids is done in its stead. */
static void trap_protection(struct pt_regs *regs, unsigned long error)
{
	if (user_mode(regs) && !error && cpu_has(CPU_FEATURE_UMIP)) {
		restore_irqs(regs);
		if (umip_emulate(regs))
			return;
	}
	simple_trap(regs, 13, error);
}

static void trap_unknown(struct pt_regs *regs, unsigned long error)
{
	simple_trap(regs, 31, error);
}

static void trap_breakpoint(struct pt_regs *regs, unsigned long error)
{
	if (!user_mode(regs)) {
		if (!text_patch_handle_int3(regs))
			die("int3", regs, error);
		return;
	}
	restore_irqs(regs);
	send_trap_signal(3, 0, SIGTRAP, 0, 0);
}

static void trap_math(struct pt_regs *regs, unsigned int vector,
		      unsigned long error)
{
	if (!user_mode(regs)) {
		kernel_trap(regs, trap_infos[vector].name, error);
		return;
	}
	restore_irqs(regs);
	send_trap_signal(vector, 0, SIGFPE,
			 fpu_exception_code(vector == 19), regs->ip);
}

static void trap_x87(struct pt_regs *regs, unsigned long error)
{
	trap_math(regs, 16, error);
}

static void trap_simd(struct pt_regs *regs, unsigned long error)
{
	trap_math(regs, 19, error);
}

/*
 * Did the CPU itself access user memory with ring 0's rights, on behalf of an
 * instruction of ring 3? It reads descriptors that way, but every table there
 * is lies in the kernel (there is no LDT). QEMU though pops the frame of a far
 * return so, and SMAP then forbids what no page-table change can allow.
 */
static bool is_implicit_smap_violation(unsigned long addr,
				       unsigned long error)
{
	return addr < TASK_SIZE && cpu_has(CPU_FEATURE_SMAP) &&
	       (error & (PF_ERR_PRESENT | PF_ERR_USER)) == PF_ERR_PRESENT;
}

/*
 * cr2 is read before anything else can fault. A fault with interrupts off or
 * without an address space cannot be served; mm says so, and then only the
 * exception table can help.
 */
static void trap_page_fault(struct pt_regs *regs, unsigned long error)
{
	unsigned long addr = read_cr2();

	if (user_mode(regs)) {
		local_irq_enable();
		if (unlikely(!(error & PF_ERR_USER)) &&
		    is_implicit_smap_violation(addr, error)) {
			arch_remember_fault(addr, error);
			force_sig_fault(SIGSEGV, SEGV_ACCERR,
					(void __user *)addr);
			return;
		}
	} else {
		restore_irqs(regs);
	}
	if (unlikely(handle_page_fault(regs, addr, error)))
		kernel_fault(regs, addr, error);
}

/*
 * The last resort for a page fault in ring 0.
 *
 * Context: any, in the exception. Does not return if there is no fix-up.
 */
void kernel_fault(struct pt_regs *regs, unsigned long addr,
		  unsigned int error_code)
{
	unsigned long fixup = extable_lookup(regs->ip);

	if (!user_mode(regs) && fixup) {
		regs->ip = fixup;
		return;
	}
	oops_page_fault(regs, addr, error_code);
}

/*
 * An iretq to ring 3 faulted: the frame it was given is impossible (a
 * non-canonical rip from a signal frame, say). The CPU reports the fault in
 * ring 0, at the iretq; the program is to blame, so it is presented as if its
 * own first instruction had faulted.
 *
 * @bad has the program's general registers; the impossible frame is where its
 * stack pointer points, at the top of this same stack, partly overlapping it.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *bad)
{
	struct pt_regs *regs = current_pt_regs();
	const unsigned long *frame = (const unsigned long *)bad->sp;
	struct pt_regs copy = *bad;

	copy.ip = frame[0];
	copy.cs = frame[1];
	copy.flags = frame[2];
	copy.sp = frame[3];
	copy.ss = frame[4];
	*regs = copy;
	return regs;
}

/*
 * Debug exceptions: single steps and hardware breakpoints.
 *
 * Context: IST stack if from ring 0, the task's stack if from ring 3.
 */
void trap_debug(struct pt_regs *regs, unsigned long error __unused)
{
	unsigned long dr6 = read_dr6() ^ DR6_RESERVED;

	write_dr6(DR6_RESERVED);
	if (user_mode(regs)) {
		debug_regs_hit(regs, dr6);
		local_irq_enable();
		send_trap_signal(1, 0, SIGTRAP, dr6 & DR6_STEP ? TRAP_TRACE :
				 dr6 & DR6_TRAP_BITS ? TRAP_HWBKPT : TRAP_BRKPT,
				 regs->ip);
		return;
	}
	/*
	 * The kernel touched what a program watches, which is not the
	 * program's doing. Nor does anything single-step the kernel: that
	 * would be a trap flag that slipped in.
	 */
	if (dr6 & DR6_STEP)
		regs->flags &= ~X86_EFLAGS_TF;
}

/*
 * Somebody pressed the button, or a CPU that does not listen to ordinary
 * interrupts must stop. The former gets to see what this CPU is doing.
 */
void trap_nmi(struct pt_regs *regs, unsigned long error __unused)
{
	if (READ_ONCE(panic_cpu) && !in_panic())
		smp_stop_this_cpu();
	preempt_count_add(NMI_OFFSET);
	this_cpu_inc(local_irq_counts[LOCAL_IRQ_NMI]);
	show_where("NMI: ");
	show_regs(regs);
	show_task_stack(current, regs);
	preempt_count_sub(NMI_OFFSET);
}

#define MSR_MCG_CAP		0x179
#define MSR_MCG_STATUS		0x17a
#define MSR_MC_STATUS(bank)	(0x401 + 4 * (bank))
#define MCI_STATUS_VALID	BIT(63)

/* The hardware is broken; say what it knows about that. [SDM3 15.3] */
void trap_machine_check(struct pt_regs *regs, unsigned long error __unused)
{
	unsigned int nr_banks = 0;

	preempt_count_add(NMI_OFFSET);
	if (cpu_has(CPU_FEATURE_MCA))
		nr_banks = rdmsr(MSR_MCG_CAP) & 0xff;
	for (unsigned int bank = 0; bank < nr_banks; bank++) {
		uint64_t status = rdmsr(MSR_MC_STATUS(bank));

		if (status & MCI_STATUS_VALID)
			pr_emerg("machine check: bank %u status %016llx", bank,
				 (unsigned long long)status);
	}
	show_regs(regs);
	panic("machine check exception, MCG status %llx",
	      (unsigned long long)(nr_banks ? rdmsr(MSR_MCG_STATUS) : 0));
}

/*
 * An exception could not be delivered. Nearly always the kernel stack has run
 * into its guard page: the page fault had no stack to be reported on. cr2
 * still tells.
 */
void trap_double_fault(struct pt_regs *regs, unsigned long error)
{
	unsigned long addr = read_cr2();

	preempt_count_add(NMI_OFFSET);
	if (kernel_stack_guard_hit(addr) || kernel_stack_guard_hit(regs->sp))
		oops_report("kernel stack overflow (guard page hit)", regs,
			    error);
	else
		oops_report("double fault", regs, error);
	panic("double fault, last fault address %016lx", addr);
}

/* By vector; those with a stack of their own have an entry of their own. */
const trap_handler_fn trap_handlers[32] = {
	[0] = trap_0,
	[1] = trap_unknown,
	[2] = trap_unknown,
	[3] = trap_breakpoint,
	[4] = trap_4,
	[5] = trap_5,
	[6] = trap_6,
	[7] = trap_7,
	[8] = trap_unknown,
	[9] = trap_9,
	[10] = trap_10,
	[11] = trap_11,
	[12] = trap_12,
	[13] = trap_protection,
	[14] = trap_page_fault,
	[15] = trap_unknown,
	[16] = trap_x87,
	[17] = trap_17,
	[18] = trap_unknown,
	[19] = trap_simd,
	[20] = trap_unknown,
	[21] = trap_21,
	[22 ... 31] = trap_unknown,
};
