/*
 * Expansion: from words with parts to strings.
 *
 * POSIX describes expansion as passes over a word: tilde and $, splitting,
 * file names, quote removal. Here it is one pass. Parts are expanded from
 * left to right into an expander, which remembers for each character whether
 * it was quoted; text from an unquoted $-expansion goes through
 * expand_split(), which ends the field at each IFS character as it comes by.
 * When a field is complete, its unquoted * ? [ are looked up among the file
 * names. Quotes need no removal: the lexer never let them in.
 *
 *	x='a b*'	echo 1$x"2 "3
 *
 *	1		put		field "1"
 *	a b*		split		field "1a" ends; "b*", the * unquoted
 *	"2 "		put, quoted	"b*2 "
 *	3		put		"b*2 3"; now look for files b*2\ 3
 */
#include "expand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arith.h"
#include "ast.h"
#include "error.h"
#include "exec.h"
#include "input.h"
#include "jobs.h"
#include "parser.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

static void expander_init(struct expander *x, unsigned flags)
{
	*x = (struct expander){ .flags = flags };
	sbuf_init(&x->text, scratch);
	sbuf_init(&x->quoted, scratch);
}

static struct pattern as_pattern(struct expander *x)
{
	return (struct pattern){
		.text	= sbuf_str(&x->text),
		.quoted	= sbuf_str(&x->quoted),
		.len	= x->text.len,
	};
}

static void put_char(struct expander *x, char c, bool quoted)
{
	sbuf_putc(&x->text, c);
	sbuf_putc(&x->quoted, quoted);
	x->in_field = true;
	x->after_blank = false;
}

/*
 * Append characters that never split. Quoted, they make a field even if
 * there are none of them.
 */
void expand_put(struct expander *x, const char *s, bool quoted)
{
	if (quoted) {
		x->in_field = true;
		x->after_blank = false;
	}
	while (*s)
		put_char(x, *s++, quoted);
}

/*
 * End the field in progress: add it, or the files it matches, to the result.
 */
void expand_end_field(struct expander *x)
{
	struct pattern pattern = as_pattern(x);

	if (shell.options[OPT_NOGLOB] || !pattern_is_magic(&pattern) ||
	    !pattern_glob(&pattern, &x->fields))
		strings_add(&x->fields,
			    arena_strdup(scratch, pattern.text));
	x->text.len = 0;
	x->quoted.len = 0;
	x->in_field = false;
}

/*
 * Append the value of an unquoted expansion, splitting it at the characters
 * in IFS. Blanks in IFS end a field and are otherwise ignored; any other
 * character in IFS, with the blanks around it, is one separator, so that two
 * of them have an empty field between them.
 */
void expand_split(struct expander *x, const char *s)
{
	const char *ifs = var_get("IFS");

	if (!(x->flags & EXPAND_SPLIT)) {
		expand_put(x, s, false);
		return;
	}
	if (!ifs)
		ifs = " \t\n";
	for (; *s; s++) {
		bool blank = *s == ' ' || *s == '\t' || *s == '\n';

		if (!strchr(ifs, *s)) {
			put_char(x, *s, false);
		} else if (x->in_field) {
			expand_end_field(x);
			x->after_blank = blank;
		} else if (!blank) {
			if (!x->after_blank)
				expand_end_field(x);
			x->after_blank = false;
		}
	}
}

/* Look up a home directory in the password file; false if unknown. */
static bool home_of(const char *user, size_t len, struct sbuf *home)
{
	FILE *file = fopen("/etc/passwd", "r");
	char line[512];
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		char *field = line;

		if (strncmp(line, user, len) || line[len] != ':')
			continue;
		/* name:password:uid:gid:comment:home:shell */
		for (int i = 0; i < 5 && field; i++) {
			field = strchr(field, ':');
			if (field)
				field++;
		}
		if (field) {
			sbuf_put(home, field, strcspn(field, ":\n"));
			found = true;
		}
	}
	fclose(file);
	return found;
}

/*
 * Expand a ~ at the start of @s, which must be ended by a slash or, if
 * @is_last, by the end of the string.
 *
 * Return: how much of @s was the tilde and its user name; 0 if nothing is
 * to be expanded.
 */
static size_t expand_tilde(struct expander *x, const char *s, bool is_last)
{
	const char *ends = x->flags & EXPAND_COLONS ? "/:" : "/";
	size_t len = strcspn(s, ends);
	struct sbuf home;

	if (*s != '~' || (!s[len] && !is_last))
		return 0;
	sbuf_init(&home, scratch);
	if (len > 1) {
		if (!home_of(s + 1, len - 1, &home))
			return 0;
	} else if (var_get("HOME")) {
		sbuf_puts(&home, var_get("HOME"));
	} else {
		return 0;
	}
	expand_put(x, sbuf_str(&home), true);
	return len;
}

/*
 * Unquoted text, in which a ~ may be due. In the operand of ${x:-...} it
 * splits, because it stands for the value of the parameter.
 */
