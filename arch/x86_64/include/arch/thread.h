/*
 * What the CPU needs to know of a task: struct arch_thread, embedded in
 * struct task as `thread`, and the functions that give a task its start.
 *
 * A task that is not running lies on its kernel stack: at `sp` are the
 * callee-saved registers arch_switch_to() pushed and the address it returns
 * to. Making a new task therefore means writing such a frame by hand, with
 * ret_from_fork as the return address. At the very top of the stack is the
 * struct pt_regs with which it returns to user space:
 *
 *	stack_top ->	+-----------------------+
 *			| struct pt_regs	|  task_pt_regs(task)
 *			+-----------------------+
 *			| the kernel's frames	|
 *	sp ->		| switch frame		|
 *			|		...	|
 *	task->stack ->	+-----------------------+
 *			| guard page, unmapped	|
 *			+-----------------------+
 *
 * Field protection: everything belongs to the task itself while it runs, and
 * to arch_switch_to() while it does not.
 */
#pragma once

#include <arch/page.h>
#include <arch/ptrace.h>

#define KERNEL_STACK_SIZE	(4 * PAGE_SIZE)

struct debug_regs;
struct task;
struct fpu_state;

struct selectors {
	uint16_t	ds, es, fs, gs;
};

struct arch_thread {
	unsigned long	sp;		/* while it does not run */
	unsigned long	stack_top;
	unsigned long	stack_canary;	/* loaded into __stack_chk_guard */
	int		preempt_count;	/* while it does not run */
	int		fpu_cpu;	/* whose registers hold fpu, or -1 */
	struct fpu_state *fpu;		/* NULL: never was in user mode */
	unsigned long	fsbase;		/* user's, while it does not run */
	unsigned long	gsbase;		/* user's, while it does not run */
	struct selectors selectors;	/* user's, while it does not run */
	/* The last exception a signal was sent for, for sigcontext. */
	unsigned long	cr2;
	unsigned long	trap_nr;
	unsigned long	error_code;
	unsigned int	unusual;	/* THREAD_*: thread_unusual.c */
	/* Being debugged: see debug_regs.c and ptrace.c. */
	struct debug_regs *debug;	/* NULL: no breakpoints */
	unsigned long	dr6;		/* what the last debug trap was */
	bool		forced_tf;	/* the tracer set TF, not the program */
};

/* The registers @thread's task entered the kernel with, last from ring 3. */
static inline struct pt_regs *arch_thread_regs(const struct arch_thread *t)
{
	return (struct pt_regs *)t->stack_top - 1;
}

#define task_pt_regs(task)	arch_thread_regs(&(task)->thread)
#define current_pt_regs()	task_pt_regs(current)

/*
 * Leave @prev's stack for @next's; returns, on the
 * stack of whoever called it, the task that ran just before.
 * Context: irqs off, preempt_count() == PREEMPT_SWITCH_COUNT.
 */
struct task *arch_switch_to(struct task *prev, struct task *next);

/*
 * Give @child (whose ->stack is set) @regs, the parent's user registers, so
 * that it returns 0 from the same system call; on @user_sp unless that is 0,
 * and with fs base @tls if @set_tls.
 * Return: 0, -EPERM (@tls is no user address), -ENOMEM (FPU state).
 */
int arch_thread_copy(struct task *child, struct task *parent,
		     const struct pt_regs *regs, unsigned long user_sp,
		     bool set_tls, unsigned long tls);

/*
 * Let @task (whose ->stack is set) start in @fn(@arg). If @fn returns, the
 * task goes to user mode with task_pt_regs(), which only makes sense after a
 * successful kernel_execve(); a kernel thread's function ends in an exit call.
 */
void arch_kthread_setup(struct task *task, int (*fn)(void *), void *arg);

/* The first task is running on @stack, KERNEL_STACK_SIZE bytes. */
void arch_thread_init_boot(struct task *task, void *stack);

/*
 * exec's last step: clean registers, then ring 3 at @entry with stack @sp.
 * Takes effect when the caller returns from its system call (or, for PID 1,
 * from the function given to arch_kthread_setup()).
 */
void arch_start_user(struct pt_regs *regs, unsigned long entry,
		     unsigned long sp);

/*
 * exec, in two steps. Where failing is still possible: make sure that current
 * has an FPU area. Return: 0 or -ENOMEM. After the point of no return: forget
 * the old program's fs and gs base and FPU state.
 */
int arch_thread_prepare_exec(void);
void arch_thread_flush(void);

/* When the task struct is freed. */
void arch_thread_free(struct task *task);

/* kernel/sched: a new task's first act, with what arch_switch_to returned. */
void schedule_tail(struct task *prev);
