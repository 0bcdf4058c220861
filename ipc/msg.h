/*
 * System V message queues: what ipc/msg.c and ipc/msg_transfer.c share.
 *
 * Field protection:  [C] constant  [L] the queue's lock
 */
#pragma once

#include <keel/list.h>
#include <uapi/msg.h>

#include "message.h"
#include "util.h"

/* One queue, from msgget(2) to IPC_RMID. */
struct msg_queue {
	struct ipc_object	obj;
	int64_t			stime, rtime, ctime;	/* [L] seconds */
	unsigned long		bytes, nr;	/* [L] of its messages */
	unsigned long		max_bytes;	/* [L] */
	pid_t			lspid, lrpid;	/* [L] the last ones */
	struct list_head	messages;	/* [L] oldest first */
	struct list_head	receivers;	/* [L] that wait */
	struct list_head	senders;	/* [L] the same */
};

extern struct ipc_ids msg_ids;

static inline struct msg_queue *to_msg_queue(struct ipc_object *obj)
{
	return container_of(obj, struct msg_queue, obj);
}

void msg_put(struct msg_queue *queue);

/* msg_transfer.c; the queue's lock held. */
void msg_wake_senders(struct msg_queue *queue);
void msg_fail_sleepers(struct msg_queue *queue, int error);
void msg_recheck_sleepers(struct msg_queue *queue);

/* msg.c */
void msg_show(struct seq_file *m, struct ipc_object *obj);
void msg_init(void);
