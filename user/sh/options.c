/*
 * Options and positional parameters: what "set" sets.
 */
#include "shell.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "jobs.h"
#include "out.h"

struct shell shell;

static const struct {
	char		letter;
	const char	*name;
} names[NR_OPTIONS] = {
	[OPT_ALLEXPORT]	= { 'a', "allexport" },
	[OPT_ERREXIT]	= { 'e', "errexit" },
	[OPT_MONITOR]	= { 'm', "monitor" },
	[OPT_NOCLOBBER]	= { 'C', "noclobber" },
	[OPT_NOEXEC]	= { 'n', "noexec" },
	[OPT_NOGLOB]	= { 'f', "noglob" },
	[OPT_NOUNSET]	= { 'u', "nounset" },
	[OPT_VERBOSE]	= { 'v', "verbose" },
	[OPT_XTRACE]	= { 'x', "xtrace" },
};

/* An interactive shell that stops executing could never be told to resume. */
static void option_set(enum option opt, bool on)
{
	if (opt == OPT_NOEXEC && shell.interactive)
		return;
	if (opt == OPT_MONITOR)
		on = jobs_set_control(on);
	shell.options[opt] = on;
}

static bool set_by_name(const char *name, bool on)
{
	for (int i = 0; i < NR_OPTIONS; i++) {
		if (!strcmp(names[i].name, name)) {
			option_set(i, on);
			return true;
		}
	}
	return false;
}

static bool set_by_letter(char letter, bool on)
{
	for (int i = 0; i < NR_OPTIONS; i++) {
		if (names[i].letter == letter) {
			option_set(i, on);
			return true;
		}
	}
	return false;
}

/*
 * Obey an option word such as "-ex", "+u" or "-o"; an "o" in it takes its
 * name from @next[0], or prints all options if there is none.
 *
 * Return: whether all of the word was understood; *took_next says whether
 * @next[0] was part of it.
 */
bool option_parse(const char *word, char *const next[], bool *took_next)
{
	bool on = word[0] == '-';

	*took_next = false;
	for (const char *p = word + 1; *p; p++) {
		if (*p != 'o') {
			if (!set_by_letter(*p, on))
				return false;
		} else if (!next[0]) {
			options_print(!on);
		} else if (*took_next || !set_by_name(next[0], on)) {
			return false;
		} else {
			*took_next = true;
		}
	}
	return true;
}

/*
 * Print all options, as a table or as the commands that restore them.
 */
void options_print(bool as_commands)
{
	for (int i = 0; i < NR_OPTIONS; i++) {
		bool on = shell.options[i];

		if (as_commands)
			out_printf("set %co %s\n", on ? '-' : '+',
				   names[i].name);
		else
			out_printf("%-15s %s\n", names[i].name,
				   on ? "on" : "off");
	}
}

/*
 * Write the value of $- to @letters, which has room for NR_OPTIONS + 3.
 */
void options_letters(char *letters)
{
	for (int i = 0; i < NR_OPTIONS; i++) {
		if (shell.options[i])
			*letters++ = names[i].letter;
	}
	if (shell.interactive)
		*letters++ = 'i';
	if (shell.reads_stdin)
		*letters++ = 's';
	*letters = '\0';
}

/*
 * Replace $1 $2 ... by copies of @values.
 */
void params_set(int count, char *const values[])
{
	struct params new = { count, xmalloc((count + 1) * sizeof(char *)) };

	for (int i = 0; i < count; i++)
		new.values[i] = xstrdup(values[i]);
	new.values[count] = NULL;
	params_free(&shell.params);
	shell.params = new;
}

/*
 * Free a set of parameters, leaving an empty one.
 */
void params_free(struct params *params)
{
	for (int i = 0; i < params->count; i++)
		free(params->values[i]);
	free(params->values);
	*params = (struct params){ 0 };
}

/*
 * Drop the first @count parameters, of which there must be that many.
 */
void params_shift(int count)
{
	struct params *params = &shell.params;

	for (int i = 0; i < count; i++)
		free(params->values[i]);
	params->count -= count;
	for (int i = 0; i < params->count; i++)
		params->values[i] = params->values[i + count];
}
