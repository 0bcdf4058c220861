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
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-sf] FILE... NAME_OR_DIRECTORY"

enum link_flags { LINK_SYMBOLIC = 1, LINK_FORCE = 2 };

static int make_link(const char *from, const char *to, int flags)
{
	int ret;

	if ((flags & LINK_FORCE) && unlink(to) < 0 && errno != ENOENT) {
		warn("%s", to);
		return -1;
	}
	ret = flags & LINK_SYMBOLIC ? symlink(from, to) : link(from, to);
	if (ret < 0)
		warn("cannot link %s to %s", to, from);
	return ret;
}

int main(int argc, char **argv)
{
	int opt, flags = 0;

	while ((opt = getopt(argc, argv, "sf")) != -1) {
		switch (opt) {
		case 's':
			flags |= LINK_SYMBOLIC;
			break;
		case 'f':
			flags |= LINK_FORCE;
			break;
		default:
			usage(USAGE);
		}
	}
	if (argc - optind < 2)
		usage(USAGE);
	return put_files(argv + optind, argc - optind, make_link, flags);
}
