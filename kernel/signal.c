/*
 * Signals, the sending side: who may send what, and how it is queued.
 *
 * A signal for a process waits on the group's shared queue, one for a single
 * task on the task's own. Each signal below 32 waits at most once; real-time
 * signals queue. What it says (siginfo) is kept in a struct sigqueue; when
 * there is no memory for one, a classic signal is delivered without.
 *
 * Sending decides three things under the target's sighand->lock: whether the
 * signal is dropped because it would be ignored, whether it undoes another
 * (SIGCONT against stops), and which task of the process is woken to take it.
 * signal_deliver.c is the receiving side.
 */
#include <kernel/signal.h>

#include <arch/signal.h>
#include <fs/coredump.h>
#include <kernel/cred.h>
#include <kernel/posix_timers.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/sched_policy.h>
#include <kernel/signal_internal.h>
#include <lib/string.h>
#include <mm/slab.h>

static struct kmem_cache *sigqueue_cache;

/* The user's handler for @sig, or one of SIG_DFL and SIG_IGN. */
static void *sig_handler(struct task *task, int sig)
{
	return (void *)task->sighand->action[sig - 1].handler;
}

static bool ignored_by_handler(void *handler, int sig)
{
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && (sigmask(sig) & SIG_IGNORED_MASK));
}

/*
 * Would @sig be discarded on delivery? A blocked one is kept, since the
 * handler may be another by the time it is unblocked.
 * Locking: sighand->lock held.
 */
bool sig_ignored_by(struct task *task, int sig)
{
	if ((task->blocked | task->waited_for) & sigmask(sig))
		return false;
	/* Its tracer sees even these. */
	if (unlikely(task->ptrace) && sig != SIGKILL)
		return false;
	if ((task->group->flags & SIGNAL_UNKILLABLE) &&
	    sig_handler(task, sig) == SIG_DFL)
		return true;
	return ignored_by_handler(sig_handler(task, sig), sig);
}

/*
 * Lock @task's handler table, unless the task has been released.
 * Return: the table, locked, with interrupts off and *flags to restore; NULL.
 */
struct sighand *__no_lock_check
lock_task_sighand(struct task *task, unsigned long *flags)
{
	struct sighand *sighand;

	RCU_GUARD();
	for (;;) {
		sighand = rcu_dereference(task->sighand);
		if (!sighand)
			return NULL;
		*flags = spin_lock_irqsave(&sighand->lock);
		/* exec may have replaced it; the memory is type-stable. */
		if (likely(sighand == rcu_dereference(task->sighand)))
			return sighand;
		spin_unlock_irqrestore(&sighand->lock, *flags);
	}
}

void __no_lock_check unlock_task_sighand(struct task *task, unsigned long flags)
{
	spin_unlock_irqrestore(&task->sighand->lock, flags);
}

/* ---- queues ---------------------------------------------------------- */

static struct sigqueue *sigqueue_alloc(struct task *task, bool forced)
{
	struct user *user;
	struct sigqueue *q;

	RCU_GUARD();
	user = rcu_dereference(task->real_cred)->user;
	if (!forced &&
	    atomic_long_read(&user->sigpending) >=
		    (long)min_t(unsigned long, LONG_MAX,
				task_rlimit(task, RLIMIT_SIGPENDING)))
		return NULL;
	q = kmem_cache_alloc(sigqueue_cache, GFP_ATOMIC);
	if (!q)
		return NULL;
	atomic_long_inc(&user->sigpending);
	refcount_get(&user->refs);
	q->user = user;
	q->timer = NULL;
	return q;
}

/*
 * What @timer's signal will need, counted against RLIMIT_SIGPENDING for as
 * long as the timer exists. Return: NULL: too many, or no memory.
 */
struct sigqueue *sigqueue_alloc_for(struct posix_timer *timer)
{
	struct sigqueue *q = sigqueue_alloc(current, false);

	if (q)
		q->timer = timer;
	return q;
}

void sigqueue_free(struct sigqueue *q)
{
	atomic_long_dec(&q->user->sigpending);
	user_put(q->user);
	kmem_cache_free(sigqueue_cache, q);
}

