/*
 * The checks of debug builds: lock order, interrupt safety, sleeping.
 *
 * What is checked at each acquisition of a spinlock:
 *
 *	- this CPU does not hold it already;
 *	- its rank is above that of everything held in this context (same
 *	  ranks: rising subclass, or rising address);
 *	- its rank is not used both in interrupt handlers and with interrupts
 *	  on, nor both in softirqs and with softirqs on;
 *	- under a lock that handlers take, no lock is taken that is ever held
 *	  with interrupts on: the handler would wait for us, we for that lock's
 *	  holder, and that one for the handler to end.
 *
 * A trylock cannot deadlock, so it is recorded but not judged by order.
 *
 * The per-CPU stacks are touched by their own CPU only; an interrupt pushes on
 * the stack of its own context and has popped all of it when it returns.
 */
#ifdef DEBUG
#define LOG_PREFIX "lock"

#include <arch/current.h>
#include <arch/smp.h>
#include <keel/bug.h>
#include <kernel/lock_debug.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/sched_seed.h>
#include <kernel/task.h>
#include <kernel/time.h>

enum lock_context {
	CONTEXT_TASK,
	CONTEXT_SOFTIRQ,
	CONTEXT_HARDIRQ,
	CONTEXT_NMI,
	NR_LOCK_CONTEXTS,
};

/* How a rank has been used since boot. */
#define USED_IN_HARDIRQ		0x1
#define USED_IN_SOFTIRQ		0x2
#define USED_WITH_HARDIRQS_ON	0x4
#define USED_WITH_SOFTIRQS_ON	0x8

/* A holder that takes this long is stuck, even on an emulated machine. */
#define STUCK_NS		(20UL * NSEC_PER_SEC)
#define LOOKS_PER_RECKONING	65536
#define RECKONING_NS		(NSEC_PER_SEC / 10UL)

struct lock_wait {
	uint64_t	waited, reckoned;
};

static DEFINE_PER_CPU(struct lock_wait, lock_wait);

static DEFINE_PER_CPU(struct held_locks, held_spinlocks[NR_LOCK_CONTEXTS]);
static unsigned int rank_usage[NR_LOCK_RANKS];
/* The first violation is the interesting one; a panic takes locks too. */
static bool checks_off;

static enum lock_context lock_context(void)
{
	if (in_nmi())
		return CONTEXT_NMI;
	if (in_hardirq())
		return CONTEXT_HARDIRQ;
	if (in_serving_softirq())
		return CONTEXT_SOFTIRQ;
	return CONTEXT_TASK;
}

static struct held_locks *held_here(void)
{
	return &this_cpu_ptr(&held_spinlocks[0])[lock_context()];
}

static bool checks_on(const struct lock_debug *lock)
{
	return !READ_ONCE(checks_off) && lock->rank != RANK_UNCHECKED;
}

void lock_debug_init(struct lock_debug *lock, const char *name,
		     enum lock_rank rank)
{
	*lock = (struct lock_debug)LOCK_DEBUG_INIT(name, rank);
}

static void __noreturn violation(const char *what,
				 const struct lock_debug *lock,
				 const struct lock_debug *other)
{
	checks_off = true;
	if (other)
		panic("lock: %s: taking %s (rank %u.%u) with %s (rank %u.%u) held, taken at %pS",
		      what, lock->name, lock->rank, lock->subclass,
		      other->name, other->rank, other->subclass,
		      (void *)other->owner_ip);
	panic("lock: %s: %s (rank %u), owner CPU %d, taken at %pS", what,
	      lock->name, lock->rank, lock->owner_cpu,
	      (void *)lock->owner_ip);
}

static void check_order(const struct held_locks *held,
			const struct lock_debug *lock, unsigned int subclass)
{
	for (unsigned int i = 0; i < held->count; i++) {
		const struct lock_debug *other = held->locks[i];

		if (other->rank == RANK_UNCHECKED || other->rank < lock->rank)
			continue;
		if (other->rank == lock->rank &&
		    (subclass > other->subclass ||
		     (subclass == other->subclass && lock > other)))
			continue;
		violation("wrong order", lock, other);
	}
}

