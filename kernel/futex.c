/*
 * Futexes: the kernel half of locks that user space takes by itself.
 *
 * A lock nobody fights over is one atomic instruction in the program. Only who
 * has to wait comes here: "sleep, if this word still has that value". Who
 * unlocks then says "wake those who sleep on this word". The kernel keeps no
 * object for a futex; it has a hash table of the tasks that sleep, by key.
 *
 * The key of a word in private memory is (address space, address). In a shared
 * mapping it is (inode, page of the file, offset), so that processes that map
 * it at different addresses meet.
 *
 * No wake-up is lost because the value is read, and the sleeper queued, under
 * the bucket's lock, which the waker takes too; and the waker has changed the
 * word before. The read may not fault under a spinlock: it is tried with
 * faults off, and if that fails the page is faulted in first and all begins
 * again.
 *
 * Source: man 2 futex.
 */
#include <kernel/futex.h>

#include <arch/current.h>
#include <arch/smp.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/hash.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/futex.h>

#include "futex_internal.h"

#define BUCKETS_PER_CPU	64
#define SHARED_WORD	1	/* in a key: words are aligned */

static struct futex_bucket *buckets __ro_after_init;
static unsigned int bucket_bits __ro_after_init;

/* ---- keys ---------------------------------------------------------------- */

/*
 * Memory that can only be read, and is no file's, is nobody else's either: no
 * word of it can ever change. So is a page that a private mapping has copied
 * from the file. Return: whether @addr in @vma is such. mmap_lock is held.
 */
static bool is_frozen(struct mm *mm, struct vma *vma, unsigned long addr)
{
	struct page *page;
	bool copied;

	if (vma_is_shared(vma))
		return false;
	if (!vma->file)
		return true;
	page = get_user_page(mm, addr, 0, NULL);
	if (IS_ERR(page))
		return true;
	copied = page_is_anon(page);
	put_page(page);
	return copied;
}

/*
 * May a word in @vma be used so? *@by_file: all who map that page of the file
 * meet there, also those who, in a private mapping, can only read it.
 * Locking: mmap_lock held. Return: 0 or -EFAULT.
 */
static int check_shared(struct mm *mm, struct vma *vma, unsigned long addr,
			enum futex_access access, bool *by_file)
{
	*by_file = vma_is_shared(vma) && vma->file;
	if (vma->flags & VM_WRITE)
		return 0;
	if (access == FUTEX_WRITE || !(vma->flags & VM_READ) ||
	    is_frozen(mm, vma, addr))
		return -EFAULT;
	*by_file = vma->file;
	return 0;
}

static int shared_key(struct futex_key *key, unsigned long addr,
		      enum futex_access access)
{
	struct mm *mm = current->mm;
	bool by_file = false;
	struct vma *vma;
	int err = -EFAULT;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	/* Not what the same word is as a private one. */
	key->word |= SHARED_WORD;
	if (vma)
		err = check_shared(mm, vma, addr, access, &by_file);
	if (!err && by_file) {
		key->owner = vma->file->mapping->host;
		key->word = vma_index(vma, addr) << PAGE_SHIFT |
			    addr % PAGE_SIZE;
		key->is_inode = true;
		ihold(key->owner);
	}
	mmap_read_unlock(mm);
	return err;
}

/*
 * Return: 0; -EINVAL: not aligned; -EFAULT: no such memory. What is private is
 * not looked at: @access then shows when the word is used.
 */
int futex_get_key(uint32_t __user *uaddr, bool shared,
		  enum futex_access access, struct futex_key *key)
{
	unsigned long addr = (unsigned long)uaddr;

	if (addr % sizeof(uint32_t))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(uint32_t)))
		return -EFAULT;
	*key = (struct futex_key){ .owner = current->mm, .word = addr };
	return shared ? shared_key(key, addr, access) : 0;
}

/* Drop what the key holds. Context: process; may sleep. */
void futex_put_key(struct futex_key *key)
{
	if (key->is_inode)
		iput(key->owner);
}

