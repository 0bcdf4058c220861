/*
 * Shell functions: a name for a piece of syntax tree.
 *
 * The tree of a function lives in the arena of the command that defined it,
 * and defining takes a reference to that arena: no copy is made. A call takes
 * one more, as "f() { unset -f f; echo still here; }" is allowed.
 *
 * During a call $1 and on are the arguments, "local" variables are saved in
 * the call's scope, and the loops around the call cannot be left from inside.
 */
#include "function.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "ast.h"
#include "error.h"
#include "exec.h"
#include "shell.h"
#include "vars.h"

struct function {
	struct function	*next;
	struct arena	*arena;
	struct node	*body;
	char		name[];
};

/* What a call changes, in its frame. */
struct call {
	struct undo		undo;
	struct arena		*arena;
	struct params		params;
	struct context		context;
	struct var_scope	*outer;
	struct var_scope	locals;
};

#define NR_BUCKETS	64

static struct function *buckets[NR_BUCKETS];
static struct var_scope *current_locals;

static struct function **find_link(const char *name)
{
	unsigned hash = 5381;
	struct function **link;

	for (const char *p = name; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	link = &buckets[hash % NR_BUCKETS];
	while (*link && strcmp((*link)->name, name))
		link = &(*link)->next;
	return link;
}

/*
 * Return: the function of that name, or NULL.
 */
struct function *function_find(const char *name)
{
	return *find_link(name);
}

/*
 * Define, or redefine, the function of a NODE_FUNCTION.
 */
void function_define(const struct node *node)
{
	struct function **link = find_link(node->name);
	struct function *function = *link;
	size_t size = strlen(node->name) + 1;

	if (function) {
		struct arena *old = function->arena;

		function->arena = arena_get(node->arena);
		function->body = node->action;
		arena_put(old);
		return;
	}
	function = xmalloc(sizeof(*function) + size);
	memcpy(function->name, node->name, size);
	function->next = NULL;
	function->arena = arena_get(node->arena);
	function->body = node->action;
	*link = function;
}

/*
 * Return: false if there was no such function.
 */
bool function_unset(const char *name)
{
	struct function **link = find_link(name);
	struct function *function = *link;

	if (!function)
		return false;
	*link = function->next;
	arena_put(function->arena);
	free(function);
	return true;
}

static void undo_call(struct undo *undo)
{
	struct call *call = (struct call *)undo;

	params_free(&shell.params);
	shell.params = call->params;
	shell.context = call->context;
	current_locals = call->outer;
	arena_put(call->arena);
}

/*
 * Call a function; @argv[0] is its name.
 *
 * Return: the status of "return", or of the last command.
 */
int function_call(struct function *function, int argc, char *const argv[])
{
	struct node *body = function->body;
	struct call call = {
		.arena		= arena_get(function->arena),
		.params		= shell.params,
		.context	= shell.context,
		.outer		= current_locals,
	};
	int status;

	shell.params = (struct params){ 0 };
	undo_push(&call.undo, undo_call);
	params_set(argc - 1, argv + 1);
	var_scope_enter(&call.locals);
	current_locals = &call.locals;
	shell.context.loop_depth = 0;
	shell.context.call_depth++;

	status = exec_node(body, false);
	if (shell.context.flow == FLOW_RETURN)
		status = shell.status;
	var_scope_leave(&call.locals);
	undo_pop(&call.undo);
	return status;
}

/*
 * Make a variable local to the function being executed.
 *
 * Return: false if there is none.
 */
bool function_make_local(const char *name)
{
	if (!current_locals)
		return false;
	var_scope_save(current_locals, name);
	return true;
}
