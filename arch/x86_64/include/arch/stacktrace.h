/*
 * Who called whom: walking kernel stacks by their frame pointers.
 */
#pragma once

#include <keel/types.h>

struct pt_regs;
struct task;

/*
 * Called per level, innermost first; false ends the walk. @addr is a return
 * address, or where an exception or interrupt struck (@interrupted).
 */
typedef bool (*stack_walk_fn)(void *cookie, unsigned long addr,
			      bool interrupted);

/*
 * Walk from @regs if given, else the stack of @task, which must not be
 * running elsewhere, else our own. Never faults, whatever is on the stack.
 */
void arch_stack_walk(struct task *task, const struct pt_regs *regs,
		     stack_walk_fn fn, void *cookie);

/* Registers and the bytes at ip, at emergency level. */
void show_regs(const struct pt_regs *regs);
