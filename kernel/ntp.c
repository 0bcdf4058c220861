/*
 * The discipline of the clock.
 *
 * A clock is wrong in two ways: it goes at the wrong rate, and it is off by
 * some amount. A program that can compare it with better ones (ntpd, chrony)
 * tells the kernel both, and the kernel does not step the clock, which would
 * break everyone who measures, but bends it: for some seconds it goes a little
 * faster or slower. This file decides, second by second, by how much;
 * clock_set_rate() does it.
 *
 * The rate of a second is the sum of
 *  - the tick, a coarse correction by up to 10 %, and the frequency, a fine
 *    one by up to 500 millionths;
 *  - a part of the offset, the smaller the higher the time constant is, so
 *    that the offset melts exponentially (a phase-locked loop, whose other
 *    half corrects the frequency at each new offset);
 *  - of an adjtime(3), 500 us at most.
 *
 * The work of a second is done by a timer when the second begins, but only
 * while there is any: a clock that is just read wakes nobody. What grows with
 * time all by itself, the possible error, is computed when someone asks.
 *
 * Locking: ntp_lock for all of it; the rate is set under it.
 *
 * Source: man 2 adjtimex, RFC 5905; the arithmetic is that of RFC 1589.
 */
#define LOG_PREFIX "ntp"

#include <kernel/ntp.h>

#include <arch/clock.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/workqueue.h>
#include <uapi/errno.h>
#include <uapi/timex.h>

/* ns with 32 bits of fraction, in 64 bits */
#define SCALE_SHIFT		32
/* One of timex's 2^-16 millionths, as such a number of ns per second. */
#define FREQ_UNIT		(1000L << (SCALE_SHIFT - 16))

#define MAX_FREQ_NS		500000L		/* per second */
#define MAX_FREQ		(MAX_FREQ_NS << SCALE_SHIFT)
#define MAX_PHASE_NS		500000000L
#define MAX_ERROR_US		16000000L
#define ERROR_US_PER_SECOND	(MAX_FREQ_NS / NSEC_PER_USEC)
#define SLEW_US_PER_SECOND	500L
#define MAX_OWED		((NSEC_PER_SEC / 10) << SCALE_SHIFT)
/* With the greatest slew, 0.23 s per second, this is what 64 bits hold. */
#define MAX_OWED_SPAN		(8UL * NSEC_PER_SEC)
#define SLEW_NOISE		(64L << SCALE_SHIFT)
#define MAX_TIME_CONSTANT	10L
#define MAX_TAI_OFFSET		100000L
#define NOMINAL_TICK_US		(USEC_PER_SEC / USER_HZ)
#define SECONDS_PER_DAY		86400L

/* The gains of the loops, as powers of two. */
#define SHIFT_PLL		2
#define SHIFT_FLL		2
/* Offsets that come this rarely (s) say more about frequency than phase. */
#define MIN_FLL_SECONDS		256
#define MAX_PLL_SECONDS		2048

static DEFINE_SPINLOCK(ntp_lock, RANK_NTP);

/* All of it [ntp_lock]. */
static struct {
	int		status;		/* STA_* */
	int		state;		/* TIME_* without TIME_ERROR */
	long		maxerror_us;
	long		esterror_us;
	long		constant;
	long		tick_us;
	long		adjtime_us;	/* what is left of an adjtime(3) */
	int64_t		freq;		/* scaled ns per second */
	int64_t		offset;		/* scaled ns, to be worked off */
	int64_t		slew;	/* of it and of adjtime_us, in this second */
	uint64_t	slew_since;	/* CLOCK_MONOTONIC */
	time64_t	reference;	/* when the last offset was given */
	time64_t	second;		/* the wall clock's, that has begun */
	time64_t	leap_at;	/* the first one after a leap second */
} ntp = {
	.status = STA_UNSYNC,
	.state = TIME_OK,
	.maxerror_us = MAX_ERROR_US,
	.esterror_us = MAX_ERROR_US,
	.constant = 2,
	.tick_us = NOMINAL_TICK_US,
	.leap_at = INT64_MAX,
};

static void second_begins(struct timer *);
static struct timer second_timer = { .fn = second_begins };

static void set_alarms_anew(struct work *work __unused)
{
	timers_rate_changed();
}

