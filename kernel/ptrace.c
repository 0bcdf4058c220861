/*
 * Who may look into another process.
 *
 * A process may look into one that is in every respect the same user: real,
 * effective and saved ids are all the looker's, so the target gained nothing
 * by a set-id program; it is dumpable, so it was not started from one nor
 * asked for privacy; and it has no capability the looker lacks. CAP_SYS_PTRACE
 * stands in for any of these.
 *
 * That leaves one program of a user at the mercy of any other: the browser can
 * read the keys of the ssh agent. So there is a second rule, Linux's Yama, for
 * who wants more than to look, which the administrator can make stricter by
 * steps (ptrace_scope). The step that matters allows tracing one's descendants
 * only, as a debugger does that starts its program; a program that wants to be
 * traced by somebody else, a crash handler say, names it (PR_SET_PTRACER).
 * From the start the rule asks for nothing, and what was named has no effect.
 *
 * Source: man 2 ptrace, "Ptrace access mode checking" and
 * "/proc/sys/kernel/yama/ptrace_scope"; man 2 prctl, PR_SET_PTRACER.
 */
#include <kernel/ptrace.h>

#include <keel/err.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <uapi/prctl.h>

int ptrace_scope;

static bool is_same_user(const struct cred *target, unsigned int mode)
{
	const struct cred *mine = current_cred();
	bool by_fs = mode & PTRACE_MODE_FSCREDS;
	uid_t uid = by_fs ? mine->fsuid : mine->uid;
	gid_t gid = by_fs ? mine->fsgid : mine->gid;

	return uid == target->uid && uid == target->euid &&
	       uid == target->suid && gid == target->gid &&
	       gid == target->egid && gid == target->sgid;
}

/* By the looker's capabilities that count for @mode. */
static bool has_no_less(const struct cred *target, unsigned int mode)
{
	const struct cred *mine = current_cred();
	kernel_cap_t caps = mode & PTRACE_MODE_FSCREDS ?
			    mine->cap_effective : mine->cap_permitted;

	return !(target->cap_permitted & ~caps);
}

/* A task that has no memory any more has no secrets in it. */
static bool is_dumpable(struct task *task)
{
	bool dumpable;

	spin_lock(&task->lock);
	dumpable = !task->mm || READ_ONCE(task->mm->dumpable) == 1;
	spin_unlock(&task->lock);
	return dumpable;
}

/* ---- the scope ------------------------------------------------------- */

/* Is @task of @ancestor's process or below it? Locking: tasklist_lock. */
static bool is_within(const struct task *task, const struct task *ancestor)
{
	for (; !same_thread_group(task, ancestor); task = task->real_parent)
		if (task->pid <= 1)
			return false;
	return true;
}

/* Did @group agree to be traced by current? Locking: tasklist_lock. */
static bool agreed_to_current(const struct thread_group *group)
{
	struct task *named = NULL;

	if (group->any_ptracer)
		return true;
	if (group->ptracer)
		named = pid_task(group->ptracer, PIDTYPE_PID);
	return named && is_within(current, named);
}

static bool is_related(struct task *task)
{
	bool related;

	RCU_GUARD();
	spin_lock_irq(&tasklist_lock);
	related = is_within(task, current) ||
		  (task->ptrace && same_thread_group(task->parent, current)) ||
		  agreed_to_current(task->group);
	spin_unlock_irq(&tasklist_lock);
	return related;
}

/* Does the scope let current do more to @task than look? */
static bool scope_allows(struct task *task)
{
	switch (READ_ONCE(ptrace_scope)) {
	case PTRACE_SCOPE_USER:
		return true;
	case PTRACE_SCOPE_RELATION:
		return is_related(task) || capable(CAP_SYS_PTRACE);
	case PTRACE_SCOPE_RIGHT:
		return capable(CAP_SYS_PTRACE);
	default:
		return false;
	}
}

