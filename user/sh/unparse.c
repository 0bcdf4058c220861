/*
 * From the syntax tree back to text.
 *
 * "jobs" shows what each job is, on one line. The text the user typed may
 * have been several lines with comments, so it is made anew from the tree:
 * the same commands in a normal form. It is for the eye, not for the parser
 * (a here-document shows as "<<...").
 */
#include "unparse.h"

#include "arena.h"
#include "ast.h"
#include "error.h"

static void unparse_items(struct sbuf *sb, const struct node *node)
{
	static const char *const joins[] = {
		[JOIN_SEQUENCE]		= "; ",
		[JOIN_BACKGROUND]	= " & ",
		[JOIN_PIPE]		= " | ",
		[JOIN_AND]		= " && ",
		[JOIN_OR]		= " || ",
	};

	for (const struct item *item = node->items; item; item = item->next) {
		unparse_node(sb, item->node);
		if (item->next)
			sbuf_puts(sb, joins[item->join]);
		else if (item->join == JOIN_BACKGROUND)
			sbuf_puts(sb, " &");
	}
}

static const char *operator_text(enum param_op op)
{
	static const char *const texts[] = {
		[PARAM_PLAIN]		= "",
		[PARAM_LENGTH]		= "",
		[PARAM_DEFAULT]		= "-",
		[PARAM_ASSIGN]		= "=",
		[PARAM_ERROR]		= "?",
		[PARAM_ALTERNATIVE]	= "+",
		[PARAM_CUT_SUFFIX]	= "%",
		[PARAM_CUT_SUFFIX_LONG]	= "%%",
		[PARAM_CUT_PREFIX]	= "#",
		[PARAM_CUT_PREFIX_LONG]	= "##",
		[PARAM_BAD]		= "",
	};

	return texts[op];
}

static void unparse_param(struct sbuf *sb, const struct part *part)
{
	sbuf_putc(sb, '$');
	if (part->word) {
		sbuf_puts(sb, part->op == PARAM_LENGTH ? "{#" : "{");
		sbuf_puts(sb, part->text);
		sbuf_puts(sb, part->colon ? ":" : "");
		sbuf_puts(sb, operator_text(part->op));
		unparse_word(sb, part->word);
		sbuf_putc(sb, '}');
	} else {
		sbuf_puts(sb, part->text);
	}
}

/*
 * Append a part of a word, without quotes of its own.
 */
void unparse_part(struct sbuf *sb, const struct part *part)
{
	switch (part->kind) {
	case PART_TEXT:
		sbuf_puts(sb, part->text);
		break;
	case PART_PARAM:
		unparse_param(sb, part);
		break;
	case PART_COMMAND:
		sbuf_puts(sb, "$(");
		if (part->command)
			unparse_node(sb, part->command);
		sbuf_putc(sb, ')');
		break;
	case PART_ARITH:
		sbuf_puts(sb, "$((");
		unparse_word(sb, part->word);
		sbuf_puts(sb, "))");
		break;
	}
}

/*
 * Append a word, with double quotes around each quoted stretch.
 */
void unparse_word(struct sbuf *sb, const struct word *word)
{
	bool quoted = false;

	stack_check();
	for (const struct part *part = word->parts; part; part = part->next) {
		if (part->quoted != quoted)
			sbuf_putc(sb, '"');
		quoted = part->quoted;
		unparse_part(sb, part);
	}
	if (quoted)
		sbuf_putc(sb, '"');
}

static void unparse_words(struct sbuf *sb, const struct word *word,
			  const char *between)
{
	for (; word; word = word->next) {
		unparse_word(sb, word);
		if (word->next)
			sbuf_puts(sb, between);
	}
}

