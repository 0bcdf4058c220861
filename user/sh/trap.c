/*
 * Signals and traps.
 *
 * A handler does nothing but set a flag; the executor looks at the flags
 * between commands, where running a trap is safe. What remains hard is to
 * sleep until something happens *or* a signal comes: a signal that arrives
 * between the look at the flag and the sleep would be noticed only after the
 * sleep. The two places where the shell sleeps avoid that window by blocking
 * signals while they look, and letting the kernel unblock them and sleep in
 * one step: ppoll() in read_interruptible(), sigsuspend() in jobs.c.
 *
 * What a signal does to the shell follows from four things, and disposition()
 * is the one place that knows: its trap, whether it was ignored when the
 * shell was started (then a script may not change that), whether the shell is
 * interactive, and whether it does job control.
 */
#include "trap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "exec.h"
#include "out.h"
#include "shell.h"

static struct {
	char		*trap;		/* NULL: none; "": ignore */
	bool		examined;	/* is ignored_at_start known? */
	bool		ignored_at_start;
} signals[NSIG];

static volatile sig_atomic_t pending[NSIG];
static volatile sig_atomic_t any_pending;
/* Someone wants to know that a child has changed, but not as a trap. */
static volatile sig_atomic_t child_is_trapped;

static const struct {
	const char	*name;
	const char	*text;
} descriptions[] = {
	[TRAP_EXIT]	= { "EXIT", "" },
	[SIGHUP]	= { "HUP", "Hangup" },
	[SIGINT]	= { "INT", "Interrupt" },
	[SIGQUIT]	= { "QUIT", "Quit" },
	[SIGILL]	= { "ILL", "Illegal instruction" },
	[SIGTRAP]	= { "TRAP", "Trace/breakpoint trap" },
	[SIGABRT]	= { "ABRT", "Aborted" },
	[SIGBUS]	= { "BUS", "Bus error" },
	[SIGFPE]	= { "FPE", "Arithmetic exception" },
	[SIGKILL]	= { "KILL", "Killed" },
	[SIGUSR1]	= { "USR1", "User signal 1" },
	[SIGSEGV]	= { "SEGV", "Segmentation fault" },
	[SIGUSR2]	= { "USR2", "User signal 2" },
	[SIGPIPE]	= { "PIPE", "Broken pipe" },
	[SIGALRM]	= { "ALRM", "Alarm clock" },
	[SIGTERM]	= { "TERM", "Terminated" },
	[SIGSTKFLT]	= { "STKFLT", "Stack fault" },
	[SIGCHLD]	= { "CHLD", "Child changed" },
	[SIGCONT]	= { "CONT", "Continued" },
	[SIGSTOP]	= { "STOP", "Stopped (signal)" },
	[SIGTSTP]	= { "TSTP", "Stopped" },
	[SIGTTIN]	= { "TTIN", "Stopped (tty input)" },
	[SIGTTOU]	= { "TTOU", "Stopped (tty output)" },
	[SIGURG]	= { "URG", "Urgent I/O" },
	[SIGXCPU]	= { "XCPU", "CPU time limit exceeded" },
	[SIGXFSZ]	= { "XFSZ", "File size limit exceeded" },
	[SIGVTALRM]	= { "VTALRM", "Virtual timer expired" },
	[SIGPROF]	= { "PROF", "Profiling timer expired" },
	[SIGWINCH]	= { "WINCH", "Window changed" },
	[SIGIO]		= { "IO", "I/O possible" },
	[SIGPWR]	= { "PWR", "Power failure" },
	[SIGSYS]	= { "SYS", "Bad system call" },
};

#define NR_NAMED	((int)(sizeof(descriptions) / sizeof(*descriptions)))

/*
 * The name of a signal without SIG, or its number for those without a name.
 */
const char *signal_name(int sig)
{
	struct sbuf sb;

	if (sig < NR_NAMED)
		return descriptions[sig].name;
	sbuf_init(&sb, scratch);
	sbuf_printf(&sb, "%d", sig);
	return sbuf_str(&sb);
}

/*
 * What to tell the user about a process killed or stopped by @sig.
 */
