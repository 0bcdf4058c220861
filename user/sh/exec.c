/*
 * Execution: walking the syntax tree.
 *
 * exec_node() is a switch over the kinds of nodes, each a short function that
 * calls exec_node() for its children. The exit status of every command is
 * what it returns, and $? follows at the same place.
 *
 * Three things interrupt the walk. Errors, exit and Ctrl-C are thrown
 * (error.c). break, continue and return only unwind to a loop or a call: they
 * set context.flow, and every sequence stops when it is set. Traps run between
 * commands, when no part of the shell is in the middle of something.
 *
 * "last" means that this process ends after the node: it is a child made for
 * it. Then a program need not be forked again, it can take the process over.
 */
#include "exec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "ast.h"
#include "error.h"
#include "expand.h"
#include "function.h"
#include "input.h"
#include "jobs.h"
#include "out.h"
#include "parser.h"
#include "pattern.h"
#include "redir.h"
#include "shell.h"
#include "trap.h"
#include "vars.h"

/*
 * End the shell with the status in shell.status, after the EXIT trap.
 */
noreturn void shell_exit(void)
{
	int flushed;

	trap_run_exit();
	flushed = out_flush();
	if (flushed && !shell.status)
		shell.status = 1;
	if (!shell.is_subshell)
		jobs_end_control();
	_exit(shell.status);
}

static void run_child(void *arg)
{
	shell.status = exec_node(arg, true);
}

/*
 * Execute @node in a child just forked for it, and exit.
 */
noreturn void exec_child(struct node *node)
{
	error_forget_callers();
	out_discard();
	try_call(run_child, node);
	shell_exit();
}

/* Execute something whose failure is an answer, not an error for "set -e". */
static int exec_tested(struct node *node)
{
	int status;

	shell.context.tested++;
	status = exec_node(node, false);
	shell.context.tested--;
	return status;
}

noreturn static void cannot_fork(void)
{
	shell_error("cannot start a process: %s", strerror(errno));
}

static int exec_background(struct node *node)
{
	struct job *job = job_create();

	job_set_text(job, node);
	switch (job_fork(job, JOB_BACKGROUND)) {
	case -1:
		job_forget(job);
		cannot_fork();
	case 0:
		exec_child(node);
	}
	job_launch(job);
	return 0;
}

static int exec_list(const struct node *node, bool last)
{
	int status = 0;

	for (struct item *item = node->items; item; item = item->next) {
		if (item->join == JOIN_BACKGROUND)
			status = exec_background(item->node);
		else
			status = exec_node(item->node, last && !item->next);
		if (shell.context.flow)
			break;
	}
	return status;
}

static int exec_and_or(const struct node *node, bool last)
{
	struct item *item = node->items;
	int status;

	for (;;) {
		status = item->next ? exec_tested(item->node) :
				      exec_node(item->node, last);
		if (shell.context.flow)
			return status;
		/* "a && b || c": a failure skips b, a success c. */
		while (item->join == (status ? JOIN_AND : JOIN_OR))
			item = item->next;
		item = item->next;
		if (!item)
			return status;
	}
}

/*
 * Start one process of a pipeline, between the pipes @in and @out; either is
 * -1 at the pipeline's ends. @spare is the other end of @out.
 */
static pid_t start_process(struct job *job, struct node *node, int in,
			   int out, int spare)
{
	pid_t pid = job_fork(job, JOB_FOREGROUND);

	if (pid)
		return pid;
	if (spare >= 0)
		close(spare);
	if (in > STDIN_FILENO) {
		dup2(in, STDIN_FILENO);
		close(in);
	}
	if (out >= 0 && out != STDOUT_FILENO) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	exec_child(node);
}

/* Could not start all: those that did find an empty pipe, and end. */
noreturn static void abandon_pipeline(struct job *job, bool any, int in)
{
	int err = errno;

	if (in >= 0)
		close(in);
	if (any)
		job_wait(job);
	else
		job_forget(job);
	errno = err;
	cannot_fork();
}

static int exec_processes(struct node *node)
{
	struct job *job = job_create();
	int in = -1;

	job_set_text(job, node);
	for (struct item *item = node->items; item; item = item->next) {
		int fds[2] = { -1, -1 };
		pid_t pid = -1;

		if (!item->next || !pipe(fds))
			pid = start_process(job, item->node, in, fds[1],
					    fds[0]);
		if (fds[1] >= 0)
			close(fds[1]);
		if (pid < 0 && fds[0] >= 0)
			close(fds[0]);
		if (pid < 0)
			abandon_pipeline(job, item != node->items, in);
		if (in >= 0)
			close(in);
		in = fds[0];
	}
	return job_wait(job);
}

static int exec_pipeline(struct node *node, bool last)
{
	int status;

	if (node->negated)
		shell.context.tested++;
	if (node->items->next)
		status = exec_processes(node);
	else
		status = exec_node(node->items->node,
				   last && !node->negated);
	if (!node->negated)
		return status;
	shell.context.tested--;
	/* "! return 1" returns 1. */
	return shell.context.flow ? status : !status;
}

static int exec_subshell(struct node *node, bool last)
{
	struct job *job;

	if (last && !trap_any()) {
		shell.is_subshell = true;
		return exec_node(node->body, true);
	}
	job = job_create();
	job_set_text(job, node);
	switch (job_fork(job, JOB_FOREGROUND)) {
	case -1:
		job_forget(job);
		cannot_fork();
	case 0:
		exec_child(node->body);
	}
	return job_wait(job);
}

static int exec_if(const struct node *node, bool last)
{
	int status = exec_tested(node->cond);

	if (shell.context.flow)
		return status;
	if (!status)
		return exec_node(node->then, last);
	return node->otherwise ? exec_node(node->otherwise, last) : 0;
}

