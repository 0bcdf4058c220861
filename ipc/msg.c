/*
 * System V message queues: msgget(2) and msgctl(2).
 *
 * Source: man 2 msgget, man 2 msgctl.
 */
#include "msg.h"

#include <arch/uaccess.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <mm/slab.h>

#include "ipc.h"

struct ipc_ids msg_ids;

int msg_max_size = MSGMAX;
int msg_queue_bytes = MSGMNB;
int msg_max_queues = MSGMNI;

/* Drop a reference. Context: any. */
void msg_put(struct msg_queue *queue)
{
	ipc_put(&queue->obj, kfree_rcu_callback);
}

/* ---- making -------------------------------------------------------------- */

static int create(const struct ipc_params *params)
{
	struct msg_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);
	int id;

	if (!queue)
		return -ENOMEM;
	ipc_object_init(&queue->obj, params, "msg");
	queue->ctime = ktime_get_real_seconds();
	queue->max_bytes = READ_ONCE(msg_queue_bytes);
	list_init(&queue->messages);
	list_init(&queue->receivers);
	list_init(&queue->senders);
	id = ipc_add(&msg_ids, &queue->obj, READ_ONCE(msg_max_queues));
	if (id < 0)
		msg_put(queue);
	return id;
}

static const struct ipc_ops msg_ops = { .create = create };

SYSCALL_DEFINE2(msgget, int, key, int, flags)
{
	struct ipc_params params = { .key = key, .flags = flags };

	return ipc_get(&msg_ids, &msg_ops, &params);
}

/* ---- msgctl -------------------------------------------------------------- */

/* The queue goes, with all that is in it. Locking: rwsem. */
static int remove_queue(struct ipc_object *obj, const void *unused __unused)
{
	struct msg_queue *queue = to_msg_queue(obj);
	struct message *msg, *tmp;
	LIST_HEAD(messages);

	spin_lock(&queue->obj.lock);
	ipc_remove(&msg_ids, &queue->obj);
	msg_fail_sleepers(queue, -EIDRM);
	list_splice_init(&queue->messages, &messages);
	spin_unlock(&queue->obj.lock);
	list_for_each_entry_safe(msg, tmp, &messages, list)
		message_free(msg);
	msg_put(queue);
	return 0;
}

static int change_queue(struct ipc_object *obj, const void *wish)
{
	struct msg_queue *queue = to_msg_queue(obj);
	const struct msqid64_ds *ds = wish;
	int err;

	if (ds->msg_qbytes > (unsigned long)READ_ONCE(msg_queue_bytes) &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	spin_lock(&queue->obj.lock);
	err = ipc_set_perm(&queue->obj, &ds->msg_perm);
	if (!err) {
		queue->max_bytes = ds->msg_qbytes;
		queue->ctime = ktime_get_real_seconds();
		msg_recheck_sleepers(queue);
	}
	spin_unlock(&queue->obj.lock);
	return err;
}

/* IPC_RMID and IPC_SET: for its owner. */
static int own(int msqid, int cmd, const struct msqid64_ds __user *uds)
{
	struct msqid64_ds ds;

	if (cmd == IPC_RMID)
		return ipc_change(&msg_ids, msqid, remove_queue, NULL);
	if (copy_from_user(&ds, uds, sizeof(ds)))
		return -EFAULT;
	return ipc_change(&msg_ids, msqid, change_queue, &ds);
}

static void fill(struct msqid64_ds *ds, const struct msg_queue *queue)
{
	ipc_to_user_perm(&queue->obj, &ds->msg_perm);
	ds->msg_stime = queue->stime;
	ds->msg_rtime = queue->rtime;
	ds->msg_ctime = queue->ctime;
	ds->msg_cbytes = queue->bytes;
	ds->msg_qnum = queue->nr;
	ds->msg_qbytes = queue->max_bytes;
	ds->msg_lspid = queue->lspid;
	ds->msg_lrpid = queue->lrpid;
}

/* IPC_STAT, MSG_STAT and MSG_STAT_ANY; the latter two by index, for an id. */
static int __no_lock_check stat(int nr, int cmd,
				struct msqid64_ds __user *uds)
{
	struct msqid64_ds ds = {};
	struct ipc_object *obj;
	int id;

	obj = ipc_lock_to_show(&msg_ids, nr, cmd != IPC_STAT,
			       cmd == MSG_STAT_ANY);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	fill(&ds, to_msg_queue(obj));
	id = cmd == IPC_STAT ? 0 : obj->id;
	spin_unlock(&obj->lock);
	return copy_to_user(uds, &ds, sizeof(ds)) ? -EFAULT : id;
}

/* What all queues contain. Locking: rwsem. */
static void add_up(struct msginfo *info)
{
	struct ipc_object *obj;
	unsigned long index;

	info->msgpool = msg_ids.in_use;
	info->msgmap = info->msgtql = 0;
	xa_for_each(&msg_ids.by_index, index, obj) {
		info->msgmap += READ_ONCE(to_msg_queue(obj)->nr);
		info->msgtql += READ_ONCE(to_msg_queue(obj)->bytes);
	}
}

static int info(int cmd, struct msginfo __user *to)
{
	struct msginfo msginfo = {
		.msgmni = READ_ONCE(msg_max_queues),
		.msgmax = READ_ONCE(msg_max_size),
		.msgmnb = READ_ONCE(msg_queue_bytes),
		.msgssz = MSGSSZ,
		.msgseg = UINT16_MAX,
		.msgpool = MSGPOOL,
		.msgmap = MSGMAP,
		.msgtql = MSGTQL,
	};
	int max;

	down_read(&msg_ids.rwsem);
	if (cmd == MSG_INFO)
		add_up(&msginfo);
	max = ipc_max_index(&msg_ids);
	up_read(&msg_ids.rwsem);
	return copy_to_user(to, &msginfo, sizeof(msginfo)) ? -EFAULT : max;
}

SYSCALL_DEFINE3(msgctl, int, msqid, int, cmd, void __user *, buf)
{
	if (msqid < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return info(cmd, buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return stat(msqid, cmd, buf);
	case IPC_RMID:
	case IPC_SET:
		return own(msqid, cmd, buf);
	default:
		return -EINVAL;
	}
}

/* A line of /proc/sysvipc/msg. */
void msg_show(struct seq_file *m, struct ipc_object *obj)
{
	struct msg_queue *queue = to_msg_queue(obj);

	seq_printf(m, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u "
		   "%10lu %10lu %10lu\n", obj->key, obj->id, obj->mode,
		   queue->bytes, queue->nr, queue->lspid, queue->lrpid,
		   obj->uid, obj->gid, obj->cuid, obj->cgid, queue->stime,
		   queue->rtime, queue->ctime);
}

/* Before: slab. */
void __init msg_init(void)
{
	ipc_ids_init(&msg_ids, "msg_ids");
}
