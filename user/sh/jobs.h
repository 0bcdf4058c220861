/*
 * Jobs: the processes a shell has started, and who owns the terminal.
 *
 * See jobs.c.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct job;
struct node;

enum job_mode {
	JOB_FOREGROUND,
	JOB_BACKGROUND,
	JOB_INNER,	/* part of the shell's own work, such as $(...) */
};

struct job *job_create(void);
void job_set_text(struct job *job, const struct node *node);
pid_t job_fork(struct job *job, enum job_mode mode);
pid_t job_fork_writer(void);
int job_wait(struct job *job);
void job_launch(struct job *job);
void job_forget(struct job *job);

/* For the builtins; jobs_*.c */
enum job_format { JOBS_SHORT, JOBS_LONG, JOBS_PIDS };

struct job *job_find(const char *spec);
bool job_is_stopped(struct job *job);
pid_t job_group(struct job *job);
void job_print(struct job *job, enum job_format format);
int job_foreground(struct job *job);
void job_background(struct job *job);
int job_wait_interruptible(struct job *job, pid_t pid);
struct job *job_of_pid(pid_t pid);
int jobs_wait_all(void);
void jobs_list(enum job_format format);
void jobs_notify(void);
bool jobs_any_stopped(void);

bool jobs_set_control(bool on);
void jobs_end_control(void);
