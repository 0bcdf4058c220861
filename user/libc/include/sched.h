/* The scheduler, as far as a program can ask it for something. */
#pragma once

#include <sys/types.h>

int sched_yield(void);

/* Fills whole words of @mask; returns how many bytes the kernel wrote. */
int sched_getaffinity(pid_t pid, size_t size, unsigned long *mask);
