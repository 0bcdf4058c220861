/*
 * Between processes and terminals: calls up through a registered table.
 */
#include <kernel/task_tty.h>

#include <keel/compiler.h>

static const struct task_tty_ops *tty_ops __ro_after_init;

/* For the tty layer, once, at boot. */
void __init task_tty_register(const struct task_tty_ops *ops)
{
	tty_ops = ops;
}

/* The child's reference to the terminal of @parent. Context: tasklist_lock. */
struct tty *task_tty_inherit(struct thread_group *parent)
{
	return tty_ops ? tty_ops->inherit(parent) : NULL;
}

/* Drop a process's reference; NULL is fine. Context: any. */
void task_tty_put(struct tty *tty)
{
	if (tty)
		tty_ops->put(tty);
}

/* A session's leader exits: its terminal hangs up. Context: process. */
void task_tty_leader_exit(void)
{
	if (tty_ops)
		tty_ops->leader_exit();
}

/* current has begun a session of its own. Context: process. */
void task_tty_forget(void)
{
	if (tty_ops)
		tty_ops->forget();
}

/*
 * The device number of @tty, a reference from task_tty_inherit(), and the
 * number of its foreground group. NULL: 0 and -1. Context: no locks held.
 */
dev_t task_tty_describe(struct tty *tty, pid_t *pgrp)
{
	*pgrp = -1;
	return tty ? tty_ops->describe(tty, pgrp) : 0;
}
