/*
 * getopt: the options of a command line, one letter at a time.
 *
 * `-ab` is `-a -b`; a letter followed by a colon in @options has an argument,
 * which is the rest of the word or the next word. `--` ends the options, and
 * so does the first word that is none: operands are not skipped, as POSIX
 * wants it.
 */
#include <unistd.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static const char *rest = "";	/* of the word being read */

static int complain(const char *program, const char *options, int result,
		    const char *what)
{
	if (opterr && options[0] != ':')
		fprintf(stderr, "%s: %s -- '%c'\n", program, what, optopt);
	return result;
}

/*
 * The next option letter, its argument in optarg. Afterwards optind is the
 * first operand's index. Setting optind to 1 starts anew.
 *
 * Return: the letter; '?' for one that is unknown, or lacks its argument (':'
 * then, if @options begins with a colon, and no message is printed); -1 at
 * the end.
 */
int getopt(int argc, char *const argv[], const char *options)
{
	const char *option;

	if (optind <= 1)
		rest = "";
	if (optind == 0)
		optind = 1;
	optarg = NULL;
	if (!*rest) {
		if (optind >= argc || !argv[optind] ||
		    argv[optind][0] != '-' || !argv[optind][1])
			return -1;
		rest = argv[optind++] + 1;
		if (strcmp(rest, "-") == 0) {
			rest = "";
			return -1;
		}
	}
	optopt = (unsigned char)*rest++;
	option = optopt == ':' ? NULL : strchr(options, optopt);
	if (!option)
		return complain(argv[0], options, '?', "invalid option");
	if (option[1] != ':')
		return optopt;
	if (!*rest && optind >= argc)
		return complain(argv[0], options,
				options[0] == ':' ? ':' : '?',
				"option requires an argument");
	optarg = (char *)(*rest ? rest : argv[optind++]);
	rest = "";
	return optopt;
}
