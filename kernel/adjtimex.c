/*
 * adjtimex(2) and clock_adjtime(2): the way in for who steers the clock.
 *
 * Everyone may look. What a change means is decided in kernel/ntp.c; here it
 * is found out whether it is allowed and makes sense.
 *
 * Source: man 2 adjtimex, man 3 adjtime.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/ntp.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <uapi/timex.h>

/* A quartz that is off by more than 10 % is no clock. */
#define MIN_TICK_US	(900000L / USER_HZ)
#define MAX_TICK_US	(1100000L / USER_HZ)
/* A frequency that cannot even be written down, before it is clamped. */
#define FREQ_SCALE	65536000L

static int check_step(const struct timex *tx)
{
	long limit = tx->modes & ADJ_NANO ? NSEC_PER_SEC : USEC_PER_SEC;

	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	/* The fraction is added whatever sign the seconds have. */
	if (tx->time.tv_usec < 0 || tx->time.tv_usec >= limit)
		return -EINVAL;
	return 0;
}

/* Return: 0, -EPERM, -EINVAL. */
static int check_modes(const struct timex *tx)
{
	unsigned int modes = tx->modes;

	if (modes & ADJ_ADJTIME) {
		if (!(modes & ADJ_OFFSET))
			return -EINVAL;
		if (!(modes & ADJ_OFFSET_READONLY) && !capable(CAP_SYS_TIME))
			return -EPERM;
	} else {
		if (modes && !capable(CAP_SYS_TIME))
			return -EPERM;
		if ((modes & ADJ_TICK) &&
		    (tx->tick < MIN_TICK_US || tx->tick > MAX_TICK_US))
			return -EINVAL;
	}
	if (modes & ADJ_SETOFFSET) {
		int err = check_step(tx);

		if (err)
			return err;
	}
	if ((modes & ADJ_FREQUENCY) && (tx->freq > INT64_MAX / FREQ_SCALE ||
					tx->freq < INT64_MIN / FREQ_SCALE))
		return -EINVAL;
	return 0;
}

static int step_clock(const struct timex *tx)
{
	struct timespec delta = { tx->time.tv_sec, tx->time.tv_usec };
	int64_t ns;

	if (!(tx->modes & ADJ_NANO))
		delta.tv_nsec *= NSEC_PER_USEC;
	ns = timespec_to_ns(&delta);
	if (ns == INT64_MAX || ns == INT64_MIN)
		return -EINVAL;
	return ktime_step_real(ns);
}

static int adjust(struct timex *tx)
{
	int err = check_modes(tx);

	if (!err && (tx->modes & ADJ_SETOFFSET))
		err = step_clock(tx);
	return err ?: ntp_adjust(tx);
}

/* Return: TIME_*, -EFAULT, -EPERM, -EINVAL (what does not go). */
SYSCALL_DEFINE1(adjtimex, struct timex __user *, user)
{
	struct timex tx;
	int ret;

	if (copy_from_user(&tx, user, sizeof(tx)))
		return -EFAULT;
	ret = adjust(&tx);
	return copy_to_user(user, &tx, sizeof(tx)) ? -EFAULT : ret;
}

/*
 * Return: TIME_*, -EFAULT, -EPERM, -EINVAL (no such clock, what does not go),
 *	   -EOPNOTSUPP (a clock that nobody can steer).
 */
SYSCALL_DEFINE2(clock_adjtime, int, id, struct timex __user *, user)
{
	struct timex tx;
	int ret;

	if (copy_from_user(&tx, user, sizeof(tx)))
		return -EFAULT;
	if (id != CLOCK_REALTIME)
		return clock_exists(id) ? -EOPNOTSUPP : -EINVAL;
	ret = adjust(&tx);
	if (ret >= 0 && copy_to_user(user, &tx, sizeof(tx)))
		return -EFAULT;
	return ret;
}
