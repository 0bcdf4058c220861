/*
 * Parameters: $x, ${x:-word}, ${x%pattern}, $@ and the other specials.
 *
 * All of them take the same way: find the value (or find that there is none),
 * let the operator decide what to make of it, and hand the result to the
 * expander. Only $@ and $* are different, being lists: what separates their
 * elements depends on the quotes and on where they stand.
 */
#include "expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ast.h"
#include "error.h"
#include "parser.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

static bool is_list(const char *name)
{
	return (name[0] == '@' || name[0] == '*') && !name[1];
}

/* $1 and on, NULL if there are not that many. */
static const char *positional(const char *name)
{
	size_t n = 0;

	for (; *name; name++) {
		n = n * 10 + *name - '0';
		if (n > (size_t)shell.params.count)
			return NULL;
	}
	return n ? shell.params.values[n - 1] : shell.name;
}

static char *number(long n)
{
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	sbuf_printf(&sb, "%ld", n);
	return sbuf_str(&sb);
}

/* The value of any parameter but $@ and $*; NULL if unset. */
static const char *param_value(const char *name)
{
	char *letters;

	if (is_name_start(name[0]))
		return var_get(name);
	switch (name[0]) {
	case '?':
		return number(shell.status);
	case '$':
		return number(shell.pid);
	case '#':
		return number(shell.params.count);
	case '!':
		return shell.last_bg ? number(shell.last_bg) : NULL;
	case '-':
		letters = arena_alloc(scratch, NR_OPTIONS + 3);
		options_letters(letters);
		return letters;
	default:
		return positional(name);
	}
}

/* What joins the elements of a list that must stay one string. */
static void put_separator(struct expander *x, const struct part *part)
{
	const char *ifs = var_get("IFS");
	char separator[2] = " ";

	if (part->text[0] == '*' && ifs)
		separator[0] = ifs[0];
	expand_put(x, separator, part->quoted);
}

/*
 * Put the elements of $@ or $*. Where fields can arise each makes one of its
 * own, except in "$*", which is one string.
 */
static void put_list(struct expander *x, const struct part *part)
{
	bool fields = x->flags & EXPAND_SPLIT &&
		      !(part->quoted && part->text[0] == '*');

	/* "$*" is a field in any case, "$@" only if it has elements. */
	if (part->quoted && part->text[0] == '*')
		expand_put(x, "", true);
	for (int i = 0; i < shell.params.count; i++) {
		const char *value = shell.params.values[i];

		if (part->quoted)
			expand_put(x, value, true);
		else
			expand_split(x, value);
		if (i + 1 == shell.params.count)
			break;
		if (!fields)
			put_separator(x, part);
		else if (x->in_field)
			expand_end_field(x);
	}
}

static char *joined_list(const char *name)
{
	const struct part part = { .kind = PART_PARAM, .text = name };
	const struct word word = { .parts = (struct part *)&part };

	return expand_string(&word, 0);
}

static void put(struct expander *x, const struct part *part,
		const char *value)
{
	if (part->quoted)
		expand_put(x, value, true);
	else
		expand_split(x, value);
}

/* The word after - or +, with its own quotes, in place of the parameter. */
static void put_operand(struct expander *x, const struct part *part)
{
	bool outer = x->in_operand;

	if (part->quoted)
		expand_put(x, "", true);
	x->in_operand = true;
	expand_parts(x, part->word->parts);
	x->in_operand = outer;
}

/* Remove what the pattern matches at an end of @value: ${x%...} ${x#...}. */
static char *cut(const char *value, const struct part *part)
{
	/* The pattern may contain $(...): the value must not move meanwhile. */
	char *copy = arena_strdup(scratch, value);
	struct pattern pattern = expand_pattern(part->word);
	size_t len = strlen(copy);
	bool longest = part->op == PARAM_CUT_SUFFIX_LONG ||
		       part->op == PARAM_CUT_PREFIX_LONG;
	bool suffix = part->op == PARAM_CUT_SUFFIX ||
		      part->op == PARAM_CUT_SUFFIX_LONG;

	for (size_t i = 0; i <= len; i++) {
		size_t n = longest ? len - i : i;

		signals_check_interrupt();
		if (suffix && pattern_match(&pattern, copy + len - n, n)) {
			copy[len - n] = '\0';
			return copy;
		}
		if (!suffix && pattern_match(&pattern, copy, n))
			return copy + n;
	}
	return copy;
}

static void assign_default(const struct part *part)
{
	if (!is_name(part->text))
		shell_error("%s: cannot be assigned to", part->text);
	var_set(part->text, expand_string(part->word, EXPAND_TILDE));
}

noreturn static void param_error(const struct part *part, bool is_set)
{
	if (part->word->parts)
		shell_error("%s: %s", part->text,
			    expand_string(part->word, 0));
	shell_error("%s: %s", part->text,
		    is_set ? "parameter null" : "parameter not set");
}

static void check_unset(const struct part *part, bool is_set)
{
	if (!is_set && shell.options[OPT_NOUNSET] && !is_list(part->text))
		shell_error("%s: parameter not set", part->text);
}

/* The plain value: of a list its elements, of an unset parameter nothing. */
static void put_plain(struct expander *x, const struct part *part,
		      const char *value)
{
	if (is_list(part->text))
		put_list(x, part);
	else
		put(x, part, value ? value : "");
}

/* The value an operator looks at; a list is unset if it has no elements. */
static const char *operand_value(const struct part *part)
{
	if (part->op == PARAM_BAD)
		return NULL;
	if (!is_list(part->text))
		return param_value(part->text);
	if (part->op == PARAM_PLAIN || !shell.params.count)
		return NULL;
	return joined_list(part->text);
}

/*
 * Expand a PART_PARAM into @x.
 */
void expand_param(struct expander *x, const struct part *part)
{
	const char *value = operand_value(part);
	bool usable = value && !(part->colon && !*value);

	switch (part->op) {
	case PARAM_PLAIN:
		check_unset(part, value);
		put_plain(x, part, value);
		break;
	case PARAM_LENGTH:
		check_unset(part, value);
		put(x, part, number(value ? strlen(value) : 0));
		break;
	case PARAM_DEFAULT:
		if (usable)
			put_plain(x, part, value);
		else
			put_operand(x, part);
		break;
	case PARAM_ASSIGN:
		if (!usable) {
			assign_default(part);
			value = var_get(part->text);
		}
		put_plain(x, part, value);
		break;
	case PARAM_ERROR:
		if (!usable)
			param_error(part, value);
		put_plain(x, part, value);
		break;
	case PARAM_ALTERNATIVE:
		if (usable)
			put_operand(x, part);
		else if (part->quoted && part->text[0] != '@')
			expand_put(x, "", true);
		break;
	case PARAM_CUT_SUFFIX:
	case PARAM_CUT_SUFFIX_LONG:
	case PARAM_CUT_PREFIX:
	case PARAM_CUT_PREFIX_LONG:
		check_unset(part, value);
		put(x, part, value ? cut(value, part) : "");
		break;
	case PARAM_BAD:
		shell_error("bad substitution");
	}
}
