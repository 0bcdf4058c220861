/*
 * touch: set the times of files to now, and make those that do not exist.
 *
 *	touch [-c] FILE...		-c: make none
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

static int touch(const char *path, bool create)
{
	int fd;

	if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	if (!create)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_NOCTTY, 0666);
	return fd < 0 ? -1 : close(fd);
}

int main(int argc, char **argv)
{
	int opt, status = EXIT_SUCCESS;
	bool create = true;

	while ((opt = getopt(argc, argv, "c")) != -1) {
		if (opt == '?')
			usage("[-c] FILE...");
		create = false;
	}
	if (optind == argc)
		usage("[-c] FILE...");
	for (; optind < argc; optind++) {
		if (touch(argv[optind], create) < 0) {
			warn("%s", argv[optind]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
