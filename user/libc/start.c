/*
 * From the kernel's stack to main() and out again through exit().
 *
 * What the kernel laid out for the new program (see x86_64/crt0.asm) is used
 * in place: argv and environ point into it for the life of the program.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

char **environ;
char *program_invocation_name = (char *)"";
char *program_invocation_short_name = (char *)"";

static unsigned long *auxv;

int main(int argc, char **argv, char **envp);

static void set_program_name(char *name)
{
	char *slash = strrchr(name, '/');

	program_invocation_name = name;
	program_invocation_short_name = slash ? slash + 1 : name;
}

/*
 * Set up the library, run main, and exit with its result.
 *
 * @stack is where execve left argc; argv, envp and auxv follow it in memory.
 */
void __libc_start(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **end;

	environ = argv + argc + 1;
	for (end = environ; *end; end++)
		;
	auxv = (unsigned long *)(end + 1);
	if (argc > 0)
		set_program_name(argv[0]);
	exit(main(argc, argv, environ));
}

/*
 * Look up an entry of the auxiliary vector, the kernel's notes to a new
 * program (page size, random bytes, the vDSO, ...).
 *
 * Return: its value, or 0 if there is no such entry.
 */
unsigned long __auxval(unsigned long type)
{
	for (unsigned long *entry = auxv; entry && entry[0]; entry += 2)
		if (entry[0] == type)
			return entry[1];
	return 0;
}
