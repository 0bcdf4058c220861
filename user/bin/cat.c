/*
 * cat: write files to the standard output, one after the other.
 *
 *	cat [FILE...]			- or nothing: the standard input
 *
 * It works with descriptors, not with FILEs: a buffer in between would only
 * delay what someone types.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"

static int cat_file(const char *name)
{
	int fd = STDIN_FILENO, ret;

	if (strcmp(name, "-") != 0)
		fd = open(name, O_RDONLY);
	if (fd < 0) {
		warn("%s", name);
		return -1;
	}
	ret = copy_data(fd, name, STDOUT_FILENO, "standard output");
	if (fd != STDIN_FILENO)
		close(fd);
	return ret;
}

int main(int argc, char **argv)
{
	int status = EXIT_SUCCESS;

	no_options(argc, argv, "[FILE...]");
	if (optind == argc)
		return cat_file("-") < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	for (int i = optind; i < argc; i++)
		if (cat_file(argv[i]) < 0)
			status = EXIT_FAILURE;
	return status;
}
