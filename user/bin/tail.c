/*
 * tail: the end of files.
 *
 *	tail [-n LINES] [FILE...]	10 lines if not told otherwise
 *
 * Reading forwards, one never knows which line will be among the last; so
 * the last few are kept, each new one taking the place of the oldest. There
 * are as many places as lines were read, until all that are wanted are there:
 * who asks for a million lines of a short file pays for a short file.
 */
#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"

struct line {
	char	*text;
	size_t	cap;
	ssize_t	len;
};

/* Line n is kept at place n % @limit; the first @size places are there. */
struct ring {
	struct line	*lines;
	size_t		size;
	size_t		limit;
};

static struct line *place_of(struct ring *ring, size_t number)
{
	size_t i = number % ring->limit, size = 2 * ring->size + 16;

	if (i < ring->size)
		return &ring->lines[i];
	if (size > ring->limit)
		size = ring->limit;
	ring->lines = reallocarray(ring->lines, size, sizeof(*ring->lines));
	if (!ring->lines)
		err(EXIT_FAILURE, "cannot keep %zu lines", size);
	memset(ring->lines + ring->size, 0,
	       (size - ring->size) * sizeof(*ring->lines));
	ring->size = size;
	return &ring->lines[i];
}

/* Read all the lines. Return: how many there were. */
static size_t read_lines(FILE *file, struct ring *ring)
{
	size_t number = 0;

	for (;;) {
		struct line *l = place_of(ring, number);

		l->len = getline(&l->text, &l->cap, file);
		if (l->len < 0)
			return number;
		number++;
	}
}

/* Print the last @count lines of a file and close it. Return: 0 or -1. */
static int tail(FILE *file, const char *name, size_t count)
{
	/* One place more than asked for: it takes the line being read. */
	struct ring ring = { .limit = count + 1 };
	size_t number = read_lines(file, &ring);
	int ret = close_input(file, name);

	/* The last lines before an error are not the last of the file. */
	for (size_t i = number > count ? number - count : 0;
	     ret == 0 && i < number; i++) {
		struct line *l = place_of(&ring, i);

		fwrite(l->text, 1, (size_t)l->len, stdout);
	}
	for (size_t i = 0; i < ring.size; i++)
		free(ring.lines[i].text);
	free(ring.lines);
	return ret;
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
	if (optind == argc && tail(stdin, "-", (size_t)count) < 0)
		status = EXIT_FAILURE;
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
		if (tail(file, argv[optind], (size_t)count) < 0)
			status = EXIT_FAILURE;
	}
	return finish_output(status);
}
