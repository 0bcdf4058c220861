/*
 * Interval timers of a process: alarm(2), setitimer(2).
 *
 * A struct itimers is made when a process first starts one, hangs on its
 * thread_group, and is freed with that.
 */
#pragma once

#include <keel/compiler.h>

struct task;
struct itimers;

/* Called by the tick: @task has used CPU time. Context: interrupts off. */
void itimers_tick(struct task *task, bool is_user);
