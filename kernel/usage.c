/*
 * getrusage(2), times(2) and prlimit64(2) with its older forms: what a process
 * has used and may use.
 *
 * Usage is kept per task while it lives, added to its thread group when it
 * ends, and to its parent's "children" when it is waited for.
 *
 * The sum of CPU time is measured exactly, at each switch; its division into
 * user and system mode is sampled by the tick (kernel/sched_tick.c). What is
 * reported is the exact sum divided in the sampled ratio, and since the ratio
 * changes, neither part could be kept from going back, which programs do not
 * expect. So what was reported last is remembered and taken as the least.
 */
#include <kernel/usage.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <uapi/time.h>

#include "sched_internal.h"

struct usage_sum {
	uint64_t	utime_ns, stime_ns;
	unsigned long	min_flt, maj_flt, nvcsw, nivcsw, maxrss_pages;
};

static void to_rusage(struct rusage *usage, const struct usage_sum *sum)
{
	memset(usage, 0, sizeof(*usage));
	usage->ru_utime = ns_to_timeval(sum->utime_ns);
	usage->ru_stime = ns_to_timeval(sum->stime_ns);
	usage->ru_maxrss = sum->maxrss_pages * (PAGE_SIZE / 1024);
	usage->ru_minflt = sum->min_flt;
	usage->ru_majflt = sum->maj_flt;
	usage->ru_nvcsw = sum->nvcsw;
	usage->ru_nivcsw = sum->nivcsw;
}

/*
 * The largest size of a process: of the memory it has, and of what it had
 * before an exec. Context: any that may take task->lock.
 */
static void add_peak(struct usage_sum *sum, struct task *task)
{
	unsigned long peak = task->group->maxrss_pages;

	/* A zombie, the common case, has no memory: no lock for that. */
	if (READ_ONCE(task->mm)) {
		SPIN_GUARD(&task->lock);
		if (task->mm)
			peak = max(peak, mm_hiwater_rss(task->mm));
	}
	sum->maxrss_pages = max(sum->maxrss_pages, peak);
}

static void add_group(struct usage_sum *sum, struct task *task)
{
	struct thread_group *group = task->group;
	struct cputime time = group_cputime(task);
	struct task *t;

	RCU_GUARD();
	sum->utime_ns += time.utime_ns;
	sum->stime_ns += time.stime_ns;
	sum->min_flt += group->min_flt;
	sum->maj_flt += group->maj_flt;
	sum->nvcsw += group->nvcsw;
	sum->nivcsw += group->nivcsw;
	for_each_thread_rcu(task, t) {
		sum->min_flt += t->min_flt;
		sum->maj_flt += t->maj_flt;
		sum->nvcsw += t->nvcsw;
		sum->nivcsw += t->nivcsw;
	}
	add_peak(sum, task);
}

static void add_children(struct usage_sum *sum, struct task *task)
{
	struct thread_group *group = task->group;

	sum->utime_ns += group->cutime_ns;
	sum->stime_ns += group->cstime_ns;
	sum->min_flt += group->cmin_flt;
	sum->maj_flt += group->cmaj_flt;
	sum->nvcsw += group->cnvcsw;
	sum->nivcsw += group->cnivcsw;
	sum->maxrss_pages = max(sum->maxrss_pages, group->cmaxrss_pages);
}

/*
 * What @task's process and the children it waited for have used: what its
 * parent gets from wait4(2). Context: any that may take the RCU read lock.
 */
void group_rusage(struct task *task, struct rusage *usage)
{
	struct usage_sum sum = {};

	add_group(&sum, task);
	add_children(&sum, task);
	to_rusage(usage, &sum);
}

static void add_thread(struct usage_sum *sum, struct task *task)
{
	struct cputime time = task_cputime(task);

	sum->utime_ns = time.utime_ns;
	sum->stime_ns = time.stime_ns;
	sum->min_flt = task->min_flt;
	sum->maj_flt = task->maj_flt;
	sum->nvcsw = task->nvcsw;
	sum->nivcsw = task->nivcsw;
	add_peak(sum, task);
}

