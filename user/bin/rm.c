/*
 * rm: remove files.
 *
 *	rm [-rf] FILE...
 *
 *	-r	directories too, with all that is in them
 *	-f	what does not exist is no error
 */
#include <err.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"

/* "rm -r .*" must not climb to the parent, nor remove where we stand. */
static bool is_dot(const char *path)
{
	char *copy = strdup(path);
	bool dot;

	if (!copy)
		err(EXIT_FAILURE, "%s", path);
	dot = strcmp(basename(copy), ".") == 0 ||
	      strcmp(basename(copy), "..") == 0;
	free(copy);
	return dot;
}

int main(int argc, char **argv)
{
	int opt, flags = 0, status = EXIT_SUCCESS;

	while ((opt = getopt(argc, argv, "rRf")) != -1) {
		switch (opt) {
		case 'r':
		case 'R':
			flags |= REMOVE_RECURSIVE;
			break;
		case 'f':
			flags |= REMOVE_FORCE;
			break;
		default:
			usage("[-rf] FILE...");
		}
	}
	if (optind == argc && !(flags & REMOVE_FORCE))
		usage("[-rf] FILE...");
	for (; optind < argc; optind++) {
		if (is_dot(argv[optind])) {
			warnx("refusing to remove '%s'", argv[optind]);
			status = EXIT_FAILURE;
		} else if (remove_path(argv[optind], flags) < 0) {
			status = EXIT_FAILURE;
		}
	}
	return status;
}
