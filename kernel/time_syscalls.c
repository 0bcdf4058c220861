/*
 * Reading and setting clocks, and sleeping by them: clock_gettime(2) and its
 * kin, nanosleep(2), clock_nanosleep(2).
 *
 * Every clock is one row of a table: how it is read, and what may be done with
 * it besides. Sleeping is always done on CLOCK_MONOTONIC; only an absolute
 * time on the wall clock has to look again when that clock is set.
 *
 * Source: man 2 clock_gettime, man 2 clock_nanosleep, man 2 gettimeofday.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/clock_timer.h>
#include <kernel/cpu_timer.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

/* What the coarse clocks admit to, although ours are as good as the others. */
#define COARSE_RESOLUTION_NS	4000000L
/* The same for what is divided by ticks: user and system time. */
#define TICK_RESOLUTION_NS	4000000L

/* As settimeofday(2) set it; only for gettimeofday(2) to give back. */
static struct timezone system_timezone;

/* ---- the clocks ---------------------------------------------------------- */

struct clock {
	int64_t	(*read)(void);
	long	resolution_ns;
	bool	can_sleep;	/* clock_nanosleep(2) */
	bool	is_wall;	/* moves when it is set */
};

static int64_t read_monotonic(void)
{
	return ktime_get_ns();
}

static int64_t read_tai(void)
{
	return clock_now_ns(CLOCK_TAI);
}

static int64_t read_raw(void)
{
	return clock_raw_ns();
}

static int64_t read_process_cpu(void)
{
	return cpu_clock_ns(cpu_clock_id(CLOCK_PROCESS_CPUTIME_ID), current);
}

static int64_t read_thread_cpu(void)
{
	return task_runtime_ns(current);
}

static const struct clock clocks[] = {
	[CLOCK_REALTIME] = { ktime_get_real_ns, 1, true, true },
	[CLOCK_MONOTONIC] = { read_monotonic, 1, true, false },
	[CLOCK_PROCESS_CPUTIME_ID] = { read_process_cpu, 1, false, false },
	[CLOCK_THREAD_CPUTIME_ID] = { read_thread_cpu, 1, false, false },
	[CLOCK_MONOTONIC_RAW] = { read_raw, 1, false, false },
	[CLOCK_REALTIME_COARSE] = {
		ktime_get_real_ns, COARSE_RESOLUTION_NS, false, false },
	[CLOCK_MONOTONIC_COARSE] = {
		read_monotonic, COARSE_RESOLUTION_NS, false, false },
	[CLOCK_BOOTTIME] = { read_monotonic, 1, true, false },
	[CLOCK_REALTIME_ALARM] = { ktime_get_real_ns, 1, true, true },
	[CLOCK_BOOTTIME_ALARM] = { read_monotonic, 1, true, false },
	[CLOCK_TAI] = { read_tai, 1, true, true },
};

static const struct clock *find_clock(int id)
{
	if (id < 0 || (unsigned int)id >= ARRAY_SIZE(clocks) ||
	    !clocks[id].read)
		return NULL;
	return &clocks[id];
}

bool clock_exists(int id)
{
	if (id < 0)
		return (id & CPUCLOCK_CLOCK_MASK) != CLOCKFD;
	return find_clock(id);
}

/*
 * The CPU time of any process or thread, by a clock id made from its number.
 * Return: 0, or -EINVAL if the id means nothing or its task is gone.
 */
static int read_task_clock(int id, int64_t *ns)
{
	struct task *task = cpu_clock_task(id, true);

	if (!task)
		return -EINVAL;
	*ns = cpu_clock_ns(id, task);
	task_put(task);
	return 0;
}

/* Return: 0, -EINVAL (no such clock), -EFAULT. */
SYSCALL_DEFINE2(clock_gettime, int, id, struct timespec __user *, to)
{
	const struct clock *clock = find_clock(id);
	struct timespec ts;
	int64_t ns;

	if (likely(clock)) {
		ns = clock->read();
	} else {
		int err = id < 0 ? read_task_clock(id, &ns) : -EINVAL;

		if (err)
			return err;
	}
	ts = ns_to_timespec(ns);
	return put_timespec(&ts, to);
}

/* Return: 0, -EINVAL (no such clock), -EFAULT. */
SYSCALL_DEFINE2(clock_getres, int, id, struct timespec __user *, to)
{
	const struct clock *clock = find_clock(id);
	struct timespec ts = { 0, 1 };
	int64_t unused;

	if (clock)
		ts.tv_nsec = clock->resolution_ns;
	else if (id >= 0 || read_task_clock(id, &unused))
		return -EINVAL;
	else if ((id & CPUCLOCK_CLOCK_MASK) != CPUCLOCK_SCHED)
		ts.tv_nsec = TICK_RESOLUTION_NS;
	return to ? put_timespec(&ts, to) : 0;
}

