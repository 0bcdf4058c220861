/*
 * The end: panics, and what is printed about a machine that went wrong.
 *
 * panic() itself, assert_failed() and warn_failed() are declared in
 * <keel/bug.h>, for everyone.
 */
#pragma once

#include <keel/bug.h>

struct pt_regs;
struct task;

/* Set by the CPU that panics first: its number + 1. */
extern int panic_cpu;
/* panic_on_oops= on the command line; die() in arch asks. */
extern bool panic_on_oops;
/* panic=: seconds until the reboot; 0: never; negative: at once. */
extern int panic_timeout;

bool in_panic(void);
void panic_halt_this_cpu(void) __noreturn;
void panic_init(void);
void dump_stack(void);
void show_task_stack(struct task *, struct pt_regs *);
void show_where(const char *what);

/* Why the machine is not to be trusted, as in /proc/sys/kernel/tainted. */
#define TAINT_OOPS	7
#define TAINT_WARN	9
void add_taint(unsigned int bit);
unsigned long taint_mask(void);
