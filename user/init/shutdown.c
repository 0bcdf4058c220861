/*
 * Bringing the system down: stop every process, save every file, let go.
 *
 * The order is what matters. Processes get a polite signal and some time to
 * save their work before they are killed, and only when no one is left who
 * could open a file are the file systems unmounted, the youngest mount first.
 */
#include "init.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 2000,	/* for SIGTERM, then again for SIGKILL */
	STEP_MS = 20,
};

/*
 * Reap until nobody is left, but not for ever.
 *
 * All orphans come to us, so having no children means being alone. A child
 * that exits between the question and the sleep costs one step's time.
 */
static void wait_for_all(void)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += STEP_MS) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return;
		nanosleep(&step, NULL);
	}
}

/*
 * End all processes but this one. An interactive shell ignores SIGTERM and
 * goes on SIGHUP; a stopped process gets to see either only on SIGCONT.
 */
static void stop_processes(void)
{
	kill(-1, SIGTERM);
	kill(-1, SIGHUP);
	kill(-1, SIGCONT);
	wait_for_all();
	kill(-1, SIGKILL);
	wait_for_all();
}

/* One mounted file system, linked with the one mounted before it. */
struct mounted {
	struct mounted	*before;
	char		*target;
};

/* In /proc/mounts a blank within a path is written \040. */
static void decode_octal(char *path)
{
	char *to = path;

	for (; *path; path++) {
		if (path[0] == '\\' && path[1] && path[2] && path[3]) {
			*to++ = (char)((path[1] - '0') << 6 |
				       (path[2] - '0') << 3 | (path[3] - '0'));
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = '\0';
}

/* Add the mount that a line of /proc/mounts tells of. Return: the list. */
static struct mounted *add_mount(struct mounted *list, char *line)
{
	struct mounted *m;
	char *target;

	strsep(&line, " ");		/* the source does not matter */
	target = strsep(&line, " ");
	m = malloc(sizeof(*m));
	if (!target || !m) {
		free(m);
		return list;
	}
	m->target = strdup(target);
	if (!m->target) {
		free(m);
		return list;
	}
	decode_octal(m->target);
	m->before = list;
	return m;
}

/*
 * All mounts, the youngest first. They are read before the first is undone,
 * since one of them is /proc.
 */
static struct mounted *list_mounts(void)
{
	FILE *file = fopen("/proc/mounts", "re");
	struct mounted *list = NULL;
	char *line = NULL;
	size_t cap = 0;

	if (!file)
		return NULL;
	while (getline(&line, &cap, file) > 0)
		list = add_mount(list, line);
	free(line);
	fclose(file);
	return list;
}

/*
 * Unmount all file systems. What is still in use, as the root is by us, is
 * made read-only, which leaves it just as clean.
 */
static void unmount_all(void)
{
	for (struct mounted *m = list_mounts(); m; m = m->before)
		if (umount2(m->target, 0) < 0)
			mount(NULL, m->target, NULL, MS_REMOUNT | MS_RDONLY,
			      NULL);
}

static int reboot_command(int sig)
{
	switch (sig) {
	case SIGUSR1:
		return (int)RB_HALT_SYSTEM;
	case SIGUSR2:
		return (int)RB_POWER_OFF;
	default:
		return (int)RB_AUTOBOOT;
	}
}

/*
 * Stop everything and then the machine, as @sig asks.
 *
 * The last call is made by a child: on a machine that cannot be switched off
 * the kernel ends the caller, and the end of process 1 would be a panic.
 */
void shut_down(int sig)
{
	int command = reboot_command(sig);
	pid_t child;

	fprintf(stderr, "init: stopping all processes\n");
	tcdrain(STDERR_FILENO);	/* a shell's end may flush its terminal */
	stop_processes();
	sync();
	unmount_all();
	sync();
	fprintf(stderr, "init: %s\n", sig == SIGUSR1 ? "system halted" :
				      sig == SIGUSR2 ? "power off" : "reboot");

	child = fork();
	if (child <= 0) {	/* the child; or we, if there can be none */
		reboot(command);
		warn("reboot");
	}
	if (child == 0)
		_exit(EXIT_FAILURE);
	for (;;)
		pause();
}
