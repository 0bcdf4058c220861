/*
 * Builtins for jobs: jobs, fg, bg, wait, kill.
 */
#include "builtin.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "jobs.h"
#include "out.h"
#include "shell.h"
#include "trap.h"

/* The job an operand names, the current one if there is none. */
static struct job *need_job(const char *command, const char *spec)
{
	struct job *job = job_find(spec ? spec : "%%");

	if (!job)
		shell_warn("%s: %s: no such job", command,
			   spec ? spec : "current job");
	return job;
}

/*
 * jobs [-lp] [job...]
 */
int builtin_jobs(int argc, char **argv)
{
	char option = 0;
	int i = builtin_options(argc, argv, "lp", &option);
	enum job_format format = option == 'l' ? JOBS_LONG :
				 option == 'p' ? JOBS_PIDS : JOBS_SHORT;
	int status = 0;

	if (i >= argc)
		jobs_list(format);
	for (; i < argc; i++) {
		struct job *job = need_job(argv[0], argv[i]);

		if (job)
			job_print(job, format);
		else
			status = 2;
	}
	return status;
}

/*
 * fg [job], bg [job...]
 */
int builtin_fg(int argc, char **argv)
{
	bool foreground = *argv[0] == 'f';
	int status = 0;
	int i = 1;

	if (!shell.options[OPT_MONITOR]) {
		shell_warn("%s: no job control", argv[0]);
		return 2;
	}
	do {
		struct job *job = need_job(argv[0], argv[i]);

		if (!job || !job_group(job)) {
			if (job)
				shell_warn("%s: job has ended", argv[0]);
			status = 2;
		} else if (foreground) {
			return job_foreground(job);
		} else {
			job_background(job);
		}
	} while (++i < argc && !foreground);
	return status;
}

static int wait_for(const char *spec)
{
	struct job *job;
	char *end;
	long pid = 0;

	if (*spec == '%') {
		job = need_job("wait", spec);
	} else {
		pid = strtol(spec, &end, 10);
		if (end == spec || *end) {
			shell_warn("wait: %s: not a process id", spec);
			return 2;
		}
		job = job_of_pid(pid);
	}
	return job ? job_wait_interruptible(job, pid) : 127;
}

/*
 * wait [job or process...]: without operands for all of them.
 */
int builtin_wait(int argc, char **argv)
{
	char option;
	int i = builtin_options(argc, argv, "", &option);
	int status = 0;

	if (i >= argc)
		status = jobs_wait_all();
	for (; i < argc; i++)
		status = wait_for(argv[i]);
	signals_check_interrupt();
	return status;
}

/* kill -l: all names, or those of signals or of exit statuses. */
static int list_signals(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		long n = builtin_number("kill", argv[i]);

		if (n > 128)
			n -= 128;
		if (n >= NSIG)
			shell_error("kill: %s: no such signal", argv[i]);
		out_printf("%s\n", signal_name(n));
	}
	for (int sig = 1; !argc && sig < signal_count(); sig++)
		out_printf("%s\n", signal_name(sig));
	return 0;
}

/*
 * Send a signal to a job or a process. A stopped job could not act on most of
 * them, so it is woken up.
 */
static int kill_one(const char *spec, int sig)
{
	struct job *job = NULL;
	char *end;
	long pid;

	if (*spec == '%') {
		job = need_job("kill", spec);
		if (!job)
			return 1;
		pid = job_group(job);
		if (!pid) {
			shell_warn("kill: %s: job has ended", spec);
			return 1;
		}
	} else {
		pid = strtol(spec, &end, 10);
		if (end == spec || *end) {
			shell_warn("kill: %s: not a process id", spec);
			return 2;
		}
	}
	if (kill(pid, sig)) {
		shell_warn("kill: %s: %s", spec, strerror(errno));
		return 1;
	}
	if (job && job_is_stopped(job) && (sig == SIGTERM || sig == SIGHUP))
		kill(pid, SIGCONT);
	return 0;
}

/*
 * kill [-s signal | -signal] process..., kill -l [number...]
 */
int builtin_kill(int argc, char **argv)
{
	int sig = SIGTERM;
	int status = 0;
	int i = 1;

	if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--")) {
		const char *name = argv[1] + 1;

		if (!strcmp(name, "l"))
			return list_signals(argc - 2, argv + 2);
		if (!strcmp(name, "s") && argc > 2)
			name = argv[++i];
		sig = signal_number(name);
		if (sig < 0)
			shell_error("kill: %s: no such signal", name);
		i++;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i >= argc)
		shell_error("kill: usage: kill [-signal] process...");
	for (; i < argc; i++)
		status |= kill_one(argv[i], sig);
	return status;
}
