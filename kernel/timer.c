/*
 * Timers: a tree per CPU over a one-shot clock. See kernel/timer.h.
 *
 * A timer belongs to the base (CPU) on which it was last started. It may be
 * cancelled from another CPU, and started there, which moves it; but never
 * while its function runs, so that whoever cancels needs to look at one base
 * only.
 *
 * The clock is programmed for the earliest timer. When that is cancelled the
 * clock is left alone: it comes early once, and finds out. Sleeping with a
 * time-out that does not run out thus costs no access to the hardware in most
 * cases.
 */
#include <arch/clock.h>
#include <arch/percpu.h>
#include <arch/ptrace.h>
#include <arch/smp.h>
#include <kernel/rcu.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>

#define NOT_PROGRAMMED	UINT64_MAX

/* One CPU's timers. */
struct timer_base {
	struct spinlock		lock;		/* taken in interrupts */
	struct rb_root_cached	tree;		/* [lock] by expires_ns */
	struct timer		*running;	/* [lock] its function runs */
	/* [own CPU] when the clock rings */
	uint64_t		programmed_ns;
	bool			from_user; /* [own CPU] what it interrupted */
};

static DEFINE_PER_CPU(struct timer_base, timer_bases);

static struct timer_base *base_of(unsigned int cpu)
{
	return per_cpu_ptr(&timer_bases, cpu);
}

void timer_init(struct timer *timer, timer_fn *fn)
{
	*timer = (struct timer){ .fn = fn };
}

static bool earlier(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct timer, node)->expires_ns <
	       rb_entry(b, struct timer, node)->expires_ns;
}

/* Lock the base @timer is on, wherever it moves meanwhile. Irqs are off. */
static struct timer_base *__no_lock_check lock_base(const struct timer *timer)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(timer->cpu);
		struct timer_base *base = base_of(cpu);

		spin_lock(&base->lock);
		if (likely(cpu == READ_ONCE(timer->cpu)))
			return base;
		spin_unlock(&base->lock);
	}
}

/* Ring for @expires_ns unless the clock rings earlier anyway. Own CPU. */
static void program(struct timer_base *base, uint64_t expires_ns)
{
	if (expires_ns >= base->programmed_ns)
		return;
	base->programmed_ns = expires_ns;
	clock_event_set(expires_ns);
}

static void enqueue(struct timer_base *base, struct timer *timer,
		    uint64_t expires_ns)
{
	timer->expires_ns = expires_ns;
	timer->pending = true;
	if (rb_add_cached(&timer->node, &base->tree, earlier))
		program(base, expires_ns);
}

static void dequeue(struct timer_base *base, struct timer *timer)
{
	rb_erase_cached(&timer->node, &base->tree);
	timer->pending = false;
}

/*
 * Start @timer, which this CPU alone uses, or start it anew.
 * Context: interrupts off.
 */
void timer_start_local(struct timer *timer, uint64_t expires_ns)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);

	spin_lock(&base->lock);
	if (timer->pending)
		dequeue(base, timer);
	timer->cpu = smp_processor_id();
	enqueue(base, timer, expires_ns);
	spin_unlock(&base->lock);
}

/*
 * Have @timer's function called at @expires_ns of CLOCK_MONOTONIC, or at once
 * if that is past. A pending timer gets the new time instead.
 *
 * It will run on this CPU; only if its function is running on another at the
 * moment it stays there, and that CPU looks at its tree again afterwards.
 *
 * Context: any but NMI.
 */
void __no_lock_check timer_start(struct timer *timer, uint64_t expires_ns)
{
	unsigned long flags = local_irq_save();
	struct timer_base *base = lock_base(timer);
	struct timer_base *here = this_cpu_ptr(&timer_bases);

	if (timer->pending)
		dequeue(base, timer);
	if (base == here || base->running == timer) {
		timer->expires_ns = expires_ns;
		timer->pending = true;
		if (rb_add_cached(&timer->node, &base->tree, earlier) &&
		    base == here)
			program(base, expires_ns);
		spin_unlock(&base->lock);
	} else {
		/* Whoever wants to lock its base waits until cpu is right. */
		WRITE_ONCE(timer->cpu, smp_processor_id());
		spin_unlock(&base->lock);
		spin_lock(&here->lock);
		if (timer->cpu == smp_processor_id() && !timer->pending)
			enqueue(here, timer, expires_ns);
		spin_unlock(&here->lock);
	}
	local_irq_restore(flags);
}

/*
 * When the clock rings anyway in the @slack_ns from @expires_ns on; or
 * @expires_ns itself. Locking: base->lock.
 */