static unsigned int usage_now(void)
{
	unsigned int usage = 0;

	switch (lock_context()) {
	case CONTEXT_HARDIRQ:
		return USED_IN_HARDIRQ;
	case CONTEXT_SOFTIRQ:
		usage = USED_IN_SOFTIRQ;
		break;
	case CONTEXT_TASK:
		if (!irqs_disabled() && !softirq_count())
			usage = USED_WITH_SOFTIRQS_ON;
		break;
	default:
		return 0;
	}
	return irqs_disabled() ? usage : usage | USED_WITH_HARDIRQS_ON;
}

static void check_irq_safety(const struct held_locks *held,
			     const struct lock_debug *lock)
{
	unsigned int usage;

	usage = __atomic_or_fetch(&rank_usage[lock->rank], usage_now(),
				  __ATOMIC_RELAXED);
	if ((usage & USED_IN_HARDIRQ) && (usage & USED_WITH_HARDIRQS_ON))
		violation("used in interrupts and with interrupts on", lock,
			  NULL);
	if ((usage & USED_IN_SOFTIRQ) && (usage & USED_WITH_SOFTIRQS_ON))
		violation("used in softirqs and with softirqs on", lock, NULL);
	if (!(usage & USED_WITH_HARDIRQS_ON))
		return;
	for (unsigned int i = 0; i < held->count; i++)
		if (rank_usage[held->locks[i]->rank] & USED_IN_HARDIRQ)
			violation("not irq-safe", lock, held->locks[i]);
}

static void push(struct held_locks *held, struct lock_debug *lock)
{
	if (held->count == LOCK_DEPTH_MAX) {
		checks_off = true;
		panic("lock: %u locks held, taking %s", held->count,
		      lock->name);
	}
	held->locks[held->count++] = lock;
}

/* Locks may be released in any order. False if it was not there. */
static bool pop(struct held_locks *held, const struct lock_debug *lock)
{
	for (unsigned int i = held->count; i-- > 0;) {
		if (held->locks[i] != lock)
			continue;
		for (; i + 1 < held->count; i++)
			held->locks[i] = held->locks[i + 1];
		held->count--;
		return true;
	}
	return false;
}

/*
 * Check and record that this CPU takes @lock. Called before it waits, so that
 * a deadlock is reported instead of happening; after a trylock's success.
 */
void lock_debug_spin_acquire(struct lock_debug *lock, unsigned int subclass,
			     bool try_only)
{
	struct held_locks *held = held_here();

	if (READ_ONCE(checks_off))
		return;
	if (checks_on(lock)) {
		if (READ_ONCE(lock->owner_cpu) == (int)smp_processor_id() &&
		    !try_only)
			violation("taken twice", lock, NULL);
		if (!try_only)
			check_order(held, lock, subclass);
		check_irq_safety(held, lock);
	}
	push(held, lock);
	sched_seed_point();
}

/* The lock is ours now: called with it held, by whoever took it. */
void lock_debug_spin_acquired(struct lock_debug *lock, unsigned int subclass,
			      unsigned long ip)
{
	lock->subclass = subclass;
	lock->owner_ip = ip;
	WRITE_ONCE(lock->owner_cpu, smp_processor_id());
}

void lock_debug_spin_release(struct lock_debug *lock)
{
	bool was_held;

	if (READ_ONCE(checks_off))
		return;
	if (READ_ONCE(lock->owner_cpu) != (int)smp_processor_id())
		violation("released by another CPU", lock, NULL);
	WRITE_ONCE(lock->owner_cpu, -1);
	was_held = pop(held_here(), lock);
	if (!was_held)
		violation("released in another context", lock, NULL);
	sched_seed_point();
}

/*
 * Called while a CPU waits, with a count of its looks: names a lock nobody lets
 * go of. Of the time between two reckonings only a little is counted: if there
 * is more, it was this CPU that stood still, as those of an emulator do.
 */
void lock_debug_spinning(struct lock_debug *lock, unsigned long spins)
{
	struct lock_wait *wait;
	uint64_t now;

	if (spins % LOOKS_PER_RECKONING || READ_ONCE(checks_off))
		return;
	wait = this_cpu_ptr(&lock_wait);
	now = ktime_get_ns();
	if (spins == LOOKS_PER_RECKONING)
		wait->waited = 0;
	else
		wait->waited += min(now - wait->reckoned, RECKONING_NS);
	wait->reckoned = now;
	if (wait->waited < STUCK_NS)
		return;
	/* What matters is what its owner is doing: let that be said first. */
	smp_show_cpu(READ_ONCE(lock->owner_cpu));
	violation("stuck", lock, NULL);
}

