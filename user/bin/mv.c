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
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

/* For put_files; there are no flags. */
static int move(const char *from, const char *to, int flags)
{
	(void)flags;
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
	int opt;

	/* -f, "do not ask", is accepted: we never do. */
	while ((opt = getopt(argc, argv, "f")) != -1)
		if (opt == '?')
			usage("FILE... NAME_OR_DIRECTORY");
	if (argc - optind < 2)
		usage("FILE... NAME_OR_DIRECTORY");
	return put_files(argv + optind, argc - optind, move, 0);
}