static DEFINE_WORK(alarm_work, set_alarms_anew);

/* Towards zero, as the offset shall end there from both sides. */
static int64_t shift_right(int64_t value, unsigned int shift)
{
	return value < 0 ? -(-value >> shift) : value >> shift;
}

/* ---- the rate ------------------------------------------------------------ */

/* Make the clock go as the variables say. Locking: ntp_lock. */
static void apply_rate(void)
{
	int64_t tick_ns = (ntp.tick_us - NOMINAL_TICK_US) * USER_HZ *
			  NSEC_PER_USEC;
	int64_t extra = (tick_ns << SCALE_SHIFT) + ntp.freq + ntp.slew;

	/* Alarms were set for a slower clock, and would be late. */
	if (clock_set_rate(extra))
		schedule_work(&alarm_work);
}

/* The part of the offset that the next second works off. */
static int64_t offset_part(void)
{
	return shift_right(ntp.offset, SHIFT_PLL + ntp.constant);
}

static int64_t take_adjtime(void)
{
	long us = clamp(ntp.adjtime_us, -SLEW_US_PER_SECOND,
			SLEW_US_PER_SECOND);

	ntp.adjtime_us -= us;
	return (us * NSEC_PER_USEC) << SCALE_SHIFT;
}

/*
 * What the second that ends should have slewed but has not, because the timer
 * that ends it does not ring at the very nanosecond; after a pause of the whole
 * machine it may be much, and then it is negative. Shifted so as to fit.
 */
static int64_t slew_owed(uint64_t now)
{
	int64_t span = min(now - ntp.slew_since, MAX_OWED_SPAN);
	int64_t done = (ntp.slew >> 24) * (span >> 10) / NSEC_PER_SEC;
	int64_t owed = ntp.slew - done * (1L << 34);

	if (owed > -SLEW_NOISE && owed < SLEW_NOISE)
		return 0;
	return clamp(owed, -MAX_OWED, MAX_OWED);
}

/* Share out what is to be slewed in the second that begins. */
static void begin_slew(void)
{
	uint64_t now = ktime_get_ns();
	int64_t part = offset_part(), old = ntp.slew;

	ntp.slew = slew_owed(now) + part + take_adjtime();
	ntp.offset -= part;
	ntp.slew_since = now;
	if (ntp.slew != old)
		apply_rate();
}

/* ---- the seconds --------------------------------------------------------- */

/* The second before which the day of @second ends. */
static time64_t next_midnight(time64_t second)
{
	return second - second % SECONDS_PER_DAY + SECONDS_PER_DAY;
}

/*
 * The leap-second automaton, at the begin of @second.
 * Locking: ntp_lock. Return: how far the wall clock has to be set, in seconds.
 */
static int leap_step(time64_t second)
{
	switch (ntp.state) {
	case TIME_OK:
		if (ntp.status & STA_INS) {
			ntp.state = TIME_INS;
			ntp.leap_at = next_midnight(second);
		} else if (ntp.status & STA_DEL) {
			ntp.state = TIME_DEL;
			ntp.leap_at = next_midnight(second + 1) - 1;
		}
		break;
	case TIME_INS:
	case TIME_DEL:
		if (!(ntp.status &
		      (ntp.state == TIME_INS ? STA_INS : STA_DEL))) {
			ntp.leap_at = INT64_MAX;
			ntp.state = TIME_OK;
		} else if (second >= ntp.leap_at) {
			bool insert = ntp.state == TIME_INS;

			ntp.state = insert ? TIME_OOP : TIME_WAIT;
			if (!insert)
				ntp.leap_at = INT64_MAX;
			return insert ? -1 : 1;
		}
		break;
	case TIME_OOP:
		ntp.leap_at = INT64_MAX;
		ntp.state = TIME_WAIT;
		break;
	case TIME_WAIT:
		if (!(ntp.status & (STA_INS | STA_DEL)))
			ntp.state = TIME_OK;
		break;
	}
	return 0;
}

static void add_error(time64_t seconds)
{
	long room = MAX_ERROR_US - ntp.maxerror_us;

	if (seconds * ERROR_US_PER_SECOND <= room) {
		ntp.maxerror_us += seconds * ERROR_US_PER_SECOND;
	} else {
		ntp.maxerror_us = MAX_ERROR_US;
		ntp.status |= STA_UNSYNC;
	}
}

