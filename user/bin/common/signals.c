/*
 * Signals by name, as kill takes them.
 */
#include "common.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {
	[SIGHUP] = "HUP",	[SIGINT] = "INT",	[SIGQUIT] = "QUIT",
	[SIGILL] = "ILL",	[SIGTRAP] = "TRAP",	[SIGABRT] = "ABRT",
	[SIGBUS] = "BUS",	[SIGFPE] = "FPE",	[SIGKILL] = "KILL",
	[SIGUSR1] = "USR1",	[SIGSEGV] = "SEGV",	[SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE",	[SIGALRM] = "ALRM",	[SIGTERM] = "TERM",
	[SIGSTKFLT] = "STKFLT",	[SIGCHLD] = "CHLD",	[SIGCONT] = "CONT",
	[SIGSTOP] = "STOP",	[SIGTSTP] = "TSTP",	[SIGTTIN] = "TTIN",
	[SIGTTOU] = "TTOU",	[SIGURG] = "URG",	[SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ",	[SIGVTALRM] = "VTALRM",	[SIGPROF] = "PROF",
	[SIGWINCH] = "WINCH",	[SIGIO] = "IO",		[SIGPWR] = "PWR",
	[SIGSYS] = "SYS",
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

/*
 * The number of a signal given as a name, with or without SIG, or a number.
 *
 * Return: it, or -1; 0, which only asks whether a process exists, is allowed.
 */
int signal_by_name(const char *name)
{
	int sig = 0;

	if (isdigit((unsigned char)*name)) {
		for (; isdigit((unsigned char)*name); name++)
			sig = sig < NSIG ? 10 * sig + (*name - '0') : sig;
		return *name || sig >= NSIG ? -1 : sig;
	}
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (sig = 1; sig < NR_NAMES; sig++)
		if (strcasecmp(name, names[sig]) == 0)
			return sig;
	return -1;
}

/* The name of a signal without SIG, or NULL if it has none. */
const char *signal_name(int sig)
{
	return sig > 0 && sig < NR_NAMES ? names[sig] : NULL;
}
