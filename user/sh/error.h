/*
 * Errors: how a command is abandoned, and what is put back when it is.
 *
 * See error.c.
 */
#pragma once

#include <stdnoreturn.h>

/* Why a computation did not reach its end; 0 means that it did. */
enum {
	THROW_ERROR = 1,	/* a shell error, already reported */
	THROW_INTERRUPT,	/* Ctrl-C in an interactive shell */
	THROW_EXIT,		/* the exit command, or set -e */
};

/*
 * Something to put back, kept in the frame of the function that changed it.
 * It runs exactly once: by undo_pop(), or by throw() on its way out.
 */
struct undo {
	struct undo	*prev;
	void		(*run)(struct undo *undo);
};

int try_call(void (*fn)(void *arg), void *arg);
noreturn void throw(int why);
void undo_push(struct undo *undo, void (*run)(struct undo *undo));
void undo_pop(struct undo *undo);
void error_forget_callers(void);

/* Report on standard error, in the form "sh: line 3: ...". */
void shell_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
noreturn void shell_error(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

void stack_init(void);
void stack_measure(void);
void stack_check(void);
