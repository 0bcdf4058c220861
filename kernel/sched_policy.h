/*
 * Changing how a task is scheduled; the readers are in kernel/sched.h.
 */
#pragma once

#include <keel/compiler.h>

struct task;

void set_task_policy(struct task *task, int policy, bool reset_on_fork);
