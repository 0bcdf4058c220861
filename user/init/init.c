/*
 * init: the first process, and the parent of all that have lost theirs.
 *
 * The kernel starts it by hand, as process 1, with no one to return to: if
 * it ended, the kernel would panic. It has three duties. It brings the system
 * into a state in which a person can work and keeps a shell on each console.
 * It reaps every orphan, since a dead process stays in the table until its
 * parent has asked how it ended. And it brings the system down in good order
 * when a signal says so:
 *
 *	SIGUSR1		halt			SIGTERM		reboot
 *	SIGUSR2		power off		SIGINT		reboot (the
 *						kernel, on Ctrl-Alt-Del)
 *
 * These are BusyBox's conventions, so its poweroff and ours are at home with
 * either init.
 *
 * All of it is one loop around sigsuspend. The signals are blocked except
 * while it waits there, so that none can come between looking at the flags
 * and going to sleep; a handler does nothing but note that it was called.
 */
#include "init.h"

#include <err.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t shutdown_signal;

static void note_shutdown(int sig)
{
	shutdown_signal = sig;
}

/* A handler is needed for sigsuspend to return; there is nothing to note. */
static void wake_up(int sig)
{
	(void)sig;
}

/*
 * Install the handlers, with every signal blocked from here on. To process 1
 * the kernel delivers only signals that it has a handler for.
 */
static void set_up_signals(void)
{
	static const int shutdown_signals[] = {
		SIGUSR1, SIGUSR2, SIGTERM, SIGINT,
	};
	const size_t nr_signals =
		sizeof(shutdown_signals) / sizeof(shutdown_signals[0]);
	struct sigaction act = { .sa_flags = SA_NOCLDSTOP };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	act.sa_mask = all;

	act.sa_handler = wake_up;
	sigaction(SIGCHLD, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	act.sa_handler = note_shutdown;
	for (size_t i = 0; i < nr_signals; i++)
		sigaction(shutdown_signals[i], &act, NULL);
}

static void reap_children(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		consoles_child_exited(pid);
}

int main(void)
{
	sigset_t none;

	if (getpid() != 1)
		errx(EXIT_FAILURE, "runs as process 1 only; see poweroff");

	set_up_signals();
	setup_system();
	reboot(RB_DISABLE_CAD);		/* Ctrl-Alt-Del: tell us by SIGINT */
	consoles_find();

	sigemptyset(&none);
	for (;;) {
		reap_children();
		if (shutdown_signal)
			shut_down(shutdown_signal);
		consoles_start_shells();
		sigsuspend(&none);
	}
}
