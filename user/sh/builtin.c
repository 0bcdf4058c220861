/*
 * Builtin commands: the table, and what they share.
 *
 * Most are here because they act on the shell itself (cd, set, trap: a child
 * could only change the child); some, like echo and test, because scripts run
 * them so often that a process each time would hurt. A builtin is like a
 * main(): it gets argc and argv and returns an exit status. It writes with
 * out_*(), and its caller flushes. A mistake in its use is reported with
 * shell_error(), which ends the builtin, and if that is a special one the
 * script, too.
 */
#include "builtin.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

/* In order of name. */
static const struct builtin builtins[] = {
	{ ".",		builtin_dot,		true },
	{ ":",		builtin_true,		true },
	{ "[",		builtin_test,		false },
	{ "bg",		builtin_fg,		false },
	{ "break",	builtin_break,		true },
	{ "cd",		builtin_cd,		false },
	{ "command",	builtin_command,	false },
	{ "continue",	builtin_break,		true },
	{ "echo",	builtin_echo,		false },
	{ "eval",	builtin_eval,		true },
	{ "exec",	builtin_exec,		true },
	{ "exit",	builtin_exit,		true },
	{ "export",	builtin_export,		true },
	{ "false",	builtin_false,		false },
	{ "fg",		builtin_fg,		false },
	{ "getopts",	builtin_getopts,	false },
	{ "jobs",	builtin_jobs,		false },
	{ "kill",	builtin_kill,		false },
	{ "local",	builtin_local,		true },
	{ "printf",	builtin_printf,		false },
	{ "pwd",	builtin_pwd,		false },
	{ "read",	builtin_read,		false },
	{ "readonly",	builtin_export,		true },
	{ "return",	builtin_return,		true },
	{ "set",	builtin_set,		true },
	{ "shift",	builtin_shift,		true },
	{ "test",	builtin_test,		false },
	{ "times",	builtin_times,		true },
	{ "trap",	builtin_trap,		true },
	{ "true",	builtin_true,		false },
	{ "type",	builtin_type,		false },
	{ "ulimit",	builtin_ulimit,		false },
	{ "umask",	builtin_umask,		false },
	{ "unset",	builtin_unset,		true },
	{ "wait",	builtin_wait,		false },
};

static int compare(const void *name, const void *builtin)
{
	return strcmp(name, ((const struct builtin *)builtin)->name);
}

/*
 * Return: the builtin of that name, or NULL.
 */
const struct builtin *builtin_find(const char *name)
{
	return bsearch(name, builtins, sizeof(builtins) / sizeof(*builtins),
		       sizeof(*builtins), compare);
}

/*
 * Step over the option words of a builtin whose options are single letters
 * without arguments; *last becomes the one given last, or stays.
 *
 * Return: the index of the first operand; throws on a letter that is not in
 * @allowed.
 */
int builtin_options(int argc, char **argv, const char *allowed, char *last)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--"))
			return i + 1;
		for (const char *p = argv[i] + 1; *p; p++) {
			if (!strchr(allowed, *p))
				shell_error("%s: bad option -%c", argv[0], *p);
			*last = *p;
		}
	}
	return i;
}

/*
 * Convert an operand that must be a number, 0 or more; throws if it is not.
 */
long builtin_number(const char *what, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 0 || n > 0x7fffffff)
		shell_error("%s: %s: not a number", what, text);
	return n;
}
