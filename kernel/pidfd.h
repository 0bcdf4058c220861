/*
 * Pidfds: descriptors that stand for a process.
 *
 * A pidfd holds a struct pid, so it means one process for ever, however often
 * the number is given out again. It keeps nothing of the process alive.
 */
#pragma once

struct file;
struct pid;

/* A pidfd for @pid, not yet installed: *@file and the reserved number. */
int pidfd_prepare(struct pid *pid, int flags, struct file **file);
/* The pid a pidfd is of, counted; *@flags gets its O_*. ERR_PTR(-EBADF). */
struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags);
/* The process has ended, all of it: wakes pollers. tasklist_lock held. */
void pidfd_notify(struct pid *pid);
