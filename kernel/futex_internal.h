/*
 * Between the files that implement futexes: futex.c (waiting and waking),
 * futex_waitv.c (waiting for many), futex_pi.c (locks that lend priority),
 * futex_robust.c (owners that die).
 */
#pragma once

#include <kernel/futex.h>
#include <kernel/rtmutex.h>
#include <kernel/spinlock.h>

struct futex_pi_state;
struct task;
struct timespec;

struct futex_key {
	void		*owner;		/* struct mm or struct inode */
	unsigned long	word;		/* address; or page and offset */
	bool		is_inode;	/* the key holds a reference to it */
};

struct futex_bucket {
	struct spinlock		lock;
	struct list_head	waiters; /* [lock] the most urgent first */
} __aligned(64);

/* One task asleep; on its stack. */
struct futex_waiter {
	struct list_head	node;		/* [bucket->lock] self: woken */
	struct futex_bucket	*bucket;	/* changes under both locks */
	struct task		*task;
	struct futex_key	key;		/* [bucket->lock] */
	uint32_t		bitset;
	int			prio;	/* as it came; PRIO_FAIR: not urgent */
	/* FUTEX_WAIT_REQUEUE_PI: the lock it is to be moved to, or NULL. */
	const struct futex_key	*requeue_to;
	/* [bucket->lock] of the PI lock it waits for, by pi; or NULL. */
	struct futex_pi_state	*state;
	struct rt_mutex_waiter	pi;
};

/* futex.c */
/* What will be done to the word. */
enum futex_access { FUTEX_READ, FUTEX_WRITE };

int futex_get_key(uint32_t __user *uaddr, bool shared,
		  enum futex_access access, struct futex_key *key);
void futex_put_key(struct futex_key *key);
struct futex_bucket *futex_bucket_of(const struct futex_key *key);
void futex_enqueue(struct futex_waiter *w, struct futex_bucket *bucket);
void futex_move(struct futex_waiter *w, struct futex_bucket *to,
		const struct futex_key *key);
void futex_wake_one(struct futex_waiter *w);
int futex_queue_if_equal(struct futex_waiter *w, uint32_t __user *uaddr,
			 uint32_t val);
struct futex_bucket *futex_lock_bucket(struct futex_waiter *w);
int futex_sleep_until(uint64_t expires_ns);
int futex_read_expiry(const struct timespec __user *uts, int cmd, bool real,
		      uint64_t *expires_ns);

/* Leave the queue. True if somebody woke us. */
static inline bool __no_lock_check futex_unqueue(struct futex_waiter *w)
{
	struct futex_bucket *bucket = futex_lock_bucket(w);
	bool woken = list_empty(&w->node);

	if (!woken)
		list_del_init(&w->node);
	spin_unlock(&bucket->lock);
	return woken;
}

static inline bool futex_same_key(const struct futex_key *a,
				  const struct futex_key *b)
{
	return a->owner == b->owner && a->word == b->word;
}

/* futex_pi.c */
int futex_lock_pi(uint32_t __user *uaddr, bool shared, uint64_t expires_ns,
		  bool try_only);
int futex_unlock_pi(uint32_t __user *uaddr, bool shared);

/* futex_requeue_pi.c */
int futex_wait_requeue_pi(uint32_t __user *uaddr, bool shared, uint32_t val,
			  uint64_t expires_ns, uint32_t __user *uaddr2);
int futex_cmp_requeue_pi(uint32_t __user *uaddr1, uint32_t __user *uaddr2,
			 bool shared, int nr_wake, int nr_move, uint32_t val);

/* Between those two. */
enum { PI_WAITS, PI_ACQUIRED };

int futex_pi_take(struct futex_bucket *bucket, uint32_t __user *uaddr,
		  const struct futex_key *key, struct task *task,
		  bool set_waiters, struct futex_pi_state **spare,
		  struct futex_pi_state **state);
struct futex_pi_state *futex_pi_alloc(void);
void futex_pi_free(struct futex_pi_state *state);
int futex_pi_enqueue(struct futex_waiter *w, struct futex_pi_state *state);
void futex_pi_put(struct futex_pi_state *state);
int futex_pi_finish(struct futex_waiter *w, uint32_t __user *uaddr, int err);
int futex_fault_in(uint32_t __user *uaddr);
int futex_sleep_for_lock(struct futex_waiter *w, uint64_t expires_ns);
