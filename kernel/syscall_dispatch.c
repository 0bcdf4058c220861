/*
 * A program that wants to see its own system calls.
 *
 * Who runs programs made for another system (Wine does) must get hold of their
 * system calls, which know nothing of it. A tracer costs two switches a call,
 * a filter cannot emulate anything. So the thread names a byte of its memory:
 * while it says "block", a call made anywhere but in a given range of addresses
 * is not made, and becomes SIGSYS instead. The library flips the byte when it
 * leaves for the foreign code and when it is back, without entering the kernel.
 *
 * Threads without pay nothing: SYSCALL_WORK_DISPATCH is one bit of the word
 * that is tested on each entry anyway. It is no protection: the foreign code
 * can flip the byte, too.
 *
 * Source: Linux's Documentation, "Syscall User Dispatch".
 */
#include <kernel/syscall_dispatch.h>

#include <arch/current.h>
#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <kernel/signal_internal.h>
#include <kernel/task.h>
#include <uapi/audit.h>
#include <uapi/prctl.h>

/* The signal that the program asked for. The call looks as if not begun. */
static void send_sigsys(struct pt_regs *regs)
{
	struct siginfo info = {
		.si_signo = SIGSYS,
		.si_code = SYS_USER_DISPATCH,
	};

	info.si_call_addr = (void *)instruction_pointer(regs);
	info.si_syscall = syscall_get_nr(regs);
	info.si_arch = AUDIT_ARCH_X86_64;
	regs_set_return_value(regs, syscall_get_nr(regs));
	force_sig_info(&info);
}

/* A death that no handler of it changes. */
static void die_of(int sig)
{
	spin_lock_irq(&current->sighand->lock);
	current->sighand->action[sig - 1].handler = SIG_DFL;
	spin_unlock_irq(&current->sighand->lock);
	force_sig(sig);
}

/*
 * Entry, with SYSCALL_WORK_DISPATCH: is @regs' call one that the program gets
 * as a signal? Context: process; may fault. Return: as in the header.
 */
bool syscall_dispatched(struct pt_regs *regs)
{
	const struct syscall_dispatch *d = &current->dispatch;
	uint8_t state;

	if (instruction_pointer(regs) - d->start < d->len)
		return false;
	if (d->selector) {
		if (get_user(state, d->selector)) {
			die_of(SIGSEGV);
			return true;
		}
		if (state == SYSCALL_DISPATCH_FILTER_ALLOW)
			return false;
		if (state != SYSCALL_DISPATCH_FILTER_BLOCK) {
			die_of(SIGSYS);
			return true;
		}
	}
	send_sigsys(regs);
	return true;
}

void syscall_dispatch_end(void)
{
	__atomic_fetch_and(&current->syscall_work, ~SYSCALL_WORK_DISPATCH,
			   __ATOMIC_RELAXED);
}

/*
 * Context: process. Return: 0; -EINVAL (mode, an empty range that is not at 0,
 * one that wraps around), -EFAULT (no user address).
 */
long prctl_set_dispatch(unsigned long mode, unsigned long start,
			unsigned long len, const uint8_t __user *selector)
{
	if (mode == PR_SYS_DISPATCH_OFF) {
		if (start || len || selector)
			return -EINVAL;
		syscall_dispatch_end();
		return 0;
	}
	if (mode != PR_SYS_DISPATCH_ON || (start && start + len <= start))
		return -EINVAL;
	if (selector && !access_ok(selector, sizeof(*selector)))
		return -EFAULT;
	current->dispatch = (struct syscall_dispatch){ selector, start, len };
	__atomic_fetch_or(&current->syscall_work, SYSCALL_WORK_DISPATCH,
			  __ATOMIC_RELAXED);
	return 0;
}
