/*
 * Spinlocks: mutual exclusion for a few instructions, without sleeping.
 *
 * The lock is one word, taken by an atomic exchange. It is deliberately unfair:
 * the CPUs of an emulated or virtual machine are threads of the host, and a
 * lock that must go to the next CPU in a queue waits until the host happens to
 * run that CPU. Test-and-set lets whoever runs go on.
 *
 * Holding a spinlock means preemption is off: no sleeping, no copying from or
 * to user memory. Which form to use:
 *
 *	spin_lock		never taken by an interrupt handler or softirq
 *	spin_lock_bh		also taken by softirqs
 *	spin_lock_irq		also taken by handlers; interrupts are on
 *	spin_lock_irqsave	the same, where the caller does not know
 *
 * SPIN_GUARD(&lock) holds the lock until the end of the enclosing block. A
 * debug build checks owner, order and context: kernel/lock_debug.h.
 */
#pragma once

#include <arch/irqflags.h>
#include <arch/preempt.h>
#include <keel/atomic.h>
#include <keel/bug.h>
#include <kernel/lock_debug.h>

struct spinlock {
	uint32_t	locked;
#ifdef DEBUG
	struct lock_debug dbg;
#endif
} __capability("spinlock");

#ifdef DEBUG
#define SPINLOCK_INIT(name, rank)	{ .dbg = LOCK_DEBUG_INIT(name, rank) }
#define spin_debug_acquire(l, sub, try) \
	lock_debug_spin_acquire(&(l)->dbg, sub, try)
#define spin_debug_acquired(l, sub) \
	lock_debug_spin_acquired(&(l)->dbg, sub, \
				 (unsigned long)__builtin_return_address(0))
#define spin_debug_release(l)		lock_debug_spin_release(&(l)->dbg)
#define assert_held(l)			ASSERT(lock_debug_spin_held(&(l)->dbg))
#define assert_irqs_off()		ASSERT(irqs_disabled())
#else
#define SPINLOCK_INIT(name, rank)	{ .locked = 0 }
#define spin_debug_acquire(l, sub, try)	do { } while (0)
#define spin_debug_acquired(l, sub)	do { } while (0)
#define spin_debug_release(l)		do { } while (0)
#define assert_held(l)			((void)(l))
#define assert_irqs_off()		do { } while (0)
#endif

