/*
 * Signals of input and output (O_ASYNC): a file tells its owner, by SIGIO or
 * a signal of its choice, when it becomes ready.
 *
 * What can tell keeps a list, which is NULL as long as nobody asked: the one
 * test that this costs who reads and writes. Its fasync op puts a file on the
 * list, or takes it off, by fasync_set(); it calls fasync_notify() when there
 * is news.
 */
#pragma once

#include <keel/atomic.h>

struct file;
struct fasync;
struct pid;

int fasync_set(int fd, struct file *file, bool on, struct fasync **list);
void fasync_notify_all(struct fasync **list, int code);
bool file_tell_urgent(struct file *file);
int file_set_owner(struct file *file, int who);
int file_get_owner(struct file *file);
/* For those who have an owner in mind if the program named none. */
int file_default_owner(struct file *file, struct pid *pid, int type);

/*
 * Tell those on @list of @code, one of POLL_IN etc. of <uapi/signal.h>.
 * Context: process; no lock held that is taken under that of the task list.
 */
static inline void fasync_notify(struct fasync **list, int code)
{
	if (unlikely(READ_ONCE(*list)))
		fasync_notify_all(list, code);
}
