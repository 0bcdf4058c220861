/*
 * What a task is to the scheduler: nice value, policy, priority, state letter.
 *
 * A policy with all that belongs to it is set by sched_set_attr(), the one
 * function behind four system calls. It judges what the caller may do, which
 * needs no lock, and makes the change under the locks of the task's queue; if
 * the policy was changed in between, it starts again.
 */
#include <arch/smp.h>
#include <kernel/cred.h>
#include <kernel/sched_policy.h>
#include <lib/string.h>
#include <uapi/resource.h>
#include <uapi/sched.h>

#include "sched_internal.h"

int task_nice(const struct task *task)
{
	return READ_ONCE(task->sched.nice);
}

int task_prio(const struct task *task)
{
	return task_effective_prio(task) - PRIO_FAIR;
}

/* The task's weight follows from its nice value and policy. Both locks. */
static void update_weight(struct runqueue *rq, struct task *task)
{
	/* The entity is in no queue of the fair class, or that is handled. */
	fair_set_weight(rq, task, task_weight(task));
	/* It may not be the one to run any more, or be the one now. */
	if (task->sched.class == &fair_class && task->sched.on_rq &&
	    rq->nr_running > 1)
		resched_curr(rq);
}

/* Set @task's nice value, from -20 to 19. Context: any but NMI. */
void set_user_nice(struct task *task, int nice)
{
	struct task_sched *sched = &task->sched;
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);

	if (sched->nice != nice) {
		WRITE_ONCE(sched->nice, nice);
		/* Real-time tasks keep it for later. */
		if (sched->class == &fair_class)
			WRITE_ONCE(sched->prio, sched_normal_prio(task));
		update_weight(rq, task);
	}
	task_rq_unlock(rq, task, flags);
}

/* Whether current may raise @task to the nice value @nice. Context: any. */
bool can_nice(struct task *task, int nice)
{
	/* The limit counts from 1 (nice 19) to 40 (nice -20). */
	long rlimit = 20 - nice;

	return rlimit <= (long)task_rlimit(task, RLIMIT_NICE) ||
	       capable(CAP_SYS_NICE);
}

/* The letter ps(1) shows. Context: any, @task must stay. */
char task_state_char(const struct task *task)
{
	unsigned int state = READ_ONCE(task->sched.state);

	switch (READ_ONCE(task->exit_state)) {
	case EXIT_ZOMBIE:
		return 'Z';
	case EXIT_DEAD:
		return 'X';
	}
	if (state == TASK_RUNNING || state == TASK_NEW)
		return 'R';
	if (state & TASK_TRACED_BIT)
		return 't';
	if (state & TASK_STOPPED_BIT)
		return 'T';
	if (state == TASK_IDLE)
		return 'I';
	if (state & TASK_UNINTERRUPTIBLE)
		return 'D';
	return state == TASK_DEAD ? 'X' : 'S';
}

/* ---- policies ------------------------------------------------------------ */

#define FLAGS_KNOWN	(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_RECLAIM |     \
			 SCHED_FLAG_DL_OVERRUN | SCHED_FLAG_KEEP_POLICY |    \
			 SCHED_FLAG_KEEP_PARAMS | SCHED_FLAG_UTIL_CLAMP_MIN | \
			 SCHED_FLAG_UTIL_CLAMP_MAX)
#define FLAGS_CLAMP	(SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)
#define FLAGS_DEADLINE	(SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN)

/* What a task is to become. */
struct sched_wish {
	int			policy;
	int			nice;
	int			rt_priority;
	bool			reset_on_fork;
	bool			keep_params;	/* the policy included */
	struct dl_params	dl;
};

static bool policy_exists(int policy)
{
	return policy >= SCHED_NORMAL && policy <= SCHED_DEADLINE &&
	       policy != SCHED_IDLE - 1;
}

static bool policy_is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool policy_is_fair(int policy)
{
	return !policy_is_rt(policy) && policy != SCHED_DEADLINE;
}

/* What @attr asks for @task, whose policy is @old. Return: 0 or -EINVAL. */
static int read_wish(struct task *task, int old, const struct sched_attr *attr,
		     struct sched_wish *wish)
{
	uint64_t flags = attr->sched_flags;

	*wish = (struct sched_wish){
		.policy = (int)attr->sched_policy,
		.nice = attr->sched_nice,
		.rt_priority = attr->sched_priority,
		.reset_on_fork = flags & SCHED_FLAG_RESET_ON_FORK,
		.keep_params = flags & SCHED_FLAG_KEEP_PARAMS,
		.dl = {
			.runtime_ns = attr->sched_runtime,
			.deadline_ns = attr->sched_deadline,
			.period_ns = attr->sched_period,
			.flags = flags & FLAGS_DEADLINE,
		},
	};
	if (wish->policy < 0) {
		wish->policy = old;
		wish->reset_on_fork = task->sched.reset_on_fork;
	}
	/* Below all nice values there is nothing to be nice about. */
	if (wish->policy == SCHED_IDLE)
		wish->nice = task_nice(task);
	if (!policy_exists(wish->policy) || (flags & ~(uint64_t)FLAGS_KNOWN) ||
	    attr->sched_priority >= PRIO_FAIR)
		return -EINVAL;
	if (wish->policy != SCHED_DEADLINE)
		wish->dl = (struct dl_params){};
	else if (!dl_params_valid(&wish->dl))
		return -EINVAL;
	if (policy_is_rt(wish->policy) != (wish->rt_priority != 0))
		return -EINVAL;
	return 0;
}

