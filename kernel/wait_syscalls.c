/*
 * wait4(2) and waitid(2): how a parent learns what became of its children.
 *
 * The parent looks through its children for one that matches and has news:
 * it ended, stopped or was continued. If there is none but could be, it
 * sleeps on its process's wait_chldexit, which task_notify_parent() wakes. It
 * is queued before it looks, so news that comes meanwhile is not lost.
 *
 * Of several threads that wait, one gets each zombie: whoever changes its
 * exit_state from EXIT_ZOMBIE to EXIT_DEAD under tasklist_lock.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pidfd.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/usage.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <uapi/fcntl.h>
#include <uapi/wait.h>

struct wait_request {
	enum pid_type	type;		/* PIDTYPE_MAX: any child */
	struct pid	*pid;		/* counted; NULL: matches none */
	int		options;
	bool		nonblock;	/* no news is -EAGAIN */
	/* What was found; pid is 0 as long as nothing was. */
	pid_t		found;
	uid_t		uid;
	int		code;		/* CLD_* */
	int		status;		/* as wait4(2) returns it */
	struct rusage	usage;
};

static bool matches(const struct wait_request *req, struct task *child,
		    bool traced)
{
	bool clone = child->exit_signal != SIGCHLD;

	if (req->type != PIDTYPE_MAX &&
	    task_pid_of(child, req->type) != req->pid)
		return false;
	/* A child that reports by another signal is a "clone child". */
	return traced || (req->options & __WALL) ||
	       clone == !!(req->options & (int)__WCLONE);
}

static void report(struct wait_request *req, struct task *child, int code,
		   int status)
{
	RCU_GUARD();
	req->found = child->pid;
	req->uid = rcu_dereference(child->real_cred)->uid;
	req->code = code;
	req->status = status;
	group_rusage(child, &req->usage);
}

/* A reaped child's usage becomes part of its parent's children's. */
static void account_child(struct task *child)
{
	struct thread_group *mine = current->group, *its = child->group;
	struct cputime time = group_cputime(child);

	SPIN_GUARD_IRQ(&current->sighand->lock);
	mine->cutime_ns += time.utime_ns + its->cutime_ns;
	mine->cstime_ns += time.stime_ns + its->cstime_ns;
	mine->cmin_flt += child->min_flt + its->min_flt + its->cmin_flt;
	mine->cmaj_flt += child->maj_flt + its->maj_flt + its->cmaj_flt;
	mine->cnvcsw += child->nvcsw + its->nvcsw + its->cnvcsw;
	mine->cnivcsw += child->nivcsw + its->nivcsw + its->cnivcsw;
	io_usage_add(&mine->io, &child->io);
	io_usage_add(&mine->io, &its->io);
	mine->cmaxrss_pages = max(mine->cmaxrss_pages,
				  max(its->maxrss_pages, its->cmaxrss_pages));
}

/*
 * Locking: tasklist_lock held; dropped, and true returned, if @child was a
 * zombie and is now reported.
 */
static bool __no_lock_check
wait_zombie(struct wait_request *req, struct task *child)
{
	int status;

	if (!(req->options & WEXITED))
		return false;
	status = child->group->flags & SIGNAL_GROUP_EXIT ?
		 child->group->group_exit_code : child->exit_code;
	report(req, child, !(status & 0x7f) ? CLD_EXITED :
	       status & 0x80 ? CLD_DUMPED : CLD_KILLED, status);
	if (req->options & WNOWAIT) {
		spin_unlock_irq(&tasklist_lock);
		return true;
	}
	/* A tracer that is not the parent leaves it for the parent. */
	if (unlikely(child->ptrace) && ptrace_hand_back(child)) {
		spin_unlock_irq(&tasklist_lock);
		return true;
	}
	child->exit_state = EXIT_DEAD;
	spin_unlock_irq(&tasklist_lock);
	if (task_is_leader(child))
		account_child(child);
	release_task(child);
	return true;
}

/* The same for a child that stopped. */
static bool __no_lock_check
wait_stopped(struct wait_request *req, struct task *child)
{
	struct thread_group *group = child->group;
	int sig = 0;

	if (!(req->options & WSTOPPED))
		return false;
	spin_lock(&child->sighand->lock);
	if (group->flags & SIGNAL_STOP_STOPPED)
		sig = group->group_exit_code;
	if (sig && !(req->options & WNOWAIT))
		group->group_exit_code = 0;
	spin_unlock(&child->sighand->lock);
	if (!sig)
		return false;
	report(req, child, CLD_STOPPED, sig << 8 | 0x7f);
	spin_unlock_irq(&tasklist_lock);
	return true;
}

