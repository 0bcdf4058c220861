/*
 * What the three kinds of System V IPC have in common.
 *
 * Source: man 7 sysvipc, man 2 ftok.
 */
#pragma once

#include <uapi/types.h>

#define IPC_PRIVATE	0	/* a key that no other object has */

/* semget, msgget, shmget: beside nine permission bits. */
#define IPC_CREAT	00001000
#define IPC_EXCL	00002000
/* semop, msgsnd, msgrcv */
#define IPC_NOWAIT	00004000

/* Commands of semctl, msgctl and shmctl. */
#define IPC_RMID	0
#define IPC_SET		1
#define IPC_STAT	2
#define IPC_INFO	3

struct ipc64_perm {
	__s32	key;
	__u32	uid;
	__u32	gid;
	__u32	cuid;	/* the creator's */
	__u32	cgid;
	__u32	mode;
	__u16	seq;
	__u16	__pad2;
	__u64	__unused1;
	__u64	__unused2;
};
