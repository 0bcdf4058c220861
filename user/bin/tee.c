/*
 * tee: copy the standard input to the standard output and to files.
 *
 *	tee [-a] [FILE...]		-a: append to the files
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

/* Write to one output; one that has failed is left out from then on. */
static int write_to(int *fd, const char *name, const char *data, size_t n)
{
	while (*fd >= 0 && n > 0) {
		ssize_t done = write(*fd, data, n);

		if (done < 0) {
			warn("%s", name);
			*fd = -1;
			return -1;
		}
		data += done;
		n -= (size_t)done;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int opt, status = EXIT_SUCCESS, flags = O_TRUNC, count, *fds;
	char buf[4096];
	ssize_t n;

	while ((opt = getopt(argc, argv, "a")) != -1) {
		if (opt == '?')
			usage("[-a] [FILE...]");
		flags = O_APPEND;
	}
	/* From here on name i, of count, is that of output i. */
	argv += optind - 1;
	count = argc - optind + 1;
	argv[0] = (char *)"standard output";
	fds = calloc((size_t)count, sizeof(*fds));
	if (!fds)
		err(EXIT_FAILURE, "calloc");
	fds[0] = STDOUT_FILENO;
	for (int i = 1; i < count; i++) {
		fds[i] = open(argv[i], O_WRONLY | O_CREAT | flags, 0666);
		if (fds[i] < 0) {
			warn("%s", argv[i]);
			status = EXIT_FAILURE;
		}
	}
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		for (int i = 0; i < count; i++)
			if (write_to(&fds[i], argv[i], buf, (size_t)n) < 0)
				status = EXIT_FAILURE;
	if (n < 0)
		err(EXIT_FAILURE, "standard input");
	return status;
}