/* Take @q off its queue undelivered. A timer's is kept by the timer. */
static void discard(struct sigqueue *q)
{
	list_del(&q->list);
	if (unlikely(q->timer))
		posix_timer_dropped(q->timer);
	else
		sigqueue_free(q);
}

/* Discard everything that waits in @pending. Locking: sighand->lock. */
void flush_sigqueue(struct sigpending *pending)
{
	struct sigqueue *q, *tmp;

	pending->set = 0;
	list_for_each_entry_safe(q, tmp, &pending->list, list)
		discard(q);
}

/* Discard the signals of @mask that wait. Locking: sighand->lock. */
void flush_sigqueue_mask(struct sigpending *pending, sigset_t mask)
{
	struct sigqueue *q, *tmp;

	if (!(pending->set & mask))
		return;
	pending->set &= ~mask;
	list_for_each_entry_safe(q, tmp, &pending->list, list) {
		if (sigmask(q->info.si_signo) & mask)
			discard(q);
	}
}

static void flush_timers_of(struct sigpending *pending)
{
	sigset_t gone = 0, kept = 0;
	struct sigqueue *q, *tmp;

	list_for_each_entry_safe(q, tmp, &pending->list, list) {
		if (q->info.si_code == SI_TIMER) {
			gone |= sigmask(q->info.si_signo);
			discard(q);
		} else {
			kept |= sigmask(q->info.si_signo);
		}
	}
	pending->set &= ~(gone & ~kept);
}

/* Discard the signals of timers, for exec. Locking: sighand->lock. */
void flush_timer_signals(struct task *task)
{
	flush_timers_of(&task->pending);
	flush_timers_of(&task->group->shared_pending);
	recalc_sigpending();
}

/* Take the first waiting @sig off @pending; more of the kind may stay. */
static void collect(struct sigpending *pending, int sig, struct siginfo *info)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	list_for_each_entry(q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		pending->set &= ~sigmask(sig);
	if (first) {
		*info = first->info;
		list_del(&first->list);
		if (unlikely(first->timer))
			posix_timer_delivered(first->timer, info);
		else
			sigqueue_free(first);
	} else {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
		info->si_code = SI_USER;
	}
}

/* Faults first: their handler wants to see the registers of the fault. */
static int next_signal(sigset_t pending, sigset_t blocked)
{
	sigset_t ready = pending & ~blocked;

	if (ready & SIG_SYNCHRONOUS_MASK)
		ready &= SIG_SYNCHRONOUS_MASK;
	return ready ? (int)bit_lowest(ready) + 1 : 0;
}

/* Would dequeue_signal() find one? Locking: sighand->lock held. */
bool has_signal(sigset_t blocked)
{
	assert_held(&current->sighand->lock);
	return (current->pending.set | current->group->shared_pending.set) &
	       ~blocked;
}

/*
 * Take the next signal not in @blocked that waits for current.
 * Locking: sighand->lock held. Return: its number, or 0.
 */
int dequeue_signal(sigset_t blocked, struct siginfo *info)
{
	struct sigpending *queue = &current->pending;
	int sig = next_signal(queue->set, blocked);

	if (!sig) {
		queue = &current->group->shared_pending;
		sig = next_signal(queue->set, blocked);
	}
	if (sig)
		collect(queue, sig, info);
	recalc_sigpending();
	return sig;
}

/* ---- waking ---------------------------------------------------------- */

/* Is there anything for @task to do on its way to user mode? */
static bool has_pending(struct task *task)
{
	return ((task->pending.set | task->group->shared_pending.set) &
		~task->blocked) ||
	       (task->jobctl & JOBCTL_WORK_MASK);
}

/*
 * Set current's TIF_SIGPENDING to what is true. Only the task itself may
 * clear it. Locking: sighand->lock held.
 */
void recalc_sigpending(void)
{
	if (has_pending(current))
		task_set_work(current, TIF_SIGPENDING);
	else if (task_sigpending(current))
		task_clear_work(current, TIF_SIGPENDING);
}

/* For who changed another task's mask or queue. As recalc_sigpending(). */
static void recalc_and_wake(struct task *task)
{
	if (has_pending(task))
		wake_up_signal(task, false);
}

/*
 * A stop or trap is asked of @task. False if it is beyond stopping.
 * Locking: sighand->lock held.
 */
