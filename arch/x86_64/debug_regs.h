/*
 * Hardware breakpoints and watchpoints of a task: debug_regs.c.
 */
#pragma once

struct arch_thread;
struct debug_regs;
struct pt_regs;
struct task;

/* Part of the context switch: NULL: none. irqs off. */
void debug_regs_load(const struct debug_regs *debug);
/* A debug trap of current's: @dr6 is why. irqs off. */
void debug_regs_hit(struct pt_regs *regs, unsigned long dr6);
void debug_regs_free(struct arch_thread *t);

/* thread_unusual.c: what few tasks have, bits of arch_thread.unusual. */
#define THREAD_DEBUG	0x1	/* it has breakpoints: ->debug */
#define THREAD_NO_TSC	0x2	/* it may not read the time stamp counter */

/* What a new task does not have of it. */
void thread_unusual_fork(struct arch_thread *child);
/* The switch between two tasks one of which is unusual. irqs off. */
void switch_unusual(const struct arch_thread *prev,
		    const struct arch_thread *next);

/* For a task that stands still; @n is 0 to 7. */
unsigned long debug_regs_get(const struct task *task, unsigned int n);
int debug_regs_set(struct task *task, unsigned int n, unsigned long value);
