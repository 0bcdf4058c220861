/*
 * PI futexes: locks that lend the urgency of those who wait to who holds them.
 *
 * Here the kernel must know whose the lock is, so the word has a meaning: it
 * is 0, or the owner's thread id, with FUTEX_WAITERS set once somebody came
 * here to wait. As long as that bit is clear both lock and unlock are one
 * instruction of the program; once it is set, unlocking comes here as well.
 *
 * A lock somebody waits for has a struct futex_pi_state, found through any of
 * its waiters in the bucket, and gone with the last of them. It holds the
 * struct rt_mutex, which knows the owner and sorts the waiters.
 *
 * FUTEX_UNLOCK_PI hands the lock over: it writes the next owner's id into the
 * word, and takes that one out of the bucket before it runs. An owner that
 * ends cannot do so any more, as the word may not even be in its memory. It
 * passes the rt_mutex on (rt_mutex_exit()); the next owner is still in the
 * bucket and writes the word itself, with FUTEX_OWNER_DIED: until then
 * rt_mutex.inherited says not to believe the word.
 *
 * Locking: the bucket's lock, then pi_lock. What user space wrote is never
 * believed: an owner is a task that exists, and a state and a word that
 * contradict each other are -EINVAL.
 *
 * Source: man 2 futex, "Priority-inheritance futexes".
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/futex.h>

#include "futex_internal.h"

/* A PI lock with waiters. Freed with the last of them. */
struct futex_pi_state {
	struct rt_mutex	lock;
	unsigned int	nr_waiters;	/* [bucket->lock] in the bucket */
};

/* ---- the word, with the bucket locked: no fault may sleep --------------- */

static int read_word(uint32_t *val, uint32_t __user *uaddr)
{
	return copy_from_user_nofault(val, uaddr, sizeof(*val)) ? -EFAULT : 0;
}

/* Return: 0; -EFAULT: fault it in; -EAGAIN: it had another value. */
static int change_word(uint32_t __user *uaddr, uint32_t old, uint32_t new)
{
	uint32_t seen;
	int err;

	pagefault_disable();
	err = cmpxchg_user_u32(&seen, uaddr, old, new);
	pagefault_enable();
	return err ?: seen == old ? 0 : -EAGAIN;
}

/* Make the word present and writable. Context: no locks. */
int futex_fault_in(uint32_t __user *uaddr)
{
	uint32_t old;

	return atomic_op_user_u32(USER_OR, uaddr, 0, &old);
}

/* ---- states ------------------------------------------------------------- */

struct futex_pi_state *futex_pi_alloc(void)
{
	return kzalloc(sizeof(struct futex_pi_state), GFP_KERNEL_ACCOUNT);
}

/* A spare one that was not needed; NULL is fine. */
void futex_pi_free(struct futex_pi_state *state)
{
	kfree(state);
}

/* One waiter less. Locking: bucket->lock held. */
void futex_pi_put(struct futex_pi_state *state)
{
	if (--state->nr_waiters)
		return;
	rt_mutex_abandon(&state->lock);
	kfree(state);
}

/* Return: NULL if nobody waits; -EINVAL: someone does, but for no PI lock. */
static struct futex_pi_state *find_state(struct futex_bucket *bucket,
					 const struct futex_key *key)
{
	struct futex_waiter *w;

	list_for_each_entry(w, &bucket->waiters, node)
		if (futex_same_key(&w->key, key))
			return w->state ?: ERR_PTR(-EINVAL);
	return NULL;
}

/* A word without a living owner: is that final, or did it just change? */
static int no_owner(uint32_t __user *uaddr, uint32_t val)
{
	uint32_t now;

	if (read_word(&now, uaddr))
		return -EFAULT;
	return now == val ? -ESRCH : -EAGAIN;
}

/* Make *@spare the state of a lock whose word @val says who owns it. */
static int adopt_owner(uint32_t __user *uaddr, uint32_t val,
		       struct futex_pi_state **spare)
{
	struct task *owner = get_task_by_pid(val & FUTEX_TID_MASK);
	int err = 0;

	if (!owner)
		return no_owner(uaddr, val);
	if (task_is_kthread(owner))
		err = -EPERM;
	else if (!rt_mutex_adopt(&(*spare)->lock, owner))
		err = no_owner(uaddr, val);
	task_put(owner);
	return err;
}

/* Does the word say what the state knows? */
static int check_state(const struct futex_pi_state *state, uint32_t val)
{
	const struct task *owner = state->lock.owner;

	if (state->lock.inherited)
		return 0;
	if (!owner || (val & FUTEX_TID_MASK) != (uint32_t)owner->pid)
		return -EINVAL;
	return 0;
}

