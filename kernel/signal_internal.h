/*
 * Between the files that implement signals.
 */
#pragma once

#include <kernel/signal.h>

/* What the default action of each signal is; all others terminate. */
#define SIG_IGNORED_MASK	(sigmask(SIGCONT) | sigmask(SIGCHLD) | \
				 sigmask(SIGWINCH) | sigmask(SIGURG))
#define SIG_STOP_MASK		(sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
				 sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIG_COREDUMP_MASK	(sigmask(SIGQUIT) | sigmask(SIGILL) | \
				 sigmask(SIGTRAP) | sigmask(SIGABRT) | \
				 sigmask(SIGFPE) | sigmask(SIGSEGV) | \
				 sigmask(SIGBUS) | sigmask(SIGSYS) | \
				 sigmask(SIGXCPU) | sigmask(SIGXFSZ))
#define SIG_SYNCHRONOUS_MASK	(sigmask(SIGSEGV) | sigmask(SIGBUS) | \
				 sigmask(SIGILL) | sigmask(SIGTRAP) | \
				 sigmask(SIGFPE) | sigmask(SIGSYS))
/* Can be neither blocked, caught nor ignored. */
#define SIG_KERNEL_ONLY_MASK	(sigmask(SIGKILL) | sigmask(SIGSTOP))

#define SIGNAL_STOP_MASK	(SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED | \
				 SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)

/* task->jobctl */
#define JOBCTL_STOP_PENDING	BIT(0)	/* takes part in a group stop */
#define JOBCTL_STOP_CONSUME	BIT(1)	/* counted in group_stop_count */
#define JOBCTL_STOP_DEQUEUED	BIT(2)	/* a stop signal is being acted on */
#define JOBCTL_PENDING_MASK	(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME | \
				 JOBCTL_STOP_DEQUEUED)

int dequeue_signal(sigset_t blocked, struct siginfo *info);
void flush_sigqueue_mask(struct sigpending *pending, sigset_t mask);
int send_signal_locked(int sig, struct siginfo *info, struct task *task,
		       enum pid_type type);
int kill_task(int sig, struct siginfo *info, struct task *task,
	      enum pid_type type);
int kill_pgrp_info_locked(int sig, struct siginfo *info, struct pid *pgrp);
void notify_parent_of_stop(struct task *task, int why);
