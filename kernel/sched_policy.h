/*
 * Changing how a task is scheduled; the readers are in kernel/sched.h.
 */
#pragma once

#include <keel/types.h>

struct sched_attr;
struct task;

#define RR_SLICE_DEFAULT_MS	100
#define SCHED_DL_PERIOD_MAX_US	(1 << 22)

/* /proc/sys/kernel/sched_*: kernel/sched_rt.c, kernel/sched_deadline.c. */
extern int sched_rt_period_us, sched_rt_runtime_us, sched_rr_slice_ms;
extern int sched_dl_period_min_us, sched_dl_period_max_us;

uint64_t sched_rr_slice_ns(void);
/* Policy, priorities and parameters, as sched_setattr(2) has them. */
int sched_set_attr(struct task *, const struct sched_attr *, bool check);
void sched_get_params(struct task *, struct sched_attr *);
bool sched_same_owner(struct task *);

/* It was killed, and need not wait for its budget. Any context. */
void dl_let_die(struct task *);