/* Does it let current make who has @parent its tracer? Locking: RCU. */
bool ptrace_scope_lets_parent(const struct cred *parent)
{
	int scope = READ_ONCE(ptrace_scope);

	return scope <= PTRACE_SCOPE_RELATION ||
	       (scope == PTRACE_SCOPE_RIGHT &&
		cred_capable(parent, &init_user_ns, CAP_SYS_PTRACE));
}

/*
 * Change it; the strictest stays. Context: process.
 * Return: 0, -EPERM, -EINVAL.
 */
int set_ptrace_scope(int scope)
{
	if (!capable(CAP_SYS_PTRACE))
		return -EPERM;
	if (scope < PTRACE_SCOPE_USER || scope > PTRACE_SCOPE_NOBODY)
		return -EINVAL;
	for (int old = READ_ONCE(ptrace_scope);;) {
		if (old == PTRACE_SCOPE_NOBODY && scope != old)
			return -EINVAL;
		if (try_cmpxchg(&ptrace_scope, &old, scope))
			return 0;
	}
}

static void set_ptracer(struct pid *pid, bool any)
{
	struct thread_group *group = current->group;
	struct pid *old;

	spin_lock_irq(&tasklist_lock);
	old = group->ptracer;
	group->ptracer = pid;
	group->any_ptracer = any;
	spin_unlock_irq(&tasklist_lock);
	pid_put(old);
}

/*
 * PR_SET_PTRACER: the task @tracer and what descends from it may trace
 * current's process; 0: nobody, -1: everybody who is the same user. It ends
 * with the tracer, is kept by execve(2) and not inherited by fork(2).
 *
 * Context: process.
 * Return:  0 or -EINVAL (no such task).
 */
long prctl_set_ptracer(unsigned long tracer)
{
	struct pid *pid = NULL;
	struct task *task;

	if (!tracer || (int)tracer == -1) {
		set_ptracer(NULL, tracer);
		return 0;
	}
	task = get_task_by_pid((pid_t)tracer);
	if (!task)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	pid = pid_get(task_pid_of(task, PIDTYPE_PID));
	spin_unlock_irq(&tasklist_lock);
	task_put(task);
	if (!pid)
		return -EINVAL;
	set_ptracer(pid, false);
	return 0;
}

/* ---- all together ---------------------------------------------------- */

/*
 * May current look into @task, to which the caller has a reference?
 * Context: process; takes task->lock and tasklist_lock.
 */
bool ptrace_may_access(struct task *task, unsigned int mode)
{
	const struct cred *target;
	bool ok;

	if (same_thread_group(task, current))
		return true;
	target = task_cred_get(task);
	ok = is_same_user(target, mode) && has_no_less(target, mode);
	cred_put(target);
	if (!(ok && is_dumpable(task)) && !capable(CAP_SYS_PTRACE))
		return false;
	return !(mode & PTRACE_MODE_ATTACH) || scope_allows(task);
}

/*
 * May current give a tracee these PTRACE_O_*? To suspend filters is to undo
 * them: not for everybody, nor for who is bound by filters.
 */
bool ptrace_may_set_options(unsigned long options)
{
	return !(options & PTRACE_O_SUSPEND_SECCOMP) ||
	       (capable(CAP_SYS_ADMIN) && !current->seccomp_mode &&
		!(current->ptrace & PT_OPTION(PTRACE_O_SUSPEND_SECCOMP)));
}

/*
 * The address space of @task, for reading or changing it.
 *
 * Context: process.
 * Return:  a user reference; NULL for a kernel thread or a zombie;
 *          ERR_PTR(-EACCES).
 */
struct mm *mm_access(struct task *task, unsigned int mode)
{
	struct mm *mm = get_task_mm(task);

	if (!mm || mm == current->mm || ptrace_may_access(task, mode))
		return mm;
	mmput(mm);
	return ERR_PTR(-EACCES);
}
