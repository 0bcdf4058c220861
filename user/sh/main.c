/*
 * sh: Keel's shell.
 *
 * A command language in the Bourne tradition, after POSIX. The way of a line
 * through the files is the order to read them in:
 *
 *	input.c		characters, and prompts when there are none
 *	lexer.c word.c	tokens; what is inside a word
 *	parser.c compound.c
 *			the syntax tree, described in ast.h
 *	exec.c		walks it: loops, conditions, pipelines
 *	command.c	simple commands: what is run, and how
 *	expand.c param.c pattern.c arith.c
 *			words become arguments
 *	redir.c		descriptors
 *	jobs.c terminal.c jobs_user.c trap.c
 *			processes, the terminal, signals
 *	builtin*.c	commands that are part of the shell
 *	vars.c function.c options.c
 *			what a shell remembers
 *
 * Underneath, arena.c says how memory is owned, and error.c how a command is
 * abandoned half-way.
 *
 * This file starts the shell and holds its outermost loop. A script runs under
 * one try_call(): whatever is thrown ends it. An interactive shell has one
 * around each line, and goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "builtin.h"
#include "error.h"
#include "exec.h"
#include "expand.h"
#include "input.h"
#include "jobs.h"
#include "out.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

extern char **environ;

struct invocation {
	int		argc;
	char		**argv;
	int		next;		/* the first operand */
	bool		login;
	bool		has_command;	/* -c */
	bool		from_stdin;	/* -s */
	bool		wants_prompt;	/* -i */
	bool		wants_control;	/* -m */
	const char	*command;
	struct input	input;
	bool		more;
};

/* Obey one option word; the letters below are ours, the rest set's. */
static void parse_option(struct invocation *inv, const char *word)
{
	char letters[2] = { word[0] };
	bool on = word[0] == '-';
	char *const *following = inv->argv + inv->next + 1;

	for (const char *p = word + 1; *p; p++) {
		char one[3] = { letters[0], *p, '\0' };
		bool took_next;

		if (*p == 'c' && on)
			inv->has_command = true;
		else if (*p == 's' && on)
			inv->from_stdin = true;
		else if (*p == 'i' && on)
			inv->wants_prompt = true;
		else if (*p == 'm' && on)
			inv->wants_control = true;
		else if (*p == 'l' && on)
			inv->login = true;
		else if (!option_parse(one, following, &took_next))
			shell_error("bad option -%c", *p);
		else if (took_next)
			following += ++inv->next > 0;
	}
}

static void parse_arguments(struct invocation *inv)
{
	for (; inv->next < inv->argc; inv->next++) {
		const char *word = inv->argv[inv->next];

		if ((*word != '-' && *word != '+') || !word[1])
			break;
		if (!strcmp(word, "--")) {
			inv->next++;
			break;
		}
		parse_option(inv, word);
	}
	if (inv->next < inv->argc && !strcmp(inv->argv[inv->next], "-"))
		inv->next++;
	if (!inv->has_command)
		return;
	if (inv->next >= inv->argc)
		shell_error("-c: a command is missing");
	inv->command = inv->argv[inv->next++];
}

/* Decide where commands come from, and what $0 and $1 are. */
static void open_input(struct invocation *inv)
{
	bool is_file = !inv->command && !inv->from_stdin &&
		       inv->next < inv->argc;

	if ((inv->command || is_file) && inv->next < inv->argc)
		shell.name = inv->argv[inv->next++];
	params_set(inv->argc - inv->next, inv->argv + inv->next);
	shell.reads_stdin = !inv->command && !is_file;
	shell.interactive = inv->wants_prompt ||
			    (shell.reads_stdin && isatty(STDIN_FILENO) &&
			     isatty(STDERR_FILENO));
	if (inv->command) {
		input_open_string(&inv->input, inv->command, 1);
		inv->input.final = !shell.interactive;
	} else if (is_file) {
		int fd = open(shell.name, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			shell_error("%s: %s", shell.name, strerror(errno));
		input_open_fd(&inv->input, fd);
	} else {
		input_open_stdin(&inv->input);
	}
}

static void start(void *arg)
{
	struct invocation *inv = arg;

	shell.pid = getpid();
	shell.name = inv->argc ? inv->argv[0] : "sh";
	inv->login = shell.name[0] == '-';
	inv->next = 1;
	vars_init(environ);
	directory_init();
	parse_arguments(inv);
	open_input(inv);
	signals_init();
	if (shell.interactive || inv->wants_control)
		jobs_set_control(true);
}

static void read_profile(void *arg)
{
	struct input in;
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	input_open_fd(&in, fd);
	exec_input(&in);
	input_close(&in);
}

/* Errors in a profile end the profile only; exit in it is meant. */
static void run_profiles(void)
{
	const char *home = var_get("HOME");
	struct sbuf path;

	if (try_call(read_profile, "/etc/profile") == THROW_EXIT)
		shell_exit();
	if (!home)
		return;
	sbuf_init(&path, scratch);
	sbuf_printf(&path, "%s/.profile", home);
	if (try_call(read_profile, sbuf_str(&path)) == THROW_EXIT)
		shell_exit();
}

static void run_all(void *arg)
{
	struct invocation *inv = arg;
	int status = exec_input(&inv->input);

	shell.status = status;
}

static void run_line(void *arg)
{
	struct invocation *inv = arg;
	int status = shell.status;

	inv->more = true;
	jobs_notify();
	inv->more = exec_line(&inv->input, &status);
	shell.status = status;
	shell.context = (struct context){ 0 };
}

/* At the end of input, a user with stopped jobs is asked to think again. */
static bool user_stays(struct input *in)
{
	static bool warned;

	if (!isatty(STDIN_FILENO) || warned || !jobs_any_stopped())
		return false;
	warned = true;
	write_all(STDERR_FILENO, "\n", 1);
	shell_warn("there are stopped jobs");
	in->eof = false;
	return true;
}

static void run_interactive(struct invocation *inv)
{
	do {
		int why = try_call(run_line, inv);

		if (why == THROW_EXIT)
			return;
		if (why)
			input_drop_line(&inv->input);
		if (why == THROW_INTERRUPT)
			write_all(STDERR_FILENO, "\n", 1);
	} while (inv->more || user_stays(&inv->input));
	if (inv->input.prompts)
		write_all(STDERR_FILENO, "\n", 1);
}

int main(int argc, char **argv)
{
	struct invocation inv = { .argc = argc, .argv = argv };

	stack_init();
	scratch = arena_create();
	if (try_call(start, &inv))
		shell_exit();
	if (inv.login)
		run_profiles();
	if (shell.interactive)
		run_interactive(&inv);
	else
		try_call(run_all, &inv);
	shell_exit();
}
