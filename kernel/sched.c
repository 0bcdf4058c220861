/*
 * The core of the scheduler: sleeping, waking, and switching tasks.
 *
 * A task and those who wake it meet in two fields. `state` says whether it
 * wants to run; the task sets it before it tests what it waits for. `on_rq`
 * says whether it is on a run queue; schedule() takes a task off only if its
 * state still says sleep, under the run queue's lock. A waker changes the
 * condition first, then, under the task's sched.lock, looks at both:
 *
 *	on_rq set	the task has not got to sleep yet: setting its state
 *			back, under the queue's lock, is enough;
 *	on_rq clear	it is off the queue, but perhaps still on its CPU, on
 *			the way out of schedule(). It may be queued elsewhere
 *			only when on_cpu has gone to 0, since one stack cannot
 *			be used by two CPUs.
 *
 * The run queue's lock is taken by the task that leaves and released by the
 * one that comes, in finish_task_switch(). A dead task is released there too:
 * nobody can free the stack he stands on.
 *
 * Read next: kernel/sched_fair.c for which task comes, kernel/sched_balance.c
 * for which CPU it goes to.
 */
#define LOG_PREFIX "sched"

#include <arch/tlb.h>
#include <arch/uaccess.h>
#include <kernel/rcu.h>
#include <kernel/rseq.h>
#include <kernel/sched_seed.h>
#include <kernel/signal_state.h>
#include <kernel/time.h>
#include <kernel/workqueue_sched.h>
#include <mm/mm.h>
#include <uapi/sched.h>

#include "sched_internal.h"

DEFINE_PER_CPU(struct runqueue, runqueues);

/* ---- run queues ---------------------------------------------------------- */

/* Put @task on @rq. Locking: rq->lock; the task's CPU is rq's. */
void enqueue_task(struct runqueue *rq, struct task *task)
{
	task->sched.class->enqueue(rq, task);
	WRITE_ONCE(task->sched.on_rq, TASK_ON_RQ_QUEUED);
	WRITE_ONCE(rq->nr_running, rq->nr_running + 1);
	if (rq->nr_running == 2)
		tick_speed_up(rq);
}

/* Take @task off @rq. Locking: rq->lock. */
void dequeue_task(struct runqueue *rq, struct task *task)
{
	task->sched.class->dequeue(rq, task);
	WRITE_ONCE(rq->nr_running, rq->nr_running - 1);
}

/* Make @rq's CPU call schedule() soon. Locking: rq->lock. */
void resched_curr(struct runqueue *rq)
{
	assert_held(&rq->lock);
	if (rq->cpu == smp_processor_id()) {
		set_need_resched_this_cpu();
	} else if (!rq->resched_sent) {
		rq->resched_sent = true;
		smp_send_reschedule(rq->cpu);
	}
}

/*
 * The reschedule interrupt: another CPU changed our queue, or waits for this
 * CPU to leave its RCU readers.
 */
void scheduler_ipi(void)
{
	if (READ_ONCE(this_rq()->resched_sent))
		set_need_resched_this_cpu();
	if (READ_ONCE(this_rq()->tick_wanted))
		tick_start_if_needed(this_rq());
	if (this_cpu_read(rcu_needs_report) &&
	    !rcu_tick(preempt_count() == HARDIRQ_OFFSET))
		set_need_resched_this_cpu();
}

/*
 * Lock @task and the run queue it belongs to, which may change until both
 * locks are held.
 */
struct runqueue *__no_lock_check
task_rq_lock(struct task *task, unsigned long *flags)
{
	*flags = spin_lock_irqsave(&task->sched.lock);
	for (;;) {
		struct runqueue *rq = cpu_rq(task_cpu(task));

		spin_lock(&rq->lock);
		if (rq == cpu_rq(task_cpu(task)) &&
		    task->sched.on_rq != TASK_ON_RQ_MIGRATING)
			return rq;
		spin_unlock(&rq->lock);
		cpu_relax();
	}
}

void __no_lock_check task_rq_unlock(struct runqueue *rq, struct task *task,
				    unsigned long flags)
{
	spin_unlock(&rq->lock);
	spin_unlock_irqrestore(&task->sched.lock, flags);
}

/* ---- switching ----------------------------------------------------------- */

