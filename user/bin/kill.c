/*
 * kill: send a signal to processes.
 *
 *	kill [-s SIGNAL | -SIGNAL] PID...	TERM if not told otherwise
 *	kill -l					list the signals
 *
 * A negative PID means a process group.
 */
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/common.h"

#define USAGE	"[-s SIGNAL | -SIGNAL] PID... | -l"

static void list_signals(void)
{
	for (int sig = 1; signal_name(sig); sig++)
		printf("%2d %s\n", sig, signal_name(sig));
}

static int parse_signal(const char *name)
{
	int sig = signal_by_name(name);

	if (sig < 0)
		errx(EXIT_FAILURE, "no such signal: '%s'", name);
	return sig;
}

/* Not getopt: it would take the -9 of "kill -9" and the -7 of a group apart. */
int main(int argc, char **argv)
{
	int sig = SIGTERM, i = 1, status = EXIT_SUCCESS;

	if (argc > 1 && strcmp(argv[1], "-l") == 0) {
		list_signals();
		return finish_output(EXIT_SUCCESS);
	}
	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		sig = parse_signal(argv[2]);
		i = 3;
	} else if (argc > 1 && argv[1][0] == '-' &&
		   strcmp(argv[1], "--") != 0) {
		sig = parse_signal(argv[1] + 1);
		i = 2;
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i == argc)
		usage(USAGE);
	for (; i < argc; i++) {
		if (kill((pid_t)parse_number(argv[i], INT_MIN, INT_MAX),
			 sig) < 0) {
			warn("%s", argv[i]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
