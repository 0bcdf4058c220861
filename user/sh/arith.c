/*
 * Arithmetic: $((expression)), with the operators and precedences of C.
 *
 * By the time the text arrives here all $-expansions in it are done, so it
 * consists of numbers, names and operators only. Evaluation goes straight
 * over the text by precedence climbing: parse_binary(level) reads operands
 * joined by operators that bind at least as tightly as @level. Sides that C
 * would not evaluate (in 0 && x=1) are still parsed, with @live false, which
 * keeps them from assigning and from dividing by zero.
 *
 * Numbers are 64 bits and wrap around; the sums are done unsigned, where C
 * allows that.
 */
#include "arith.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "parser.h"
#include "shell.h"
#include "vars.h"

struct arith {
	const char	*text;		/* all of it, for messages */
	const char	*pos;
};

static long parse_assignment(struct arith *a, bool live);

noreturn static void fail(struct arith *a, const char *what)
{
	shell_error("arithmetic expression: %s: \"%s\"", what, a->text);
}

static void skip_blanks(struct arith *a)
{
	a->pos += strspn(a->pos, " \t\n");
}

/* Take @op if it comes next. */
static bool accept(struct arith *a, const char *op)
{
	skip_blanks(a);
	if (strncmp(a->pos, op, strlen(op)))
		return false;
	a->pos += strlen(op);
	return true;
}

/* The operators with two operands, loosest first; || is level 1. */
enum binary {
	OP_NONE, OP_OR, OP_AND, OP_BIT_OR, OP_BIT_XOR, OP_BIT_AND,
	OP_EQ, OP_NE, OP_LE, OP_GE, OP_SHL, OP_SHR, OP_LT, OP_GT,
	OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
};

/* Longer ones first, so that << is not taken for <. */
static const struct operator {
	const char	*text;
	enum binary	op;
	int		level;
} operators[] = {
	{ "||", OP_OR, 1 }, { "&&", OP_AND, 2 }, { "==", OP_EQ, 6 },
	{ "!=", OP_NE, 6 }, { "<<", OP_SHL, 8 }, { ">>", OP_SHR, 8 },
	{ "<=", OP_LE, 7 }, { ">=", OP_GE, 7 }, { "|", OP_BIT_OR, 3 },
	{ "^", OP_BIT_XOR, 4 }, { "&", OP_BIT_AND, 5 }, { "<", OP_LT, 7 },
	{ ">", OP_GT, 7 }, { "+", OP_ADD, 9 }, { "-", OP_SUB, 9 },
	{ "*", OP_MUL, 10 }, { "/", OP_DIV, 10 }, { "%", OP_MOD, 10 },
};

/* The binary operator that comes next, if any; it is not taken. */
static const struct operator *peek_operator(struct arith *a)
{
	skip_blanks(a);
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		const struct operator *o = &operators[i];

		if (!strncmp(a->pos, o->text, strlen(o->text)))
			return o;
	}
	return NULL;
}

static long divide(struct arith *a, enum binary op, long x, long y)
{
	if (!y)
		fail(a, "division by zero");
	/* The one quotient that does not fit wraps to the dividend. */
	if (y == -1)
		return op == OP_DIV ? (long)(0 - (unsigned long)x) : 0;
	return op == OP_DIV ? x / y : x % y;
}

static long apply(struct arith *a, enum binary op, long x, long y)
{
	unsigned long ux = x, uy = y;

	switch (op) {
	case OP_BIT_OR:
		return x | y;
	case OP_BIT_XOR:
		return x ^ y;
	case OP_BIT_AND:
		return x & y;
	case OP_EQ:
		return x == y;
	case OP_NE:
		return x != y;
	case OP_LE:
		return x <= y;
	case OP_GE:
		return x >= y;
	case OP_LT:
		return x < y;
	case OP_GT:
		return x > y;
	case OP_SHL:
		return ux << (uy & 63);
	case OP_SHR:
		return x >> (uy & 63);
	case OP_ADD:
		return ux + uy;
	case OP_SUB:
		return ux - uy;
	case OP_MUL:
		return ux * uy;
	case OP_DIV:
	case OP_MOD:
		return divide(a, op, x, y);
	default:
		return y;
	}
}

