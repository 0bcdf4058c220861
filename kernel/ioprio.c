/*
 * I/O priorities: ioprio_set(2), ioprio_get(2).
 *
 * A task says how its requests to disks are to be ranked: by a class (real
 * time, best effort, idle) and, in the first two, a level from 0 to 7. The
 * value belongs to the task and is inherited by its children. It is a hint to
 * whoever orders requests. Bits between level and class are hints as well,
 * about a request's duration; they are kept.
 *
 * Source: man 2 ioprio_set.
 */
#include <arch/current.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <uapi/ioprio.h>
#include <uapi/sched.h>

#include "sched_internal.h"

/*
 * Whether @value is one, and current may give it. What stands above the class
 * is not looked at, and is not kept either. Return: 0, an errno.
 */
static int check(int value)
{
	int level = value & (IOPRIO_NR_LEVELS - 1);

	switch (value >> IOPRIO_CLASS_SHIFT & IOPRIO_CLASS_MASK) {
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		return 0;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		return 0;
	case IOPRIO_CLASS_NONE:
		return level ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

static bool may_set(struct task *task)
{
	const struct cred *mine = current_cred();
	uid_t uid = rcu_dereference(task->real_cred)->uid;

	return uid == mine->euid || uid == mine->uid || capable(CAP_SYS_NICE);
}

/* The first that fails ends it. */
static void visit_set(struct task *task, struct priority_visit *visit)
{
	if (visit->result && visit->result != -ESRCH)
		return;
	if (!may_set(task)) {
		visit->result = -EPERM;
		return;
	}
	WRITE_ONCE(task->sched.ioprio, visit->value);
	visit->result = 0;
}

/* What counts for a task that was given none: its nice value and policy. */
static int ioprio_by_nice(const struct task *task)
{
	int level = (task_nice(task) + 20) / 5;
	int class = IOPRIO_CLASS_BE;

	switch (READ_ONCE(task->sched.policy)) {
	case SCHED_FIFO:
	case SCHED_RR:
	case SCHED_DEADLINE:
		class = IOPRIO_CLASS_RT;
		break;
	case SCHED_IDLE:
		class = IOPRIO_CLASS_IDLE;
		break;
	}
	return class << IOPRIO_CLASS_SHIFT | level;
}

/* One task is asked: what was set, be it nothing. */
static void visit_get(struct task *task, struct priority_visit *visit)
{
	visit->value = READ_ONCE(task->sched.ioprio);
	visit->result = 0;
}

/* Many are asked: the best, which is the smallest, that counts for them. */
static void visit_get_best(struct task *task, struct priority_visit *visit)
{
	int value = READ_ONCE(task->sched.ioprio);

	if (value >> IOPRIO_CLASS_SHIFT == IOPRIO_CLASS_NONE)
		value = ioprio_by_nice(task);
	if (visit->result == -ESRCH || value < visit->value)
		visit->value = value;
	visit->result = 0;
}

/* Return: 0; -EINVAL, -EPERM, -ESRCH. */
SYSCALL_DEFINE3(ioprio_set, int, which, int, who, int, value)
{
	struct priority_visit visit = {
		.visit = visit_set,
		.value = value,
		.result = -ESRCH,
	};
	int err = check(value);

	if (!err)
		err = visit_tasks(which - IOPRIO_WHO_PROCESS, who, &visit);
	return err ? err : visit.result;
}

/* Return: the value, of a group or a user the best; -EINVAL, -ESRCH. */
SYSCALL_DEFINE2(ioprio_get, int, which, int, who)
{
	struct priority_visit visit = {
		.visit = which == IOPRIO_WHO_PROCESS ? visit_get :
						       visit_get_best,
		.result = -ESRCH,
	};
	int err = visit_tasks(which - IOPRIO_WHO_PROCESS, who, &visit);

	if (!err)
		err = visit.result;
	return err ? err : visit.value;
}
