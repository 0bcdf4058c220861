/*
 * What the parts of init share.
 *
 *	init.c		signals, and the loop that never ends
 *	setup.c		what is done once: mounts, host name, environment
 *	console.c	a shell on each console, again and again
 *	shutdown.c	the end of it all
 */
#pragma once

#include <sys/types.h>

/* setup.c */
void setup_system(void);

/* console.c */
void consoles_find(void);
void consoles_start_shells(void);
void consoles_child_exited(pid_t pid);

/* shutdown.c: @sig is what asked for it. */
void shut_down(int sig) __attribute__((noreturn));
