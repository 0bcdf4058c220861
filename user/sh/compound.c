/*
 * The parser's second half: compound commands.
 *
 * Each kind is a function that is called with its first word as the next
 * token. They lean on one convention of parse_list(): a list ends where no
 * command can begin, and "then", "do", "done" and their like begin none. So
 * "if" is: a list, a "then", a list, and whatever is missing is reported as
 * what was expected in its place.
 */
#include "parser.h"

#include <string.h>

#include "arena.h"
#include "error.h"

/* A list that may span lines and must not be empty. */
static struct node *parse_body(struct parser *p)
{
	struct node *node = parse_list(p, true);

	if (!node)
		parse_unexpected(p, NULL);
	return node;
}

static struct node *parse_group(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_GROUP);

	parse_advance(p);
	node->body = parse_body(p);
	parse_expect(p, "}");
	return node;
}

static struct node *parse_subshell(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_SUBSHELL);

	parse_advance(p);
	node->body = parse_body(p);
	parse_expect_rparen(p);
	return node;
}

/* Also for "elif", which is an "if" whose "fi" closes the outer one. */
static struct node *parse_if(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_IF);

	stack_check();
	parse_advance(p);
	node->cond = parse_body(p);
	parse_expect(p, "then");
	node->then = parse_body(p);
	if (parse_at_word(p, "elif")) {
		node->otherwise = parse_if(p);
		return node;
	}
	if (parse_at_word(p, "else")) {
		parse_advance(p);
		node->otherwise = parse_body(p);
	}
	parse_expect(p, "fi");
	return node;
}

static struct node *parse_do_group(struct parser *p)
{
	struct node *body;

	parse_expect(p, "do");
	body = parse_body(p);
	parse_expect(p, "done");
	return body;
}

static struct node *parse_while(struct parser *p)
{
	bool until = parse_at_word(p, "until");
	struct node *node = parse_new_node(p, until ? NODE_UNTIL : NODE_WHILE);

	parse_advance(p);
	node->cond = parse_body(p);
	node->then = parse_do_group(p);
	return node;
}

static struct node *parse_for(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_FOR);
	struct word **tail = &node->subject;

	parse_advance(p);
	if (parse_peek(p)->kind != T_WORD)
		parse_unexpected(p, NULL);
	node->name = parse_peek(p)->literal;
	if (!node->name || !is_name(node->name))
		syntax_error(p, "bad for loop variable");
	parse_advance(p);
	if (parse_peek(p)->kind == T_SEMI) {
		parse_advance(p);
	} else {
		parse_skip_newlines(p);
		node->has_in = parse_at_word(p, "in");
	}
	if (node->has_in) {
		parse_advance(p);
		while (parse_peek(p)->kind == T_WORD) {
			*tail = parse_any_word(p);
			tail = &(*tail)->next;
		}
		if (parse_peek(p)->kind == T_SEMI)
			parse_advance(p);
		else if (parse_peek(p)->kind != T_NEWLINE)
			parse_unexpected(p, NULL);
	}
	parse_skip_newlines(p);
	node->action = parse_do_group(p);
	return node;
}

/* Read "pattern | pattern) list" and the ";;", which the last may omit. */
static struct case_arm *parse_case_arm(struct parser *p)
{
	struct case_arm *arm = arena_alloc(p->arena, sizeof(*arm));
	struct word **tail = &arm->patterns;

	*arm = (struct case_arm){ 0 };
	if (parse_peek(p)->kind == T_LPAREN)
		parse_advance(p);
	for (;;) {
		*tail = parse_any_word(p);
		tail = &(*tail)->next;
		if (parse_peek(p)->kind != T_PIPE)
			break;
		parse_advance(p);
	}
	parse_expect_rparen(p);
	arm->body = parse_list(p, true);
	if (parse_peek(p)->kind == T_DSEMI)
		parse_advance(p);
	else if (!parse_at_word(p, "esac"))
		parse_unexpected(p, ";;");
	parse_skip_newlines(p);
	return arm;
}

static struct node *parse_case(struct parser *p)
{
	struct node *node = parse_new_node(p, NODE_CASE);
	struct case_arm **tail = &node->arms;

	parse_advance(p);
	node->subject = parse_any_word(p);
	parse_skip_newlines(p);
	parse_expect(p, "in");
	parse_skip_newlines(p);
	while (!parse_at_word(p, "esac")) {
		*tail = parse_case_arm(p);
		tail = &(*tail)->next;
	}
	parse_advance(p);
	return node;
}

/*
 * Read a compound command, if its first word or parenthesis comes next.
 *
 * Return: NULL if it does not.
 */
struct node *parse_compound(struct parser *p)
{
	static const struct {
		const char	*word;
		struct node	*(*parse)(struct parser *p);
	} compounds[] = {
		{ "{",		parse_group },
		{ "if",		parse_if },
		{ "while",	parse_while },
		{ "until",	parse_while },
		{ "for",	parse_for },
		{ "case",	parse_case },
	};

	if (parse_peek(p)->kind == T_LPAREN)
		return parse_subshell(p);
	for (size_t i = 0; i < sizeof(compounds) / sizeof(*compounds); i++) {
		if (parse_at_word(p, compounds[i].word))
			return compounds[i].parse(p);
	}
	return NULL;
}
