/*
 * What the suites of System V semaphores have in common.
 *
 * Objects outlive the processes that made them, so each test removes its own.
 */
#pragma once

#include "test.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

union semun {
	int			val;
	struct semid_ds		*buf;
	unsigned short		*array;
	struct seminfo		*info;
};

static inline int new_set(int nr)
{
	return OK(semget(IPC_PRIVATE, nr, IPC_CREAT | 0600));
}

static inline void drop(int id)
{
	OK(semctl(id, 0, IPC_RMID));
}

static inline int op_flags(int id, int num, int op, int flags)
{
	struct sembuf buf = { .sem_num = num, .sem_op = op, .sem_flg = flags };

	return semop(id, &buf, 1);
}

static inline int op(int id, int num, int value)
{
	return op_flags(id, num, value, 0);
}

static inline int value(int id, int num)
{
	return OK(semctl(id, num, GETVAL));
}

static inline void set(int id, int num, int val)
{
	OK(semctl(id, num, SETVAL, (union semun){ .val = val }));
}

/* Wait until @nr processes wait for semaphore @num to grow. */
static inline void wait_for_waiters(int id, int num, int nr, int cmd)
{
	while (OK(semctl(id, num, cmd)) != nr)
		sched_yield();
}
