/*
 * read: a line of standard input into variables.
 *
 * The rest of the input belongs to whoever reads next, so the line is taken
 * byte by byte. Without -r a backslash quotes the next character, also from
 * being a separator: as in patterns, each character carries a bit for that.
 */
#include "builtin.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "out.h"
#include "parser.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

struct line {
	struct sbuf	text;
	struct sbuf	quoted;
};

static void add(struct line *line, char c, bool quoted)
{
	sbuf_putc(&line->text, c);
	sbuf_putc(&line->quoted, quoted);
}

/*
 * Read up to a newline.
 *
 * Return: 0, 1 at the end of the input, or 128 and the number of the signal
 * that interrupted.
 */
static int read_line(struct line *line, bool raw)
{
	bool escaped = false;

	for (;;) {
		char c;
		ssize_t n = read_interruptible(STDIN_FILENO, &c, 1);

		if (n < 0 && errno == EINTR) {
			signals_check_interrupt();
			if (signals_first_pending())
				return 128 + signals_first_pending();
			continue;
		}
		if (n <= 0)
			return 1;
		if (escaped) {
			escaped = false;
			if (c != '\n')
				add(line, c, true);
		} else if (c == '\\' && !raw) {
			escaped = true;
		} else if (c == '\n') {
			return 0;
		} else if (c) {
			add(line, c, false);
		}
	}
}

struct splitter {
	const char	*ifs;
	const char	*text;
	const char	*quoted;
	size_t		pos;
	size_t		len;
};

static bool at_separator(const struct splitter *s)
{
	return s->pos < s->len && !s->quoted[s->pos] &&
	       strchr(s->ifs, s->text[s->pos]);
}

static bool at_blank(const struct splitter *s)
{
	return at_separator(s) && strchr(" \t\n", s->text[s->pos]);
}

static void skip_blanks(struct splitter *s)
{
	while (at_blank(s))
		s->pos++;
}

/* Take a field, and the separator after it. */
static char *next_field(struct splitter *s)
{
	size_t start = s->pos;
	char *field;

	while (s->pos < s->len && !at_separator(s))
		s->pos++;
	field = arena_strndup(scratch, s->text + start, s->pos - start);
	skip_blanks(s);
	if (at_separator(s))
		s->pos++;
	skip_blanks(s);
	return field;
}

/*
 * Take all that is left, without the blanks at its end. If it is one field
 * and a separator, the separator goes as well: "a:" is one field.
 */
static char *last_field(struct splitter *s)
{
	size_t start = s->pos;
	size_t end;
	char *field = next_field(s);

	if (s->pos == s->len)
		return field;
	for (end = s->len; end > start; end--) {
		s->pos = end - 1;
		if (!at_blank(s))
			break;
	}
	return arena_strndup(scratch, s->text + start, end - start);
}

static void assign_fields(struct line *line, char **names, int nr)
{
	const char *ifs = var_get("IFS");
	struct splitter s = {
		.ifs	= arena_strdup(scratch, ifs ? ifs : " \t\n"),
		.text	= sbuf_str(&line->text),
		.quoted	= sbuf_str(&line->quoted),
		.len	= line->text.len,
	};

	skip_blanks(&s);
	for (int i = 0; i < nr; i++)
		var_set(names[i], i + 1 < nr ? next_field(&s) : last_field(&s));
}

/*
 * read [-r] [-p prompt] name...
 */
int builtin_read(int argc, char **argv)
{
	const char *prompt = NULL;
	bool raw = false;
	struct line line;
	int status;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		if (!strcmp(argv[i], "-r"))
			raw = true;
		else if (!strcmp(argv[i], "-p") && i + 1 < argc)
			prompt = argv[++i];
		else
			shell_error("read: bad option %s", argv[i]);
	}
	if (i >= argc)
		shell_error("read: a variable name is missing");
	for (int k = i; k < argc; k++) {
		if (!is_name(argv[k]))
			shell_error("read: %s: bad variable name", argv[k]);
	}
	if (prompt && isatty(STDIN_FILENO))
		write_all(STDERR_FILENO, prompt, strlen(prompt));
	sbuf_init(&line.text, scratch);
	sbuf_init(&line.quoted, scratch);
	status = read_line(&line, raw);
	if (status <= 1)
		assign_fields(&line, argv + i, argc - i);
	return status;
}
