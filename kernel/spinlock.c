/*
 * The slow half of spin_lock().
 */
#include <kernel/spinlock.h>

/*
 * Wait for @lock and take it. Only reading while we wait keeps the cache line
 * shared; the exchange is tried when the lock looks free.
 *
 * Context: preemption off.
 */
void spin_lock_slow(struct spinlock *lock)
{
	unsigned long spins __unused = 0;

	do {
		while (READ_ONCE(lock->locked)) {
			cpu_relax();
#ifdef DEBUG
			lock_debug_spinning(&lock->dbg, ++spins);
#endif
		}
	} while (xchg(&lock->locked, 1));
}
