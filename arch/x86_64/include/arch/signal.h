/*
 * Signals, as far as registers and the user's stack are concerned.
 *
 * kernel/signal.c decides which signal is delivered; this makes the handler
 * run: it saves the interrupted registers in a frame on the user's stack
 * (include/uapi/ucontext.h draws it) and points the registers at the handler.
 * rt_sigreturn(2) undoes it.
 */
#pragma once

#include <uapi/types.h>

struct ksignal;
struct kernel_sigaction;
struct pt_regs;

/*
 * Make @regs enter @ksig's handler; @mask is what the handler's return will
 * restore. Return: 0, or -EFAULT: the stack is bad, the caller kills the task
 * with SIGSEGV.
 */
int arch_setup_signal_frame(struct ksignal *ksig,
			    const __kernel_sigset_t *mask,
			    struct pt_regs *regs);

/*
 * If @regs returns from a system call that was cut short (-ERESTART*), decide
 * what the program will see: the call again, or -EINTR. @sa is the action of
 * the handler about to run, NULL if none runs. Call it before
 * arch_setup_signal_frame(), or once when there was nothing to deliver.
 */
void arch_restart_syscall(struct pt_regs *regs,
			  const struct kernel_sigaction *sa);

/* rt_sigreturn(2), in the form of a system-call table entry. */
long sys_rt_sigreturn(const struct pt_regs *regs);
