/*
 * The tick, and the accounts of where CPU time went.
 *
 * There is no periodic interrupt. A CPU on which tasks compete has a timer at
 * the distance of a slice; one with a single task, a slower one, which only
 * samples for the accounts; an idle CPU none. To keep starting and stopping
 * off the paths of sleeping and waking, a tick that is no longer needed is not
 * cancelled: it comes once, finds the CPU idle, and is not started again.
 *
 * How long a task ran is measured exactly, at each switch. How that divides
 * into user and system time is sampled: the tick credits the time since the
 * last account to the mode it interrupted. The time of a CPU is divided the
 * same way, except that its idle time is exact too.
 */
#include <arch/percpu.h>
#include <kernel/itimer.h>
#include <kernel/time.h>

#include "sched_internal.h"

#define LOAD_INTERVAL_NS	(5 * NSEC_PER_SEC + 10 * NSEC_PER_MSEC)

/* From now, the distance depends on how many compete. Locking: rq->lock. */
static void tick_start(struct runqueue *rq, uint64_t now)
{
	rq->tick = rq->nr_running > 1 ? TICK_FAST : TICK_SLOW;
	timer_start_local(&rq->tick_timer,
			  now + (rq->tick == TICK_FAST ? SLICE_NS
						       : SLOW_TICK_NS));
}

/*
 * A second task has come to @rq: from now on slices count. Timers are always
 * started by their own CPU, so another one is interrupted for it, once.
 *
 * Locking: rq->lock.
 */
void tick_speed_up(struct runqueue *rq)
{
	if (rq->tick == TICK_FAST || rq->tick_wanted)
		return;
	if (rq->cpu == smp_processor_id()) {
		tick_start(rq, ktime_get_ns());
	} else if (rq->curr != rq->idle) {
		/* An idle CPU starts it as it begins to run something. */
		rq->tick_wanted = true;
		smp_send_reschedule(rq->cpu);
	}
}

/* The interrupt that was sent. Context: interrupts off, on @rq's CPU. */
void tick_start_if_needed(struct runqueue *rq)
{
	spin_lock(&rq->lock);
	rq->tick_wanted = false;
	if (rq->tick != TICK_FAST && rq->nr_running > 1)
		tick_start(rq, ktime_get_ns());
	spin_unlock(&rq->lock);
}

/* A task is about to run here: there has to be some tick. Locking: rq->lock. */
static void tick_need(struct runqueue *rq)
{
	if (rq->tick == TICK_STOPPED ||
	    (rq->tick == TICK_SLOW && rq->nr_running > 1))
		tick_start(rq, ktime_get_ns());
}

/* ---- accounts ------------------------------------------------------------ */

static void account_cpu(struct runqueue *rq, const struct task *task,
			uint64_t delta_ns, bool is_user)
{
	struct cpu_times *times = &rq->times;

	if (task == rq->idle)
		times->idle_ns += delta_ns;
	else if (!is_user)
		times->system_ns += delta_ns;
	else if (task->sched.nice > 0)
		times->nice_ns += delta_ns;
	else
		times->user_ns += delta_ns;
}

/*
 * Settle the CPU's accounts up to now. Without a sample the time goes to the
 * mode in which @task was seen more often. Locking: rq->lock.
 */
static void account_up_to_now(struct runqueue *rq, const struct task *task)
{
	uint64_t now = ktime_get_ns();

	if (now <= rq->accounted_ns)
		return;
	account_cpu(rq, task, now - rq->accounted_ns,
		    task->mm && task->sched.user_ns >= task->sched.system_ns);
	rq->accounted_ns = now;
}

/* @prev leaves the CPU to @next. Locking: rq->lock. */
void account_switch(struct runqueue *rq, struct task *prev, struct task *next)
{
	if (next != rq->idle)
		tick_need(rq);
	/* Between two tasks the accounts can wait; idle time is exact. */
	if (prev == rq->idle || next == rq->idle)
		account_up_to_now(rq, prev);
}

/* The tick found @task, in user mode or not. Locking: rq->lock. */
static void account_tick(struct runqueue *rq, struct task *task, bool is_user,
			 uint64_t now)
{
	uint64_t delta = now - rq->accounted_ns;

	rq->accounted_ns = now;
	account_cpu(rq, task, delta, is_user);
	if (is_user)
		task->sched.user_ns += delta;
	else
		task->sched.system_ns += delta;
}

/* ---- the tick itself ----------------------------------------------------- */

