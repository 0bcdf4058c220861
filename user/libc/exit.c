/*
 * Leaving a program: exit, atexit, abort and failed assertions.
 *
 * exit() runs the handlers in reverse order of registration, writes out
 * stdio's buffers and enters the kernel. _exit() does only the last, and is
 * what a forked child calls when its exec failed: the buffers it inherited
 * are its parent's to write.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "syscall.h"

struct exit_handler {
	struct exit_handler	*next;		/* registered before this one */
	void			(*run)(void);
};

static struct exit_handler *handlers;

/*
 * Have @handler called by exit(), before the handlers registered earlier.
 *
 * Return: 0, or -1 (ENOMEM).
 */
int atexit(void (*handler)(void))
{
	struct exit_handler *h = malloc(sizeof(*h));

	if (!h)
		return -1;
	h->run = handler;
	h->next = handlers;
	handlers = h;
	return 0;
}

/*
 * End the program in good order.
 *
 * A handler is unlinked before it runs, so one that registers another or
 * calls exit() again neither repeats nor skips any.
 */
void exit(int status)
{
	while (handlers) {
		struct exit_handler *h = handlers;

		handlers = h->next;
		h->run();
	}
	__stdio_exit();
	_exit(status);
}

/* End the process now. exit_group, since it ends all of its threads. */
void _exit(int status)
{
	for (;;)
		sys1(__NR_exit_group, status);
}

void _Exit(int status)
{
	_exit(status);
}

/*
 * End the program by SIGABRT, so that its parent sees that it went wrong.
 *
 * A handler may run first, but it cannot prevent the end: the signal is
 * sent once more with the default action restored.
 */
void abort(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	signal(SIGABRT, SIG_DFL);
	raise(SIGABRT);
	_exit(127);	/* not reached where signals work */
}

/* Report a failed assert() and abort. */
void __assert_fail(const char *cond, const char *file, int line,
		   const char *func)
{
	fflush(stdout);
	dprintf(STDERR_FILENO, "%s: %s:%d: %s: assertion failed: %s\n",
		program_invocation_short_name, file, line, func, cond);
	abort();
}
