/*
 * The end of a task.
 *
 * do_exit() gives back what the task holds, one thing after another, finds new
 * parents for its children, and tells its own parent. What then remains is a
 * zombie: a struct task without memory, files or a stack worth keeping, whose
 * one purpose is to hold the exit status until wait4(2) asks for it. If nobody
 * wants to know (the parent ignores SIGCHLD, or it was a mere thread), the
 * task reaps itself.
 *
 * release_task() takes the zombie out of all lists; the struct goes with its
 * last reference. The stack is freed by the next task that runs on this CPU,
 * since no task can free what it is standing on (task_finish_dead()).
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/task_files.h>
#include <ipc/task_ipc.h>
#include <kernel/cred.h>
#include <kernel/futex.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/posix_timers.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/task_tty.h>
#include <kernel/vfork.h>
#include <mm/mm.h>
#include <mm/vmalloc.h>
#include <uapi/futex.h>
#include <uapi/wait.h>

struct task *init_process;

/*
 * @task leaves its address space, by exec or exit: a parent in vfork(2) may
 * go on, locks it still holds are let go of, and the word CLONE_CHILD_CLEARTID
 * named is cleared for who joins.
 *
 * Context: process; the task itself; may fault.
 */
void mm_release(struct task *task)
{
	if (unlikely(task->robust_list))
		futex_release_robust();
	rt_mutex_exit(task, task->flags & PF_EXITING);
	if (task->clear_child_tid && task->mm &&
	    refcount_read(&task->mm->users) > 1) {
		if (!put_user(0U, task->clear_child_tid))
			futex_wake_user(task->clear_child_tid, true, 1,
					FUTEX_BITSET_MATCH_ANY);
	}
	task->clear_child_tid = NULL;
	vfork_complete(task);
}

static void exit_mm(void)
{
	struct mm *mm = current->mm;

	mm_release(current);
	if (!mm)
		return;
	/* From here a kernel thread that borrows the tables it ran on. */
	mmgrab(mm);
	spin_lock(&current->lock);
	current->mm = NULL;
	spin_unlock(&current->lock);
	mmput(mm);
}

/* Add what this task used to what its process remembers. */
static void account_exit(struct task *task)
{
	struct thread_group *group = task->group;
	struct cputime time = task_cputime(task);

	group->utime_ns += time.utime_ns;
	group->stime_ns += time.stime_ns;
	group->min_flt += task->min_flt;
	group->maj_flt += task->maj_flt;
	group->nvcsw += task->nvcsw;
	group->nivcsw += task->nivcsw;
	io_usage_add(&group->io, &task->io);
}

static void unlink_pids(struct task *task)
{
	struct thread_group *group = task->group;

	nr_tasks_dec();
	pid_detach(task, PIDTYPE_PID);
	if (task_is_leader(task)) {
		pid_detach(task, PIDTYPE_TGID);
		pid_detach(task, PIDTYPE_PGID);
		pid_detach(task, PIDTYPE_SID);
		list_del_rcu(&task->tasks);
		list_del_init(&task->sibling);
	}
	list_del_rcu(&task->group_node);
	group->nr_threads--;
	if (unlikely(group->group_exec_task))
		exec_thread_gone(group);
}

/* The handlers and queues go with the lists, under both locks. */
static struct tty *exit_signals_locked(struct task *task)
{
	struct sighand *sighand = task->sighand;
	struct thread_group *group = task->group;
	bool last = task_is_leader(task);
	struct tty *tty = NULL;

	spin_lock(&sighand->lock);
	if (last) {
		tty = group->tty;
		group->tty = NULL;
	} else {
		account_exit(task);
	}
	unlink_pids(task);
	flush_sigqueue(&task->pending);
	if (last)
		flush_sigqueue(&group->shared_pending);
	rcu_assign_pointer(task->sighand, NULL);
	spin_unlock(&sighand->lock);
	sighand_put(sighand);
	return tty;
}

static bool delayed_leader(struct task *leader)
{
	return leader->exit_state == EXIT_ZOMBIE &&
	       leader->group->nr_threads == 1;
}

/*
 * The last of @task but its memory: nobody will wait for it. A thread that
 * was the last one beside a zombie leader lets the leader's parent know.
 *
 * Context: process or RCU callback; takes tasklist_lock.
 */
