/*
 * Between irq.c and the interrupt controllers.
 */
#pragma once

#include "internal.h"

struct irq_wiring ioapic_default_wiring(unsigned int gsi);
void apic_report_error(void);
