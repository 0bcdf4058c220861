/*
 * Execution of the syntax tree.
 *
 * See exec.c for control flow, command.c for simple commands.
 */
#pragma once

#include <stdbool.h>
#include <stdnoreturn.h>

struct input;
struct node;

int exec_node(struct node *node, bool last);
bool exec_line(struct input *in, int *status);
int exec_input(struct input *in);
int exec_string(const char *text);
noreturn void exec_child(struct node *node);
noreturn void shell_exit(void);

/* command.c */
struct builtin;

int exec_simple(struct node *node, bool last);
int exec_bypassing_functions(int argc, char **argv);
int exec_builtin(const struct builtin *builtin, int argc, char **argv);
int exec_program(char **argv);
char *find_program(const char *name, int mode);