static uint64_t join_other(const struct timer_base *base, uint64_t expires_ns,
			   uint64_t slack_ns)
{
	uint64_t latest = expires_ns + min(slack_ns, UINT64_MAX - expires_ns);
	struct rb_node *node = base->tree.root.node;
	uint64_t found = UINT64_MAX;

	while (node) {
		uint64_t at = rb_entry(node, struct timer, node)->expires_ns;

		if (at < expires_ns) {
			node = node->right;
		} else {
			found = at;
			node = node->left;
		}
	}
	return found <= latest ? found : expires_ns;
}

/*
 * Start @timer, which is not pending, for @expires_ns; or with this CPU's next
 * timer, if that is due within @slack_ns. Context: any but NMI.
 */
void timer_start_slack(struct timer *timer, uint64_t expires_ns,
		       uint64_t slack_ns)
{
	unsigned long flags = local_irq_save();
	struct timer_base *base = this_cpu_ptr(&timer_bases);

	spin_lock(&base->lock);
	DEBUG_ASSERT(!timer->pending);
	WRITE_ONCE(timer->cpu, smp_processor_id());
	enqueue(base, timer, slack_ns ?
		join_other(base, expires_ns, slack_ns) : expires_ns);
	spin_unlock(&base->lock);
	local_irq_restore(flags);
}

/*
 * Stop @timer. Its function may be running at this moment.
 * Context: any but NMI. Return: true if it was pending.
 */
bool __no_lock_check timer_cancel(struct timer *timer)
{
	unsigned long flags = local_irq_save();
	struct timer_base *base = lock_base(timer);
	bool was_pending = timer->pending;

	if (was_pending)
		dequeue(base, timer);
	spin_unlock(&base->lock);
	local_irq_restore(flags);
	return was_pending;
}

/*
 * Stop @timer; on return its function is not running, and unless something
 * else starts it, it will not.
 *
 * Context: process, or any that the function cannot have interrupted; not with
 * a lock held that the function takes. Return: true if it was pending.
 */
bool __no_lock_check timer_cancel_sync(struct timer *timer)
{
	bool was_pending = false, is_running;

	do {
		unsigned long flags = local_irq_save();
		struct timer_base *base = lock_base(timer);

		if (timer->pending) {
			dequeue(base, timer);
			was_pending = true;
		}
		is_running = base->running == timer;
		spin_unlock(&base->lock);
		local_irq_restore(flags);
		if (is_running)
			cpu_relax();
	} while (is_running);
	return was_pending;
}

bool timer_pending(const struct timer *timer)
{
	return READ_ONCE(timer->pending);
}

/* When @timer is, or last was, due. */
uint64_t timer_expires(const struct timer *timer)
{
	return READ_ONCE(timer->expires_ns);
}

/* Call one timer's function without the lock. Locking: base->lock. */
static void __no_lock_check expire(struct timer_base *base, struct timer *timer)
{
	dequeue(base, timer);
	base->running = timer;
	spin_unlock(&base->lock);
	timer->fn(timer);
	spin_lock(&base->lock);
	base->running = NULL;
}

/* The earliest timer of @base, or NULL. */
static struct timer *first_timer(struct timer_base *base)
{
	return rb_entry_safe(rb_first_cached(&base->tree), struct timer, node);
}

/*
 * The clock rang: call what is due and set it for what comes next. Called by
 * arch's clock-event interrupt between irq_enter() and irq_exit().
 *
 * Context: hard interrupt, interrupts off.
 */
void timer_interrupt(struct pt_regs *regs)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);
	struct timer *timer;

	base->from_user = user_mode(regs);
	rcu_tick(preempt_count() == HARDIRQ_OFFSET);
	spin_lock(&base->lock);
	base->programmed_ns = 0;	/* functions need not program it */
	while ((timer = first_timer(base)) &&
	       timer->expires_ns <= clock_mono_ns())
		expire(base, timer);
	base->programmed_ns = NOT_PROGRAMMED;
	if (timer)
		program(base, timer->expires_ns);
	spin_unlock(&base->lock);
}

static void reprogram(void *unused __unused)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);
	struct timer *first;

	spin_lock(&base->lock);
	first = first_timer(base);
	base->programmed_ns = NOT_PROGRAMMED;
	if (first)
		program(base, first->expires_ns);
	spin_unlock(&base->lock);
}

/*
 * The clock goes faster now, and would ring late: set it anew on each CPU.
 * Context: process, interrupts on.
 */
void timers_rate_changed(void)
{
	on_each_cpu(reprogram, NULL, true);
}

/* For a timer's function: was user mode interrupted? */
bool timer_interrupted_user(void)
{
	return this_cpu_ptr(&timer_bases)->from_user;
}

/* After this: timers can be started. Needs per-CPU areas. */
void __init timers_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct timer_base *base = base_of(cpu);

		spin_lock_init(&base->lock, "timer_base", RANK_TIMER_BASE);
		base->tree = RB_ROOT_CACHED;
		base->programmed_ns = NOT_PROGRAMMED;
	}
}
