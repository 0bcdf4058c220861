/*
 * tail: the end of files.
 *
 *	tail [-n LINES] [FILE...]	10 lines if not told otherwise
 *
 * Reading forwards, one never knows which line will be among the last; so
 * the last few are kept, each new one taking the place of the oldest.
 */
#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

struct line {
	char	*text;
	size_t	cap;
	ssize_t	len;
};

static void tail(FILE *file, size_t count)
{
	struct line *ring = calloc(count + 1, sizeof(*ring));
	size_t next = 0, kept = 0;

	if (!ring)
		err(EXIT_FAILURE, "cannot keep %zu lines", count);
	/* One place more than asked for: it takes the line being read. */
	while ((ring[next].len = getline(&ring[next].text, &ring[next].cap,
					 file)) >= 0) {
		next = (next + 1) % (count + 1);
		if (kept < count)
			kept++;
	}
	for (size_t i = 0; i < kept; i++) {
		struct line *l = &ring[(next + 1 + count - kept + i) %
				       (count + 1)];

		fwrite(l->text, 1, (size_t)l->len, stdout);
	}
	for (size_t i = 0; i <= count; i++)
		free(ring[i].text);
	free(ring);
}

int main(int argc, char **argv)
{
	long count = 10;
	int opt, status = EXIT_SUCCESS, first;

	if (argc > 1 && argv[1][0] == '-' &&
	    isdigit((unsigned char)argv[1][1])) {
		count = parse_number(argv[1] + 1, 0, INT_MAX);
		optind = 2;
	}
	while ((opt = getopt(argc, argv, "n:")) != -1) {
		if (opt == '?')
			usage("[-n LINES] [FILE...]");
		count = parse_number(optarg, 0, INT_MAX);
	}
	if (optind == argc)
		tail(stdin, (size_t)count);
	first = optind;
	for (; optind < argc; optind++) {
		FILE *file = open_input(argv[optind]);

		if (!file) {
			status = EXIT_FAILURE;
			continue;
		}
		if (argc - first > 1)
			printf("%s==> %s <==\n", optind > first ? "\n" : "",
			       argv[optind]);
		tail(file, (size_t)count);
		if (file != stdin)
			fclose(file);
	}
	return finish_output(status);
}
