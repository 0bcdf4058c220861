/*
 * The end of the session: off, again, or stand still.
 *
 * Each tries what the firmware's ACPI tables offer and then older ways, and
 * does not return. The callers have synced and stopped what needs it.
 */
#pragma once

#include <keel/compiler.h>

void machine_power_off(void) __noreturn;
void machine_restart(void) __noreturn;
void machine_halt(void) __noreturn;
