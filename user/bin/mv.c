/*
 * mv: move or rename files.
 *
 *	mv FILE NEW_NAME
 *	mv FILE... DIRECTORY
 *
 * rename(2) does it all, and at one blow: whoever looks sees the old name or
 * the new one. Only between two file systems is a move a copy and a removal.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

static int move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return 0;
	if (errno != EXDEV) {
		warn("cannot move %s to %s", from, to);
		return -1;
	}
	/* rename would have replaced what is there. */
	if (remove_path(to, REMOVE_FORCE) < 0)
		return -1;
	if (copy_path(from, to, COPY_RECURSIVE | COPY_PRESERVE) < 0)
		return -1;	/* and the original stays */
	return remove_path(from, REMOVE_RECURSIVE);
}

int main(int argc, char **argv)
{
	int opt, status = EXIT_SUCCESS;
	bool into_dir;

	/* -f, "do not ask", is accepted: we never do. */
	while ((opt = getopt(argc, argv, "f")) != -1)
		if (opt == '?')
			usage("FILE... NAME_OR_DIRECTORY");
	if (argc - optind < 2)
		usage("FILE... NAME_OR_DIRECTORY");
	into_dir = is_directory(argv[argc - 1]);
	if (argc - optind > 2 && !into_dir)
		errx(EXIT_FAILURE, "%s is not a directory", argv[argc - 1]);
	for (; optind < argc - 1; optind++) {
		char *to = target_path(argv[argc - 1], argv[optind], into_dir);

		if (move(argv[optind], to) < 0)
			status = EXIT_FAILURE;
		free(to);
	}
	return status;
}
