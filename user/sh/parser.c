/*
 * The parser: tokens to the syntax tree, by recursive descent.
 *
 *	line		list newline
 *	list		and_or  { (";" | "&" | newline) and_or }
 *	and_or		pipeline { ("&&" | "||") pipeline }
 *	pipeline	[ "!" ] command { "|" command }
 *	command		simple | compound { redirection } | name "(" ")" command
 *	compound	"(" list ")" | "{" list "}" | if | while | for | case
 *
 * One token of lookahead decides everything, and every function here (or in
 * compound.c) is one line of this grammar. A list simply ends where no
 * command can begin; its
 * caller then demands the word it needs ("then", "done", ")") and reports
 * what stands there instead. A shell executes line by line, so parse_line()
 * must not look beyond the newline: what follows may be input for a command.
 */
#include "parser.h"

#include <stdarg.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "input.h"
#include "shell.h"
#include "unparse.h"

/*
 * Report a mistake in the program and abandon it, with status 2.
 */
noreturn void syntax_error(struct parser *p, const char *fmt, ...)
{
	struct sbuf sb;
	va_list args;

	sbuf_init(&sb, scratch);
	va_start(args, fmt);
	sbuf_vprintf(&sb, fmt, args);
	va_end(args);
	shell.line = p->in->line;
	shell_error("syntax error: %s", sbuf_str(&sb));
}

/*
 * Look at the next token without taking it.
 */
struct token *parse_peek(struct parser *p)
{
	if (!p->peeked)
		lex_token(p);
	p->peeked = true;
	return &p->token;
}

/*
 * Take the token last looked at.
 */
void parse_advance(struct parser *p)
{
	p->peeked = false;
}

/*
 * Report that the next token cannot stand where it does; @wanted, if not
 * NULL, could.
 */
noreturn void parse_unexpected(struct parser *p, const char *wanted)
{
	struct token *token = parse_peek(p);
	struct sbuf sb;

	/* The newline has been read, but the mistake is before it. */
	if (token->kind == T_NEWLINE)
		p->in->line--;
	sbuf_init(&sb, scratch);
	if (wanted)
		syntax_error(p, "unexpected %s, expecting \"%s\"",
			     token_name(token, &sb), wanted);
	syntax_error(p, "unexpected %s", token_name(token, &sb));
}

/*
 * Is the next token this word, unquoted?
 */
bool parse_at_word(struct parser *p, const char *word)
{
	struct token *token = parse_peek(p);

	return token->kind == T_WORD && token->literal &&
	       !strcmp(token->literal, word);
}

/*
 * Take this word, or report what stands in its place.
 */
void parse_expect(struct parser *p, const char *word)
{
	if (!parse_at_word(p, word))
		parse_unexpected(p, word);
	parse_advance(p);
}

/*
 * Take a closing parenthesis, or report what stands in its place.
 */
void parse_expect_rparen(struct parser *p)
{
	if (parse_peek(p)->kind != T_RPAREN)
		parse_unexpected(p, ")");
	parse_advance(p);
}

/*
 * Take a word, whatever it is.
 */
struct word *parse_any_word(struct parser *p)
{
	struct token *token = parse_peek(p);

	if (token->kind != T_WORD)
		parse_unexpected(p, NULL);
	parse_advance(p);
	return token->word;
}

/*
 * Take newlines, where they mean nothing.
 */
void parse_skip_newlines(struct parser *p)
{
	while (parse_peek(p)->kind == T_NEWLINE)
		parse_advance(p);
}

/*
 * Make an empty node that remembers the line it stands on.
 */
struct node *parse_new_node(struct parser *p, enum node_kind kind)
{
	struct node *node = arena_alloc(p->arena, sizeof(*node));

	*node = (struct node){ .kind = kind, .line = p->in->line };
	return node;
}

/* The reserved words that end a list instead of beginning a command. */
static bool closes_list(const char *literal)
{
	static const char *const closers[] = {
		"then", "elif", "else", "fi", "do", "done", "esac", "}",
	};

	for (size_t i = 0; i < sizeof(closers) / sizeof(*closers); i++) {
		if (!strcmp(literal, closers[i]))
			return true;
	}
	return false;
}

static bool starts_command(struct parser *p)
{
	struct token *token = parse_peek(p);

	switch (token->kind) {
	case T_WORD:
		return !token->literal || !closes_list(token->literal);
	case T_IO_NUMBER:
	case T_LPAREN:
		return true;
	default:
		return token->kind >= T_LESS;
	}
}

