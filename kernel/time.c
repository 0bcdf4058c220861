/*
 * The wall clock: CLOCK_MONOTONIC plus an offset.
 *
 * The offset is all there is to keep. It is read far more often than written
 * and is 64 bits wide, so a plain load is enough; the sequence count stands
 * around it for those who want offset and monotonic time of one moment.
 */
#define LOG_PREFIX "time"

#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <kernel/clock_timer.h>
#include <kernel/printk.h>
#include <kernel/seqlock.h>
#include <kernel/time.h>

static DEFINE_SEQLOCK(offset_lock, RANK_CLOCK_SET);
static int64_t real_offset_ns;	/* [offset_lock] real - monotonic */

/* What CLOCK_REALTIME is ahead of CLOCK_MONOTONIC. Context: any. */
int64_t ktime_real_offset_ns(void)
{
	return READ_ONCE(real_offset_ns);
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
	return clock_is_wall(clock) ? READ_ONCE(real_offset_ns) : 0;
}

/* What @clock, one that counts real time, says. Context: any. */
int64_t clock_now_ns(int clock)
{
	return clock_is_wall(clock) ? ktime_get_real_ns()
				    : (int64_t)ktime_get_ns();
}

/* Set the wall clock to @ns since 1970. Context: any but NMI. */
void ktime_set_real(int64_t ns)
{
	unsigned long flags = write_seqlock_irqsave(&offset_lock);

	WRITE_ONCE(real_offset_ns, ns - (int64_t)ktime_get_ns());
	vdso_set_real_offset(real_offset_ns);
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