static void expand_text(struct expander *x, const struct part *part,
			bool is_first)
{
	const char *s = part->text;
	bool tilde = is_first && x->flags & EXPAND_TILDE;

	while (*s) {
		if (tilde) {
			s += expand_tilde(x, s, !part->next);
			tilde = false;
			continue;
		}
		tilde = *s == ':' && x->flags & EXPAND_COLONS;
		if (x->in_operand)
			expand_split(x, (char[]){ *s++, '\0' });
		else
			put_char(x, *s++, false);
	}
}

struct pipe_end {
	struct undo	undo;
	int		fd;
};

static void close_pipe(struct undo *undo)
{
	close(((struct pipe_end *)undo)->fd);
}

/* Read all of a command's output, less NUL bytes and trailing newlines. */
static char *read_output(int fd)
{
	struct sbuf out;
	char buffer[512];

	sbuf_init(&out, scratch);
	for (;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR) {
			signals_check_interrupt();
			continue;
		}
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++) {
			if (buffer[i])
				sbuf_putc(&out, buffer[i]);
		}
	}
	while (out.len && out.data[out.len - 1] == '\n')
		out.len--;
	return sbuf_str(&out);
}

/*
 * Run a command and take its output as text. Its exit status is noted, since
 * it becomes that of "x=$(false)", where there is no other command.
 */
static char *command_output(struct node *command)
{
	struct pipe_end end;
	struct job *job;
	int fds[2];
	char *text;

	if (!command) {
		shell.inner_status = 0;
		return "";
	}
	if (pipe(fds))
		shell_error("cannot make a pipe: %s", strerror(errno));
	end.fd = fds[0];
	undo_push(&end.undo, close_pipe);
	job = job_create();
	switch (job_fork(job, JOB_INNER)) {
	case -1:
		close(fds[1]);
		job_forget(job);
		shell_error("cannot start a process: %s", strerror(errno));
	case 0:
		close(fds[0]);
		if (fds[1] != STDOUT_FILENO) {
			dup2(fds[1], STDOUT_FILENO);
			close(fds[1]);
		}
		shell.context.tested = 0;
		exec_child(command);
	}
	close(fds[1]);
	text = read_output(fds[0]);
	undo_pop(&end.undo);
	shell.inner_status = job_wait(job);
	return text;
}

static void put_value(struct expander *x, const struct part *part,
		      const char *value)
{
	if (part->quoted)
		expand_put(x, value, true);
	else
		expand_split(x, value);
}

static void expand_arith(struct expander *x, const struct part *part)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld",
		 arith_eval(expand_string(part->word, 0)));
	put_value(x, part, number);
}

/*
 * Expand the parts of a word, from @part on, into @x.
 */
void expand_parts(struct expander *x, const struct part *part)
{
	bool is_first = true;

	stack_check();
	for (; part; part = part->next) {
		switch (part->kind) {
		case PART_TEXT:
			if (part->quoted)
				expand_put(x, part->text, true);
			else
				expand_text(x, part, is_first);
			break;
		case PART_PARAM:
			expand_param(x, part);
			break;
		case PART_COMMAND:
			put_value(x, part, command_output(part->command));
			break;
		case PART_ARITH:
			expand_arith(x, part);
			break;
		}
		is_first = false;
	}
}

/*
 * Expand the arguments of a command: any word may become none or many.
 */
struct strings expand_words(const struct word *words)
{
	struct expander x;

	expander_init(&x, EXPAND_SPLIT | EXPAND_TILDE);
	strings_add(&x.fields, NULL);
	x.fields.nr = 0;
	for (; words; words = words->next) {
		expand_parts(&x, words->parts);
		if (x.in_field)
			expand_end_field(&x);
		x.after_blank = false;
	}
	return x.fields;
}

/*
 * Expand a word that stays one string: an assignment, a redirection's
 * target, a here-document.
 */
char *expand_string(const struct word *word, unsigned flags)
{
	struct expander x;

	expander_init(&x, flags & ~EXPAND_SPLIT);
	expand_parts(&x, word->parts);
	return sbuf_str(&x.text);
}

/*
 * Expand a word that is a pattern, keeping what was quoted apart.
 */
struct pattern expand_pattern(const struct word *word)
{
	struct expander x;

	expander_init(&x, EXPAND_TILDE);
	expand_parts(&x, word->parts);
	return as_pattern(&x);
}

struct prompt {
	const char	*text;
	char		*expanded;
	struct arena	*arena;
};

static void expand_prompt_text(void *arg)
{
	struct prompt *prompt = arg;
	struct parser p = { .arena = prompt->arena };
	struct word *word = read_heredoc_body(&p, prompt->text, shell.line);

	prompt->expanded = expand_string(word, 0);
}

/*
 * Expand a prompt variable. One that cannot be expanded is shown as it is:
 * a bad PS1 must not lock the user out.
 */
const char *expand_prompt(const char *name)
{
	struct prompt prompt = { .text = var_get(name) };
	int status = shell.status;
	int why;

	if (!prompt.text)
		return "";
	prompt.text = arena_strdup(scratch, prompt.text);
	if (!strpbrk(prompt.text, "$`\\"))
		return prompt.text;
	prompt.arena = arena_create();
	why = try_call(expand_prompt_text, &prompt);
	arena_put(prompt.arena);
	shell.status = status;
	if (why == THROW_INTERRUPT)
		throw(why);
	return why ? prompt.text : prompt.expanded;
}
