/*
 * RCU: finding out that every CPU has left the readers of some moment.
 *
 * Grace periods are numbered and run one at a time. Starting one marks every
 * CPU that is not idle; a CPU that passes a quiescent state takes its mark
 * away, and the last one ends the period. Quiescent is
 *
 *	- a context switch,
 *	- an interrupt that hits code with preemption on (a reader has it off),
 *	- being idle: `rcu_awake` is even. Interrupts make it odd before they do
 *	  anything, so a handler's readers are seen.
 *
 * Callbacks wait in a list per CPU: `next` collects them, `waiting` is a batch
 * that waits for the period `waiting_for`. As long as a CPU has callbacks, a
 * timer has its softirq move them along; a CPU without any is never disturbed.
 * When its grace period is over a batch leaves the lists to be called;
 * `outstanding` counts the callbacks until that is done.
 *
 * The start of a grace period against a CPU going idle: the starter sets the
 * mark, then looks at rcu_awake; the CPU changes rcu_awake, then looks at the
 * mark; with a full barrier in each between the two, at least one of them sees
 * the other.
 */
#define LOG_PREFIX "rcu"

#include <arch/current.h>
#include <arch/smp.h>
#include <kernel/completion.h>
#include <kernel/mutex.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/softirq.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

/* How often a CPU with callbacks looks at them. */
#define RCU_INTERVAL_NS		(2 * NSEC_PER_MSEC)
/* So many callbacks are not left for the timer. */
#define RCU_MANY_CALLBACKS	5000UL

/* Callbacks in the order they came. */
struct callback_list {
	struct rcu_head	*first;
	struct rcu_head	**end;
	unsigned long	count;
};

struct rcu_cpu {
	struct callback_list	next;		/* not yet in any batch */
	struct callback_list	waiting;	/* the batch */
	uint64_t		waiting_for;	/* its grace period */
	/* Not yet over: in a list, or in the hands of rcu_softirq(). */
	unsigned long		outstanding;
	struct timer		timer;
	struct rcu_head		barrier;	/* of rcu_barrier() */
};

DEFINE_PER_CPU(bool, rcu_needs_report);
DEFINE_PER_CPU(unsigned int, rcu_awake) = 1;
static DEFINE_PER_CPU(struct rcu_cpu, rcu_cpus);	/* irqs off */

static struct {
	struct spinlock		lock;
	uint64_t		started; /* [lock] number of the latest */
	uint64_t		completed; /* [lock] == started: none runs */
	uint64_t		wanted;		/* [lock] run until this one */
	unsigned int		nr_marked;	/* [lock] CPUs yet to report */
	unsigned int		nr_hurrying;	/* [lock] they sleep */
	struct wait_queue	done;
} rcu = {
	.lock = SPINLOCK_INIT("rcu", RANK_RCU),
	.done = WAIT_QUEUE_INIT(rcu.done),
};

/* ---- grace periods ------------------------------------------------------- */

/* Someone sleeps until this period is over: ask the CPUs to be quick. */
static void hurry_locked(void)
{
	unsigned int cpu, here = smp_processor_id();

	for_each_online_cpu(cpu) {
		if (!READ_ONCE(per_cpu(rcu_needs_report, cpu)))
			continue;
		if (cpu == here)
			set_need_resched_this_cpu();
		else
			smp_send_reschedule(cpu);
	}
}

/* Mark @cpu, unless it is idle. Locking: rcu.lock. */
static void mark_cpu(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(rcu_needs_report, cpu), true);
	smp_mb();
	if (READ_ONCE(per_cpu(rcu_awake, cpu)) & 1)
		rcu.nr_marked++;
	else
		WRITE_ONCE(per_cpu(rcu_needs_report, cpu), false);
}

/*
 * Start grace periods until one is running that has to be waited for, or none
 * is wanted. Locking: rcu.lock, interrupts off.
 */
static void run_periods_locked(void)
{
	while (rcu.nr_marked == 0 && rcu.completed < rcu.wanted) {
		unsigned int cpu;

		WRITE_ONCE(rcu.started, rcu.completed + 1);
		/* What was unlinked before is unlinked for all who look now. */
		smp_mb();
		for_each_online_cpu(cpu)
			mark_cpu(cpu);
		if (rcu.nr_marked == 0)
			WRITE_ONCE(rcu.completed, rcu.started);
	}
	if (rcu.nr_marked && rcu.nr_hurrying)
		hurry_locked();
	if (rcu.nr_hurrying)
		wake_up_all(&rcu.done);
}

