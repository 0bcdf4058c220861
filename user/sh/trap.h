/*
 * Signals and traps.
 *
 * See trap.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The number under which "trap ... EXIT" is kept. */
#define TRAP_EXIT	0

void signals_init(void);
void signals_update(void);
void signals_reset_in_child(void);
void signals_ignore_in_child(int sig);
void signals_run_traps(void);
bool signals_take_interrupt(void);
void signals_check_interrupt(void);
void signals_raise_interrupt(void);
int signals_first_pending(void);
ssize_t read_interruptible(int fd, void *data, size_t len);

bool trap_set(int sig, const char *action);
bool trap_any(void);
void traps_print(void);
void trap_run_exit(void);

int signal_number(const char *name);
const char *signal_name(int sig);
const char *signal_text(int sig);
int signal_count(void);
