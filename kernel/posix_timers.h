/*
 * POSIX timers of a process: timer_create(2) and its kin.
 */
#pragma once

struct posix_timer;
struct posix_timers;
struct seq_file;
struct siginfo;
struct task;

/* The end of all timers of current's process: exec, or its last thread ends. */
void posix_timers_exit(void);
/* Of a process that is gone. NULL is allowed. */
void posix_timers_free(struct posix_timers *);
/* /proc/PID/timers. */
int posix_timers_show(struct seq_file *m, struct task *task);

/* Between here and the queues of signals. Locking: sighand->lock. */
void posix_timer_delivered(struct posix_timer *, struct siginfo *info);
void posix_timer_dropped(struct posix_timer *);