/*
 * A number such that everything unlinked before this call is unused when the
 * grace period of that number is over. Context: any.
 */
uint64_t rcu_grace_period_snapshot(void)
{
	smp_mb();
	/* One that runs already may have begun too early for us. */
	return READ_ONCE(rcu.started) + 1;
}

bool rcu_grace_period_passed(uint64_t cookie)
{
	bool passed = READ_ONCE(rcu.completed) >= cookie;

	smp_mb();
	return passed;
}

/* See to it that grace period @number will be run. Locking: rcu.lock. */
static void want_locked(uint64_t number)
{
	if (rcu.wanted < number)
		rcu.wanted = number;
	run_periods_locked();
}

/*
 * This CPU has left all its readers. Called where rcu_needs_report says that
 * a grace period waits for that. Context: any but NMI, not a reader.
 */
void rcu_report_quiescent(void)
{
	SPIN_GUARD_IRQSAVE(&rcu.lock);

	if (!this_cpu_read(rcu_needs_report))
		return;
	this_cpu_write(rcu_needs_report, false);
	if (--rcu.nr_marked == 0) {
		WRITE_ONCE(rcu.completed, rcu.started);
		run_periods_locked();
	}
}

/*
 * From an interrupt that hit code with preemption on (@was_preemptible).
 * Return: false if a report is still owed.
 */
bool rcu_tick(bool was_preemptible)
{
	if (likely(!this_cpu_read(rcu_needs_report)))
		return true;
	if (!was_preemptible)
		return false;
	rcu_report_quiescent();
	return true;
}

/* This CPU becomes idle. Context: interrupts off. */
void rcu_idle_enter(void)
{
	unsigned int *awake = this_cpu_ptr(&rcu_awake);

	DEBUG_ASSERT(*awake & 1);
	(void)__atomic_add_fetch(awake, 1, __ATOMIC_SEQ_CST);
	if (this_cpu_read(rcu_needs_report))
		rcu_report_quiescent();
}

/* It is not idle any more; harmless if it was not. Context: interrupts off. */
void rcu_idle_exit(void)
{
	unsigned int *awake = this_cpu_ptr(&rcu_awake);

	if (!(*awake & 1))
		(void)__atomic_add_fetch(awake, 1, __ATOMIC_SEQ_CST);
}

/* ---- callbacks ----------------------------------------------------------- */

static void list_append(struct callback_list *list, struct rcu_head *head)
{
	head->next = NULL;
	if (!list->first)
		list->end = &list->first;
	*list->end = head;
	list->end = &head->next;
	list->count++;
}

static struct callback_list list_take(struct callback_list *list)
{
	struct callback_list taken = *list;

	*list = (struct callback_list){ NULL };
	return taken;
}

static bool has_callbacks(const struct rcu_cpu *rc)
{
	return rc->next.first || rc->waiting.first;
}

static void rcu_timer_fn(struct timer *timer __unused)
{
	raise_softirq_irqoff(SOFTIRQ_RCU);
}

/*
 * Call @fn(@head) in softirq context when everyone who may be using what
 * @head is part of has stopped.
 *
 * Context: any but NMI. Never fails.
 */
void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *))
{
	unsigned long flags = local_irq_save();
	struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpus);

	head->fn = fn;
	WRITE_ONCE(rc->outstanding, rc->outstanding + 1);
	list_append(&rc->next, head);
	if (unlikely(rc->next.count >= RCU_MANY_CALLBACKS) &&
	    rc->next.count % RCU_MANY_CALLBACKS == 0)
		raise_softirq_irqoff(SOFTIRQ_RCU);
	if (!rc->timer.pending)
		timer_start_local(&rc->timer,
				  ktime_get_ns() + RCU_INTERVAL_NS);
	local_irq_restore(flags);
}

/*
 * Move this CPU's callbacks along: those whose grace period is over are
 * returned, those that came later form the next batch.
 * Context: interrupts off.
 */
static struct callback_list advance(struct rcu_cpu *rc)
{
	struct callback_list done = { NULL };

