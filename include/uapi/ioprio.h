/*
 * I/O priorities: ioprio_set(2), ioprio_get(2).
 *
 * Source: man 2 ioprio_set.
 */
#pragma once

/* Whose: a thread, a process group, a user's. */
#define IOPRIO_WHO_PROCESS	1
#define IOPRIO_WHO_PGRP		2
#define IOPRIO_WHO_USER		3

/* A class, shifted, and a level. */
#define IOPRIO_CLASS_SHIFT	13
#define IOPRIO_CLASS_MASK	7
#define IOPRIO_PRIO_MASK	((1 << IOPRIO_CLASS_SHIFT) - 1)
#define IOPRIO_CLASS_NONE	0
#define IOPRIO_CLASS_RT		1
#define IOPRIO_CLASS_BE		2
#define IOPRIO_CLASS_IDLE	3

#define IOPRIO_NR_LEVELS	8
#define IOPRIO_NORM	4