/*
 * The first thing a task does when it is on the CPU: finish what the one
 * before it, @prev, could not do for itself.
 *
 * Context: interrupts off and the run queue's lock held on entry; interrupts
 * on, preemption off (count 1) on exit.
 */
static void finish_task_switch(struct task *prev)
{
	struct runqueue *rq = this_rq();
	struct mm *mm = rq->drop_mm;
	bool is_dead = READ_ONCE(prev->sched.state) == TASK_DEAD;
	bool is_moving = prev->sched.on_rq == TASK_ON_RQ_MIGRATING;
	bool is_awaited;

	rq->drop_mm = NULL;
	/*
	 * From here another CPU may run @prev, to its end: hands off, but for
	 * a look while RCU keeps the struct.
	 */
	smp_store_release(&prev->sched.on_cpu, 0);
	is_awaited = READ_ONCE(prev->sched.is_awaited);
	spin_release(&rq->lock);
	local_irq_enable();
	preempt_enable_no_resched();
	if (unlikely(is_moving))
		finish_migration(prev);
	if (unlikely(is_awaited))
		wake_inactive_waiters();
	if (mm)
		mmdrop(mm);
	if (unlikely(is_dead))
		task_finish_dead(prev);
}

/*
 * A new task's first steps; @prev ran before it. arch's ret_from_fork calls
 * it on the task's own stack, where arch_switch_to() of an older task would
 * have returned into switch_to().
 */
void schedule_tail(struct task *prev)
{
	finish_task_switch(prev);
	preempt_enable();
	/* CLONE_CHILD_SETTID: in the child's memory, by the child. */
	if (current->set_child_tid)
		(void)put_user(current->pid, current->set_child_tid);
}

/*
 * This CPU must let go of @mm, which it only borrows: its tables are about to
 * be freed, and it has loaded those of init_mm. Give back the reference too,
 * which may otherwise be held for as long as the CPU is idle.
 *
 * Context: interrupts off; the caller's side has another reference.
 */
void sched_stop_borrowing(struct mm *mm)
{
	if (current->mm || current->active_mm != mm)
		return;
	current->active_mm = mmgrab(&init_mm);
	mmdrop(mm);
}

/*
 * @next is a kernel thread. It keeps the address space that is loaded: the
 * kernel's half is the same in all of them. It holds a reference for that,
 * taken beside the user task's before it, passed on from kernel thread to
 * kernel thread, and dropped when a user task comes. One that nobody uses any
 * more is not worth keeping: its last user is @prev, which is dying.
 */
static void borrow_address_space(struct runqueue *rq, struct task *prev,
				 struct task *next, struct mm *old)
{
	if (prev->mm) {
		next->active_mm = mmgrab(old);
		switch_mm(old, NULL);
		return;
	}
	prev->active_mm = NULL;
	if (likely(refcount_read(&old->users) > 0)) {
		next->active_mm = old;
		switch_mm(old, NULL);
	} else {
		next->active_mm = mmgrab(&init_mm);
		switch_mm(old, &init_mm);
		rq->drop_mm = old;
	}
}

static void switch_address_space(struct runqueue *rq, struct task *prev,
				 struct task *next)
{
	struct mm *old = prev->active_mm;

	if (!next->mm) {
		borrow_address_space(rq, prev, next, old);
		return;
	}
	switch_mm(old, next->mm);
	if (!prev->mm) {
		rq->drop_mm = old;
		prev->active_mm = NULL;
	}
}

static void switch_to(struct runqueue *rq, struct task *prev,
		      struct task *next)
{
	rq->nr_switches++;
	WRITE_ONCE(rq->curr, next);
	next->sched.on_cpu = 1;
	switch_address_space(rq, prev, next);
	/* Other tasks run in here, and @prev may come back on another CPU. */
	prev = arch_switch_to(prev, next);
	finish_task_switch(prev);
}

/*
 * The next task, with @prev back in its queue. In order of precedence the
 * classes are deadline, real-time, fair and idle; but as long as no task of the
 * first two is on this CPU, nobody needs to ask them.
 *
 * Locking: rq->lock, which may be let go if there are such tasks.
 */
static struct task *pick_next_task(struct runqueue *rq, struct task *prev)
{
	struct task *next;

	if (unlikely(rq->special))
		return pick_urgent(rq, prev);
	prev->sched.class->put_prev(rq, prev);
	if (rq->nr_running == 0)
		pull_when_idle(rq);
	next = fair_pick_next(rq);
	return next ?: idle_pick_next(rq);
}

