/*
 * Steering the clock: what a program that knows the right time tells the
 * kernel by adjtimex(2), and what the kernel makes of it.
 */
#pragma once

#include <keel/types.h>

struct timex;

/* The modes of adjtime(3), bit by bit. */
#define ADJ_ADJTIME		0x8000
#define ADJ_OFFSET_READONLY	0x2000

int ntp_adjust(struct timex *);
void ntp_clock_was_set(void);