static long parse_number(struct arith *a)
{
	char *end;
	long n = strtol(a->pos, &end, 0);

	if (end == a->pos || is_name_char(*end))
		fail(a, "bad number");
	a->pos = end;
	return n;
}

/* The value of a variable: unset or empty is 0, else it must be a number. */
static long variable(struct arith *a, const char *name)
{
	const char *value = var_get(name);
	char *end;
	long n;

	if (!value && shell.options[OPT_NOUNSET])
		shell_error("%s: parameter not set", name);
	if (!value || !*value)
		return 0;
	n = strtol(value, &end, 0);
	end += strspn(end, " \t\n");
	if (*end || end == value)
		fail(a, "not a number in a variable");
	return n;
}

/* If "=" or "op=" comes next, take it. */
static bool accept_assignment(struct arith *a, enum binary *op)
{
	const struct operator *o = peek_operator(a);

	*op = OP_NONE;
	if (a->pos[0] == '=' && a->pos[1] != '=') {
		a->pos++;
		return true;
	}
	if (!o || o->level < 3 || o->level == 6 || o->level == 7 ||
	    a->pos[strlen(o->text)] != '=')
		return false;
	a->pos += strlen(o->text) + 1;
	*op = o->op;
	return true;
}

static long parse_name(struct arith *a, bool live)
{
	const char *start = a->pos;
	enum binary op;
	long value;
	char *name;

	while (is_name_char(*a->pos))
		a->pos++;
	name = arena_strndup(scratch, start, a->pos - start);
	if (!accept_assignment(a, &op))
		return live ? variable(a, name) : 0;
	value = parse_assignment(a, live);
	if (!live)
		return value;
	if (op != OP_NONE)
		value = apply(a, op, variable(a, name), value);
	var_set_number(name, value);
	return value;
}

static long parse_unary(struct arith *a, bool live)
{
	long value;

	stack_check();
	skip_blanks(a);
	if (is_name_start(*a->pos))
		return parse_name(a, live);
	if (accept(a, "!"))
		return !parse_unary(a, live);
	if (accept(a, "~"))
		return ~parse_unary(a, live);
	if (accept(a, "-"))
		return 0 - (unsigned long)parse_unary(a, live);
	if (accept(a, "+"))
		return parse_unary(a, live);
	if (!accept(a, "("))
		return parse_number(a);
	value = parse_assignment(a, live);
	if (!accept(a, ")"))
		fail(a, "missing \")\"");
	return value;
}

static long parse_binary(struct arith *a, int level, bool live)
{
	long x = parse_unary(a, live);
	const struct operator *o;

	while ((o = peek_operator(a)) && o->level >= level) {
		bool decided = (o->op == OP_OR && x) || (o->op == OP_AND && !x);
		bool both = live && !decided;
		long y;

		a->pos += strlen(o->text);
		y = parse_binary(a, o->level + 1, both);
		if (o->op == OP_OR || o->op == OP_AND)
			x = decided ? o->op == OP_OR : y != 0;
		else if (both)
			x = apply(a, o->op, x, y);
	}
	return x;
}

/* A conditional; assignments begin with a name and are found down there. */
static long parse_assignment(struct arith *a, bool live)
{
	long cond, yes, no;

	stack_check();
	cond = parse_binary(a, 1, live);
	if (!accept(a, "?"))
		return cond;
	yes = parse_assignment(a, live && cond);
	if (!accept(a, ":"))
		fail(a, "missing \":\"");
	no = parse_assignment(a, live && !cond);
	return cond ? yes : no;
}

/*
 * Evaluate an expression; throws if it is not one. Nothing at all is 0.
 */
long arith_eval(const char *expression)
{
	struct arith a = { expression, expression };
	long value;

	skip_blanks(&a);
	if (!*a.pos)
		return 0;
	value = parse_assignment(&a, true);
	skip_blanks(&a);
	if (*a.pos)
		fail(&a, "unexpected text");
	return value;
}
