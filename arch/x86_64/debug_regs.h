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

/* For a task that stands still; @n is 0 to 7. */
unsigned long debug_regs_get(const struct task *task, unsigned int n);
int debug_regs_set(struct task *task, unsigned int n, unsigned long value);
