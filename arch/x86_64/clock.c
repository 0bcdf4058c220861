/*
 * Telling the time, and the alarm clock of each CPU.
 *
 * A clock is a counter, its rate, and the time at one of its values. There are
 * two: the TSC, one instruction but only as good as the machine, and a slower
 * one to fall back on; when the TSC turns out to be bad the other is set to the
 * time it is and used from then on.
 *
 * The rate can be bent (clock_set_rate). The clock then starts anew from the
 * time it is, so that no reader sees it jump; but one that used the old rate
 * for a count after the start could see it ahead of what others see later. So
 * one word says whether the clock is being changed: readers look at it before
 * and after, and wait. An NMI cannot wait for what it may have interrupted, and
 * uses the clock as it was before the change.
 *
 * Rates are found by letting the counters run side by side and dividing. A
 * virtual machine that loses its CPU in the middle loses it for all of them,
 * so the ratio holds where a timed wait would not.
 */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <arch/vdso.h>
#include <keel/atomic.h>
#include <keel/bug.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <lib/string.h>

#include "clock_internal.h"
#include "internal.h"

#define LOG_PREFIX "clock"

#define NSEC_PER_SEC	1000000000UL
#define CALIBRATE_NS	10000000UL	/* 10 ms */
#define CALIBRATE_TRIES	5

struct clock {
	const struct clock_source *source;
	uint64_t	base_ns;	/* the time ... */
	uint64_t	base;		/* ... at this count */
	uint64_t	mult;		/* ns per count, times 2^32 */
	uint64_t	raw_ns;		/* the same, of the bare hardware */
	uint64_t	raw_mult;
	atomic_long_t	last;		/* count as 64 bits, if it wraps */
};

static uint64_t tsc_read(void)
{
	return rdtsc_ordered();
}

static struct clock_source tsc_source = {
	.name = "tsc", .read = tsc_read, .mask = ~0UL,
};

static DEFINE_SPINLOCK(clock_lock, RANK_CLOCK_RATE);

/*
 * What readers look at first and last: CLOCK_* bits, and a count of changes.
 * [clock_lock]
 */
static unsigned int clock_state = 0x2;
#define CLOCK_CHANGES	0x1	/* being changed */
#define CLOCK_IS_SLOW	0x2	/* not the TSC is used, or nothing yet */
#define CLOCK_COUNT	0x4

static struct clock tsc_clock = { .source = &tsc_source };
static struct clock fallback_clock;
/* What is used [clock_lock]; NULL until clock_init(): the time is 0. */
static struct clock *active;
static struct clock before_change;	/* [clock_lock] a copy, for NMIs */
static int64_t rate_extra;	/* [clock_lock] see clock_set_rate() */
/* The TSC at the first C code: the zero of the time. */
static uint64_t boot_tsc __ro_after_init;

/* tsc=reliable on the command line: take it as it is. */
static bool tsc_is_reliable __ro_after_init;

/* LAPIC timer counts per ns of hardware time, times 2^32. */
static uint64_t event_raw_mult __ro_after_init;
/* The same per ns of our time [clock_lock]. */
static uint64_t event_mult;
static uint64_t event_max_ns __ro_after_init;

/* @counts * @mult / 2^32 without losing the upper half. */
static inline uint64_t scale(uint64_t counts, uint64_t mult)
{
	return (unsigned __int128)counts * mult >> 32;
}

static inline uint64_t ratio(uint64_t num, uint64_t den)
{
	return (num << 32) / den;
}

/*
 * A counter that wraps, continued to 64 bits. `last` is read before the
 * counter, so the difference is never negative; whoever is overtaken by
 * another CPU tries again.
 */
static uint64_t read_wide(struct clock *clock)
{
	const struct clock_source *source = clock->source;
	long last = atomic_long_read(&clock->last);
	uint64_t now;

	if (source->mask == ~0UL)
		return source->read();
	do {
		smp_rmb();
		now = last + ((source->read() - last) & source->mask);
	} while (!atomic_long_try_cmpxchg(&clock->last, &last, now));
	return now;
}

static inline uint64_t mono_at(const struct clock *clock, uint64_t count)
{
	return clock->base_ns + scale(count - clock->base, clock->mult);
}

