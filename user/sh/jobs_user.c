/*
 * Jobs as the user sees them: %1, "jobs", fg and bg, wait, notifications.
 */
#include "job.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "out.h"
#include "shell.h"
#include "trap.h"

/* The next job with a number, from @job on. */
static struct job *numbered(struct job *job)
{
	while (job && !job->number)
		job = job->next;
	return job;
}

static struct job *find_by_text(const char *text, bool anywhere)
{
	struct job *found = NULL;

	for (struct job *job = numbered(jobs); job; job = numbered(job->next)) {
		if (!job->text || (anywhere ? !strstr(job->text, text) :
				   strncmp(job->text, text, strlen(text))))
			continue;
		if (found)
			return NULL;
		found = job;
	}
	return found;
}

/*
 * Find the job %spec: % %% %+ the current one, %- the one before, %n by
 * number, %text by how its command begins, %?text by what is in it.
 *
 * Return: NULL if there is none, or more than one.
 */
struct job *job_find(const char *spec)
{
	struct job *current = numbered(jobs);
	char *end;
	long n;

	if (*spec == '%')
		spec++;
	if (!*spec || !strcmp(spec, "%") || !strcmp(spec, "+"))
		return current;
	if (!strcmp(spec, "-"))
		return current ? numbered(current->next) : NULL;
	if (*spec == '?')
		return find_by_text(spec + 1, true);
	n = strtol(spec, &end, 10);
	if (*end)
		return find_by_text(spec, false);
	while (current && current->number != n)
		current = numbered(current->next);
	return current;
}

/*
 * Is the job stopped, as far as is known?
 */
bool job_is_stopped(struct job *job)
{
	return job_state(job) == JOB_STOPPED;
}

/*
 * Whom to kill() for this job: its group, or without job control its last
 * process; 0 if it is over.
 */
pid_t job_group(struct job *job)
{
	jobs_update();
	if (job_state(job) == JOB_DONE)
		return 0;
	return job->pgid ? -job->pgid : job_last(job)->pid;
}

/*
 * Return: the job that process belongs to, or NULL.
 */
struct job *job_of_pid(pid_t pid)
{
	for (struct job *job = jobs; job; job = job->next) {
		for (size_t i = 0; i < job->nr_processes; i++) {
			if (job->processes[i].pid == pid)
				return job;
		}
	}
	return NULL;
}

/* "Running", "Stopped", "Done(3)", "Terminated", ... */
static const char *state_text(const struct job *job)
{
	int status = job_last(job)->status;
	struct sbuf sb;

	switch (job_state(job)) {
	case JOB_RUNNING:
		return "Running";
	case JOB_STOPPED:
		/* Any process will do that has stopped. */
		for (size_t i = 0; i < job->nr_processes; i++) {
			if (job->processes[i].state == JOB_STOPPED)
				status = job->processes[i].status;
		}
		return signal_text(WSTOPSIG(status));
	case JOB_DONE:
		break;
	}
	if (WIFSIGNALED(status))
		return signal_text(WTERMSIG(status));
	if (!WEXITSTATUS(status))
		return "Done";
	sbuf_init(&sb, scratch);
	sbuf_printf(&sb, "Done(%d)", WEXITSTATUS(status));
	return sbuf_str(&sb);
}

static void describe(struct sbuf *sb, struct job *job, enum job_format format)
{
	struct job *current = numbered(jobs);
	char rank = job == current ? '+' :
		    current && job == numbered(current->next) ? '-' : ' ';

	if (format == JOBS_PIDS) {
		sbuf_printf(sb, "%ld\n", (long)job->processes[0].pid);
		return;
	}
	sbuf_printf(sb, "[%d]%c ", job->number, rank);
	if (format == JOBS_LONG)
		sbuf_printf(sb, "%ld ", (long)job->processes[0].pid);
	sbuf_printf(sb, "%-23s %s\n", state_text(job),
		    job->text ? job->text : "");
}

/*
 * Print a job's line; after that the user knows of its state.
 */
void job_print(struct job *job, enum job_format format)
{
	struct arena_mark mark = arena_mark(scratch);
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	describe(&sb, job, format);
	out_put(sb.data, sb.len);
	arena_release(scratch, mark);
	job->changed = false;
}

/*
 * Tell the user of a job whose state has changed.
 */
void job_report(struct job *job)
{
	struct arena_mark mark = arena_mark(scratch);
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	describe(&sb, job, JOBS_SHORT);
	write_all(STDERR_FILENO, sb.data, sb.len);
	arena_release(scratch, mark);
	job->changed = false;
}

