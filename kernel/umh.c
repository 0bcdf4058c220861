/*
 * User-mode helpers: programs that the kernel itself starts.
 *
 * Some work is better done by a program than by a kernel: storing a core where
 * the administrator wants it, for one. Such a program runs as root, in /, with
 * nothing open, whoever the task is that needs it: so it must not be that
 * task's child, which would inherit its rights, limits, directory and files.
 *
 *	who needs it		kthreadd's children
 *	------------		-------------------
 *	umh_exec()
 *	  kthread_run() ------> launch()
 *	  |			  kernel_clone() ------> become_helper()
 *	  |			  ends			   prepare()
 *	  wait <------------------------------------------ kernel_execve()
 *							   to user mode
 *
 * A kernel thread never has a user half; so the launcher, which is one and has
 * everything from kthreadd, makes a task that may get one, as PID 1 was made,
 * and makes it kthreadd's child too. kthreadd ignores SIGCHLD: the helper
 * leaves no zombie.
 */
#include <kernel/umh.h>

#include <arch/current.h>
#include <fs/exec.h>
#include <keel/err.h>
#include <kernel/completion.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <uapi/sched.h>

/* On the stack of who waits. */
struct umh {
	const char *const	*argv;
	int			(*prepare)(void *);
	void			*data;
	int			err;
	struct completion	done;	/* it runs, or err says why not */
};

static void answer(struct umh *umh, int err)
{
	umh->err = err;
	complete(&umh->done);		/* @umh may be gone after this */
}

/* The helper begins here, and returns to user mode. */
static int become_helper(void *arg)
{
	static const char *const no_env[] = { NULL };
	struct umh *umh = arg;
	int err;

	/* kthreadd's family ignores all signals; a program does not. */
	spin_lock_irq(&current->sighand->lock);
	flush_signal_handlers(current, true);
	spin_unlock_irq(&current->sighand->lock);
	err = umh->prepare(umh->data);
	if (!err)
		err = kernel_execve(umh->argv[0], umh->argv, no_env);
	answer(umh, err);
	if (err)
		do_exit(0);
	return 0;
}

static int launch(void *arg)
{
	struct kernel_clone_args args = {
		.flags = CLONE_PARENT,
		.exit_signal = SIGCHLD,
		.fn = become_helper,
		.fn_arg = arg,
	};
	pid_t pid = kernel_clone(&args);

	if (pid < 0)
		answer(arg, pid);
	return 0;
}

/*
 * Run @argv, which ends in NULL; argv[0] is the path. @prepare(@data) runs in
 * the new task first, for what the program shall find.
 *
 * Context: process; sleeps until the program has taken over or failed to.
 * Return:  0; what @prepare or the exec returned; -ENOMEM, -EAGAIN.
 */
int umh_exec(const char *const *argv, int (*prepare)(void *), void *data)
{
	struct umh umh = { .argv = argv, .prepare = prepare, .data = data };
	struct task *launcher;

	completion_init(&umh.done);
	launcher = kthread_run(launch, &umh, "umh");
	if (IS_ERR(launcher))
		return PTR_ERR(launcher);
	wait_for_completion(&umh.done);
	return umh.err;
}
