/*
 * When nothing is left.
 *
 * Every allocation can fail and is answered with -ENOMEM. A page fault has no
 * one to answer: there the largest process is killed, with one log line, and
 * the fault is tried again. A process chosen once is not chosen again, and
 * while it dies others wait for what it frees.
 */
#pragma once

#include <keel/types.h>

struct mm;

/*
 * Kill the process that holds most, and wait a little for its memory.
 * Context: process, no locks held; may sleep.
 */
void out_of_memory(void);
/* Is current dying to free memory? Then it may use the last pages. */
bool oom_current_is_victim(void);
/* The address space of a victim is gone: those who wait look again. */
void oom_victim_gone(void);
/* /proc/<pid>/oom_score: 0 to 1333. */
unsigned long oom_score(const struct mm *mm, int oom_score_adj);