/* The task is going to sleep. Locking: rq->lock. */
static void deactivate(struct runqueue *rq, struct task *task,
		       unsigned int state)
{
	if ((state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD)) {
		task->sched.counts_as_load = true;
		rq->nr_uninterruptible++;
	}
	dequeue_task(rq, task);
	/* A waker that sees this waits for on_cpu before it touches us. */
	smp_store_release(&task->sched.on_rq, 0);
}

/*
 * Whether @prev goes to sleep, stays, or has to leave for another CPU because
 * its affinity was changed under it. Locking: rq->lock.
 */
static void settle_prev(struct runqueue *rq, struct task *prev, bool preempted)
{
	unsigned int state = READ_ONCE(prev->sched.state);

	if (state != TASK_RUNNING && !preempted) {
		if (unlikely(signal_pending_state(state, prev)))
			WRITE_ONCE(prev->sched.state, TASK_RUNNING);
		else
			deactivate(rq, prev, state);
		return;
	}
	if (unlikely(prev != rq->idle &&
		     !cpumask_test_cpu(rq->cpu, &prev->sched.cpus_mask))) {
		dequeue_task(rq, prev);
		WRITE_ONCE(prev->sched.on_rq, TASK_ON_RQ_MIGRATING);
	}
}

/*
 * Choose the next task and switch to it.
 *
 * A preempted task (@preempted) stays on the queue whatever its state says: it
 * was interrupted between setting that and testing its condition, and only it
 * knows whether it will sleep.
 *
 * Context: preempt count 1. Interrupts are on when it returns.
 */
static void __no_lock_check schedule_once(bool preempted)
{
	struct task *prev = current, *next;
	struct runqueue *rq;

	local_irq_disable();
	rcu_note_context_switch();
	rq = this_rq();
	/* A full barrier: what prev wrote before is seen before on_rq goes. */
	spin_lock(&rq->lock);
	settle_prev(rq, prev, preempted);
	if (sched_seed_wants_switch() && prev->sched.on_rq &&
	    prev->sched.class == &fair_class)
		prev->sched.class->yield(rq, prev);
	next = pick_next_task(rq, prev);
	clear_need_resched_this_cpu();
	rq->resched_sent = false;
	if (next == prev) {
		spin_release(&rq->lock);
		local_irq_enable();
		preempt_enable_no_resched();
		return;
	}
	if (prev->sched.on_rq)
		prev->nivcsw++;
	else
		prev->nvcsw++;
	account_switch(rq, prev, next);
	rseq_switch(prev, next, rq->cpu);
	switch_to(rq, prev, next);
}

/*
 * Give the CPU to another task. If current's state is not TASK_RUNNING, and no
 * signal ends that kind of sleep, it returns only after a wake-up; so there
 * must be someone who will wake it (kernel/wait.h).
 *
 * Context: process, no spinlock held. Interrupts are on when it returns.
 */
void schedule(void)
{
	if (unlikely(preempt_count()))
		panic("sched: %s[%d] schedules while atomic (%#x)",
		      current->comm, current->pid, preempt_count());
	if (unlikely(current->sched.worker))
		worker_sleeps(current->sched.worker);
	do {
		preempt_disable();
		schedule_once(false);
		preempt_enable_no_resched();
	} while (need_resched());
	if (unlikely(current->sched.worker))
		worker_runs(current->sched.worker);
}

/*
 * The slow half of preempt_enable(): the count has just become zero, and
 * somebody wants the CPU. With interrupts off it is left for later.
 */
void preempt_schedule(void)
{
	if (irqs_disabled())
		return;
	do {
		preempt_disable();
		schedule_once(true);
		preempt_enable_no_resched();
	} while (need_resched());
}

/* The same at the end of an interrupt. Context: irqs off, also on return. */
void preempt_schedule_irq(void)
{
	do {
		preempt_disable();
		schedule_once(true);
		local_irq_disable();
		preempt_enable_no_resched();
	} while (need_resched());
}

void cond_resched_slow(void)
{
	preempt_schedule();
}

/*
 * Let others run first. Alone on the CPU, there is nothing to do and nothing
 * is done. Context: process.
 */