bool jobctl_set_pending(struct task *task, unsigned long mask)
{
	if ((task->pending.set & sigmask(SIGKILL)) ||
	    (task->flags & PF_EXITING))
		return false;
	if (mask & JOBCTL_SIGNAL_MASK)
		task->jobctl &= ~JOBCTL_SIGNAL_MASK;
	task->jobctl |= mask;
	return true;
}

/*
 * Nothing of @mask is asked of @task any more. A tracer that waits for it to
 * stop must not wait for ever. Locking: sighand->lock held.
 */
void jobctl_clear_pending(struct task *task, unsigned long mask)
{
	task->jobctl &= ~mask;
	if (unlikely(task->jobctl & JOBCTL_TRAPPING) &&
	    !(task->jobctl & JOBCTL_WORK_MASK))
		ptrace_end_trapping(task);
}

/*
 * Make @task look at its signals; a @fatal one also ends sleeps that only
 * death may end, and a stop. Locking: sighand->lock held.
 */
void wake_up_signal(struct task *task, bool fatal)
{
	task_set_work(task, TIF_SIGPENDING);
	wake_up_state(task, TASK_INTERRUPTIBLE |
		      (fatal ? TASK_WAKEKILL | TASK_STOPPED_BIT : 0));
	if (fatal)
		dl_let_die(task);
}

/* True if @task is going to die of a signal: give up what you wait for. */
bool fatal_signal_pending(struct task *task)
{
	return task_sigpending(task) && (task->pending.set & sigmask(SIGKILL));
}

/*
 * Kill all threads of @task's process but itself: exec or the end of the
 * process. Locking: sighand->lock held.
 */
void zap_other_threads(struct task *task)
{
	struct task *t;

	task->group->group_stop_count = 0;
	RCU_GUARD();
	for_each_thread_rcu(task, t) {
		jobctl_clear_pending(t, JOBCTL_PENDING_MASK);
		if (t == task || t->exit_state)
			continue;
		t->pending.set |= sigmask(SIGKILL);
		wake_up_signal(t, true);
	}
}

