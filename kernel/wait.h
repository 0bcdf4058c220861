/*
 * Wait queues: sleeping until a condition holds.
 *
 * The waiter queues itself and sets its state *before* it tests the condition;
 * the waker changes the condition *before* it looks at the queue. Whichever
 * way the two interleave, one of them sees the other: no wake-up is lost. The
 * wait_event family writes this down once; use it unless you must not.
 *
 * What stands in the queue is an entry with a wake function, not a task: a
 * sleeping task's function makes it runnable, poll's and epoll's note that a
 * file became ready. Exclusive entries stand at the end, and one wake_up()
 * calls all others but only one of those, which spares a herd of waiters that
 * only one can profit from.
 */
#pragma once

#include <keel/err.h>
#include <keel/list.h>
#include <kernel/spinlock.h>

struct task;
struct wait_entry;

/*
 * Called with the queue's lock held and interrupts off; @key is what the
 * waker passed (poll event bits as a number, or NULL: anything). Return:
 * positive if someone was woken (counts as the exclusive one), 0 if not,
 * negative to stop the whole wake-up.
 */
typedef int wait_wake_fn(struct wait_entry *, unsigned int mode, int flags,
			 void *key);

#define WAIT_EXCLUSIVE	0x1	/* wait_entry.flags: wake one such only */
#define WAKE_SYNC	0x1	/* wake-up flags: the waker is about to sleep */

struct wait_entry {
	unsigned int		flags;
	void			*private; /* the task, or the wake function's */
	wait_wake_fn		*wake;
	struct list_head	node;	/* [queue lock] self: not queued */
};

struct wait_queue {
	struct spinlock		lock;	/* taken in interrupts */
	struct list_head	entries;	/* [lock] */
};

#define WAIT_QUEUE_INIT(var) { \
	.lock = SPINLOCK_INIT(#var, RANK_WAIT_QUEUE), \
	.entries = LIST_HEAD_INIT((var).entries) }
#define DEFINE_WAIT_QUEUE(var)	struct wait_queue var = WAIT_QUEUE_INIT(var)

/* Task states a waiter can be in; the others are in kernel/sched.h. */
#define TASK_RUNNING		0x0000
#define TASK_INTERRUPTIBLE	0x0001
#define TASK_UNINTERRUPTIBLE	0x0002
#define TASK_WAKEKILL		0x0100	/* fatal signals wake it too */
#define TASK_NOLOAD		0x0400	/* does not count as load */
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE		(TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* "No limit", for every time-out in nanoseconds. */
#define WAIT_FOREVER		INT64_MAX

void wait_queue_init(struct wait_queue *);
void wait_entry_init(struct wait_entry *, struct task *);
void wait_entry_init_fn(struct wait_entry *, wait_wake_fn *, void *private);
void add_wait_queue(struct wait_queue *, struct wait_entry *);
void add_wait_queue_exclusive(struct wait_queue *, struct wait_entry *);
void remove_wait_queue(struct wait_queue *, struct wait_entry *);

/* The wake functions of a plain sleeper: stay queued, or leave when woken. */
wait_wake_fn wake_task;
wait_wake_fn wake_task_and_remove;

/* The pieces of wait_event; prepare returns -ERESTARTSYS on a signal. */
int prepare_to_wait(struct wait_queue *, struct wait_entry *,
		    unsigned int state);
int prepare_to_wait_exclusive(struct wait_queue *, struct wait_entry *,
			      unsigned int state);
void finish_wait(struct wait_queue *, struct wait_entry *);
int64_t wait_sleep(int64_t timeout_ns);

int wake_up_queue(struct wait_queue *, unsigned int mode, int nr_exclusive,
		  int flags, void *key);
int wake_up_queue_locked(struct wait_queue *, unsigned int mode,
			 int nr_exclusive, int flags, void *key);

/*
 * True if someone is queued. The barrier orders the caller's change of the
 * condition before the look at the queue, so that a wake-up may be skipped.
 */
static inline bool wait_queue_active(struct wait_queue *wq)
{
	smp_mb();
	return !list_empty(&wq->entries);
}

static inline void wake_up_key(struct wait_queue *wq, unsigned int mode,
			       int nr_exclusive, int flags, void *key)
{
	if (wait_queue_active(wq))
		wake_up_queue(wq, mode, nr_exclusive, flags, key);
}

/* Wake everyone but exclusive waiters, and one of those. Any context. */
static inline void wake_up(struct wait_queue *wq)
{
	wake_up_key(wq, TASK_NORMAL, 1, 0, NULL);
}

static inline void wake_up_nr(struct wait_queue *wq, int nr)
{
	wake_up_key(wq, TASK_NORMAL, nr, 0, NULL);
}

static inline void wake_up_all(struct wait_queue *wq)
{
	wake_up_key(wq, TASK_NORMAL, 0, 0, NULL);
}

static inline void wake_up_interruptible(struct wait_queue *wq)
{
	wake_up_key(wq, TASK_INTERRUPTIBLE, 1, 0, NULL);
}

static inline void wake_up_interruptible_all(struct wait_queue *wq)
{
	wake_up_key(wq, TASK_INTERRUPTIBLE, 0, 0, NULL);
}

/* The caller is about to sleep: run the woken task here, right after it. */
static inline void wake_up_sync(struct wait_queue *wq)
{
	wake_up_key(wq, TASK_NORMAL, 1, WAKE_SYNC, NULL);
}

/* @events are poll bits: entries that wait for others are passed over. */
static inline void wake_up_poll(struct wait_queue *wq, unsigned long events)
{
	wake_up_key(wq, TASK_NORMAL, 1, 0, (void *)events);
}

static inline void wake_up_all_poll(struct wait_queue *wq,
				    unsigned long events)
{
	wake_up_key(wq, TASK_NORMAL, 0, 0, (void *)events);
}

static inline void wake_up_sync_poll(struct wait_queue *wq,
				     unsigned long events)
{
	wake_up_key(wq, TASK_NORMAL, 1, WAKE_SYNC, (void *)events);
}

/*
 * The memory of @wq goes, or becomes another queue, while entries of files that
 * are still open stand in it. Their wake functions, called with this bit in the
 * key, take them out; until an RCU grace period is over, it must stay a queue.
 */
#define WAIT_QUEUE_GONE	0x4000UL

static inline void wait_queue_gone(struct wait_queue *wq)
{
	if (unlikely(!list_empty(&wq->entries)))
		wake_up_queue(wq, TASK_NORMAL, 0, 0, (void *)WAIT_QUEUE_GONE);
}

struct task *wait_current(void);

/*
 * The loop of every wait; @wq is a pointer. Value: what is left of the time-out
 * (at least 1) if
 * @cond held, 0 if the time was over, -ERESTARTSYS if a signal ended the wait.
 * @cond is evaluated with the state already set: it must not sleep.
 */
#define WAIT_LOOP(wq, cond, state, prepare, timeout) ({ \
	int64_t wait_left = (timeout); \
	if (!(cond)) { \
		struct wait_entry wait_self; \
		wait_entry_init(&wait_self, wait_current()); \
		for (;;) { \
			int64_t wait_err = prepare(wq, &wait_self, state); \
			if (cond) { \
				wait_left = wait_left > 0 ? wait_left : 1; \
				break; \
			} \
			if (wait_err) { \
				wait_left = wait_err; \
				break; \
			} \
			if (wait_left <= 0) \
				break; \
			wait_left = wait_sleep(wait_left); \
		} \
		finish_wait(wq, &wait_self); \
	} else if (wait_left <= 0) { \
		wait_left = 1; \
	} \
	wait_left; })