const char *signal_text(int sig)
{
	struct sbuf sb;

	if (sig < NR_NAMED)
		return descriptions[sig].text;
	sbuf_init(&sb, scratch);
	sbuf_printf(&sb, "Signal %d", sig);
	return sbuf_str(&sb);
}

/*
 * One more than the highest signal that has a name.
 */
int signal_count(void)
{
	return NR_NAMED;
}

/*
 * Look up a signal by number, or by name with or without SIG.
 *
 * Return: the signal (0 for EXIT), or -1.
 */
int signal_number(const char *name)
{
	if (*name >= '0' && *name <= '9') {
		char *end;
		long n = strtol(name, &end, 10);

		return *end || n >= NSIG ? -1 : n;
	}
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	for (int i = 0; i < NR_NAMED; i++) {
		if (!strcasecmp(name, descriptions[i].name))
			return i;
	}
	return -1;
}

static void on_signal(int sig)
{
	if (sig == SIGCHLD && !child_is_trapped)
		return;
	pending[sig] = 1;
	any_pending = 1;
}

/* What should happen when @sig arrives: SIG_DFL, SIG_IGN or on_signal. */
static void (*disposition(int sig))(int)
{
	const char *trap = signals[sig].trap;

	if (signals[sig].ignored_at_start && !shell.interactive)
		return SIG_IGN;
	if (sig == SIGCHLD)
		return on_signal;
	if (trap)
		return *trap ? on_signal : SIG_IGN;
	if (shell.options[OPT_MONITOR] &&
	    (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU))
		return SIG_IGN;
	if (!shell.interactive)
		return SIG_DFL;
	if (sig == SIGINT)
		return on_signal;
	return sig == SIGQUIT || sig == SIGTERM ? SIG_IGN : SIG_DFL;
}

static void apply(int sig)
{
	struct sigaction act = { 0 };

	if (sig == SIGKILL || sig == SIGSTOP)
		return;
	if (!signals[sig].examined) {
		sigaction(sig, NULL, &act);
		signals[sig].ignored_at_start = act.sa_handler == SIG_IGN &&
						sig != SIGCHLD;
		signals[sig].examined = true;
	}
	act.sa_handler = disposition(sig);
	/* Only a trapped SIGCHLD is an event; else it just ends a sleep. */
	act.sa_flags = sig == SIGCHLD && !child_is_trapped ? SA_RESTART : 0;
	sigfillset(&act.sa_mask);
	sigaction(sig, &act, NULL);
}

/*
 * Take control of the signals that matter at all times.
 */
void signals_init(void)
{
	apply(SIGCHLD);
	signals_update();
}

/*
 * The shell has become interactive or job-controlling, or has ceased to be.
 */
void signals_update(void)
{
	static const int sigs[] = {
		SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
	};

	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		apply(sigs[i]);
}

/*
 * In a forked child: drop the traps, which are the parent's, but go on
 * ignoring what is ignored. The caller has turned off shell.interactive and
 * job control, and signals are blocked.
 */
void signals_reset_in_child(void)
{
	for (int sig = 0; sig < NSIG; sig++) {
		pending[sig] = 0;
		if (!signals[sig].trap || !*signals[sig].trap)
			continue;
		free(signals[sig].trap);
		signals[sig].trap = NULL;
		if (sig != TRAP_EXIT)
			apply(sig);
	}
	any_pending = 0;
	child_is_trapped = 0;
	apply(SIGCHLD);
	signals_update();
}

/*
 * In a forked child: ignore @sig for good, as if it had been so from the
 * start.
 */
void signals_ignore_in_child(int sig)
{
	signals[sig].examined = true;
	signals[sig].ignored_at_start = true;
	apply(sig);
}

static bool is_interrupt(int sig)
{
	return sig == SIGINT && shell.interactive && !signals[sig].trap;
}

/*
 * Tell whether the user has pressed Ctrl-C in an interactive shell; the
 * caller sees to it that something comes of it.
 */
bool signals_take_interrupt(void)
{
	if (!pending[SIGINT] || !is_interrupt(SIGINT))
		return false;
	pending[SIGINT] = 0;
	return true;
}