bool lock_debug_spin_held(const struct lock_debug *lock)
{
	return READ_ONCE(checks_off) ||
	       READ_ONCE(lock->owner_cpu) == (int)smp_processor_id();
}

/* The same for sleeping locks, which belong to the task. */
void lock_debug_sleep_acquire(struct lock_debug *lock, unsigned int subclass,
			      bool try_only, bool exclusive)
{
	struct held_locks *held;

	if (!current || READ_ONCE(checks_off))
		return;
	held = &current->sched.held;
	if (checks_on(lock)) {
		if (READ_ONCE(lock->owner_task) == current && !try_only)
			violation("taken twice", lock, NULL);
		if (!try_only)
			check_order(held, lock, subclass);
	}
	push(held, lock);
	/* Readers share these; what they hold is not told apart by them. */
	lock->subclass = subclass;
	lock->owner_ip = (unsigned long)__builtin_return_address(0);
	if (exclusive && try_only)
		WRITE_ONCE(lock->owner_task, current);
}

void lock_debug_sleep_acquired(struct lock_debug *lock)
{
	WRITE_ONCE(lock->owner_task, current);
}

/* The wait was given up: a signal came first. */
void lock_debug_sleep_abandon(struct lock_debug *lock)
{
	if (current && !READ_ONCE(checks_off))
		pop(&current->sched.held, lock);
}

void lock_debug_sleep_release(struct lock_debug *lock)
{
	if (!current || READ_ONCE(checks_off))
		return;
	if (READ_ONCE(lock->owner_task) == current)
		WRITE_ONCE(lock->owner_task, NULL);
	if (!pop(&current->sched.held, lock))
		violation("released by another task", lock, NULL);
}

bool lock_debug_sleep_held(const struct lock_debug *lock)
{
	const struct held_locks *held;

	if (!current || READ_ONCE(checks_off))
		return true;
	held = &current->sched.held;
	for (unsigned int i = 0; i < held->count; i++)
		if (held->locks[i] == lock)
			return true;
	return false;
}

/* @what is about to happen, with which no lock goes: user mode, exit. */
void lock_debug_assert_none_held(const char *what)
{
	const struct held_locks *held = &current->sched.held;

	if (READ_ONCE(checks_off) || held->count == 0)
		return;
	checks_off = true;
	panic("lock: %s with %s held, taken at %pS", what,
	      held->locks[held->count - 1]->name,
	      (void *)held->locks[held->count - 1]->owner_ip);
}

static void print_held(const char *whose, const struct held_locks *held)
{
	for (unsigned int i = 0; i < held->count; i++)
		pr_emerg("held by %s: %s (rank %u), taken at %pS", whose,
			 held->locks[i]->name, held->locks[i]->rank,
			 (void *)held->locks[i]->owner_ip);
}

/* For a panic: what this CPU and its task hold. */
void lock_debug_print_held(void)
{
	static const char *const names[NR_LOCK_CONTEXTS] = {
		"the CPU", "the softirq", "the interrupt", "the NMI",
	};

	checks_off = true;
	if (current)
		print_held("the task", &current->sched.held);
	for (unsigned int i = 0; i < NR_LOCK_CONTEXTS; i++)
		print_held(names[i],
			   &this_cpu_ptr(&held_spinlocks[0])[i]);
}

/* True where sleeping is allowed; during boot, also with interrupts off. */
bool may_sleep_here(void)
{
	if (READ_ONCE(checks_off) || in_panic())
		return true;
	if (preempt_count())
		return false;
	return !irqs_disabled() || system_state != SYSTEM_RUNNING;
}

void might_sleep_failed(const char *file, int line)
{
	struct held_locks *held = held_here();
	const struct lock_debug *lock =
		held->count ? held->locks[held->count - 1] : NULL;

	checks_off = true;
	panic("sleeping function called at %s:%d, preempt count %#x, irqs %s, holding %s",
	      file, line, preempt_count(), irqs_disabled() ? "off" : "on",
	      lock ? lock->name : "no spinlock");
}
#endif
