/*
 * The wall clock: CLOCK_MONOTONIC plus an offset; and atomic time, which is
 * the wall clock without its leap seconds.
 *
 * The offsets are all there is to keep. They are read far more often than
 * written and are 64 bits wide, so a plain load is enough; the sequence count
 * stands around them for those who want offset and monotonic time of one
 * moment.
 */
#define LOG_PREFIX "time"

#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/clock_timer.h>
#include <kernel/ntp.h>
#include <kernel/printk.h>
#include <kernel/seqlock.h>
#include <kernel/time.h>
#include <uapi/errno.h>

static DEFINE_SEQLOCK(offset_lock, RANK_CLOCK_SET);
static int64_t real_offset_ns;	/* [offset_lock] real - monotonic */
static int64_t tai_offset_ns;	/* [offset_lock] TAI - real */

/* What CLOCK_REALTIME is ahead of CLOCK_MONOTONIC. Context: any. */
int64_t ktime_real_offset_ns(void)
{
	return READ_ONCE(real_offset_ns);
}

/* What CLOCK_TAI is ahead of CLOCK_REALTIME. Context: any. */
int ktime_tai_seconds(void)
{
	return READ_ONCE(tai_offset_ns) / NSEC_PER_SEC;
}

/* Nanoseconds since 1970, UTC. Context: any. */
int64_t ktime_get_real_ns(void)
{
	unsigned int seq;
	int64_t now;

	do {
		seq = read_seqbegin(&offset_lock);
		now = ktime_get_ns() + real_offset_ns;
	} while (read_seqretry(&offset_lock, seq));
	return now;
}

static int64_t get_tai_ns(void)
{
	unsigned int seq;
	int64_t now;

	do {
		seq = read_seqbegin(&offset_lock);
		now = ktime_get_ns() + real_offset_ns + tai_offset_ns;
	} while (read_seqretry(&offset_lock, seq));
	return now;
}

struct timespec ktime_get_real_ts(void)
{
	return ns_to_timespec(ktime_get_real_ns());
}

time64_t ktime_get_real_seconds(void)
{
	return ktime_get_real_ts().tv_sec;
}

/*
 * What @clock, one that counts real time, is ahead of CLOCK_MONOTONIC.
 * Context: any.
 */
int64_t clock_offset_ns(int clock)
{
	unsigned int seq;
	int64_t offset;

	if (!clock_is_wall(clock))
		return 0;
	do {
		seq = read_seqbegin(&offset_lock);
		offset = real_offset_ns;
		if (clock == CLOCK_TAI)
			offset += tai_offset_ns;
	} while (read_seqretry(&offset_lock, seq));
	return offset;
}

/* What @clock, one that counts real time, says. Context: any. */
int64_t clock_now_ns(int clock)
{
	if (clock == CLOCK_TAI)
		return get_tai_ns();
	return clock_is_wall(clock) ? ktime_get_real_ns()
				    : (int64_t)ktime_get_ns();
}

/* Locking: offset_lock, for writing. */
static void set_offsets(int64_t real_ns, int64_t tai_ns)
{
	WRITE_ONCE(real_offset_ns, real_ns);
	WRITE_ONCE(tai_offset_ns, tai_ns);
	vdso_set_offsets(real_ns, tai_ns);
}

/* Set the wall clock to @ns since 1970. Context: any but NMI. */
void ktime_set_real(int64_t ns)
{
	unsigned long flags = write_seqlock_irqsave(&offset_lock);

	set_offsets(ns - (int64_t)ktime_get_ns(), tai_offset_ns);
	write_sequnlock_irqrestore(&offset_lock, flags);
	ntp_clock_was_set();
	clock_was_set();
}

/*
 * Set the wall clock @delta_ns forward, or back if that is negative.
 * Context: any but NMI. Return: 0, -EINVAL: that would be before the boot, or
 *	    beyond what can be counted.
 */
int ktime_step_real(int64_t delta_ns)
{
	unsigned long flags = write_seqlock_irqsave(&offset_lock);
	int64_t offset, latest = INT64_MAX - (int64_t)ktime_get_ns();
	bool valid = !__builtin_add_overflow(real_offset_ns, delta_ns,
					     &offset) &&
		     offset >= 0 && offset < latest;

	if (valid)
		set_offsets(offset, tai_offset_ns);
	write_sequnlock_irqrestore(&offset_lock, flags);
	if (!valid)
		return -EINVAL;
	ntp_clock_was_set();
	if (delta_ns)
		clock_was_set();
	return 0;
}

/* Let CLOCK_TAI be @seconds ahead of CLOCK_REALTIME. Context: any but NMI. */
void ktime_set_tai(int seconds)
{
	unsigned long flags = write_seqlock_irqsave(&offset_lock);
	int64_t old = tai_offset_ns;

	set_offsets(real_offset_ns, seconds * NSEC_PER_SEC);
	write_sequnlock_irqrestore(&offset_lock, flags);
	if (old != seconds * NSEC_PER_SEC)
		clock_offsets_changed();
}

/* Take out (1) or put in (-1) a leap second. Context: any but NMI. */
void ktime_leap(int seconds)
{
	unsigned long flags = write_seqlock_irqsave(&offset_lock);
	int64_t ns = seconds * NSEC_PER_SEC;

	set_offsets(real_offset_ns + ns, tai_offset_ns - ns);
	write_sequnlock_irqrestore(&offset_lock, flags);
	clock_was_set();
}

/*
 * Take a struct timespec from user space, unchecked.
 * Context: process; may sleep. Return: 0 or -EFAULT.
 */
int get_timespec(struct timespec *ts, const struct timespec __user *from)
{
	return copy_from_user(ts, from, sizeof(*ts)) ? -EFAULT : 0;
}

int put_timespec(const struct timespec *ts, struct timespec __user *to)
{
	return copy_to_user(to, ts, sizeof(*ts)) ? -EFAULT : 0;
}

int get_timeval(struct timeval *tv, const struct timeval __user *from)
{
	return copy_from_user(tv, from, sizeof(*tv)) ? -EFAULT : 0;
}

int put_timeval(const struct timeval *tv, struct timeval __user *to)
{
	return copy_to_user(to, tv, sizeof(*tv)) ? -EFAULT : 0;
}

/* After this: the wall clock is right to a second. Needs clock_init(). */
void __init timekeeping_init(void)
{
	time64_t now = rtc_read();

	ktime_set_real(now * NSEC_PER_SEC);
	pr_info("the wall clock starts at %lld s", (long long)now);
}