/*
 * Take the lock for @task, or find out which state it has to wait in. That is
 * *@spare, which then becomes NULL, if nobody waits yet.
 *
 * Locking: bucket->lock held.
 * Return:  PI_ACQUIRED; PI_WAITS with *@state; -EDEADLK: @task's already;
 *          -EFAULT, -EAGAIN: fault the word in, or just try again; -ESRCH,
 *          -EPERM: no such owner; -EINVAL: word and state disagree.
 */
int futex_pi_take(struct futex_bucket *bucket, uint32_t __user *uaddr,
		  const struct futex_key *key, struct task *task,
		  bool set_waiters, struct futex_pi_state **spare,
		  struct futex_pi_state **state)
{
	uint32_t val;
	int err = read_word(&val, uaddr);

	if (err)
		return err;
	if ((val & FUTEX_TID_MASK) == (uint32_t)task->pid)
		return -EDEADLK;
	*state = find_state(bucket, key);
	if (IS_ERR(*state))
		return PTR_ERR(*state);
	if (*state)
		return check_state(*state, val) ?: PI_WAITS;
	if (!(val & FUTEX_TID_MASK))
		return change_word(uaddr, val, (val & FUTEX_OWNER_DIED) |
				   (uint32_t)task->pid |
				   (set_waiters ? FUTEX_WAITERS : 0)) ?:
		       PI_ACQUIRED;
	err = change_word(uaddr, val, val | FUTEX_WAITERS);
	if (!err)
		err = adopt_owner(uaddr, val | FUTEX_WAITERS, spare);
	if (err)
		return err;
	*state = *spare;
	*spare = NULL;
	return PI_WAITS;
}

/*
 * Let @w, which is in its bucket, wait in @state.
 * Locking: bucket->lock held. Return: 0 or -EDEADLK.
 */
int futex_pi_enqueue(struct futex_waiter *w, struct futex_pi_state *state)
{
	int err;

	state->nr_waiters++;
	err = rt_mutex_enqueue(&state->lock, &w->pi, w->task);
	if (err)
		futex_pi_put(state);
	else
		w->state = state;
	return err;
}

/* ---- waiting ------------------------------------------------------------ */

/*
 * Sleep until @w is given the lock; the state is set already.
 * Return: 0, or -ETIMEDOUT, or -EINTR. The lock may have come all the same.
 */
int futex_sleep_for_lock(struct futex_waiter *w, uint64_t expires_ns)
{
	int err = 0;

	while (!READ_ONCE(w->pi.granted)) {
		if (signal_pending(current))
			err = -EINTR;
		else
			err = futex_sleep_until(expires_ns);
		if (err)
			break;
		set_current_state(TASK_INTERRUPTIBLE);
	}
	set_current_state(TASK_RUNNING);
	return err;
}

/* current is the owner now; the word still names the one that died. */
static int take_over_word(uint32_t __user *uaddr)
{
	uint32_t val;
	int err;

	do {
		err = read_word(&val, uaddr);
		if (!err)
			err = change_word(uaddr, val, FUTEX_OWNER_DIED |
					  FUTEX_WAITERS |
					  (uint32_t)current->pid);
	} while (err == -EAGAIN);
	return err;
}

static void __no_lock_check leave(struct futex_waiter *w,
				  struct futex_bucket *bucket)
{
	list_del_init(&w->node);
	futex_pi_put(w->state);
	spin_unlock(&bucket->lock);
}

/*
 * current waits no longer by @w: because it was given the lock at @uaddr, or
 * because of @err. A lock inherited from the dead is made its own.
 *
 * Context: process, no locks; may fault.
 * Return:  0: it has the lock; @err; -EFAULT: the word is gone.
 */
int __no_lock_check futex_pi_finish(struct futex_waiter *w,
				    uint32_t __user *uaddr, int err)
{
	struct futex_bucket *bucket = futex_lock_bucket(w);

	if (list_empty(&w->node)) {	/* by FUTEX_UNLOCK_PI */
		spin_unlock(&bucket->lock);
		return 0;
	}
	if (rt_mutex_cancel(&w->pi)) {
		leave(w, bucket);
		return err ?: -EAGAIN;
	}
	for (;;) {
		err = take_over_word(uaddr);
		if (!err)
			break;
		spin_unlock(&bucket->lock);
		err = futex_fault_in(uaddr);
		spin_lock(&bucket->lock);
		if (err)
			break;
	}
	if (err)
		rt_mutex_pass_on(&w->state->lock);
	else
		rt_mutex_settled(&w->state->lock);
	leave(w, bucket);
	return err;
}

