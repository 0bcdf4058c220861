/*
 * kcmp(2): do two tasks share a part of themselves?
 *
 * Source: man 2 kcmp.
 */
#pragma once

#include <uapi/types.h>

#define KCMP_FILE	0	/* an open file, by a descriptor of each */
#define KCMP_VM		1
#define KCMP_FILES	2
#define KCMP_FS		3
#define KCMP_SIGHAND	4
#define KCMP_IO		5
#define KCMP_SYSVSEM	6	/* what semop(2) is to undo */
#define KCMP_EPOLL_TFD	7	/* an open file, and one an epoll watches */
#define KCMP_TYPES	8

/* KCMP_EPOLL_TFD: the instance, the number it knows, and which of several. */
struct kcmp_epoll_slot {
	__u32	efd;
	__u32	tfd;
	__u32	toff;
};
