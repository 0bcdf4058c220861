/*
 * From characters to the syntax tree.
 *
 * Four files share one struct parser: lexer.c cuts the input into tokens,
 * word.c reads the inside of words with their quotes and $-expansions, and
 * parser.c and compound.c assemble commands. They call each other in a
 * circle, because a word may hold "$(a whole program)".
 */
#pragma once

#include <stdbool.h>
#include <stdnoreturn.h>

#include "ast.h"

struct input;
struct sbuf;

enum token_kind {
	T_EOF,
	T_NEWLINE,
	T_WORD,
	T_IO_NUMBER,		/* the 2 of 2> */
	T_SEMI,			/* ; */
	T_DSEMI,		/* ;; */
	T_AMP,			/* & */
	T_AND,			/* && */
	T_PIPE,			/* | */
	T_OR,			/* || */
	T_LPAREN,
	T_RPAREN,
	T_LESS,			/* <  : the redirections from here on */
	T_LESS_AND,		/* <& */
	T_LESS_GREAT,		/* <> */
	T_DLESS,		/* << */
	T_DLESS_DASH,		/* <<- */
	T_GREAT,		/* > */
	T_GREAT_AND,		/* >& */
	T_GREAT_BAR,		/* >| */
	T_DGREAT,		/* >> */
};

struct token {
	enum token_kind	kind;
	int		number;		/* IO_NUMBER */
	struct word	*word;		/* WORD */
	const char	*literal;	/* WORD that is plain text, or NULL */
};

/* A << whose body begins after the next newline. */
struct heredoc {
	struct heredoc	*next;
	struct redir	*redir;
	const char	*delimiter;
	bool		quoted;
	bool		strip_tabs;
};

struct parser {
	struct input	*in;
	struct arena	*arena;
	struct token	token;		/* the next one, if peeked */
	bool		peeked;
	struct heredoc	*heredocs;
};

/* parser.c */
bool parse_line(struct input *in, struct arena *arena, struct node **node);
struct node *parse_substitution(struct parser *outer);
struct node *parse_all(struct input *in, struct arena *arena);
noreturn void syntax_error(struct parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Between parser.c and compound.c */
struct token *parse_peek(struct parser *p);
void parse_advance(struct parser *p);
void parse_skip_newlines(struct parser *p);
bool parse_at_word(struct parser *p, const char *word);
void parse_expect(struct parser *p, const char *word);
void parse_expect_rparen(struct parser *p);
struct word *parse_any_word(struct parser *p);
noreturn void parse_unexpected(struct parser *p, const char *wanted);
struct node *parse_new_node(struct parser *p, enum node_kind kind);
struct node *parse_list(struct parser *p, bool lines);
struct node *parse_command(struct parser *p);
struct node *parse_compound(struct parser *p);

/* lexer.c */
int lex_getc(struct parser *p);
void lex_token(struct parser *p);
void lex_heredocs(struct parser *p);
const char *token_name(const struct token *token, struct sbuf *sb);
bool is_name_start(int c);
bool is_name_char(int c);
bool is_name(const char *s);

/* word.c */
struct word *read_word(struct parser *p);
struct word *read_heredoc_body(struct parser *p, const char *body, int line);
const char *word_literal(const struct word *word);
bool word_is_quoted(const struct word *word);
struct word *word_of_text(struct arena *arena, const char *text, bool quoted);
