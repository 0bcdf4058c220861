/*
 * POSIX timers: any number of timers in a process, each on a clock of its
 * choice, each raising a signal of its choice.
 *
 * A timer owns the one struct sigqueue its signal needs, taken when the timer
 * was made: expiring cannot fail for want of memory, and a timer is in a queue
 * at most once. An interval does not go on while its signal waits. It goes on
 * when the signal is taken (posix_timer_delivered), and the periods that
 * passed meanwhile are the overrun that the signal reports. So a blocked
 * signal costs nothing, however short the interval.
 *
 * A clock that counts real time rings by a clock_timer, one that counts CPU
 * time by a cpu_timer; `real` keeps expiry and interval of both.
 *
 * Locking: everything here is protected by the sighand->lock of the process
 * that owns the timer, which is also the lock its signal is queued under. The
 * functions of both kinds of timers take it; so a timer is waited for without
 * it, when nobody can find it any more.
 *
 * Source: man 2 timer_create, man 2 timer_settime, man 2 timer_getoverrun,
 * man 7 sigevent.
 */
#include <kernel/posix_timers.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/clock_timer.h>
#include <kernel/cpu_timer.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <lib/xarray.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>

#define ID_MAX		INT_MAX
#define OVERRUN_MAX	INT_MAX
/* An interval whose signal is ignored is served no more often than this. */
#define IGNORED_MIN_NS	(4 * NSEC_PER_MSEC)

/* The timers of a process, by id. [sighand->lock] */
struct posix_timers {
	struct xarray	timers;
	unsigned long	next_id;
};

/* One timer_create(2). [sighand->lock of its process] */
struct posix_timer {
	int			id;
	int			clock;		/* as the program named it */
	int			notify;		/* SIGEV_* */
	int			signo;
	union sigval		value;
	struct pid		*process;	/* counted: whose it is */
	struct pid		*target;	/* counted: whom to signal */
	struct sigqueue		*sigqueue;	/* ours as long as we live */
	bool			queued;		/* it waits in a queue */
	bool			goes_on; /* when that signal is taken */
	bool			active;		/* it will ring */
	int64_t			overrun;	/* -1: none has passed */
	int			last_overrun;	/* of the signal taken last */
	struct clock_timer	real;
	struct cpu_timer	cpu;		/* if cpu.task */
};

/* ---- two kinds of clocks ------------------------------------------------- */

static bool is_cpu(const struct posix_timer *timer)
{
	return timer->cpu.task != NULL;
}

static int64_t timer_now(const struct posix_timer *timer)
{
	return is_cpu(timer) ? cpu_clock_ns(timer->cpu.clock, timer->cpu.task)
			     : clock_now_ns(timer->real.clock);
}

static void timer_arm(struct posix_timer *timer)
{
	timer->active = true;
	if (is_cpu(timer))
		WRITE_ONCE(timer->cpu.expires_ns,
			   (uint64_t)max(timer->real.expires_ns, 1L));
	else
		clock_timer_arm(&timer->real);
}

static void timer_stop(struct posix_timer *timer)
{
	timer->active = false;
	if (is_cpu(timer))
		WRITE_ONCE(timer->cpu.expires_ns, 0);
	else
		clock_timer_stop(&timer->real);
}

/* Move its expiry into the future. Return: by how many periods. */
static uint64_t timer_forward(struct posix_timer *timer)
{
	return clock_timer_forward(&timer->real, timer_now(timer));
}

/* ---- expiry -------------------------------------------------------------- */

/* Its time has come, and it is not armed any more. */
static void timer_expired(struct posix_timer *timer)
{
	enum pid_type type = timer->notify == SIGEV_THREAD_ID ? PIDTYPE_PID
							      : PIDTYPE_TGID;
	struct siginfo *info = &timer->sigqueue->info;
	struct task *task;

	timer->active = false;
	RCU_GUARD();
	task = pid_task(timer->target, type);
	if (!task || !task->sighand)
		return;
	timer->goes_on = timer->real.interval_ns;
	if (timer->queued) {
		info->si_overrun++;
		return;
	}
	*info = (struct siginfo){ .si_signo = timer->signo,
				  .si_code = SI_TIMER };
	info->si_tid = timer->id;
	info->si_value = timer->value;
	timer->queued = send_sigqueue_locked(timer->sigqueue, task, type);
	if (!timer->queued)
		posix_timer_dropped(timer);
}

/*
 * Nobody will take the signal: it is ignored. The interval goes on, as the
 * program may change its mind, but not as fast as it can.
 */
void posix_timer_dropped(struct posix_timer *timer)
{
	timer->queued = false;
	if (!timer->goes_on)
		return;
	timer->goes_on = false;
	timer->overrun += timer_forward(timer);
	timer->real.expires_ns = max(timer->real.expires_ns,
				     timer_now(timer) + IGNORED_MIN_NS);
	timer_arm(timer);
}