static struct item **add_item(struct parser *p, struct item **tail,
			      struct node *node, enum join join)
{
	struct item *item = arena_alloc(p->arena, sizeof(*item));

	*item = (struct item){ .node = node, .join = join };
	*tail = item;
	return &item->next;
}

/* Redirections */

static void queue_heredoc(struct parser *p, struct redir *redir,
			  struct word *word, bool strip_tabs)
{
	struct heredoc *doc = arena_alloc(p->arena, sizeof(*doc));
	struct heredoc **tail = &p->heredocs;
	struct sbuf sb;

	/* The delimiter is not expanded, only relieved of its quotes. */
	sbuf_init(&sb, p->arena);
	for (struct part *part = word->parts; part; part = part->next) {
		if (part->kind == PART_TEXT)
			sbuf_puts(&sb, part->text);
		else
			unparse_part(&sb, part);
	}
	*doc = (struct heredoc){
		.redir		= redir,
		.delimiter	= sbuf_str(&sb),
		.quoted		= word_is_quoted(word),
		.strip_tabs	= strip_tabs,
	};
	while (*tail)
		tail = &(*tail)->next;
	*tail = doc;
}

static enum redir_kind redir_kind(enum token_kind kind)
{
	switch (kind) {
	case T_LESS_AND:
		return REDIR_DUP_READ;
	case T_LESS_GREAT:
		return REDIR_BOTH;
	case T_DLESS:
	case T_DLESS_DASH:
		return REDIR_HEREDOC;
	case T_GREAT:
		return REDIR_WRITE;
	case T_GREAT_AND:
		return REDIR_DUP_WRITE;
	case T_GREAT_BAR:
		return REDIR_CLOBBER;
	case T_DGREAT:
		return REDIR_APPEND;
	default:
		return REDIR_READ;
	}
}

/* Read a redirection if there is one, and append it at *tail. */
static bool parse_redir(struct parser *p, struct redir ***tail)
{
	int fd = -1;
	enum token_kind kind;
	struct redir *redir;
	struct word *word;

	if (parse_peek(p)->kind == T_IO_NUMBER) {
		fd = parse_peek(p)->number;
		parse_advance(p);
	}
	kind = parse_peek(p)->kind;
	if (kind < T_LESS)
		return false;
	parse_advance(p);
	word = parse_any_word(p);
	if (fd < 0)
		fd = kind >= T_GREAT;
	redir = arena_alloc(p->arena, sizeof(*redir));
	*redir = (struct redir){
		.kind	= redir_kind(kind),
		.fd	= fd,
		.target	= word,
	};
	if (redir->kind == REDIR_HEREDOC)
		queue_heredoc(p, redir, word, kind == T_DLESS_DASH);
	**tail = redir;
	*tail = &redir->next;
	return true;
}

/* Lists */

static struct node *parse_pipeline(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_PIPE);
	struct item **tail = &node->items;

	while (parse_at_word(p, "!")) {
		node->negated = !node->negated;
		parse_advance(p);
	}
	for (;;) {
		tail = add_item(p, tail, parse_command(p), JOIN_PIPE);
		if (parse_peek(p)->kind != T_PIPE)
			break;
		parse_advance(p);
		parse_skip_newlines(p);
	}
	if (!node->items->next && !node->negated)
		return node->items->node;
	return node;
}

static struct node *parse_and_or(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_ANDOR);
	struct item **tail = &node->items;

	for (;;) {
		struct node *command = parse_pipeline(p);
		enum token_kind kind = parse_peek(p)->kind;

		if (kind != T_AND && kind != T_OR) {
			if (!node->items)
				return command;
			add_item(p, tail, command, JOIN_SEQUENCE);
			return node;
		}
		tail = add_item(p, tail, command,
				kind == T_AND ? JOIN_AND : JOIN_OR);
		parse_advance(p);
		parse_skip_newlines(p);
	}
}

/*
 * Read commands up to where none begins; NULL if that is at once. Newlines
 * separate them only if @lines: else the list ends with the line.
 */
struct node *parse_list(struct parser *p, bool lines)
{
	struct node *node = parse_new_node(p, NODE_LIST);
	struct item **tail = &node->items;
	enum join join = JOIN_SEQUENCE;