static bool wants_signal(int sig, struct task *task)
{
	if ((task->blocked & sigmask(sig)) || (task->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(task->sched.state) & (TASK_STOPPED_BIT | TASK_TRACED_BIT))
		return false;
	return task == current || !task_sigpending(task);
}

/* Who takes it: the task it was aimed at if that can, else any that can. */
static struct task *choose_target(int sig, struct task *task,
				  enum pid_type type)
{
	struct task *t;

	if (wants_signal(sig, task))
		return task;
	if (type == PIDTYPE_PID || task->group->nr_threads == 1)
		return NULL;
	for_each_thread_rcu(task, t)
		if (wants_signal(sig, t))
			return t;
	return NULL;
}

static bool is_fatal(int sig, struct task *task)
{
	/* A dump of its memory can still be cut short. */
	if ((task->group->flags & SIGNAL_GROUP_EXIT) &&
	    !task->group->core_dump)
		return false;
	if ((task->group->flags & SIGNAL_UNKILLABLE) && sig != SIGKILL)
		return false;
	if (task->waited_for & sigmask(sig))
		return false;
	if (unlikely(task->ptrace) && sig != SIGKILL)
		return false;	/* that is for its tracer to say */
	return sig == SIGKILL ||
	       (sig_handler(task, sig) == SIG_DFL &&
		!(sigmask(sig) & (SIG_IGNORED_MASK | SIG_STOP_MASK |
				  SIG_COREDUMP_MASK)));
}

/*
 * Wake the task that shall take @sig. One that will certainly kill takes all
 * threads down at once, so that none keeps running while another dies.
 */
static void complete_signal(int sig, struct task *task, enum pid_type type)
{
	struct task *target, *t;

	RCU_GUARD();
	target = choose_target(sig, task, type);
	if (!target)
		return;
	if (!is_fatal(sig, target)) {
		wake_up_signal(target, sig == SIGKILL);
		return;
	}
	/* Only its end is news now; a stop would be told as by @sig. */
	task->group->flags &= ~SIGNAL_STOP_MASK;
	task->group->flags |= SIGNAL_GROUP_EXIT;
	task->group->group_exit_code = sig;
	task->group->group_stop_count = 0;
	for_each_thread_rcu(task, t) {
		jobctl_clear_pending(t, JOBCTL_PENDING_MASK);
		t->pending.set |= sigmask(SIGKILL);
		wake_up_signal(t, true);
	}
}

/*
 * current will take no more of the signals of @set that wait for its process:
 * somebody else is to be woken for them. Locking: sighand->lock held.
 */
void retarget_shared_pending(sigset_t set)
{
	struct thread_group *group = current->group;
	struct task *t;

	set &= group->shared_pending.set;
	if (!set)
		return;
	RCU_GUARD();
	for_each_thread_rcu(current, t) {
		if (t == current || (t->flags & PF_EXITING) ||
		    !(set & ~t->blocked))
			continue;
		set &= t->blocked;
		if (!task_sigpending(t))
			wake_up_signal(t, false);
		if (!set)
			return;
	}
}

/*
 * current begins to exit: from here on no signal is aimed at it alone. What it
 * was woken for, or expected to do with the others of its process, is seen to.
 * Context: process; no locks.
 */
void exit_signals(void)
{
	struct task *task = current;
	bool stopped = false;

	spin_lock_irq(&task->sighand->lock);
	task->flags |= PF_EXITING;
	if (task->group->nr_threads > 1 &&
	    !(task->group->flags & SIGNAL_GROUP_EXIT)) {
		if (task_sigpending(task))
			retarget_shared_pending(~task->blocked);
		if (task->jobctl & JOBCTL_STOP_PENDING)
			stopped = take_part_in_stop();
	}
	if (unlikely(task->group->core_dump))
		coredump_park();
	spin_unlock_irq(&task->sighand->lock);
	if (unlikely(stopped))
		notify_parent_of_stop(task, CLD_STOPPED);
}

/* ---- sending --------------------------------------------------------- */

/* Flush @mask from every queue of @task's process. */
static void flush_group(struct task *task, sigset_t mask)
{
	struct task *t;

	flush_sigqueue_mask(&task->group->shared_pending, mask);
	for_each_thread_rcu(task, t)
		flush_sigqueue_mask(&t->pending, mask);
}

/* SIGCONT undoes stops, even if it is blocked or ignored. */
static void continue_group(struct task *task)
{
	struct thread_group *group = task->group;
	unsigned int why = 0;
	struct task *t;

	flush_group(task, SIG_STOP_MASK);
	if (group->flags & SIGNAL_STOP_STOPPED)
		why = SIGNAL_CLD_CONTINUED;
	else if (group->group_stop_count)
		why = SIGNAL_CLD_STOPPED;
	for_each_thread_rcu(task, t) {
		jobctl_clear_pending(t, JOBCTL_STOP_MASK);
		if (unlikely(t->ptrace & PT_SEIZED))
			ptrace_trap_notify(t);
		else
			wake_up_state(t, TASK_STOPPED_BIT);
	}
	if (!why)
		return;
	/* The first task that runs tells the parent: get_signal(). */
	group->flags &= ~SIGNAL_STOP_MASK;
	group->flags |= why | SIGNAL_STOP_CONTINUED;
	group->group_stop_count = 0;
	group->group_exit_code = 0;
}

/* What @sig does by being sent. False if it need not be queued. */
static bool prepare_signal(int sig, struct task *task)
{
	RCU_GUARD();
	if (task->group->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;
	if (sigmask(sig) & SIG_STOP_MASK)
		flush_group(task, sigmask(SIGCONT));
	else if (sig == SIGCONT)
		continue_group(task);
	return !sig_ignored_by(task, sig);
}

static void fill_info(struct siginfo *to, int sig, struct siginfo *info)
{
	if (info != SEND_SIG_NOINFO && info != SEND_SIG_PRIV) {
		*to = *info;
		return;
	}
	memset(to, 0, sizeof(*to));
	to->si_signo = sig;
	if (info == SEND_SIG_PRIV) {
		to->si_code = SI_KERNEL;
	} else {
		to->si_code = SI_USER;
		to->si_pid = current->tgid;
		to->si_uid = current_uid();
	}
}

static bool is_special(const struct siginfo *info)
{
	return info == SEND_SIG_PRIV || info == SEND_SIG_NOINFO;
}

/*
 * What the kernel or kill(2) says of a standard signal is kept whatever the
 * limit is: there is one of each at most.
 */
static bool is_beyond_limit(int sig, const struct siginfo *info)
{
	return sig < KERNEL_SIGRTMIN &&
	       (is_special(info) || info->si_code >= 0);
}

static struct sigpending *pending_of(struct task *task, enum pid_type type)
{
	return type == PIDTYPE_PID ? &task->pending
				   : &task->group->shared_pending;
}

/*
 * Queue @sig for @task and wake it. Locking: task's sighand->lock held.
 * Return: 0, also when it is ignored; -EAGAIN: a queued real-time signal for
 * which there is no room.
 */
int send_signal_locked(int sig, struct siginfo *info, struct task *task,
		       enum pid_type type)
{
	struct sigpending *pending = pending_of(task, type);
	struct sigqueue *q;

	assert_held(&task->sighand->lock);
	if (!prepare_signal(sig, task))
		return 0;
	if (sig < KERNEL_SIGRTMIN && (pending->set & sigmask(sig)))
		return 0;
	if (sig != SIGKILL) {
		q = sigqueue_alloc(task, is_beyond_limit(sig, info));
		if (q) {
			fill_info(&q->info, sig, info);
			list_add_tail(&q->list, &pending->list);
		} else if (sig >= KERNEL_SIGRTMIN && !is_special(info) &&
			   info->si_code != SI_USER) {
			return -EAGAIN;
		}
	}
	pending->set |= sigmask(sig);
	wake_up(&task->sighand->signalfd_wait);
	complete_signal(sig, task, type);
	return 0;
}

/*
 * Queue @q, a timer's, which is in no queue. Locking: sighand->lock held.
 * Return: false: the signal is ignored and @q not queued.
 */
bool send_sigqueue_locked(struct sigqueue *q, struct task *task,
			  enum pid_type type)
{
	struct sigpending *pending = pending_of(task, type);
	int sig = q->info.si_signo;

	assert_held(&task->sighand->lock);
	if (!prepare_signal(sig, task))
		return false;
	list_add_tail(&q->list, &pending->list);
	pending->set |= sigmask(sig);
	complete_signal(sig, task, type);
	return true;
}

/*
 * Send @sig, without asking whether the caller may.
 *
 * Context: any. Return: 0, -ESRCH (the task is being released), -EAGAIN.
 */
int send_sig_info(int sig, struct siginfo *info, struct task *task,
		  enum pid_type type)
{
	unsigned long flags;
	int err;

	if (!lock_task_sighand(task, &flags))
		return -ESRCH;
	err = send_signal_locked(sig, info, task, type);
	unlock_task_sighand(task, flags);
	return err;
}

/* The same with nothing to say about it, to the one task. */
int send_sig(int sig, struct task *task, bool by_kernel)
{
	return send_sig_info(sig, by_kernel ? SEND_SIG_PRIV : SEND_SIG_NOINFO,
			     task, PIDTYPE_PID);
}

/* Same user, or privileged; SIGCONT also within the session. RCU held. */
static bool kill_permitted(int sig, struct task *task)
{
	const struct cred *mine = current_cred();
	const struct cred *its = rcu_dereference(task->real_cred);

	if (same_thread_group(current, task) || mine->euid == its->suid ||
	    mine->euid == its->uid || mine->uid == its->suid ||
	    mine->uid == its->uid || capable(CAP_KILL))
		return true;
	return sig == SIGCONT && task_pid_of(task, PIDTYPE_SID) ==
				 task_pid_of(current, PIDTYPE_SID);
}

/*
 * Send @sig to @task on behalf of current, or with @sig 0 only ask whether
 * one could. Context: RCU read lock. Return: 0, -EPERM, -ESRCH, -EAGAIN.
 */
int kill_task(int sig, struct siginfo *info, struct task *task,
	      enum pid_type type)
{
	bool by_user = info == SEND_SIG_NOINFO ||
		       (info != SEND_SIG_PRIV && info->si_code <= 0);

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	if (by_user && !kill_permitted(sig, task))
		return -EPERM;
	return sig ? send_sig_info(sig, info, task, type) : 0;
}

/*
 * Send to the process that has a thread numbered @pid, be it the leader or not.
 * As kill_task(). One that was released while we looked may have had its place
 * taken by a thread in execve(2).
 */
int kill_pid_info(int sig, struct siginfo *info, struct pid *pid)
{
	struct task *task;
	int err;

	RCU_GUARD();
	do {
		task = pid_task(pid, PIDTYPE_PID);
		err = task ? kill_task(sig, info, task, PIDTYPE_TGID) : -ESRCH;
	} while (unlikely(task && err == -ESRCH));
	return err;
}

/*
 * Send to all processes of group @pgrp. Locking: tasklist_lock held.
 * Return: 0 if it reached at least one, else the last error, else -ESRCH.
 */
int kill_pgrp_info_locked(int sig, struct siginfo *info, struct pid *pgrp)
{
	struct task *task;
	bool reached = false;
	int err, last = -ESRCH;

	RCU_GUARD();
	for_each_pid_task(pgrp, PIDTYPE_PGID, task) {
		err = kill_task(sig, info, task, PIDTYPE_PGID);
		if (err)
			last = err;
		else
			reached = true;
	}
	return reached ? 0 : last;
}

int kill_pgrp_locked(struct pid *pgrp, int sig, bool by_kernel)
{
	return kill_pgrp_info_locked(sig, by_kernel ? SEND_SIG_PRIV :
				     SEND_SIG_NOINFO, pgrp);
}

/* Send to all processes of @pgrp. Context: any but under tasklist_lock. */
int kill_pgrp(struct pid *pgrp, int sig, bool by_kernel)
{
	unsigned long flags = spin_lock_irqsave(&tasklist_lock);
	int err = kill_pgrp_locked(pgrp, sig, by_kernel);

	spin_unlock_irqrestore(&tasklist_lock, flags);
	return err;
}

/*
 * A signal current cannot escape: what the CPU reports about its own program.
 * Blocked or ignored, it gets the default action, since running on would only
 * raise the same fault again.
 *
 * Context: process, current's own.
 */
void force_sig_info(struct siginfo *info)
{
	struct sighand *sighand = current->sighand;
	int sig = info->si_signo;
	unsigned long flags = spin_lock_irqsave(&sighand->lock);
	struct kernel_sigaction *action = &sighand->action[sig - 1];

	if ((current->blocked & sigmask(sig)) || action->handler == SIG_IGN) {
		action->handler = SIG_DFL;
		current->blocked &= ~sigmask(sig);
	}
	/* Even PID 1 must not loop on a fault it does not handle. */
	if (action->handler == SIG_DFL && !current->ptrace)
		current->group->flags &= ~SIGNAL_UNKILLABLE;
	send_signal_locked(sig, info, current, PIDTYPE_PID);
	recalc_and_wake(current);
	spin_unlock_irqrestore(&sighand->lock, flags);
}

void force_sig(int sig)
{
	struct siginfo info = { .si_signo = sig, .si_code = SI_KERNEL };

	force_sig_info(&info);
}

void force_sig_fault(int sig, int code, void __user *addr)
{
	struct siginfo info = { .si_signo = sig, .si_code = code };

	info.si_addr = (__force void *)addr;
	force_sig_info(&info);
}

/* A frame for @sig could not be built: if that was SIGSEGV itself, it kills. */
void force_sigsegv(int sig)
{
	if (sig == SIGSEGV) {
		SPIN_GUARD_IRQSAVE(&current->sighand->lock);
		current->sighand->action[SIGSEGV - 1].handler = SIG_DFL;
	}
	force_sig(SIGSEGV);
}

/*
 * Reset handlers for exec: what was caught is default again, what was ignored
 * stays so unless @force_default.
 */
void flush_signal_handlers(struct task *task, bool force_default)
{
	for (int i = 0; i < NSIG; i++) {
		struct kernel_sigaction *action = &task->sighand->action[i];

		if (force_default || action->handler != SIG_IGN)
			action->handler = SIG_DFL;
		action->flags = 0;
		action->restorer = NULL;
		action->mask = 0;
	}
}

/* Before: slab. */
void __init signals_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue),
					   0, SLAB_PANIC, NULL);
}
