/*
 * Shell functions.
 *
 * See function.c.
 */
#pragma once

#include <stdbool.h>

struct function;
struct node;

void function_define(const struct node *node);
bool function_unset(const char *name);
struct function *function_find(const char *name);
int function_call(struct function *function, int argc, char *const argv[]);
bool function_make_local(const char *name);
