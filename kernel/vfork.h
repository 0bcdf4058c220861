/*
 * How vfork(2)'s parent waits for its child: see kernel/fork.c.
 */
#pragma once

#include <kernel/completion.h>

struct task;

struct vfork_wait {
	struct completion completion;
};

void vfork_complete(struct task *task);
