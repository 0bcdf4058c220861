/*
 * What the files of the scheduler share: sched.c (switching and waking),
 * sched_fair.c, sched_rt.c, sched_deadline.c, sched_idle.c (the classes: who
 * is next), sched_place.h (where a task joins the fair one), sched_balance.c
 * (which CPU), sched_urgent.c (both questions, for real-time tasks),
 * sched_change.c (from class to class), sched_tick.c (time passing).
 *
 * Locks: task->sched.lock first, then the lock of one run queue, or of two in
 * address order. A task is "on" the run queue of CPU task->sched.cpu, which
 * changes while the task is asleep (by its waker, with sched.lock), while it is
 * TASK_ON_RQ_MIGRATING (by the CPU it left), or with both queues locked.
 */
#pragma once

#include <arch/percpu.h>
#include <arch/smp.h>
#include <kernel/sched.h>
#include <kernel/timer.h>
#include <lib/rbtree.h>

struct mm;

/* sched.on_rq: 0 is "asleep". */
#define TASK_ON_RQ_QUEUED	1
#define TASK_ON_RQ_MIGRATING	2	/* between two queues */

/* Wake-up flags besides WAKE_SYNC (kernel/wait.h). */
#define WAKE_FORK		0x100	/* its first time */

/* How long a task runs at a time while others wait; the tick's distance. */
#define SLICE_NS		3000000UL
/* What a task has at least before a woken one may take the CPU. */
#define WAKE_GRANULARITY_NS	750000UL
/* The tick's distance while nobody else waits: for accounting. */
#define SLOW_TICK_NS		10000000UL

#define WEIGHT_NICE_0		1024U
#define WEIGHT_IDLE		3U	/* SCHED_IDLE */

/*
 * The fair class's queue. The tree is sorted by deadline and does not contain
 * the entity that runs. Virtual times are kept relative to `zero`, a value
 * near all of them, so that sums of products do not overflow.
 */
struct fair_queue {
	struct rb_root_cached	tree;
	struct sched_entity	*curr;		/* running; not in the tree */
	struct sched_entity	*hint;	/* a synchronous wake-up's choice */
	uint64_t		zero;		/* only grows */
	/* of weight * (vruntime - zero) */
	int64_t			weighted_sum;
	uint64_t		weight;	/* both of the tree's entities */
	int64_t			ahead_sum;	/* of weight * ahead, of all */
	unsigned int		nr_queued;	/* the running one included */
};

/* Real-time tasks: a list per priority, and a bit for each that has one. */
struct rt_queue {
	struct list_head	lists[PRIO_FAIR]; /* the running one too */
	unsigned long		bits[2];
	unsigned int		nr_queued;

	/* So that they leave something to the others: see sched_rt.c. */
	uint64_t		period_start_ns;
	uint64_t		used_ns;	/* in this period */
	uint64_t		charged_ns;	/* up to when; 0: none runs */
	bool			throttled;
};

/* Deadline tasks, by the time they are due. The running one is among them. */
struct dl_queue {
	struct rb_root_cached	tree;
	unsigned int		nr_queued;
	struct timer		budget_timer;	/* the running one's */
};

/* Whether, and at what distance, a tick will come. */
enum tick_state { TICK_STOPPED, TICK_SLOW, TICK_FAST };

/* One CPU's tasks that want to run. Everything under @lock but as noted. */
struct runqueue {
	struct spinlock		lock;
	unsigned int		cpu;		/* constant */
	/*
	 * How many there are, and whether anything but the fair class needs
	 * thought; side by side, so that one look sees both. Read by anyone.
	 */
	union {
		struct {
			unsigned int	nr_running;
			unsigned int	special;
		};
		uint64_t	nr_running_and_special;
	};
	bool			resched_sent;	/* an IPI is under way */
	bool			tick_wanted;	/* the same, for its tick */
	struct task		*curr;		/* read by anyone, under RCU */
	struct task		*idle;		/* constant */
	struct mm		*drop_mm;	/* borrowed, to be given back */
	struct fair_queue	fair;
	struct rt_queue		rt;
	struct dl_queue		dl;
	uint64_t		urgency; /* of rt and dl; for anyone */
	uint64_t		nr_switches;
	uint64_t		waited_ns;	/* by all that came to run */
	long			nr_uninterruptible; /* summed over CPUs */

	struct timer		tick_timer;
	enum tick_state		tick;
	uint64_t		next_balance_ns;
	uint64_t		progress_ns;	/* see sched_progress.c */
	uint64_t		progress_at_ns;	/* valid for this moment */
	bool			progress_is_stale; /* the CPU was idle */

	/* Where this CPU's time went; see sched_tick.c. */
	uint64_t		accounted_ns; /* everything before is counted */
	struct cpu_times	times;
};

DECLARE_PER_CPU(struct runqueue, runqueues);
/* CPUs that run their idle task and that nobody has sent a task to yet. */
extern struct cpumask idle_cpus;

static inline struct runqueue *cpu_rq(unsigned int cpu)
{
	return per_cpu_ptr(&runqueues, cpu);
}

static inline struct runqueue *this_rq(void)
{
	return this_cpu_ptr(&runqueues);
}

/*
 * How a class of tasks is scheduled. All are called with the queue's lock
 * held and interrupts off.
 *
 *	enqueue, dequeue   @task begins or ceases to want the CPU
 *	pick_next	   choose, and take out of the queue; NULL: none
 *	put_prev	   @task leaves the CPU; back into the queue if it
 *			   still wants to run
 *	set_curr	   @task, which is running, has come into this class
 *	wakeup_preempt	   @task was woken: should it run now?
 *	tick, yield	   of the task that runs
 *	update_curr	   charge the running task for its time up to now
 */