/* Its signal is taken off the queue: say in @info what was missed. */
void posix_timer_delivered(struct posix_timer *timer, struct siginfo *info)
{
	int64_t overrun;

	timer->queued = false;
	if (!timer->goes_on)
		return;
	timer->goes_on = false;
	timer->overrun += timer_forward(timer);
	timer_arm(timer);
	overrun = timer->overrun;
	timer->overrun = -1;
	timer->last_overrun = min(overrun, (int64_t)OVERRUN_MAX);
	info->si_overrun = min(overrun + info->si_overrun,
			       (int64_t)OVERRUN_MAX);
}

/* Lock the process @timer belongs to; NULL: it is gone. RCU held. */
static struct task *lock_owner(struct posix_timer *timer, unsigned long *flags)
{
	struct task *task = pid_task(timer->process, PIDTYPE_TGID);

	return task && lock_task_sighand(task, flags) ? task : NULL;
}

static void real_timer_rings(struct timer *base)
{
	struct posix_timer *timer =
		container_of(base, struct posix_timer, real.timer);
	unsigned long flags;
	struct task *task;

	RCU_GUARD();
	task = lock_owner(timer, &flags);
	if (!task)
		return;
	if (clock_timer_rings(&timer->real))
		timer_expired(timer);
	unlock_task_sighand(task, flags);
}

static void cpu_timer_rings(struct cpu_timer *base)
{
	struct posix_timer *timer = container_of(base, struct posix_timer, cpu);
	unsigned long flags;
	struct task *task;

	RCU_GUARD();
	task = lock_owner(timer, &flags);
	if (!task)
		return;
	/* It may have been set anew between the tick's look and here. */
	if (base->expires_ns && timer_now(timer) >= timer->real.expires_ns) {
		WRITE_ONCE(base->expires_ns, 0);
		timer_expired(timer);
	}
	unlock_task_sighand(task, flags);
}

/* ---- making and finding -------------------------------------------------- */

/* current's timers, made if there are none. NULL: no memory. */
static struct posix_timers *get_timers(void)
{
	struct thread_group *group = current->group;
	struct posix_timers *new, *old = READ_ONCE(group->posix_timers);

	if (old)
		return old;
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	xa_init(&new->timers, &xa_kernel_ops);
	if (try_cmpxchg(&group->posix_timers, &old, new))
		return new;
	kfree(new);	/* another thread was quicker */
	return old;
}

/*
 * Nobody finds @timer any more: stop it and free it. A signal of it that waits
 * is still delivered, and frees the queue entry.
 */
static void destroy_timer(struct posix_timer *timer)
{
	if (is_cpu(timer))
		cpu_timer_release(&timer->cpu);
	else
		clock_timer_finish(&timer->real);
	if (timer->sigqueue)
		sigqueue_free(timer->sigqueue);
	pid_put(timer->process);
	pid_put(timer->target);
	kfree(timer);
}

/* Take @timer out. Locking: sighand->lock. */
static void remove_timer(struct posix_timers *timers, struct posix_timer *timer)
{
	xa_erase(&timers->timers, timer->id);
	timer_stop(timer);
	timer->goes_on = false;
	timer->sigqueue->timer = NULL;
	if (timer->queued)
		timer->sigqueue = NULL;	/* it is the queue's now */
}

/* Find a timer of current's. Locking: sighand->lock. NULL: no such timer. */
static struct posix_timer *find_timer(int id)
{
	struct posix_timers *timers = READ_ONCE(current->group->posix_timers);

	return timers && id >= 0 ? xa_load(&timers->timers, id) : NULL;
}

void posix_timers_exit(void)
{
	struct posix_timers *timers = READ_ONCE(current->group->posix_timers);
	struct posix_timer *timer;
	unsigned long index = 0;

	if (likely(!timers))
		return;
	for (;;) {
		spin_lock_irq(&current->sighand->lock);
		timer = xa_find(&timers->timers, &index, ID_MAX, XA_PRESENT);
		if (timer)
			remove_timer(timers, timer);
		else
			timers->next_id = 0;
		spin_unlock_irq(&current->sighand->lock);
		if (!timer)
			return;
		destroy_timer(timer);
	}
}

void posix_timers_free(struct posix_timers *timers)
{
	if (!timers)
		return;
	ASSERT(xa_empty(&timers->timers));
	kfree(timers);
}

/* Whom @event wants told. Return: counted, or NULL: that makes no sense. */
static struct pid *event_target(const struct sigevent *event)
{
	struct task *task;

