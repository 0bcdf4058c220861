/*
 * What most commands begin and end with.
 */
#include "common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Open a file to read, - being the standard input. Return: it, or NULL. */
FILE *open_input(const char *name)
{
	FILE *file;

	if (strcmp(name, "-") == 0)
		return stdin;
	file = fopen(name, "re");
	if (!file)
		warn("%s", name);
	return file;
}

/*
 * Be done with a file from open_input. "End of file" and "cannot be read" look
 * alike to who reads: here the difference is found and reported. errno is
 * still the read's, so call it before anything else can fail.
 *
 * Return: 0 or -1.
 */
int close_input(FILE *file, const char *name)
{
	int ret = ferror(file) ? -1 : 0;

	if (ret < 0)
		warn("%s", file == stdin ? "standard input" : name);
	if (file != stdin)
		fclose(file);
	return ret;
}

/* Say how the program is called and end it. */
void usage(const char *text)
{
	fprintf(stderr, "usage: %s%s%s\n", program_invocation_short_name,
		*text ? " " : "", text);
	exit(2);
}

/*
 * For a program without options: refuse those it is given. What is not an
 * option begins at optind.
 */
void no_options(int argc, char **argv, const char *text)
{
	if (getopt(argc, argv, "") != -1)
		usage(text);
}

/* For a program that takes nothing at all. */
void no_arguments(int argc, char **argv)
{
	no_options(argc, argv, "");
	if (optind < argc)
		usage("");
}

/*
 * What main returns: @status, unless the output could not be written. A full
 * disk often shows only when the last buffer is flushed; a program that does
 * not look has lost data and says that all is well.
 */
int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	warn("standard output");
	return EXIT_FAILURE;
}
