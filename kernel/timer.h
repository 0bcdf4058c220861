/*
 * Timers: call a function at a point of CLOCK_MONOTONIC, given in ns.
 *
 * Each CPU sorts its timers in a tree and programs its one-shot clock for the
 * first of them; there is no periodic interrupt underneath. A timer runs on
 * the CPU that started it, in interrupt context with interrupts off and no
 * lock held: do the least, and wake someone for the rest. It may start itself
 * again from its function; freeing the timer needs timer_cancel_sync() first.
 *
 * Who need not be punctual says so by a slack: the timer then joins another one
 * that is due in that time, and the clock rings once for both.
 *
 * The memory belongs to the caller; a struct timer is usually a member of what
 * it acts on, found again by container_of().
 */
#pragma once

#include <keel/compiler.h>
#include <lib/rbtree.h>

struct pt_regs;
struct timer;
typedef void timer_fn(struct timer *);

struct timer {
	struct rb_node		node;		/* [base lock] in the tree */
	uint64_t		expires_ns;	/* [base lock] */
	timer_fn		*fn;
	unsigned int		cpu;	/* [base lock] whose base; last one */
	bool			pending;	/* [base lock] in the tree */
};

void timer_init(struct timer *, timer_fn *fn);
void timer_start(struct timer *, uint64_t expires_ns);
void timer_start_slack(struct timer *, uint64_t expires_ns,
		       uint64_t slack_ns);
bool timer_cancel(struct timer *);
bool timer_cancel_sync(struct timer *);
bool timer_pending(const struct timer *);
uint64_t timer_expires(const struct timer *);

/* Sleeping: kernel/sleep.c. The state is the caller's, set before. */
int64_t schedule_timeout_ns(int64_t timeout_ns);
int64_t schedule_timeout_until(uint64_t deadline_ns);
void sleep_ns(uint64_t duration_ns);
int64_t sleep_ns_interruptible(uint64_t duration_ns);

/* Between here, the clock hardware and the scheduler. */
void timers_init(void);
void timer_interrupt(struct pt_regs *regs);
void timer_start_local(struct timer *, uint64_t expires_ns);
void timers_rate_changed(void);
bool timer_interrupted_user(void);
