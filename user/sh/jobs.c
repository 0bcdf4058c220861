/*
 * Jobs: the processes a shell has started.
 *
 * A job is a pipeline: one or more processes. With job control each job is
 * a process group of its own and the terminal belongs to one group at a time
 * (terminal.c has that half); without it they all stay in the shell's group
 * and a job is only something to wait for. Every child is in the table below
 * from the moment it is forked, since waitpid() may report it any time after.
 *
 * The states follow from the processes: a job runs while one of them runs, is
 * stopped if none runs but one is stopped, and is done when all are.
 *
 * Only here is waitpid() called, and nothing is reaped behind the back of
 * code that starts processes: a leader that has already exited stays a zombie,
 * so its process group still exists when the second process joins it, and
 * its number can not have been given to someone else.
 */
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "job.h"
#include "out.h"
#include "shell.h"
#include "trap.h"
#include "unparse.h"

/* All jobs; the current one, %+, is the first with a number. */
struct job *jobs;

/*
 * Create a job without processes. It is freed by job_wait() when it is done,
 * or by job_forget().
 */
struct job *job_create(void)
{
	struct job *job = xmalloc(sizeof(*job));

	*job = (struct job){ .next = jobs, .gate = { -1, -1 } };
	jobs = job;
	return job;
}

static void unlink_job(struct job *job)
{
	struct job **link = &jobs;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
}

/* Let the processes of a job start, unless they have. */
static void open_gate(struct job *job)
{
	for (int i = 0; i < 2; i++) {
		if (job->gate[i] >= 0)
			close(job->gate[i]);
		job->gate[i] = -1;
	}
}

/*
 * Forget a job; should it still have processes, nobody will hear of them.
 */
void job_forget(struct job *job)
{
	open_gate(job);
	unlink_job(job);
	free(job->processes);
	free(job->text);
	free(job);
}

/*
 * Say what the job is, for "jobs".
 */
void job_set_text(struct job *job, const struct node *node)
{
	struct arena_mark mark = arena_mark(scratch);
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	unparse_node(&sb, node);
	free(job->text);
	job->text = NULL;
	job->text = xstrdup(sbuf_str(&sb));
	arena_release(scratch, mark);
}

/*
 * What the job is doing, as far as is known without asking the kernel.
 */
enum job_state job_state(const struct job *job)
{
	enum job_state state = JOB_DONE;

	for (size_t i = 0; i < job->nr_processes; i++) {
		if (job->processes[i].state < state)
			state = job->processes[i].state;
	}
	return state;
}

/*
 * The exit status of a job: that of its last process, where being killed or
 * stopped by a signal counts as 128 and its number.
 */
