/*
 * The machine's part of the boot, before there is anything else.
 */
#pragma once

/*
 * The first call of x86_start_kernel(). After this: exceptions are reported,
 * per-CPU data and `current` work, the CPU's protections are on, and cpu_has()
 * answers. Interrupts stay off.
 */
void arch_early_init(void);
