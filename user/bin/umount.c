/*
 * umount: detach file systems from the tree.
 *
 *	umount [-lf] DIRECTORY...
 *
 *	-l	out of sight now, gone when nobody uses it any more
 *	-f	even if a server does not answer
 */
#include <err.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	int opt, flags = 0, status = EXIT_SUCCESS;

	while ((opt = getopt(argc, argv, "lf")) != -1) {
		switch (opt) {
		case 'l':
			flags |= MNT_DETACH;
			break;
		case 'f':
			flags |= MNT_FORCE;
			break;
		default:
			usage("[-lf] DIRECTORY...");
		}
	}
	if (optind == argc)
		usage("[-lf] DIRECTORY...");
	for (; optind < argc; optind++) {
		if (umount2(argv[optind], flags) < 0) {
			warn("%s", argv[optind]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
