/*
 * Simple commands: what most lines of most scripts are.
 *
 * POSIX's order of events: the words are expanded; the first tells whether
 * the command is a special builtin, a function, another builtin or a program;
 * then redirections and assignments happen where that one needs them:
 *
 *			redirections	assignments
 *	program		in the child	for the child, exported
 *	builtin		undone after	undone after
 *	function	undone after	undone after
 *	special builtin	undone after	stay
 *	exec, nothing	stay (exec)	stay
 */
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "ast.h"
#include "builtin.h"
#include "error.h"
#include "exec.h"
#include "expand.h"
#include "function.h"
#include "jobs.h"
#include "out.h"
#include "redir.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

/*
 * Take the next directory off a search path; an empty one is the current.
 *
 * Return: where @name would be in it, in the scratch arena.
 */
static char *next_candidate(const char **path, const char *name)
{
	size_t len = strcspn(*path, ":");
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	sbuf_put(&sb, *path, len);
	if (len)
		sbuf_putc(&sb, '/');
	sbuf_puts(&sb, name);
	*path = (*path)[len] ? *path + len + 1 : NULL;
	return sbuf_str(&sb);
}

/*
 * Find a file in $PATH, or where its name says if that has a slash.
 *
 * Return: its path, or NULL if there is no regular file with access @mode.
 */
char *find_program(const char *name, int mode)
{
	const char *path = strchr(name, '/') ? "" : var_get("PATH");
	struct stat st;

	while (path) {
		char *file = next_candidate(&path, name);

		if (!stat(file, &st) && S_ISREG(st.st_mode) &&
		    !access(file, mode))
			return file;
	}
	return NULL;
}

/* A file the kernel cannot execute but may be a script without "#!". */
static void exec_as_script(const char *file, char **argv, char **envp)
{
	size_t argc = 0;
	char **with_shell;

	while (argv[argc])
		argc++;
	with_shell = arena_alloc(scratch, (argc + 2) * sizeof(*with_shell));
	with_shell[0] = _PATH_BSHELL;
	with_shell[1] = (char *)file;
	for (size_t i = 1; i <= argc; i++)
		with_shell[i + 1] = argv[i];
	execve(_PATH_BSHELL, with_shell, envp);
}

/*
 * Become another program.
 *
 * Return: only if that fails, after a message: the exit status, 127 if it was
 * not found and 126 if it cannot be executed.
 */
int exec_program(char **argv)
{
	const char *path = strchr(argv[0], '/') ? "" : var_get("PATH");
	char **envp = vars_environment();
	int err = ENOENT;

	while (path && *argv[0]) {
		char *file = next_candidate(&path, argv[0]);

		execve(file, argv, envp);
		if (errno == ENOEXEC)
			exec_as_script(file, argv, envp);
		/* "Permission denied" tells more than "not found" later on. */
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
	}
	if (err == ENOENT && !strchr(argv[0], '/'))
		shell_warn("%s: not found", argv[0]);
	else
		shell_warn("%s: %s", argv[0], strerror(err));
	return err == ENOENT ? 127 : 126;
}

/* Run a program, and wait for it. */
static int run_program(struct node *node, char **argv,
		       struct redir_target *targets, bool last)
{
	struct job *job;

	if (last && !trap_any()) {
		shell.status = 2;
		if (redir_apply_for_good(targets))
			shell.status = exec_program(argv);
		throw(THROW_EXIT);
	}
	job = job_create();
	if (node && shell.options[OPT_MONITOR])
		job_set_text(job, node);
	switch (job_fork(job, JOB_FOREGROUND)) {
	case -1:
		job_forget(job);
		shell_error("cannot start a process: %s", strerror(errno));
	case 0:
		error_forget_callers();
		_exit(redir_apply_for_good(targets) ? exec_program(argv) : 2);
	}
	return job_wait(job);
}

struct builtin_call {
	const struct builtin	*builtin;
	int			argc;
	char			**argv;
	int			status;
};

static void call_builtin(void *arg)
{
	struct builtin_call *call = arg;

	call->status = call->builtin->run(call->argc, call->argv);
}

/*
 * Call a builtin and write out what it printed. An error in a special one is
 * thrown further; of others it is just the end.
 *
 * Return: its status; 1 if that was 0 but the output could not be written.
 */
int exec_builtin(const struct builtin *builtin, int argc, char **argv)
{
	struct builtin_call call = { builtin, argc, argv, 0 };
	int why = 0;
	int err;

	if (builtin->special)
		call_builtin(&call);
	else
		why = try_call(call_builtin, &call);
	if (why == THROW_ERROR)
		return shell.status;
	if (why)
		throw(why);
	err = out_flush();
	if (!err)
		return call.status;
	shell_warn("%s: %s", argv[0], strerror(err));
	return call.status ? call.status : 1;
}