static void unparse_redirs(struct sbuf *sb, const struct redir *redir)
{
	static const char *const texts[] = {
		[REDIR_READ]		= "<",
		[REDIR_WRITE]		= ">",
		[REDIR_CLOBBER]		= ">|",
		[REDIR_APPEND]		= ">>",
		[REDIR_BOTH]		= "<>",
		[REDIR_DUP_READ]	= "<&",
		[REDIR_DUP_WRITE]	= ">&",
		[REDIR_HEREDOC]		= "<<...",
	};

	for (; redir; redir = redir->next) {
		const char *text = texts[redir->kind];

		sbuf_putc(sb, ' ');
		if (redir->fd != (*text == '>'))
			sbuf_printf(sb, "%d", redir->fd);
		sbuf_puts(sb, text);
		if (redir->kind != REDIR_HEREDOC)
			unparse_word(sb, redir->target);
	}
}

static void unparse_simple(struct sbuf *sb, const struct node *node)
{
	for (const struct assign *a = node->assigns; a; a = a->next) {
		sbuf_puts(sb, a->name);
		sbuf_putc(sb, '=');
		unparse_word(sb, a->value);
		if (a->next || node->words)
			sbuf_putc(sb, ' ');
	}
	unparse_words(sb, node->words, " ");
}

static void unparse_if(struct sbuf *sb, const struct node *node)
{
	sbuf_puts(sb, "if ");
	unparse_node(sb, node->cond);
	sbuf_puts(sb, "; then ");
	unparse_node(sb, node->then);
	if (node->otherwise) {
		sbuf_puts(sb, "; else ");
		unparse_node(sb, node->otherwise);
	}
	sbuf_puts(sb, "; fi");
}

static void unparse_loop(struct sbuf *sb, const struct node *node)
{
	if (node->kind == NODE_FOR) {
		sbuf_printf(sb, "for %s", node->name);
		if (node->has_in) {
			sbuf_puts(sb, " in ");
			unparse_words(sb, node->subject, " ");
		}
	} else {
		sbuf_puts(sb, node->kind == NODE_WHILE ? "while " : "until ");
		unparse_node(sb, node->cond);
	}
	sbuf_puts(sb, "; do ");
	unparse_node(sb, node->kind == NODE_FOR ? node->action : node->then);
	sbuf_puts(sb, "; done");
}

static void unparse_case(struct sbuf *sb, const struct node *node)
{
	sbuf_puts(sb, "case ");
	unparse_word(sb, node->subject);
	sbuf_puts(sb, " in ");
	for (const struct case_arm *arm = node->arms; arm; arm = arm->next) {
		unparse_words(sb, arm->patterns, " | ");
		sbuf_puts(sb, ") ");
		if (arm->body)
			unparse_node(sb, arm->body);
		sbuf_puts(sb, ";; ");
	}
	sbuf_puts(sb, "esac");
}

static void unparse_in(struct sbuf *sb, const char *open,
		       const struct node *body, const char *close)
{
	sbuf_puts(sb, open);
	unparse_node(sb, body);
	sbuf_puts(sb, close);
}

/*
 * Append a command.
 */
void unparse_node(struct sbuf *sb, const struct node *node)
{
	stack_check();
	switch (node->kind) {
	case NODE_SIMPLE:
		unparse_simple(sb, node);
		break;
	case NODE_PIPE:
		sbuf_puts(sb, node->negated ? "! " : "");
		unparse_items(sb, node);
		break;
	case NODE_ANDOR:
	case NODE_LIST:
		unparse_items(sb, node);
		break;
	case NODE_SUBSHELL:
		unparse_in(sb, "(", node->body, ")");
		break;
	case NODE_GROUP:
		unparse_in(sb, "{ ", node->body, "; }");
		break;
	case NODE_IF:
		unparse_if(sb, node);
		break;
	case NODE_WHILE:
	case NODE_UNTIL:
	case NODE_FOR:
		unparse_loop(sb, node);
		break;
	case NODE_CASE:
		unparse_case(sb, node);
		break;
	case NODE_FUNCTION:
		sbuf_puts(sb, node->name);
		unparse_in(sb, "() ", node->action, "");
		break;
	}
	unparse_redirs(sb, node->redirs);
}