/* Make @key, of a waiter that is moved, the same as @to. */
static void move_key(struct futex_key *key, const struct futex_key *to)
{
	if (to->is_inode)
		ihold(to->owner);
	/* iput() may sleep: but this is not the last count. */
	if (key->is_inode)
		(void)!refcount_put(&((struct inode *)key->owner)->refs);
	*key = *to;
}

/* Who waits by @key is in this one. */
struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	return &buckets[hash_long((uintptr_t)key->owner ^
				  hash_long(key->word, 32), bucket_bits)];
}

/* ---- the queue ----------------------------------------------------------- */

/* @w goes behind all of its priority. The urgent are few: they are passed. */
static void insert_by_prio(struct futex_waiter *w, struct list_head *waiters)
{
	struct futex_waiter *other;

	if (likely(!prio_is_urgent(w->prio))) {
		list_add_tail(&w->node, waiters);
		return;
	}
	list_for_each_entry(other, waiters, node)
		if (other->prio > w->prio)
			break;
	/* Before @other; or before the head, which is the end. */
	list_add_tail(&w->node, &other->node);
}

/*
 * Put @w, which is current's, into @bucket, by the priority that current has
 * now: whoever is first in there is woken first. What is only lent to it does
 * not count, and nice values do not, as on Linux.
 * Locking: bucket->lock held.
 */
void futex_enqueue(struct futex_waiter *w, struct futex_bucket *bucket)
{
	w->prio = PRIO_FAIR;
	if (unlikely(prio_is_urgent(task_effective_prio(current))))
		w->prio = min(sched_normal_prio(current), PRIO_FAIR);
	w->bucket = bucket;
	insert_by_prio(w, &bucket->waiters);
}

/*
 * Let @w wait for @key instead, which is in @to. The order in one bucket stays.
 * Locking: both buckets' locks. The caller holds what the old key does.
 */
void futex_move(struct futex_waiter *w, struct futex_bucket *to,
		const struct futex_key *key)
{
	if (w->bucket != to) {
		list_del(&w->node);
		insert_by_prio(w, &to->waiters);
		WRITE_ONCE(w->bucket, to);
	}
	move_key(&w->key, key);
}

/* ---- waking -------------------------------------------------------------- */

/* Take @w off the queue and let it run. Locking: its bucket's lock. */
void futex_wake_one(struct futex_waiter *w)
{
	struct task *task = task_get(w->task);

	/* After this @w may be gone: its task sees that it was woken. */
	smp_mb();
	list_del_init(&w->node);
	wake_up_process(task);
	task_put(task);
}

static int wake_matching(struct futex_bucket *bucket,
			 const struct futex_key *key, int nr, uint32_t bitset)
{
	struct futex_waiter *w, *tmp;
	int woken = 0;

	list_for_each_entry_safe(w, tmp, &bucket->waiters, node) {
		if (woken >= nr)
			break;
		if (!futex_same_key(&w->key, key))
			continue;
		/* These are given a lock, not just woken. */
		if (unlikely(w->state || w->requeue_to))
			return -EINVAL;
		if (!(w->bitset & bitset))
			continue;
		futex_wake_one(w);
		woken++;
	}
	return woken;
}

int futex_wake_user(uint32_t __user *uaddr, bool shared, int nr,
		    uint32_t bitset)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	int err, woken = 0;

	if (!bitset)
		return -EINVAL;
	err = futex_get_key(uaddr, shared, FUTEX_READ, &key);
	if (err)
		return err;
	bucket = futex_bucket_of(&key);
	spin_lock(&bucket->lock);
	if (!list_empty(&bucket->waiters))
		woken = wake_matching(bucket, &key, max(nr, 1), bitset);
	spin_unlock(&bucket->lock);
	futex_put_key(&key);
	return woken;
}

/* ---- waiting ------------------------------------------------------------- */

/*
 * Queue @w if *@uaddr is @val. Return: 0: queued, and the state is set;
 * -EAGAIN: it has another value; -EFAULT.
 */
