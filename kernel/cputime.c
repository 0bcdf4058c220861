/*
 * How much CPU time a task or process has used, in user and in system mode.
 *
 * The sum is measured exactly, at each switch; its division is sampled by the
 * tick (kernel/sched_tick.c). What is reported is the exact sum divided in the
 * sampled ratio, and since the ratio changes, neither part could be kept from
 * going back, which programs do not expect. So what was reported last is
 * remembered and taken as the least.
 */
#include <arch/current.h>
#include <kernel/task.h>

#include "sched_internal.h"

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
