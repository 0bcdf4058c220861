/*
 * Condition variables whose mutex is a PI lock.
 *
 * Who waits for a condition wants its mutex back when it is woken. A broadcast
 * therefore wakes at most one waiter and moves the others from the condition's
 * word to the mutex's: they sleep on, now in the mutex, where their urgency
 * counts. FUTEX_CMP_REQUEUE_PI even takes the mutex for the first waiter if it
 * is free, so that who returns from FUTEX_WAIT_REQUEUE_PI always owns it.
 *
 * Both sides have to name the same mutex: a waiter is moved only where it said
 * that it wanted to go.
 *
 * Source: man 2 futex.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <uapi/futex.h>

#include "futex_internal.h"

/* ---- waiting ------------------------------------------------------------ */

static int sleep_for_condition(struct futex_waiter *w, uint64_t expires_ns)
{
	/* Requeued or not: what it sleeps for is to be given the mutex. */
	return futex_sleep_for_lock(w, expires_ns);
}

/* Woken without ever having been moved. Return: true if that is so. */
static bool __no_lock_check never_moved(struct futex_waiter *w)
{
	struct futex_bucket *bucket = futex_lock_bucket(w);
	bool never = !w->state && !list_empty(&w->node);

	if (never)
		list_del_init(&w->node);
	spin_unlock(&bucket->lock);
	return never;
}

static int wait_for_condition(struct futex_waiter *w, uint32_t __user *uaddr,
			      uint32_t val, uint64_t expires_ns,
			      uint32_t __user *uaddr2)
{
	int err = futex_queue_if_equal(w, uaddr, val);

	if (err)
		return err;
	err = sleep_for_condition(w, expires_ns);
	if (err && never_moved(w))
		return err == -EINTR ? -ERESTARTNOINTR : err;
	/* Moved: the condition's word has changed, no call can be restarted. */
	return futex_pi_finish(w, uaddr2, err == -EINTR ? -EAGAIN : err);
}

/*
 * FUTEX_WAIT_REQUEUE_PI: wait on @uaddr if it is @val, to be moved to the PI
 * lock @uaddr2.
 *
 * Context: process; sleeps.
 * Return:  0: current owns the lock; -EAGAIN: another value, or interrupted
 *          while it waited for the lock; -ETIMEDOUT, -EINVAL (one word),
 *          -ERESTARTNOINTR.
 */
int futex_wait_requeue_pi(uint32_t __user *uaddr, bool shared, uint32_t val,
			  uint64_t expires_ns, uint32_t __user *uaddr2)
{
	struct futex_key key2;
	struct futex_waiter w = {
		.task = current,
		.bitset = FUTEX_BITSET_MATCH_ANY,
		.requeue_to = &key2,
	};
	int err;

	if (uaddr == uaddr2)
		return -EINVAL;
	list_init(&w.node);
	err = futex_get_key(uaddr2, shared, FUTEX_WRITE, &key2);
	if (err)
		return err;
	err = futex_get_key(uaddr, shared, FUTEX_READ, &w.key);
	if (err)
		goto put_key2;
	err = -EINVAL;
	if (!futex_same_key(&w.key, &key2))
		err = wait_for_condition(&w, uaddr, val, expires_ns, uaddr2);
	futex_put_key(&w.key);
put_key2:
	futex_put_key(&key2);
	return err;
}

/* ---- moving ------------------------------------------------------------- */

/* What one FUTEX_CMP_REQUEUE_PI works on; both buckets are locked. */
struct pi_move {
	struct futex_bucket	*from, *to;
	struct futex_key	key1, key2;
	uint32_t __user		*uaddr2;
	struct futex_pi_state	*spare;
	int			done;		/* woken or moved */
};

static struct futex_waiter *next_waiter(struct pi_move *m)
{
	struct futex_waiter *w;

	list_for_each_entry(w, &m->from->waiters, node)
		if (futex_same_key(&w->key, &m->key1))
			return w;
	return NULL;
}

