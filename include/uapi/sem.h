/*
 * System V semaphores.
 *
 * Source: man 2 semget, man 2 semop, man 2 semctl.
 */
#pragma once

#include <uapi/ipc.h>

#define SEM_UNDO	0x1000	/* sem_flg: take it back at exit */

/* Commands of semctl. */
#define GETPID		11
#define GETVAL		12
#define GETALL		13
#define GETNCNT		14
#define GETZCNT		15
#define SETVAL		16
#define SETALL		17
#define SEM_STAT	18
#define SEM_INFO	19
#define SEM_STAT_ANY	20

struct sembuf {
	__u16	sem_num;
	__s16	sem_op;
	__s16	sem_flg;
};

struct semid64_ds {
	struct ipc64_perm sem_perm;
	__s64	sem_otime;
	__u64	__unused1;
	__s64	sem_ctime;
	__u64	__unused2;
	__u64	sem_nsems;
	__u64	__unused3;
	__u64	__unused4;
};

struct seminfo {
	__s32	semmap;
	__s32	semmni;
	__s32	semmns;
	__s32	semmnu;
	__s32	semmsl;
	__s32	semopm;
	__s32	semume;
	__s32	semusz;
	__s32	semvmx;
	__s32	semaem;
};

/* Limits, and their traditional names. */
#define SEMMNI	32000			/* sets */
#define SEMMSL	32000			/* semaphores in a set */
#define SEMMNS	(SEMMNI * SEMMSL)	/* semaphores in all */
#define SEMOPM	500			/* operations of one semop(2) */
#define SEMVMX	32767			/* a semaphore's value */
#define SEMAEM	SEMVMX			/* what exit may add or take */
#define SEMUME	SEMOPM
#define SEMMNU	SEMMNS
#define SEMMAP	SEMMNS
#define SEMUSZ	20
