/*
 * The one place every boot passes through; see main.c.
 */
#pragma once

#include <keel/compiler.h>

void start_kernel(void) __noreturn;

enum system_state { SYSTEM_BOOTING, SYSTEM_RUNNING, SYSTEM_HALTING };
extern enum system_state system_state;
