/*
 * head: the beginning of files.
 *
 *	head [-n LINES | -c BYTES] [FILE...]	10 lines if not told otherwise
 *
 * -5 is short for -n 5. Several files are announced by their names.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/common.h"

/* How much to show: @count lines, or bytes. */
struct amount {
	long	count;
	bool	bytes;
};

static void head(FILE *file, struct amount amount)
{
	int c;

	while (amount.count > 0 && (c = getc(file)) != EOF) {
		putchar(c);
		if (amount.bytes || c == '\n')
			amount.count--;
	}
}

static int head_files(char **names, int count, struct amount amount)
{
	int status = EXIT_SUCCESS;

	for (int i = 0; i < count; i++) {
		FILE *file = open_input(names[i]);

		if (!file) {
			status = EXIT_FAILURE;
			continue;
		}
		if (count > 1)
			printf("%s==> %s <==\n", i > 0 ? "\n" : "", names[i]);
		head(file, amount);
		if (close_input(file, names[i]) < 0)
			status = EXIT_FAILURE;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct amount amount = { .count = 10 };
	char input[] = "-", *no_names[] = { input };
	int opt;

	if (argc > 1 && argv[1][0] == '-' &&
	    isdigit((unsigned char)argv[1][1])) {
		amount.count = parse_number(argv[1] + 1, 0, LONG_MAX);
		optind = 2;
	}
	while ((opt = getopt(argc, argv, "n:c:")) != -1) {
		if (opt == '?')
			usage("[-n LINES | -c BYTES] [FILE...]");
		amount.count = parse_number(optarg, 0, LONG_MAX);
		amount.bytes = opt == 'c';
	}
	if (optind == argc)
		return finish_output(head_files(no_names, 1, amount));
	return finish_output(head_files(argv + optind, argc - optind, amount));
}
