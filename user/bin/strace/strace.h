/*
 * What the files of strace share. strace.c starts or seizes what is traced and
 * runs the loop; call.c prints one system call; values.c prints one argument;
 * calls.c knows what each call's arguments are, names.c the names of flags.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <uapi/ptrace.h>

/* What an argument is. The flags' kinds stand behind FIRST_NAMED. */
enum kind {
	END,			/* no more arguments */
	INT, LONG, SIZE,
	POINTER,		/* in hexadecimal, or NULL */
	OCTAL,			/* permission bits */
	CREAT_MODE,		/* the same, but only with O_CREAT */
	DESCRIPTOR,
	DIRECTORY,		/* a descriptor, or AT_FDCWD */
	SIGNAL,
	STRING,			/* ended by a zero byte */
	STRINGS,		/* an argument vector */
	BUFFER,			/* as long as the next argument says */

	/* What the call fills in can be printed when it is over. */
	FIRST_RESULT,
	RESULT_BUFFER = FIRST_RESULT,	/* as long as the result says */
	RESULT_PAIR,		/* two descriptors */
	RESULT_STATUS,		/* of wait4() */

	FIRST_NAMED,
	ACCESS_MODE = FIRST_NAMED, AT_FLAGS, CLOCK, CLONE_FLAGS, FCNTL_COMMAND,
	FD_FLAGS, FUTEX_COMMAND, MAP_FLAGS, OPEN_FLAGS, PROTECTION, SEEK_FROM,
	SIGMASK_HOW, SOCKET_FAMILY, SOCKET_TYPE, WAIT_FLAGS,
	NR_KINDS
};

#define MAX_ARGS	6

/* How to print one system call. */
struct shape {
	unsigned char	args[MAX_ARGS];	/* enum kind; END after the last */
	bool		known;		/* if not, all six are shown */
	bool		returns_pointer;
};

/* One thread that is traced. */
struct tracee {
	struct tracee	*next;
	pid_t		tid;
	bool		hidden;		/* until the first execve() */
	bool		in_call;	/* entered, and the entry was printed */
	int		printed;	/* how many of its arguments */
	unsigned long	nr, args[MAX_ARGS];
};

/* strace.c */
extern FILE *out;
bool resume_line(struct tracee *t);
void begin_line(struct tracee *t);
void leave_line_open(struct tracee *t);
void end_line(void);

/* call.c */
bool select_calls(const char *list);
void call_entered(struct tracee *t, const struct ptrace_syscall_info *info);
void call_returned(struct tracee *t, const struct ptrace_syscall_info *info);
void call_never_returns(struct tracee *t);
void print_signal_name(int sig);

/* values.c */
size_t read_memory(pid_t tid, unsigned long addr, void *buf, size_t len);
void print_value(const struct tracee *t, enum kind kind, int i, long result);

/* calls.c, names.c */
const struct shape *shape_of(unsigned long nr);
void print_names(enum kind kind, unsigned long value);
