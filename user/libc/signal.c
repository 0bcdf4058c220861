/*
 * Signals.
 *
 * Besides one call per function there are two conversions here. The program
 * and the kernel order struct sigaction differently. And the kernel wants to
 * be told how a handler gets back: `sa_restorer`, which every handler's frame
 * has as its return address (x86_64/sigreturn.asm).
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "syscall.h"

/*
 * Say what shall happen on @sig, and learn what would have.
 *
 * Return: 0, or -1 (EINVAL: no such signal, or SIGKILL or SIGSTOP).
 */
int sigaction(int sig, const struct sigaction *restrict act,
	      struct sigaction *restrict old)
{
	struct kernel_sigaction new_k, old_k;

	if (act) {
		new_k.handler = act->sa_handler;
		new_k.flags = (unsigned)act->sa_flags | SA_RESTORER;
		new_k.restorer = __sigreturn;
		new_k.mask = act->sa_mask;
	}
	if (SYSCALL(sys4(__NR_rt_sigaction, sig, act ? (long)&new_k : 0,
			 old ? (long)&old_k : 0, sizeof(sigset_t))) < 0)
		return -1;
	if (old) {
		old->sa_handler = old_k.handler;
		old->sa_flags = (int)(old_k.flags & ~(__u64)SA_RESTORER);
		old->sa_restorer = NULL;
		old->sa_mask = old_k.mask;
	}
	return 0;
}

/*
 * Say what shall happen on @sig, the short way: interrupted system calls are
 * restarted and the handler stays installed, as BSD did it.
 *
 * Return: the former handler, or SIG_ERR (EINVAL).
 */
sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction act = {
		.sa_handler = handler,
		.sa_flags = SA_RESTART,
	};
	struct sigaction old;

	if (sigaction(sig, &act, &old) < 0)
		return SIG_ERR;
	return old.sa_handler;
}

/* Choose whether @sig makes slow system calls fail with EINTR. */
int siginterrupt(int sig, int interrupt)
{
	struct sigaction act;

	if (sigaction(sig, NULL, &act) < 0)
		return -1;
	if (interrupt)
		act.sa_flags &= ~SA_RESTART;
	else
		act.sa_flags |= SA_RESTART;
	return sigaction(sig, &act, NULL);
}

int kill(pid_t pid, int sig)
{
	return (int)SYSCALL(sys2(__NR_kill, pid, sig));
}

/* Send to a process group; 0, as with kill, is our own. */
int killpg(pid_t pgid, int sig)
{
	if (pgid < 0) {
		errno = EINVAL;
		return -1;
	}
	return kill(-pgid, sig);
}

/* Send to the calling thread; it is delivered before raise returns. */
int raise(int sig)
{
	return (int)SYSCALL(sys3(__NR_tgkill, getpid(), gettid(), sig));
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return (int)SYSCALL(sys4(__NR_rt_sigprocmask, how, (long)set,
				 (long)old, sizeof(sigset_t)));
}

int sigpending(sigset_t *set)
{
	return (int)SYSCALL(sys2(__NR_rt_sigpending, (long)set,
				 sizeof(sigset_t)));
}

/*
 * Wait for a signal under @mask instead of the current mask.
 *
 * The change of mask and the sleep are one step for the kernel. Unblocking
 * first and sleeping then would lose a signal that comes in between.
 *
 * Return: always -1, with EINTR, after a handler has run.
 */
int sigsuspend(const sigset_t *mask)
{
	return (int)SYSCALL(sys2(__NR_rt_sigsuspend, (long)mask,
				 sizeof(sigset_t)));
}

/*
 * Take one pending signal of @set, which must be blocked, or wait for one.
 *
 * Return: its number, or -1 (EAGAIN: @timeout passed; EINTR).
 */
int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
		 const struct timespec *restrict timeout)
{
	return (int)SYSCALL(sys4(__NR_rt_sigtimedwait, (long)set, (long)info,
				 (long)timeout, sizeof(sigset_t)));
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

/* Like sigwaitinfo; but errors are returned, and EINTR is not one of them. */
int sigwait(const sigset_t *restrict set, int *restrict sig)
{
	int ret;

	do
		ret = sigtimedwait(set, NULL, NULL);
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return errno;
	*sig = ret;
	return 0;
}

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
	return (int)SYSCALL(sys2(__NR_sigaltstack, (long)stack, (long)old));
}

/* Print "prefix: what @sig means" on the standard error output. */
void psignal(int sig, const char *prefix)
{
	if (prefix && *prefix)
		fprintf(stderr, "%s: ", prefix);
	fprintf(stderr, "%s\n", strsignal(sig));
}

/* Signal sets: bit n-1 stands for signal n. */

static int check_signal(int sig)
{
	if (sig >= 1 && sig <= KERNEL_NSIG)
		return 0;
	errno = EINVAL;
	return -1;
}

int sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = ~(sigset_t)0;
	return 0;
}

int sigaddset(sigset_t *set, int sig)
{
	if (check_signal(sig) < 0)
		return -1;
	*set |= (sigset_t)1 << (sig - 1);
	return 0;
}

int sigdelset(sigset_t *set, int sig)
{
	if (check_signal(sig) < 0)
		return -1;
	*set &= ~((sigset_t)1 << (sig - 1));
	return 0;
}

int sigismember(const sigset_t *set, int sig)
{
	if (check_signal(sig) < 0)
		return -1;
	return (int)(*set >> (sig - 1) & 1);
}

/* The half of sigsetjmp that can be a function; see include/setjmp.h. */
void __sigsetjmp_save(sigjmp_buf env, int save_mask)
{
	env->mask_saved = save_mask;
	if (save_mask)
		sigprocmask(SIG_SETMASK, NULL, &env->mask);
}

/* Return to where sigsetjmp was called, with the mask it saved, if it did. */
void siglongjmp(sigjmp_buf env, int value)
{
	if (env->mask_saved)
		sigprocmask(SIG_SETMASK, &env->mask, NULL);
	longjmp(env, value);
}