static int by_number(const void *a, const void *b)
{
	struct job *const *x = a, *const *y = b;

	return (*x)->number - (*y)->number;
}

/*
 * Do @fn for each job the user knows of, in order of number; then forget
 * those that are done, if the user has been told.
 */
static void for_each(void (*fn)(struct job *job, enum job_format format),
		     enum job_format format)
{
	struct arena_mark mark = arena_mark(scratch);
	struct job **list;
	size_t nr = 0;

	jobs_update();
	for (struct job *job = numbered(jobs); job; job = numbered(job->next))
		nr++;
	list = arena_alloc(scratch, nr * sizeof(*list));
	nr = 0;
	for (struct job *job = numbered(jobs); job; job = numbered(job->next))
		list[nr++] = job;
	qsort(list, nr, sizeof(*list), by_number);
	for (size_t i = 0; i < nr; i++)
		fn(list[i], format);
	for (size_t i = 0; i < nr; i++) {
		if (job_state(list[i]) == JOB_DONE && !list[i]->changed)
			job_forget(list[i]);
	}
	arena_release(scratch, mark);
}

/*
 * Print all jobs the user knows of.
 */
void jobs_list(enum job_format format)
{
	for_each(job_print, format);
}

static void report_if_changed(struct job *job, enum job_format format)
{
	(void)format;
	if (job->changed)
		job_report(job);
}

/*
 * Before a prompt: tell of background jobs that ended or stopped meanwhile.
 */
void jobs_notify(void)
{
	for_each(report_if_changed, JOBS_SHORT);
}

/*
 * Would jobs be left behind, stopped, if the shell ended now?
 */
bool jobs_any_stopped(void)
{
	jobs_update();
	for (struct job *job = jobs; job; job = job->next) {
		if (job_state(job) == JOB_STOPPED)
			return true;
	}
	return false;
}

/* Let a job's processes run on. */
static void resume(struct job *job)
{
	for (size_t i = 0; i < job->nr_processes; i++) {
		if (job->processes[i].state == JOB_STOPPED)
			job->processes[i].state = JOB_RUNNING;
	}
	job->changed = false;
	kill(-job->pgid, SIGCONT);
}

/*
 * Go on with a job in the foreground.
 *
 * Return: its exit status.
 */
int job_foreground(struct job *job)
{
	terminal_give(job);
	/* Whoever reads this may type for the job: the terminal is its own. */
	out_printf("%s\n", job->text ? job->text : "");
	out_flush();
	resume(job);
	return job_wait(job);
}

/*
 * Let a stopped job go on in the background.
 */
void job_background(struct job *job)
{
	resume(job);
	job_number(job);
	out_printf("[%d] %s &\n", job->number, job->text ? job->text : "");
}

/*
 * Sleep until @job is done, or has no process that runs, or a signal with a
 * trap comes. See trap.c for why signals are blocked while looking.
 *
 * Return: false if it was a signal.
 */
static bool sleep_until_changed(struct job *job)
{
	sigset_t all, old;
	bool signalled = false;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	for (;;) {
		jobs_update();
		if (job_state(job) != JOB_RUNNING)
			break;
		signalled = signals_first_pending();
		if (signalled)
			break;
		sigsuspend(&old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return !signalled;
}

/*
 * Wait for a background job, as the builtin does: a trap ends the wait.
 *
 * Return: the status of its process @pid (or its last, if 0), or 128 and the
 * number of the signal that interrupted.
 */
int job_wait_interruptible(struct job *job, pid_t pid)
{
	const struct process *process = job_last(job);
	int status;

	if (!sleep_until_changed(job))
		return 128 + signals_first_pending();
	for (size_t i = 0; i < job->nr_processes; i++) {
		if (job->processes[i].pid == pid)
			process = &job->processes[i];
	}
	status = process_status(process);
	if (job_state(job) == JOB_DONE)
		job_forget(job);
	return status;
}

/*
 * Wait until no background job runs.
 *
 * Return: 0, or 128 and the number of the signal that interrupted.
 */
int jobs_wait_all(void)
{
	struct job *job = numbered(jobs);

	while (job) {
		if (job_state(job) == JOB_STOPPED) {
			job = numbered(job->next);
			continue;
		}
		if (!sleep_until_changed(job))
			return 128 + signals_first_pending();
		if (job_state(job) == JOB_DONE)
			job_forget(job);
		job = numbered(jobs);
	}
	return 0;
}