SYSCALL_DEFINE2(getrusage, int, who, struct rusage __user *, to)
{
	struct usage_sum sum = {};
	struct rusage usage;

	switch (who) {
	case RUSAGE_SELF:
		add_group(&sum, current);
		break;
	case RUSAGE_CHILDREN:
		add_children(&sum, current);
		break;
	case RUSAGE_THREAD:
		add_thread(&sum, current);
		break;
	default:
		return -EINVAL;
	}
	to_rusage(&usage, &sum);
	return copy_to_user(to, &usage, sizeof(usage)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(times, struct tms __user *, to)
{
	struct cputime time = group_cputime(current);
	struct thread_group *group = current->group;
	struct tms tms = {
		.tms_utime = time.utime_ns / NSEC_PER_CLOCK_TICK,
		.tms_stime = time.stime_ns / NSEC_PER_CLOCK_TICK,
		.tms_cutime = group->cutime_ns / NSEC_PER_CLOCK_TICK,
		.tms_cstime = group->cstime_ns / NSEC_PER_CLOCK_TICK,
	};

	if (to && copy_to_user(to, &tms, sizeof(tms)))
		return -EFAULT;
	return ktime_get_boottime_ns() / NSEC_PER_CLOCK_TICK;
}

int nr_open_limit = 1 << 20;

static int set_rlimit(struct task *task, unsigned int which,
		      const struct rlimit *new, struct rlimit *old)
{
	struct rlimit *limit = &task->group->rlim[which];
	unsigned long flags;
	struct sighand *sighand;
	int err = 0;

	if (new && new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new && which == RLIMIT_NOFILE &&
	    new->rlim_max > (unsigned int)READ_ONCE(nr_open_limit))
		return -EPERM;
	sighand = lock_task_sighand(task, &flags);
	if (!sighand)
		return -ESRCH;
	if (old)
		*old = *limit;
	if (new && new->rlim_max > limit->rlim_max &&
	    !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else if (new)
		*limit = *new;
	unlock_task_sighand(task, flags);
	return err;
}

/* The caller itself, a task of the same ids all through, or privilege. */
static bool may_prlimit(struct task *task)
{
	const struct cred *mine = current_cred(), *its;

	if (task == current)
		return true;
	RCU_GUARD();
	its = rcu_dereference(task->real_cred);
	if (mine->uid == its->euid && mine->uid == its->suid &&
	    mine->uid == its->uid && mine->gid == its->egid &&
	    mine->gid == its->sgid && mine->gid == its->gid)
		return true;
	return capable(CAP_SYS_RESOURCE);
}

SYSCALL_DEFINE4(prlimit64, pid_t, pid, unsigned int, which,
		const struct rlimit64 __user *, new_user,
		struct rlimit64 __user *, old_user)
{
	struct rlimit new, old;
	struct task *task;
	int err;

	if (new_user && copy_from_user(&new, new_user, sizeof(new)))
		return -EFAULT;
	task = pid ? get_task_by_pid(pid) : task_get(current);
	if (!task)
		return -ESRCH;
	if (!may_prlimit(task))
		err = -EPERM;
	else if (which >= RLIM_NLIMITS)
		err = -EINVAL;
	else
		err = set_rlimit(task, which, new_user ? &new : NULL, &old);
	task_put(task);
	if (!err && old_user && copy_to_user(old_user, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

SYSCALL_DEFINE2(getrlimit, unsigned int, which, struct rlimit __user *, to)
{
	struct rlimit old;
	int err;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	err = set_rlimit(current, which, NULL, &old);
	if (!err && copy_to_user(to, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}

SYSCALL_DEFINE2(setrlimit, unsigned int, which,
		const struct rlimit __user *, from)
{
	struct rlimit new;

	if (copy_from_user(&new, from, sizeof(new)))
		return -EFAULT;
	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	return set_rlimit(current, which, &new, NULL);
}

/* ---- CPU time ---- */

/* CPU time of @task up to now, in ns. Context: any but NMI. */
uint64_t task_runtime_ns(struct task *task)
{
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);
	uint64_t sum;

	if (rq->curr == task)
		task->sched.class->update_curr(rq);
	sum = task->sched.se.sum_exec_ns;
	task_rq_unlock(rq, task, flags);
	return sum;
}

/* The user part of @sum, by the samples; without any, all is user time. */
static uint64_t user_part(const struct task_sched *sched, uint64_t sum)
{
	uint64_t user = sched->user_ns, all = user + sched->system_ns;

	if (all == 0)
		return sum;
	/* Neither factor may overflow the product: drop low bits of both. */
	while (all >> 32) {
		all >>= 1;
		user >>= 1;
	}
	return sum / all * user + sum % all * user / all;
}

/* User and system time of @task. Context: any but NMI. */
struct cputime task_cputime(struct task *task)
{
	struct task_sched *sched = &task->sched;
	struct cputime time;
	uint64_t sum, user;
	unsigned long flags;
	struct runqueue *rq;

	rq = task_rq_lock(task, &flags);
	if (rq->curr == task)
		task->sched.class->update_curr(rq);
	sum = sched->se.sum_exec_ns;
	if (sum > sched->utime_ns + sched->stime_ns) {
		user = task_is_kthread(task) ? 0 : user_part(sched, sum);
		user = clamp(user, sched->utime_ns, sum - sched->stime_ns);
		sched->utime_ns = user;
		sched->stime_ns = sum - user;
	}
	time = (struct cputime){ sched->utime_ns, sched->stime_ns };
	task_rq_unlock(rq, task, flags);
	return time;
}

/*
 * User and system time of all of @task's process: of the threads it has, and
 * of those it had. Context: any but NMI.
 */
struct cputime group_cputime(struct task *task)
{
	struct thread_group *group = task->group;
	struct cputime sum = {
		READ_ONCE(group->utime_ns), READ_ONCE(group->stime_ns),
	};
	struct task *thread;

	RCU_GUARD();
	for_each_thread_rcu(task, thread) {
		struct cputime time = task_cputime(thread);

		sum.utime_ns += time.utime_ns;
		sum.stime_ns += time.stime_ns;
	}
	return sum;
}
