/*
 * The state of the shell that has no better home.
 *
 * There is one shell per process, hence one global. A subshell is a forked
 * copy of it, which is how "(cd /; x=1)" leaves its parent untouched.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* What "set -x" and its kin switch; options.c maps letters and names. */
enum option {
	OPT_ALLEXPORT,
	OPT_ERREXIT,
	OPT_MONITOR,
	OPT_NOCLOBBER,
	OPT_NOEXEC,
	OPT_NOGLOB,
	OPT_NOUNSET,
	OPT_VERBOSE,
	OPT_XTRACE,
	NR_OPTIONS,
};

/* A loop, function or sourced file being left: see exec.c. */
enum flow {
	FLOW_NONE,
	FLOW_BREAK,
	FLOW_CONTINUE,
	FLOW_RETURN,
};

/* $1 $2 ...; the strings and the array belong to this struct. */
struct params {
	int	count;
	char	**values;
};

/*
 * Where in the syntax tree execution is, as far as commands can tell. When a
 * command is abandoned, try_call() puts back what was before it.
 */
struct context {
	enum flow	flow;
	int		flow_count;	/* loops still to leave */
	int		loop_depth;	/* enclosing loops in this function */
	int		call_depth;	/* functions and sourced files */
	int		tested;		/* > 0: a failure is no error for -e */
};

struct shell {
	const char	*name;		/* $0 */
	pid_t		pid;		/* $$, also in subshells */
	int		status;		/* $? */
	int		inner_status;	/* of the last $(...) */
	pid_t		last_bg;	/* $!, or 0 */
	int		line;		/* of the command being executed */
	struct params	params;
	bool		options[NR_OPTIONS];

	bool		interactive;	/* prompt, survive errors */
	bool		reads_stdin;	/* commands come from descriptor 0 */
	bool		is_subshell;	/* a forked copy */

	struct context	context;
};

extern struct shell shell;

bool option_parse(const char *word, char *const next[], bool *took_next);
void options_print(bool as_commands);
void options_letters(char *letters);

void params_set(int count, char *const values[]);
void params_free(struct params *params);
void params_shift(int count);