#define DEFINE_SPINLOCK(var, rank) \
	struct spinlock var = SPINLOCK_INIT(#var, rank)

static inline void spin_lock_init(struct spinlock *lock,
				  const char *name __unused,
				  enum lock_rank rank __unused)
{
	lock->locked = 0;
#ifdef DEBUG
	lock_debug_init(&lock->dbg, name, rank);
#endif
}

void spin_lock_slow(struct spinlock *);
void local_bh_disable(void);
void local_bh_enable(void);

static __always_inline void spin_acquire(struct spinlock *lock,
					 unsigned int subclass __unused)
{
	spin_debug_acquire(lock, subclass, false);
	if (unlikely(xchg(&lock->locked, 1)))
		spin_lock_slow(lock);
	spin_debug_acquired(lock, subclass);
}

static __always_inline void spin_release(struct spinlock *lock)
{
	spin_debug_release(lock);
	smp_store_release(&lock->locked, 0);
}

/* What the clang pass of `make check` is told about each. */
static inline void spin_lock(struct spinlock *lock) __acquires(lock);
static inline void spin_lock_nested(struct spinlock *lock,
				    unsigned int subclass) __acquires(lock);
static inline void spin_unlock(struct spinlock *lock) __releases(lock);
static inline bool spin_trylock(struct spinlock *lock)
	__try_acquires(true, lock);
static inline void spin_lock_irq(struct spinlock *lock) __acquires(lock);
static inline void spin_unlock_irq(struct spinlock *lock) __releases(lock);
static inline unsigned long spin_lock_irqsave(struct spinlock *lock)
	__acquires(lock);
static inline unsigned long
spin_lock_irqsave_nested(struct spinlock *lock, unsigned int subclass)
	__acquires(lock);
static inline void spin_unlock_irqrestore(struct spinlock *lock,
					  unsigned long flags)
	__releases(lock);
static inline bool spin_trylock_irqsave(struct spinlock *lock,
					unsigned long *flags)
	__try_acquires(true, lock);
static inline void spin_lock_bh(struct spinlock *lock) __acquires(lock);
static inline void spin_unlock_bh(struct spinlock *lock) __releases(lock);
static inline void spin_lock_pair(struct spinlock *a, struct spinlock *b)
	__acquires(a, b);
static inline void spin_unlock_pair(struct spinlock *a, struct spinlock *b)
	__releases(a, b);

static inline void __no_lock_check spin_lock(struct spinlock *lock)
{
	preempt_disable();
	spin_acquire(lock, 0);
}

/* For a second lock of one rank: @subclass says how deep we are. */
static inline void __no_lock_check spin_lock_nested(struct spinlock *lock,
				    unsigned int subclass)
{
	preempt_disable();
	spin_acquire(lock, subclass);
}

static inline void __no_lock_check spin_unlock(struct spinlock *lock)
{
	spin_release(lock);
	preempt_enable();
}

static inline bool __no_lock_check spin_trylock(struct spinlock *lock)
{
	preempt_disable();
	if (READ_ONCE(lock->locked) || xchg(&lock->locked, 1)) {
		preempt_enable();
		return false;
	}
	spin_debug_acquire(lock, 0, true);
	spin_debug_acquired(lock, 0);
	return true;
}

static inline void __no_lock_check spin_lock_irq(struct spinlock *lock)
{
	local_irq_disable();
	spin_lock(lock);
}

static inline void __no_lock_check spin_unlock_irq(struct spinlock *lock)
{
	spin_release(lock);
	local_irq_enable();
	preempt_enable();
}

static inline unsigned long __must_check __no_lock_check
spin_lock_irqsave(struct spinlock *lock)
{
	unsigned long flags = local_irq_save();

	spin_lock(lock);
	return flags;
}

static inline unsigned long __must_check __no_lock_check
spin_lock_irqsave_nested(struct spinlock *lock, unsigned int subclass)
{
	unsigned long flags = local_irq_save();

	spin_lock_nested(lock, subclass);
	return flags;
}

static inline void __no_lock_check spin_unlock_irqrestore(struct spinlock *lock,
					  unsigned long flags)
{
	spin_release(lock);
	local_irq_restore(flags);
	preempt_enable();
}

static inline bool __no_lock_check spin_trylock_irqsave(struct spinlock *lock,
					unsigned long *flags)
{
	*flags = local_irq_save();
	if (spin_trylock(lock))
		return true;
	local_irq_restore(*flags);
	return false;
}

static inline void __no_lock_check spin_lock_bh(struct spinlock *lock)
{
	local_bh_disable();
	spin_lock(lock);
}

static inline void __no_lock_check spin_unlock_bh(struct spinlock *lock)
{
	spin_release(lock);
	preempt_enable_no_resched();
	local_bh_enable();
}

static inline bool spin_is_locked(const struct spinlock *lock)
{
	return READ_ONCE(lock->locked);
}

/* Take two locks of one rank, in address order; they may be the same one. */
static inline void __no_lock_check
spin_lock_pair(struct spinlock *a, struct spinlock *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(a);
	if (a != b)
		spin_lock_nested(b, 1);
}

static inline void __no_lock_check
spin_unlock_pair(struct spinlock *a, struct spinlock *b)
{
	if (a != b)
		spin_unlock(b);
	spin_unlock(a);
}

/*
 * Scope guards. The struct carries the lock to the end of the block. clang does
 * not follow it there; that the lock is held behind the guard is asserted.
 */
struct spin_irqsave_guard {
	struct spinlock	*lock;
	unsigned long	flags;
};

static inline struct spin_irqsave_guard
spin_guard_irqsave_enter(struct spinlock *lock) __asserts_held(lock);
static inline struct spinlock *spin_guard_enter(struct spinlock *lock)
	__asserts_held(lock);
static inline struct spinlock *spin_guard_irq_enter(struct spinlock *lock)
	__asserts_held(lock);

static inline void __no_lock_check spin_guard_exit(struct spinlock **lock)
{
	spin_unlock(*lock);
}

static inline void __no_lock_check spin_guard_irq_exit(struct spinlock **lock)
{
	spin_unlock_irq(*lock);
}

static inline void __no_lock_check
spin_guard_irqsave_exit(struct spin_irqsave_guard *guard)
{
	spin_unlock_irqrestore(guard->lock, guard->flags);
}

static inline struct spin_irqsave_guard __no_lock_check
spin_guard_irqsave_enter(struct spinlock *lock)
{
	unsigned long flags = spin_lock_irqsave(lock);

	return (struct spin_irqsave_guard){ lock, flags };
}

static inline struct spinlock *__no_lock_check
spin_guard_enter(struct spinlock *lock)
{
	spin_lock(lock);
	return lock;
}

static inline struct spinlock *__no_lock_check
spin_guard_irq_enter(struct spinlock *lock)
{
	spin_lock_irq(lock);
	return lock;
}

#define GUARD_NAME2(a, b)	a##b
#define GUARD_NAME(a, b)	GUARD_NAME2(a, b)

#define SPIN_GUARD(l) \
	struct spinlock *GUARD_NAME(spin_guard_, __COUNTER__) __unused \
		__cleanup(spin_guard_exit) = spin_guard_enter(l)
#define SPIN_GUARD_IRQ(l) \
	struct spinlock *GUARD_NAME(spin_guard_, __COUNTER__) __unused \
		__cleanup(spin_guard_irq_exit) = spin_guard_irq_enter(l)
#define SPIN_GUARD_IRQSAVE(l) \
	struct spin_irqsave_guard GUARD_NAME(spin_guard_, __COUNTER__) \
		__unused __cleanup(spin_guard_irqsave_exit) = \
			spin_guard_irqsave_enter(l)
