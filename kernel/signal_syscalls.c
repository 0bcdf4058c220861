/*
 * The system calls of signals: masks, handlers, sending and waiting.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/string.h>

/* ---- masks ----------------------------------------------------------- */

/*
 * Block exactly @set, as far as that is allowed. Signals that were unblocked
 * are looked for before user mode is entered. Context: process.
 */
void set_current_blocked(sigset_t set)
{
	set &= ~SIG_KERNEL_ONLY_MASK;
	if (set == current->blocked)
		return;
	spin_lock_irq(&current->sighand->lock);
	/* What current was woken for and blocks now, others may take. */
	if (task_sigpending(current) && current->group->nr_threads > 1)
		retarget_shared_pending(set & ~current->blocked);
	current->blocked = set;
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->lock);
}

/*
 * For ppoll(2) and its kin: block *@set until the call is over. The call ends
 * with restore_saved_sigmask_unless().
 * Return: 0, -EINVAL (@size is not the kernel's), -EFAULT. NULL changes none.
 */
int set_user_sigmask(const sigset_t __user *set, size_t size)
{
	sigset_t mask;

	if (!set)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	task_set_work(current, TIF_RESTORE_SIGMASK);
	set_current_blocked(mask);
	return 0;
}

/*
 * Undo set_user_sigmask(), except when a signal @interrupted the call: then
 * its handler must run first, and its return restores the mask.
 */
void restore_saved_sigmask_unless(bool interrupted)
{
	if (interrupted ||
	    !(READ_ONCE(current->flags_work) & TIF_RESTORE_SIGMASK))
		return;
	task_clear_work(current, TIF_RESTORE_SIGMASK);
	set_current_blocked(current->saved_sigmask);
}