static inline uint64_t raw_at(const struct clock *clock, uint64_t count)
{
	return clock->raw_ns + scale(count - clock->base, clock->raw_mult);
}

static uint64_t read_as(struct clock *clock, bool raw)
{
	uint64_t count = read_wide(clock);

	return raw ? raw_at(clock, count) : mono_at(clock, count);
}

/* With another clock than the TSC, or while the clock is being changed. */
static noinline uint64_t read_slowly(bool raw)
{
	for (;;) {
		unsigned int state = smp_load_acquire(&clock_state);
		struct clock *clock = READ_ONCE(active);
		uint64_t ns;

		if (!clock)
			return 0;
		if (state & CLOCK_CHANGES) {
			/* Who changes it is below us, or was stopped. */
			if (in_nmi() || in_panic())
				return read_as(&before_change, raw);
			cpu_relax();
			continue;
		}
		ns = read_as(clock, raw);
		smp_rmb();
		if (READ_ONCE(clock_state) == state)
			return ns;
	}
}

uint64_t clock_mono_ns(void)
{
	unsigned int state = smp_load_acquire(&clock_state);

	if (likely(!(state & (CLOCK_CHANGES | CLOCK_IS_SLOW)))) {
		uint64_t ns = mono_at(&tsc_clock, rdtsc_ordered());

		smp_rmb();
		if (likely(READ_ONCE(clock_state) == state))
			return ns;
	}
	return read_slowly(false);
}

uint64_t clock_raw_ns(void)
{
	return read_slowly(true);
}

const char *clock_name(void)
{
	return active ? active->source->name : "none";
}

unsigned int clock_tsc_khz(void)
{
	return tsc_source.hz / 1000;
}

/* ---- changes ---- */

/* Readers wait from here ... Locking: clock_lock. */
static void begin_change(void)
{
	if (active)
		before_change = *active;
	smp_wmb();
	WRITE_ONCE(clock_state, clock_state | CLOCK_CHANGES);
	vdso_begin_clock();
	/* Counts that were read without seeing this are before ours. */
	smp_mb();
}

/*
 * What the hardware's ns are of ours, times 2^32. A clock below 1 GHz has more
 * than 2^32 for a factor, which ratio() has no room for.
 */
static uint64_t rate_ratio(const struct clock *clock)
{
	uint64_t raw = clock->raw_mult, mult = clock->mult;

	while (raw >> 32) {
		raw >>= 1;
		mult >>= 1;
	}
	return ratio(raw, mult);
}

/* ... to here. Locking: clock_lock. */
static void end_change(void)
{
	unsigned int state = (clock_state & ~CLOCK_CHANGES) + CLOCK_COUNT;
	const struct vdso_clock vdso = {
		.tsc_is_good = active == &tsc_clock,
		.base = active->base,
		.base_ns = active->base_ns,
		.mult = active->mult,
		.raw_ns = active->raw_ns,
		.raw_mult = active->raw_mult,
	};

	event_mult = scale(event_raw_mult, rate_ratio(active));
	if (active == &tsc_clock)
		state &= ~CLOCK_IS_SLOW;
	else
		state |= CLOCK_IS_SLOW;
	vdso_end_clock(&vdso);
	smp_store_release(&clock_state, state);
}

/* ns per count, if the hardware says @raw_mult. */
static uint64_t bend(uint64_t raw_mult, int64_t extra)
{
	/* 2^32 times the part of a second that is gained; 2^30 at most. */
	int64_t part = extra / (int64_t)NSEC_PER_SEC;

	return raw_mult + (int64_t)((__int128)raw_mult * part >> 32);
}

/* Set @clock to what is now, and use it. */
static void clock_start(struct clock *clock, uint64_t now_ns, uint64_t raw_ns)
{
	const struct clock_source *source = clock->source;

	clock->raw_mult = ratio(NSEC_PER_SEC, source->hz);
	clock->mult = bend(clock->raw_mult, rate_extra);
	atomic_long_set(&clock->last, source->read());
	clock->base = atomic_long_read(&clock->last);
	clock->base_ns = now_ns;
	clock->raw_ns = raw_ns;
	WRITE_ONCE(active, clock);
}

