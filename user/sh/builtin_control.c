/*
 * Builtins that steer the shell: break, return, exit, eval, exec, trap ...
 */
#include "builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "exec.h"
#include "function.h"
#include "input.h"
#include "jobs.h"
#include "out.h"
#include "parser.h"
#include "shell.h"
#include "trap.h"

int builtin_true(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int builtin_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

/*
 * break [n], continue [n]: the loops are told by context.flow. More than
 * there are means all; outside of loops nothing happens.
 */
int builtin_break(int argc, char **argv)
{
	struct context *context = &shell.context;
	long n = argc > 1 ? builtin_number(argv[0], argv[1]) : 1;

	if (n < 1)
		shell_error("%s: %s: not a loop count", argv[0], argv[1]);
	if (n > context->loop_depth)
		n = context->loop_depth;
	if (n) {
		context->flow_count = n;
		context->flow = *argv[0] == 'b' ? FLOW_BREAK : FLOW_CONTINUE;
	}
	return 0;
}

/*
 * return [n]: from a function or a sourced file; elsewhere it ends the input.
 */
int builtin_return(int argc, char **argv)
{
	int status = argc > 1 ? builtin_number(argv[0], argv[1]) :
				shell.status;

	shell.context.flow = FLOW_RETURN;
	return status;
}

/*
 * exit [n]. A user who has stopped jobs is warned the first time.
 */
int builtin_exit(int argc, char **argv)
{
	static bool warned;

	if (argc > 1)
		shell.status = builtin_number(argv[0], argv[1]) & 0xff;
	if (shell.interactive && !warned && jobs_any_stopped()) {
		warned = true;
		shell_warn("there are stopped jobs");
		return shell.status;
	}
	throw(THROW_EXIT);
}

/*
 * eval [words]: joined by blanks, they are read as commands.
 */
int builtin_eval(int argc, char **argv)
{
	struct sbuf text;

	sbuf_init(&text, scratch);
	for (int i = 1; i < argc; i++) {
		if (i > 1)
			sbuf_putc(&text, ' ');
		sbuf_puts(&text, argv[i]);
	}
	return exec_string(sbuf_str(&text));
}

/*
 * . file: execute its commands here.
 */
int builtin_dot(int argc, char **argv)
{
	struct input in;
	char *file;
	int status;
	int fd;

	if (argc < 2)
		return 0;
	/* With a slash it is a path, and may be of a device or a pipe. */
	file = strchr(argv[1], '/') ? argv[1] : find_program(argv[1], R_OK);
	if (!file)
		shell_error(".: %s: not found", argv[1]);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		shell_error(".: %s: %s", file, strerror(errno));
	stack_check();
	input_open_fd(&in, fd);
	shell.context.call_depth++;
	status = exec_input(&in);
	shell.context.call_depth--;
	if (shell.context.flow == FLOW_RETURN)
		shell.context.flow = FLOW_NONE;
	input_close(&in);
	return status;
}

/*
 * exec [program args]: become it. Redirections were made by the caller; an
 * interactive shell survives a failure.
 */
int builtin_exec(int argc, char **argv)
{
	int first = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (first >= argc)
		return 0;
	shell.status = exec_program(argv + first);
	if (shell.interactive)
		throw(THROW_ERROR);
	throw(THROW_EXIT);
}

/*
 * trap [action signal...]: "-" or no action resets. Without operands all
 * traps are listed.
 */
int builtin_trap(int argc, char **argv)
{
	char option;
	int i = builtin_options(argc, argv, "", &option);
	const char *action = NULL;
	int status = 0;

	if (i >= argc) {
		traps_print();
		return 0;
	}
	if (i + 1 < argc && (argv[i][0] < '0' || argv[i][0] > '9'))
		action = argv[i++];
	if (action && !strcmp(action, "-"))
		action = NULL;
	for (; i < argc; i++) {
		int sig = signal_number(argv[i]);

		if (sig >= 0 && trap_set(sig, action))
			continue;
		shell_warn("trap: %s: bad trap", argv[i]);
		status = 1;
	}
	return status;
}

static bool is_reserved(const char *name)
{
	static const char *const words[] = {
		"!", "{", "}", "case", "do", "done", "elif", "else", "esac",
		"fi", "for", "if", "in", "then", "until", "while",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(name, words[i]))
			return true;
	}
	return false;
}

/* Print what a command name means: in words, or as one would write it. */
static int describe(const char *name, bool in_words)
{
	const struct builtin *builtin = builtin_find(name);
	const char *file;

	if (is_reserved(name)) {
		out_printf(in_words ? "%s is a shell keyword\n" : "%s\n",
			   name);
	} else if (builtin && builtin->special) {
		out_printf(in_words ? "%s is a special shell builtin\n" :
			   "%s\n", name);
	} else if (function_find(name)) {
		out_printf(in_words ? "%s is a shell function\n" : "%s\n",
			   name);
	} else if (builtin) {
		out_printf(in_words ? "%s is a shell builtin\n" : "%s\n",
			   name);
	} else if ((file = find_program(name, X_OK))) {
		if (in_words)
			out_printf("%s is %s\n", name, file);
		else
			out_printf("%s\n", file);
	} else {
		if (in_words)
			out_printf("%s: not found\n", name);
		return 127;
	}
	return 0;
}

/*
 * type name...
 */
int builtin_type(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= describe(argv[i], true);
	return status;
}

/*
 * command [-pvV] name [args]: without regard to functions. Not being special
 * itself, it takes from special builtins the power to end the script.
 */
int builtin_command(int argc, char **argv)
{
	char option = 0;
	int first = builtin_options(argc, argv, "pvV", &option);
	int status = 0;

	if (option == 'v' || option == 'V') {
		for (int i = first; i < argc; i++)
			status |= describe(argv[i], option == 'V');
		return status;
	}
	if (first >= argc)
		return 0;
	return exec_bypassing_functions(argc - first, argv + first);
}
