/*
 * What a job consists of; for jobs.c, jobs_user.c and terminal.c only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#include "jobs.h"

/* In this order: a job is in the lowest state of its processes. */
enum job_state {
	JOB_RUNNING,
	JOB_STOPPED,
	JOB_DONE,
};

struct process {
	pid_t		pid;
	int		status;		/* from waitpid() */
	enum job_state	state;
};

/* One pipeline; made by job_create(), freed by job_forget(). */
struct job {
	struct job	*next;
	int		number;		/* for the user; 0: not told */
	pid_t		pgid;		/* 0 without job control */
	struct process	*processes;
	size_t		nr_processes;
	size_t		cap;
	int		gate[2];	/* a pipe, or -1: see job_fork() */
	char		*text;		/* NULL if not known */
	bool		changed;	/* and the user was not told */
	bool		has_modes;
	struct termios	modes;		/* of the terminal when it stopped */
};

extern struct job *jobs;

enum job_state job_state(const struct job *job);
const struct process *job_last(const struct job *job);
int process_status(const struct process *process);
void jobs_update(void);
void job_number(struct job *job);
void job_report(struct job *job);

void terminal_join_group(pid_t pid, struct job *job);
void terminal_give(struct job *job);
void terminal_take_back(struct job *job);
