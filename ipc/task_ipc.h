/*
 * What fork, unshare and exit do with a task's semaphore undo list.
 *
 * The list goes on through execve(2): what the old program has taken, the new
 * one's end gives back.
 */
#pragma once

#include <keel/types.h>

struct task;

/*
 * Share current's list with @child (CLONE_SYSVSEM), or let it begin without
 * one. Return: 0 or -ENOMEM.
 */
int task_sem_undo_copy(struct task *child, uint64_t clone_flags);
/*
 * Leave the list: at exit, and for unshare(2) with CLONE_SYSVSEM. The last to
 * leave undoes what it says. Fine without one. Context: process.
 */
void task_sem_undo_drop(struct task *task);
