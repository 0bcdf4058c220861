/*
 * The seeded scheduler of debug builds: keel.sched_seed=N.
 *
 * Every time a spinlock is taken or let go, a pseudo-random number made from
 * the seed decides whether the task loses the CPU as soon as it can. One CPU
 * then walks through interleavings that would need many and bad luck, and the
 * same seed (under -icount) finds the same one again. Without the word, and in
 * release builds, nothing happens.
 */
#pragma once

#include <keel/compiler.h>

#ifdef DEBUG
void sched_seed_point(void);
bool sched_seed_wants_switch(void);
void sched_seed_init(void);
#else
static inline void sched_seed_point(void) { }
static inline bool sched_seed_wants_switch(void) { return false; }
static inline void sched_seed_init(void) { }
#endif