/* Try once. Return: as futex_pi_take(); with PI_WAITS, @w is queued. */
static int try_lock(struct futex_waiter *w, uint32_t __user *uaddr,
		    bool try_only, struct futex_pi_state **spare)
{
	struct futex_bucket *bucket = futex_bucket_of(&w->key);
	struct futex_pi_state *state;
	int ret;

	SPIN_GUARD(&bucket->lock);
	ret = futex_pi_take(bucket, uaddr, &w->key, current, false, spare,
			    &state);
	if (ret != PI_WAITS)
		return ret;
	if (try_only) {
		/* One that nobody waits in is a spare again. */
		if (!state->nr_waiters) {
			rt_mutex_abandon(&state->lock);
			*spare = state;
		}
		return -EWOULDBLOCK;
	}
	ret = futex_pi_enqueue(w, state);
	if (ret)
		return ret;
	futex_enqueue(w, bucket);
	set_current_state(TASK_INTERRUPTIBLE);
	return PI_WAITS;
}

/*
 * FUTEX_LOCK_PI, _LOCK_PI2 and, with @try_only, _TRYLOCK_PI.
 *
 * Context: process; sleeps.
 * Return:  0: current owns the lock; -EAGAIN (@try_only), -ETIMEDOUT,
 *          -ERESTARTNOINTR, -ENOMEM, and what futex_pi_take() says.
 */
int futex_lock_pi(uint32_t __user *uaddr, bool shared, uint64_t expires_ns,
		  bool try_only)
{
	struct futex_waiter w = { .task = current };
	struct futex_pi_state *spare;
	int ret;

	list_init(&w.node);
	ret = futex_get_key(uaddr, shared, FUTEX_WRITE, &w.key);
	if (ret)
		return ret;
	ret = -ENOMEM;
	spare = futex_pi_alloc();
	if (!spare)
		goto put_key;
	for (;;) {
		ret = try_lock(&w, uaddr, try_only, &spare);
		if (ret == -EFAULT)
			ret = futex_fault_in(uaddr) ?: -EAGAIN;
		else if (ret == -EWOULDBLOCK && try_only)
			break;
		if (ret != -EAGAIN)
			break;
		if (signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
	}
	if (ret == PI_WAITS)
		ret = futex_pi_finish(&w, uaddr,
				      futex_sleep_for_lock(&w, expires_ns));
	else if (ret == PI_ACQUIRED)
		ret = 0;
	futex_pi_free(spare);
put_key:
	futex_put_key(&w.key);
	return ret == -EINTR ? -ERESTARTNOINTR : ret;
}

/* ---- unlocking ---------------------------------------------------------- */

static struct futex_waiter *waiter_of(struct rt_mutex_waiter *pi)
{
	return container_of(pi, struct futex_waiter, pi);
}

/* Hand the lock over to the most urgent waiter. Locking: bucket->lock. */
static int hand_over(struct futex_pi_state *state, uint32_t __user *uaddr,
		     uint32_t val)
{
	struct rt_mutex_waiter *top;
	struct futex_waiter *w;
	int err;

	if (state->lock.owner != current)
		return -EINVAL;
	top = rt_mutex_top(&state->lock);
	if (!top)
		return -EINVAL;
	w = waiter_of(top);
	err = change_word(uaddr, val, FUTEX_WAITERS | (uint32_t)w->task->pid);
	if (err)
		return err;
	rt_mutex_grant(top);
	futex_wake_one(w);
	futex_pi_put(state);
	return 0;
}

static int try_unlock(struct futex_key *key, uint32_t __user *uaddr)
{
	struct futex_bucket *bucket = futex_bucket_of(key);
	struct futex_pi_state *state;
	uint32_t val;
	int err;

	SPIN_GUARD(&bucket->lock);
	err = read_word(&val, uaddr);
	if (err)
		return err;
	if ((val & FUTEX_TID_MASK) != (uint32_t)current->pid)
		return -EPERM;
	state = find_state(bucket, key);
	if (IS_ERR(state))
		return PTR_ERR(state);
	return state ? hand_over(state, uaddr, val) :
		       change_word(uaddr, val, 0);
}

/*
 * FUTEX_UNLOCK_PI. Context: process.
 * Return: 0; -EPERM: not current's; -EINVAL: word and state disagree; -EFAULT.
 */
int futex_unlock_pi(uint32_t __user *uaddr, bool shared)
{
	struct futex_key key;
	uint32_t val;
	int err;

	if (get_user(val, uaddr))
		return -EFAULT;
	if ((val & FUTEX_TID_MASK) != (uint32_t)current->pid)
		return -EPERM;
	err = futex_get_key(uaddr, shared, FUTEX_WRITE, &key);
	if (err)
		return err;
	do {
		err = try_unlock(&key, uaddr);
		if (err == -EFAULT)
			err = futex_fault_in(uaddr) ?: -EAGAIN;
		cond_resched();
	} while (err == -EAGAIN && !fatal_signal_pending(current));
	futex_put_key(&key);
	return err;
}
