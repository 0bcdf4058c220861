/*
 * Timers on the clocks that programs can name.
 *
 * A struct timer knows CLOCK_MONOTONIC only. A clock_timer is one that was
 * asked for on any clock that counts real time: it keeps its expiry in that
 * clock's own time, and when the clock is set it finds out whether that is now
 * earlier or later. timerfd and POSIX timers are made of these.
 *
 * Neither restarts by itself: an interval is served when somebody asks
 * (clock_timer_forward), and periods that nobody asked about are counted, not
 * rung for. No interval, however short, keeps a CPU in interrupts.
 */
#pragma once

#include <keel/list.h>
#include <kernel/timer.h>
#include <uapi/time.h>

struct wait_queue;

/* The owner's lock, which its function takes too, protects all but the node. */
struct clock_timer {
	struct timer		timer;
	struct list_head	wall_node;	/* [wall_lock] */
	int			clock;		/* whose time expires_ns is */
	bool			armed;		/* will ring */
	int64_t			expires_ns;
	uint64_t		interval_ns;	/* 0: once */
};

void clock_timer_init(struct clock_timer *, timer_fn *fn);
void clock_timer_set(struct clock_timer *, int clock, int64_t value_ns,
		     uint64_t interval_ns, bool absolute);
void clock_timer_arm(struct clock_timer *);
void clock_timer_stop(struct clock_timer *);
void clock_timer_finish(struct clock_timer *);
bool clock_timer_rings(struct clock_timer *);
uint64_t clock_timer_forward(struct clock_timer *, int64_t now_ns);
int64_t clock_timer_left(const struct clock_timer *);

/* The wall clock jumped. Those who sleep by it wait here. */
extern struct wait_queue clock_set_wait;
unsigned int clock_set_count(void);
void clock_offsets_changed(void);
void clock_was_set(void);
