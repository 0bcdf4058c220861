/*
 * A shell on each console.
 *
 * The consoles are those named on the kernel's command line (console=ttyS0);
 * without any, /dev/console is the one. On each runs a shell in a session of
 * its own, with the console as its controlling terminal: that is what makes
 * ^C and job control work. When the shell ends, another one is started.
 *
 * A shell that ends at once, perhaps because there is no /bin/sh, must not
 * keep the machine busy with starting it. So its successor waits first, twice
 * as long every time, and it does so in the new process: init itself never
 * sleeps but in its loop, and needs no timer.
 */
#include "init.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	SHORT_LIFE_S = 2,	/* a shell that lives shorter has failed */
	MAX_DELAY_S = 32,
	FORK_RETRY_S = 1,
};

/* One console; they are found once and stay. */
struct console {
	struct console	*next;
	char		*path;
	dev_t		rdev;		/* tells two names of one apart */
	pid_t		shell;		/* 0: none is running */
	time_t		started;	/* when it was */
	unsigned	delay_s;	/* before its successor begins */
};

static struct console *consoles;

static time_t uptime(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool is_known(dev_t rdev)
{
	for (struct console *c = consoles; c; c = c->next)
		if (c->rdev == rdev)
			return true;
	return false;
}

/* Add /dev/@name, if it is a terminal that exists and is not there yet. */
static void add_console(const char *name)
{
	struct console *c;
	struct stat st;
	char *path;
	int fd;

	if (asprintf(&path, _PATH_DEV "%s", name) < 0)
		return;
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !isatty(fd) || fstat(fd, &st) < 0 ||
	    is_known(st.st_rdev))
		goto out;
	c = calloc(1, sizeof(*c));
	if (!c)
		goto out;
	c->path = path;
	path = NULL;		/* from here on it belongs to the console */
	c->rdev = st.st_rdev;
	c->next = consoles;
	consoles = c;
out:
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Take the consoles from a command line: console=ttyS0,115200 names ttyS0. */
static void parse_command_line(char *line)
{
	static const char key[] = "console=";
	char *word;

	while ((word = strsep(&line, " \n")) != NULL) {
		if (strncmp(word, key, sizeof(key) - 1) != 0)
			continue;
		word += sizeof(key) - 1;
		word[strcspn(word, ",")] = '\0';
		if (*word)
			add_console(word);
	}
}

/* Find out which consoles there are. */
void consoles_find(void)
{
	FILE *file = fopen("/proc/cmdline", "re");
	char *line = NULL;
	size_t cap = 0;

	if (file) {
		if (getline(&line, &cap, file) > 0)
			parse_command_line(line);
		free(line);
		fclose(file);
	}
	if (!consoles)
		add_console("console");
	if (!consoles)
		warnx("no console to run a shell on");
}

/* Undo what the last program may have done to the terminal. */
static void make_sane(int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &tio) < 0)
		return;
	tio.c_iflag |= BRKINT | ICRNL | IXON | IMAXBEL;
	tio.c_iflag &= ~(unsigned)(IGNBRK | INLCR | IGNCR | IXOFF);
	tio.c_oflag |= OPOST | ONLCR;
	tio.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
		       ECHOKE | IEXTEN;
	tio.c_lflag &= ~(unsigned)(ECHONL | NOFLSH | TOSTOP);
	tcsetattr(fd, TCSANOW, &tio);
}

/*
 * In the new process: become the leader of a session with the console as its
 * terminal, and turn into the shell. The leading dash of its name makes it a
 * login shell.
 */
static void __attribute__((noreturn)) run_shell(const struct console *c)
{
	char name[] = "-sh";
	char *argv[] = { name, NULL };
	sigset_t none;
	int fd;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	sleep(c->delay_s);

	fd = open(c->path, O_RDWR);
	if (fd < 0)
		err(EXIT_FAILURE, "%s", c->path);
	ioctl(fd, TIOCSCTTY, 1);	/* 1: even if another session has it */
	make_sane(fd);
	for (int std = 0; std <= 2; std++)
		dup2(fd, std);
	if (fd > 2)
		close(fd);
	execve(_PATH_BSHELL, argv, environ);
	warn("%s", _PATH_BSHELL);
	/* Our end, that of a session's leader, would flush the terminal. */
	tcdrain(STDERR_FILENO);
	_exit(EXIT_FAILURE);
}

/* Start a shell on every console that has none. */
void consoles_start_shells(void)
{
	for (struct console *c = consoles; c; c = c->next) {
		pid_t pid;

		if (c->shell)
			continue;
		pid = fork();
		if (pid < 0) {
			warn("cannot start a shell on %s", c->path);
			alarm(FORK_RETRY_S);	/* brings us here again */
			continue;
		}
		if (pid == 0)
			run_shell(c);
		c->shell = pid;
		c->started = uptime();
	}
}

/* A child has been reaped; if it was a shell, its console is free again. */
void consoles_child_exited(pid_t pid)
{
	for (struct console *c = consoles; c; c = c->next) {
		time_t lived;

		if (c->shell != pid)
			continue;
		c->shell = 0;
		lived = uptime() - c->started - (time_t)c->delay_s;
		if (lived >= SHORT_LIFE_S)
			c->delay_s = 0;
		else if (c->delay_s < MAX_DELAY_S)
			c->delay_s = c->delay_s ? 2 * c->delay_s : 1;
	}
}
