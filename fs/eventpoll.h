/*
 * epoll(7), as seen by the rest of the kernel. How it works: fs/eventpoll.c.
 */
#pragma once

struct file;

/* /proc/sys/fs/epoll/max_user_watches: of one user, in all instances. */
extern long epoll_max_user_watches;

/* The last reference to @file, which somebody watches, is gone. May sleep. */
void eventpoll_forget_file(struct file *file);
/* What file @instance watches as descriptor @fd; the @skip + 1st of several. */
const struct file *eventpoll_watched(struct file *instance, int fd,
				     unsigned long skip);
void eventpoll_init(void);
