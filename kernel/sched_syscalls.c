/*
 * The system calls of scheduling: sched_*(2), getpriority(2), setpriority(2).
 *
 * What a policy change means and who may make it: kernel/sched_policy.c.
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
#include <kernel/user_struct.h>
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
	return sched_same_owner(task) || capable(CAP_SYS_NICE);
}

/* ---- nice ---------------------------------------------------------------- */

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
int visit_tasks(int which, int who, struct priority_visit *visit)
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
	visit->value = min(visit->value, task_nice(task));
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
		.value = NICE_MAX,
		.result = -ESRCH,
	};
	int err = visit_tasks(which, who, &visit);

	if (!err)
		err = visit.result;
	return err ? err : 20 - visit.value;
}

static void visit_set(struct task *task, struct priority_visit *visit)
{
	if (!owns(task)) {
		visit->result = -EPERM;
	} else if (visit->value < task_nice(task) &&
		   !can_nice(task, visit->value)) {
		visit->result = -EACCES;
	} else {
		if (visit->result == -ESRCH)
			visit->result = 0;
		set_user_nice(task, visit->value);
	}
}

/* Return: 0; -EINVAL, -ESRCH; -EPERM, -EACCES if it failed for any task. */
SYSCALL_DEFINE3(setpriority, int, which, int, who, int, nice)
{
	struct priority_visit visit = {
		.visit = visit_set,
		.value = clamp(nice, NICE_MIN, NICE_MAX),
		.result = -ESRCH,
	};
	int err = visit_tasks(which, who, &visit);

	return err ? err : visit.result;
}

/* ---- policy -------------------------------------------------------------- */

/* @policy < 0: the one it has. */
static int set_scheduler(pid_t pid, int policy,
			 const struct sched_param __user *from)
{
	struct sched_attr attr = { .sched_policy = policy };
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
	if (policy >= 0 && (policy & SCHED_RESET_ON_FORK)) {
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
		attr.sched_policy &= ~SCHED_RESET_ON_FORK;
	}
	attr.sched_priority = param.sched_priority;
	attr.sched_nice = task_nice(task);
	err = sched_set_attr(task, &attr, true);
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

/*
 * Copy the structure at @from, which tells its size itself. One that is larger
 * than ours must be zero where we know nothing; then, and if it is too small,
 * the size that we know is stored there.
 */
static int copy_attr(struct sched_attr *attr, struct sched_attr __user *from)
{
	uint32_t size;
	int err;

	if (get_user(size, &from->size))
		return -EFAULT;
	if (size == 0)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		err = -E2BIG;
	else
		err = copy_struct_from_user(attr, sizeof(*attr), from, size);
	if (err == -E2BIG && put_user((uint32_t)sizeof(*attr), &from->size))
		return -EFAULT;
	if (err)
		return err;
	if ((attr->sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN |
				  SCHED_FLAG_UTIL_CLAMP_MAX)) &&
	    size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	attr->sched_nice = clamp(attr->sched_nice, NICE_MIN, NICE_MAX);
	return 0;
}

/* Return: 0; -EINVAL, -EFAULT, -E2BIG, -ESRCH, -EPERM, -EBUSY, -EOPNOTSUPP. */
SYSCALL_DEFINE3(sched_setattr, pid_t, pid, struct sched_attr __user *, from,
		unsigned int, flags)
{
	struct sched_attr attr = {};
	struct task *task;
	int err;

	if (!from || pid < 0 || flags)
		return -EINVAL;
	err = copy_attr(&attr, from);
	if (err)
		return err;
	if ((int)attr.sched_policy < 0)
		return -EINVAL;
	if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY)
		attr.sched_policy = -1;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS)
		sched_get_params(task, &attr);
	err = sched_set_attr(task, &attr, true);
	task_put(task);
	return err;
}

/*
 * Store as much of the structure as fits into @size bytes.
 * Return: 0; -EINVAL, -ESRCH, -EFAULT.
 */
SYSCALL_DEFINE4(sched_getattr, pid_t, pid, struct sched_attr __user *, to,
		unsigned int, size, unsigned int, flags)
{
	struct sched_attr attr = {};
	struct task *task;

	if (!to || pid < 0 || flags || size < SCHED_ATTR_SIZE_VER0 ||
	    size > PAGE_SIZE)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	attr.sched_policy = task->sched.policy;
	if (task->sched.reset_on_fork)
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
	sched_get_params(task, &attr);
	task_put(task);
	attr.size = min_t(size_t, size, sizeof(attr));
	return copy_to_user(to, &attr, attr.size) ? -EFAULT : 0;
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
	struct sched_param param;
	struct task *task;

	if (!to || pid < 0)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	param.sched_priority = READ_ONCE(task->sched.rt_priority);
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

/* 0: it runs until it gives up the CPU. */
static uint64_t slice_of(const struct task *task)
{
	switch (READ_ONCE(task->sched.policy)) {
	case SCHED_FIFO:
	case SCHED_DEADLINE:
		return 0;
	case SCHED_RR:
		return sched_rr_slice_ns();
	default:
		return SLICE_NS;
	}
}

/* Return: 0 with the length of a slice; -EINVAL, -ESRCH, -EFAULT. */
SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, pid, struct timespec __user *, to)
{
	struct timespec ts;
	struct task *task;

	if (pid < 0)
		return -EINVAL;
	task = get_task(pid);
	if (!task)
		return -ESRCH;
	ts = ns_to_timespec(slice_of(task));
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
	else if (task->sched.policy == SCHED_DEADLINE &&
		 !cpumask_subset(&cpu_online_mask, &mask))
		/* It was admitted to all of them. */
		err = owns(task) ? -EBUSY : -EPERM;
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