static void tick(struct timer *timer)
{
	struct runqueue *rq = container_of(timer, struct runqueue, tick_timer);
	struct task *curr = rq->curr;
	bool is_user = timer_interrupted_user();
	uint64_t now = ktime_get_ns();

	spin_lock(&rq->lock);
	rq->tick = TICK_STOPPED;
	account_tick(rq, curr, is_user, now);
	if (curr != rq->idle) {
		curr->sched.class->tick(rq, curr);
		if (unlikely(rq->special))
			urgent_tick(rq, now);
		balance_tick(rq, now);
		tick_start(rq, now);
	}
	spin_unlock(&rq->lock);
	loadavg_update(now);
	if (curr == rq->idle)
		return;
	if (unlikely(prio_is_urgent(curr->sched.prio)))
		urgent_signals(curr);
	itimers_tick(curr, is_user);
}

/* How much of @cpu's time went where. Never goes back. Context: any. */
void cpu_times_read(unsigned int cpu, struct cpu_times *times)
{
	struct runqueue *rq = cpu_rq(cpu);
	unsigned long flags = spin_lock_irqsave(&rq->lock);

	account_up_to_now(rq, rq->curr);
	*times = rq->times;
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* ---- load averages ------------------------------------------------------- */

/*
 * Every five seconds each average moves towards the number of tasks that run
 * or sleep uninterruptibly, by 1 - e^(-5 s / period). Values have 11
 * fractional bits, the factors e^(-5/60), e^(-5/300), e^(-5/900) likewise.
 */
static const unsigned long load_factors[3] = { 1884, 2014, 2037 };
static unsigned long load_averages[3];
static uint64_t load_next_ns = LOAD_INTERVAL_NS;
static DEFINE_SPINLOCK(load_lock, RANK_LOAD);

static unsigned long decay(unsigned long load, unsigned long factor,
			   unsigned long active)
{
	unsigned long sum = load * factor + active * (LOAD_FIXED - factor);

	/* Round up on the way up, or the average never gets there. */
	if (active >= load)
		sum += LOAD_FIXED - 1;
	return sum / LOAD_FIXED;
}

static void loadavg_step(unsigned long active)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(load_averages); i++)
		WRITE_ONCE(load_averages[i],
			   decay(load_averages[i], load_factors[i], active));
}

/*
 * Catch up with the steps that are due. Idle CPUs have no tick, so there may
 * be several; in the ones before the last nobody ran, or there would have
 * been a tick. Context: any, interrupts off.
 */
void loadavg_update(uint64_t now_ns)
{
	if (likely(now_ns < READ_ONCE(load_next_ns)) ||
	    !spin_trylock(&load_lock))
		return;
	while (now_ns >= load_next_ns) {
		bool is_last = now_ns - load_next_ns < LOAD_INTERVAL_NS;
		unsigned long active = nr_uninterruptible();

		if (is_last)
			active += nr_running();
		loadavg_step(active * LOAD_FIXED);
		WRITE_ONCE(load_next_ns, load_next_ns + LOAD_INTERVAL_NS);
	}
	spin_unlock(&load_lock);
}

/* The averages over 1, 5 and 15 minutes, times LOAD_FIXED. Any context. */
void get_loadavg(unsigned long loads[3])
{
	unsigned long flags = local_irq_save();

	loadavg_update(ktime_get_ns());
	local_irq_restore(flags);
	for (unsigned int i = 0; i < 3; i++)
		loads[i] = READ_ONCE(load_averages[i]);
}

/* Tasks that run or wait for a CPU. A snapshot. */
unsigned int nr_running(void)
{
	unsigned int sum = 0, cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_running);
	return sum;
}

/* Tasks in an uninterruptible sleep that counts as load. A snapshot. */
unsigned long nr_uninterruptible(void)
{
	unsigned int cpu;
	long sum = 0;

	/* A task may sleep on one CPU and wake on another: only sums mean. */
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_uninterruptible);
	return max(sum, 0L);
}

/* Switches of @cpu from one task to another. A snapshot. */
uint64_t cpu_context_switches(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_switches);
}

/* How long tasks waited for @cpu before they came to run, summed up. */
uint64_t cpu_waited_ns(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->waited_ns);
}

uint64_t nr_context_switches(void)
{
	uint64_t sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_switches);
	return sum;
}

void tick_init(struct runqueue *rq)
{
	timer_init(&rq->tick_timer, tick);
	rq->tick = TICK_STOPPED;
	rq->accounted_ns = ktime_get_ns();
}