void release_task(struct task *task)
{
	struct task *leader;
	struct tty *tty;
	bool reap_leader;

	do {
		atomic_long_dec(&task->real_cred->user->processes);
		spin_lock_irq(&tasklist_lock);
		leader = task->group->leader;
		if (unlikely(task->ptrace))
			ptrace_unlink(task);
		tty = exit_signals_locked(task);
		reap_leader = leader != task && delayed_leader(leader) &&
			      task_notify_parent(leader, leader->exit_signal);
		if (reap_leader)
			leader->exit_state = EXIT_DEAD;
		spin_unlock_irq(&tasklist_lock);
		task_tty_put(tty);
		if (unlikely(task->seccomp_filter))
			seccomp_release(task);
		task_put(task);
		task = leader;
	} while (unlikely(reap_leader));
}

/*
 * The scheduler is off @task's stack for good: free it, and the reference
 * that stood for it.
 *
 * Context: the scheduler, right after the switch; must not sleep.
 */
void task_finish_dead(struct task *task)
{
	kernel_stack_free(task->stack);
	task->stack = NULL;
	task_put(task);
}

/*
 * A process group is orphaned when no member has a parent outside the group
 * but in the session: then nobody would ever continue its stopped members.
 * Locking: tasklist_lock held.
 */
bool is_orphaned_pgrp(struct pid *pgrp, struct task *ignored)
{
	struct task *task;

	for_each_pid_task(pgrp, PIDTYPE_PGID, task) {
		struct task *parent = task->real_parent;

		if (task == ignored || parent == init_process ||
		    (task->exit_state && task->group->nr_threads == 1))
			continue;
		if (task_pid_of(parent, PIDTYPE_PGID) != pgrp &&
		    task_pid_of(parent, PIDTYPE_SID) ==
			    task_pid_of(task, PIDTYPE_SID))
			return false;
	}
	return true;
}

static bool has_stopped_member(struct pid *pgrp)
{
	struct task *task;

	for_each_pid_task(pgrp, PIDTYPE_PGID, task)
		if (task->group->flags & SIGNAL_STOP_STOPPED)
			return true;
	return false;
}

/* POSIX 3.2.2.2: a newly orphaned group with stopped members is woken up. */
static void kill_orphaned_pgrp(struct task *task, struct task *parent)
{
	struct pid *pgrp = task_pid_of(task, PIDTYPE_PGID);
	struct task *ignored = task;

	if (parent == NULL)	/* @task exits itself */
		parent = task->real_parent;
	else			/* @task is the child of who exits */
		ignored = NULL;
	if (task_pid_of(parent, PIDTYPE_PGID) == pgrp ||
	    task_pid_of(parent, PIDTYPE_SID) !=
		    task_pid_of(task, PIDTYPE_SID))
		return;
	if (is_orphaned_pgrp(pgrp, ignored) && has_stopped_member(pgrp)) {
		kill_pgrp_locked(pgrp, SIGHUP, true);
		kill_pgrp_locked(pgrp, SIGCONT, true);
	}
}

/* Another live thread of the process, a subreaper, or PID 1. */
static struct task *find_new_reaper(struct task *father)
{
	struct task *task;

	for_each_thread_rcu(father, task)
		if (!(task->flags & PF_EXITING))
			return task;
	if (father->group->has_child_subreaper) {
		for (task = father->real_parent; task->pid > 1;
		     task = task->real_parent)
			if (task->group->is_child_subreaper &&
			    !(task->flags & PF_EXITING))
				return task;
	}
	return init_process;
}

/* All threads of @child have the one parent, and may have asked for news. */
static void change_parent(struct task *child, struct task *father,
			  struct task *reaper)
{
	struct task *t;

	for_each_thread_rcu(child, t) {
		rcu_assign_pointer(t->real_parent, reaper);
		if (t->parent == father && !t->ptrace)
			t->parent = reaper;
		if (t->pdeath_signal)
			send_sig_info(t->pdeath_signal, SEND_SIG_NOINFO, t,
				      PIDTYPE_TGID);
	}
}

static void reparent_one(struct task *child, struct task *father,
			 struct task *reaper, struct list_head *dead)
{
	change_parent(child, father, reaper);
	list_move_tail(&child->sibling, &reaper->children);
	if (same_thread_group(reaper, father))
		return;
	/* A new parent may not expect the signal the old one had chosen. */
	child->exit_signal = SIGCHLD;
	if (!child->ptrace && child->exit_state == EXIT_ZOMBIE &&
	    child->group->nr_threads == 1 &&
	    task_notify_parent(child, child->exit_signal)) {
		child->exit_state = EXIT_DEAD;
		list_add(&child->reap_node, dead);
	}
	kill_orphaned_pgrp(child, father);
}

