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
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-rpa] FILE... COPY_OR_DIRECTORY"

int main(int argc, char **argv)
{
	int opt, flags = 0, status = EXIT_SUCCESS;
	bool into_dir;

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
	into_dir = is_directory(argv[argc - 1]);
	if (argc - optind > 2 && !into_dir)
		errx(EXIT_FAILURE, "%s is not a directory", argv[argc - 1]);
	for (; optind < argc - 1; optind++) {
		char *to = target_path(argv[argc - 1], argv[optind], into_dir);

		if (copy_path(argv[optind], to, flags) < 0)
			status = EXIT_FAILURE;
		free(to);
	}
	return status;
}
