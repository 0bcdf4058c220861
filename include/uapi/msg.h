/*
 * System V message queues.
 *
 * Source: man 2 msgget, man 2 msgop, man 2 msgctl.
 */
#pragma once

#include <uapi/ipc.h>

/* Commands of msgctl. */
#define MSG_STAT	11
#define MSG_INFO	12
#define MSG_STAT_ANY	13

/* Flags of msgrcv. */
#define MSG_NOERROR	010000	/* cut off what is too long */
#define MSG_EXCEPT	020000	/* any type but this */
#define MSG_COPY	040000	/* the n-th, and leave it there */

struct msqid64_ds {
	struct ipc64_perm msg_perm;
	__s64	msg_stime;
	__s64	msg_rtime;
	__s64	msg_ctime;
	__u64	msg_cbytes;
	__u64	msg_qnum;
	__u64	msg_qbytes;
	__s32	msg_lspid;
	__s32	msg_lrpid;
	__u64	__unused4;
	__u64	__unused5;
};

struct msginfo {
	__s32	msgpool;
	__s32	msgmap;
	__s32	msgmax;
	__s32	msgmnb;
	__s32	msgmni;
	__s32	msgssz;
	__s32	msgtql;
	__u16	msgseg;
};

/* Limits, and their traditional names. */
#define MSGMNI	32000		/* queues */
#define MSGMAX	8192		/* bytes of a message */
#define MSGMNB	16384		/* bytes in a queue */
#define MSGPOOL	(MSGMNI * MSGMNB / 1024)
#define MSGTQL	MSGMNB
#define MSGMAP	MSGMNB
#define MSGSSZ	16