static void forget_original_parent(struct task *father, struct list_head *dead)
{
	struct task *reaper, *child, *tmp;

	if (unlikely(!list_empty(&father->ptraced)))
		ptrace_tracer_exits(father, dead);
	if (list_empty(&father->children))
		return;
	reaper = find_new_reaper(father);
	list_for_each_entry_safe(child, tmp, &father->children, sibling)
		reparent_one(child, father, reaper, dead);
}

/* An exec may wait for the leader to come to this. */
static void become_zombie(struct task *task)
{
	struct thread_group *group = task->group;

	task->exit_state = EXIT_ZOMBIE;
	if (likely(!READ_ONCE(group->group_exec_task)))
		return;
	spin_lock(&task->sighand->lock);
	if (group->group_exec_task)
		exec_thread_gone(group);
	spin_unlock(&task->sighand->lock);
}

/* True if nobody is going to wait for @task. Locking: tasklist_lock. */
static bool notify_about_exit(struct task *task)
{
	if (unlikely(task->ptrace))
		return task_notify_parent(task, ptrace_exit_signal(task));
	if (!task_is_leader(task))
		return true;
	/* A leader with threads left is reported by the last of them. */
	if (task->group->nr_threads > 1)
		return false;
	return task_notify_parent(task, task->exit_signal);
}

static void exit_notify(struct task *task)
{
	struct task *dead, *tmp;
	bool autoreap;
	LIST_HEAD(dead_children);

	spin_lock_irq(&tasklist_lock);
	forget_original_parent(task, &dead_children);
	if (atomic_read(&task->group->live) == 0)
		kill_orphaned_pgrp(task->group->leader, NULL);
	become_zombie(task);
	autoreap = notify_about_exit(task);
	if (autoreap)
		task->exit_state = EXIT_DEAD;
	spin_unlock_irq(&tasklist_lock);

	list_for_each_entry_safe(dead, tmp, &dead_children, reap_node)
		release_task(dead);
	if (autoreap)
		release_task(task);
}

static void check_killed_init(int code)
{
	if (current->group == init_process->group)
		panic("Attempted to kill init! exitcode=0x%08x", code);
}

/*
 * End the current task with wait4(2) status @code.
 * Context: process, no locks held, interrupts on. Does not return.
 */
void do_exit(int code)
{
	struct task *task = current;
	bool group_dead;

	ASSERT(!in_interrupt());
	ASSERT(task->pid != 0);
	if (unlikely(task->ptrace))
		ptrace_event(PTRACE_EVENT_EXIT, code);
	exit_signals();
	group_dead = atomic_dec_and_test(&task->group->live);
	if (group_dead) {
		if (init_process)
			check_killed_init(task->group->group_exit_code ?: code);
		itimers_exit(task);
		posix_timers_exit();
		if (task->mm)
			task->group->maxrss_pages =
				max(task->group->maxrss_pages,
				    mm_hiwater_rss(task->mm));
	}
	task->exit_code = code;
	exit_mm();
	if (unlikely(task->sem_undo))
		task_sem_undo_drop(task);
	task_files_drop(task);
	if (group_dead && task->group->leader_of_session)
		task_tty_leader_exit();
	exit_notify(task);
	do_task_dead();
}

/*
 * End the whole process with status @code, unless another thread's request to
 * do so came first. Context: as do_exit(). Does not return.
 */
void do_group_exit(int code)
{
	struct thread_group *group = current->group;

	spin_lock_irq(&current->sighand->lock);
	if (group->flags & SIGNAL_GROUP_EXIT) {
		code = group->group_exit_code;
	} else if (group->group_exec_task) {
		code = 0;
	} else {
		group->group_exit_code = code;
		group->flags = SIGNAL_GROUP_EXIT;
		zap_other_threads(current);
	}
	spin_unlock_irq(&current->sighand->lock);
	do_exit(code);
}

SYSCALL_DEFINE1(exit, int, code)
{
	do_exit((code & 0xff) << 8);
}

SYSCALL_DEFINE1(exit_group, int, code)
{
	do_group_exit((code & 0xff) << 8);
}
