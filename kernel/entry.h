/*
 * What entry code calls; exit_to_user_mode_loop() is in <arch/syscall.h>.
 */
#pragma once

struct pt_regs;

long syscall_enter_work(struct pt_regs *regs);
