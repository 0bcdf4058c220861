/*
 * What most commands begin and end with; and reading words that somebody typed:
 * a number (all of the word, and in range), and a signal's name.
 */
#include "common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Open a file to read, - being the standard input. Return: it, or NULL. */
FILE *open_input(const char *name)
{
	FILE *file;

	if (strcmp(name, "-") == 0)
		return stdin;
	file = fopen(name, "re");
	if (!file)
		warn("%s", name);
	return file;
}

/*
 * Be done with a file from open_input. "End of file" and "cannot be read" look
 * alike to who reads: here the difference is found and reported. errno is
 * still the read's, so call it before anything else can fail.
 *
 * Return: 0 or -1.
 */
int close_input(FILE *file, const char *name)
{
	int ret = ferror(file) ? -1 : 0;

	if (ret < 0)
		warn("%s", file == stdin ? "standard input" : name);
	if (file != stdin)
		fclose(file);
	return ret;
}

/* Say how the program is called and end it. */
void usage(const char *text)
{
	fprintf(stderr, "usage: %s%s%s\n", program_invocation_short_name,
		*text ? " " : "", text);
	exit(2);
}

/*
 * For a program without options: refuse those it is given. What is not an
 * option begins at optind.
 */
void no_options(int argc, char **argv, const char *text)
{
	if (getopt(argc, argv, "") != -1)
		usage(text);
}

/* For a program that takes nothing at all. */
void no_arguments(int argc, char **argv)
{
	no_options(argc, argv, "");
	if (optind < argc)
		usage("");
}

/*
 * What main returns: @status, unless the output could not be written. A full
 * disk often shows only when the last buffer is flushed; a program that does
 * not look has lost data and says that all is well.
 */
int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	warn("standard output");
	return EXIT_FAILURE;
}

/* ---- numbers ---- */

/* Return: the number; ends the program if @text is none in [min, max]. */
long parse_number(const char *text, long min, long max)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	/* strtol would skip leading blanks; in a word they are a mistake. */
	if (end == text || *end || isspace((unsigned char)*text) || errno ||
	    value < min || value > max)
		errx(EXIT_FAILURE, "not a valid number: '%s'", text);
	return value;
}

/* ---- signals ---- */

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