/* Whether current's user owns @task. Context: any. */
bool sched_same_owner(struct task *task)
{
	const struct cred *mine = current_cred(), *theirs;

	RCU_GUARD();
	theirs = rcu_dereference(task->real_cred);
	return mine->euid == theirs->euid || mine->euid == theirs->uid;
}

/* Whether the limits of @task allow it @wish, from policy @old. */
static bool within_limits(struct task *task, int old,
			  const struct sched_wish *wish)
{
	unsigned long limit = task_rlimit(task, RLIMIT_RTPRIO);
	unsigned int prio = wish->rt_priority;

	if (policy_is_fair(wish->policy))
		return wish->nice >= task_nice(task) ||
		       20 - wish->nice <= (long)task_rlimit(task, RLIMIT_NICE);
	if (wish->policy == SCHED_DEADLINE)
		return false;
	if (wish->policy != old && limit == 0)
		return false;
	return prio <= (unsigned int)task->sched.rt_priority || prio <= limit;
}

static int may_change(struct task *task, int old, const struct sched_wish *wish)
{
	if (within_limits(task, old, wish) && sched_same_owner(task) &&
	    (!task->sched.reset_on_fork || wish->reset_on_fork) &&
	    /* Idle tasks have next to no share, so leaving that is a raise. */
	    (old != SCHED_IDLE || wish->policy == SCHED_IDLE ||
	     can_nice(task, task_nice(task))))
		return 0;
	return capable(CAP_SYS_NICE) ? 0 : -EPERM;
}

/* Deadline tasks were admitted to all CPUs, so they must be able to use all. */
static bool may_run_everywhere(const struct task *task)
{
	return cpumask_subset(&cpu_online_mask, &task->sched.cpus_mask);
}

static bool is_same(const struct task *task, const struct sched_wish *wish)
{
	const struct task_sched *sched = &task->sched;

	if (sched->policy != wish->policy)
		return false;
	if (policy_is_rt(wish->policy))
		return sched->rt_priority == wish->rt_priority;
	if (wish->policy == SCHED_DEADLINE)
		return memcmp(&sched->dl.params, &wish->dl,
			      sizeof(wish->dl)) == 0;
	return sched->nice == wish->nice;
}

/* Locking: the task's two locks; the queue's may be let go meanwhile. */
static void change(struct runqueue *rq, struct task *task,
		   const struct sched_wish *wish)
{
	struct task_sched *sched = &task->sched;
	struct sched_change change;

	sched_change_begin(rq, task, &change);
	if (sched->policy == SCHED_DEADLINE || wish->policy == SCHED_DEADLINE) {
		dl_stop(task);
		sched->dl.params = wish->dl;
		sched->dl.due_ns = 0;
	}
	WRITE_ONCE(sched->policy, wish->policy);
	sched->rt_priority = wish->rt_priority;
	sched->rt.slice_used_ns = 0;
	if (policy_is_fair(wish->policy))
		WRITE_ONCE(sched->nice, wish->nice);
	sched_set_prio(task);
	fair_set_weight(rq, task, task_weight(task));
	sched_change_end(rq, task, &change);
}

/* The part under the locks. Return: 0, an error, or 1: look again. */
static int try_set(struct task *task, int old, const struct sched_wish *wish,
		   bool check)
{
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);
	int err = 0;

	if (task->sched.policy != old)
		err = 1;
	else if (wish->keep_params || is_same(task, wish))
		task->sched.reset_on_fork = wish->reset_on_fork;
	else if (check && wish->policy == SCHED_DEADLINE &&
		 !may_run_everywhere(task))
		err = -EPERM;
	else
		err = dl_admit(task, &wish->dl);
	if (!err && !wish->keep_params && !is_same(task, wish)) {
		task->sched.reset_on_fork = wish->reset_on_fork;
		change(rq, task, wish);
	}
	task_rq_unlock(rq, task, flags);
	if (!err)
		rt_mutex_prio_changed(task);
	return err;
}

/*
 * Give @task the policy, and what belongs to it, that @attr says; a policy
 * below 0 is the one it has. With @check as far as current may, as in
 * sched_setattr(2).
 *
 * Context: process. Return: 0; -EINVAL, -EPERM; -EBUSY (no room for another
 * deadline task); -EOPNOTSUPP (utilization clamps, which need CPUs whose speed
 * can be chosen).
 */
int sched_set_attr(struct task *task, const struct sched_attr *attr, bool check)
{
	struct sched_wish wish;
	int old, err;

	do {
		old = READ_ONCE(task->sched.policy);
		err = read_wish(task, old, attr, &wish);
		if (!err && check)
			err = may_change(task, old, &wish);
		if (err)
			return err;
		if (attr->sched_flags & FLAGS_CLAMP)
			return -EOPNOTSUPP;
		err = try_set(task, old, &wish, check);
	} while (err > 0);
	return err;
}

/*
 * The parameters that belong to @task's policy; not the policy itself.
 * Context: any but NMI.
 */
void sched_get_params(struct task *task, struct sched_attr *attr)
{
	const struct task_sched *sched = &task->sched;
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);

	if (sched->policy == SCHED_DEADLINE) {
		attr->sched_runtime = sched->dl.params.runtime_ns;
		attr->sched_deadline = sched->dl.params.deadline_ns;
		attr->sched_period = sched->dl.params.period_ns;
		attr->sched_flags &= ~(uint64_t)FLAGS_DEADLINE;
		attr->sched_flags |= sched->dl.params.flags;
	} else if (policy_is_rt(sched->policy)) {
		attr->sched_priority = sched->rt_priority;
	} else {
		attr->sched_nice = sched->nice;
	}
	task_rq_unlock(rq, task, flags);
}
