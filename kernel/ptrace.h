/*
 * Looking into other processes: who may.
 *
 * /proc shows of a stranger's process what everybody may know. What lies in
 * its memory, and where its files lead to, is for those who could trace it.
 */
#pragma once

#include <keel/types.h>

struct mm;
struct task;

#define PTRACE_MODE_READ	0x01u	/* look */
#define PTRACE_MODE_ATTACH	0x02u	/* look and change */
/* As whom: for files, by fsuid; for system calls, by the real uid. */
#define PTRACE_MODE_FSCREDS	0x08u
#define PTRACE_MODE_REALCREDS	0x10u

bool ptrace_may_access(struct task *task, unsigned int mode);
struct mm *mm_access(struct task *task, unsigned int mode);