/* ---- setting ------------------------------------------------------------- */

static int set_wall_clock(const struct timespec *ts)
{
	if (!timespec_valid(ts))
		return -EINVAL;
	/* Before the boot it was never, and 292 years are enough. */
	if ((uint64_t)timespec_to_ns(ts) < ktime_get_ns() ||
	    timespec_to_ns(ts) == INT64_MAX)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	ktime_set_real(timespec_to_ns(ts));
	return 0;
}

/* Return: 0, -EINVAL (cannot be set, not a time), -EFAULT, -EPERM. */
SYSCALL_DEFINE2(clock_settime, int, id, const struct timespec __user *, from)
{
	struct timespec ts;
	int64_t unused;

	if (id != CLOCK_REALTIME && id >= 0)
		return -EINVAL;
	if (get_timespec(&ts, from))
		return -EFAULT;
	/* CPU time that was used cannot be given back. */
	if (id < 0)
		return read_task_clock(id, &unused) ?: -EPERM;
	return set_wall_clock(&ts);
}

SYSCALL_DEFINE2(gettimeofday, struct timeval __user *, tv,
		struct timezone __user *, tz)
{
	if (tv) {
		struct timeval now = ns_to_timeval(ktime_get_real_ns());

		if (put_timeval(&now, tv))
			return -EFAULT;
	}
	if (tz && copy_to_user(tz, &system_timezone, sizeof(*tz)))
		return -EFAULT;
	return 0;
}

static int set_timezone(const struct timezone __user *from)
{
	struct timezone tz;

	if (copy_from_user(&tz, from, sizeof(tz)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	/* 15 hours either way. */
	if (tz.tz_minuteswest > 15 * 60 || tz.tz_minuteswest < -15 * 60)
		return -EINVAL;
	system_timezone = tz;
	vdso_set_timezone(tz.tz_minuteswest, tz.tz_dsttime);
	return 0;
}

/* Return: 0, -EINVAL (not a time), -EFAULT, -EPERM. */
SYSCALL_DEFINE2(settimeofday, const struct timeval __user *, from,
		const struct timezone __user *, tz)
{
	struct timeval tv;
	int err = 0;

	if (from) {
		struct timespec ts;

		if (get_timeval(&tv, from))
			return -EFAULT;
		if (!timeval_valid(&tv))
			return -EINVAL;
		ts.tv_sec = tv.tv_sec;
		ts.tv_nsec = tv.tv_usec * NSEC_PER_USEC;
		err = set_wall_clock(&ts);
	}
	if (!err && tz)
		err = set_timezone(tz);
	return err;
}

SYSCALL_DEFINE1(time, int64_t __user *, to)
{
	int64_t now = ktime_get_real_seconds();

	if (to && put_user(now, to))
		return -EFAULT;
	return now;
}

/* ---- sleeping ------------------------------------------------------------ */

/*
 * Sleep until @deadline_ns of CLOCK_MONOTONIC.
 * Return: 0, or what is left (positive) if a signal came first.
 */
static int64_t sleep_until(uint64_t deadline_ns)
{
	int64_t left;

	do {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current)) {
			set_current_state(TASK_RUNNING);
			left = deadline_ns - ktime_get_ns();
			return max(left, (int64_t)0);
		}
		left = schedule_timeout_until(deadline_ns);
	} while (left > 0);
	return 0;
}

/* A signal ended the sleep: say how long it would have been. */
static long interrupted(uint64_t deadline_ns, int64_t left_ns,
			struct timespec __user *rmtp);

/* restart_syscall(2) after a sleep that a signal without a handler ended. */
static long sleep_restart(struct restart_block *restart)
{
	uint64_t deadline = restart->nanosleep.expires_ns;
	int64_t left = sleep_until(deadline);

	return left ? interrupted(deadline, left, restart->nanosleep.rmtp) : 0;
}

static long interrupted(uint64_t deadline_ns, int64_t left_ns,
			struct timespec __user *rmtp)
{
	struct restart_block *restart = &current->restart_block;

	if (rmtp) {
		struct timespec left = ns_to_timespec(left_ns);

		if (put_timespec(&left, rmtp))
			return -EFAULT;
	}
	restart->fn = sleep_restart;
	restart->nanosleep.rmtp = rmtp;
	restart->nanosleep.expires_ns = deadline_ns;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_relative(int64_t duration_ns, struct timespec __user *rmtp)
{
	uint64_t deadline = ktime_after(duration_ns);
	int64_t left;

	if (duration_ns == 0)
		return 0;
	left = sleep_until(deadline);
	return left ? interrupted(deadline, left, rmtp) : 0;
}

/* Sleep until @clock says @target_ns, however it is set meanwhile. */
static long sleep_until_wall(const struct clock *clock, int64_t target_ns)
{
	for (;;) {
		unsigned int count = clock_set_count();
		int64_t left = target_ns - clock->read();

		if (left <= 0)
			return 0;
		left = wait_event_interruptible_timeout(&clock_set_wait,
				clock_set_count() != count, left);
		if (left < 0)
			return -ERESTARTNOHAND;
	}
}

static long sleep_absolute(const struct clock *clock, int64_t target_ns)
{
	if (clock->is_wall)
		return sleep_until_wall(clock, target_ns);
	return sleep_until(target_ns) ? -ERESTARTNOHAND : 0;
}

/* Return: 0, -EFAULT, -EINVAL (not a time), or interrupted by a signal. */
SYSCALL_DEFINE2(nanosleep, const struct timespec __user *, rqtp,
		struct timespec __user *, rmtp)
{
	struct timespec ts;