/* Sleep until @cond holds. Process context; whatever changes @cond wakes. */
#define wait_event(wq, cond) do { \
	might_sleep(); \
	(void)WAIT_LOOP(wq, cond, TASK_UNINTERRUPTIBLE, prepare_to_wait, \
			WAIT_FOREVER); \
	} while (0)

/* The same for kernel threads that wait for work: not counted as load. */
#define wait_event_idle(wq, cond) do { \
	might_sleep(); \
	(void)WAIT_LOOP(wq, cond, TASK_IDLE, prepare_to_wait, WAIT_FOREVER); \
	} while (0)

/* Value: 0, or -ERESTARTSYS if a signal came first. */
#define WAIT_RESULT(expr) ({ \
	int64_t wait_result = (expr); \
	wait_result < 0 ? (int)wait_result : 0; })

#define wait_event_interruptible(wq, cond) ({ \
	might_sleep(); \
	WAIT_RESULT(WAIT_LOOP(wq, cond, TASK_INTERRUPTIBLE, prepare_to_wait, \
			      WAIT_FOREVER)); })

#define wait_event_interruptible_exclusive(wq, cond) ({ \
	might_sleep(); \
	WAIT_RESULT(WAIT_LOOP(wq, cond, TASK_INTERRUPTIBLE, \
			      prepare_to_wait_exclusive, WAIT_FOREVER)); })

#define wait_event_killable(wq, cond) ({ \
	might_sleep(); \
	WAIT_RESULT(WAIT_LOOP(wq, cond, TASK_KILLABLE, prepare_to_wait, \
			      WAIT_FOREVER)); })

/* Value: remaining ns (at least 1), or 0 if the time was over. */
#define wait_event_timeout(wq, cond, timeout_ns) ({ \
	might_sleep(); \
	WAIT_LOOP(wq, cond, TASK_UNINTERRUPTIBLE, prepare_to_wait, \
		  timeout_ns); })

#define wait_event_killable_timeout(wq, cond, timeout_ns) ({ \
	might_sleep(); \
	WAIT_LOOP(wq, cond, TASK_KILLABLE, prepare_to_wait, timeout_ns); })

/* Value: remaining ns (at least 1), 0, or -ERESTARTSYS. */
#define wait_event_interruptible_exclusive_timeout(wq, cond, timeout_ns) ({ \
	might_sleep(); \
	WAIT_LOOP(wq, cond, TASK_INTERRUPTIBLE, prepare_to_wait_exclusive, \
		  timeout_ns); })

#define wait_event_interruptible_timeout(wq, cond, timeout_ns) ({ \
	might_sleep(); \
	WAIT_LOOP(wq, cond, TASK_INTERRUPTIBLE, prepare_to_wait, \
		  timeout_ns); })