/* After a loop's body or condition: does this loop go on? */
static bool loop_goes_on(void)
{
	struct context *context = &shell.context;
	bool next;

	if (context->flow == FLOW_NONE)
		return true;
	if (context->flow == FLOW_RETURN || --context->flow_count > 0)
		return false;
	next = context->flow == FLOW_CONTINUE;
	context->flow = FLOW_NONE;
	return next;
}

static int exec_while(const struct node *node)
{
	bool until = node->kind == NODE_UNTIL;
	int status = 0;

	shell.context.loop_depth++;
	for (;;) {
		int cond = exec_tested(node->cond);

		if (shell.context.flow) {
			/* From inside the condition: it has no answer. */
			status = cond;
			if (loop_goes_on())
				continue;
			break;
		}
		if (!cond == until)
			break;
		status = exec_node(node->then, false);
		if (!loop_goes_on())
			break;
	}
	shell.context.loop_depth--;
	return status;
}

static int exec_for(const struct node *node)
{
	struct strings words = { 0 };
	int status = 0;

	if (node->has_in) {
		words = expand_words(node->subject);
	} else {
		for (int i = 0; i < shell.params.count; i++)
			strings_add(&words, arena_strdup(scratch,
						shell.params.values[i]));
	}
	shell.context.loop_depth++;
	for (size_t i = 0; i < words.nr; i++) {
		var_set(node->name, words.list[i]);
		status = exec_node(node->action, false);
		if (!loop_goes_on())
			break;
	}
	shell.context.loop_depth--;
	return status;
}

static bool arm_matches(const struct case_arm *arm, const char *subject)
{
	for (struct word *word = arm->patterns; word; word = word->next) {
		struct pattern pattern = expand_pattern(word);

		if (pattern_match(&pattern, subject, strlen(subject)))
			return true;
	}
	return false;
}

static int exec_case(const struct node *node, bool last)
{
	char *subject = expand_string(node->subject, EXPAND_TILDE);

	for (struct case_arm *arm = node->arms; arm; arm = arm->next) {
		if (arm_matches(arm, subject))
			return arm->body ? exec_node(arm->body, last) : 0;
	}
	return 0;
}

static int exec_kind(struct node *node, bool last)
{
	switch (node->kind) {
	case NODE_SIMPLE:
		return exec_simple(node, last);
	case NODE_PIPE:
		return exec_pipeline(node, last);
	case NODE_ANDOR:
		return exec_and_or(node, last);
	case NODE_LIST:
		return exec_list(node, last);
	case NODE_SUBSHELL:
		return exec_subshell(node, last);
	case NODE_GROUP:
		return exec_node(node->body, last);
	case NODE_IF:
		return exec_if(node, last);
	case NODE_WHILE:
	case NODE_UNTIL:
		return exec_while(node);
	case NODE_FOR:
		return exec_for(node);
	case NODE_CASE:
		return exec_case(node, last);
	case NODE_FUNCTION:
		function_define(node);
		return 0;
	}
	return 0;
}

/* A compound command with redirections around it. */
static int exec_redirected(struct node *node)
{
	struct redir_target *targets = redir_expand(node->redirs);
	struct redir_scope scope;
	int status = 2;

	redir_enter(&scope);
	if (redir_apply(&scope, targets))
		status = exec_kind(node, false);
	redir_leave(&scope);
	return status;
}

/* Does the failure of such a node end a shell with "set -e"? */
static bool fails_for_good(const struct node *node)
{
	switch (node->kind) {
	case NODE_SIMPLE:
	case NODE_SUBSHELL:
		return true;
	case NODE_PIPE:
		return !node->negated;
	default:
		return false;
	}
}

/*
 * Execute a node; with @last, as the last deed of this process.
 *
 * Return: its exit status, which is also $?.
 */
int exec_node(struct node *node, bool last)
{
	struct arena_mark mark = arena_mark(scratch);
	int status;

	stack_check();
	if (shell.options[OPT_NOEXEC])
		return 0;
	shell.line = node->line;
	if (node->redirs && node->kind != NODE_SIMPLE)
		status = exec_redirected(node);
	else
		status = exec_kind(node, last);
	arena_release(scratch, mark);
	shell.status = status;
	if (status && shell.options[OPT_ERREXIT] && !shell.context.tested &&
	    fails_for_good(node))
		throw(THROW_EXIT);
	signals_run_traps();
	return status;
}

struct held_arena {
	struct undo	undo;
	struct arena	*arena;
};

static void release_arena(struct undo *undo)
{
	arena_put(((struct held_arena *)undo)->arena);
}

/*
 * Read and execute a line, or as many as its commands span. Empty lines leave
 * *status alone.
 *
 * Return: false at the end of the input.
 */
bool exec_line(struct input *in, int *status)
{
	struct arena_mark mark = arena_mark(scratch);
	struct held_arena held = { .arena = arena_create() };
	struct node *node;
	bool more;

	undo_push(&held.undo, release_arena);
	more = parse_line(in, held.arena, &node);
	arena_release(scratch, mark);
	if (node)
		*status = exec_node(node, in->final && input_at_end(in));
	undo_pop(&held.undo);
	return more;
}

/*
 * Read and execute commands until the input ends, or a break, continue or
 * return leaves it.
 *
 * Return: the status of the last command, 0 if there was none.
 */
int exec_input(struct input *in)
{
	int status = 0;

	while (exec_line(in, &status) && !shell.context.flow)
		continue;
	return status;
}

/*
 * Execute the commands in a string.
 */
int exec_string(const char *text)
{
	struct input in;
	int status;

	input_open_string(&in, text, shell.line);
	status = exec_input(&in);
	input_close(&in);
	return status;
}
