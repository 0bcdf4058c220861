/*
 * POSIX message queues: files of a file system of their own.
 *
 * A queue is an inode; its name is a name in the one directory the file system
 * has, and a queue lives as long as it has a name or somebody has it open. So
 * mq_open(2) is an open(2), with attributes; sending and receiving take the
 * descriptor, and poll(2) works.
 *
 * Field protection:  [C] constant  [L] the queue's lock  [D] the directory's
 * rwsem
 */
#pragma once

#include <fs/inode.h>
#include <kernel/wait.h>
#include <lib/rbtree.h>
#include <uapi/mqueue.h>
#include <uapi/signal.h>

struct message;
struct mq_waiter;
struct pid;
struct user;

struct mqueue {
	struct inode		vfs;
	struct spinlock		lock;
	long			max_messages;	/* [C] */
	long			message_size;	/* [C] largest */
	long			nr_messages;	/* [L] */
	unsigned long		bytes;		/* [L] in the messages */
	struct rb_root_cached	messages;	/* [L] the first: next */
	uint64_t		next_order;	/* [L] */
	struct list_head	senders;	/* [L] oldest first */
	struct list_head	receivers;	/* [L] the same */
	struct wait_queue	poll_wait;

	/* mq_notify(2): one process may ask to be told. */
	struct pid		*notify_pid;	/* [L] or NULL: nobody */
	int			notify_how;	/* [L] SIGEV_* */
	int			notify_signal;	/* [L] */
	union sigval		notify_value;	/* [L] */

	struct user		*user;		/* [C] whose limit it fills */
	unsigned long		charged;	/* [C] bytes of it */
};

static inline struct mqueue *MQUEUE(const struct inode *inode)
{
	return container_of(inode, struct mqueue, vfs);
}

extern const struct file_ops mqueue_file_ops;

/* mqueue_fs.c; the directory locked for mqueue_create(). */
struct dentry *mqueue_root(void);
struct mount *mqueue_mount(void);
int mqueue_create(struct inode *dir, struct dentry *dentry, mode_t mode,
		  const struct mq_attr *attr);
void mqueue_init(void);

/* mqueue.c; the queue's lock held. Return: whom to pid_put(), or NULL. */
struct pid *mqueue_drop_notify(struct mqueue *mq);