int futex_queue_if_equal(struct futex_waiter *w, uint32_t __user *uaddr,
			 uint32_t val)
{
	struct futex_bucket *bucket = futex_bucket_of(&w->key);
	uint32_t now;

	for (;;) {
		spin_lock(&bucket->lock);
		if (!copy_from_user_nofault(&now, uaddr, sizeof(now)))
			break;
		spin_unlock(&bucket->lock);
		if (get_user(now, uaddr))
			return -EFAULT;
	}
	if (now != val) {
		spin_unlock(&bucket->lock);
		return -EAGAIN;
	}
	set_current_state(TASK_INTERRUPTIBLE);
	futex_enqueue(w, bucket);
	spin_unlock(&bucket->lock);
	return 0;
}

/* Lock the bucket @w is in, which requeueing may change meanwhile. */
struct futex_bucket *__no_lock_check futex_lock_bucket(struct futex_waiter *w)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = READ_ONCE(w->bucket);
		spin_lock(&bucket->lock);
		if (bucket == READ_ONCE(w->bucket))
			return bucket;
		spin_unlock(&bucket->lock);
	}
}

/* With the state set. Return: 0: woken; -ETIMEDOUT. */
int futex_sleep_until(uint64_t expires_ns)
{
	uint64_t now;

	if (expires_ns == INT64_MAX) {
		schedule();
		return 0;
	}
	now = ktime_get_ns();
	if (now < expires_ns && wait_sleep(expires_ns - now) > 0)
		return 0;
	return -ETIMEDOUT;
}

static int do_wait(uint32_t __user *uaddr, bool shared, uint32_t val,
		   uint64_t expires_ns, uint32_t bitset)
{
	struct futex_waiter w = { .task = current, .bitset = bitset };
	int err, timed_out = 0;

	if (!bitset)
		return -EINVAL;
	list_init(&w.node);
	err = futex_get_key(uaddr, shared, FUTEX_READ, &w.key);
	if (err)
		return err;
	err = futex_queue_if_equal(&w, uaddr, val);
	if (!err) {
		if (!list_empty(&w.node))
			timed_out = futex_sleep_until(expires_ns);
		set_current_state(TASK_RUNNING);
		if (!futex_unqueue(&w))
			err = timed_out ? timed_out : -ERESTARTSYS;
		/* Woken for no reason of ours: like a signal, try again. */
	}
	futex_put_key(&w.key);
	return err;
}

static long wait_restart(struct restart_block *restart);

static int futex_wait(uint32_t __user *uaddr, bool shared, uint32_t val,
		      uint64_t expires_ns, uint32_t bitset)
{
	struct restart_block *restart = &current->restart_block;
	int err;

	do {
		err = do_wait(uaddr, shared, val, expires_ns, bitset);
	} while (err == -ERESTARTSYS && !signal_pending(current));
	if (err != -ERESTARTSYS || expires_ns == INT64_MAX)
		return err;
	/* The time left must not begin anew: hence not the call itself. */
	restart->fn = wait_restart;
	restart->futex.uaddr = uaddr;
	restart->futex.val = val;
	restart->futex.flags = shared;
	restart->futex.bitset = bitset;
	restart->futex.expires_ns = expires_ns;
	return -ERESTART_RESTARTBLOCK;
}

static long wait_restart(struct restart_block *restart)
{
	return futex_wait(restart->futex.uaddr, restart->futex.flags,
			  restart->futex.val, restart->futex.expires_ns,
			  restart->futex.bitset);
}

/* ---- requeueing ---------------------------------------------------------- */

static void __no_lock_check
lock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_lock_pair(&a->lock, &b->lock);
}

static void __no_lock_check
unlock_two(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock_pair(&a->lock, &b->lock);
}

/* Wake @nr_wake on the first key and move @nr_move others to the second. */
static int move_waiters(struct futex_bucket *from, struct futex_key *key1,
			struct futex_bucket *to, struct futex_key *key2,
			int nr_wake, int nr_move)
{
	struct futex_waiter *w, *tmp;
	int done = wake_matching(from, key1, nr_wake, FUTEX_BITSET_MATCH_ANY);
	int moved = 0;

	if (done < 0)
		return done;
	list_for_each_entry_safe(w, tmp, &from->waiters, node) {
		if (moved >= nr_move)
			break;
		if (!futex_same_key(&w->key, key1))
			continue;
		if (unlikely(w->state || w->requeue_to))
			return -EINVAL;
		futex_move(w, to, key2);
		moved++;
	}
	return done + moved;
}

