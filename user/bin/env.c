/*
 * env: show the environment, or run a program with a changed one.
 *
 *	env [-i] [-u NAME]... [NAME=VALUE]... [PROGRAM [ARGUMENT...]]
 *
 *	-i	begin with an empty one
 *	-u	take NAME out
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "iu:")) != -1) {
		switch (opt) {
		case 'i':
			clearenv();
			break;
		case 'u':
			if (unsetenv(optarg) < 0)
				err(125, "%s", optarg);
			break;
		default:
			usage("[-i] [-u NAME]... [NAME=VALUE]... "
			      "[PROGRAM [ARGUMENT...]]");
		}
	}
	for (; optind < argc && strchr(argv[optind], '='); optind++)
		if (putenv(argv[optind]) < 0)
			err(125, "%s", argv[optind]);
	if (optind < argc) {
		execvp(argv[optind], argv + optind);
		/* The shell's numbers: not found, or found and no use. */
		err(errno == ENOENT ? 127 : 126, "%s", argv[optind]);
	}
	for (char **p = environ; p && *p; p++)
		puts(*p);
	return finish_output(EXIT_SUCCESS);
}
