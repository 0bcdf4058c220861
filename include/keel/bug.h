/*
 * Statements about ourselves: what must hold, and what happens if it does not.
 *
 * ASSERT is for our own mistakes and is always compiled in; DEBUG_ASSERT is
 * for the paths the benchmarks measure and exists in debug builds only. None
 * of them is ever an answer to user input, a device or lack of memory: those
 * get an errno.
 */
#pragma once

#include <keel/compiler.h>

/* kernel/panic.c; in host unit tests, tests/unit supplies them. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn __cold;
void assert_failed(const char *expr, const char *file, int line,
		   const char *func) __noreturn __cold;
void warn_failed(const char *expr, const char *file, int line,
		 const char *func) __cold;

#define ASSERT(cond) \
	((void)(likely(cond) || \
		(assert_failed(#cond, __FILE__, __LINE__, __func__), 0)))

#ifdef DEBUG
#define DEBUG_ASSERT(cond)	ASSERT(cond)
#else
#define DEBUG_ASSERT(cond)	((void)sizeof(!(cond)))
#endif

#define BUG()	assert_failed("reached", __FILE__, __LINE__, __func__)

/* True if @cond holds, which is reported, once per place: we can go on. */
#define WARN_ON(cond) ({ \
	static bool warned; \
	bool warn_cond = !!(cond); \
	if (unlikely(warn_cond) && !warned) { \
		warned = true; \
		warn_failed(#cond, __FILE__, __LINE__, __func__); \
	} \
	unlikely(warn_cond); })
