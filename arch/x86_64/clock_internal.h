/*
 * Between clock.c and its users inside arch/.
 */
#pragma once

void pit_init(void);
void clock_note_boot(void);
void clock_watchdog(void);