bool clock_set_rate(int64_t extra)
{
	struct clock *clock;
	bool is_faster;
	uint64_t count, now;

	SPIN_GUARD_IRQSAVE(&clock_lock);
	clock = active;
	is_faster = extra > rate_extra;
	if (extra == rate_extra || !clock)
		return false;
	begin_change();
	rate_extra = extra;
	count = read_wide(clock);
	now = mono_at(clock, count);
	clock->raw_ns = raw_at(clock, count);
	clock->base = count;
	clock->base_ns = now;
	clock->mult = bend(clock->raw_mult, extra);
	end_change();
	return is_faster;
}

/*
 * Stop trusting the TSC. The time goes on from where it is on this CPU.
 *
 * Context: any, irqs off; before any CPU whose TSC differs has read the time.
 */
void clock_tsc_is_bad(const char *why)
{
	uint64_t count;

	if (active != &tsc_clock || tsc_is_reliable)
		return;
	if (!fallback_clock.source) {
		pr_warn("TSC %s, but there is no other clock", why);
		return;
	}
	pr_warn("TSC %s, using %s", why, fallback_clock.source->name);
	SPIN_GUARD_IRQSAVE(&clock_lock);
	if (active != &tsc_clock)
		return;
	begin_change();
	count = rdtsc_ordered();
	clock_start(&fallback_clock, mono_at(&tsc_clock, count),
		    raw_at(&tsc_clock, count));
	end_change();
}

/* ---- the watchdog ---- */

#define WATCHDOG_PERIOD_NS	NSEC_PER_SEC
/* Let pass what a delay between two reads explains, and 1/16 of the span. */
#define WATCHDOG_SLACK_NS	1000000UL

static uint64_t watchdog_last_ns, watchdog_last_count;

/*
 * Compare the TSC's idea of the last second or so with the other counter's.
 * The check rides on timer interrupts that come anyway.
 *
 * Context: timer interrupt of the boot CPU.
 */
void clock_watchdog(void)
{
	const struct clock_source *other = fallback_clock.source;
	uint64_t now, count, span, other_span, limit;

	if (active != &tsc_clock || !other || tsc_is_reliable ||
	    smp_processor_id() != 0)
		return;
	now = clock_raw_ns();
	span = now - watchdog_last_ns;
	if (span < WATCHDOG_PERIOD_NS)
		return;
	count = other->read();
	other_span = scale((count - watchdog_last_count) & other->mask,
			   ratio(NSEC_PER_SEC, other->hz));
	/* After a long sleep a narrow counter may have wrapped unseen. */
	limit = other->mask == ~0UL ? ~0UL :
		scale(other->mask, ratio(NSEC_PER_SEC, other->hz)) / 2;
	if (watchdog_last_ns && span < limit) {
		uint64_t diff = span > other_span ? span - other_span :
						    other_span - span;

		if (diff > WATCHDOG_SLACK_NS + span / 16) {
			clock_tsc_is_bad("runs at a varying rate");
			return;
		}
	}
	watchdog_last_ns = now;
	watchdog_last_count = count;
}

/* ---- the alarm ---- */

/*
 * The count is rounded up, so that a short alarm is not early; a long one may
 * be, because the counter has 32 bits, or because a clock that wraps wants to
 * be read in time.
 */
static void start_timer(uint64_t delta_ns)
{
	uint64_t mult = READ_ONCE(event_mult);
	uint64_t count = scale(min(delta_ns, event_max_ns), mult) + 1;

	apic_timer_start(min(count, 0xffffffffUL));
}

void clock_event_set(uint64_t deadline_ns)
{
	uint64_t now = clock_mono_ns();

	start_timer(deadline_ns > now ? deadline_ns - now : 0);
}

void clock_event_stop(void)
{
	if (active != &tsc_clock && active->source->mask != ~0UL)
		start_timer(event_max_ns);
	else
		apic_timer_stop();
}

/* ---- calibration ---- */

/* Three counters at (nearly) one moment. */
struct sample {
	uint64_t	ref, tsc;
	uint32_t	apic;	/* counts down */
};

