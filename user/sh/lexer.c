/*
 * The lexer: characters to tokens.
 *
 * A shell's tokens are simple: blanks separate, a dozen operators stand for
 * themselves, everything else is a word (word.c). Two things are not:
 *
 *   - "2>" is a descriptor and an operator, "2 >" a word and an operator. A
 *     word of digits that touches < or > becomes a T_IO_NUMBER.
 *   - After "cat <<END" the text comes only after the newline, when the rest
 *     of the line has long been read. The parser therefore queues a struct
 *     heredoc, and the newline token, on its way out, reads the bodies.
 *
 * Reserved words are not tokens: "if" is one only where a command may begin,
 * and that is known to the parser alone. It compares token.literal.
 */
#include "parser.h"

#include <limits.h>
#include <string.h>

#include "arena.h"
#include "input.h"
#include "unparse.h"

/*
 * Can a variable name begin with this character?
 */
bool is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/*
 * Can a variable name contain this character?
 */
bool is_name_char(int c)
{
	return is_name_start(c) || (c >= '0' && c <= '9');
}

/*
 * Is this a variable name?
 */
bool is_name(const char *s)
{
	if (!is_name_start(*s))
		return false;
	while (is_name_char(*s))
		s++;
	return !*s;
}

/*
 * Take the next character, joining lines that end in a backslash.
 */
int lex_getc(struct parser *p)
{
	for (;;) {
		int c = input_getc(p->in);
		int next;

		if (c != '\\')
			return c;
		next = input_getc(p->in);
		if (next != '\n') {
			input_ungetc(p->in, next);
			return c;
		}
	}
}

/* Take the next character if it is @want. */
static bool accept(struct parser *p, int want)
{
	int c = lex_getc(p);

	if (c == want)
		return true;
	input_ungetc(p->in, c);
	return false;
}

/* The first character of a token: past blanks and comments. */
static int first_char(struct parser *p)
{
	int c;

	do
		c = lex_getc(p);
	while (c == ' ' || c == '\t');
	if (c == '#') {
		do
			c = input_getc(p->in);
		while (c != '\n' && c != INPUT_EOF);
	}
	return c;
}

static enum token_kind lex_less(struct parser *p)
{
	if (accept(p, '<'))
		return accept(p, '-') ? T_DLESS_DASH : T_DLESS;
	if (accept(p, '&'))
		return T_LESS_AND;
	return accept(p, '>') ? T_LESS_GREAT : T_LESS;
}

static enum token_kind lex_great(struct parser *p)
{
	if (accept(p, '>'))
		return T_DGREAT;
	if (accept(p, '&'))
		return T_GREAT_AND;
	return accept(p, '|') ? T_GREAT_BAR : T_GREAT;
}

static enum token_kind lex_operator(struct parser *p, int c)
{
	switch (c) {
	case INPUT_EOF:
		return T_EOF;
	case '\n':
		return T_NEWLINE;
	case ';':
		return accept(p, ';') ? T_DSEMI : T_SEMI;
	case '&':
		return accept(p, '&') ? T_AND : T_AMP;
	case '|':
		return accept(p, '|') ? T_OR : T_PIPE;
	case '(':
		return T_LPAREN;
	case ')':
		return T_RPAREN;
	case '<':
		return lex_less(p);
	case '>':
		return lex_great(p);
	}
	return T_WORD;
}

/* The value of a descriptor number, or -1 if @s is none. */
static int descriptor(const char *s)
{
	int fd = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		if (fd > (INT_MAX - 9) / 10)
			return -1;
		fd = fd * 10 + *s - '0';
	}
	return *s ? -1 : fd;
}

static void lex_word(struct parser *p)
{
	struct token *token = &p->token;
	int c;

	token->word = read_word(p);
	token->literal = word_literal(token->word);
	if (!token->literal)
		return;
	c = lex_getc(p);
	input_ungetc(p->in, c);
	if (c != '<' && c != '>')
		return;
	token->number = descriptor(token->literal);
	if (token->number >= 0)
		token->kind = T_IO_NUMBER;
}

/*
 * Read the next token into p->token.
 */
void lex_token(struct parser *p)
{
	int c = first_char(p);

	p->token = (struct token){ .kind = lex_operator(p, c) };
	switch (p->token.kind) {
	case T_WORD:
		input_ungetc(p->in, c);
		lex_word(p);
		break;
	case T_NEWLINE:
	case T_EOF:
		lex_heredocs(p);
		break;
	default:
		break;
	}
}

/*
 * Read a line, without its newline and without joining.
 *
 * Return: false if the input ended before any character.
 */
static bool read_line(struct parser *p, struct sbuf *line, bool strip_tabs)
{
	int c = input_getc(p->in);

	line->len = 0;
	if (c == INPUT_EOF)
		return false;
	while (strip_tabs && c == '\t')
		c = input_getc(p->in);
	for (; c != '\n' && c != INPUT_EOF; c = input_getc(p->in))
		sbuf_putc(line, c);
	return true;
}

/* Does the line end in a backslash that is not itself escaped? */
static bool is_continued(const struct sbuf *line)
{
	size_t backslashes = 0;

	while (backslashes < line->len &&
	       line->data[line->len - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2;
}

static void read_heredoc(struct parser *p, struct heredoc *doc)
{
	struct sbuf body, line;
	bool joined = false;
	int first = p->in->line;

	sbuf_init(&body, p->arena);
	sbuf_init(&line, scratch);
	while (read_line(p, &line, doc->strip_tabs && !joined)) {
		if (!joined && !strcmp(sbuf_str(&line), doc->delimiter))
			break;
		sbuf_put(&body, line.data, line.len);
		sbuf_putc(&body, '\n');
		joined = !doc->quoted && is_continued(&line);
	}
	if (doc->quoted)
		doc->redir->target = word_of_text(p->arena, sbuf_str(&body),
						  true);
	else
		doc->redir->target = read_heredoc_body(p, sbuf_str(&body),
						       first);
}

/*
 * Read the bodies that follow this line.
 */
void lex_heredocs(struct parser *p)
{
	while (p->heredocs) {
		struct heredoc *doc = p->heredocs;

		p->heredocs = doc->next;
		read_heredoc(p, doc);
	}
}

/*
 * Name a token for a message.
 */
const char *token_name(const struct token *token, struct sbuf *sb)
{
	static const char *const names[] = {
		[T_EOF] = "end of file", [T_NEWLINE] = "newline",
		[T_IO_NUMBER] = "redirection",
		[T_SEMI] = "\";\"", [T_DSEMI] = "\";;\"", [T_AMP] = "\"&\"",
		[T_AND] = "\"&&\"", [T_PIPE] = "\"|\"", [T_OR] = "\"||\"",
		[T_LPAREN] = "\"(\"", [T_RPAREN] = "\")\"",
		[T_LESS] = "redirection", [T_LESS_AND] = "redirection",
		[T_LESS_GREAT] = "redirection", [T_DLESS] = "redirection",
		[T_DLESS_DASH] = "redirection", [T_GREAT] = "redirection",
		[T_GREAT_AND] = "redirection", [T_GREAT_BAR] = "redirection",
		[T_DGREAT] = "redirection",
	};

	if (token->kind != T_WORD)
		return names[token->kind];
	sbuf_putc(sb, '"');
	unparse_word(sb, token->word);
	sbuf_putc(sb, '"');
	return sbuf_str(sb);
}
