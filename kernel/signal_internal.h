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
#define JOBCTL_TRAP_STOP	BIT(3)	/* traced: stop for the tracer */
#define JOBCTL_TRAP_NOTIFY	BIT(4)	/* traced: a stop began or ended */
#define JOBCTL_TRAPPING		BIT(5)	/* the tracer waits for the stop */
#define JOBCTL_LISTENING	BIT(6)	/* PTRACE_LISTEN: still stopped */
#define JOBCTL_SIGNAL_SHIFT	16	/* the signal of the group stop */
#define JOBCTL_SIGNAL_MASK	(0xffUL << JOBCTL_SIGNAL_SHIFT)
#define JOBCTL_STOP_MASK	(JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME | \
				 JOBCTL_STOP_DEQUEUED)
#define JOBCTL_TRAP_MASK	(JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)
#define JOBCTL_PENDING_MASK	(JOBCTL_STOP_MASK | JOBCTL_TRAP_MASK)
/* What makes a task pass through get_signal(). */
#define JOBCTL_WORK_MASK	(JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)

int dequeue_signal(sigset_t blocked, struct siginfo *info);
bool has_signal(sigset_t blocked);
void flush_sigqueue_mask(struct sigpending *pending, sigset_t mask);
int send_signal_locked(int sig, struct siginfo *info, struct task *task,
		       enum pid_type type);
bool send_sigqueue_locked(struct sigqueue *q, struct task *task,
			  enum pid_type type);
struct sigqueue *sigqueue_alloc_for(struct posix_timer *timer);
void sigqueue_free(struct sigqueue *q);
int kill_task(int sig, struct siginfo *info, struct task *task,
	      enum pid_type type);
int kill_pgrp_info_locked(int sig, struct siginfo *info, struct pid *pgrp);
void force_sig_info(struct siginfo *info);
void notify_parent_of_stop(struct task *task, int why);
void notify_of_stop_locked(struct task *task, struct task *parent, int why,
			   int status);
bool take_part_in_stop(void);
void retarget_shared_pending(sigset_t set);
bool jobctl_set_pending(struct task *task, unsigned long mask);
void jobctl_clear_pending(struct task *task, unsigned long mask);

/* kernel/ptrace_stop.c: what get_signal() asks of it. */
int ptrace_signal(int sig, struct siginfo *info);
void ptrace_job_stop(void);
void ptrace_wake(struct task *task, bool resume);
void ptrace_trap_notify(struct task *task);
