/*
 * Inside words: quotes and $-expansions.
 *
 * A word ends at the first unquoted blank or operator, but what counts as
 * quoted depends on where we are. There are two families of places, and one
 * function for each:
 *
 *	read_unquoted()		bare words, and ${x:-here}: backslash, '', ""
 *				and both substitutions are special
 *	read_quoted()		"here", here-documents, $((here)) and
 *				"${x:-here}": only \ $ ` are special, and
 *				backslash only before a few characters
 *
 * Both append parts to a struct reader. Characters collect in its buffer as
 * long as they agree on being quoted; any other part flushes it.
 */
#include "parser.h"

#include <string.h>

#include "arena.h"
#include "error.h"
#include "input.h"

enum place {
	IN_DQUOTE,
	IN_BRACE,		/* "${x:-here}" */
	IN_HEREDOC,
	IN_ARITH,
};

struct reader {
	struct parser	*p;
	struct part	**tail;
	struct sbuf	text;		/* the part being collected ... */
	bool		collecting;	/* ... if there is one, even empty */
	bool		quoted;
};

static void read_unquoted(struct reader *r, bool in_brace);
static void read_quoted(struct reader *r, enum place place);

static struct part *add_part(struct reader *r, enum part_kind kind,
			     bool quoted)
{
	struct part *part = arena_alloc(r->p->arena, sizeof(*part));

	*part = (struct part){ .kind = kind, .quoted = quoted };
	*r->tail = part;
	r->tail = &part->next;
	return part;
}

static void flush(struct reader *r)
{
	struct part *part;

	if (!r->collecting)
		return;
	part = add_part(r, PART_TEXT, r->quoted);
	part->text = sbuf_str(&r->text);
	r->collecting = false;
}

/* Collect text of this quotedness, possibly none: '' is a part, too. */
static void start_text(struct reader *r, bool quoted)
{
	if (r->collecting && r->quoted == quoted)
		return;
	flush(r);
	sbuf_init(&r->text, r->p->arena);
	r->collecting = true;
	r->quoted = quoted;
}

static void add_char(struct reader *r, int c, bool quoted)
{
	start_text(r, quoted);
	sbuf_putc(&r->text, c);
}

static void reader_init(struct reader *r, struct parser *p, struct word *word)
{
	*word = (struct word){ 0 };
	*r = (struct reader){ .p = p, .tail = &word->parts };
}

static struct word *new_word(struct parser *p)
{
	return arena_alloc(p->arena, sizeof(struct word));
}

static bool is_special_param(int c)
{
	return c > 0 && strchr("@*#?$!-", c);
}

/* Read the rest of a name, number or special that starts with @c. */
static const char *read_param_name(struct parser *p, int c, bool braced)
{
	struct sbuf name;

	sbuf_init(&name, p->arena);
	sbuf_putc(&name, c);
	if (is_name_start(c)) {
		while (is_name_char(c = lex_getc(p)))
			sbuf_putc(&name, c);
		input_ungetc(p->in, c);
	} else if (c >= '0' && c <= '9') {
		while (braced && (c = lex_getc(p)) >= '0' && c <= '9')
			sbuf_putc(&name, c);
		if (braced)
			input_ungetc(p->in, c);
	} else if (!is_special_param(c)) {
		return NULL;
	}
	return sbuf_str(&name);
}

/*
 * After "${#": is it a length as in ${#x}, or the parameter # as in ${#},
 * ${#:-x} or ${#%x}? The parameters - ? # can follow as well, and are told
 * from an operator by the brace behind them.
 */
static bool is_length(struct parser *p)
{
	int c = lex_getc(p);
	bool answer;

	if (c == '-' || c == '?' || c == '#') {
		int next = lex_getc(p);

		input_ungetc(p->in, next);
		answer = next == '}';
	} else {
		answer = is_name_char(c) || is_special_param(c);
	}
	input_ungetc(p->in, c);
	return answer;
}

/* Read the operator of ${name...}; what it cannot be is PARAM_BAD. */
static enum param_op read_param_op(struct parser *p, bool *colon)
{
	int c = lex_getc(p);
	int next;

	*colon = c == ':';
	if (*colon)
		c = lex_getc(p);
	switch (c) {
	case '-':
		return PARAM_DEFAULT;
	case '=':
		return PARAM_ASSIGN;
	case '?':
		return PARAM_ERROR;
	case '+':
		return PARAM_ALTERNATIVE;
	case '%':
	case '#':
		if (*colon)
			return PARAM_BAD;
		next = lex_getc(p);
		if (next == c)
			return c == '%' ? PARAM_CUT_SUFFIX_LONG :
					  PARAM_CUT_PREFIX_LONG;
		input_ungetc(p->in, next);
		return c == '%' ? PARAM_CUT_SUFFIX : PARAM_CUT_PREFIX;
	}
	input_ungetc(p->in, c);
	return c == '}' && !*colon ? PARAM_PLAIN : PARAM_BAD;
}

