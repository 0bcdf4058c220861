/*
 * System V shared memory.
 *
 * Source: man 2 shmget, man 2 shmop, man 2 shmctl.
 */
#pragma once

#include <uapi/ipc.h>

/* shmget: beside IPC_CREAT and IPC_EXCL. */
#define SHM_HUGETLB	04000
#define SHM_NORESERVE	010000

/* shmat */
#define SHM_RDONLY	010000
#define SHM_RND		020000	/* round the address down */
#define SHM_REMAP	040000	/* over what is mapped there */
#define SHM_EXEC	0100000

/* Commands of shmctl. */
#define SHM_LOCK	11
#define SHM_UNLOCK	12
#define SHM_STAT	13
#define SHM_INFO	14
#define SHM_STAT_ANY	15

struct shmid64_ds {
	struct ipc64_perm shm_perm;
	__u64	shm_segsz;
	__s64	shm_atime;
	__s64	shm_dtime;
	__s64	shm_ctime;
	__s32	shm_cpid;
	__s32	shm_lpid;
	__u64	shm_nattch;
	__u64	__unused4;
	__u64	__unused5;
};

struct shminfo64 {
	__u64	shmmax;
	__u64	shmmin;
	__u64	shmmni;
	__u64	shmseg;
	__u64	shmall;
	__u64	__unused1;
	__u64	__unused2;
	__u64	__unused3;
	__u64	__unused4;
};

struct shm_info {
	__s32	used_ids;
	__u64	shm_tot;	/* pages */
	__u64	shm_rss;
	__u64	shm_swp;
	__u64	swap_attempts;
	__u64	swap_successes;
};

#define SHMMIN	1
#define SHMMNI	4096
#define SHMSEG	SHMMNI
