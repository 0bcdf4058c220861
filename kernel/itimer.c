/*
 * Interval timers: alarm(2), setitimer(2), getitimer(2); and RLIMIT_CPU, which
 * is one more thing the tick compares CPU time with.
 *
 * A process has three timers: one counts real time and is a kernel timer whose
 * function sends SIGALRM; the other two count user time (SIGVTALRM) and all
 * CPU time (SIGPROF) of the process, and are looked at by the tick.
 *
 * The signal is sent, and the next period begun, in the timer's interrupt. An
 * interval shorter than REARM_MIN_NS is served only so often, or a process
 * could keep a CPU in interrupts for ever.
 *
 * Source: man 2 setitimer, man 2 getrlimit.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/cpu_timer.h>
#include <kernel/itimer.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <mm/gfp.h>
#include <mm/slab.h>

#define REARM_MIN_NS	(200 * NSEC_PER_USEC)

/* A timer on CPU time: expires at a sum of time used; 0: not started. */
struct cpu_itimer {
	uint64_t	expires_ns;	/* [lock] */
	uint64_t	interval_ns;	/* [lock] 0: once */
};

struct itimers {
	struct spinlock		lock;		/* taken in interrupts */
	struct timer		real;
	uint64_t		real_interval_ns; /* [lock] */
	struct pid		*pid;		/* whom to signal; counted */
	struct cpu_itimer	virtual;
	struct cpu_itimer	prof;
};

/* A timer's state as user space sees it, in ns. */
struct itimer_state {
	uint64_t	left_ns;	/* 0: not running */
	uint64_t	interval_ns;
};

static void signal_process(struct itimers *itimers, int sig)
{
	kill_pid_info(sig, SEND_SIG_PRIV, itimers->pid);
}

/* The first point after @now that is a whole number of intervals away. */
static uint64_t next_period(uint64_t expires, uint64_t interval, uint64_t now)
{
	if (interval < REARM_MIN_NS)
		return now + REARM_MIN_NS;
	if (now < expires + interval)
		return expires + interval;
	return now + interval - (now - expires) % interval;
}

static void real_timer_fn(struct timer *timer)
{
	struct itimers *itimers = container_of(timer, struct itimers, real);
	uint64_t interval;

	spin_lock(&itimers->lock);
	interval = itimers->real_interval_ns;
	spin_unlock(&itimers->lock);
	signal_process(itimers, SIGALRM);
	if (interval)
		timer_start(timer, next_period(timer_expires(timer), interval,
					       ktime_get_ns()));
}

/* The timers of current's process, made if there are none. NULL: no memory. */
static struct itimers *get_itimers(void)
{
	struct thread_group *group = current->group;
	struct itimers *new, *old = READ_ONCE(group->itimers);

	if (old)
		return old;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	spin_lock_init(&new->lock, "itimers", RANK_ITIMER);
	timer_init(&new->real, real_timer_fn);
	new->pid = pid_get(group->pids[PIDTYPE_TGID]);
	if (try_cmpxchg(&group->itimers, &old, new))
		return new;
	/* Another thread was quicker. */
	pid_put(new->pid);
	kfree(new);
	return old;
}

/* The last task of @task's process ends. Context: process. */
void itimers_exit(struct task *task)
{
	struct itimers *itimers = READ_ONCE(task->group->itimers);

	if (!itimers)
		return;
	spin_lock_irq(&itimers->lock);
	itimers->real_interval_ns = 0;
	itimers->virtual.expires_ns = 0;
	itimers->prof.expires_ns = 0;
	spin_unlock_irq(&itimers->lock);
	timer_cancel_sync(&itimers->real);
}

/* Their process is gone, itimers_exit() was called. NULL is allowed. */
void itimers_free(struct itimers *itimers)
{
	if (!itimers)
		return;
	pid_put(itimers->pid);
	kfree(itimers);
}

/* ---- on CPU time --------------------------------------------------------- */

/* True if @timer has expired at @used; it begins its next period. */
static bool cpu_itimer_expired(struct cpu_itimer *timer, uint64_t used)
{
	if (!timer->expires_ns || used < timer->expires_ns)
		return false;
	timer->expires_ns = timer->interval_ns ? used + timer->interval_ns : 0;
	return true;
}

static void check_cpu_itimers(struct itimers *itimers, struct cputime time)
{
	bool virtual, prof;

	spin_lock(&itimers->lock);
	virtual = cpu_itimer_expired(&itimers->virtual, time.utime_ns);
	prof = cpu_itimer_expired(&itimers->prof,
				  time.utime_ns + time.stime_ns);
	spin_unlock(&itimers->lock);
	if (virtual)
		signal_process(itimers, SIGVTALRM);
	if (prof)
		signal_process(itimers, SIGPROF);
}

/* SIGXCPU at the soft limit and each second after it, SIGKILL at the hard. */
static void check_cpu_limit(struct task *task, struct cputime time)
{
	struct rlimit *limit = &task->group->rlim[RLIMIT_CPU];
	uint64_t seconds = (time.utime_ns + time.stime_ns) / NSEC_PER_SEC;
	uint64_t soft = READ_ONCE(limit->rlim_cur);

	/* Threads' ticks may come together: one of them raises the limit. */
	if (seconds >= READ_ONCE(limit->rlim_max))
		send_sig_info(SIGKILL, SEND_SIG_PRIV, task, PIDTYPE_TGID);
	else if (seconds >= soft &&
		 cmpxchg(&limit->rlim_cur, soft, soft + 1) == soft)
		send_sig_info(SIGXCPU, SEND_SIG_PRIV, task, PIDTYPE_TGID);
}

/*
 * Compare what @task's process has used with its timers and limit.
 * Context: interrupts off, from the tick; no lock held.
 */
