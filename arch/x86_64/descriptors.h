/*
 * Setting up another CPU's descriptor tables; the rest is <arch/traps.h>.
 */
#pragma once

int descriptors_prepare_cpu(unsigned int cpu);
