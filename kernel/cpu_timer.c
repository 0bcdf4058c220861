/*
 * Clocks that count CPU time, and timers on them. See kernel/cpu_timer.h.
 *
 * The list of a process's timers is made when the first is attached. Arming is
 * no more than writing the time into the timer, so that who delivers a signal
 * can do it under the locks it holds; only coming and going take the list's
 * lock. The tick holds it while it calls the functions: a timer that has been
 * released will not be called.
 *
 * Locking: RANK_CPU_TIMERS is taken before any sighand->lock.
 *
 * Source: man 2 clock_gettime, man 3 clock_getcpuclockid.
 */
#include <kernel/cpu_timer.h>

#include <arch/current.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <mm/slab.h>

/* The timers on the time of one process and its threads. */
struct cpu_timers {
	struct spinlock		lock;	/* taken in interrupts */
	struct list_head	list;	/* [lock] of struct cpu_timer */
};

/* ---- the clocks ---------------------------------------------------------- */

/* CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID name number 0. */
int cpu_clock_id(int clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return (int)(~0U << 3) | CPUCLOCK_SCHED;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return (int)(~0U << 3) | CPUCLOCK_SCHED |
		       CPUCLOCK_PERTHREAD_MASK;
	return clock;
}

/* RCU read lock held. */
static struct task *find_clock_task(int id, bool for_reading)
{
	pid_t nr = ~(id >> 3);
	struct task *task;

	if (!nr)
		return current;
	task = find_task_by_pid(nr);
	if (!task)
		return NULL;
	if (id & CPUCLOCK_PERTHREAD_MASK)
		return same_thread_group(task, current) ? task : NULL;
	/* A thread may ask for its process by its own number. */
	if (task_is_leader(task) || (for_reading && task == current))
		return task;
	return NULL;
}

/*
 * The task whose time the negative clock id @id counts, or one of the process.
 * Any process may be asked about, but only threads of one's own.
 *
 * Context: process. Return: counted, or NULL: no such clock.
 */
struct task *cpu_clock_task(int id, bool for_reading)
{
	struct task *task;

	if (id >= 0 || (id & CPUCLOCK_CLOCK_MASK) == CLOCKFD)
		return NULL;
	RCU_GUARD();
	task = find_clock_task(id, for_reading);
	return task && refcount_get_unless_zero(&task->refs) ? task : NULL;
}

/* What clock @id, which counts the time of @task, says. Context: any. */
int64_t cpu_clock_ns(int id, struct task *task)
{
	bool one_thread = id & CPUCLOCK_PERTHREAD_MASK;
	struct cputime time;

	if (one_thread && (id & CPUCLOCK_CLOCK_MASK) == CPUCLOCK_SCHED)
		return task_runtime_ns(task);
	time = one_thread ? task_cputime(task) : group_cputime(task);
	if ((id & CPUCLOCK_CLOCK_MASK) == CPUCLOCK_VIRT)
		return time.utime_ns;
	return time.utime_ns + time.stime_ns;
}

/* ---- timers -------------------------------------------------------------- */

/* @task's reference becomes the timer's. */
void cpu_timer_init(struct cpu_timer *timer, int id, struct task *task,
		    void (*fn)(struct cpu_timer *))
{
	*timer = (struct cpu_timer){ .clock = id, .task = task, .fn = fn };
	list_init(&timer->node);
}

static struct cpu_timers *get_timers(struct thread_group *group)
{
	struct cpu_timers *new, *old = READ_ONCE(group->cpu_timers);

	if (old)
		return old;
	new = kmalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	spin_lock_init(&new->lock, "cpu_timers", RANK_CPU_TIMERS);
	list_init(&new->list);
	if (try_cmpxchg(&group->cpu_timers, &old, new))
		return new;
	kfree(new);	/* another thread was quicker */
	return old;
}

/*
 * Have the tick look at @timer; nothing happens before expires_ns is set.
 * Context: process; may sleep. Return: 0; -ESRCH: whom it measures is gone;
 * -ENOMEM.
 */
int cpu_timer_attach(struct cpu_timer *timer)
{
	struct cpu_timers *timers;

	if (!READ_ONCE(timer->task->sighand))
		return -ESRCH;
	timers = get_timers(timer->task->group);
	if (!timers)
		return -ENOMEM;
	SPIN_GUARD_IRQ(&timers->lock);
	if (list_empty(&timer->node))
		list_add_tail(&timer->node, &timers->list);
	return 0;
}

/*
 * End of @timer: its function does not run any more, nor will it.
 * Context: process; no sighand->lock held.
 */
void cpu_timer_release(struct cpu_timer *timer)
{
	struct cpu_timers *timers = READ_ONCE(timer->task->group->cpu_timers);

	if (timers) {
		spin_lock_irq(&timers->lock);
		list_del_init(&timer->node);
		spin_unlock_irq(&timers->lock);
	}
	task_put(timer->task);
	timer->task = NULL;
}

/*
 * @task, which runs here, has used time.
 * Context: interrupts off, from the tick; no lock held.
 */
void cpu_timers_tick(struct task *task)
{
	struct cpu_timers *timers = READ_ONCE(task->group->cpu_timers);
	struct cpu_timer *timer;

	if (likely(!timers) || list_empty(&timers->list))
		return;
	SPIN_GUARD(&timers->lock);
	list_for_each_entry(timer, &timers->list, node) {
		uint64_t expires = READ_ONCE(timer->expires_ns);

		if (!expires || ((timer->clock & CPUCLOCK_PERTHREAD_MASK) &&
				 timer->task != task))
			continue;
		if (cpu_clock_ns(timer->clock, timer->task) >=
		    (int64_t)expires)
			timer->fn(timer);
	}
}

/* Of a process that is gone. NULL is allowed. */
void cpu_timers_free(struct cpu_timers *timers)
{
	kfree(timers);
}

/* ---- sleeping by them ---------------------------------------------------- */

struct cpu_sleeper {
	struct cpu_timer	timer;
	struct task		*task;
};

static void wake_cpu_sleeper(struct cpu_timer *timer)
{
	struct cpu_sleeper *sleeper =
		container_of(timer, struct cpu_sleeper, timer);

	WRITE_ONCE(timer->expires_ns, 0);
	wake_up_process(sleeper->task);
}

/*
 * Sleep until clock @id, which counts the time of @task, says @expires_ns. The
 * reference to @task is used up.
 *
 * Context: process. Return: 0, -EINTR, -ENOMEM, -ESRCH.
 */
long cpu_sleep(int id, struct task *task, uint64_t expires_ns)
{
	struct cpu_sleeper sleeper = { .task = current };
	long err;

	cpu_timer_init(&sleeper.timer, id, task, wake_cpu_sleeper);
	WRITE_ONCE(sleeper.timer.expires_ns, max(expires_ns, (uint64_t)1));
	err = cpu_timer_attach(&sleeper.timer);
	while (!err) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!READ_ONCE(sleeper.timer.expires_ns) ||
		    (uint64_t)cpu_clock_ns(id, task) >= expires_ns)
			break;
		if (signal_pending(current))
			err = -EINTR;
		else
			schedule();
	}
	set_current_state(TASK_RUNNING);
	cpu_timer_release(&sleeper.timer);
	return err;
}
