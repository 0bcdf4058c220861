/*
 * hexdump: show the bytes of files.
 *
 *	hexdump [-C] [-n BYTES] [-s SKIP] [FILE]
 *
 * A line has the offset, 16 bytes in hexadecimal, and the same bytes as
 * characters. (-C asks for that elsewhere; here there is no other form.) A
 * line equal to the one before is replaced, with all that follow, by a star.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"

enum { PER_LINE = 16 };

static void print_line(unsigned long offset, const unsigned char *bytes,
		       size_t n)
{
	printf("%08lx ", offset);
	for (size_t i = 0; i < PER_LINE; i++) {
		if (i % 8 == 0)
			putchar(' ');
		if (i < n)
			printf("%02x ", bytes[i]);
		else
			printf("   ");
	}
	printf(" |");
	for (size_t i = 0; i < n; i++)
		putchar(isprint(bytes[i]) ? bytes[i] : '.');
	puts("|");
}

static void dump(FILE *file, unsigned long offset, long left)
{
	unsigned char line[PER_LINE], before[PER_LINE];
	bool have_before = false, starred = false;
	size_t n;

	for (; left > 0; left -= (long)n, offset += n) {
		size_t want = left < PER_LINE ? (size_t)left : PER_LINE;

		n = fread(line, 1, want, file);
		if (n == 0)
			break;
		if (have_before && n == PER_LINE &&
		    memcmp(line, before, PER_LINE) == 0) {
			if (!starred)
				puts("*");
			starred = true;
			continue;
		}
		print_line(offset, line, n);
		memcpy(before, line, n);
		have_before = n == PER_LINE;
		starred = false;
	}
	if (offset > 0 && !ferror(file))
		printf("%08lx\n", offset);
}

/* Reading is the way to skip that works on pipes too. */
static void skip(FILE *file, long n)
{
	if (n == 0 || fseek(file, n, SEEK_SET) == 0)
		return;
	while (n-- > 0 && getc(file) != EOF)
		;
}

int main(int argc, char **argv)
{
	long left = LONG_MAX, start = 0;
	const char *name = "-";
	FILE *file;
	int opt;

	while ((opt = getopt(argc, argv, "Cn:s:")) != -1) {
		switch (opt) {
		case 'C':
			break;
		case 'n':
			left = parse_number(optarg, 0, LONG_MAX);
			break;
		case 's':
			start = parse_number(optarg, 0, LONG_MAX);
			break;
		default:
			usage("[-C] [-n BYTES] [-s SKIP] [FILE]");
		}
	}
	if (argc - optind > 1)
		usage("[-C] [-n BYTES] [-s SKIP] [FILE]");
	if (optind < argc)
		name = argv[optind];
	file = open_input(name);
	if (!file)
		return EXIT_FAILURE;
	skip(file, start);
	dump(file, (unsigned long)start, left);
	return finish_output(close_input(file, name) < 0 ? EXIT_FAILURE
							 : EXIT_SUCCESS);
}
