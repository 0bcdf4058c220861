/*
 * Signal frames: calling a handler that nobody called.
 *
 * The program's registers are written to its own stack in the layout Linux
 * uses, and replaced by those of a call handler(sig, &info, &ucontext) whose
 * return address is the restorer the C library registered. The restorer makes
 * the system call rt_sigreturn, which loads the registers from that place
 * again. Between the two the program may have rewritten every byte, so what
 * comes back decides nothing that matters to the kernel: the ring is 3, of the
 * flags only those a program can set by itself are taken, and an impossible rip
 * or selector fails in ring 3's name (fixup_bad_iret()).
 *
 * The layout is drawn in include/uapi/ucontext.h.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/fpu.h>
#include <arch/signal.h>
#include <arch/uaccess.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <uapi/syscall.h>
#include <uapi/ucontext.h>

#include "fpu_internal.h"

#define RED_ZONE	128	/* below rsp, the program's [psABI 3.2.2] */
#define SYSCALL_INSN_LEN 2

/* The flags rt_sigreturn takes from the frame. */
#define USER_FLAGS \
	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | X86_EFLAGS_TF | \
	 X86_EFLAGS_SF | X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | \
	 X86_EFLAGS_CF | X86_EFLAGS_RF)

/* Registers that have the same name on both sides. */
#define FOR_EACH_REGISTER(op) \
	op(r8, r8) op(r9, r9) op(r10, r10) op(r11, r11) op(r12, r12) \
	op(r13, r13) op(r14, r14) op(r15, r15) op(rdi, di) op(rsi, si) \
	op(rbp, bp) op(rbx, bx) op(rdx, dx) op(rax, ax) op(rcx, cx) \
	op(rsp, sp) op(rip, ip)

/* The least a signal needs of a stack, with room to align it. */
unsigned long arch_signal_frame_size(void)
{
	return sizeof(struct rt_sigframe) + fpu_frame_size() + RED_ZONE + 64 +
	       16;
}

static bool on_altstack(unsigned long sp)
{
	return sp > current->sas_ss_sp &&
	       sp - current->sas_ss_sp <= current->sas_ss_size;
}

/*
 * Where the frame goes. A frame that would leave the alternate stack, or the
 * address space, has no place: 0.
 */
static unsigned long frame_address(const struct ksignal *ksig,
				   unsigned long user_sp, unsigned long *fpu)
{
	unsigned long below = user_sp - RED_ZONE;
	unsigned long sp = sigsp(below, ksig);
	bool alt = sp != below ||
		   (on_altstack(user_sp) &&
		    !(current->sas_ss_flags & SS_AUTODISARM));

	sp = ALIGN_DOWN(sp - fpu_frame_size(), 64);
	*fpu = sp;
	/* After a call rsp is 8 short of a multiple of 16. */
	sp = ALIGN_DOWN(sp - sizeof(struct rt_sigframe), 16) - 8;
	if (alt && !on_altstack(sp))
		return 0;
	return sp < user_sp || alt ? sp : 0;
}

