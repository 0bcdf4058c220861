/*
 * poweroff, reboot, halt: bring the system down. One program, which does
 * what it is called.
 *
 *	poweroff [-f]
 *
 * Usually it only asks init, which stops all processes and unmounts all file
 * systems first. With -f, or if there is no init to ask, it is done at once.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "common/common.h"

static const struct action {
	const char	*name;
	int		signal;		/* what init understands */
	unsigned	command;	/* what the kernel does */
} actions[] = {
	{ "poweroff", SIGUSR2, RB_POWER_OFF },
	{ "halt", SIGUSR1, RB_HALT_SYSTEM },
	{ "reboot", SIGTERM, RB_AUTOBOOT },
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(name, actions[i].name) == 0)
			return &actions[i];
	return &actions[0];
}

int main(int argc, char **argv)
{
	const struct action *action =
		find_action(program_invocation_short_name);
	bool at_once = false;
	int opt;

	while ((opt = getopt(argc, argv, "f")) != -1) {
		if (opt == '?')
			usage("[-f]");
		at_once = true;
	}
	if (optind < argc)
		usage("[-f]");
	if (!at_once) {
		if (kill(1, action->signal) < 0)
			err(EXIT_FAILURE, "cannot ask init");
		return EXIT_SUCCESS;
	}
	sync();
	reboot((int)action->command);
	err(EXIT_FAILURE, "reboot");
}