	if (get_timespec(&ts, rqtp))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	return sleep_relative(timespec_to_ns(&ts), rmtp);
}

static long restart_cpu_sleep(struct restart_block *restart);

/* Sleep until the clock @id of CPU time says @expires_ns. */
static long cpu_sleep_until(int id, int64_t expires_ns, bool absolute,
			    struct timespec __user *rmtp)
{
	struct restart_block *restart = &current->restart_block;
	struct task *task = cpu_clock_task(id, false);
	struct timespec left;
	int64_t now;
	long err;

	if (!task)
		return -EINVAL;
	if (!absolute)
		expires_ns += min(cpu_clock_ns(id, task),
				  INT64_MAX - expires_ns);
	err = cpu_sleep(id, task_get(task), expires_ns);
	now = cpu_clock_ns(id, task);
	task_put(task);
	if (err != -EINTR)
		return err;
	if (absolute)
		return -ERESTARTNOHAND;
	if (now >= expires_ns)
		return 0;
	left = ns_to_timespec(expires_ns - now);
	if (rmtp && put_timespec(&left, rmtp))
		return -EFAULT;
	restart->fn = restart_cpu_sleep;
	restart->nanosleep.clock = id;
	restart->nanosleep.rmtp = rmtp;
	restart->nanosleep.expires_ns = expires_ns;
	return -ERESTART_RESTARTBLOCK;
}

static long restart_cpu_sleep(struct restart_block *restart)
{
	int64_t now, left;
	struct task *task = cpu_clock_task(restart->nanosleep.clock, false);

	if (!task)
		return -EINVAL;
	now = cpu_clock_ns(restart->nanosleep.clock, task);
	task_put(task);
	left = (int64_t)restart->nanosleep.expires_ns - now;
	return cpu_sleep_until(restart->nanosleep.clock, max(left, 0L), false,
			       restart->nanosleep.rmtp);
}

/* Its own thread's clock stands still while it sleeps: for ever. */
static bool counts_sleeper_only(int id)
{
	pid_t nr = ~(id >> 3);

	return (id & CPUCLOCK_PERTHREAD_MASK) && (!nr || nr == current->pid);
}

/* As clock_nanosleep(2), on the clock of CPU time @id. */
static long cpu_nanosleep(int id, int flags, const struct timespec *ts,
			  struct timespec __user *rmtp)
{
	if (counts_sleeper_only(id))
		return -EINVAL;
	return cpu_sleep_until(id, timespec_to_ns(ts), flags & TIMER_ABSTIME,
			       rmtp);
}

/* Return: 0, -EINVAL (no such clock), -EOPNOTSUPP (not to sleep by), -EPERM. */
static int check_sleep_clock(int id)
{
	const struct clock *clock = find_clock(id);

	if (is_file_clock(id))
		return -EOPNOTSUPP;
	if (id < 0 || id == CLOCK_PROCESS_CPUTIME_ID)
		return 0;
	if (!clock)
		return -EINVAL;
	if (!clock->can_sleep)
		return -EOPNOTSUPP;
	if ((id == CLOCK_REALTIME_ALARM || id == CLOCK_BOOTTIME_ALARM) &&
	    !capable(CAP_WAKE_ALARM))
		return -EPERM;
	return 0;
}

/*
 * Return: 0; -EINVAL (no such clock, not a time), -EOPNOTSUPP (not a clock to
 *         sleep by), -EPERM, -EFAULT, or interrupted by a signal.
 */
SYSCALL_DEFINE4(clock_nanosleep, int, id, int, flags,
		const struct timespec __user *, rqtp,
		struct timespec __user *, rmtp)
{
	int err = check_sleep_clock(id);
	struct timespec ts;

	if (err)
		return err;
	if (get_timespec(&ts, rqtp))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	if (id < 0 || id == CLOCK_PROCESS_CPUTIME_ID)
		return cpu_nanosleep(cpu_clock_id(id), flags, &ts, rmtp);
	if (flags & TIMER_ABSTIME)
		return sleep_absolute(find_clock(id), timespec_to_ns(&ts));
	return sleep_relative(timespec_to_ns(&ts), rmtp);
}
