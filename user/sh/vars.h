/*
 * Variables and the environment.
 *
 * See vars.c.
 */
#pragma once

#include <stdbool.h>

#include "error.h"

/* What makes a variable more than a name and a value. */
enum {
	VAR_EXPORT	= 1,
	VAR_READONLY	= 2,
};

struct saved_var;

/*
 * A stretch of execution at whose end some variables become again what they
 * were: a function with its locals, a command with its "x=1" in front.
 */
struct var_scope {
	struct undo		undo;
	struct saved_var	*saved;
};

void vars_init(char *const envp[]);
const char *var_get(const char *name);
void var_set(const char *name, const char *value);
void var_set_number(const char *name, long value);
void var_set_flags(const char *name, unsigned flags);
void var_unset(const char *name);
void vars_print(const char *prefix, unsigned flags);
char **vars_environment(void);

void var_scope_enter(struct var_scope *scope);
void var_scope_leave(struct var_scope *scope);
void var_scope_save(struct var_scope *scope, const char *name);
