/*
 * What a task is to the scheduler: its nice value, policy and state letter.
 */
#include <kernel/cred.h>
#include <kernel/sched_policy.h>
#include <uapi/sched.h>

#include "sched_internal.h"

int task_nice(const struct task *task)
{
	return READ_ONCE(task->sched.nice);
}

int task_prio(const struct task *task)
{
	return 20 + task_nice(task);
}

/* The task's weight follows from its nice value and policy. Both locks. */
static void update_weight(struct runqueue *rq, struct task *task)
{
	if (task->sched.class != &fair_class)
		return;
	fair_set_weight(rq, task, task_weight(task));
	/* It may not be the one to run any more, or be the one now. */
	if (task->sched.on_rq && rq->nr_running > 1)
		resched_curr(rq);
}

/* Set @task's nice value, from -20 to 19. Context: any but NMI. */
void set_user_nice(struct task *task, int nice)
{
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);

	if (task->sched.nice != nice) {
		WRITE_ONCE(task->sched.nice, nice);
		update_weight(rq, task);
	}
	task_rq_unlock(rq, task, flags);
}

/* Set @task's policy, one of the fair class's. Context: any but NMI. */
void set_task_policy(struct task *task, int policy, bool reset_on_fork)
{
	unsigned long flags;
	struct runqueue *rq = task_rq_lock(task, &flags);

	WRITE_ONCE(task->sched.policy, policy);
	task->sched.reset_on_fork = reset_on_fork;
	update_weight(rq, task);
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
