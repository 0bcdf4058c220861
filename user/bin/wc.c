/*
 * wc: count lines, words and bytes.
 *
 *	wc [-lwc] [FILE...]		all three if not told otherwise
 *
 * The columns are as wide as the largest number they could have to hold, the
 * sum of the files' sizes; 7 where a size cannot be known.
 */
#include <ctype.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

enum { LINES = 1, WORDS = 2, BYTES = 4, ALL = 7 };

struct counts {
	unsigned long	lines;
	unsigned long	words;
	unsigned long	bytes;
};

static struct counts count_file(FILE *file)
{
	struct counts n = { 0 };
	bool in_word = false;
	int c;

	while ((c = getc(file)) != EOF) {
		n.bytes++;
		n.lines += c == '\n';
		if (isspace(c)) {
			in_word = false;
		} else if (!in_word) {
			in_word = true;
			n.words++;
		}
	}
	return n;
}

static void print(const struct counts *n, int what, int width,
		  const char *name)
{
	const unsigned long columns[] = { n->lines, n->words, n->bytes };
	const char *gap = "";

	for (int i = 0; i < 3; i++) {
		if (what & 1 << i) {
			printf("%s%*lu", gap, width, columns[i]);
			gap = " ";
		}
	}
	if (name)
		printf(" %s", name);
	putchar('\n');
}

/* No @names: the standard input is counted. */
static int column_width(char **names, int count, int what)
{
	bool one_column = (what & (what - 1)) == 0;
	long total = 0;
	int width = 1;

	if (one_column && count <= 1)
		return 1;
	for (int i = 0; i < count || i == 0; i++) {
		struct stat st;

		if (count == 0 ? fstat(STDIN_FILENO, &st) < 0
			       : stat(names[i], &st) < 0)
			continue;
		if (!S_ISREG(st.st_mode))
			return 7;
		total += st.st_size;
	}
	for (; total >= 10; total /= 10)
		width++;
	return width;
}

static int count_files(char **names, int count, int what)
{
	int width = column_width(names, count, what), status = EXIT_SUCCESS;
	struct counts total = { 0 };

	for (int i = 0; i < count; i++) {
		FILE *file = open_input(names[i]);
		struct counts n;

		if (!file) {
			status = EXIT_FAILURE;
			continue;
		}
		n = count_file(file);
		if (close_input(file, names[i]) < 0)
			status = EXIT_FAILURE;
		print(&n, what, width, names[i]);
		total.lines += n.lines;
		total.words += n.words;
		total.bytes += n.bytes;
	}
	if (count > 1)
		print(&total, what, width, "total");
	return status;
}

int main(int argc, char **argv)
{
	int opt, what = 0, status = EXIT_SUCCESS;

	while ((opt = getopt(argc, argv, "lwc")) != -1) {
		if (opt == '?')
			usage("[-lwc] [FILE...]");
		what |= opt == 'l' ? LINES : opt == 'w' ? WORDS : BYTES;
	}
	if (!what)
		what = ALL;
	if (optind == argc) {
		struct counts n = count_file(stdin);

		if (close_input(stdin, "-") < 0)
			status = EXIT_FAILURE;
		print(&n, what, column_width(NULL, 0, what), NULL);
	} else {
		status = count_files(argv + optind, argc - optind, what);
	}
	return finish_output(status);
}
