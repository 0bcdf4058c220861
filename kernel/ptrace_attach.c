/*
 * ptrace: becoming somebody's tracer, and ceasing to be.
 *
 * A tracee has two parents. real_parent made it, and gets it back at the end;
 * parent is who is told what it does, its tracer as long as there is one. The
 * tracer keeps its tracees in a list of its own, ptraced, beside its children.
 *
 * Locking: tasklist_lock guards the relation; task->ptrace changes only with
 * the tracee's sighand->lock held as well, so that either lock lets one read
 * it. Everything that happens to a relation (attach, detach, the end of either
 * side) is one critical section, whence no half-tied tracee is ever seen.
 */
#include <arch/current.h>
#include <arch/traced.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal_internal.h>

static struct task *real_parent_of(const struct task *task)
{
	return task->group->leader->real_parent;
}

/* Locking: tasklist_lock and @task's sighand->lock held. */
static void link_tracee(struct task *task, struct task *tracer,
			unsigned int flags)
{
	task->ptrace = flags;
	task->parent = tracer;
	list_add_tail(&task->ptrace_entry, &tracer->ptraced);
}

static void clear_syscall_work(struct task *task)
{
	__atomic_fetch_and(&task->syscall_work,
			   ~(SYSCALL_WORK_TRACE | SYSCALL_WORK_STEP |
			     SYSCALL_WORK_EMU),
			   __ATOMIC_SEQ_CST);
}

/*
 * @task has no tracer any more. If it stands still for the tracer it goes on,
 * or stops anew if its process is stopped.
 *
 * Locking: tasklist_lock held.
 */
void ptrace_unlink(struct task *task)
{
	struct thread_group *group = task->group;
	struct sighand *sighand = task->sighand;

	assert_held(&tasklist_lock);
	spin_lock(&sighand->lock);
	if (READ_ONCE(task->sched.state) & TASK_TRACED_BIT)
		arch_disable_step(task);
	clear_syscall_work(task);
	jobctl_clear_pending(task, JOBCTL_TRAP_MASK);
	if (task->jobctl & JOBCTL_TRAPPING)
		ptrace_end_trapping(task);
	task->ptrace = 0;
	task->parent = real_parent_of(task);
	list_del_init(&task->ptrace_entry);
	if (!(task->flags & PF_EXITING) &&
	    ((group->flags & SIGNAL_STOP_STOPPED) || group->group_stop_count))
		task->jobctl |= JOBCTL_STOP_PENDING;
	if (!task->exit_state && ((task->jobctl & JOBCTL_STOP_PENDING) ||
	    (READ_ONCE(task->sched.state) & TASK_TRACED_BIT)))
		ptrace_wake(task, true);
	spin_unlock(&sighand->lock);
}

/*
 * Untie @task from @tracer, who is current or exiting. True if it turns out to
 * be a zombie nobody is going to wait for. Locking: tasklist_lock held.
 */
static bool detach_locked(struct task *tracer, struct task *task)
{
	struct kernel_sigaction *action;
	bool dead;

	ptrace_unlink(task);
	if (task->exit_state != EXIT_ZOMBIE)
		return false;
	dead = !task_is_leader(task);
	if (!dead && task->group->nr_threads == 1) {
		action = &tracer->sighand->action[SIGCHLD - 1];
		if (!same_thread_group(task->real_parent, tracer))
			dead = task_notify_parent(task, task->exit_signal);
		else
			dead = action->handler == SIG_IGN ||
			       (action->flags & SA_NOCLDWAIT);
	}
	if (dead)
		task->exit_state = EXIT_DEAD;
	return dead;
}

/*
 * @tracer ends: its tracees are free, or go with it (PTRACE_O_EXITKILL). Those
 * to be released are put on @dead. Locking: tasklist_lock held.
 */
void ptrace_tracer_exits(struct task *tracer, struct list_head *dead)
{
	struct task *task, *tmp;

	list_for_each_entry_safe(task, tmp, &tracer->ptraced, ptrace_entry) {
		if (task->ptrace & PT_OPTION(PTRACE_O_EXITKILL))
			send_sig_info(SIGKILL, SEND_SIG_PRIV, task,
				      PIDTYPE_PID);
		if (detach_locked(tracer, task))
			list_add(&task->reap_node, dead);
	}
}

/* How a tracee's end is reported to its tracer. tasklist_lock held. */
int ptrace_exit_signal(const struct task *task)
{
	return task_is_leader(task) && task->group->nr_threads == 1 &&
	       !ptrace_reparented(task) ? task->exit_signal : SIGCHLD;
}

/*
 * The tracer has seen the end of the zombie @task. If that is somebody else's
 * child, and a process, its parent gets to see it too.
 *
 * Locking: tasklist_lock held.
 * Return:  true if the parent will reap it; false: the caller is to.
 */
bool ptrace_hand_back(struct task *task)
{
	if (!ptrace_reparented(task) || !task_is_leader(task))
		return false;
	ptrace_unlink(task);
	return !task_notify_parent(task, task->exit_signal);
}

/*
 * For wait4(2): the stop @task is in and has not been asked about yet, which
 * it is now unless @leave. Locking: tasklist_lock and sighand->lock held.
 * Return: its code; 0: none.
 */
