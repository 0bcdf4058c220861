/*
 * What a debug build knows about each lock, and checks at each use.
 *
 * Per lock: its name, its rank and who holds it. Per CPU: a stack of the
 * spinlocks held, one section per context (process, softirq, interrupt), since
 * an interrupt handler does not inherit the order of what it interrupted. Per
 * task: the sleeping locks held. Per rank: whether it was ever taken in an
 * interrupt handler, and ever with interrupts on; both together deadlock as
 * soon as the interrupt hits the holder.
 *
 * In a release build all of this is empty and costs nothing.
 */
#pragma once

#include <keel/compiler.h>
#include <kernel/lock_rank.h>

#ifdef DEBUG
/* How many locks a task or a CPU may hold at once before we complain. */
#define LOCK_DEPTH_MAX	32

struct lock_debug {
	const char	*name;
	uint16_t	rank;
	uint16_t	subclass;	/* of the current acquisition */
	int		owner_cpu;	/* spinlocks; -1: free */
	const void	*owner_task;	/* sleeping locks held exclusively */
	unsigned long	owner_ip;
};

/* The locks one task (sleeping) or one CPU (spinning) holds, oldest first. */
struct held_locks {
	unsigned int		count;
	struct lock_debug	*locks[LOCK_DEPTH_MAX];
};

#define LOCK_DEBUG_INIT(lock_name, lock_rank) \
	{ .name = (lock_name), .rank = (lock_rank), .owner_cpu = -1 }

void lock_debug_init(struct lock_debug *, const char *name,
		     enum lock_rank rank);
void lock_debug_spin_acquire(struct lock_debug *, unsigned int subclass,
			     bool try_only);
void lock_debug_spin_acquired(struct lock_debug *, unsigned int subclass,
			      unsigned long ip);
void lock_debug_spin_release(struct lock_debug *);
void lock_debug_sleep_acquire(struct lock_debug *, unsigned int subclass,
			      bool try_only, bool exclusive);
void lock_debug_sleep_acquired(struct lock_debug *);
void lock_debug_sleep_abandon(struct lock_debug *);
void lock_debug_sleep_release(struct lock_debug *);
void lock_debug_spinning(struct lock_debug *, unsigned long spins);
bool lock_debug_spin_held(const struct lock_debug *);
bool lock_debug_sleep_held(const struct lock_debug *);
void lock_debug_assert_none_held(const char *what);
void lock_debug_print_held(void);
void might_sleep_failed(const char *file, int line);
bool may_sleep_here(void);

/* State that this function may sleep; checked even when it does not. */
#define might_sleep() do { \
	if (unlikely(!may_sleep_here())) \
		might_sleep_failed(__FILE__, __LINE__); \
	} while (0)
#else
struct held_locks { };
static inline void lock_debug_assert_none_held(const char *what __unused) { }
static inline void lock_debug_print_held(void) { }
#define might_sleep()	do { } while (0)
#endif