static bool is_cut(enum param_op op)
{
	return op >= PARAM_CUT_SUFFIX && op <= PARAM_CUT_PREFIX_LONG;
}

/* Read what comes after "${". */
static void read_braced(struct reader *r, bool quoted)
{
	struct parser *p = r->p;
	struct part *part = add_part(r, PART_PARAM, quoted);
	int c = lex_getc(p);
	bool length = c == '#' && is_length(p);
	struct reader inner;

	if (length)
		c = lex_getc(p);
	part->text = read_param_name(p, c, true);
	if (!part->text)
		input_ungetc(p->in, c);
	part->op = read_param_op(p, &part->colon);
	if (!part->text || (length && part->op != PARAM_PLAIN))
		part->op = PARAM_BAD;
	if (length && part->op == PARAM_PLAIN)
		part->op = PARAM_LENGTH;
	if (part->op == PARAM_BAD)
		part->text = "";

	part->word = new_word(p);
	reader_init(&inner, p, part->word);
	/* The quotes around "${x%'*'}" do not reach into the pattern. */
	if (quoted && !is_cut(part->op))
		read_quoted(&inner, IN_BRACE);
	else
		read_unquoted(&inner, true);
	flush(&inner);
}

static void read_arith(struct reader *r, bool quoted)
{
	struct part *part = add_part(r, PART_ARITH, quoted);
	struct reader inner;

	part->word = new_word(r->p);
	reader_init(&inner, r->p, part->word);
	read_quoted(&inner, IN_ARITH);
	flush(&inner);
}

/* Read what comes after "$". */
static void read_dollar(struct reader *r, bool quoted)
{
	struct parser *p = r->p;
	int c = lex_getc(p);

	if (c != '(' && c != '{' && !is_name_char(c) && !is_special_param(c)) {
		input_ungetc(p->in, c);
		add_char(r, '$', quoted);
		return;
	}
	flush(r);
	if (c == '{') {
		read_braced(r, quoted);
	} else if (c == '(') {
		c = lex_getc(p);
		if (c == '(') {
			read_arith(r, quoted);
			return;
		}
		input_ungetc(p->in, c);
		add_part(r, PART_COMMAND, quoted)->command =
			parse_substitution(p);
	} else {
		add_part(r, PART_PARAM, quoted)->text =
			read_param_name(p, c, false);
	}
}

/*
 * Read `commands`. Up to the closing backquote this is only text, in which
 * backslashes quote backquotes, so that `a \`b\`` nests; the parser then
 * reads that text as a program of its own.
 */
static void read_backquote(struct reader *r, bool quoted, enum place place)
{
	struct parser *p = r->p;
	struct arena_mark mark = arena_mark(scratch);
	int line = p->in->line;
	struct input inner;
	struct sbuf text;
	int c;

	sbuf_init(&text, scratch);
	while ((c = lex_getc(p)) != '`') {
		if (c == INPUT_EOF)
			syntax_error(p, "unterminated backquote");
		if (c == '\\') {
			c = input_getc(p->in);
			if (c != '`' && c != '$' && c != '\\' &&
			    !(c == '"' && quoted && place != IN_HEREDOC))
				sbuf_putc(&text, '\\');
			if (c == INPUT_EOF)
				continue;
		}
		sbuf_putc(&text, c);
	}
	flush(r);
	input_open_string(&inner, sbuf_str(&text), line);
	add_part(r, PART_COMMAND, quoted)->command = parse_all(&inner,
							       p->arena);
	input_close(&inner);
	arena_release(scratch, mark);
}

static void read_single_quotes(struct reader *r)
{
	struct parser *p = r->p;
	int c;

	start_text(r, true);
	while ((c = input_getc(p->in)) != '\'') {
		if (c == INPUT_EOF)
			syntax_error(p, "unterminated quoted string");
		sbuf_putc(&r->text, c);
	}
}

static void read_double_quotes(struct reader *r)
{
	int c = lex_getc(r->p);

	/*
	 * Only "" itself is an empty part. In "$@" the quotes add nothing, so
	 * that no parameters make no field.
	 */
	if (c == '"') {
		start_text(r, true);
		return;
	}
	input_ungetc(r->p->in, c);
	read_quoted(r, IN_DQUOTE);
}

