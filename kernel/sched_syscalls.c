/*
 * The system calls of scheduling: sched_*(2), getpriority(2), setpriority(2).
 *
 * Policies are SCHED_OTHER, SCHED_BATCH and SCHED_IDLE; there is no real-time
 * class, and asking for one is an invalid argument, as it is for any policy a
 * kernel does not have.
 *
 * Source: man 7 sched, man 2 sched_setaffinity, man 2 setpriority.
 */
#include <arch/current.h>
#include <arch/smp.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/sched_policy.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <uapi/resource.h>
#include <uapi/sched.h>

#include "sched_internal.h"

SYSCALL_DEFINE0(sched_yield)
{
	yield();
	return 0;
}

/* A reference to task @pid, current for 0; NULL if there is none. */
static struct task *get_task(pid_t pid)
{
	return pid ? get_task_by_pid(pid) : task_get(current);
}

/* Whether current may change how @task is scheduled. */
static bool owns(struct task *task)
{
	const struct cred *mine = current_cred(), *theirs;
	bool same;

	rcu_read_lock();
	theirs = rcu_dereference(task->real_cred);
	same = mine->euid == theirs->euid || mine->euid == theirs->uid;
	rcu_read_unlock();
	return same || capable(CAP_SYS_NICE);
}

/* ---- nice ---------------------------------------------------------------- */

/*
 * What getpriority and setpriority do to each task they mean. Called under
 * RCU; must not sleep.
 */
struct priority_visit {
	void	(*visit)(struct task *, struct priority_visit *);
	int	nice;		/* set: the new value; get: the best so far */
	int	result;
};

static void visit_threads(struct task *process, struct priority_visit *visit)
{
	struct task *thread;

	for_each_thread_rcu(process, thread)
		visit->visit(thread, visit);
}

static void visit_group(struct pid *pgrp, struct priority_visit *visit)
{
	struct task *process;

	for_each_process_rcu(process)
		if (task_pid_of(process, PIDTYPE_PGID) == pgrp)
			visit_threads(process, visit);
}

static void visit_user(uid_t uid, struct priority_visit *visit)
{
	struct task *process, *thread;

	for_each_process_rcu(process)
		for_each_thread_rcu(process, thread)
			if (rcu_dereference(thread->real_cred)->uid == uid)
				visit->visit(thread, visit);
}

/* Visit the tasks that @which and @who name. Return: 0 or -EINVAL. */
static int visit_tasks(int which, int who, struct priority_visit *visit)
{
	struct task *task;
	struct pid *pgrp;

	RCU_GUARD();
	switch (which) {
	case PRIO_PROCESS:
		task = who ? find_task_by_pid(who) : current;
		if (task)
			visit->visit(task, visit);
		return 0;
	case PRIO_PGRP:
		pgrp = who ? find_pid(who)
			   : task_pid_of(current, PIDTYPE_PGID);
		if (pgrp)
			visit_group(pgrp, visit);
		return 0;
	case PRIO_USER:
		visit_user(who ? (uid_t)who : current_uid(), visit);
		return 0;
	default:
		return -EINVAL;
	}
}

static void visit_get(struct task *task, struct priority_visit *visit)
{
	visit->nice = min(visit->nice, task_nice(task));
	visit->result = 0;
}

/*
 * Return: 20 - nice of the most favoured task, 1 to 40, since negative values
 *         are errors; -EINVAL, -ESRCH.
 */
SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	struct priority_visit visit = {
		.visit = visit_get,
		.nice = NICE_MAX,
		.result = -ESRCH,
	};
	int err = visit_tasks(which, who, &visit);

	if (!err)
		err = visit.result;
	return err ? err : 20 - visit.nice;
}

static void visit_set(struct task *task, struct priority_visit *visit)
{
	if (!owns(task)) {
		visit->result = -EPERM;
	} else if (visit->nice < task_nice(task) &&
		   !can_nice(task, visit->nice)) {
		visit->result = -EACCES;
	} else {
		if (visit->result == -ESRCH)
			visit->result = 0;
		set_user_nice(task, visit->nice);
	}
}

/* Return: 0; -EINVAL, -ESRCH; -EPERM, -EACCES if it failed for any task. */
SYSCALL_DEFINE3(setpriority, int, which, int, who, int, nice)
{
	struct priority_visit visit = {
		.visit = visit_set,
		.nice = clamp(nice, NICE_MIN, NICE_MAX),
		.result = -ESRCH,
	};
	int err = visit_tasks(which, who, &visit);

	return err ? err : visit.result;
}

/* ---- policy -------------------------------------------------------------- */

static bool policy_exists(int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH ||
	       policy == SCHED_IDLE;
}

