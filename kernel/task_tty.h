/*
 * What fork and exit ask of terminals, without knowing them: the tty layer
 * registers its functions (drivers/tty), and until then there are no ttys.
 */
#pragma once

#include <keel/types.h>

struct thread_group;
struct tty;

struct task_tty_ops {
	/* A counted reference to the parent's terminal, or NULL. Atomic. */
	struct tty *(*inherit)(struct thread_group *parent);
	/* The process is gone: drop its reference. Atomic. */
	void (*put)(struct tty *tty);
	/* current leads a session and is exiting: hang up. May sleep. */
	void (*leader_exit)(void);
	/* current called setsid(2): it has no terminal now. Atomic. */
	void (*forget)(void);
	/* Its number, and *@pgrp, its foreground group. Takes its locks. */
	dev_t (*describe)(struct tty *tty, pid_t *pgrp);
};

void task_tty_register(const struct task_tty_ops *ops);
struct tty *task_tty_inherit(struct thread_group *parent);
void task_tty_put(struct tty *tty);
void task_tty_leader_exit(void);
void task_tty_forget(void);
dev_t task_tty_describe(struct tty *tty, pid_t *pgrp);