/* The same for a tracee in a stop of its own. */
static bool __no_lock_check
wait_traced(struct wait_request *req, struct task *child)
{
	int code;

	spin_lock(&child->sighand->lock);
	code = ptrace_take_stop(child, req->options & WNOWAIT);
	spin_unlock(&child->sighand->lock);
	if (!code)
		return false;
	report(req, child, CLD_TRAPPED, code << 8 | 0x7f);
	spin_unlock_irq(&tasklist_lock);
	return true;
}

/* The same for a child that was continued. */
static bool __no_lock_check
wait_continued(struct wait_request *req, struct task *child)
{
	struct thread_group *group = child->group;
	bool continued;

	if (!(req->options & WCONTINUED))
		return false;
	spin_lock(&child->sighand->lock);
	continued = group->flags & SIGNAL_STOP_CONTINUED;
	if (continued && !(req->options & WNOWAIT))
		group->flags &= ~SIGNAL_STOP_CONTINUED;
	spin_unlock(&child->sighand->lock);
	if (!continued)
		return false;
	report(req, child, CLD_CONTINUED, 0xffff);
	spin_unlock_irq(&tasklist_lock);
	return true;
}

/*
 * One candidate, as its tracer (@traced) or as its parent. A child that a
 * stranger traces has ended for its parent only when the tracer knows of it.
 */
static bool look_at(struct wait_request *req, struct task *child, bool traced,
		    bool *may_come)
{
	if (unlikely(child->ptrace) && !ptrace_reparented(child))
		traced = true;
	if (child->exit_state == EXIT_DEAD || !matches(req, child, traced))
		return false;
	/* Of a zombie there is no news but the one. */
	if (child->exit_state == EXIT_ZOMBIE && (traced || !child->ptrace) &&
	    !(task_is_leader(child) && child->group->nr_threads > 1))
		return wait_zombie(req, child);
	*may_come = true;
	if (child->exit_state == EXIT_ZOMBIE)
		return false;
	return (traced ? wait_traced(req, child) : wait_stopped(req, child)) ||
	       wait_continued(req, child);
}

/* True, with tasklist_lock dropped, if a child of @parent had news. */
static bool look_at_children(struct wait_request *req, struct task *parent,
			     bool *may_come)
{
	struct task *child;

	list_for_each_entry(child, &parent->children, sibling)
		if (look_at(req, child, false, may_come))
			return true;
	list_for_each_entry(child, &parent->ptraced, ptrace_entry)
		if (look_at(req, child, true, may_come))
			return true;
	return false;
}

/* One look. Return: 0 if @req is filled, -ECHILD, or -EAGAIN: wait. */
static int __no_lock_check look(struct wait_request *req)
{
	bool may_come = false;
	struct task *thread;

	spin_lock_irq(&tasklist_lock);
	if (req->options & __WNOTHREAD) {
		if (look_at_children(req, current, &may_come))
			return 0;
	} else {
		for_each_thread_rcu(current, thread)
			if (look_at_children(req, thread, &may_come))
				return 0;
	}
	spin_unlock_irq(&tasklist_lock);
	return may_come ? -EAGAIN : -ECHILD;
}

/*
 * Find or wait for a child with news.
 *
 * Context: process; may sleep.
 * Return:  0 with @req filled, or with req->found 0 if WNOHANG; -ECHILD,
 *          -ERESTARTSYS.
 */
static int do_wait(struct wait_request *req)
{
	struct wait_queue *wq = &current->group->wait_chldexit;
	struct wait_entry self;
	int err;

	err = look(req);
	if (err != -EAGAIN)
		return err;
	if (req->options & WNOHANG)
		return 0;
	wait_entry_init(&self, current);
	for (;;) {
		int interrupted = prepare_to_wait(wq, &self,
						  TASK_INTERRUPTIBLE);

		err = look(req);
		if (err != -EAGAIN)
			break;
		err = interrupted;
		if (err)
			break;
		schedule();
	}
	finish_wait(wq, &self);
	return err;
}