/* @expected NULL: FUTEX_REQUEUE, which does not look at the word. */
static int futex_requeue(uint32_t __user *uaddr1, uint32_t __user *uaddr2,
			 bool shared, int nr_wake, int nr_move,
			 const uint32_t *expected)
{
	struct futex_bucket *from, *to;
	struct futex_key key1, key2;
	uint32_t now;
	int ret;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	ret = futex_get_key(uaddr1, shared, FUTEX_READ, &key1);
	if (ret)
		return ret;
	ret = futex_get_key(uaddr2, shared, FUTEX_READ, &key2);
	if (ret)
		goto put_key1;
	from = futex_bucket_of(&key1);
	to = futex_bucket_of(&key2);
	for (;;) {
		lock_two(from, to);
		if (!expected ||
		    !copy_from_user_nofault(&now, uaddr1, sizeof(now)))
			break;
		unlock_two(from, to);
		ret = -EFAULT;
		if (get_user(now, uaddr1))
			goto put_key2;
	}
	ret = -EAGAIN;
	if (!expected || now == *expected)
		ret = move_waiters(from, &key1, to, &key2, nr_wake, nr_move);
	unlock_two(from, to);
put_key2:
	futex_put_key(&key2);
put_key1:
	futex_put_key(&key1);
	return ret;
}

/* ---- changing one word and waking on two --------------------------------- */

/* FUTEX_WAKE_OP's val3, taken apart. */
struct wake_op {
	unsigned int	op;
	unsigned int	cmp;
	uint32_t	arg;
	int32_t		cmp_arg;
};

static int32_t sign_extend12(uint32_t value)
{
	return (int32_t)(value << 20) >> 20;
}

static struct wake_op decode_wake_op(uint32_t val)
{
	struct wake_op op = {
		.op = val >> 28 & 7,
		.cmp = val >> 24 & 15,
		.arg = sign_extend12(val >> 12),
		.cmp_arg = sign_extend12(val),
	};

	if (val >> 28 & FUTEX_OP_OPARG_SHIFT)
		op.arg = 1U << (op.arg & 31);
	return op;
}

/* Return: 0 and the old value; -EFAULT; -ENOSYS: no such operation. */
static int apply_wake_op(const struct wake_op *op, uint32_t __user *uaddr,
			 uint32_t *old)
{
	switch (op->op) {
	case FUTEX_OP_SET:
		return atomic_op_user_u32(USER_XCHG, uaddr, op->arg, old);
	case FUTEX_OP_ADD:
		return atomic_op_user_u32(USER_ADD, uaddr, op->arg, old);
	case FUTEX_OP_OR:
		return atomic_op_user_u32(USER_OR, uaddr, op->arg, old);
	case FUTEX_OP_ANDN:
		return atomic_op_user_u32(USER_AND, uaddr, ~op->arg, old);
	case FUTEX_OP_XOR:
		return atomic_op_user_u32(USER_XOR, uaddr, op->arg, old);
	default:
		return -ENOSYS;
	}
}

/* Return: whether the old value passes the test; -ENOSYS: no such test. */
static int test_wake_op(const struct wake_op *op, int32_t old)
{
	switch (op->cmp) {
	case FUTEX_OP_CMP_EQ:
		return old == op->cmp_arg;
	case FUTEX_OP_CMP_NE:
		return old != op->cmp_arg;
	case FUTEX_OP_CMP_LT:
		return old < op->cmp_arg;
	case FUTEX_OP_CMP_LE:
		return old <= op->cmp_arg;
	case FUTEX_OP_CMP_GT:
		return old > op->cmp_arg;
	case FUTEX_OP_CMP_GE:
		return old >= op->cmp_arg;
	default:
		return -ENOSYS;
	}
}

