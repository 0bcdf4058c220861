/*
 * Who owns the terminal.
 *
 * With job control every job is a process group, and the terminal has one
 * foreground group: only that may read from it, and only that gets the
 * signals of Ctrl-C and Ctrl-Z. Running a command is therefore lending out
 * the terminal, and when the command ends or stops the shell takes it back
 * before it prompts, together with the modes (echo, line editing) that an
 * interrupted editor may have left in a state no shell can work with.
 *
 * One window cannot be closed: a key pressed after a command has exited, but
 * before the shell has the terminal again, is a signal to a group without
 * members. All shells have it, and in "while :; do (:); done" one notices, and
 * presses Ctrl-C again.
 *
 * Only the shell moves the terminal. tcsetpgrp() from a background group
 * raises SIGTTOU, which the shell ignores.
 */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "redir.h"
#include "shell.h"
#include "trap.h"

static struct private_fd terminal = { .fd = -1 };
static pid_t own_pgid;
static pid_t initial_pgid;		/* of whoever started the shell */
static struct termios own_modes;

/*
 * Put a process into its job's group, creating the group with the first one.
 * Called by parent and child alike.
 */
void terminal_join_group(pid_t pid, struct job *job)
{
	if (!job->pgid)
		job->pgid = pid;
	setpgid(pid, job->pgid);
}

/*
 * Lend the terminal to a job that starts, or goes on, in the foreground.
 */
void terminal_give(struct job *job)
{
	tcsetpgrp(terminal.fd, job->pgid);
	if (job->has_modes)
		tcsetattr(terminal.fd, TCSADRAIN, &job->modes);
}

/*
 * Take the terminal back from a job that is done or has stopped. Modes that
 * a command changed before it ended normally are what the user asked for
 * ("stty -echo"); of one that stopped they are kept for its return.
 */
void terminal_take_back(struct job *job)
{
	if (!shell.options[OPT_MONITOR] || !job->pgid)
		return;
	tcsetpgrp(terminal.fd, own_pgid);
	if (job_state(job) == JOB_STOPPED)
		job->has_modes = !tcgetattr(terminal.fd, &job->modes);
	else if (WIFEXITED(job_last(job)->status) &&
		 !tcgetattr(terminal.fd, &own_modes))
		return;
	tcsetattr(terminal.fd, TCSADRAIN, &own_modes);
}

static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR);

	if (fd >= 0)
		return private_fd_move(fd);
	for (int i = STDERR_FILENO; i >= 0; i--) {
		if (isatty(i))
			return private_fd_move(dup(i));
	}
	return -1;
}

/*
 * Wait until whoever started the shell has put it into the foreground: a
 * shell started with "sh &" stops here until "fg".
 *
 * Return: false if the terminal is not ours at all.
 */
static bool wait_for_foreground(void)
{
	for (;;) {
		pid_t owner = tcgetpgrp(terminal.fd);

		if (owner < 0)
			return false;
		if (owner == getpgrp())
			return true;
		kill(0, SIGTTIN);
	}
}

static bool start_control(void)
{
	terminal.fd = open_terminal();
	if (terminal.fd < 0)
		return false;
	if (!wait_for_foreground()) {
		close(terminal.fd);
		terminal.fd = -1;
		return false;
	}
	private_fd_add(&terminal);
	initial_pgid = getpgrp();
	shell.options[OPT_MONITOR] = true;
	signals_update();
	/* A session leader is in a group of its own already. */
	setpgid(0, 0);
	own_pgid = getpgrp();
	tcsetpgrp(terminal.fd, own_pgid);
	tcgetattr(terminal.fd, &own_modes);
	return true;
}

/*
 * Turn job control on or off.
 *
 * Return: whether it is on now.
 */
bool jobs_set_control(bool on)
{
	if (on == shell.options[OPT_MONITOR])
		return on;
	if (on) {
		on = start_control();
		if (!on)
			shell_warn("no job control: no terminal");
		return on;
	}
	jobs_end_control();
	return false;
}

/*
 * Give the terminal back to whoever started the shell.
 */
void jobs_end_control(void)
{
	if (!shell.options[OPT_MONITOR] || terminal.fd < 0)
		return;
	tcsetpgrp(terminal.fd, initial_pgid);
	setpgid(0, initial_pgid);
	private_fd_remove(&terminal);
	close(terminal.fd);
	terminal.fd = -1;
	shell.options[OPT_MONITOR] = false;
	signals_update();
}
