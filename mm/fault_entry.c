/*
 * From the trap to the page: who faulted, in which area, and what to say if it
 * was in none.
 *
 * The usual way takes one lock, the area's own, for reading (mm/vma_lock.c).
 * If the area is not found that way, is being changed, or does not allow the
 * access, the question is asked again under mmap_lock, whose answer counts:
 * a page, a stack that grows, or a signal.
 *
 * The kernel faults too, on user memory, in the copy routines: those have an
 * entry in the exception table, and without one the fault is a bug, which we
 * must not paper over by sleeping on locks the kernel may hold. A fault while
 * preemption is off is never served.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/ptrace.h>
#include <arch/smp.h>
#include <arch/traps.h>
#include <keel/err.h>
#include <kernel/extable.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/oom.h>
#include <uapi/signal.h>

#include "internal.h"

/* Why an access cannot be; what the signal will say. */
enum bad_access { ACCESS_FINE, ACCESS_UNMAPPED, ACCESS_DENIED };

static DEFINE_PER_CPU(unsigned long, fault_count);

/* May @vma be accessed as the fault wants? */
static inline bool access_allowed(const struct vma *vma, unsigned int flags)
{
	if (flags & FAULT_WRITE)
		return vma->flags & VM_WRITE;
	if (flags & FAULT_EXEC)
		return vma->flags & VM_EXEC;
	return vma->flags & (VM_READ | VM_WRITE | VM_EXEC);
}

static inline void count_fault(vm_fault_t ret)
{
	if (unlikely(ret & VM_FAULT_MAJOR))
		current->maj_flt++;
	else
		current->min_flt++;
	this_cpu_inc(fault_count);
}

/* Faults since boot. Context: any. */
unsigned long fault_count_total(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(fault_count, cpu));
	return sum;
}

/* A signal for a fault of user mode. */
static void fault_signal(unsigned long addr, unsigned int error, int sig,
			 int code)
{
	arch_remember_fault(addr, error);
	force_sig_fault(sig, code, (void __user *)addr);
}

/* A signal for user mode; for the kernel, the exception table. */
static int bad_area(struct pt_regs *regs, unsigned long addr,
		    unsigned int error, enum bad_access why)
{
	if (!user_mode(regs))
		return -EFAULT;
	fault_signal(addr, error, SIGSEGV,
		     why == ACCESS_DENIED ? SEGV_ACCERR : SEGV_MAPERR);
	return 0;
}

/*
 * What becomes of a fault that was not simply dealt with. Return: 0 to go back
 * to the instruction (perhaps with a signal), -EFAULT for a kernel access
 * that cannot be.
 */
static int fault_failed(struct pt_regs *regs, unsigned long addr,
			unsigned int error, vm_fault_t ret)
{
	if (fatal_signal_pending(current))
		return user_mode(regs) ? 0 : -EFAULT;
	if (ret & VM_FAULT_OOM) {
		out_of_memory();
		return 0;
	}
	if (ret & VM_FAULT_RETRY)
		return 0;
	if (!user_mode(regs))
		return -EFAULT;
	if (ret & VM_FAULT_SIGBUS)
		fault_signal(addr, error, SIGBUS, BUS_ADRERR);
	else
		fault_signal(addr, error, SIGSEGV, SEGV_MAPERR);
	return 0;
}

/* @addr lies below a stack: let it grow. mmap_lock is held for reading. */
static enum bad_access __no_lock_check
try_grow_stack(struct mm *mm, unsigned long addr)
{
	struct vma *vma;
	enum bad_access why = ACCESS_FINE;

	/* Readers cannot become writers: somebody may come in between. */
	mmap_read_unlock(mm);
	mmap_write_lock(mm);
	vma = find_vma(mm, addr);
	if (!vma || (vma->start > addr && (!(vma->flags & VM_GROWSDOWN) ||
					   expand_stack(vma, addr))))
		why = ACCESS_UNMAPPED;
	downgrade_write(&mm->mmap_lock);
	return why;
}

/* The long way, under mmap_lock. Return: as handle_page_fault(). */
static noinline int fault_with_mmap_lock(struct pt_regs *regs, struct mm *mm,
					 unsigned long addr,
					 unsigned int error,
					 unsigned int flags)
{
	enum bad_access why = ACCESS_FINE;
	vm_fault_t ret = 0;
	struct vma *vma;

	if (!user_mode(regs) && !extable_lookup(regs->ip))
		return -EFAULT;
	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (!vma)
		why = ACCESS_UNMAPPED;
	else if (vma->start > addr) {
		why = vma->flags & VM_GROWSDOWN ? try_grow_stack(mm, addr) :
						  ACCESS_UNMAPPED;
		vma = find_vma(mm, addr);
	}
	if (why == ACCESS_FINE && !access_allowed(vma, flags))
		why = ACCESS_DENIED;
	if (why == ACCESS_FINE)
		ret = fault_in_page(vma, addr & PAGE_MASK, flags);
	mmap_read_unlock(mm);

	if (why != ACCESS_FINE)
		return bad_area(regs, addr, error, why);
	count_fault(ret);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_RETRY))
		return fault_failed(regs, addr, error, ret);
	return 0;
}

/* Can a fault of the kernel be served at all? */
static bool kernel_may_fault(struct pt_regs *regs, struct mm *mm,
			     unsigned int error)
{
	if (!mm || in_atomic() || irqs_disabled())
		return false;
	/* SMAP: the access was not one of those that may. */
	return !(cpu_has(CPU_FEATURE_SMAP) && (error & PF_ERROR_PROT) &&
		 !(regs->flags & X86_EFLAGS_AC));
}

/*
 * Deal with a page fault at @addr; @error has the CPU's PF_ERROR_* bits.
 * Context: the faulting task, interrupts as they were at the fault; may sleep.
 * Return: 0, dealt with (a page, a signal, or simply try again); -EFAULT: a
 * fault of the kernel that only the exception table can explain.
 */
int handle_page_fault(struct pt_regs *regs, unsigned long addr,
		      unsigned int error)
{
	struct mm *mm = current->mm;
	unsigned int flags = 0;
	struct vma *vma;

	if (unlikely(error & PF_ERROR_RSVD))
		return -EFAULT;
	if (unlikely(addr >= TASK_SIZE))
		return bad_area(regs, addr, error, ACCESS_UNMAPPED);
	if (likely(user_mode(regs)))
		flags |= FAULT_USER;
	else if (!kernel_may_fault(regs, mm, error))
		return -EFAULT;
	if (error & PF_ERROR_WRITE)
		flags |= FAULT_WRITE;
	if (error & PF_ERROR_INSTR)
		flags |= FAULT_EXEC;

	vma = vma_lock_read_rcu(mm, addr);
	if (likely(vma)) {
		bool allowed = access_allowed(vma, flags);
		vm_fault_t ret = 0;

		if (likely(allowed))
			ret = fault_in_page(vma, addr & PAGE_MASK,
					    flags | FAULT_VMA_LOCK);
		vma_unlock_read(vma);
		if (likely(allowed &&
			   !(ret & (VM_FAULT_ERROR | VM_FAULT_RETRY)))) {
			count_fault(ret);
			return 0;
		}
		if (allowed && !(ret & VM_FAULT_RETRY))
			return fault_failed(regs, addr, error, ret);
	}
	return fault_with_mmap_lock(regs, mm, addr, error, flags);
}
