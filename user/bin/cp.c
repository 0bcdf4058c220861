/*
 * cp: copy files.
 *
 *	cp [-rp] FILE COPY
 *	cp [-rp] FILE... DIRECTORY
 *
 *	-r	directories too, with all that is in them
 *	-p	keep mode, owner and times
 *	-a	both
 */
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-rpa] FILE... COPY_OR_DIRECTORY"

int main(int argc, char **argv)
{
	int opt, flags = 0;

	while ((opt = getopt(argc, argv, "rRpa")) != -1) {
		switch (opt) {
		case 'r':
		case 'R':
			flags |= COPY_RECURSIVE;
			break;
		case 'p':
			flags |= COPY_PRESERVE;
			break;
		case 'a':
			flags |= COPY_RECURSIVE | COPY_PRESERVE;
			break;
		default:
			usage(USAGE);
		}
	}
	if (argc - optind < 2)
		usage(USAGE);
	return put_files(argv + optind, argc - optind, copy_path, flags);
}
