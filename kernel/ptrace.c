/*
 * Who may look into another process.
 *
 * A process may look into one that is in every respect the same user: real,
 * effective and saved ids are all the looker's, so the target gained nothing
 * by a set-id program; it is dumpable, so it was not started from one nor
 * asked for privacy; and it has no capability the looker lacks. CAP_SYS_PTRACE
 * stands in for any of these.
 *
 * Source: man 2 ptrace, "Ptrace access mode checking".
 */
#include <kernel/ptrace.h>

#include <keel/err.h>
#include <kernel/cred.h>
#include <mm/mm.h>

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

/*
 * May current look into @task, to which the caller has a reference?
 * Context: process; takes task->lock.
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
	if (ok && is_dumpable(task))
		return true;
	return capable(CAP_SYS_PTRACE);
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