/* Return: 0 or -EFAULT. */
static int put_sigcontext(struct sigcontext __user *sc,
			  const struct pt_regs *regs, sigset_t mask,
			  unsigned long fpu)
{
	const struct arch_thread *t = &current->thread;

	if (!user_access_begin(sc, sizeof(*sc)))
		return -EFAULT;
#define PUT_REGISTER(theirs, ours) \
	unsafe_put_user(regs->ours, &sc->theirs, fault);
	FOR_EACH_REGISTER(PUT_REGISTER)
#undef PUT_REGISTER
	unsafe_put_user(regs->flags, &sc->eflags, fault);
	unsafe_put_user(regs->cs, &sc->cs, fault);
	unsafe_put_user(0, &sc->gs, fault);
	unsafe_put_user(0, &sc->fs, fault);
	unsafe_put_user(regs->ss, &sc->ss, fault);
	unsafe_put_user(t->error_code, &sc->err, fault);
	unsafe_put_user(t->trap_nr, &sc->trapno, fault);
	unsafe_put_user(mask, &sc->oldmask, fault);
	unsafe_put_user(t->cr2, &sc->cr2, fault);
	unsafe_put_user((struct _fpstate *)fpu, &sc->fpstate, fault);
	user_access_end();
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

/* Everything of the frame but the registers. Return: 0 or -EFAULT. */
static int put_frame(struct rt_sigframe __user *frame,
		     const struct ksignal *ksig, sigset_t mask)
{
	uint64_t flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;

	if (fpu_xfeatures)
		flags |= UC_FP_XSTATE;
	if (!user_access_begin(frame, sizeof(*frame)))
		return -EFAULT;
	unsafe_put_user((void *)ksig->ka.restorer, &frame->pretcode, fault);
	unsafe_put_user(flags, &frame->uc.uc_flags, fault);
	unsafe_put_user(NULL, &frame->uc.uc_link, fault);
	unsafe_put_user(mask, &frame->uc.uc_sigmask, fault);
	user_access_end();
	if ((ksig->ka.flags & SA_SIGINFO) &&
	    copy_to_user(&frame->info, &ksig->info, sizeof(frame->info)))
		return -EFAULT;
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

/*
 * See <arch/signal.h>. Context: process, on the way to user mode, may sleep.
 * @regs is changed only if all of the frame could be written.
 */
int arch_setup_signal_frame(struct ksignal *ksig,
			    const __kernel_sigset_t *mask,
			    struct pt_regs *regs)
{
	struct rt_sigframe __user *frame;
	unsigned long fpu, sp;

	if (!(ksig->ka.flags & SA_RESTORER))
		return -EFAULT;
	sp = frame_address(ksig, regs->sp, &fpu);
	frame = (struct rt_sigframe __user *)sp;
	if (!sp || !access_ok(frame, sizeof(*frame)))
		return -EFAULT;
	if (put_frame(frame, ksig, *mask) ||
	    put_sigcontext(&frame->uc.uc_mcontext, regs, *mask, fpu) ||
	    save_altstack(&frame->uc.uc_stack) ||
	    fpu_to_user_frame((void __user *)fpu))
		return -EFAULT;

	regs->di = ksig->sig;
	regs->si = (unsigned long)&frame->info;
	regs->dx = (unsigned long)&frame->uc;
	regs->ax = 0;			/* for variadic handlers */
	regs->ip = (unsigned long)ksig->ka.handler;
	regs->sp = sp;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	regs->orig_ax = -1UL;		/* the call has been dealt with */
	return 0;
}

/* Execute the `syscall` instruction again, with number @nr. */
static void rewind(struct pt_regs *regs, unsigned long nr)
{
	regs->ax = nr;
	regs->ip -= SYSCALL_INSN_LEN;
}

/* See <arch/signal.h>. Context: process, on the way to user mode. */
void arch_restart_syscall(struct pt_regs *regs,
			  const struct kernel_sigaction *sa)
{
	if (syscall_get_nr(regs) == -1)
		return;		/* not a system call, or done already */
	switch ((long)regs->ax) {
	case -ERESTARTNOHAND:
		if (sa)
			regs->ax = -EINTR;
		else
			rewind(regs, regs->orig_ax);
		break;
	case -ERESTART_RESTARTBLOCK:
		if (sa)
			regs->ax = -EINTR;
		else
			rewind(regs, __NR_restart_syscall);
		break;
	case -ERESTARTSYS:
		if (sa && !(sa->flags & SA_RESTART))
			regs->ax = -EINTR;
		else
			rewind(regs, regs->orig_ax);
		break;
	case -ERESTARTNOINTR:
		rewind(regs, regs->orig_ax);
		break;
	}
}

/*
 * The segments the program wants, but always of ring 3. If they are none,
 * iretq will say so; 32-bit code is among these, there being no such segment.
 * A program from when frames had no ss may have rubbish there; what it means
 * is a stack.
 */
static void set_segments(struct pt_regs *regs, uint16_t cs, uint16_t ss,
			 uint64_t uc_flags)
{
	regs->cs = cs | 3;
	regs->ss = ss | 3;
	if (!(uc_flags & UC_STRICT_RESTORE_SS) && regs->cs == USER_CS)
		regs->ss = USER_DS;
}

/* Return: 0 or -EFAULT; *regs is written only as a whole. */
static int get_sigcontext(const struct sigcontext __user *sc,
			  uint64_t uc_flags, struct pt_regs *regs,
			  void __user **fpu)
{
	struct pt_regs new = *regs;
	struct _fpstate *fpstate;
	unsigned long flags;
	uint16_t cs, ss;

	/*
	 * Where to may be in front of a restart_syscall(2). Its note is old by
	 * now: the handler may have slept itself.
	 */
	current->restart_block.fn = NULL;
	if (!user_access_begin(sc, sizeof(*sc)))
		return -EFAULT;
#define GET_REGISTER(theirs, ours) \
	unsafe_get_user(new.ours, &sc->theirs, fault);
	FOR_EACH_REGISTER(GET_REGISTER)
#undef GET_REGISTER
	unsafe_get_user(flags, &sc->eflags, fault);
	unsafe_get_user(cs, &sc->cs, fault);
	unsafe_get_user(ss, &sc->ss, fault);
	unsafe_get_user(fpstate, &sc->fpstate, fault);
	user_access_end();
	new.flags = (regs->flags & ~USER_FLAGS) | (flags & USER_FLAGS);
	set_segments(&new, cs, ss, uc_flags);
	new.orig_ax = -1UL;
	*regs = new;
	*fpu = (void __user *)fpstate;
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

/*
 * rt_sigreturn(2): go on where the signal struck. Its "result" is the rax of
 * back then. A bad frame ends in SIGSEGV.
 */
SYSCALL_DEFINE_REGS(rt_sigreturn)
{
	const struct rt_sigframe __user *frame =
		(const struct rt_sigframe __user *)(regs->sp - 8);
	struct pt_regs *user = current_pt_regs();
	void __user *fpu;
	uint64_t uc_flags;
	sigset_t mask;

	task_set_work(current, TIF_IRET);
	if (get_user(mask, &frame->uc.uc_sigmask) ||
	    get_user(uc_flags, &frame->uc.uc_flags))
		goto bad_frame;
	set_current_blocked(mask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP)));
	if (get_sigcontext(&frame->uc.uc_mcontext, uc_flags, user, &fpu) ||
	    fpu_from_user_frame(fpu) ||
	    restore_altstack(&frame->uc.uc_stack))
		goto bad_frame;
	return user->ax;

bad_frame:
	force_sig(SIGSEGV);
	return 0;
}
