/*
 * Giving up system calls: seccomp(2).
 *
 * A filter sees struct seccomp_data and returns an action, with 16 bits of
 * data below it. Of several filters the most severe action counts; as signed
 * numbers, the smaller the more severe.
 *
 * Source: man 2 seccomp.
 */
#pragma once

#include <uapi/ioctl.h>
#include <uapi/types.h>

#define SECCOMP_MODE_DISABLED	0
#define SECCOMP_MODE_STRICT	1
#define SECCOMP_MODE_FILTER	2

#define SECCOMP_SET_MODE_STRICT		0
#define SECCOMP_SET_MODE_FILTER		1
#define SECCOMP_GET_ACTION_AVAIL	2
#define SECCOMP_GET_NOTIF_SIZES		3

#define SECCOMP_FILTER_FLAG_TSYNC		(1UL << 0)
#define SECCOMP_FILTER_FLAG_LOG			(1UL << 1)
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW		(1UL << 2)
#define SECCOMP_FILTER_FLAG_NEW_LISTENER	(1UL << 3)
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH		(1UL << 4)
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)

#define SECCOMP_RET_KILL_PROCESS	0x80000000U
#define SECCOMP_RET_KILL_THREAD		0x00000000U
#define SECCOMP_RET_TRAP		0x00030000U
#define SECCOMP_RET_ERRNO		0x00050000U
#define SECCOMP_RET_USER_NOTIF		0x7fc00000U
#define SECCOMP_RET_TRACE		0x7ff00000U
#define SECCOMP_RET_LOG			0x7ffc0000U
#define SECCOMP_RET_ALLOW		0x7fff0000U
#define SECCOMP_RET_ACTION_FULL		0xffff0000U
#define SECCOMP_RET_DATA		0x0000ffffU

struct seccomp_data {
	__s32	nr;
	__u32	arch;			/* AUDIT_ARCH_* */
	__u64	instruction_pointer;
	__u64	args[6];
};

/* ---- a listener: man 2 seccomp_unotify ---- */

/* SECCOMP_GET_NOTIF_SIZES: they may grow, and do so at the end. */
struct seccomp_notif_sizes {
	__u16	seccomp_notif;
	__u16	seccomp_notif_resp;
	__u16	seccomp_data;
};

/* A call that waits for an answer. */
struct seccomp_notif {
	__u64	id;
	__u32	pid;			/* the thread's */
	__u32	flags;			/* 0 */
	struct seccomp_data data;
};

/* The answer: the call's result, or that it is to be made after all. */
struct seccomp_notif_resp {
	__u64	id;
	__s64	val;
	__s32	error;			/* -errno; 0: @val counts */
	__u32	flags;
};

#define SECCOMP_USER_NOTIF_FLAG_CONTINUE	(1UL << 0)

/* A descriptor of the listener's for the caller. */
struct seccomp_notif_addfd {
	__u64	id;
	__u32	flags;
	__u32	srcfd;
	__u32	newfd;			/* with SECCOMP_ADDFD_FLAG_SETFD */
	__u32	newfd_flags;		/* O_CLOEXEC */
};

#define SECCOMP_ADDFD_FLAG_SETFD	(1UL << 0)
#define SECCOMP_ADDFD_FLAG_SEND		(1UL << 1) /* and it is the result */

#define SECCOMP_IOC_MAGIC		'!'
#define SECCOMP_IOCTL_NOTIF_RECV \
	_IOWR(SECCOMP_IOC_MAGIC, 0, struct seccomp_notif)
#define SECCOMP_IOCTL_NOTIF_SEND \
	_IOWR(SECCOMP_IOC_MAGIC, 1, struct seccomp_notif_resp)
#define SECCOMP_IOCTL_NOTIF_ID_VALID	_IOW(SECCOMP_IOC_MAGIC, 2, __u64)
#define SECCOMP_IOCTL_NOTIF_ADDFD \
	_IOW(SECCOMP_IOC_MAGIC, 3, struct seccomp_notif_addfd)