int process_status(const struct process *process)
{
	int status = process->status;

	if (WIFSTOPPED(status))
		return 128 + WSTOPSIG(status);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/*
 * The process whose status is that of the job; there must be one.
 */
const struct process *job_last(const struct job *job)
{
	return &job->processes[job->nr_processes - 1];
}

static struct process *find_process(pid_t pid, struct job **owner)
{
	for (struct job *job = jobs; job; job = job->next) {
		for (size_t i = 0; i < job->nr_processes; i++) {
			if (job->processes[i].pid == pid &&
			    job->processes[i].state != JOB_DONE) {
				*owner = job;
				return &job->processes[i];
			}
		}
	}
	return NULL;
}

static void note_change(pid_t pid, int status)
{
	struct job *job;
	struct process *process = find_process(pid, &job);
	enum job_state before;

	if (!process)
		return;
	before = job_state(job);
	if (WIFCONTINUED(status)) {
		process->state = JOB_RUNNING;
	} else {
		process->state = WIFSTOPPED(status) ? JOB_STOPPED : JOB_DONE;
		process->status = status;
	}
	if (job_state(job) != before)
		job->changed = job_state(job) != JOB_RUNNING;
}

/* No child is left although some should be: call them dead. */
static void note_all_lost(void)
{
	for (struct job *job = jobs; job; job = job->next) {
		for (size_t i = 0; i < job->nr_processes; i++) {
			struct process *process = &job->processes[i];

			if (process->state != JOB_DONE)
				process->status = 127 << 8;
			process->state = JOB_DONE;
		}
	}
}

/*
 * Learn of one change of a child, waiting for it if @block.
 *
 * Return: false if there was none to learn of, or a signal came first.
 */
static bool reap(bool block)
{
	int flags = block ? 0 : WNOHANG;
	int status;
	pid_t pid;

	if (shell.options[OPT_MONITOR])
		flags |= WUNTRACED | WCONTINUED;
	pid = waitpid(-1, &status, flags);
	if (pid > 0)
		note_change(pid, status);
	else if (pid < 0 && errno == ECHILD)
		note_all_lost();
	return pid > 0;
}

/*
 * Learn of all changes that have happened so far.
 */
void jobs_update(void)
{
	while (reap(false))
		continue;
}

/* Without job control, the keyboard is not for what runs in background. */
static void leave_keyboard(bool first)
{
	int null = first ? open("/dev/null", O_RDONLY) : -1;

	signals_ignore_in_child(SIGINT);
	signals_ignore_in_child(SIGQUIT);
	if (null > STDIN_FILENO) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
}

/* In a child with signals blocked: wait until the parent opens the gate. */
static void wait_at_gate(struct job *job)
{
	char c;

	if (job->gate[1] < 0)
		return;
	close(job->gate[1]);
	job->gate[1] = -1;
	read(job->gate[0], &c, 1);
}

/* A child starts with a shell that has no jobs and no terminal. */
static void become_child(struct job *job, enum job_mode mode)
{
	bool control = shell.options[OPT_MONITOR];
	bool first = !job->nr_processes;

	if (control && mode != JOB_INNER)
		terminal_join_group(getpid(), job);
	wait_at_gate(job);
	shell.is_subshell = true;
	shell.interactive = false;
	shell.options[OPT_MONITOR] = false;
	signals_reset_in_child();
	if (mode == JOB_BACKGROUND && !control)
		leave_keyboard(first);
	if (mode == JOB_INNER && control) {
		/* It stays in the shell's group, and can be no job to stop. */
		signals_ignore_in_child(SIGTSTP);
		signals_ignore_in_child(SIGTTIN);
		signals_ignore_in_child(SIGTTOU);
	}
	while (jobs)
		job_forget(jobs);
}

static void add_process(struct job *job, pid_t pid)
{
	job->processes[job->nr_processes++] = (struct process){
		.pid	= pid,
		.state	= JOB_RUNNING,
	};
}

/* Make room before there is a process that could get lost. */
static void reserve_process(struct job *job)
{
	size_t cap = job->cap ? job->cap * 2 : 1;
	struct process *bigger;

	if (job->nr_processes < job->cap)
		return;
	bigger = xmalloc(cap * sizeof(*bigger));
	if (job->nr_processes)
		memcpy(bigger, job->processes,
		       job->nr_processes * sizeof(*bigger));
	free(job->processes);
	job->processes = bigger;
	job->cap = cap;
}

/*
 * Fork a process of @job. Both sides put it into the job's group, because
 * neither knows which of them runs first.
 *
 * With job control, the processes of a foreground job then wait at a gate, a
 * pipe that says nothing but ends. job_wait() opens it when they all exist
 * and the terminal is theirs. Else a Ctrl-Z could stop the first before the
 * second is there to be stopped, and an early reader of the terminal would be
 * stopped for being in the background.
 *
 * Signals are blocked meanwhile. A Ctrl-C that reaches the child while it
 * still has the shell's handlers would set a flag there and be lost; blocked,
 * it waits until the child has its own dispositions.
 *
 * Return: as fork(). In the child @job and all others are gone.
 */
pid_t job_fork(struct job *job, enum job_mode mode)
{
	sigset_t all, old;
	pid_t pid;
	int err;

	reserve_process(job);
	if (shell.options[OPT_MONITOR] && mode == JOB_FOREGROUND &&
	    !job->nr_processes && pipe(job->gate))
		return -1;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	err = errno;
	if (!pid) {
		become_child(job, mode);
	} else if (pid > 0) {
		if (shell.options[OPT_MONITOR] && mode != JOB_INNER)
			terminal_join_group(pid, job);
		add_process(job, pid);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = err;
	return pid;
}

/*
 * Fork a process nobody waits for, which only writes into a pipe.
 */
pid_t job_fork_writer(void)
{
	pid_t pid = fork();

	if (!pid) {
		error_forget_callers();
		signal(SIGPIPE, SIG_DFL);
	}
	return pid;
}

/* Tell of a foreground command killed by a signal the user did not send. */
static void report_death(const struct job *job)
{
	int status = job_last(job)->status;
	const char *text;

	if (!WIFSIGNALED(status) || WTERMSIG(status) == SIGINT ||
	    WTERMSIG(status) == SIGPIPE)
		return;
	text = signal_text(WTERMSIG(status));
	write_all(STDERR_FILENO, text, strlen(text));
	if (WCOREDUMP(status))
		write_all(STDERR_FILENO, " (core dumped)", 14);
	write_all(STDERR_FILENO, "\n", 1);
}

/*
 * Wait until a job in the foreground is done, or is stopped; then the
 * terminal is the shell's again. A job that is done is freed.
 *
 * Return: its exit status.
 */
int job_wait(struct job *job)
{
	struct process last;
	int status;

	if (job->gate[1] >= 0)
		terminal_give(job);
	/* Ctrl-C before the terminal changed hands: it is for the job. */
	if (job->pgid && signals_take_interrupt())
		kill(-job->pgid, SIGINT);
	open_gate(job);
	while (job_state(job) == JOB_RUNNING)
		reap(true);
	terminal_take_back(job);
	last = *job_last(job);
	status = process_status(&last);
	if (job_state(job) == JOB_STOPPED) {
		job_number(job);
		write_all(STDERR_FILENO, "\n", 1);
		job_report(job);
		return status;
	}
	report_death(job);
	job_forget(job);
	/* Ctrl-C for one command of a line is meant for the whole line. */
	if (shell.interactive && WIFSIGNALED(last.status) &&
	    WTERMSIG(last.status) == SIGINT)
		signals_raise_interrupt();
	return status;
}

static int highest_number(void)
{
	int highest = 0;

	for (struct job *job = jobs; job; job = job->next) {
		if (job->number > highest)
			highest = job->number;
	}
	return highest;
}

/*
 * Give a job a number, by which the user knows it, and its rank: a stopped
 * job becomes the current one, a running one comes after all stopped ones.
 */
void job_number(struct job *job)
{
	struct job **link = &jobs;

	if (!job->number)
		job->number = highest_number() + 1;
	unlink_job(job);
	if (job_state(job) != JOB_STOPPED) {
		while (*link && (!(*link)->number ||
				 job_state(*link) == JOB_STOPPED))
			link = &(*link)->next;
	}
	job->next = *link;
	*link = job;
}

/*
 * A job has been started in the background: set $!, and tell the user.
 */
void job_launch(struct job *job)
{
	char line[64];

	jobs_update();
	shell.last_bg = job_last(job)->pid;
	job_number(job);
	if (!shell.interactive)
		return;
	snprintf(line, sizeof(line), "[%d] %ld\n", job->number,
		 (long)shell.last_bg);
	write_all(STDERR_FILENO, line, strlen(line));
}