/*
 * Throw if the user has pressed Ctrl-C in an interactive shell; traps have
 * to wait until the command in progress is over.
 */
void signals_check_interrupt(void)
{
	if (!signals_take_interrupt())
		return;
	shell.status = 128 + SIGINT;
	throw(THROW_INTERRUPT);
}

/*
 * Act as if the user had pressed Ctrl-C here.
 */
void signals_raise_interrupt(void)
{
	on_signal(SIGINT);
}

/*
 * A signal that has arrived and waits for its trap to be run, or 0.
 */
int signals_first_pending(void)
{
	for (int sig = 1; any_pending && sig < NSIG; sig++) {
		if (pending[sig])
			return sig;
	}
	return 0;
}

/*
 * Run the traps of the signals that have arrived, and throw if one of them
 * was Ctrl-C for an interactive shell. $? survives.
 */
void signals_run_traps(void)
{
	int status = shell.status;
	int sig;

	if (!any_pending)
		return;
	signals_check_interrupt();
	while ((sig = signals_first_pending())) {
		pending[sig] = 0;
		/* The trap may replace itself while it runs. */
		if (signals[sig].trap)
			exec_string(arena_strdup(scratch, signals[sig].trap));
		shell.status = status;
	}
	any_pending = 0;
	/* One that came while we were clearing must not be forgotten. */
	for (sig = 1; sig < NSIG; sig++)
		any_pending |= pending[sig];
}

/*
 * read(), but a signal that has a trap, or Ctrl-C, always ends the wait, even
 * if it arrived just before.
 *
 * Return: as read(); -1 with EINTR if a signal is pending and nothing was
 * read.
 */
ssize_t read_interruptible(int fd, void *data, size_t len)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	sigset_t all, old;
	bool interrupted;

	if (!shell.interactive && !trap_any())
		return read(fd, data, len);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	interrupted = signals_first_pending() ||
		      (ppoll(&poll_fd, 1, NULL, &old) < 0 && errno == EINTR);
	sigprocmask(SIG_SETMASK, &old, NULL);
	/*
	 * ppoll() prefers to report input. But Ctrl-C drops what was typed
	 * before it, so a line that is there was typed after it and comes
	 * second: it stays where it is until the signal has been dealt with.
	 */
	if (interrupted || signals_first_pending()) {
		errno = EINTR;
		return -1;
	}
	return read(fd, data, len);
}

/*
 * Set what happens at @sig: a command, "" to ignore it, NULL for the default.
 *
 * Return: false if the signal cannot be trapped.
 */
bool trap_set(int sig, const char *action)
{
	if (sig == SIGKILL || sig == SIGSTOP)
		return !action;
	free(signals[sig].trap);
	signals[sig].trap = action ? xstrdup(action) : NULL;
	if (sig == SIGCHLD)
		child_is_trapped = action && *action;
	if (sig != TRAP_EXIT)
		apply(sig);
	return true;
}

/*
 * Is any trap set whose command would have to be run by this process?
 */
bool trap_any(void)
{
	for (int sig = 0; sig < NSIG; sig++) {
		if (signals[sig].trap && *signals[sig].trap)
			return true;
	}
	return false;
}

/*
 * Print the traps as commands that set them.
 */
void traps_print(void)
{
	for (int sig = 0; sig < NSIG; sig++) {
		if (!signals[sig].trap)
			continue;
		out_puts("trap -- ");
		out_quoted(signals[sig].trap);
		out_printf(" %s\n", signal_name(sig));
	}
}

static void run_exit_trap(void *arg)
{
	int status = shell.status;

	exec_string(arg);
	shell.status = status;
}

/*
 * Run the EXIT trap, once. shell.status is what the shell will exit with: the
 * trap sees it as $?, and changes it only by an exit of its own.
 */
void trap_run_exit(void)
{
	char *action = signals[TRAP_EXIT].trap;

	signals[TRAP_EXIT].trap = NULL;
	if (action)
		try_call(run_exit_trap, action);
	free(action);
}
