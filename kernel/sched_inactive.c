/*
 * Looking at a task that does not run: its registers, or its stack.
 *
 * Two kinds of sleep allow it. A traced task has stopped for good, until its
 * tracer says otherwise: wait_task_inactive() waits until it is off its CPU.
 * Any other may wake up at any moment, unless it is kept from it meanwhile:
 * task_call_asleep().
 */
#include <arch/smp.h>
#include <kernel/wait.h>

#include "sched_internal.h"

/* Callers of wait_task_inactive(). */
static DEFINE_WAIT_QUEUE(inactive_wait);

/* A task that is waited for has left its CPU. Context: process. */
void wake_inactive_waiters(void)
{
	wake_up_all(&inactive_wait);
}

static bool is_inactive(const struct task *task)
{
	return !smp_load_acquire(&task->sched.on_rq) &&
	       !smp_load_acquire(&task->sched.on_cpu);
}

static void nothing(void *arg __unused)
{
}

/*
 * Wait until @task, which sleeps for good or is about to, is on no CPU: its
 * registers may then be looked at.
 *
 * Who waits says so in the task, and the one that comes after it looks there,
 * having noted that the task is off. On that path there is no barrier between
 * the two, so we let every CPU take an interrupt: after that either we see
 * that the task is off, or the look is still to come.
 *
 * Context: process; may sleep. One caller at a time for a task (its tracer).
 */
void wait_task_inactive(struct task *task)
{
	/* On another CPU it nearly always is a matter of microseconds. */
	for (int i = 0; i < 1000; i++) {
		if (is_inactive(task))
			return;
		cpu_relax();
	}
	WRITE_ONCE(task->sched.is_awaited, true);
	on_each_cpu(nothing, NULL, true);
	wait_event(&inactive_wait, is_inactive(task));
	WRITE_ONCE(task->sched.is_awaited, false);
}

/*
 * Call @fn on @task if it sleeps, and keep it from waking up meanwhile: its
 * stack stays what it is, and is not freed.
 *
 * Context: any but NMI; @fn runs with interrupts off and sched.lock held.
 * Return:  false if the task runs, is about to, or is dead.
 */
bool task_call_asleep(struct task *task,
		      void (*fn)(struct task *, void *arg), void *arg)
{
	unsigned int state;

	SPIN_GUARD_IRQSAVE(&task->sched.lock);
	state = READ_ONCE(task->sched.state);
	/* Only a waker, who needs the lock, puts it back on a queue. */
	if (state == TASK_RUNNING || state == TASK_NEW || state == TASK_DEAD ||
	    smp_load_acquire(&task->sched.on_rq) ||
	    smp_load_acquire(&task->sched.on_cpu))
		return false;
	fn(task, arg);
	return true;
}