void __no_lock_check yield(void)
{
	struct runqueue *rq;

	set_current_state_relaxed(TASK_RUNNING);
	/* Not if it is special, for that counts in a higher half. */
	if (READ_ONCE(this_cpu_ptr(&runqueues)->nr_running_and_special) <= 1)
		return;
	local_irq_disable();
	rq = this_rq();
	spin_lock(&rq->lock);
	current->sched.class->yield(rq, current);
	spin_release(&rq->lock);
	preempt_enable_no_resched();
	local_irq_enable();
	schedule();
}

/* ---- waking -------------------------------------------------------------- */

/*
 * @task, in state @state, is or was a moment ago on its queue: it has not
 * slept yet, or is being preempted. Take back its decision, unless it has
 * changed its mind itself meanwhile; it needs no lock for that.
 *
 * Return: true if there is nothing left to do for this look at it.
 */
static bool wake_on_queue(struct task *task, unsigned int state)
{
	struct runqueue *rq = cpu_rq(task_cpu(task));
	bool is_queued;

	spin_lock(&rq->lock);
	/* With sched.lock held only the balancer can move it. */
	while (unlikely(rq != cpu_rq(task_cpu(task)))) {
		spin_unlock(&rq->lock);
		rq = cpu_rq(task_cpu(task));
		spin_lock(&rq->lock);
	}
	is_queued = task->sched.on_rq != 0;
	if (is_queued)
		(void)try_cmpxchg(&task->sched.state, &state, TASK_RUNNING);
	spin_unlock(&rq->lock);
	return is_queued;
}

/*
 * Queue @task, which is asleep, on a CPU of our choice.
 * Locking: task->sched.lock.
 */
static void activate(struct task *task, int wake_flags)
{
	unsigned int cpu = select_cpu(task, wake_flags);
	struct runqueue *rq = cpu_rq(cpu);

	spin_lock(&rq->lock);
	WRITE_ONCE(task->sched.cpu, cpu);
	if (task->sched.counts_as_load) {
		task->sched.counts_as_load = false;
		rq->nr_uninterruptible--;
	}
	enqueue_task(rq, task);
	WRITE_ONCE(task->sched.state, TASK_RUNNING);
	if (unlikely(rq->special)) {
		check_preempt_urgent(rq, task, wake_flags);
		push_urgent(rq, task);
	} else if (rq->curr == rq->idle) {
		resched_curr(rq);
	} else {
		rq->curr->sched.class->wakeup_preempt(rq, task, wake_flags);
	}
	spin_unlock(&rq->lock);
}

/*
 * Make @task runnable if it sleeps in one of @states. WAKE_SYNC in
 * @wake_flags: the caller is about to sleep, so the task should run here,
 * right after it, rather than be sent to an idle CPU.
 *
 * Everything written before the call is visible to @task when it runs.
 *
 * Context: any. Return: true if it was asleep (in @states) and now is not.
 */
bool wake_up_task(struct task *task, unsigned int states, int wake_flags)
{
	bool woken = false;
	unsigned int state;

	/* The exchange in the lock orders our condition before this look. */
	SPIN_GUARD_IRQSAVE(&task->sched.lock);
	while ((state = READ_ONCE(task->sched.state)) & states) {
		woken = true;
		/* It may have got from one sleep into the next: look again. */
		if (smp_load_acquire(&task->sched.on_rq) &&
		    wake_on_queue(task, state))
			continue;
		/* Off the queue; wait until it is off its stack as well. */
		while (smp_load_acquire(&task->sched.on_cpu))
			cpu_relax();
		activate(task, wake_flags);
		break;
	}
	return woken;
}

/* Wake @task from an ordinary sleep. Context: any. */
bool wake_up_process(struct task *task)
{
	return wake_up_task(task, TASK_NORMAL, 0);
}

/* Wake @task if it is in one of @states. Context: any. */
bool wake_up_state(struct task *task, unsigned int states)
{
	return wake_up_task(task, states, 0);
}

/* ---- birth and death ----------------------------------------------------- */

/* What @sched's task was told to leave behind. */
static void reset_policy(struct task_sched *sched)
{
	if (sched->policy == SCHED_FIFO || sched->policy == SCHED_RR ||
	    sched->policy == SCHED_DEADLINE) {
		sched->policy = SCHED_NORMAL;
		sched->nice = 0;
		sched->rt_priority = 0;
	}
	sched->nice = max(sched->nice, 0);
	sched->reset_on_fork = false;
}

