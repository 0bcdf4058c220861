/*
 * One system call: its name and arguments when it is entered, the rest and the
 * result when it returns.
 *
 * What a call fills in is not there before its end, so printing stops at the
 * first such argument and goes on behind it later. Names come from the very
 * lists of numbers that the kernel is built with (include/uapi/).
 */
#include "strace.h"

#include <string.h>
#include <sys/syscall.h>
#include <uapi/fcntl.h>

#include "../common/common.h"

static const char *const names[] = {
#include <syscall_names.inc>
};

static const char *const errors[] = {
#include <errno_names.inc>
};

#define NR_NAMES	(sizeof(names) / sizeof(names[0]))
#define NR_ERRORS	(sizeof(errors) / sizeof(errors[0]))

/* -e: which calls are shown. All, as long as nobody has chosen any. */
static bool selected[NR_NAMES], chosen;

/* Choose the calls of @list, names with commas between. False: no such call. */
bool select_calls(const char *list)
{
	chosen = true;
	for (;;) {
		size_t len = strcspn(list, ","), nr;

		for (nr = 0; nr < NR_NAMES; nr++)
			if (names[nr] && strlen(names[nr]) == len &&
			    memcmp(names[nr], list, len) == 0)
				break;
		if (nr == NR_NAMES)
			return false;
		selected[nr] = true;
		if (!list[len])
			return true;
		list += len + 1;
	}
}

static bool is_selected(unsigned long nr)
{
	return !chosen || (nr < NR_NAMES && selected[nr]);
}

static void print_call_name(unsigned long nr)
{
	if (nr < NR_NAMES && names[nr])
		fputs(names[nr], out);
	else
		fprintf(out, "syscall_%#lx", nr);
}

void print_signal_name(int sig)
{
	if (signal_name(sig))
		fprintf(out, "SIG%s", signal_name(sig));
	else
		fprintf(out, "%d", sig);
}

static bool is_result(enum kind kind)
{
	return kind >= FIRST_RESULT && kind < FIRST_NAMED;
}

/* open() looks at its last argument only if it makes a file. */
static bool is_argument(const struct tracee *t, enum kind kind, int i)
{
	if (kind == CREAT_MODE)
		return t->args[i - 1] & (O_CREAT | __O_TMPFILE);
	return kind != END;
}

/* Arguments from t->printed on; before the call is over, as far as known. */
static void print_args(struct tracee *t, bool is_over, long result)
{
	const struct shape *shape = shape_of(t->nr);

	for (int i = t->printed; i < MAX_ARGS; i++) {
		enum kind kind = shape->args[i];

		if (!is_argument(t, kind, i) || (is_result(kind) && !is_over))
			break;
		fputs(i ? ", " : "", out);
		print_value(t, kind, i, result);
		t->printed = i + 1;
	}
}

void call_entered(struct tracee *t, const struct ptrace_syscall_info *info)
{
	t->nr = info->entry.nr;
	for (int i = 0; i < MAX_ARGS; i++)
		t->args[i] = info->entry.args[i];
	if (t->nr == __NR_execve)
		t->hidden = false;
	t->in_call = !t->hidden && is_selected(t->nr);
	if (!t->in_call)
		return;
	begin_line(t);
	print_call_name(t->nr);
	fputc('(', out);
	t->printed = 0;
	print_args(t, false, 0);
	leave_line_open(t);
}

/* Go on in the line of @t's call, or begin one that says what it is about. */
static void go_on(struct tracee *t)
{
	if (resume_line(t))
		return;
	fputs("<... ", out);
	print_call_name(t->nr);
	fputs(" resumed>", out);
}

/*
 * The results from -512 on are between the kernel and itself: the call will be
 * made again, or return EINTR, once the signal has been dealt with.
 */
static void print_error(int error)
{
	if ((size_t)error < NR_ERRORS && errors[error])
		fprintf(out, "-1 %s (%s)", errors[error], strerror(error));
	else if (error >= 512)
		fprintf(out, "? (to be restarted: %d)", error);
	else
		fprintf(out, "-1 (error %d)", error);
}

void call_returned(struct tracee *t, const struct ptrace_syscall_info *info)
{
	long result = info->exit.rval;

	if (!t->in_call)
		return;
	t->in_call = false;
	go_on(t);
	print_args(t, true, result);
	fputs(") = ", out);
	if (info->exit.is_error)
		print_error(-result);
	else if (shape_of(t->nr)->returns_pointer)
		fprintf(out, "%#lx", result);
	else
		fprintf(out, "%ld", result);
	end_line();
}

/* The thread ended in its call: by it (exit), or killed. */
void call_never_returns(struct tracee *t)
{
	if (!t->in_call)
		return;
	t->in_call = false;
	go_on(t);
	fputs(") = ?", out);
	end_line();
}
