/*
 * Reader-writer semaphores: many readers or one writer, all of whom may sleep.
 *
 * While nobody waits, entering and leaving are one atomic operation. Once
 * somebody does, readers that come later stand behind him, so that a stream of
 * readers cannot starve a writer; readers that stand next to each other in the
 * queue are let in together.
 *
 * down_write()'s owner is known and spun on like a mutex's. Not recursive, not
 * even for reading: a writer queued between the two would deadlock.
 */
#pragma once

#include <keel/list.h>
#include <kernel/spinlock.h>

struct rwsem {
	atomic_long_t		count;	/* RWSEM_* in kernel/rwsem.c */
	struct task		*writer;	/* for spinning; a hint */
	struct spinlock		wait_lock;
	struct list_head	waiters;	/* [wait_lock] oldest first */
#ifdef DEBUG
	struct lock_debug	dbg;
#endif
} __capability("rwsem");

#ifdef DEBUG
#define RWSEM_DEBUG_FIELD(name, rank)	.dbg = LOCK_DEBUG_INIT(name, rank),
#define assert_rwsem_held(s)	ASSERT(lock_debug_sleep_held(&(s)->dbg))
#else
#define RWSEM_DEBUG_FIELD(name, rank)
#define assert_rwsem_held(s)	((void)(s))
#endif
#define assert_rwsem_held_write(s) \
	DEBUG_ASSERT(rwsem_is_write_locked(s))

#define DEFINE_RWSEM(var, rank) \
	struct rwsem var = { \
		.wait_lock = SPINLOCK_INIT(#var ".wait", RANK_MUTEX_WAIT), \
		.waiters = LIST_HEAD_INIT(var.waiters), \
		RWSEM_DEBUG_FIELD(#var, rank) \
	}

void rwsem_init(struct rwsem *, const char *name, enum lock_rank rank);
void down_read(struct rwsem *sem) __acquires_shared(sem);
void down_read_nested(struct rwsem *sem, unsigned int subclass)
	__acquires_shared(sem);
int __must_check down_read_killable(struct rwsem *sem)
	__try_acquires_shared(0, sem);
int __must_check down_read_interruptible(struct rwsem *sem)
	__try_acquires_shared(0, sem);
bool __must_check down_read_trylock(struct rwsem *sem)
	__try_acquires_shared(true, sem);
void up_read(struct rwsem *sem) __releases_shared(sem);
void down_write(struct rwsem *sem) __acquires(sem);
void down_write_nested(struct rwsem *sem, unsigned int subclass)
	__acquires(sem);
int __must_check down_write_killable(struct rwsem *sem)
	__try_acquires(0, sem);
bool __must_check down_write_trylock(struct rwsem *sem)
	__try_acquires(true, sem);
void up_write(struct rwsem *sem) __releases(sem);
/* For the clang pass it stays what it was: it knows no such change. */
void downgrade_write(struct rwsem *sem) __must_hold(sem);
bool rwsem_is_locked(const struct rwsem *);
bool rwsem_is_write_locked(const struct rwsem *);
bool rwsem_is_contended(const struct rwsem *);
