/*
 * Inter-process communication: System V semaphores, messages and shared
 * memory, and POSIX message queues.
 *
 * The floor stands on kernel/, mm/ and fs/. What those need of it is little:
 * its files in /proc, its file system, and what becomes of a task's
 * semaphore undo list at fork and exit (ipc/task_ipc.h).
 */
#pragma once

#include <keel/types.h>

struct seq_file;
struct sysctl;

/* Limits, in /proc/sys/kernel and /proc/sys/fs/mqueue; read by READ_ONCE(). */
extern int sem_limits[4];		/* SEM_* below */
enum { SEM_PER_SET, SEM_TOTAL, SEM_OPS, SEM_SETS };
extern int msg_max_size;		/* msgmax: one message */
extern int msg_queue_bytes;		/* msgmnb: a new queue */
extern int msg_max_queues;		/* msgmni */
extern unsigned long shm_max_size;	/* shmmax: one segment, bytes */
extern unsigned long shm_max_pages;	/* shmall: all of them */
extern int shm_max_segments;		/* shmmni */
extern int mq_max_queues, mq_msg_max, mq_msgsize_max;
extern int mq_msg_default, mq_msgsize_default;

/* ipc/ipc.c: the four numbers of /proc/sys/kernel/sem. */
int sem_limits_show(struct seq_file *m, const struct sysctl *ctl);
int sem_limits_store(const struct sysctl *ctl, char *text);

void ipc_init(void);
