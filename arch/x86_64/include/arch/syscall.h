/*
 * The border between ring 3 and ring 0, from the kernel's side.
 *
 * entry.asm builds a struct pt_regs and calls sys_call_table[rax], which
 * kernel/syscall.h declares. Two words of struct task are looked at, one on
 * each side of the call (kernel/task.h has their bits):
 *
 *	syscall_work	on entry: something wants to see the call first
 *	flags_work	on exit: something to do before ring 3
 *
 * plus the CPU's need_resched bit. If all are quiet the way back is sysret,
 * with the registers as they came; otherwise exit_to_user_mode_loop()
 * (kernel/entry.c) does the work and sysret_is_safe() decides about the
 * instruction that returns. Whoever rewrites a task's pt_regs (exec, sigreturn,
 * ptrace) therefore sets TIF_IRET, or does it from inside that loop.
 */
#pragma once

#include <keel/types.h>

struct pt_regs;

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
