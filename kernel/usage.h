/*
 * What processes have used, in the form getrusage(2), times(2) and wait4(2)
 * report it.
 */
#pragma once

struct rusage;
struct task;

void group_rusage(struct task *task, struct rusage *usage);
