/*
 * current: the task this CPU runs.
 *
 * The asm is neither volatile nor does it claim to read memory, so the
 * compiler may load it once per function. That is right although the per-CPU
 * word changes at every switch: to the code of one task it never changes.
 */
#pragma once

#include <arch/percpu.h>

static __always_inline struct task *get_current(void)
{
	struct task *task;

	__asm__("mov %%gs:%c1(%%rip), %0"
		: "=r"(task) : "i"(&pcpu_hot.current_task));
	return task;
}

#define current		get_current()
