/*
 * grep: print the lines that match a pattern.
 *
 *	grep [-ivcnlqF] PATTERN [FILE...]
 *
 *	-i	capital letters are like small ones
 *	-v	the lines that do not match
 *	-c	only count them
 *	-n	with line numbers
 *	-l	only the names of files that have one
 *	-q	print nothing; the exit status says it
 *	-F	the pattern is plain text
 *
 * Patterns are common/regex.c's. The exit status is 0 if a line was found, 1
 * if none was, 2 if something went wrong.
 */
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/common.h"
#include "common/regex.h"

#define USAGE	"[-ivcnlqF] PATTERN [FILE...]"

enum { FOUND = 0, NOT_FOUND = 1, TROUBLE = 2 };

static struct {
	bool	ignore_case;
	bool	invert;
	bool	count;
	bool	numbers;
	bool	names_only;
	bool	quiet;
	bool	plain;
	bool	show_names;
} options;

static char *pattern;

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* Does the line match? To ignore case both sides are made small letters. */
static bool matches(const char *line)
{
	bool found;
	char *copy = NULL;

	if (options.ignore_case) {
		copy = strdup(line);
		if (!copy)
			err(TROUBLE, "a line");
		lower(copy);
		line = copy;
	}
	found = options.plain ? strstr(line, pattern) != NULL
			      : regex_search(pattern, line);
	free(copy);
	return found;
}

static void print_match(const char *name, unsigned long number,
			const char *line)
{
	if (options.show_names)
		printf("%s:", name);
	if (options.numbers)
		printf("%lu:", number);
	puts(line);
}

/* Search one file. Return: how many lines were found. */
static unsigned long search(FILE *file, const char *name)
{
	unsigned long number = 0, found = 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, file)) >= 0) {
		number++;
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (matches(line) == options.invert)
			continue;
		found++;
		if (options.quiet || options.names_only)
			break;		/* one is enough to know */
		if (!options.count)
			print_match(name, number, line);
	}
	if (ferror(file))
		warn("%s", name);
	free(line);
	return found;
}

static int search_file(const char *name)
{
	FILE *file = open_input(name);
	unsigned long found;
	int status;

	if (!file)
		return TROUBLE;
	if (file == stdin)
		name = "(standard input)";
	found = search(file, name);
	status = ferror(file) ? TROUBLE : found ? FOUND : NOT_FOUND;
	if (options.names_only && found && !options.quiet)
		puts(name);
	if (options.count && !options.quiet && !options.names_only) {
		if (options.show_names)
			printf("%s:", name);
		printf("%lu\n", found);
	}
	if (file != stdin)
		fclose(file);
	return status;
}

static void parse_options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "ivcnlqF")) != -1) {
		switch (opt) {
		case 'i':
			options.ignore_case = true;
			break;
		case 'v':
			options.invert = true;
			break;
		case 'c':
			options.count = true;
			break;
		case 'n':
			options.numbers = true;
			break;
		case 'l':
			options.names_only = true;
			break;
		case 'q':
			options.quiet = true;
			break;
		case 'F':
			options.plain = true;
			break;
		default:
			usage(USAGE);
		}
	}
}

int main(int argc, char **argv)
{
	int status = NOT_FOUND;
	bool trouble = false;

	parse_options(argc, argv);
	if (optind == argc)
		usage(USAGE);
	pattern = argv[optind++];
	if (options.ignore_case)
		lower(pattern);
	if (!options.plain && !regex_is_valid(pattern))
		errx(TROUBLE, "not a pattern: '%s'", pattern);
	options.show_names = argc - optind > 1;

	for (int i = optind; i < argc || i == optind; i++) {
		int ret = search_file(i < argc ? argv[i] : "-");

		trouble |= ret == TROUBLE;
		if (ret == FOUND)
			status = FOUND;
	}
	if (trouble && !(options.quiet && status == FOUND))
		status = TROUBLE;
	return finish_output(status);
}