	stack_check();
	for (;;) {
		enum token_kind kind;
		struct node *command;

		if (lines)
			parse_skip_newlines(p);
		if (!starts_command(p))
			break;
		command = parse_and_or(p);
		kind = parse_peek(p)->kind;
		join = kind == T_AMP ? JOIN_BACKGROUND : JOIN_SEQUENCE;
		tail = add_item(p, tail, command, join);
		if (kind == T_AMP || kind == T_SEMI)
			parse_advance(p);
		else if (kind != T_NEWLINE || !lines)
			break;
	}
	if (node->items && !node->items->next && join == JOIN_SEQUENCE)
		return node->items->node;
	return node->items ? node : NULL;
}

/* Called between the name and the parentheses. */
static struct node *parse_function(struct parser *p, struct word *name)
{
	struct node *node = parse_new_node(p, NODE_FUNCTION);

	node->name = word_literal(name);
	node->arena = p->arena;
	parse_advance(p);
	parse_expect_rparen(p);
	if (!node->name || !is_name(node->name))
		syntax_error(p, "bad function name");
	parse_skip_newlines(p);
	node->action = parse_command(p);
	return node;
}

/* Commands */

/* Turn name=value into an assignment; NULL if it is not one. */
static struct assign *parse_assign(struct parser *p, struct word *word)
{
	struct part *first = word->parts;
	struct assign *assign;
	struct part *rest;
	size_t len = 0;

	if (!first || first->kind != PART_TEXT || first->quoted ||
	    !is_name_start(first->text[0]))
		return NULL;
	while (is_name_char(first->text[len]))
		len++;
	if (first->text[len] != '=')
		return NULL;
	assign = arena_alloc(p->arena, sizeof(*assign));
	*assign = (struct assign){
		.name	= arena_strndup(p->arena, first->text, len),
		.value	= arena_alloc(p->arena, sizeof(*assign->value)),
	};
	rest = first->next;
	if (first->text[len + 1]) {
		rest = arena_alloc(p->arena, sizeof(*rest));
		*rest = *first;
		rest->text += len + 1;
	}
	*assign->value = (struct word){ .parts = rest };
	return assign;
}

static struct node *parse_simple(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_SIMPLE);
	struct assign **assigns = &node->assigns;
	struct word **words = &node->words;
	struct redir **redirs = &node->redirs;

	for (;;) {
		struct word *word;

		if (parse_redir(p, &redirs))
			continue;
		if (parse_peek(p)->kind == T_LPAREN && node->words &&
		    !node->words->next && !node->assigns && !node->redirs)
			return parse_function(p, node->words);
		if (parse_peek(p)->kind != T_WORD)
			break;
		word = parse_any_word(p);
		if (!node->words) {
			*assigns = parse_assign(p, word);
			if (*assigns) {
				assigns = &(*assigns)->next;
				continue;
			}
		}
		*words = word;
		words = &word->next;
	}
	return node;
}

/*
 * Read one command: simple, or compound with its redirections.
 */
struct node *parse_command(struct parser *p)
{
	struct node *node;
	struct redir **tail;

	stack_check();
	if (!starts_command(p) || parse_at_word(p, "!"))
		parse_unexpected(p, NULL);
	node = parse_compound(p);
	if (!node)
		return parse_simple(p);
	tail = &node->redirs;
	while (parse_redir(p, &tail))
		continue;
	return node;
}

/*
 * Read one line of commands, or as many as it takes to complete them.
 *
 * Return: false at the end of the input; else *node is the command, or NULL
 * for an empty line. It lives in @arena.
 */
bool parse_line(struct input *in, struct arena *arena, struct node **node)
{
	struct parser p = { .in = in, .arena = arena };

	in->continued = false;
	shell.line = in->line;
	*node = parse_list(&p, false);
	switch (parse_peek(&p)->kind) {
	case T_EOF:
		return *node;
	case T_NEWLINE:
		return true;
	default:
		parse_unexpected(&p, NULL);
	}
}

/*
 * Read the inside of $(...) and its closing parenthesis.
 */
struct node *parse_substitution(struct parser *outer)
{
	struct parser p = { .in = outer->in, .arena = outer->arena };
	struct node *node = parse_list(&p, true);
	struct heredoc **tail = &p.heredocs;

	parse_expect_rparen(&p);
	/* $(cat <<END) has its text where the outer ones have theirs. */
	while (*tail)
		tail = &(*tail)->next;
	*tail = outer->heredocs;
	outer->heredocs = p.heredocs;
	return node;
}

/*
 * Read a whole input as one list, NULL if it is empty.
 */
struct node *parse_all(struct input *in, struct arena *arena)
{
	struct parser p = { .in = in, .arena = arena };
	struct node *node = parse_list(&p, true);

	if (parse_peek(&p)->kind != T_EOF)
		parse_unexpected(&p, NULL);
	return node;
}
