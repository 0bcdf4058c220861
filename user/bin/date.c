/*
 * date: show the time.
 *
 *	date [-u] [-d @SECONDS | -r FILE] [+FORMAT]
 *
 *	-d	not now, but so many seconds after 1970 began
 *	-r	when FILE was last changed
 *	-u	in UTC, which it is in any case
 *
 * FORMAT is strftime's.
 */
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-u] [-d @SECONDS | -r FILE] [+FORMAT]"

int main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y";
	time_t when = time(NULL);
	struct stat st;
	char text[1024];
	struct tm *tm;
	int opt;

	while ((opt = getopt(argc, argv, "ud:r:")) != -1) {
		switch (opt) {
		case 'u':
			break;
		case 'd':
			if (*optarg != '@')
				errx(EXIT_FAILURE, "not @SECONDS: '%s'",
				     optarg);
			when = parse_number(optarg + 1, LONG_MIN, LONG_MAX);
			break;
		case 'r':
			if (stat(optarg, &st) < 0)
				err(EXIT_FAILURE, "%s", optarg);
			when = st.st_mtim.tv_sec;
			break;
		default:
			usage(USAGE);
		}
	}
	if (optind < argc && argv[optind][0] == '+')
		format = argv[optind++] + 1;
	if (optind < argc)
		usage(USAGE);
	tm = localtime(&when);
	if (!tm)
		err(EXIT_FAILURE, "%ld", when);
	if (*format && strftime(text, sizeof(text), format, tm) == 0)
		errx(EXIT_FAILURE, "the format is too long");
	puts(*format ? text : "");
	return finish_output(EXIT_SUCCESS);
}
