/*
 * Pieces of text, and of what is said in several files.
 */
#pragma once

#include <kernel/signal_types.h>

struct seq_file;
struct task;

/* The number of the parent; 0 for none, or once @task is released. */
pid_t proc_parent_nr(struct task *task);
/* Which signals are ignored, which have a handler. sighand->lock held. */
void proc_read_handlers(const struct sighand *sighand, sigset_t *ignored,
			sigset_t *caught);
/* comm, with newlines and backslashes escaped. */
void proc_show_name(struct seq_file *m, const struct task *task);
