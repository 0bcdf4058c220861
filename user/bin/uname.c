/*
 * uname: what the system calls itself.
 *
 *	uname [-asnrvm]		-s if not told otherwise
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	static const char letters[] = "snrvm";
	struct utsname name;
	const char *fields[] = { name.sysname, name.nodename, name.release,
				 name.version, name.machine };
	unsigned wanted = 0;
	const char *gap = "";
	int opt;

	while ((opt = getopt(argc, argv, "asnrvm")) != -1) {
		if (opt == '?')
			usage("[-asnrvm]");
		if (opt == 'a')
			wanted = ~0U;
		else
			wanted |= 1U << (strchr(letters, opt) - letters);
	}
	if (optind < argc)
		usage("[-asnrvm]");
	if (!wanted)
		wanted = 1;
	if (uname(&name) < 0)
		err(EXIT_FAILURE, "uname");
	for (unsigned i = 0; letters[i]; i++) {
		if (wanted & 1U << i) {
			printf("%s%s", gap, fields[i]);
			gap = " ";
		}
	}
	putchar('\n');
	return finish_output(EXIT_SUCCESS);
}
