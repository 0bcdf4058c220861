/*
 * Expansion: from words with parts to strings.
 *
 * See expand.c. All results live in the scratch arena.
 */
#pragma once

#include <stdbool.h>

#include "arena.h"
#include "pattern.h"

struct part;
struct word;

/* What kind of place a word stands in. */
enum {
	EXPAND_SPLIT	= 1,	/* an argument: fields, then file names */
	EXPAND_TILDE	= 2,	/* ~ at the start is a home directory */
	EXPAND_COLONS	= 4,	/* ~ after a colon is, too: PATH=~/bin:~/x */
};

/*
 * An expansion in progress. Each character goes to text, and whether it was
 * quoted to the same place in quoted.
 */
struct expander {
	unsigned	flags;
	struct sbuf	text;
	struct sbuf	quoted;
	bool		in_field;	/* there is a field, even if empty */
	bool		after_blank;	/* the last field ended in IFS blanks */
	bool		in_operand;	/* of ${x:-here}: plain text splits */
	struct strings	fields;
};

struct strings expand_words(const struct word *words);
char *expand_string(const struct word *word, unsigned flags);
struct pattern expand_pattern(const struct word *word);
const char *expand_prompt(const char *name);

/* Between expand.c and param.c. */
void expand_parts(struct expander *x, const struct part *part);
void expand_put(struct expander *x, const char *s, bool quoted);
void expand_split(struct expander *x, const char *s);
void expand_end_field(struct expander *x);

/* param.c */
void expand_param(struct expander *x, const struct part *part);
