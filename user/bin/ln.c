/*
 * ln: give a file another name.
 *
 *	ln [-sf] FILE NEW_NAME
 *	ln [-sf] FILE... DIRECTORY
 *
 *	-s	a symbolic link: the new name holds the old one as text
 *	-f	replace what is there
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-sf] FILE... NAME_OR_DIRECTORY"

static int make_link(const char *from, const char *to, bool symbolic,
		     bool force)
{
	int ret;

	if (force && unlink(to) < 0 && errno != ENOENT) {
		warn("%s", to);
		return -1;
	}
	ret = symbolic ? symlink(from, to) : link(from, to);
	if (ret < 0)
		warn("cannot link %s to %s", to, from);
	return ret;
}

int main(int argc, char **argv)
{
	bool symbolic = false, force = false, into_dir;
	int opt, status = EXIT_SUCCESS;

	while ((opt = getopt(argc, argv, "sf")) != -1) {
		switch (opt) {
		case 's':
			symbolic = true;
			break;
		case 'f':
			force = true;
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

		if (make_link(argv[optind], to, symbolic, force) < 0)
			status = EXIT_FAILURE;
		free(to);
	}
	return status;
}
