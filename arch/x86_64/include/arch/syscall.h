/*
 * The border between ring 3 and ring 0, from the kernel's side.
 *
 * entry.asm builds a struct pt_regs and calls sys_call_table[rax]. Two words
 * of struct task are looked at, one on each side of the call:
 *
 *	syscall_work	on entry: something wants to see the call first
 *	flags_work	on exit: TIF_*, something to do before ring 3
 *
 * plus the CPU's need_resched bit. If all are quiet the way back is sysret;
 * otherwise exit_to_user_mode_loop() (kernel/entry.c) does the work and
 * sysret_is_safe() decides about the instruction that returns.
 */
#pragma once

#include <keel/atomic.h>

struct pt_regs;
struct task;

/* Bits of task->flags_work. need_resched is per CPU: <arch/preempt.h>. */
#define TIF_SIGPENDING		0	/* a signal may be deliverable */
#define TIF_NOTIFY_RESUME	1	/* task work to run */
#define TIF_NOTIFY_SIGNAL	2	/* interrupt a sleep, no signal */
#define TIF_REGS_CHANGED	3	/* pt_regs was rewritten: check it */
#define TIF_RESTORE_SIGMASK	4	/* task->saved_sigmask holds the mask */
/*
 * TIF_RESTORE_SIGMASK alone is no reason to leave the fast path; it is only
 * set together with TIF_SIGPENDING.
 */

/* Bits of task->syscall_work. */
#define SYSCALL_WORK_TRACE	BIT(0)
#define SYSCALL_WORK_SECCOMP	BIT(1)

typedef long (*syscall_fn)(const struct pt_regs *regs);

/*
 * kernel/syscall_table.c: nr_syscalls entries, none NULL; unimplemented ones
 * point to a function that logs the name once and returns -ENOSYS. Entry code
 * calls sys_ni_syscall for numbers beyond the table.
 */
extern const syscall_fn sys_call_table[];
extern const unsigned long nr_syscalls;
long sys_ni_syscall(const struct pt_regs *regs);

/*
 * May sysret take @regs back to ring 3, or must it be iretq? Pure.
 * sysret loads rip from rcx and rflags from r11, cannot restore RF, and
 * faults in ring 0 on Intel if rip is not canonical.
 */
bool sysret_is_safe(const struct pt_regs *regs);

/* kernel/entry.c: do all the work TIF_* ask for. Enters with irqs off. */
void exit_to_user_mode_loop(struct pt_regs *regs);

/* Set up MSRs on every CPU. */
void syscall_init_this_cpu(void);

/* System calls that only concern registers. */
long sys_arch_prctl(const struct pt_regs *regs);
