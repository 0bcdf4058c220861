/*
 * Futexes: sleeping on a word of user memory. See kernel/futex.c.
 */
#pragma once

#include <keel/compiler.h>

/* Wake up to @nr who wait on @uaddr in current's memory; returns how many. */
int futex_wake_user(uint32_t __user *uaddr, bool shared, int nr,
		    uint32_t bitset);
/* kernel/futex_robust.c */
void futex_release_robust(void);
void futex_init(void);
