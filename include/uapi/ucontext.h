/*
 * The third argument of a signal handler, and the frame that carries it.
 *
 * The kernel builds this on the user's stack, lowest address first:
 *
 *	rsp ->	return address = sa_restorer	(the handler returns there)
 *		struct ucontext
 *		struct siginfo
 *		... the FPU state, see <uapi/sigcontext.h>
 *		... 128 bytes the interrupted function may use (red zone)
 *
 * At the handler's first instruction rsp is 8 below a multiple of 16, as
 * after any call. The restorer makes the system call rt_sigreturn(2), which
 * finds the frame 8 bytes below rsp.
 *
 * Source: man 2 sigreturn, man 3 getcontext, [psABI 3.2.2].
 */
#pragma once

#include <uapi/sigcontext.h>
#include <uapi/signal.h>
#include <uapi/types.h>

/* uc_flags. */
#define UC_FP_XSTATE		0x1	/* the FPU state has XSAVE's format */
#define UC_SIGCONTEXT_SS	0x2	/* sigcontext.ss is meaningful */
#define UC_STRICT_RESTORE_SS	0x4	/* and loaded even if it looks odd */

struct ucontext {
	__u64			uc_flags;
	struct ucontext		*uc_link;
	struct sigaltstack	uc_stack;
	struct sigcontext	uc_mcontext;
	__kernel_sigset_t	uc_sigmask;	/* last, so that it can grow */
};

struct rt_sigframe {
	void			*pretcode;
	struct ucontext		uc;
	struct siginfo		info;
};
