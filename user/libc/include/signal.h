/*
 * Signals: who is told what, and when. Numbers, flags and struct siginfo are
 * in <uapi/signal.h>.
 */
#pragma once

#include <sys/types.h>
#include <uapi/signal.h>
#include <uapi/time.h>

#define NSIG		(KERNEL_NSIG + 1)
#define SIGRTMIN	KERNEL_SIGRTMIN
#define SIGRTMAX	KERNEL_SIGRTMAX

typedef int sig_atomic_t;
typedef __kernel_sigset_t sigset_t;
typedef struct siginfo siginfo_t;
typedef struct sigaltstack stack_t;
typedef void (*sighandler_t)(int);

/* As the program states it; the kernel's own order is kernel_sigaction. */
struct sigaction {
	union {
		void	(*sa_handler)(int);
		void	(*sa_sigaction)(int, siginfo_t *, void *);
	};
	sigset_t	sa_mask;
	int		sa_flags;
	void		(*sa_restorer)(void);	/* the library's business */
};

int sigaction(int sig, const struct sigaction *restrict act,
	      struct sigaction *restrict old);
sighandler_t signal(int sig, sighandler_t handler);
int kill(pid_t pid, int sig);
int killpg(pid_t pgid, int sig);
int raise(int sig);
int sigprocmask(int how, const sigset_t *restrict set,
		sigset_t *restrict old);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigwait(const sigset_t *restrict set, int *restrict sig);
int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
		 const struct timespec *restrict timeout);
int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info);
int sigaltstack(const stack_t *restrict stack, stack_t *restrict old);
int siginterrupt(int sig, int interrupt);
void psignal(int sig, const char *prefix);

int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);
