/*
 * Builtins for variables and parameters: set, export, local, getopts ...
 */
#include "builtin.h"

#include <string.h>

#include "arena.h"
#include "error.h"
#include "function.h"
#include "out.h"
#include "parser.h"
#include "shell.h"
#include "vars.h"

/*
 * Split an operand "name=value", in place.
 *
 * Return: the value, or NULL if there is none; throws on a bad name.
 */
static char *split_assignment(const char *command, char *word)
{
	char *equals = strchr(word, '=');

	if (equals)
		*equals++ = '\0';
	if (!is_name(word))
		shell_error("%s: %s: bad variable name", command, word);
	return equals;
}

/*
 * export and readonly: [-p] or name[=value]...
 */
int builtin_export(int argc, char **argv)
{
	bool export = *argv[0] == 'e';
	unsigned flag = export ? VAR_EXPORT : VAR_READONLY;
	char option = 0;
	int i = builtin_options(argc, argv, "p", &option);

	if (i >= argc)
		vars_print(export ? "export " : "readonly ", flag);
	for (; i < argc; i++) {
		char *value = split_assignment(argv[0], argv[i]);

		if (value)
			var_set(argv[i], value);
		var_set_flags(argv[i], flag);
	}
	return 0;
}

/*
 * local name[=value]...: until the function ends.
 */
int builtin_local(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *value = split_assignment(argv[0], argv[i]);

		if (!function_make_local(argv[i]))
			shell_error("local: not in a function");
		if (value)
			var_set(argv[i], value);
	}
	return 0;
}

/*
 * unset [-fv] name...
 */
int builtin_unset(int argc, char **argv)
{
	char option = 0;
	int i = builtin_options(argc, argv, "fv", &option);

	for (; i < argc; i++) {
		if (option == 'f') {
			function_unset(argv[i]);
			continue;
		}
		if (!is_name(argv[i]))
			shell_error("unset: %s: bad variable name", argv[i]);
		var_unset(argv[i]);
	}
	return 0;
}

/*
 * set [options] [--] [words]: options, then $1 and on. Alone, it lists the
 * variables.
 */
int builtin_set(int argc, char **argv)
{
	int i;

	if (argc == 1) {
		vars_print("", 0);
		return 0;
	}
	for (i = 1; i < argc; i++) {
		bool took_next;

		if (!strcmp(argv[i], "--")) {
			params_set(argc - i - 1, argv + i + 1);
			return 0;
		}
		if (!strcmp(argv[i], "-")) {
			shell.options[OPT_XTRACE] = false;
			shell.options[OPT_VERBOSE] = false;
			i++;
			break;
		}
		if ((*argv[i] != '-' && *argv[i] != '+') || !argv[i][1])
			break;
		if (!option_parse(argv[i], argv + i + 1, &took_next))
			shell_error("set: bad option %s", argv[i]);
		i += took_next;
	}
	if (i < argc)
		params_set(argc - i, argv + i);
	return 0;
}

/*
 * shift [n]
 */
int builtin_shift(int argc, char **argv)
{
	long n = argc > 1 ? builtin_number(argv[0], argv[1]) : 1;

	if (n > shell.params.count)
		shell_error("shift: cannot shift that many");
	params_shift(n);
	return 0;
}

/*
 * Where getopts is: in which word $OPTIND names, and at which letter of it. A
 * script that sets OPTIND starts over, which shows in its being different.
 */
static struct {
	long	index;
	size_t	letter;
} progress;

static int getopts_end(const char *name, int index)
{
	progress.index = index + 1;
	progress.letter = 0;
	var_set_number("OPTIND", progress.index);
	var_set(name, "?");
	var_unset("OPTARG");
	return 1;
}

/* Report a bad option, the quiet way if the specification starts with ":". */
static int getopts_error(const char *name, bool quiet, char kind, char letter)
{
	char text[2] = { letter, '\0' };

	if (!quiet) {
		shell_warn(kind == '?' ? "bad option -%c" :
			   "no argument for option -%c", letter);
		var_set(name, "?");
		var_unset("OPTARG");
		return 0;
	}
	var_set(name, kind == '?' ? "?" : ":");
	var_set("OPTARG", text);
	return 0;
}

/*
 * getopts specification name [words]: the next option of $@ or the words.
 */
int builtin_getopts(int argc, char **argv)
{
	char **words = argc > 3 ? argv + 3 : shell.params.values;
	int nr = argc > 3 ? argc - 3 : shell.params.count;
	const char *optind = var_get("OPTIND");
	char letter[2] = { 0 };
	const char *spec, *word;
	bool quiet;
	long i;

	if (argc < 3)
		shell_error("getopts: usage: getopts specification name");
	i = optind ? builtin_number(argv[0], optind) : 1;
	if (i != progress.index)
		progress.letter = 0;
	i = i < 1 ? 0 : i - 1;
	word = i < nr ? words[i] : NULL;
	if (word && progress.letter >= strlen(word))
		progress.letter = 0;
	if (word && !progress.letter) {
		if (!strcmp(word, "--"))
			return getopts_end(argv[2], i + 1);
		if (*word != '-' || !word[1])
			word = NULL;
		progress.letter = 1;
	}
	if (!word)
		return getopts_end(argv[2], i);

	quiet = argv[1][0] == ':';
	letter[0] = word[progress.letter++];
	spec = *letter == ':' ? NULL : strchr(argv[1] + quiet, *letter);
	word += progress.letter;
	if (spec && spec[1] == ':') {
		/* The argument is the rest of the word, or the next one. */
		progress.letter = 0;
		i++;
		if (!*word)
			word = i < nr ? words[i++] : NULL;
	} else if (!*word) {
		progress.letter = 0;
		i++;
	}
	progress.index = i + 1;
	var_set_number("OPTIND", progress.index);
	if (!spec)
		return getopts_error(argv[2], quiet, '?', *letter);
	if (spec[1] == ':' && !word)
		return getopts_error(argv[2], quiet, ':', *letter);
	var_set(argv[2], letter);
	if (spec[1] == ':')
		var_set("OPTARG", word);
	else
		var_unset("OPTARG");
	return 0;
}
