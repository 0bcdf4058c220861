/*
 * System calls that their own program wants to see, by prctl(2)'s
 * PR_SET_SYSCALL_USER_DISPATCH.
 */
#pragma once

#include <keel/compiler.h>
#include <keel/types.h>

struct pt_regs;

/* Means something while SYSCALL_WORK_DISPATCH is set. [S] */
struct syscall_dispatch {
	const uint8_t __user	*selector;	/* NULL: all are seen */
	unsigned long		start, len;	/* but not from there */
};

long prctl_set_dispatch(unsigned long mode, unsigned long start,
			unsigned long len, const uint8_t __user *selector);
/* Return: true, a signal is sent and there is no call. */
bool syscall_dispatched(struct pt_regs *regs);
/* exec: the new program knows nothing of it. */
void syscall_dispatch_end(void);
