/*
 * Mutexes: mutual exclusion for code that may sleep.
 *
 * One word holds the owner, with its lowest bit saying that tasks wait. An
 * uncontended lock or unlock is one compare-and-exchange. A task that finds
 * the mutex taken spins for as long as the owner is running on another CPU
 * (it will probably unlock sooner than a sleep would take) and queues up
 * otherwise. Waiters are served in order; the first of them may be overtaken
 * by a task that is running, but only once: then the mutex is handed to it.
 *
 * Only the owner unlocks, never from interrupt context, and no task exits or
 * returns to user mode with a mutex held.
 */
#pragma once

#include <keel/list.h>
#include <kernel/spinlock.h>

struct mutex {
	atomic_long_t		owner;	/* struct task *, and MUTEX_* bits */
	struct spinlock		wait_lock;
	struct list_head	waiters;	/* [wait_lock] oldest first */
#ifdef DEBUG
	struct lock_debug	dbg;
#endif
} __capability("mutex");

#ifdef DEBUG
#define MUTEX_DEBUG_FIELD(name, rank)	.dbg = LOCK_DEBUG_INIT(name, rank),
#define assert_mutex_held(m)	ASSERT(lock_debug_sleep_held(&(m)->dbg))
#else
#define MUTEX_DEBUG_FIELD(name, rank)
#define assert_mutex_held(m)	((void)(m))
#endif

#define MUTEX_INIT(var, rank) { \
		.wait_lock = SPINLOCK_INIT(#var ".wait", RANK_MUTEX_WAIT), \
		.waiters = LIST_HEAD_INIT(var.waiters), \
		MUTEX_DEBUG_FIELD(#var, rank) \
	}
#define DEFINE_MUTEX(var, rank) struct mutex var = MUTEX_INIT(var, rank)

void mutex_init(struct mutex *, const char *name, enum lock_rank rank);
void mutex_lock(struct mutex *mutex) __acquires(mutex);
void mutex_lock_nested(struct mutex *mutex, unsigned int subclass)
	__acquires(mutex);
int __must_check mutex_lock_interruptible(struct mutex *mutex)
	__try_acquires(0, mutex);
int __must_check mutex_lock_killable(struct mutex *mutex)
	__try_acquires(0, mutex);
bool __must_check mutex_trylock(struct mutex *mutex)
	__try_acquires(true, mutex);
void mutex_unlock(struct mutex *mutex) __releases(mutex);
bool mutex_is_locked(const struct mutex *);

static inline struct mutex *mutex_guard_enter(struct mutex *mutex)
	__asserts_held(mutex);

static inline struct mutex *__no_lock_check
mutex_guard_enter(struct mutex *mutex)
{
	mutex_lock(mutex);
	return mutex;
}

static inline void __no_lock_check mutex_guard_exit(struct mutex **mutex)
{
	mutex_unlock(*mutex);
}

#define MUTEX_GUARD(m) \
	struct mutex *GUARD_NAME(mutex_guard_, __COUNTER__) __unused \
		__cleanup(mutex_guard_exit) = mutex_guard_enter(m)