/* Both buckets are locked, as a waiter on either word must not slip past. */
static int __no_lock_check
wake_op_keys(struct futex_key *key1, struct futex_key *key2,
	     uint32_t __user *uaddr2, int nr1, int nr2,
	     const struct wake_op *op)
{
	struct futex_bucket *b1 = futex_bucket_of(key1);
	struct futex_bucket *b2 = futex_bucket_of(key2);
	uint32_t old;
	int ret;

	for (;;) {
		lock_two(b1, b2);
		ret = apply_wake_op(op, uaddr2, &old);
		if (ret != -EFAULT)
			break;
		unlock_two(b1, b2);
		/* Make the page present and writable; changes nothing. */
		if (atomic_op_user_u32(USER_OR, uaddr2, 0, &old))
			return -EFAULT;
	}
	if (!ret)
		ret = test_wake_op(op, old);
	if (ret >= 0) {
		bool second = ret;

		ret = wake_matching(b1, key1, max(nr1, 1),
				    FUTEX_BITSET_MATCH_ANY);
		if (ret >= 0 && second) {
			int more = wake_matching(b2, key2, max(nr2, 1),
						 FUTEX_BITSET_MATCH_ANY);

			ret = more < 0 ? more : ret + more;
		}
	}
	unlock_two(b1, b2);
	return ret;
}

static int futex_wake_op(uint32_t __user *uaddr1, uint32_t __user *uaddr2,
			 bool shared, int nr1, int nr2, uint32_t val3)
{
	struct wake_op op = decode_wake_op(val3);
	struct futex_key key1, key2;
	int ret;

	ret = futex_get_key(uaddr1, shared, FUTEX_READ, &key1);
	if (ret)
		return ret;
	ret = futex_get_key(uaddr2, shared, FUTEX_WRITE, &key2);
	if (!ret) {
		ret = wake_op_keys(&key1, &key2, uaddr2, nr1, nr2, &op);
		futex_put_key(&key2);
	}
	futex_put_key(&key1);
	return ret;
}

/* ---- the system call ----------------------------------------------------- */

/* FUTEX_WAIT's time is relative, FUTEX_WAIT_BITSET's absolute. */
int futex_read_expiry(const struct timespec __user *uts, int cmd, bool real,
		      uint64_t *expires_ns)
{
	struct timespec ts;
	int64_t ns;

	*expires_ns = INT64_MAX;
	if (!uts)
		return 0;
	if (get_timespec(&ts, uts))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	ns = timespec_to_ns(&ts);
	if (cmd == FUTEX_WAIT)
		*expires_ns = ktime_after(ns);
	else
		*expires_ns = real ? max(ns - ktime_real_offset_ns(), 0L) : ns;
	return 0;
}

SYSCALL_DEFINE6(futex, uint32_t __user *, uaddr, int, op, uint32_t, val,
		const struct timespec __user *, utime, uint32_t __user *,
		uaddr2, uint32_t, val3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	bool real = op & FUTEX_CLOCK_REALTIME;
	int cmd = op & FUTEX_CMD_MASK;
	int nr2 = (int)(unsigned long)utime;
	uint64_t expires;
	int err;

	if (real && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		err = futex_read_expiry(utime, cmd, real, &expires);
		return err ?: futex_wait(uaddr, shared, val, expires, val3);
	case FUTEX_WAKE:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return futex_wake_user(uaddr, shared, val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, val, nr2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, val, nr2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, val, nr2, val3);
	case FUTEX_LOCK_PI:
		real = true;	/* always was by that clock */
		fallthrough;
	case FUTEX_LOCK_PI2:
		err = futex_read_expiry(utime, cmd, real, &expires);
		return err ?: futex_lock_pi(uaddr, shared, expires, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, shared, INT64_MAX, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, shared);
	case FUTEX_WAIT_REQUEUE_PI:
		err = futex_read_expiry(utime, cmd, real, &expires);
		return err ?: futex_wait_requeue_pi(uaddr, shared, val,
						    expires, uaddr2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(uaddr, uaddr2, shared, val, nr2,
					    val3);
	default:
		return -ENOSYS;
	}
}

/* Before: slab; the number of CPUs is final. */
void __init futex_init(void)
{
	bucket_bits = bit_highest(BUCKETS_PER_CPU * 2 * nr_cpu_ids - 1);
	buckets = kvcalloc(1UL << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		panic("futex: no memory");
	for (unsigned long i = 0; i < 1UL << bucket_bits; i++) {
		spin_lock_init(&buckets[i].lock, "futex", RANK_FUTEX);
		list_init(&buckets[i].waiters);
	}
}