/* Of several readings, the one that took least time is the best. */
static __init struct sample take_sample(const struct clock_source *ref)
{
	struct sample best = { 0 };
	uint64_t best_span = ~0UL;

	for (int i = 0; i < CALIBRATE_TRIES; i++) {
		struct sample s;
		uint64_t start = rdtsc_ordered(), span;

		s.ref = ref->read();
		s.apic = apic_timer_count();
		s.tsc = rdtsc_ordered();
		span = s.tsc - start;
		if (span < best_span) {
			best_span = span;
			best = s;
		}
	}
	return best;
}

/* Measure TSC and LAPIC timer against @ref. */
static __init void calibrate(const struct clock_source *ref)
{
	uint64_t want = scale(CALIBRATE_NS, ratio(ref->hz, NSEC_PER_SEC));
	uint64_t refs, tscs, apics;
	struct sample a, b;

	apic_timer_start(0xffffffff);
	a = take_sample(ref);
	do {
		cpu_relax();
	} while (((ref->read() - a.ref) & ref->mask) < want);
	b = take_sample(ref);
	apic_timer_stop();
	refs = (b.ref - a.ref) & ref->mask;
	tscs = b.tsc - a.tsc;
	apics = a.apic - b.apic;
	if (apics == 0)
		panic("the local APIC's timer does not count");
	tsc_source.hz = tscs * ref->hz / refs;
	event_raw_mult = ratio(apics * ref->hz / refs, NSEC_PER_SEC);
	event_max_ns = ((uint64_t)0xffffffff << 32) / event_raw_mult;
	pr_info("TSC %lu.%03lu MHz, APIC timer %lu.%03lu MHz, by %s",
		tsc_source.hz / 1000000, tsc_source.hz / 1000 % 1000,
		apics * ref->hz / refs / 1000000,
		apics * ref->hz / refs / 1000 % 1000, ref->name);
}

/* A counter that wraps has to be read before it does it twice. */
static __init void limit_alarm(void)
{
	if (fallback_clock.source && fallback_clock.source->mask != ~0UL)
		event_max_ns = min(event_max_ns, NSEC_PER_SEC);
}

/* Another clock than the TSC, if the command line asks for one. */
static __init void choose_clock(void)
{
	const char *wanted = param_get("clocksource");

	tsc_is_reliable = param_list_has("tsc", "reliable");
	if (!wanted || strcmp(wanted, tsc_source.name) == 0)
		return;
	if (strcmp(wanted, acpi_pm_clock.name) == 0 && acpi_pm_clock.read)
		fallback_clock.source = &acpi_pm_clock;
	if (fallback_clock.source &&
	    strcmp(wanted, fallback_clock.source->name) == 0)
		clock_tsc_is_bad("not wanted");
	else
		pr_warn("there is no clock %s", wanted);
	limit_alarm();
}

__init void clock_note_boot(void)
{
	boot_tsc = rdtsc();
}

/*
 * Find the counters, measure, and start the clock.
 *
 * Context: boot; after acpi_init() and irq_init().
 */
__init void clock_init(void)
{
	const struct clock_source *ref = &pit_clock;
	unsigned long flags;

	hpet_init();
	acpi_pm_init();
	pit_init();
	if (acpi_pm_clock.read)
		ref = fallback_clock.source = &acpi_pm_clock;
	if (hpet_clock.read)
		ref = fallback_clock.source = &hpet_clock;
	calibrate(ref);
	limit_alarm();
	flags = spin_lock_irqsave(&clock_lock);
	begin_change();
	clock_start(&tsc_clock, 0, 0);
	tsc_clock.base = boot_tsc;
	end_change();
	spin_unlock_irqrestore(&clock_lock, flags);
	choose_clock();
}

/*
 * Busy for @us microseconds. Before there is a clock, an I/O port access is
 * taken for one, which it is at least.
 *
 * Context: any.
 */
void delay_us(unsigned long us)
{
	uint64_t start = clock_mono_ns();

	if (!active) {
		while (us--)
			io_delay();
		return;
	}
	while (clock_mono_ns() - start < us * 1000)
		cpu_relax();
}
