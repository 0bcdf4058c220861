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
