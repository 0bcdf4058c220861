/*
 * What processes have used, in the form getrusage(2), times(2) and wait4(2)
 * report it.
 */
#pragma once

struct rusage;
struct task;

void group_rusage(struct task *task, struct rusage *usage);
/* /proc/sys/fs/nr_open: the most RLIMIT_NOFILE may be raised to. */
extern int nr_open_limit;
