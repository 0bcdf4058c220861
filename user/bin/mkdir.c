/*
 * mkdir: make directories.
 *
 *	mkdir [-p] [-m MODE] DIRECTORY...
 *
 *	-p	make the missing ones above too; existing ones are fine
 *	-m	permissions, in octal
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

/*
 * Whatever the umask says, the owner must be able to work in it: else the
 * directory below could not be made.
 */
static int make_usable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	return chmod(path, (st.st_mode & 07777) | S_IWUSR | S_IXUSR);
}

/*
 * Make the directories above @path, by ending the string at each slash in
 * turn.
 */
static int make_parents(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		int ret;

		*p = '\0';
		ret = mkdir(path, 0777);
		if (ret == 0)
			ret = make_usable(path);
		else if (errno == EEXIST)
			ret = 0;
		*p = '/';
		if (ret < 0)
			return -1;
	}
	return 0;
}

static int make(char *path, mode_t mode, bool parents)
{
	if (parents && make_parents(path) < 0)
		return -1;
	if (mkdir(path, mode) == 0)
		return 0;
	return parents && errno == EEXIST && is_directory(path) ? 0 : -1;
}

int main(int argc, char **argv)
{
	int opt, status = EXIT_SUCCESS;
	bool parents = false;
	mode_t mode = 0777;
	char *end;

	while ((opt = getopt(argc, argv, "pm:")) != -1) {
		switch (opt) {
		case 'p':
			parents = true;
			break;
		case 'm':
			mode = (mode_t)strtoul(optarg, &end, 8);
			if (end == optarg || *end || mode > 07777)
				errx(EXIT_FAILURE, "not a mode: '%s'", optarg);
			umask(0);
			break;
		default:
			usage("[-p] [-m MODE] DIRECTORY...");
		}
	}
	if (optind == argc)
		usage("[-p] [-m MODE] DIRECTORY...");
	for (; optind < argc; optind++) {
		if (make(argv[optind], mode, parents) < 0) {
			warn("%s", argv[optind]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
