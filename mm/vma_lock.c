/*
 * The lock of one area.
 *
 * A count of readers and a writer bit in one word. Readers are page faults:
 * they only try, and if a writer is there or wants in they go the long way,
 * through mmap_lock. Writers hold mmap_lock for writing, so there is one at a
 * time; it sets its bit, which keeps new readers out, and waits for the others
 * to leave.
 *
 * The delicate part is the lookup. A fault finds the area by walking the tree
 * under RCU, while areas come and go. Their memory remains areas for a grace
 * period, but the one found may since have been freed (its writer bit is then
 * set: no entry) or have become another area, of another process even. So the
 * lock is taken first, and then it is checked that this is the area wanted;
 * while it is held nothing about it changes.
 */
#include <keel/bug.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/hash.h>
#include <mm/vma.h>

#include "internal.h"

#define VMA_WRITER	0x40000000
#define QUEUE_BITS	5

static struct wait_queue vma_queues[1 << QUEUE_BITS];

static struct wait_queue *vma_queue(const struct vma *vma)
{
	return &vma_queues[hash_ptr(vma, QUEUE_BITS)];
}

/* Of memory that becomes an area: as if freed. */
void vma_lock_init(struct vma *vma)
{
	atomic_set(&vma->lock, VMA_WRITER);
}

bool vma_is_write_locked(const struct vma *vma)
{
	return atomic_read(&vma->lock) & VMA_WRITER;
}

static inline bool vma_trylock_read(struct vma *vma)
{
	int old = atomic_read(&vma->lock);

	do {
		if (old & VMA_WRITER)
			return false;
	} while (!atomic_try_cmpxchg(&vma->lock, &old, old + 1));
	return true;
}

/* @vma may be gone as soon as the count has gone down. */
void vma_unlock_read(struct vma *vma)
{
	struct wait_queue *queue = vma_queue(vma);

	if (unlikely(atomic_dec_return(&vma->lock) == VMA_WRITER))
		wake_up_all(queue);
}

/*
 * Keep faults out of an area. Locking: mmap_lock for writing. May sleep, until
 * the faults inside are done.
 */
void vma_lock_write(struct vma *vma)
{
	int old = atomic_fetch_or(VMA_WRITER, &vma->lock);

	DEBUG_ASSERT(!(old & VMA_WRITER));
	if (unlikely(old))
		wait_event(vma_queue(vma),
			   atomic_read(&vma->lock) == VMA_WRITER);
}

void vma_unlock_write(struct vma *vma)
{
	atomic_fetch_and(~VMA_WRITER, &vma->lock);
}

/* The area around @addr as the tree shows it to who holds nothing. */
static struct vma *vma_walk_rcu(struct mm *mm, unsigned long addr)
{
	struct rb_node *node = rcu_dereference(mm->vmas.node);

	/* Deeper than any tree can be: we were led into one that changes. */
	for (unsigned int depth = 0; node && depth < 64; depth++) {
		struct vma *vma = rb_entry(node, struct vma, node);

		if (addr < READ_ONCE(vma->start))
			node = rcu_dereference(node->left);
		else if (addr >= READ_ONCE(vma->end))
			node = rcu_dereference(node->right);
		else
			return vma;
	}
	return NULL;
}

/*
 * Find the area around @addr and lock it for reading, without mmap_lock.
 * Context: any task that keeps @mm alive. Return: NULL if there is none *or*
 * it is being changed: take mmap_lock and look again.
 */
struct vma *vma_lock_read_rcu(struct mm *mm, unsigned long addr)
{
	struct vma *vma;

	rcu_read_lock();
	vma = vma_walk_rcu(mm, addr);
	if (likely(vma)) {
		if (unlikely(!vma_trylock_read(vma))) {
			vma = NULL;
		} else if (unlikely(vma->mm != mm || addr < vma->start ||
				    addr >= vma->end)) {
			vma_unlock_read(vma);
			vma = NULL;
		}
	}
	rcu_read_unlock();
	return vma;
}

void __init vma_locks_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(vma_queues); i++)
		wait_queue_init(&vma_queues[i]);
}
