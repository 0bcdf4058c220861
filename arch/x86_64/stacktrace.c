/*
 * Walking stacks by frame pointers.
 *
 * The kernel is compiled with frame pointers, so rbp points to the caller's
 * rbp and, above it, the return address. Where a chain meets entry code, the
 * struct pt_regs of the interrupted context lies at a known distance above the
 * return address (entry.asm draws it), and the walk goes on there, perhaps on
 * another stack. Each pointer is checked to lie on a stack we know before it
 * is followed: the walk is used when nothing else can be trusted.
 */
#include <arch/current.h>
#include <arch/stacktrace.h>
#include <kernel/task.h>

#include "internal.h"

/* Going from one stack to another may close a circle on a damaged one. */
#define MAX_FRAMES	128

/* The end of the stack of @task that @addr is on, or 0. */
static unsigned long stack_end(const struct task *task, unsigned long addr)
{
	unsigned long start = (unsigned long)task->stack;

	if (start && addr >= start && addr < start + KERNEL_STACK_SIZE)
		return start + KERNEL_STACK_SIZE;
	return task == current ? ist_stack_end(addr) : 0;
}

static bool on_stack(const struct task *task, unsigned long addr, size_t len)
{
	unsigned long end = stack_end(task, addr);

	return (addr & 7) == 0 && end && len <= end - addr;
}

static bool is_entry_code(unsigned long addr)
{
	return addr >= (unsigned long)entry_text_start &&
	       addr < (unsigned long)entry_text_end;
}

/* The interrupted context below whose handlers frame @bp is the outermost. */
static const struct pt_regs *regs_above(const struct task *task,
					unsigned long bp)
{
	unsigned long addr = bp + 3 * sizeof(unsigned long);

	if (!on_stack(task, addr, sizeof(struct pt_regs)))
		return NULL;
	return (const struct pt_regs *)addr;
}

static void walk(const struct task *task, unsigned long bp, stack_walk_fn fn,
		 void *cookie)
{
	for (int i = 0; i < MAX_FRAMES; i++) {
		const unsigned long *frame = (const unsigned long *)bp;
		const struct pt_regs *regs;

		if (!on_stack(task, bp, 2 * sizeof(unsigned long)))
			return;
		if (!frame[1] || !fn(cookie, frame[1], false))
			return;
		if (!is_entry_code(frame[1])) {
			if (frame[0] <= bp)
				return;
			bp = frame[0];
			continue;
		}
		regs = regs_above(task, bp);
		if (!regs || user_mode(regs) || !regs->ip ||
		    !fn(cookie, regs->ip, true))
			return;
		bp = regs->bp;
	}
}

/*
 * Report the return addresses of a call chain, innermost first.
 *
 * Context: any. @task is not running on another CPU; NULL means current.
 */
void arch_stack_walk(struct task *task, const struct pt_regs *regs,
		     stack_walk_fn fn, void *cookie)
{
	if (!task)
		task = current;
	if (regs) {
		if (user_mode(regs) || !fn(cookie, regs->ip, true))
			return;
		walk(task, regs->bp, fn, cookie);
	} else if (task == current) {
		walk(task, (unsigned long)__builtin_frame_address(0), fn,
		     cookie);
	} else {
		/* switch_stacks() pushed rbp first: five words above sp. */
		walk(task, task->thread.sp + 5 * sizeof(unsigned long), fn,
		     cookie);
	}
}