/* Has the next second anything to do but to be counted? */
static bool seconds_matter(void)
{
	return ntp.slew || ntp.adjtime_us || offset_part() ||
	       ntp.state != TIME_OK || (ntp.status & (STA_INS | STA_DEL));
}

/*
 * Do the work of the seconds that have begun since this was last called, and
 * see to it that it is done again when the next one does.
 * Locking: ntp_lock. Return: as leap_step().
 */
static int catch_up(void)
{
	int64_t now = ktime_get_real_ns(), next;
	time64_t second = now / NSEC_PER_SEC;
	int leap = 0;

	if (second > ntp.second) {
		add_error(min(second - ntp.second, MAX_ERROR_US));
		leap = leap_step(second);
		ntp.second = second + leap;
		if (seconds_matter())
			begin_slew();
	}
	if (seconds_matter()) {
		next = (ntp.second + 1 - leap) * NSEC_PER_SEC;
		timer_start(&second_timer, ktime_after(max(next - now, 1L)));
	}
	return leap;
}

/*
 * Bring the variables up to date. Setting the clock for a leap second wakes
 * those who wait for times on it, who have locks of their own: not under ours.
 */
static void run(void)
{
	unsigned long flags = spin_lock_irqsave(&ntp_lock);
	int leap = catch_up();

	spin_unlock_irqrestore(&ntp_lock, flags);
	if (!leap)
		return;
	pr_info("%s a leap second", leap < 0 ? "inserting" : "deleting");
	ktime_leap(leap);
}

static void second_begins(struct timer *timer __unused)
{
	run();
}

/*
 * The wall clock was set: what was known of its error is worth nothing now.
 * Only the rate of the counter stays as it was found to be.
 *
 * Context: any but NMI.
 */
void ntp_clock_was_set(void)
{
	SPIN_GUARD_IRQSAVE(&ntp_lock);

	ntp.adjtime_us = 0;
	ntp.offset = 0;
	ntp.slew = 0;
	ntp.status |= STA_UNSYNC;
	ntp.maxerror_us = MAX_ERROR_US;
	ntp.esterror_us = MAX_ERROR_US;
	ntp.leap_at = INT64_MAX;
	ntp.second = ktime_get_real_seconds();
	apply_rate();
	catch_up();
}

/* ---- what adjtimex(2) changes -------------------------------------------- */

static void set_status(int status)
{
	bool was_on = ntp.status & STA_PLL, on = status & STA_PLL;

	if (was_on && !on) {
		ntp.state = TIME_OK;
		ntp.leap_at = INT64_MAX;
		ntp.status = 0;
	} else if (!was_on && on) {
		ntp.reference = ktime_get_real_seconds();
	}
	ntp.status = (ntp.status & STA_RONLY) | (status & ~STA_RONLY);
}

/* What an offset after @seconds says about the frequency, if that is much. */
static int64_t fll_correction(int64_t offset_ns, long seconds)
{
	ntp.status &= ~STA_MODE;
	if (seconds < MIN_FLL_SECONDS ||
	    (!(ntp.status & STA_FLL) && seconds <= MAX_PLL_SECONDS))
		return 0;
	ntp.status |= STA_MODE;
	return (offset_ns << (SCALE_SHIFT - SHIFT_FLL)) / seconds;
}

/* The clock is behind true time by @offset, says who knows. */
static void set_offset(int64_t offset)
{
	time64_t now = ktime_get_real_seconds();
	long seconds = now - ntp.reference;
	int64_t freq;

	if (!(ntp.status & STA_PLL))
		return;
	if (!(ntp.status & STA_NANO))
		offset = clamp(offset, -USEC_PER_SEC, USEC_PER_SEC) *
			 NSEC_PER_USEC;
	offset = clamp(offset, -MAX_PHASE_NS, MAX_PHASE_NS);
	ntp.reference = now;
	if ((ntp.status & STA_FREQHOLD) || seconds < 0)
		seconds = 0;
	freq = ntp.freq + fll_correction(offset, seconds);
	/* Rare offsets would otherwise count for too much. */
	seconds = min(seconds, 1L << (SHIFT_PLL + 1 + ntp.constant));
	freq += (offset * seconds) *
		(1L << (SCALE_SHIFT - 2 * (SHIFT_PLL + 2 + ntp.constant)));
	ntp.freq = clamp(freq, -MAX_FREQ, MAX_FREQ);
	ntp.offset = offset * (1L << SCALE_SHIFT);
}