	RCU_GUARD();
	switch (event->sigev_notify) {
	case SIGEV_THREAD_ID:
		task = find_task_by_pid(event->sigev_notify_thread_id);
		if (!task || !same_thread_group(task, current) ||
		    !sig_valid(event->sigev_signo))
			return NULL;
		return pid_get(task_pid_of(task, PIDTYPE_PID));
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		if (!sig_valid(event->sigev_signo))
			return NULL;
		break;
	case SIGEV_NONE:
		break;
	default:
		return NULL;
	}
	return pid_get(task_pid_of(current, PIDTYPE_TGID));
}

/* Which clocks time a timer. Return: 0, -EINVAL, -EOPNOTSUPP, -EPERM. */
static int check_clock(int clock)
{
	if (is_file_clock(clock))
		return -EOPNOTSUPP;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
	default:
		return clock < 0 ? 0 : -EINVAL;
	}
}

static int init_clock(struct posix_timer *timer)
{
	int id = cpu_clock_id(timer->clock);
	struct task *task;

	if (id >= 0)
		return 0;
	task = cpu_clock_task(id, false);
	if (!task)
		return -EINVAL;
	cpu_timer_init(&timer->cpu, id, task, cpu_timer_rings);
	return cpu_timer_attach(&timer->cpu);
}

/* From here on @timer is found by @id. Return: 0, -EBUSY (taken), -ENOMEM. */
static int publish(struct posix_timers *timers, struct posix_timer *timer,
		   unsigned long id)
{
	SPIN_GUARD_IRQ(&current->sighand->lock);
	return xa_insert(&timers->timers, id, timer, GFP_ATOMIC);
}

/* The next number that is free. */
static unsigned long next_id(struct posix_timers *timers)
{
	unsigned long id;

	SPIN_GUARD_IRQ(&current->sighand->lock);
	do {
		id = timers->next_id;
		timers->next_id = id == ID_MAX ? 0 : id + 1;
	} while (xa_load(&timers->timers, id));
	return id;
}

static const struct sigevent default_event = {
	.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM,
};

/* Return: 0, -EINVAL, -EAGAIN (too many signals queued), -ENOMEM. */
static int fill_timer(struct posix_timer *timer, const struct sigevent *event)
{
	int err;

	timer->notify = event->sigev_notify;
	timer->signo = event->sigev_signo;
	timer->value = event->sigev_value;
	timer->overrun = -1;
	err = init_clock(timer);
	if (err)
		return err;
	timer->sigqueue = sigqueue_alloc_for(timer);
	if (!timer->sigqueue)
		return -EAGAIN;
	timer->target = event_target(event);
	timer->process = pid_get(task_pid_of(current, PIDTYPE_TGID));
	return timer->target ? 0 : -EINVAL;
}

static int create_timer(struct posix_timer *timer, const struct sigevent *event,
			int __user *to)
{
	struct posix_timers *timers = get_timers();
	int err;

	if (!timers)
		return -ENOMEM;
	err = fill_timer(timer, event ?: &default_event);
	if (err)
		return err;
	do {
		timer->id = next_id(timers);
		if (!event)
			timer->value.sival_int = timer->id;
		/* Once it has a number, another thread may delete it. */
		if (put_user(timer->id, to))
			return -EFAULT;
		err = publish(timers, timer, timer->id);
	} while (err == -EBUSY);
	return err;
}

/*
 * Return: 0; -EINVAL (clock, signal, whom to tell), -EOPNOTSUPP (not a clock
 *	   for timers), -EPERM, -EAGAIN, -ENOMEM, -EFAULT.
 */
SYSCALL_DEFINE3(timer_create, int, clock, struct sigevent __user *, from,
		int __user *, to)
{
	struct posix_timer *timer;
	struct sigevent event;
	int err;

	if (from && copy_from_user(&event, from, sizeof(event)))
		return -EFAULT;
	err = check_clock(clock);
	if (err)
		return err;
	timer = kzalloc(sizeof(*timer), GFP_KERNEL_ACCOUNT);
	if (!timer)
		return -EAGAIN;
	timer->clock = clock;
	clock_timer_init(&timer->real, real_timer_rings);
	err = create_timer(timer, from ? &event : NULL, to);
	if (err)
		destroy_timer(timer);
	return err;
}

/* ---- setting ------------------------------------------------------------- */

/* What timer_gettime(2) says. Locking: sighand->lock. */
static void get_setting(struct posix_timer *timer, struct itimerspec *to)
{
	bool silent = timer->notify == SIGEV_NONE;
	int64_t left;

	*to = (struct itimerspec){ 0 };
	to->it_interval = ns_to_timespec(timer->real.interval_ns);
	if (!timer->real.interval_ns && !timer->active && !silent)
		return;
	if (timer->real.interval_ns && (timer->goes_on || silent))
		timer->overrun += timer_forward(timer);
	left = timer->real.expires_ns - timer_now(timer);
	if (left > 0)
		to->it_value = ns_to_timespec(left);
	else if (!silent)
		to->it_value.tv_nsec = 1;	/* any moment now */
}