/*
 * Execute a builtin or a program, but not a function: "command ls".
 */
int exec_bypassing_functions(int argc, char **argv)
{
	const struct builtin *builtin = builtin_find(argv[0]);

	if (builtin)
		return exec_builtin(builtin, argc, argv);
	return run_program(NULL, argv, NULL, false);
}

/*
 * Carry out assignments from left to right, so that in "a=1 b=$a" the second
 * sees the first. With a @scope they are exported and end with it.
 */
static void assign(const struct assign *assign, struct var_scope *scope,
		   bool exported, struct sbuf *trace)
{
	for (; assign; assign = assign->next) {
		char *value = expand_string(assign->value,
					    EXPAND_TILDE | EXPAND_COLONS);

		if (scope)
			var_scope_save(scope, assign->name);
		var_set(assign->name, value);
		if (exported)
			var_set_flags(assign->name, VAR_EXPORT);
		sbuf_printf(trace, "%s=%s ", assign->name, value);
	}
}

/* With "set -x", show what is about to happen. */
static void show_trace(struct sbuf *trace, const struct strings *words)
{
	struct sbuf line;

	if (!shell.options[OPT_XTRACE])
		return;
	/* $PS4 may contain commands, which are not to be shown. */
	shell.options[OPT_XTRACE] = false;
	sbuf_init(&line, scratch);
	sbuf_puts(&line, expand_prompt("PS4"));
	shell.options[OPT_XTRACE] = true;
	sbuf_put(&line, trace->data, trace->len);
	for (size_t i = 0; i < words->nr; i++)
		sbuf_printf(&line, "%s ", words->list[i]);
	if (trace->len || words->nr)
		line.len--;
	sbuf_putc(&line, '\n');
	write_all(STDERR_FILENO, line.data, line.len);
}

/* No command at all: assignments stay, redirections only touch files. */
static int exec_nothing(const struct node *node, struct sbuf *trace)
{
	struct redir_target *targets = redir_expand(node->redirs);
	const struct strings none = { 0 };
	struct redir_scope scope;
	bool done;

	redir_enter(&scope);
	done = redir_apply(&scope, targets);
	redir_leave(&scope);
	if (!done)
		return 2;
	assign(node->assigns, NULL, false, trace);
	show_trace(trace, &none);
	return shell.inner_status;
}

static int run_here(const struct builtin *builtin, struct function *function,
		    struct redir_target *targets, const struct strings *words)
{
	bool special = builtin && builtin->special;
	struct redir_scope scope;
	int status = 2;

	redir_enter(&scope);
	if (redir_apply(&scope, targets)) {
		status = function ?
			 function_call(function, words->nr, words->list) :
			 exec_builtin(builtin, words->nr, words->list);
	} else if (special) {
		shell.status = 2;
		throw(THROW_ERROR);
	}
	redir_leave(&scope);
	return status;
}

/* "exec >log" and "command exec >log" redirect the shell itself. */
static bool redirects_shell(const struct strings *words)
{
	const char *name = words->list[0];

	if (!strcmp(name, "command") && words->nr > 1)
		name = words->list[1];
	return !strcmp(name, "exec");
}

static int exec_special(const struct builtin *builtin, struct node *node,
			struct redir_target *targets,
			const struct strings *words, struct sbuf *trace)
{
	bool is_exec = redirects_shell(words);

	assign(node->assigns, NULL, is_exec, trace);
	show_trace(trace, words);
	if (!is_exec)
		return run_here(builtin, NULL, targets, words);
	if (redir_apply_for_good(targets))
		return exec_builtin(builtin, words->nr, words->list);
	shell.status = 2;
	if (builtin->special)
		throw(THROW_ERROR);
	return 2;
}

/*
 * Execute a simple command; with @last a program may take over the process.
 *
 * Return: its exit status.
 */
int exec_simple(struct node *node, bool last)
{
	const struct builtin *builtin;
	struct redir_target *targets;
	struct function *function;
	struct strings words;
	struct var_scope vars;
	struct sbuf trace;
	int status;

	shell.inner_status = 0;
	sbuf_init(&trace, scratch);
	words = expand_words(node->words);
	if (!words.nr)
		return exec_nothing(node, &trace);
	targets = redir_expand(node->redirs);
	builtin = builtin_find(words.list[0]);
	if (builtin && (builtin->special || redirects_shell(&words)))
		return exec_special(builtin, node, targets, &words, &trace);
	function = function_find(words.list[0]);

	var_scope_enter(&vars);
	assign(node->assigns, &vars, true, &trace);
	show_trace(&trace, &words);
	status = function || builtin ?
		 run_here(builtin, function, targets, &words) :
		 run_program(node, words.list, targets, last);
	var_scope_leave(&vars);
	return status;
}
