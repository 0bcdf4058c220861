/*
 * Clocks that count the CPU time of a process or thread, and timers on them.
 *
 * No hardware counts down while a certain process runs, so such a timer is
 * looked at by the tick of the CPU that the process runs on. It hangs on the
 * process it measures, whoever it belongs to.
 */
#pragma once

#include <keel/list.h>
#include <uapi/time.h>

struct task;
struct cpu_timers;

/*
 * One timer. Its function is called in the tick, once used time has reached
 * expires_ns, until it sets that to something else; interrupts are off and the
 * lock that keeps the timer on its list is held (RANK_CPU_TIMERS).
 */
struct cpu_timer {
	struct list_head	node;	/* empty: hangs nowhere */
	int			clock;	/* id with kind and thread bits */
	struct task		*task;	/* counted: whose time; NULL: unused */
	uint64_t		expires_ns;	/* 0: not armed; written once */
	void			(*fn)(struct cpu_timer *);
};

/* The clock id of the process's or thread's own clock, as one with a number. */
int cpu_clock_id(int clock);
struct task *cpu_clock_task(int id, bool for_reading);
int64_t cpu_clock_ns(int id, struct task *task);

void cpu_timer_init(struct cpu_timer *, int id, struct task *task,
		    void (*fn)(struct cpu_timer *));
int cpu_timer_attach(struct cpu_timer *);
void cpu_timer_release(struct cpu_timer *);
long cpu_sleep(int id, struct task *task, uint64_t expires_ns);

/* For the tick and the end of a process. */
void cpu_timers_tick(struct task *task);
void cpu_timers_free(struct cpu_timers *);
