/*
 * May current's program read the time stamp counter? If not, rdtsc is a fault
 * there. Inherited by children, and kept by exec.
 */
#pragma once

#include <keel/types.h>

bool arch_may_read_tsc(void);
void arch_allow_tsc(bool allow);
