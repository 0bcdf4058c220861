/*
 * Making tasks and choosing between them: clone(2), clone3(2), sched_*(2).
 *
 * A CLONE_ flag says what the child shares with its parent instead of getting
 * a copy. fork is clone with none of them; a thread is clone with nearly all.
 * The low byte of clone's flags is the signal sent when the child ends.
 *
 * Source: man 2 clone, man 7 sched, man 2 sched_setattr.
 */
#pragma once

#include <uapi/types.h>

#define CSIGNAL			0x000000ff
#define CLONE_VM		0x00000100
#define CLONE_FS		0x00000200
#define CLONE_FILES		0x00000400
#define CLONE_SIGHAND		0x00000800	/* needs CLONE_VM */
#define CLONE_PIDFD		0x00001000
#define CLONE_PTRACE		0x00002000
#define CLONE_VFORK		0x00004000	/* parent waits for exec */
#define CLONE_PARENT		0x00008000
#define CLONE_THREAD		0x00010000	/* needs CLONE_SIGHAND */
#define CLONE_NEWNS		0x00020000
#define CLONE_SYSVSEM		0x00040000
#define CLONE_SETTLS		0x00080000
#define CLONE_PARENT_SETTID	0x00100000
#define CLONE_CHILD_CLEARTID	0x00200000	/* what a join waits for */
#define CLONE_DETACHED		0x00400000	/* ignored */
#define CLONE_UNTRACED		0x00800000
#define CLONE_CHILD_SETTID	0x01000000
#define CLONE_NEWCGROUP		0x02000000
#define CLONE_NEWUTS		0x04000000
#define CLONE_NEWIPC		0x08000000
#define CLONE_NEWUSER		0x10000000
#define CLONE_NEWPID		0x20000000
#define CLONE_NEWNET		0x40000000
#define CLONE_IO		0x80000000

/* clone3(2) only, where flags are 64 bits wide. */
#define CLONE_CLEAR_SIGHAND	0x100000000ULL
#define CLONE_INTO_CGROUP	0x200000000ULL
/* clone3(2) and unshare(2); overlaps the exit signal of clone(2). */
#define CLONE_NEWTIME		0x00000080

/* clone3(2). The structure grows at its end; its size tells the version. */
struct clone_args {
	__u64	flags;
	__u64	pidfd;		/* where to store it */
	__u64	child_tid;
	__u64	parent_tid;
	__u64	exit_signal;
	__u64	stack;		/* lowest address */
	__u64	stack_size;
	__u64	tls;
	__u64	set_tid;	/* pids wished for, innermost first */
	__u64	set_tid_size;
	__u64	cgroup;
};

#define CLONE_ARGS_SIZE_VER0	64
#define CLONE_ARGS_SIZE_VER1	80
#define CLONE_ARGS_SIZE_VER2	88

/* Scheduling policies. */
#define SCHED_NORMAL		0
#define SCHED_FIFO		1
#define SCHED_RR		2
#define SCHED_BATCH		3
#define SCHED_IDLE		5
#define SCHED_DEADLINE		6
#define SCHED_RESET_ON_FORK	0x40000000	/* or'ed to the policy */

struct sched_param {
	__s32	sched_priority;
};

/* sched_setattr(2). */
struct sched_attr {
	__u32	size;
	__u32	sched_policy;
	__u64	sched_flags;
	__s32	sched_nice;
	__u32	sched_priority;
	__u64	sched_runtime;	/* ns; SCHED_DEADLINE */
	__u64	sched_deadline;
	__u64	sched_period;
	__u32	sched_util_min;
	__u32	sched_util_max;
};

#define SCHED_ATTR_SIZE_VER0	48
#define SCHED_ATTR_SIZE_VER1	56

#define SCHED_FLAG_RESET_ON_FORK	0x01
#define SCHED_FLAG_RECLAIM		0x02
#define SCHED_FLAG_DL_OVERRUN		0x04
#define SCHED_FLAG_KEEP_POLICY		0x08
#define SCHED_FLAG_KEEP_PARAMS		0x10
#define SCHED_FLAG_UTIL_CLAMP_MIN	0x20
#define SCHED_FLAG_UTIL_CLAMP_MAX	0x40
