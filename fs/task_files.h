/*
 * What fork, exec and exit do with a task's descriptors and directories.
 */
#pragma once

#include <keel/types.h>

struct task;

/*
 * Give @child files and fs: shared with current's by CLONE_FILES and CLONE_FS,
 * else copied. Return: 0; -ENOMEM with nothing left to undo.
 */
int task_files_copy(struct task *child, uint64_t clone_flags);
/* Drop both; fine if they are NULL. May sleep: closes files. */
void task_files_drop(struct task *task);

/*
 * execve(2), before the point of no return: a table nobody else uses.
 * Return: 0 or -ENOMEM.
 */
int files_unshare_for_exec(void);
/* And after it: close what is marked close-on-exec. */
void files_close_on_exec(void);

/* unshare(2): CLONE_FILES, CLONE_FS. 0 or -ENOMEM. */
int task_files_unshare(uint64_t clone_flags);
