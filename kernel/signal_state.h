/*
 * Whether a signal ends a sleep in a given state.
 */
#pragma once

#include <kernel/signal.h>
#include <kernel/wait.h>

static inline bool signal_pending_state(unsigned int state, struct task *task)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return false;
	if (!signal_pending(task))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(task);
}
