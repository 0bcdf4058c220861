/*
 * dmesg: show the kernel's log.
 *
 *	dmesg [-c] [-r] [-n LEVEL]
 *
 *	-c	and empty it
 *	-r	with the level before each line, as <6>
 *	-n	no longer show it, but print only what is more urgent than
 *		LEVEL (1 to 8) on the console from now on
 */
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "common/common.h"

/* The whole log, in memory from malloc; ends the program if it cannot. */
static char *read_log(int action, size_t *len)
{
	int size = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0), n;
	char *log;

	if (size < 0)
		err(EXIT_FAILURE, "klogctl");
	log = malloc((size_t)size + 1);
	if (!log)
		err(EXIT_FAILURE, "%d bytes", size);
	n = klogctl(action, log, size);
	if (n < 0)
		err(EXIT_FAILURE, "klogctl");
	log[n] = '\0';
	*len = (size_t)n;
	return log;
}

/* Skip the "<6>" at the beginning of a line. */
static const char *skip_level(const char *line)
{
	const char *p = line;

	if (*p++ != '<')
		return line;
	while (isdigit((unsigned char)*p))
		p++;
	return *p == '>' ? p + 1 : line;
}

static void print_log(const char *log, size_t len, bool raw)
{
	const char *end = log + len;

	while (log < end) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));
		const char *next = newline ? newline + 1 : end;

		if (!raw)
			log = skip_level(log);
		fwrite(log, 1, (size_t)(next - log), stdout);
		log = next;
	}
	if (len > 0 && end[-1] != '\n')
		putchar('\n');
}

int main(int argc, char **argv)
{
	int opt, action = SYSLOG_ACTION_READ_ALL;
	bool raw = false;
	size_t len;
	char *log;

	while ((opt = getopt(argc, argv, "crn:")) != -1) {
		switch (opt) {
		case 'c':
			action = SYSLOG_ACTION_READ_CLEAR;
			break;
		case 'r':
			raw = true;
			break;
		case 'n':
			if (klogctl(SYSLOG_ACTION_CONSOLE_LEVEL, NULL,
				    (int)parse_number(optarg, 1, 8)) < 0)
				err(EXIT_FAILURE, "klogctl");
			return EXIT_SUCCESS;
		default:
			usage("[-c] [-r] [-n LEVEL]");
		}
	}
	if (optind < argc)
		usage("[-c] [-r] [-n LEVEL]");
	log = read_log(action, &len);
	print_log(log, len, raw);
	free(log);
	return finish_output(EXIT_SUCCESS);
}