	if (rc->waiting.first && rcu_grace_period_passed(rc->waiting_for))
		done = list_take(&rc->waiting);
	if (!rc->waiting.first && rc->next.first) {
		rc->waiting = list_take(&rc->next);
		spin_lock(&rcu.lock);
		rc->waiting_for = rcu_grace_period_snapshot();
		want_locked(rc->waiting_for);
		spin_unlock(&rcu.lock);
	}
	if (has_callbacks(rc) && !rc->timer.pending)
		timer_start_local(&rc->timer,
				  ktime_get_ns() + RCU_INTERVAL_NS);
	return done;
}

static void rcu_softirq(void)
{
	struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpus);
	struct callback_list done;
	struct rcu_head *head;

	local_irq_disable();
	done = advance(rc);
	local_irq_enable();
	head = done.first;
	while (head) {
		struct rcu_head *next = head->next;

		head->fn(head);
		head = next;
	}
	local_irq_disable();
	WRITE_ONCE(rc->outstanding, rc->outstanding - done.count);
	local_irq_enable();
}

/* How many callbacks wait, on all CPUs. A snapshot. */
unsigned long rcu_callbacks_pending(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(&rcu_cpus, cpu)->outstanding);
	return sum;
}

/* ---- waiting ------------------------------------------------------------- */

/* Grace periods are wanted soon, until rcu_no_hurry(). */
static void rcu_hurry(void)
{
	spin_lock_irq(&rcu.lock);
	rcu.nr_hurrying++;
	run_periods_locked();
	spin_unlock_irq(&rcu.lock);
}

static void rcu_no_hurry(void)
{
	spin_lock_irq(&rcu.lock);
	rcu.nr_hurrying--;
	spin_unlock_irq(&rcu.lock);
}

/*
 * Wait until everyone who may be using what the caller has unlinked has
 * stopped. With one CPU that is now: the caller is not a reader, and nobody
 * else can be in the middle of reading, as that cannot be preempted.
 *
 * Context: process; may sleep.
 */
void synchronize_rcu(void)
{
	uint64_t number;

	might_sleep();
	if (num_online_cpus() == 1) {
		barrier();
		return;
	}
	spin_lock_irq(&rcu.lock);
	number = rcu_grace_period_snapshot();
	rcu.nr_hurrying++;
	want_locked(number);
	spin_unlock_irq(&rcu.lock);
	wait_event(&rcu.done, rcu_grace_period_passed(number));
	rcu_no_hurry();
}

/* The one rcu_barrier() that runs, and how many CPUs it waits for. */
static DEFINE_MUTEX(barrier_mutex, RANK_MUTEX_LEAF);
static atomic_t barrier_left;
static DEFINE_COMPLETION(barrier_done);

static void barrier_part_done(void)
{
	if (atomic_dec_and_test(&barrier_left))
		complete(&barrier_done);
}

static void barrier_callback(struct rcu_head *head __unused)
{
	barrier_part_done();
}

/* On each CPU: a callback behind all that are there. Interrupts are off. */
static void barrier_enqueue(void *unused __unused)
{
	call_rcu(&this_cpu_ptr(&rcu_cpus)->barrier, barrier_callback);
	/* The batch begins now, not when the timer comes. */
	raise_softirq_irqoff(SOFTIRQ_RCU);
}

/*
 * Wait until all callbacks that were registered before have been called.
 *
 * A CPU is asked only if it has any. The lists do not tell: callbacks that are
 * being called, or move from one list to the other, are in none.
 *
 * Context: process; may sleep for some milliseconds.
 */
void rcu_barrier(void)
{
	unsigned int cpu;

	might_sleep();
	MUTEX_GUARD(&barrier_mutex);
	/* One for us: it is not over before all have been asked. */
	atomic_set(&barrier_left, 1);
	smp_mb();
	for_each_online_cpu(cpu) {
		if (!READ_ONCE(per_cpu_ptr(&rcu_cpus, cpu)->outstanding))
			continue;
		atomic_inc(&barrier_left);
		smp_call_function_single(cpu, barrier_enqueue, NULL, true);
	}
	rcu_hurry();
	barrier_part_done();
	wait_for_completion(&barrier_done);
	rcu_no_hurry();
}

/* After this: call_rcu() works. Needs timers_init(). */
void __init rcu_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(rcu_awake, cpu) = 1;
		timer_init(&per_cpu_ptr(&rcu_cpus, cpu)->timer, rcu_timer_fn);
	}
	softirq_register(SOFTIRQ_RCU, rcu_softirq);
}
