/*
 * Builtin commands.
 *
 * See builtin.c for the table.
 */
#pragma once

#include <stdbool.h>
#include <stdnoreturn.h>

struct builtin {
	const char	*name;
	/* Returns the exit status; argv[argc] is NULL. */
	int		(*run)(int argc, char **argv);
	/*
	 * POSIX's special builtins: found before functions, keep the
	 * assignments in front of them, and their errors end a script.
	 */
	bool		special;
};

const struct builtin *builtin_find(const char *name);
int builtin_options(int argc, char **argv, const char *allowed, char *last);
long builtin_number(const char *what, const char *text);

/* builtin_control.c */
int builtin_break(int argc, char **argv);
int builtin_command(int argc, char **argv);
int builtin_dot(int argc, char **argv);
int builtin_eval(int argc, char **argv);
int builtin_exec(int argc, char **argv);
int builtin_exit(int argc, char **argv);
int builtin_false(int argc, char **argv);
int builtin_return(int argc, char **argv);
int builtin_trap(int argc, char **argv);
int builtin_true(int argc, char **argv);
int builtin_type(int argc, char **argv);

/* builtin_vars.c */
int builtin_export(int argc, char **argv);
int builtin_getopts(int argc, char **argv);
int builtin_local(int argc, char **argv);
int builtin_set(int argc, char **argv);
int builtin_shift(int argc, char **argv);
int builtin_unset(int argc, char **argv);

/* builtin_read.c */
int builtin_read(int argc, char **argv);

/* builtin_jobs.c */
int builtin_fg(int argc, char **argv);
int builtin_jobs(int argc, char **argv);
int builtin_kill(int argc, char **argv);
int builtin_wait(int argc, char **argv);

/* builtin_process.c */
int builtin_cd(int argc, char **argv);
int builtin_pwd(int argc, char **argv);
int builtin_times(int argc, char **argv);
int builtin_ulimit(int argc, char **argv);
int builtin_umask(int argc, char **argv);
void directory_init(void);

/* builtin_print.c */
int builtin_echo(int argc, char **argv);
int builtin_printf(int argc, char **argv);

/* builtin_test.c */
int builtin_test(int argc, char **argv);