static bool ends_word(int c)
{
	return c == INPUT_EOF || strchr(" \t\n;&|<>()", c);
}

/* Read to the end of a bare word, or past the } if @in_brace. */
static void read_unquoted(struct reader *r, bool in_brace)
{
	struct parser *p = r->p;
	int c;

	stack_check();
	for (;;) {
		c = lex_getc(p);
		if (in_brace ? c == '}' : ends_word(c))
			break;
		switch (c) {
		case INPUT_EOF:
			syntax_error(p, "missing \"}\"");
		case '\\':
			c = input_getc(p->in);
			add_char(r, c == INPUT_EOF ? '\\' : c, true);
			break;
		case '\'':
			read_single_quotes(r);
			break;
		case '"':
			read_double_quotes(r);
			break;
		case '$':
			read_dollar(r, false);
			break;
		case '`':
			read_backquote(r, false, IN_DQUOTE);
			break;
		default:
			add_char(r, c, false);
		}
	}
	if (!in_brace)
		input_ungetc(p->in, c);
}

/* In a quoted place, a backslash quotes only what would be special. */
static void read_quoted_backslash(struct reader *r, enum place place)
{
	int c = input_getc(r->p->in);

	if (c != '$' && c != '`' && c != '\\' &&
	    !(c == '"' && place != IN_HEREDOC) &&
	    !(c == '}' && place == IN_BRACE)) {
		input_ungetc(r->p->in, c);
		c = '\\';
	}
	add_char(r, c, true);
}

/* Read past the character or characters that close @place. */
static void read_quoted(struct reader *r, enum place place)
{
	struct parser *p = r->p;
	int parens = 0;

	stack_check();
	for (;;) {
		int c = lex_getc(p);

		switch (c) {
		case INPUT_EOF:
			if (place == IN_HEREDOC)
				return;
			syntax_error(p, place == IN_BRACE ? "missing \"}\"" :
				     place == IN_ARITH ? "missing \"))\"" :
				     "unterminated quoted string");
		case '\\':
			read_quoted_backslash(r, place);
			continue;
		case '$':
			read_dollar(r, true);
			continue;
		case '`':
			read_backquote(r, true, place);
			continue;
		case '"':
			if (place == IN_DQUOTE)
				return;
			if (place == IN_BRACE) {
				read_quoted(r, IN_DQUOTE);
				continue;
			}
			if (place == IN_ARITH)
				continue;
			break;
		case '}':
			if (place == IN_BRACE)
				return;
			break;
		case '(':
			parens++;
			break;
		case ')':
			if (place != IN_ARITH || parens-- > 0)
				break;
			if (lex_getc(p) != ')')
				syntax_error(p, "missing \"))\"");
			return;
		}
		add_char(r, c, true);
	}
}

/*
 * Read the word that begins with the next character.
 */
struct word *read_word(struct parser *p)
{
	struct word *word = new_word(p);
	struct reader r;

	reader_init(&r, p, word);
	read_unquoted(&r, false);
	flush(&r);
	return word;
}

/*
 * Read the expansions in the @body of a here-document, which began on @line.
 */
struct word *read_heredoc_body(struct parser *p, const char *body, int line)
{
	struct parser inner = { .arena = p->arena };
	struct word *word = new_word(p);
	struct input in;
	struct reader r;

	input_open_string(&in, body, line);
	inner.in = &in;
	reader_init(&r, &inner, word);
	read_quoted(&r, IN_HEREDOC);
	flush(&r);
	input_close(&in);
	return word;
}

/*
 * The text of a word that is nothing but unquoted text; NULL for others.
 */
const char *word_literal(const struct word *word)
{
	const struct part *part = word->parts;

	if (!part || part->next || part->kind != PART_TEXT || part->quoted)
		return NULL;
	return part->text;
}

/*
 * Is any part of the word quoted?
 */
bool word_is_quoted(const struct word *word)
{
	for (const struct part *part = word->parts; part; part = part->next) {
		if (part->quoted)
			return true;
	}
	return false;
}

/*
 * Make a word of plain text.
 */
struct word *word_of_text(struct arena *arena, const char *text, bool quoted)
{
	struct word *word = arena_alloc(arena, sizeof(*word));
	struct part *part = arena_alloc(arena, sizeof(*part));

	*part = (struct part){
		.kind	= PART_TEXT,
		.quoted	= quoted,
		.text	= text,
	};
	*word = (struct word){ .parts = part };
	return word;
}