SYSCALL_DEFINE4(rt_sigprocmask, int, how, const sigset_t __user *, set,
		sigset_t __user *, old_user, size_t, size)
{
	sigset_t old = current->blocked, new;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			new |= old;
			break;
		case SIG_UNBLOCK:
			new = old & ~new;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		set_current_blocked(new);
	}
	if (old_user && copy_to_user(old_user, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(rt_sigpending, sigset_t __user *, to, size_t, size)
{
	sigset_t set;

	if (size > sizeof(set))
		return -EINVAL;
	spin_lock_irq(&current->sighand->lock);
	set = (current->pending.set | current->group->shared_pending.set) &
	      current->blocked;
	spin_unlock_irq(&current->sighand->lock);
	return copy_to_user(to, &set, size) ? -EFAULT : 0;
}

/* Sleep until a signal came whose handler runs or which ends the process. */
static void sleep_until_signal(void)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
}

SYSCALL_DEFINE2(rt_sigsuspend, const sigset_t __user *, set, size_t, size)
{
	sigset_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	set_current_blocked(mask);
	sleep_until_signal();
	task_set_work(current, TIF_RESTORE_SIGMASK);
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE0(pause)
{
	sleep_until_signal();
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE4(rt_sigtimedwait, const sigset_t __user *, set,
		struct siginfo __user *, info_user,
		const struct timespec __user *, timeout, size_t, size)
{
	int64_t left = WAIT_FOREVER;
	struct timespec ts;
	struct siginfo info;
	sigset_t wanted, blocked;
	int sig;

	if (size != sizeof(wanted))
		return -EINVAL;
	if (copy_from_user(&wanted, set, sizeof(wanted)))
		return -EFAULT;
	if (timeout) {
		if (get_timespec(&ts, timeout))
			return -EFAULT;
		if (!timespec_valid(&ts))
			return -EINVAL;
		left = timespec_to_ns(&ts);
	}
	wanted &= ~SIG_KERNEL_ONLY_MASK;
	spin_lock_irq(&current->sighand->lock);
	sig = dequeue_signal(~wanted, &info);
	if (!sig && left) {
		/* Unblocked for the sleep, or their arrival would not wake. */
		blocked = current->blocked;
		current->blocked &= ~wanted;
		current->waited_for = blocked & wanted;
		recalc_sigpending();
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock_irq(&current->sighand->lock);
		left = wait_sleep(left);
		spin_lock_irq(&current->sighand->lock);
		current->blocked = blocked;
		current->waited_for = 0;
		sig = dequeue_signal(~wanted, &info);
		recalc_sigpending();
	}
	spin_unlock_irq(&current->sighand->lock);
	if (!sig)
		return left > 0 && signal_pending(current) ? -EINTR : -EAGAIN;
	if (info_user && copy_to_user(info_user, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/* ---- handlers -------------------------------------------------------- */

#define SA_KNOWN	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | \
			 SA_ONSTACK | SA_RESTART | SA_NODEFER | \
			 SA_RESETHAND | SA_RESTORER | SA_EXPOSE_TAGBITS)

/* A signal that is ignored from now on does not wait any longer. */
static void drop_if_ignored(int sig)
{
	void *handler = (void *)current->sighand->action[sig - 1].handler;
	struct task *t;

	if (handler != SIG_IGN &&
	    !(handler == SIG_DFL && (sigmask(sig) & SIG_IGNORED_MASK)))
		return;
	RCU_GUARD();
	flush_sigqueue_mask(&current->group->shared_pending, sigmask(sig));
	for_each_thread_rcu(current, t)
		flush_sigqueue_mask(&t->pending, sigmask(sig));
}

SYSCALL_DEFINE4(rt_sigaction, int, sig,
		const struct kernel_sigaction __user *, new_user,
		struct kernel_sigaction __user *, old_user, size_t, size)
{
	struct kernel_sigaction new, old, *action;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (new_user && copy_from_user(&new, new_user, sizeof(new)))
		return -EFAULT;
	if (!sig_valid(sig) ||
	    (new_user && (sigmask(sig) & SIG_KERNEL_ONLY_MASK)))
		return -EINVAL;
	action = &current->sighand->action[sig - 1];
	spin_lock_irq(&current->sighand->lock);
	old = *action;
	if (new_user) {
		new.mask &= ~SIG_KERNEL_ONLY_MASK;
		/* Unknown bits read back as 0: how programs probe for them. */
		new.flags &= SA_KNOWN;
		*action = new;
		drop_if_ignored(sig);
	}
	spin_unlock_irq(&current->sighand->lock);
	if (old_user && copy_to_user(old_user, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

static bool on_altstack(unsigned long sp)
{
	/* An auto-disarmed stack is not in use as far as we know. */
	return !(current->sas_ss_flags & SS_AUTODISARM) &&
	       sp > current->sas_ss_sp &&
	       sp - current->sas_ss_sp <= current->sas_ss_size;
}

static unsigned int altstack_state(unsigned long sp)
{
	if (!current->sas_ss_size)
		return SS_DISABLE;
	return on_altstack(sp) ? SS_ONSTACK : 0;
}

/* Where @ksig's frame begins, given the interrupted stack pointer @sp. */
unsigned long sigsp(unsigned long sp, const struct ksignal *ksig)
{
	if ((ksig->ka.flags & SA_ONSTACK) && altstack_state(sp) == 0)
		return current->sas_ss_sp + current->sas_ss_size;
	return sp;
}

static int set_altstack(const struct sigaltstack *new, unsigned long sp)
{
	unsigned int mode = new->ss_flags & ~SS_FLAG_BITS;

	if (on_altstack(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		current->sas_ss_sp = 0;
		current->sas_ss_size = 0;
	} else {
		if (new->ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		current->sas_ss_sp = (unsigned long)new->ss_sp;
		current->sas_ss_size = new->ss_size;
	}
	current->sas_ss_flags = new->ss_flags;
	return 0;
}

/*
 * For the frame: what was set, in the words of who set it. Whether the program
 * stood on it is not said: restore_altstack() is to set the same again.
 */
int save_altstack(struct sigaltstack __user *uss)
{
	struct sigaltstack old = {};

	old.ss_sp = (void *)current->sas_ss_sp;
	old.ss_size = current->sas_ss_size;
	old.ss_flags = current->sas_ss_flags;
	return copy_to_user(uss, &old, sizeof(old)) ? -EFAULT : 0;
}

/* For rt_sigreturn(2): a damaged stack_t in the frame is simply ignored. */
int restore_altstack(const struct sigaltstack __user *uss)
{
	struct sigaltstack new;

	if (copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	(void)set_altstack(&new, current_pt_regs()->sp);
	return 0;
}

SYSCALL_DEFINE2(sigaltstack, const struct sigaltstack __user *, new_user,
		struct sigaltstack __user *, old_user)
{
	unsigned long sp = current_pt_regs()->sp;
	struct sigaltstack new, old = {};
	int err = 0;

	if (new_user && copy_from_user(&new, new_user, sizeof(new)))
		return -EFAULT;
	old.ss_sp = (void *)current->sas_ss_sp;
	old.ss_size = current->sas_ss_size;
	old.ss_flags = altstack_state(sp) |
		       (current->sas_ss_flags & SS_FLAG_BITS);
	if (new_user)
		err = set_altstack(&new, sp);
	if (!err && old_user && copy_to_user(old_user, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

/* ---- sending --------------------------------------------------------- */

/*
 * Everyone but PID 1 and the caller itself. Those one may not signal do not
 * count, not even if they are all there are.
 */
static int kill_everyone(int sig)
{
	int err = 0, one;
	struct task *task;
	bool alone = true;

	spin_lock_irq(&tasklist_lock);
	rcu_read_lock();
	list_for_each_entry(task, &all_tasks, tasks) {
		if (task->pid <= 1 || same_thread_group(task, current))
			continue;
		one = kill_task(sig, SEND_SIG_NOINFO, task, PIDTYPE_TGID);
		alone = false;
		if (one != -EPERM)
			err = one;
	}
	rcu_read_unlock();
	spin_unlock_irq(&tasklist_lock);
	return alone ? -ESRCH : err;
}

SYSCALL_DEFINE2(kill, pid_t, pid, int, sig)
{
	struct pid *pgrp;
	int err;

	if (pid == -1)
		return kill_everyone(sig);
	if (pid == INT_MIN)
		return -ESRCH;
	if (pid > 0) {
		rcu_read_lock();
		err = kill_pid_info(sig, SEND_SIG_NOINFO, find_pid(pid));
		rcu_read_unlock();
		return err;
	}
	spin_lock_irq(&tasklist_lock);
	pgrp = pid ? find_pid(-pid) : task_pid_of(current, PIDTYPE_PGID);
	err = pgrp ? kill_pgrp_info_locked(sig, SEND_SIG_NOINFO, pgrp) :
		     -ESRCH;
	spin_unlock_irq(&tasklist_lock);
	return err;
}

static int do_tkill(pid_t tgid, pid_t pid, int sig, struct siginfo *info)
{
	struct task *task;

	if (pid <= 0)
		return -EINVAL;
	RCU_GUARD();
	task = find_task_by_pid(pid);
	if (!task || (tgid > 0 && task->tgid != tgid))
		return -ESRCH;
	return kill_task(sig, info, task, PIDTYPE_PID);
}

static void tkill_info(struct siginfo *info, int sig)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = SI_TKILL;
	info->si_pid = current->tgid;
	info->si_uid = current_uid();
}

SYSCALL_DEFINE3(tgkill, pid_t, tgid, pid_t, pid, int, sig)
{
	struct siginfo info;

	if (tgid <= 0)
		return -EINVAL;
	tkill_info(&info, sig);
	return do_tkill(tgid, pid, sig, &info);
}

SYSCALL_DEFINE2(tkill, pid_t, pid, int, sig)
{
	struct siginfo info;

	tkill_info(&info, sig);
	return do_tkill(0, pid, sig, &info);
}

/* No layout of struct siginfo goes beyond this. */
#define SIGINFO_USED	48

/* Does a signal @sig with @code have a layout we know? */
static bool is_known_layout(int sig, int code)
{
	static const unsigned char last_code[] = {
		[SIGILL] = 11, [SIGFPE] = FPE_CONDTRAP, [SIGSEGV] = 9,
		[SIGBUS] = BUS_MCEERR_AO, [SIGTRAP] = TRAP_PERF,
		[SIGCHLD] = CLD_CONTINUED, [SIGIO] = POLL_HUP,
		[SIGSYS] = SYS_USER_DISPATCH,
	};

	if (code <= 0)
		return code >= SI_DETHREAD || code == SI_ASYNCNL;
	if (code == SI_KERNEL)
		return true;
	if (sig > 0 && sig < (int)ARRAY_SIZE(last_code) && last_code[sig])
		return code <= last_code[sig];
	return code <= POLL_HUP;
}

/*
 * What a program sends is taken as far as any layout goes. A layout that is
 * new to us may use the bytes behind that, which would then be lost: refuse.
 * Return: 0, -EFAULT, -E2BIG.
 */
static int get_queued_info(struct siginfo *info, int sig,
			   const struct siginfo __user *from)
{
	char *spare = (char *)info + SIGINFO_USED;
	const size_t len = sizeof(*info) - SIGINFO_USED;

	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	if (!is_known_layout(sig, info->si_code) &&
	    memchr_inv(spare, 0, len))
		return -E2BIG;
	memset(spare, 0, len);
	return 0;
}

/* Nobody may pretend that the kernel, or kill(2), had sent a signal. */
static bool is_pretence(const struct siginfo *info, pid_t pid)
{
	return (info->si_code >= 0 || info->si_code == SI_TKILL) &&
	       current->pid != pid;
}

SYSCALL_DEFINE3(rt_sigqueueinfo, pid_t, pid, int, sig,
		const struct siginfo __user *, from)
{
	struct siginfo info;
	int err = get_queued_info(&info, sig, from);

	if (err)
		return err;
	if (is_pretence(&info, pid))
		return -EPERM;
	RCU_GUARD();
	return kill_pid_info(sig, &info, find_pid(pid));
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, pid_t, tgid, pid_t, pid, int, sig,
		const struct siginfo __user *, from)
{
	struct siginfo info;
	int err = get_queued_info(&info, sig, from);

	if (err)
		return err;
	if (tgid <= 0 || pid <= 0)
		return -EINVAL;
	if (is_pretence(&info, pid))
		return -EPERM;
	return do_tkill(tgid, pid, sig, &info);
}
