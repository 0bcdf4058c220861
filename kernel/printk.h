/*
 * printk: what the kernel has to say.
 *
 * A message goes into a ring of records, from where dmesg, /dev/kmsg and the
 * registered consoles read it. Any context may print, an NMI or a panic that
 * interrupted another printk included: writers reserve their place without a
 * lock, and consoles are only ever tried for, never waited for, so that a
 * message is delayed rather than a CPU.
 *
 * Each file says who it is before the first use:
 *
 *	#define LOG_PREFIX "mm"
 *	pr_info("%lu MiB usable in %u ranges", ...);
 *
 * prints "mm: 126 MiB usable in 3 ranges". A file whose messages stand for
 * themselves defines it as "". No newline at the end. pr_debug is silent
 * unless the prefix is in the list log=mm,fs on the command line.
 */
#pragma once

#include <keel/compiler.h>
#include <stdarg.h>

struct wait_queue;

/* Levels, as in syslog(3). */
#define LOGLEVEL_EMERG		0
#define LOGLEVEL_ALERT		1
#define LOGLEVEL_CRIT		2
#define LOGLEVEL_ERR		3
#define LOGLEVEL_WARNING	4
#define LOGLEVEL_NOTICE		5
#define LOGLEVEL_INFO		6
#define LOGLEVEL_DEBUG		7

void printk(int level, const char *prefix, const char *fmt, ...)
	__printf(3, 4);
void vprintk(int level, const char *prefix, const char *fmt, va_list args)
	__printf(3, 0);

#define pr_emerg(...)	printk(LOGLEVEL_EMERG, LOG_PREFIX, __VA_ARGS__)
#define pr_alert(...)	printk(LOGLEVEL_ALERT, LOG_PREFIX, __VA_ARGS__)
#define pr_crit(...)	printk(LOGLEVEL_CRIT, LOG_PREFIX, __VA_ARGS__)
#define pr_err(...)	printk(LOGLEVEL_ERR, LOG_PREFIX, __VA_ARGS__)
#define pr_warn(...)	printk(LOGLEVEL_WARNING, LOG_PREFIX, __VA_ARGS__)
#define pr_notice(...)	printk(LOGLEVEL_NOTICE, LOG_PREFIX, __VA_ARGS__)
#define pr_info(...)	printk(LOGLEVEL_INFO, LOG_PREFIX, __VA_ARGS__)
#define pr_debug(...)	printk(LOGLEVEL_DEBUG, LOG_PREFIX, __VA_ARGS__)

#define pr_once(print, ...) do { \
	static bool pr_said; \
	if (!pr_said) { \
		pr_said = true; \
		print(__VA_ARGS__); \
	} } while (0)
#define pr_warn_once(...)	pr_once(pr_warn, __VA_ARGS__)
#define pr_info_once(...)	pr_once(pr_info, __VA_ARGS__)

/* For what a user can provoke: at most 10 messages in 5 s from one place. */
struct ratelimit {
	uint64_t	start_ns;
	unsigned int	printed;
};

bool ratelimit_ok(struct ratelimit *);

#define pr_warn_ratelimited(...) do { \
	static struct ratelimit pr_limit; \
	if (ratelimit_ok(&pr_limit)) \
		pr_warn(__VA_ARGS__); \
	} while (0)

/*
 * A device that shows messages. write() gets whole lines, with "\n"; it is
 * called with the console lock held, in any context, so it must not sleep. In
 * a panic (@in_panic) it must not wait for a lock: its holder may be gone.
 */
struct console {
	const char	*name;		/* "ttyS", "tty", ...: as in console= */
	int		index;		/* the number behind it */
	unsigned int	flags;		/* CONSOLE_* */
	void		(*write)(struct console *, const char *text,
				 size_t len, bool in_panic);
	void		*private;
	dev_t		device;	/* the tty that /dev/console opens; 0: none */
	struct console	*next;		/* console lock */
	uint64_t	seq;		/* console lock: next record to show */
};

#define CONSOLE_BOOT	0x1	/* goes as soon as a real one registers */
#define CONSOLE_PREFERRED 0x2	/* the last console= names it */
#define CONSOLE_REPLAY	0x4	/* show what was said before it registered */
#define CONSOLE_ENABLED	0x8

void console_register(struct console *);
void console_unregister(struct console *);
bool console_wanted(const char *name, int index);
dev_t console_preferred_device(void);
void console_lock(void);
bool console_trylock(void);
void console_unlock(void);
void console_flush_panic(void);

/* Messages above this level (numerically) stay in the ring. */
extern int console_loglevel;

/*
 * Reading, for syslog(2) and /dev/kmsg. Records have sequence numbers without
 * gaps; a reader that is too slow finds its number gone and goes on with the
 * oldest one there is.
 */
struct log_record {
	uint64_t	seq;
	uint64_t	time_ns;	/* CLOCK_MONOTONIC */
	uint8_t		level;
	uint8_t		facility;	/* 0: kernel; 1: written to /dev/kmsg */
	uint32_t	caller;		/* thread id, or 0x80000000 + CPU */
	uint16_t	len;		/* of text, without a terminator */
};

#define LOG_LINE_MAX	1000	/* the longest text of one record */

ssize_t log_read(uint64_t *seq, struct log_record *, char *text, size_t size);
uint64_t log_first_seq(void);
uint64_t log_next_seq(void);
uint64_t log_clear_seq(void);
extern struct wait_queue log_wait;	/* woken when there is a new record */
size_t log_format_line(const struct log_record *, const char *text, char *out,
		       size_t size, bool with_level);
void log_store(unsigned int level, unsigned int facility, const char *text,
	       size_t len);
void log_clear(void);
size_t log_buffer_size(void);
/* Taking lines off, as syslog(2)'s READ does: for /proc/kmsg. */
bool log_can_take(void);
ssize_t log_take(char *buf, size_t size);

void log_init(void);
/* Around what must be seen although the machine may not survive it: oopses. */
void log_urgent_begin(void);
void log_urgent_end(void);