static void set_constant(long constant)
{
	if (!(ntp.status & STA_NANO))
		constant = min(constant, MAX_TIME_CONSTANT) + 4;
	ntp.constant = clamp(constant, 0L, MAX_TIME_CONSTANT);
}

/* Return: the seconds CLOCK_TAI is to be ahead by, or -1. */
static int change(const struct timex *tx)
{
	unsigned int modes = tx->modes;
	int tai = -1;

	if (modes & ADJ_STATUS)
		set_status(tx->status);
	if (modes & ADJ_NANO)
		ntp.status |= STA_NANO;
	if (modes & ADJ_MICRO)
		ntp.status &= ~STA_NANO;
	if (modes & ADJ_FREQUENCY)
		ntp.freq = clamp(tx->freq * FREQ_UNIT, -MAX_FREQ, MAX_FREQ);
	if (modes & ADJ_MAXERROR)
		ntp.maxerror_us = clamp(tx->maxerror, 0L, MAX_ERROR_US);
	if (modes & ADJ_ESTERROR)
		ntp.esterror_us = clamp(tx->esterror, 0L, MAX_ERROR_US);
	if (modes & ADJ_TIMECONST)
		set_constant(tx->constant);
	if ((modes & ADJ_TAI) && tx->constant >= 0 &&
	    tx->constant <= MAX_TAI_OFFSET)
		tai = tx->constant;
	if (modes & ADJ_OFFSET)
		set_offset(tx->offset);
	if (modes & ADJ_TICK)
		ntp.tick_us = tx->tick;
	if (modes & (ADJ_TICK | ADJ_FREQUENCY | ADJ_OFFSET))
		apply_rate();
	return tai;
}

static void fill_in(struct timex *tx)
{
	bool nano = ntp.status & STA_NANO;
	struct timespec now = ktime_get_real_ts();

	tx->freq = ntp.freq / FREQ_UNIT;
	tx->maxerror = ntp.maxerror_us;
	tx->esterror = ntp.esterror_us;
	tx->status = ntp.status;
	tx->constant = ntp.constant;
	tx->precision = 1;
	tx->tolerance = MAX_FREQ / FREQ_UNIT;
	tx->tick = ntp.tick_us;
	tx->ppsfreq = tx->jitter = tx->shift = tx->stabil = 0;
	tx->jitcnt = tx->calcnt = tx->errcnt = tx->stbcnt = 0;
	tx->tai = ktime_tai_seconds();
	tx->time.tv_sec = now.tv_sec;
	tx->time.tv_usec = now.tv_nsec / (nano ? 1 : NSEC_PER_USEC);
}

/* As adjtime(3) wants it. Locking: ntp_lock. */
static void exchange_adjtime(struct timex *tx)
{
	long old = ntp.adjtime_us;

	if (!(tx->modes & ADJ_OFFSET_READONLY))
		ntp.adjtime_us = tx->offset;
	tx->offset = old;
}

/*
 * Change what @tx->modes says, which has been checked, and fill in the rest.
 *
 * Context: process.
 * Return: TIME_*.
 */
int ntp_adjust(struct timex *tx)
{
	bool is_adjtime = tx->modes & ADJ_ADJTIME;
	unsigned long flags;
	int tai = -1, state;

	run();
	flags = spin_lock_irqsave(&ntp_lock);
	if (is_adjtime) {
		exchange_adjtime(tx);
	} else {
		tai = change(tx);
		tx->offset = shift_right(ntp.offset, SCALE_SHIFT);
		if (!(ntp.status & STA_NANO))
			tx->offset /= NSEC_PER_USEC;
	}
	catch_up();
	fill_in(tx);
	state = ntp.state;
	if (ntp.status & (STA_UNSYNC | STA_CLOCKERR))
		state = TIME_ERROR;
	spin_unlock_irqrestore(&ntp_lock, flags);
	if (tai >= 0) {
		ktime_set_tai(tai);
		tx->tai = tai;
	}
	return state;
}