struct sched_class {
	void (*enqueue)(struct runqueue *, struct task *);
	void (*dequeue)(struct runqueue *, struct task *);
	struct task *(*pick_next)(struct runqueue *);
	void (*put_prev)(struct runqueue *, struct task *);
	void (*set_curr)(struct runqueue *, struct task *);
	void (*wakeup_preempt)(struct runqueue *, struct task *, int flags);
	void (*tick)(struct runqueue *, struct task *);
	void (*yield)(struct runqueue *, struct task *);
	void (*update_curr)(struct runqueue *);
};

/* @se, which waited on @rq, comes to run. Locking: rq->lock. */
static inline void end_wait(struct runqueue *rq, struct sched_entity *se)
{
	uint64_t waited = se->exec_start_ns - se->waits_since_ns;

	se->waits_since_ns = 0;
	/* CPUs' clocks may differ by a little. */
	if ((int64_t)waited <= 0)
		return;
	se->waited_ns += waited;
	rq->waited_ns += waited;
}

extern const struct sched_class dl_class;
extern const struct sched_class rt_class;
extern const struct sched_class fair_class;
extern const struct sched_class idle_class;

/* sched.c */
void enqueue_task(struct runqueue *, struct task *);
void dequeue_task(struct runqueue *, struct task *);
void resched_curr(struct runqueue *);
struct runqueue *task_rq_lock(struct task *, unsigned long *flags);
void task_rq_unlock(struct runqueue *, struct task *, unsigned long flags);

/* sched_inactive.c */
void wake_inactive_waiters(void);

/* sched_change.c */
struct sched_change {
	bool	queued, running;
	int	old_prio;
};
void sched_change_begin(struct runqueue *, struct task *,
			struct sched_change *);
void sched_change_end(struct runqueue *, struct task *, struct sched_change *);
void sched_set_prio(struct task *);

/* sched_fair.c */
struct task *fair_pick_next(struct runqueue *);
void fair_init_entity(struct sched_entity *);
void fair_set_weight(struct runqueue *, struct task *, uint32_t weight);
void fair_update_curr(struct runqueue *);
void fair_init_queue(struct fair_queue *);
uint32_t nice_to_weight(int nice);
uint32_t task_weight(const struct task *);
/* sched_rt.c */
void rt_init_queue(struct rt_queue *);
void rt_init_entity(struct rt_entity *);
struct task *rt_next_waiting(struct runqueue *, unsigned int cpu);
void rt_period_check(struct runqueue *, uint64_t now);
bool rt_period_is_over(const struct runqueue *);
bool rt_must_wait(const struct runqueue *);
void rt_not_running(struct runqueue *);
void rt_time_limit(struct task *);

/* sched_deadline.c */
void dl_init_queue(struct dl_queue *);
void dl_init_entity(struct dl_entity *);
struct task *dl_next_waiting(struct runqueue *, unsigned int cpu);
int dl_admit(const struct task *, const struct dl_params *);
void dl_give_back(const struct task *);
bool dl_params_valid(struct dl_params *);
void dl_stop(struct task *);
void dl_signal_overrun(struct task *);

/* sched_urgent.c */
uint64_t task_urgency(const struct task *);
void urgency_update(struct runqueue *);
struct task *pick_urgent(struct runqueue *, struct task *prev);
void check_preempt_urgent(struct runqueue *, struct task *, int wake_flags);
unsigned int select_cpu_urgent(const struct task *);
void push_urgent(struct runqueue *, struct task *);
void enqueue_migrated_urgent(struct task *);
void urgent_tick(struct runqueue *, uint64_t now);
void urgent_signals(struct task *);

/* sched_idle.c */
struct task *idle_pick_next(struct runqueue *);

/* sched_progress.c */

/* Clocks that are so far apart, in ns at nice 0, are brought together. */
#define PROGRESS_GAP_NS		40000000L

void progress_update(struct runqueue *, uint64_t now);
uint64_t progress_mean(const struct runqueue *);
int64_t progress_gap(struct runqueue *, struct runqueue *behind, uint64_t now);
int64_t progress_carried(const struct runqueue *from, const struct runqueue *to,
			 const struct task *);
void progress_set_ahead(struct fair_queue *, struct sched_entity *,
			int64_t ahead);

/* sched_balance.c */
extern bool many_cpus;
uint64_t fair_load(const struct fair_queue *);
uint64_t queue_load(const struct runqueue *);
void move_task(struct runqueue *from, struct runqueue *to, struct task *);
unsigned int select_cpu(struct task *, int wake_flags);
bool pull_when_idle(struct runqueue *);
void balance_tick(struct runqueue *, uint64_t now_ns);
void finish_migration(struct task *);
void balance_init(void);

/* sched_syscalls.c */

/*
 * What getpriority, setpriority and their kin for I/O do to each task they
 * mean. Called under RCU; must not sleep.
 */
struct priority_visit {
	void	(*visit)(struct task *, struct priority_visit *);
	int	value;		/* set: the new one; get: the best so far */
	int	result;
};
int visit_tasks(int which, int who, struct priority_visit *);

/* sched_tick.c */
void tick_start_if_needed(struct runqueue *);
void tick_speed_up(struct runqueue *);
void tick_init(struct runqueue *);
void account_switch(struct runqueue *, struct task *prev, struct task *next);
void loadavg_update(uint64_t now_ns);
