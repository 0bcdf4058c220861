/*
 * rmdir: remove empty directories.
 *
 *	rmdir DIRECTORY...
 */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	no_options(argc, argv, "DIRECTORY...");
	if (optind == argc)
		usage("DIRECTORY...");
	for (int i = optind; i < argc; i++) {
		if (rmdir(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
