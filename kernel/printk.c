/*
 * printk(): from a format to a record, and when it is shown.
 *
 * The text goes into the ring at once. Showing it on the consoles takes their
 * lock and that of the device, which the caller, for all we know, may hold
 * already or must not wait for. So a message is shown at once only where that
 * is harmless: with interrupts on, while there is nobody else yet (boot), or
 * if there may be no later (an oops, a panic). Otherwise, and for waking those
 * who read the log, a softirq does it as soon as this CPU is out of its
 * critical section.
 */
#define LOG_PREFIX "printk"

#include <keel/atomic.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/softirq.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/printf.h>
#include <lib/string.h>

#include "log_internal.h"

#define RATELIMIT_SPAN_NS	(5 * NSEC_PER_SEC)
#define RATELIMIT_BURST		10

DEFINE_WAIT_QUEUE(log_wait);

static atomic_t urgent;
/* log= is on the command line: pr_debug() has to look closer. */
static bool debug_wanted;

bool log_is_final(void)
{
	return in_panic();
}

void log_defer(void)
{
	this_cpu_or(softirq_bits, 1U << SOFTIRQ_LOG);
}

/* Show what is printed from here to log_urgent_end() at once. Nests. */
void log_urgent_begin(void)
{
	atomic_inc(&urgent);
}

void log_urgent_end(void)
{
	atomic_dec(&urgent);
}

static bool may_show_now(void)
{
	if (system_state == SYSTEM_BOOTING || atomic_read(&urgent) ||
	    in_panic())
		return true;
	return !irqs_disabled() && !in_nmi();
}

/*
 * Append a record and see that it is shown and its readers are woken. Used by
 * /dev/kmsg; the kernel itself says printk().
 *
 * Context: any.
 */
void log_store(unsigned int level, unsigned int facility, const char *text,
	       size_t len)
{
	log_append(level, facility, text, len);
	if (may_show_now())
		console_flush();
	log_defer();
}

/* One record per line: a reader of the log never meets a newline in a text. */
static void store_lines(unsigned int level, const char *text, size_t len)
{
	while (len > 0) {
		const char *newline = memchr(text, '\n', len);
		size_t line = newline ? (size_t)(newline - text) : len;

		log_append(level, 0, text, line);
		line += newline != NULL;
		text += line;
		len -= line;
	}
}

/*
 * Print a message at @level, as "@prefix: message"; without a prefix if that
 * is "". Use the pr_*() macros.
 *
 * Context: any, NMI and panic included.
 */
void vprintk(int level, const char *prefix, const char *fmt, va_list args)
{
	char text[LOG_LINE_MAX];
	size_t len = 0;

	if (level == LOGLEVEL_DEBUG &&
	    (!debug_wanted || !param_list_has("log", prefix)))
		return;
	if (*prefix)
		len = scnprintf(text, sizeof(text), "%s: ", prefix);
	len += vscnprintf(text + len, sizeof(text) - len, fmt, args);
	store_lines(level, text, len);
	if (may_show_now())
		console_flush();
	log_defer();
}

void printk(int level, const char *prefix, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprintk(level, prefix, fmt, args);
	va_end(args);
}

/*
 * Whether one more message may be printed: at most RATELIMIT_BURST of them in
 * each span. Two CPUs at once may get one too many through.
 *
 * Context: any.
 */
bool ratelimit_ok(struct ratelimit *limit)
{
	uint64_t now = ktime_get_ns();

	if (now - READ_ONCE(limit->start_ns) > RATELIMIT_SPAN_NS ||
	    !limit->start_ns) {
		limit->start_ns = now;
		limit->printed = 0;
	}
	return limit->printed++ < RATELIMIT_BURST;
}

static void log_softirq(void)
{
	console_flush();
	console_wake_waiters();
	wake_up_all(&log_wait);
}

/* After this: levels as on the command line. Needs params_init(). */
void __init log_init(void)
{
	debug_wanted = param_is_set("log");
	console_init();
	softirq_register(SOFTIRQ_LOG, log_softirq);
}
