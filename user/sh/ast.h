/*
 * The syntax tree: what the parser makes of text and the executor walks.
 *
 *	if grep -q "$who" list; then echo yes & fi >log
 *
 * becomes
 *
 *	NODE_IF  redirs: >log
 *	  cond: NODE_LIST
 *	    NODE_SIMPLE  words: grep, -q, [PARAM who, quoted], list
 *	  then: NODE_LIST
 *	    NODE_SIMPLE  words: echo, yes            (JOIN_BACKGROUND)
 *
 * A word is not a string but a list of parts, because what must happen to it
 * (expansion, splitting, globbing) depends on which of its characters were
 * quoted; the quotes themselves are gone. All of a tree lives in one arena
 * and is never changed once built, so it may be executed any number of times.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct node;
struct word;

enum part_kind {
	PART_TEXT,
	PART_PARAM,		/* $x ${x} ${x:-word} */
	PART_COMMAND,		/* $(list) `list` */
	PART_ARITH,		/* $((expression)) */
};

/* What is done with a parameter; the _COLON forms treat empty as unset. */
enum param_op {
	PARAM_PLAIN,
	PARAM_LENGTH,		/* ${#x} */
	PARAM_DEFAULT,		/* ${x-word} */
	PARAM_ASSIGN,		/* ${x=word} */
	PARAM_ERROR,		/* ${x?word} */
	PARAM_ALTERNATIVE,	/* ${x+word} */
	PARAM_CUT_SUFFIX,	/* ${x%pattern} */
	PARAM_CUT_SUFFIX_LONG,	/* ${x%%pattern} */
	PARAM_CUT_PREFIX,	/* ${x#pattern} */
	PARAM_CUT_PREFIX_LONG,	/* ${x##pattern} */
	PARAM_BAD,		/* an error, but only when it is reached */
};

struct part {
	struct part	*next;
	enum part_kind	kind;
	bool		quoted;
	/* PARAM */
	enum param_op	op;
	bool		colon;		/* the op tests for empty, too */
	/* TEXT: the characters; PARAM: the name */
	const char	*text;
	/* PARAM: what follows the operator; ARITH: the expression */
	struct word	*word;
	/* COMMAND: NULL if there is nothing between the parentheses */
	struct node	*command;
};

struct word {
	struct word	*next;
	struct part	*parts;
};

/* name=word before a command. */
struct assign {
	struct assign	*next;
	const char	*name;
	struct word	*value;
};

enum redir_kind {
	REDIR_READ,		/* <  */
	REDIR_WRITE,		/* >  */
	REDIR_CLOBBER,		/* >| */
	REDIR_APPEND,		/* >> */
	REDIR_BOTH,		/* <> */
	REDIR_DUP_READ,		/* <& */
	REDIR_DUP_WRITE,	/* >& */
	REDIR_HEREDOC,		/* << */
};

struct redir {
	struct redir	*next;
	enum redir_kind	kind;
	int		fd;
	struct word	*target;	/* HEREDOC: the body */
};

enum node_kind {
	NODE_SIMPLE,
	NODE_PIPE,
	NODE_ANDOR,
	NODE_LIST,
	NODE_SUBSHELL,
	NODE_GROUP,
	NODE_IF,
	NODE_WHILE,
	NODE_UNTIL,
	NODE_FOR,
	NODE_CASE,
	NODE_FUNCTION,
};

/* How an item of a list is joined to what comes after it. */
enum join {
	JOIN_SEQUENCE,		/* ; or newline */
	JOIN_BACKGROUND,	/* & */
	JOIN_PIPE,		/* | */
	JOIN_AND,		/* && */
	JOIN_OR,		/* || */
};

struct item {
	struct item	*next;
	struct node	*node;
	enum join	join;
};

struct case_arm {
	struct case_arm	*next;
	struct word	*patterns;
	struct node	*body;		/* NULL if empty */
};

struct node {
	enum node_kind	kind;
	int		line;
	struct redir	*redirs;
	union {
		struct {			/* SIMPLE */
			struct assign	*assigns;
			struct word	*words;
		};
		struct {			/* PIPE, ANDOR, LIST */
			struct item	*items;
			bool		negated;	/* PIPE */
		};
		struct node	*body;		/* SUBSHELL, GROUP */
		struct {			/* IF, WHILE, UNTIL */
			struct node	*cond;
			struct node	*then;
			struct node	*otherwise;	/* IF, or NULL */
		};
		struct {			/* FOR, CASE, FUNCTION */
			const char	*name;
			struct word	*subject;	/* words, or word */
			bool		has_in;		/* FOR */
			struct case_arm	*arms;
			struct node	*action;	/* FOR, FUNCTION */
			struct arena	*arena;		/* FUNCTION: home */
		};
	};
};