int ptrace_take_stop(struct task *task, bool leave)
{
	int code = task->exit_code;

	if (!(READ_ONCE(task->sched.state) & TASK_TRACED_BIT) ||
	    (task->jobctl & JOBCTL_LISTENING))
		return 0;
	if (!leave)
		task->exit_code = 0;
	return code;
}

/* For /proc: who traces @task, or 0. Context: takes tasklist_lock. */
pid_t ptrace_tracer_nr(struct task *task)
{
	pid_t nr = 0;

	if (!READ_ONCE(task->ptrace))
		return 0;
	spin_lock_irq(&tasklist_lock);
	if (task->ptrace)
		nr = task->parent->tgid;
	spin_unlock_irq(&tasklist_lock);
	return nr;
}

/*
 * Must current's set-id bits count for nothing? Its tracer could make a
 * program of another user do anything; one that may trace everybody, may.
 */
bool ptrace_forbids_setid(void)
{
	struct task *tracer;

	if (likely(!current->ptrace))
		return false;
	RCU_GUARD();
	tracer = READ_ONCE(current->parent);
	return !cred_capable(rcu_dereference(tracer->cred), &init_user_ns,
			     CAP_SYS_PTRACE);
}

/* May @tracer, current's parent, have what current has? Locking: RCU. */
static bool may_trace_me(const struct task *tracer)
{
	const struct cred *its = rcu_dereference(tracer->cred);

	return (!(current_cred()->cap_permitted & ~its->cap_permitted) ||
		cred_capable(its, &init_user_ns, CAP_SYS_PTRACE)) &&
	       ptrace_scope_lets_parent(its);
}

/*
 * PTRACE_TRACEME. Return: 0; -EPERM: traced already, or the parent could do
 * more through current than by itself.
 */
int ptrace_traceme(void)
{
	int err = -EPERM;

	RCU_GUARD();
	spin_lock_irq(&tasklist_lock);
	spin_lock(&current->sighand->lock);
	if (!current->ptrace && may_trace_me(real_parent_of(current)) &&
	    !(real_parent_of(current)->flags & PF_EXITING)) {
		link_tracee(current, real_parent_of(current), PT_PTRACED);
		err = 0;
	}
	spin_unlock(&current->sighand->lock);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* One that is stopped for its process is to stop for its tracer instead. */
static void convert_stop(struct task *task)
{
	if (!(READ_ONCE(task->sched.state) & TASK_STOPPED_BIT) ||
	    !jobctl_set_pending(task, JOBCTL_TRAP_STOP | JOBCTL_TRAPPING))
		return;
	task_set_work(task, TIF_SIGPENDING);
	wake_up_state(task, TASK_STOPPED_BIT);
}

static int attach_locked(struct task *task, bool seize, unsigned int flags)
{
	if (task->exit_state || task->ptrace)
		return -EPERM;
	spin_lock(&task->sighand->lock);
	link_tracee(task, current, flags);
	if (!seize)
		send_signal_locked(SIGSTOP, SEND_SIG_PRIV, task, PIDTYPE_PID);
	convert_stop(task);
	spin_unlock(&task->sighand->lock);
	return 0;
}

/* Locking: @task's exec_lock held, so that it stays who it is. */
static int attach_checked(struct task *task, bool seize, unsigned int flags)
{
	int err;

	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH |
				     PTRACE_MODE_REALCREDS))
		return -EPERM;
	spin_lock_irq(&tasklist_lock);
	err = attach_locked(task, seize, flags);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/*
 * PTRACE_ATTACH and PTRACE_SEIZE: become @task's tracer; the former stops it
 * by SIGSTOP, the latter, with @flags PTRACE_O_*, leaves it running.
 *
 * Context: process; may sleep.
 * Return:  0; -EPERM (may not, is traced already, is current's own process);
 *          -EIO (@flags).
 */
int ptrace_attach(struct task *task, bool seize, unsigned long flags)
{
	unsigned int pt = PT_PTRACED;
	int err;

	if (seize) {
		if (flags & ~PTRACE_O_MASK)
			return -EIO;
		if (!ptrace_may_set_options(flags))
			return -EPERM;
		pt |= PT_SEIZED | PT_OPTION(flags);
	}
	if (task_is_kthread(task) || same_thread_group(task, current))
		return -EPERM;
	err = mutex_lock_interruptible(&task->group->exec_lock);
	if (err)
		return -ERESTARTNOINTR;
	err = attach_checked(task, seize, pt);
	mutex_unlock(&task->group->exec_lock);
	/* Between the two kinds of stop it runs for an instant. */
	if (!err)
		wait_event(&current->group->wait_chldexit,
			   !(READ_ONCE(task->jobctl) & JOBCTL_TRAPPING));
	return err;
}

/*
 * PTRACE_DETACH: @task goes on without a tracer, with signal @sig if not 0.
 * Context: process; @task is current's and frozen. Return: 0 or -EIO (@sig).
 */
int ptrace_detach(struct task *task, int sig)
{
	bool dead;

	if (sig && !sig_valid(sig))
		return -EIO;
	spin_lock_irq(&tasklist_lock);
	/* Freed by the others of its process if it was killed meanwhile. */
	dead = false;
	if (task->ptrace && task->parent == current) {
		task->exit_code = sig;
		dead = detach_locked(current, task);
	}
	spin_unlock_irq(&tasklist_lock);
	if (dead)
		release_task(task);
	return 0;
}