/* Move @w to the lock, or give it the lock. */
static int move_one(struct pi_move *m, struct futex_waiter *w, bool more)
{
	struct futex_pi_state *state;
	int ret;

	if (!w->requeue_to || w->state ||
	    !futex_same_key(w->requeue_to, &m->key2))
		return -EINVAL;
	ret = futex_pi_take(m->to, m->uaddr2, &m->key2, w->task, more,
			    &m->spare, &state);
	if (ret < 0)
		return ret;
	m->done++;
	if (ret == PI_ACQUIRED) {
		WRITE_ONCE(w->pi.granted, true);
		futex_wake_one(w);
		return 0;
	}
	ret = futex_pi_enqueue(w, state);
	if (ret)
		return ret;
	futex_move(w, m->to, &m->key2);
	return 0;
}

/* Return: 0: all that were to be moved are; else as move_one(). */
static int move_all(struct pi_move *m, int limit)
{
	struct futex_waiter *w;
	int err = 0;

	while (!err && m->done < limit && (w = next_waiter(m)) != NULL) {
		if (!m->spare)
			return -EAGAIN;	/* comes again with another */
		err = move_one(m, w, limit > 1);
	}
	return err;
}

/* One attempt, with the locks. Return: as move_all(). */
static int __no_lock_check attempt(struct pi_move *m, uint32_t __user *uaddr1,
				   uint32_t val, int limit)
{
	uint32_t now;
	int err = 0;

	spin_lock_pair(&m->from->lock, &m->to->lock);
	if (copy_from_user_nofault(&now, uaddr1, sizeof(now)))
		err = -EFAULT;
	else if (m->done == 0 && now != val)
		err = -ENODATA;
	else if (copy_from_user_nofault(&now, m->uaddr2, sizeof(now)))
		err = -EFAULT;	/* even if nobody is to be moved there */
	else
		err = move_all(m, limit);
	spin_unlock_pair(&m->from->lock, &m->to->lock);
	return err;
}

static int move_waiters(struct pi_move *m, uint32_t __user *uaddr1,
			uint32_t val, int limit)
{
	int err;

	for (;;) {
		if (!m->spare)
			m->spare = futex_pi_alloc();
		if (!m->spare)
			return -ENOMEM;
		err = attempt(m, uaddr1, val, limit);
		if (err == -EFAULT) {
			err = get_user(val, uaddr1) ?:
			      futex_fault_in(m->uaddr2);
			if (!err)
				err = -EAGAIN;
		}
		if (err != -EAGAIN)
			break;
		if (fatal_signal_pending(current))
			return -EAGAIN;
		cond_resched();
	}
	if (err == -ENODATA)
		return -EAGAIN;
	return err ?: m->done;
}

/*
 * FUTEX_CMP_REQUEUE_PI: if @uaddr1 is @val, let one waiter have the PI lock
 * @uaddr2 if that is free, and move @nr_move others to it.
 *
 * Context: process.
 * Return:  how many were woken or moved; -EINVAL: @nr_wake is not 1, one word
 *          instead of two, or a waiter that does not want to go there;
 *          -EAGAIN: another value; -EDEADLK, -ESRCH, -EPERM, -EFAULT, -ENOMEM.
 */
int futex_cmp_requeue_pi(uint32_t __user *uaddr1, uint32_t __user *uaddr2,
			 bool shared, int nr_wake, int nr_move, uint32_t val)
{
	struct pi_move m = { .uaddr2 = uaddr2 };
	int ret;

	if (nr_wake < 0 || nr_move < 0 || uaddr1 == uaddr2 || nr_wake != 1)
		return -EINVAL;
	ret = futex_get_key(uaddr1, shared, FUTEX_READ, &m.key1);
	if (ret)
		return ret;
	ret = futex_get_key(uaddr2, shared, FUTEX_WRITE, &m.key2);
	if (ret)
		goto put_key1;
	m.from = futex_bucket_of(&m.key1);
	m.to = futex_bucket_of(&m.key2);
	ret = -EINVAL;
	if (!futex_same_key(&m.key1, &m.key2))
		ret = move_waiters(&m, uaddr1, val,
				   nr_move > INT_MAX - 1 ? INT_MAX :
				   nr_move + 1);
	futex_pi_free(m.spare);
	futex_put_key(&m.key2);
put_key1:
	futex_put_key(&m.key1);
	return ret;
}