/* pid as wait4(2) and waitpid(2) take it. */
static void select_by_pid(struct wait_request *req, pid_t pid)
{
	if (pid == -1) {
		req->type = PIDTYPE_MAX;
	} else if (pid > 0) {
		req->type = PIDTYPE_PID;
		req->pid = find_get_pid(pid);
	} else if (pid < 0) {
		req->type = PIDTYPE_PGID;
		req->pid = find_get_pid(-pid);
	} else {
		req->type = PIDTYPE_PGID;
		rcu_read_lock();
		req->pid = pid_get(task_pid_of(current, PIDTYPE_PGID));
		rcu_read_unlock();
	}
}

SYSCALL_DEFINE4(wait4, pid_t, pid, int __user *, status, int, options,
		struct rusage __user *, usage)
{
	struct wait_request req = {};
	int err;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD |
			(int)__WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT_MIN)
		return -ESRCH;
	req.options = options | WEXITED;
	select_by_pid(&req, pid);
	err = do_wait(&req);
	pid_put(req.pid);
	if (err || !req.found)
		return err;
	if (status && put_user(req.status, status))
		return -EFAULT;
	if (usage && copy_to_user(usage, &req.usage, sizeof(*usage)))
		return -EFAULT;
	return req.found;
}

/* A pidfd that is not to block makes this a WNOHANG that says so: -EAGAIN. */
static int select_by_pidfd(struct wait_request *req, int fd)
{
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(fd, &flags);

	if (IS_ERR(pid))
		return PTR_ERR(pid);
	req->type = PIDTYPE_PID;
	req->pid = pid;
	if ((flags & O_NONBLOCK) && !(req->options & WNOHANG)) {
		req->options |= WNOHANG;
		req->nonblock = true;
	}
	return 0;
}

static int select_by_id(struct wait_request *req, int which, pid_t id)
{
	switch (which) {
	case P_ALL:
		req->type = PIDTYPE_MAX;
		return 0;
	case P_PID:
		if (id <= 0)
			return -EINVAL;
		req->type = PIDTYPE_PID;
		req->pid = find_get_pid(id);
		return 0;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		select_by_pid(req, -id);
		return 0;
	case P_PIDFD:
		return id < 0 ? -EINVAL : select_by_pidfd(req, id);
	default:
		return -EINVAL;
	}
}

static int si_status_of(const struct wait_request *req)
{
	switch (req->code) {
	case CLD_EXITED:
	case CLD_STOPPED:
	case CLD_TRAPPED:
		return req->status >> 8;
	case CLD_CONTINUED:
		return SIGCONT;
	default:
		return req->status & 0x7f;
	}
}

static int waitid_flags(int options)
{
	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			__WNOTHREAD | (int)__WCLONE | __WALL))
		return -EINVAL;
	return options & (WEXITED | WSTOPPED | WCONTINUED) ? 0 : -EINVAL;
}

/* Linux writes these fields and no others. */
static int put_waitid_info(struct siginfo __user *info,
			   const struct siginfo *si)
{
	return put_user(si->si_signo, &info->si_signo) ||
	       put_user(si->si_errno, &info->si_errno) ||
	       put_user(si->si_code, &info->si_code) ||
	       put_user(si->si_pid, &info->si_pid) ||
	       put_user(si->si_uid, &info->si_uid) ||
	       put_user(si->si_status, &info->si_status) ? -EFAULT : 0;
}

/* What waitid(2) reports is written, as zeros, when it fails, too. */
SYSCALL_DEFINE5(waitid, int, which, pid_t, id, struct siginfo __user *, info,
		int, options, struct rusage __user *, usage)
{
	struct wait_request req = { .options = options };
	struct siginfo si = {};
	int err = waitid_flags(options);

	if (!err)
		err = select_by_id(&req, which, id);
	if (!err) {
		err = do_wait(&req);
		if (!err && !req.found && req.nonblock)
			err = -EAGAIN;
		pid_put(req.pid);
	}
	if (!err && req.found) {
		si.si_signo = SIGCHLD;
		si.si_code = req.code;
		si.si_pid = req.found;
		si.si_uid = req.uid;
		si.si_status = si_status_of(&req);
		if (usage && copy_to_user(usage, &req.usage, sizeof(*usage)))
			return -EFAULT;
	}
	if (info && put_waitid_info(info, &si))
		return -EFAULT;
	return err;
}