static int change_policy(struct task *task, int policy, bool reset_on_fork)
{
	if (!owns(task))
		return -EPERM;
	/* Idle tasks have next to no share, so leaving that is a raise. */
	if (task->sched.policy == SCHED_IDLE && policy != SCHED_IDLE &&
	    !can_nice(task, task_nice(task)))
		return -EPERM;
	if (task->sched.reset_on_fork && !reset_on_fork &&
	    !capable(CAP_SYS_NICE))
		return -EPERM;
	set_task_policy(task, policy, reset_on_fork);
	return 0;
}

/* @policy < 0: the one it has. */
static int set_scheduler(pid_t pid, int policy,
			 const struct sched_param __user *from)
{
	bool reset_on_fork = policy >= 0 && (policy & SCHED_RESET_ON_FORK);
	struct sched_param param;
	struct task *task;
	int err;

	if (!from || pid < 0)
		return -EINVAL;
	if (copy_from_user(&param, from, sizeof(param)))
		return -EFAULT;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	if (policy < 0) {
		policy = task->sched.policy;
		reset_on_fork = task->sched.reset_on_fork;
	}
	policy &= ~SCHED_RESET_ON_FORK;
	err = -EINVAL;
	if (policy_exists(policy) && param.sched_priority == 0)
		err = change_policy(task, policy, reset_on_fork);
	task_put(task);
	return err;
}

/* Return: 0; -EINVAL, -EFAULT, -ESRCH, -EPERM. */
SYSCALL_DEFINE3(sched_setscheduler, pid_t, pid, int, policy,
		const struct sched_param __user *, param)
{
	return policy < 0 ? -EINVAL : set_scheduler(pid, policy, param);
}

/* Return: as sched_setscheduler(2). */
SYSCALL_DEFINE2(sched_setparam, pid_t, pid,
		const struct sched_param __user *, param)
{
	return set_scheduler(pid, -1, param);
}

/* Return: the policy; -EINVAL, -ESRCH. */
SYSCALL_DEFINE1(sched_getscheduler, pid_t, pid)
{
	struct task *task;
	int policy;

	if (pid < 0)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	policy = task->sched.policy;
	if (task->sched.reset_on_fork)
		policy |= SCHED_RESET_ON_FORK;
	task_put(task);
	return policy;
}

/* Return: 0; -EINVAL, -ESRCH, -EFAULT. */
SYSCALL_DEFINE2(sched_getparam, pid_t, pid, struct sched_param __user *, to)
{
	struct sched_param param = { .sched_priority = 0 };
	struct task *task;

	if (!to || pid < 0)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	task_put(task);
	return copy_to_user(to, &param, sizeof(param)) ? -EFAULT : 0;
}

/* The range of static priorities, which only real-time policies have. */
static int priority_limit(int policy, int real_time)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return real_time;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE1(sched_get_priority_max, int, policy)
{
	return priority_limit(policy, 99);
}

SYSCALL_DEFINE1(sched_get_priority_min, int, policy)
{
	return priority_limit(policy, 1);
}

/* Return: 0 with the length of a slice; -EINVAL, -ESRCH, -EFAULT. */
SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, pid, struct timespec __user *, to)
{
	struct timespec ts = ns_to_timespec(SLICE_NS);
	struct task *task;

	if (pid < 0)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	task_put(task);
	return put_timespec(&ts, to);
}

/* ---- affinity ------------------------------------------------------------ */

/*
 * Allow a task the CPUs of @from, @len bytes of bits, as far as they exist.
 * Return: 0; -EFAULT, -ESRCH, -EPERM, -EINVAL (none of them is online).
 */
SYSCALL_DEFINE3(sched_setaffinity, pid_t, pid, unsigned int, len,
		const unsigned long __user *, from)
{
	struct cpumask mask = CPUMASK_NONE;
	struct task *task;
	int err = -EPERM;

	if (copy_from_user(&mask, from, min_t(size_t, len, sizeof(mask))))
		return -EFAULT;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	if (task_is_kthread(task) && task->sched.nr_cpus_allowed == 1)
		err = -EINVAL;
	else if (owns(task)) {
		cpumask_and(&mask, &mask, &cpu_possible_mask);
		err = set_cpus_allowed(task, &mask);
	}
	task_put(task);
	return err;
}

/* Return: bytes stored; -EINVAL (@len too small or odd), -ESRCH, -EFAULT. */
SYSCALL_DEFINE3(sched_getaffinity, pid_t, pid, unsigned int, len,
		unsigned long __user *, to)
{
	size_t size = cpumask_words() * sizeof(unsigned long);
	struct cpumask mask;
	struct task *task;

	if ((uint64_t)len * 8 < nr_cpu_ids || len % sizeof(unsigned long))
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	cpumask_and(&mask, &task->sched.cpus_mask, &cpu_online_mask);
	task_put(task);
	size = min_t(size_t, size, len);
	return copy_to_user(to, &mask, size) ? -EFAULT : (long)size;
}
