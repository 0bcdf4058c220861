/*
 * echo: print the arguments, separated by blanks.
 *
 *	echo [-n] [WORD...]		-n: no newline at the end
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	bool newline = true;
	int i = 1;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = false;
		i++;
	}
	for (; i < argc; i++) {
		fputs(argv[i], stdout);
		if (i + 1 < argc)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	/* A full disk shows only here: until now, it was all in the buffer. */
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
