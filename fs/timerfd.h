/*
 * Timers as descriptors: what the rest of the kernel tells them.
 */
#pragma once

/* The wall clock was set. Context: any but NMI. */
void timerfd_clock_was_set(void);