/*
 * Prepare the scheduler's part of @child, a copy of current. It is on no
 * queue until wake_up_new_task().
 *
 * Context: process. Return: 0, or -EAGAIN: a deadline task cannot fork, since
 *          what it was promised was promised once, unless the child starts
 *          with a policy of its own (SCHED_RESET_ON_FORK).
 */
int sched_fork(struct task *child)
{
	struct task_sched *sched = &child->sched;

	if (sched->reset_on_fork)
		reset_policy(sched);
	if (sched->policy == SCHED_DEADLINE)
		return -EAGAIN;
	sched->state = TASK_NEW;
	sched->on_cpu = 0;
	sched->on_rq = 0;
	sched->cpu = raw_smp_processor_id();
	sched->counts_as_load = false;
	sched->is_awaited = false;
	sched->user_ns = sched->system_ns = 0;
	sched->utime_ns = sched->stime_ns = 0;
	sched->kthread = NULL;
	sched->worker = NULL;
	spin_lock_init(&sched->lock, "task.sched.lock", RANK_TASK_SCHED);
#ifdef DEBUG
	sched->held.count = 0;
#endif
	fair_init_entity(&sched->se);
	sched->se.weight = task_weight(child);
	rt_init_entity(&sched->rt);
	dl_init_entity(&sched->dl);
	sched->boost = PRIO_NONE;
	sched_set_prio(child);
	return 0;
}

/* Let @task, made by copy_process(), run for the first time. Any context. */
void wake_up_new_task(struct task *task)
{
	SPIN_GUARD_IRQSAVE(&task->sched.lock);

	ASSERT(task->sched.state == TASK_NEW);
	activate(task, WAKE_FORK);
}

/*
 * The last schedule() of a task. It must be in nobody's wait queue any more.
 *
 * Preemption is off from before the state is set: a preempted task in this
 * state would be taken for one that has left.
 *
 * Context: process; does not return.
 */
void do_task_dead(void)
{
	if (unlikely(current->sched.policy == SCHED_DEADLINE)) {
		dl_give_back(current);
		dl_stop(current);
	}
	preempt_disable();
	set_current_state(TASK_DEAD);
	schedule_once(false);
	BUG();
}

struct task *idle_task(unsigned int cpu)
{
	return cpu_rq(cpu)->idle;
}

/* Who runs on @cpu. Under RCU, so that the task stays. */
struct task *cpu_curr(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->curr);
}

/* ---- boot ---------------------------------------------------------------- */

static void init_runqueue(unsigned int cpu)
{
	struct runqueue *rq = cpu_rq(cpu);

	spin_lock_init(&rq->lock, "runqueue", RANK_RUNQUEUE);
	rq->cpu = cpu;
	fair_init_queue(&rq->fair);
	rt_init_queue(&rq->rt);
	dl_init_queue(&rq->dl);
	urgency_update(rq);
	rq->special = false;
	tick_init(rq);
}

/*
 * Make @idle the idle task of @cpu, as which it will start (or, the boot CPU,
 * already runs).
 */
void sched_init_idle(struct task *idle, unsigned int cpu)
{
	struct task_sched *sched = &idle->sched;
	struct runqueue *rq = cpu_rq(cpu);

	(void)sched_fork(idle);
	sched->state = TASK_RUNNING;
	sched->class = &idle_class;
	sched->cpu = cpu;
	sched->on_rq = TASK_ON_RQ_QUEUED;
	sched->on_cpu = 1;
	sched->nr_cpus_allowed = 1;
	cpumask_clear(&sched->cpus_mask);
	cpumask_set_cpu(cpu, &sched->cpus_mask);
	if (!idle->active_mm)
		idle->active_mm = mmgrab(&init_mm);
	rq->idle = idle;
	rq->curr = idle;
}

/*
 * After this: tasks can be made, and sleep once a second one exists. The code
 * that runs becomes the boot CPU's idle task, which must not sleep.
 * Needs per-CPU areas for all CPUs.
 */
void __init sched_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		init_runqueue(cpu);
	init_task.sched.policy = SCHED_NORMAL;
	init_task.sched.nice = 0;
	sched_init_idle(&init_task, 0);
	/* Its children may run everywhere. */
	cpumask_copy(&init_task.sched.cpus_mask, &cpu_possible_mask);
	init_task.sched.nr_cpus_allowed = num_possible_cpus();
	balance_init();
	sched_seed_init();
}
