/*
 * Signals: sending, and what happens on the way back to user mode.
 *
 * Sending only marks: the signal goes on a queue, the target is woken if it
 * sleeps interruptibly, and TIF_SIGPENDING makes sure it passes through
 * exit_to_user_mode_loop(). Acting on a signal is always done by the target
 * itself, there, where it holds no locks.
 */
#pragma once

#include <arch/current.h>
#include <kernel/task.h>

struct wait_queue;

#define SEND_SIG_NOINFO	((struct siginfo *)0)	/* from a user: kill(2) */
#define SEND_SIG_PRIV	((struct siginfo *)1)	/* from the kernel */

/* True if @task must leave an interruptible sleep. Any context. */
static inline bool task_sigpending(const struct task *task)
{
	return READ_ONCE(task->flags_work) & TIF_SIGPENDING;
}

#define signal_pending(task)	unlikely(task_sigpending(task))
bool fatal_signal_pending(struct task *task);

/* Sending. @type says to one task (PIDTYPE_PID) or the process (TGID). */
int send_sig_info(int sig, struct siginfo *info, struct task *task,
		  enum pid_type type);
int send_sig(int sig, struct task *task, bool from_kernel);
int kill_pid_info(int sig, struct siginfo *info, struct pid *pid);
int kill_pgrp(struct pid *pgrp, int sig, bool from_kernel);
int kill_pgrp_locked(struct pid *pgrp, int sig, bool from_kernel);
void force_sig(int sig);
void force_sig_fault(int sig, int code, void __user *addr);
void force_sigsegv(int sig);
bool task_notify_parent(struct task *task, int sig);

/* Acting, for arch code and the entry code. */
bool get_signal(struct ksignal *ksig);
void signal_setup_done(bool failed, struct ksignal *ksig);
void do_signal(struct pt_regs *regs);

/* Masks and handlers. */
void set_current_blocked(sigset_t set);
int set_user_sigmask(const sigset_t __user *set, size_t size);
void restore_saved_sigmask_unless(bool interrupted);
sigset_t sigmask_to_save(void);
void recalc_sigpending(void);
void flush_signal_handlers(struct task *task, bool force_default);
void flush_sigqueue(struct sigpending *pending);
void flush_timer_signals(struct task *task);
void sighand_put(struct sighand *sighand);
int sighand_unshare(void);
bool sig_ignored_by(struct task *task, int sig);
struct sighand *lock_task_sighand(struct task *task, unsigned long *flags);
void unlock_task_sighand(struct task *task, unsigned long flags);
void wake_up_signal(struct task *task, bool fatal);
void zap_other_threads(struct task *task);
void exit_signals(void);
void signals_init(void);

/* sigaltstack(2), for the frame code. */
unsigned long sigsp(unsigned long sp, const struct ksignal *ksig);
int restore_altstack(const struct sigaltstack __user *uss);
int save_altstack(struct sigaltstack __user *uss);
