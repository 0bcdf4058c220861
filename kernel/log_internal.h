/*
 * What the parts of the log share: kernel/log_ring.c, printk.c, console.c and
 * syslog.c.
 */
#pragma once

#include <keel/compiler.h>

/* The longest line on a console: time stamp, text, newline. */
#define CONSOLE_LINE_MAX	(LOG_LINE_MAX + 40)

void log_append(unsigned int level, unsigned int facility, const char *text,
		size_t len);
/* A panic has stopped everyone else: unfinished records stay so. */
bool log_is_final(void);
/* Deferred work waits: have it done by the next softirq. */
void log_defer(void);
/* Show what can be shown, if nobody else is showing. */
void console_flush(void);
void console_wake_waiters(void);
bool console_shows(unsigned int level);
void console_init(void);
