/*
 * futex_waitv(2): sleep on many words, until somebody wakes one of them.
 *
 * Nothing new is needed for it: the caller is queued once for each word, with
 * one struct futex_waiter each, and to wakers these are waiters like any
 * other. What differs is on our side. While the later words are read the
 * earlier ones may already be woken, so who has queued all of them looks once
 * more, with its state set, before it sleeps. And whatever ends the wait, the
 * waiters are all taken off their queues before the call returns, since they
 * lie in memory that is freed then.
 *
 * The array is charged to the caller, who decides how large it is.
 *
 * Source: Linux's Documentation/userspace-api/futex2.rst.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <keel/err.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <mm/slab.h>
#include <uapi/futex.h>
#include <uapi/time.h>

#include "futex_internal.h"

#define KNOWN_FLAGS	(FUTEX_32 | FUTEX_PRIVATE_FLAG)

/* One of the words, and us waiting for it. */
struct vector_entry {
	struct futex_waiter	waiter;
	uint32_t __user		*uaddr;
	uint32_t		val;
	bool			shared;
};

/* Return: 0, -EFAULT, -EINVAL. */
static int read_entry(struct vector_entry *e,
		      const struct futex_waitv __user *from)
{
	struct futex_waitv v;

	if (copy_from_user(&v, from, sizeof(v)))
		return -EFAULT;
	if ((v.flags & ~KNOWN_FLAGS) || v.__reserved || !(v.flags & FUTEX_32))
		return -EINVAL;
	e->uaddr = (uint32_t __user *)v.uaddr;
	e->val = (uint32_t)v.val;
	e->shared = !(v.flags & FUTEX_PRIVATE_FLAG);
	e->waiter.task = current;
	e->waiter.bitset = FUTEX_BITSET_MATCH_ANY;
	list_init(&e->waiter.node);
	return 0;
}

/* Return: the entries; ERR_PTR(-EFAULT, -EINVAL, -ENOMEM). */
static struct vector_entry *
read_vector(const struct futex_waitv __user *from, unsigned int nr)
{
	struct vector_entry *vec;
	int err = 0;

	vec = kvcalloc(nr, sizeof(*vec), GFP_KERNEL_ACCOUNT);
	if (!vec)
		return ERR_PTR(-ENOMEM);
	for (unsigned int i = 0; !err && i < nr; i++)
		err = read_entry(vec + i, from + i);
	if (!err)
		return vec;
	kvfree(vec);
	return ERR_PTR(err);
}

/*
 * Take the first @nr off their queues. Return: the last of them that somebody
 * had woken, or -1.
 */
static int unqueue_vector(struct vector_entry *vec, unsigned int nr)
{
	int woken = -1;

	for (unsigned int i = 0; i < nr; i++)
		if (futex_unqueue(&vec[i].waiter))
			woken = (int)i;
	return woken;
}

/*
 * Queue all, if each word has its value. In between the state is not set: the
 * next word may have to be faulted in, which may sleep.
 * Return: 0 and *@queued; or none is queued, and the index of a word that was
 * woken meanwhile, -EAGAIN (one has another value) or -EFAULT.
 */
static int queue_vector(struct vector_entry *vec, unsigned int nr,
			bool *queued)
{
	*queued = false;
	for (unsigned int i = 0; i < nr; i++) {
		struct vector_entry *e = vec + i;
		int err = futex_queue_if_equal(&e->waiter, e->uaddr, e->val);
		int woken;

		set_current_state(TASK_RUNNING);
		if (!err)
			continue;
		woken = unqueue_vector(vec, i);
		return woken >= 0 ? woken : err;
	}
	*queued = true;
	return 0;
}

static bool any_woken(struct vector_entry *vec, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (list_empty(&vec[i].waiter.node))
			return true;
	return false;
}

/* Return: the index of a word that was woken; errno. */
static int wait_once(struct vector_entry *vec, unsigned int nr,
		     uint64_t expires_ns)
{
	int ret, woken, timed_out = 0;
	bool queued;

	ret = queue_vector(vec, nr, &queued);
	if (!queued)
		return ret;
	set_current_state(TASK_INTERRUPTIBLE);
	if (!any_woken(vec, nr))
		timed_out = futex_sleep_until(expires_ns);
	set_current_state(TASK_RUNNING);
	woken = unqueue_vector(vec, nr);
	if (woken >= 0)
		return woken;
	return timed_out ? timed_out : -ERESTARTSYS;
}

/* The keys hold inodes: all are taken before, and dropped after, the wait. */
static int wait_for_vector(struct vector_entry *vec, unsigned int nr,
			   uint64_t expires_ns)
{
	unsigned int keys;
	int ret = 0;

	for (keys = 0; keys < nr; keys++) {
		ret = futex_get_key(vec[keys].uaddr, vec[keys].shared,
				    FUTEX_READ, &vec[keys].waiter.key);
		if (ret)
			goto put_keys;
	}
	/* Woken for no reason of ours: wait on. The time is absolute. */
	do {
		ret = wait_once(vec, nr, expires_ns);
	} while (ret == -ERESTARTSYS && !signal_pending(current));
put_keys:
	while (keys)
		futex_put_key(&vec[--keys].waiter.key);
	return ret;
}

/*
 * Sleep until one of @nr words is woken, or @timeout, an absolute time by
 * @clock, has come.
 *
 * Return: the index of a word that was woken, the last if there are more;
 * -EAGAIN (a word has another value), -ETIMEDOUT, -EINTR, -EINVAL (@nr,
 * @flags, @clock, the time, an entry, alignment), -EFAULT, -ENOMEM.
 */
SYSCALL_DEFINE5(futex_waitv, const struct futex_waitv __user *, waiters,
		unsigned int, nr, unsigned int, flags,
		const struct timespec __user *, timeout, int, clock)
{
	struct vector_entry *vec;
	uint64_t expires;
	int ret;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	if (timeout && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return -EINVAL;
	ret = futex_read_expiry(timeout, FUTEX_WAIT_BITSET,
				clock == CLOCK_REALTIME, &expires);
	if (ret)
		return ret;
	vec = read_vector(waiters, nr);
	if (IS_ERR(vec))
		return PTR_ERR(vec);
	ret = wait_for_vector(vec, nr, expires);
	kvfree(vec);
	return ret;
}
