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

	if (argc == 1)
		usage("DIRECTORY...");
	for (int i = 1; i < argc; i++) {
		if (rmdir(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
