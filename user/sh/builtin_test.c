/*
 * test and [: conditions as a command.
 *
 * The words of "test" look like operators or operands depending on how many
 * there are: "test ! = x" compares "!" with "x". The rule below, that a
 * binary operator in second place wins over everything, and a lone word is
 * never an operator, gives POSIX's answer for up to four words and a sensible
 * one beyond.
 *
 *	or	and { "-o" and }
 *	and	not { "-a" not }
 *	not	"!" not | primary
 *	primary	word binary word | "(" or ")" | unary word | word
 */
#include "builtin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

struct words {
	char	**next;
	int	left;
};

static bool parse_or(struct words *w);

static const char *take(struct words *w)
{
	w->left--;
	return *w->next++;
}

static bool is_at(const struct words *w, const char *word)
{
	return w->left && !strcmp(*w->next, word);
}

static long integer(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	end += strspn(end, " \t\n");
	if (end == text || *end)
		shell_error("test: %s: not a number", text);
	return n;
}

static bool is_unary(const char *op)
{
	return op[0] == '-' && op[1] && !op[2] &&
	       strchr("bcdefghknprstuwxzLOGS", op[1]);
}

enum comparison {
	NONE, STR_EQ, STR_NE, STR_LT, STR_GT,
	EQ, NE, LT, LE, GT, GE, NEWER, OLDER, SAME,
};

static enum comparison binary(const char *op)
{
	static const struct {
		const char	*text;
		enum comparison	comparison;
	} operators[] = {
		{ "=", STR_EQ }, { "!=", STR_NE }, { "<", STR_LT },
		{ ">", STR_GT }, { "-eq", EQ }, { "-ne", NE }, { "-lt", LT },
		{ "-le", LE }, { "-gt", GT }, { "-ge", GE },
		{ "-nt", NEWER }, { "-ot", OLDER }, { "-ef", SAME },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!strcmp(op, operators[i].text))
			return operators[i].comparison;
	}
	return NONE;
}

static bool is_newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

static bool compare_files(const char *left, enum comparison op,
			  const char *right)
{
	struct stat a, b;

	if (stat(left, &a) || stat(right, &b))
		return false;
	if (op == SAME)
		return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	return op == NEWER ? is_newer(&a, &b) : is_newer(&b, &a);
}

static bool compare(const char *left, enum comparison op, const char *right)
{
	switch (op) {
	case STR_EQ:
		return !strcmp(left, right);
	case STR_NE:
		return strcmp(left, right);
	case STR_LT:
		return strcmp(left, right) < 0;
	case STR_GT:
		return strcmp(left, right) > 0;
	case EQ:
		return integer(left) == integer(right);
	case NE:
		return integer(left) != integer(right);
	case LT:
		return integer(left) < integer(right);
	case LE:
		return integer(left) <= integer(right);
	case GT:
		return integer(left) > integer(right);
	case GE:
		return integer(left) >= integer(right);
	default:
		return compare_files(left, op, right);
	}
}

static bool test_mode(char op, const struct stat *st)
{
	switch (op) {
	case 'b':
		return S_ISBLK(st->st_mode);
	case 'c':
		return S_ISCHR(st->st_mode);
	case 'd':
		return S_ISDIR(st->st_mode);
	case 'f':
		return S_ISREG(st->st_mode);
	case 'g':
		return st->st_mode & S_ISGID;
	case 'h':
	case 'L':
		return S_ISLNK(st->st_mode);
	case 'k':
		return st->st_mode & S_ISVTX;
	case 'p':
		return S_ISFIFO(st->st_mode);
	case 's':
		return st->st_size > 0;
	case 'u':
		return st->st_mode & S_ISUID;
	case 'O':
		return st->st_uid == geteuid();
	case 'G':
		return st->st_gid == getegid();
	case 'S':
		return S_ISSOCK(st->st_mode);
	default:
		return true;		/* -e */
	}
}

static bool test_unary(char op, const char *operand)
{
	struct stat st;

	switch (op) {
	case 'n':
		return *operand;
	case 'z':
		return !*operand;
	case 't':
		return isatty(integer(operand));
	case 'r':
		return !faccessat(AT_FDCWD, operand, R_OK, AT_EACCESS);
	case 'w':
		return !faccessat(AT_FDCWD, operand, W_OK, AT_EACCESS);
	case 'x':
		return !faccessat(AT_FDCWD, operand, X_OK, AT_EACCESS);
	case 'h':
	case 'L':
		return !lstat(operand, &st) && test_mode(op, &st);
	default:
		return !stat(operand, &st) && test_mode(op, &st);
	}
}

static bool parse_primary(struct words *w)
{
	const char *word;
	bool value;

	if (!w->left)
		shell_error("test: a word is missing");
	if (w->left >= 3 && binary(w->next[1])) {
		const char *left = take(w);
		enum comparison op = binary(take(w));

		return compare(left, op, take(w));
	}
	word = take(w);
	if (!w->left)
		return *word;
	if (!strcmp(word, "(")) {
		value = parse_or(w);
		if (!is_at(w, ")"))
			shell_error("test: \")\" is missing");
		take(w);
		return value;
	}
	if (is_unary(word))
		return test_unary(word[1], take(w));
	return *word;
}

static bool parse_not(struct words *w)
{
	bool negated = false;

	while (is_at(w, "!") && w->left > 1 &&
	       !(w->left >= 3 && binary(w->next[1]))) {
		take(w);
		negated = !negated;
	}
	return parse_primary(w) != negated;
}

static bool parse_and(struct words *w)
{
	bool value = parse_not(w);

	while (is_at(w, "-a")) {
		take(w);
		value = parse_not(w) && value;
	}
	return value;
}

static bool parse_or(struct words *w)
{
	bool value;

	stack_check();
	value = parse_and(w);
	while (is_at(w, "-o")) {
		take(w);
		value = parse_and(w) || value;
	}
	return value;
}

/*
 * test [expression], [ [expression] ]
 */
int builtin_test(int argc, char **argv)
{
	struct words words = { argv + 1, argc - 1 };
	bool value;

	if (!strcmp(argv[0], "[")) {
		if (strcmp(argv[argc - 1], "]"))
			shell_error("[: \"]\" is missing");
		words.left--;
	}
	if (words.left <= 0)
		return 1;
	value = parse_or(&words);
	if (words.left)
		shell_error("test: unexpected \"%s\"", *words.next);
	return !value;
}
