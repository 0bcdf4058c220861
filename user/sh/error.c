/*
 * Errors: abandoning a command.
 *
 * An error in the middle of "echo ${x?} | ..." must drop everything between
 * there and the prompt: nested loops, functions, redirections. C has only
 * setjmp() for that, a function which returns twice and so is easily misused;
 * therefore it is called in one place, try_call(), which has no local state
 * worth losing. The other half is struct undo: whoever changes something that
 * must be put back (a redirected descriptor, a local variable, the positional
 * parameters) pushes an undo that lives in its own frame. throw() runs them,
 * newest first, *before* it jumps, while those frames still exist.
 *
 * The stack is a resource too: "f() { f; }; f" is a legal script. Every
 * recursive part of the shell calls stack_check(), which measures the real
 * stack against its limit and turns the overflow into an ordinary error.
 */
#include "error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arena.h"
#include "out.h"
#include "shell.h"

struct handler {
	struct handler		*prev;
	struct undo		*undo;		/* newest when it was set */
	struct arena_mark	mark;		/* of scratch, likewise */
	struct context		context;
	jmp_buf			env;
};

static struct handler *handlers;
static struct undo *undos;
static int thrown;

static char *stack_base;
static size_t stack_room;

/*
 * Call fn(arg) and come back even if it throws, with all its undos run, and
 * the scratch arena and the execution context as they were.
 *
 * Return: 0 if @fn returned, else the THROW_ value.
 */
int try_call(void (*fn)(void *arg), void *arg)
{
	struct handler here = {
		.prev	= handlers,
		.undo	= undos,
		.mark	= arena_mark(scratch),
		.context = shell.context,
	};

	handlers = &here;
	thrown = 0;
	if (!setjmp(here.env)) {
		fn(arg);
		thrown = 0;
	}
	handlers = here.prev;
	return thrown;
}

/*
 * Abandon the computation in progress, back to the innermost try_call().
 */
noreturn void throw(int why)
{
	struct handler *to = handlers;

	if (!to)
		_exit(shell.status);
	/* Before the redirections it was written for are undone. */
	out_flush();
	while (undos != to->undo)
		undo_pop(undos);
	arena_release(scratch, to->mark);
	shell.context = to->context;
	thrown = why;
	longjmp(to->env, 1);
}

/*
 * From now on, until undo_pop(), @run is due. @undo must stay where it is and
 * be popped before its frame is left.
 */
void undo_push(struct undo *undo, void (*run)(struct undo *undo))
{
	undo->run = run;
	undo->prev = undos;
	undos = undo;
}

/*
 * Put back what @undo, which must be the newest, stands for.
 */
void undo_pop(struct undo *undo)
{
	undos = undo->prev;
	undo->run(undo);
}

/*
 * Cut a forked child loose from the frames it inherited: it must neither
 * return into them nor undo its parent's redirections.
 */
void error_forget_callers(void)
{
	handlers = NULL;
	undos = NULL;
}

static void report(const char *fmt, va_list args)
{
	struct arena_mark mark = arena_mark(scratch);
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	if (shell.interactive)
		sbuf_printf(&sb, "%s: ", shell.name);
	else
		sbuf_printf(&sb, "%s: line %d: ", shell.name, shell.line);
	sbuf_vprintf(&sb, fmt, args);
	sbuf_putc(&sb, '\n');
	write_all(STDERR_FILENO, sb.data, sb.len);
	arena_release(scratch, mark);
}

/*
 * Report something that went wrong; the caller decides what follows.
 */
void shell_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report(fmt, args);
	va_end(args);
}

/*
 * Report an error that ends the command with status 2, and a script with it.
 */
noreturn void shell_error(const char *fmt, ...)
{
	static int reporting;
	va_list args;

	/* Out of memory while reporting "out of memory": say less. */
	if (!reporting) {
		reporting = 1;
		va_start(args, fmt);
		report(fmt, args);
		va_end(args);
	} else {
		write_all(STDERR_FILENO, "sh: out of memory\n", 18);
	}
	reporting = 0;
	shell.status = 2;
	throw(THROW_ERROR);
}

/*
 * Note where the stack begins, in the frame of main().
 */
void stack_init(void)
{
	stack_base = __builtin_frame_address(0);
	stack_measure();
}

/*
 * Learn how far the stack may grow, which "ulimit -s" changes. A quarter is
 * left for what does not call stack_check(), error reporting included.
 */
void stack_measure(void)
{
	struct rlimit limit;

	stack_room = 8 << 20;
	if (!getrlimit(RLIMIT_STACK, &limit) &&
	    limit.rlim_cur != RLIM_INFINITY)
		stack_room = limit.rlim_cur;
	stack_room -= stack_room / 4;
}

/*
 * Throw if the recursion that calls this has eaten up the stack.
 */
void stack_check(void)
{
	char *here = __builtin_frame_address(0);

	if ((size_t)(stack_base - here) > stack_room)
		shell_error("nested too deeply");
}