void itimers_tick(struct task *task, bool is_user __unused)
{
	struct thread_group *group = task->group;
	struct itimers *itimers;
	bool limited;

	if (task_is_kthread(task) || task->exit_state)
		return;
	cpu_timers_tick(task);
	itimers = READ_ONCE(group->itimers);
	limited = READ_ONCE(group->rlim[RLIMIT_CPU].rlim_cur) != RLIM_INFINITY;
	if (itimers && (READ_ONCE(itimers->virtual.expires_ns) ||
			READ_ONCE(itimers->prof.expires_ns)))
		check_cpu_itimers(itimers, group_cputime(task));
	if (limited)
		check_cpu_limit(task, group_cputime(task));
}

static uint64_t used_time(int which)
{
	struct cputime time = group_cputime(current);

	return which == ITIMER_VIRTUAL ? time.utime_ns
				       : time.utime_ns + time.stime_ns;
}

/* Exchange one of the CPU timers; @new NULL: only look. */
static void exchange_cpu(struct itimers *itimers, int which,
			 const struct itimer_state *new,
			 struct itimer_state *old)
{
	struct cpu_itimer *timer = which == ITIMER_VIRTUAL ? &itimers->virtual
							   : &itimers->prof;
	uint64_t used = used_time(which);

	SPIN_GUARD_IRQ(&itimers->lock);
	old->interval_ns = timer->interval_ns;
	old->left_ns = 0;
	/* A timer that is overdue has not been seen by a tick: 1 us is left. */
	if (timer->expires_ns)
		old->left_ns = timer->expires_ns > used
			     ? timer->expires_ns - used : NSEC_PER_USEC;
	if (!new)
		return;
	timer->interval_ns = new->interval_ns;
	timer->expires_ns = new->left_ns ? used + new->left_ns : 0;
}

/* ---- the system calls ---------------------------------------------------- */

static void exchange_real(struct itimers *itimers,
			  const struct itimer_state *new,
			  struct itimer_state *old)
{
	int64_t left;

	spin_lock_irq(&itimers->lock);
	old->interval_ns = itimers->real_interval_ns;
	left = timer_pending(&itimers->real)
	     ? (int64_t)(timer_expires(&itimers->real) - ktime_get_ns()) : 0;
	if (timer_pending(&itimers->real))
		left = max(left, NSEC_PER_USEC);
	old->left_ns = left;
	if (new)
		itimers->real_interval_ns = 0;
	spin_unlock_irq(&itimers->lock);
	if (!new)
		return;
	/* Its function takes the lock; with no interval it will not restart. */
	timer_cancel_sync(&itimers->real);
	spin_lock_irq(&itimers->lock);
	itimers->real_interval_ns = new->interval_ns;
	if (new->left_ns)
		timer_start(&itimers->real, ktime_after(new->left_ns));
	spin_unlock_irq(&itimers->lock);
}

/*
 * Exchange timer @which of current's process; @new NULL: only look.
 * Return: 0, -EINVAL (no such timer), -ENOMEM.
 */
static int exchange(int which, const struct itimer_state *new,
		    struct itimer_state *old)
{
	struct itimers *itimers;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	*old = (struct itimer_state){ 0 };
	if (!READ_ONCE(current->group->itimers) && (!new || !new->left_ns))
		return 0;
	itimers = get_itimers();
	if (!itimers)
		return -ENOMEM;
	if (which == ITIMER_REAL)
		exchange_real(itimers, new, old);
	else
		exchange_cpu(itimers, which, new, old);
	return 0;
}

static int put_state(const struct itimer_state *state,
		     struct itimerval __user *to)
{
	struct itimerval value = {
		.it_interval = ns_to_timeval(state->interval_ns),
		.it_value = ns_to_timeval(state->left_ns),
	};

	return copy_to_user(to, &value, sizeof(value)) ? -EFAULT : 0;
}

/* Return: 0, -EINVAL, -EFAULT. */
SYSCALL_DEFINE2(getitimer, int, which, struct itimerval __user *, to)
{
	struct itimer_state state;
	int err = exchange(which, NULL, &state);

	return err ? err : put_state(&state, to);
}

static int get_state(struct itimer_state *state,
		     const struct itimerval __user *from)
{
	struct itimerval value;

	*state = (struct itimer_state){ 0 };
	if (!from)
		return 0;	/* as Linux: the timer is stopped */
	if (copy_from_user(&value, from, sizeof(value)))
		return -EFAULT;
	if (!timeval_valid(&value.it_value) ||
	    !timeval_valid(&value.it_interval))
		return -EINVAL;
	state->left_ns = timeval_to_ns(&value.it_value);
	state->interval_ns = timeval_to_ns(&value.it_interval);
	return 0;
}

/* Return: 0, -EINVAL (no such timer, not a time), -EFAULT, -ENOMEM. */
SYSCALL_DEFINE3(setitimer, int, which, const struct itimerval __user *, from,
		struct itimerval __user *, to)
{
	struct itimer_state new, old;
	int err = get_state(&new, from);

	if (!err)
		err = exchange(which, &new, &old);
	if (!err && to)
		err = put_state(&old, to);
	return err;
}

/*
 * SIGALRM in @seconds; 0: none.
 * Return: what was left of the alarm before, in seconds, never 0 for one that
 * was running.
 */
SYSCALL_DEFINE1(alarm, unsigned int, seconds)
{
	struct itimer_state new = { .left_ns = seconds * NSEC_PER_SEC };
	struct itimer_state old;
	uint64_t left;
	int err = exchange(ITIMER_REAL, &new, &old);

	if (err)
		return err;
	left = (old.left_ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
	return old.left_ns ? max(left, (uint64_t)1) : 0;
}