/*
 * Locking: sighand->lock. Return: 0, -ESRCH: whose time it counts is gone.
 */
static int set_timer(struct posix_timer *timer, int flags,
		     const struct itimerspec *new)
{
	int64_t value = timespec_to_ns(&new->it_value);
	bool absolute = (flags & TIMER_ABSTIME) || !value;

	if (is_cpu(timer) && !READ_ONCE(timer->cpu.task->sighand))
		return -ESRCH;
	timer_stop(timer);
	timer->goes_on = false;
	timer->overrun = -1;
	timer->last_overrun = 0;
	if (is_cpu(timer) && !absolute)
		value += min(timer_now(timer), INT64_MAX - value);
	clock_timer_set(&timer->real, timer->clock, value,
			value ? timespec_to_ns(&new->it_interval) : 0,
			absolute || is_cpu(timer));
	if (!value || timer->notify == SIGEV_NONE)
		return 0;
	/* The tick of a CPU clock may be long in coming. */
	if (is_cpu(timer) && timer_now(timer) >= value)
		timer_expired(timer);
	else
		timer_arm(timer);
	return 0;
}

/*
 * Return: 0; -EINVAL (no such timer, not a time), -ESRCH (whose time it counts
 *	   is gone), -ENOMEM, -EFAULT.
 */
SYSCALL_DEFINE4(timer_settime, int, id, int, flags,
		const struct itimerspec __user *, from,
		struct itimerspec __user *, to)
{
	struct itimerspec new, old;
	struct posix_timer *timer;
	int err = -EINVAL;

	if (!from)
		return -EINVAL;
	if (copy_from_user(&new, from, sizeof(new)))
		return -EFAULT;
	if (!timespec_valid(&new.it_value) || !timespec_valid(&new.it_interval))
		return -EINVAL;
	spin_lock_irq(&current->sighand->lock);
	timer = find_timer(id);
	if (timer) {
		get_setting(timer, &old);
		err = set_timer(timer, flags, &new);
	}
	spin_unlock_irq(&current->sighand->lock);
	if (!err && to && copy_to_user(to, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

/* Return: 0, -EINVAL (no such timer), -EFAULT. */
SYSCALL_DEFINE2(timer_gettime, int, id, struct itimerspec __user *, to)
{
	struct itimerspec now;
	struct posix_timer *timer;

	spin_lock_irq(&current->sighand->lock);
	timer = find_timer(id);
	if (timer)
		get_setting(timer, &now);
	spin_unlock_irq(&current->sighand->lock);
	if (!timer)
		return -EINVAL;
	return copy_to_user(to, &now, sizeof(now)) ? -EFAULT : 0;
}

/* Return: periods missed before the signal that was taken last; -EINVAL. */
SYSCALL_DEFINE1(timer_getoverrun, int, id)
{
	struct posix_timer *timer;

	SPIN_GUARD_IRQ(&current->sighand->lock);
	timer = find_timer(id);
	return timer ? timer->last_overrun : -EINVAL;
}

/* Return: 0, -EINVAL (no such timer). */
SYSCALL_DEFINE1(timer_delete, int, id)
{
	struct posix_timer *timer;

	spin_lock_irq(&current->sighand->lock);
	timer = find_timer(id);
	if (timer)
		remove_timer(current->group->posix_timers, timer);
	spin_unlock_irq(&current->sighand->lock);
	if (!timer)
		return -EINVAL;
	destroy_timer(timer);
	return 0;
}

/* ---- /proc/PID/timers ---------------------------------------------------- */

static void show_timer(struct seq_file *m, const struct posix_timer *timer)
{
	static const char *const how[] = {
		[SIGEV_SIGNAL] = "signal",
		[SIGEV_NONE] = "none",
		[SIGEV_THREAD] = "thread",
	};

	seq_printf(m, "ID: %d\nsignal: %d/%016lx\nnotify: %s/%s.%d\n"
		   "ClockID: %d\n", timer->id, timer->signo,
		   (unsigned long)timer->value.sival_ptr,
		   how[timer->notify & ~SIGEV_THREAD_ID],
		   timer->notify & SIGEV_THREAD_ID ? "tid" : "pid",
		   pid_nr(timer->target), timer->clock);
}

int posix_timers_show(struct seq_file *m, struct task *task)
{
	struct posix_timers *timers;
	struct posix_timer *timer;
	unsigned long flags, id;

	if (!lock_task_sighand(task, &flags))
		return -ESRCH;
	timers = READ_ONCE(task->group->posix_timers);
	if (timers)
		xa_for_each(&timers->timers, id, timer)
			show_timer(m, timer);
	unlock_task_sighand(task, flags);
	return 0;
}
