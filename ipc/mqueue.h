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
struct sk_buff;
struct sock;
struct user;

/* Who has asked by mq_notify(2) to be told, and how. */
struct mq_listener {
	struct pid		*pid;		/* NULL: nobody */
	int			how;		/* SIGEV_* */
	int			signal;
	union sigval		value;		/* for the signal */
	struct sock		*sock;		/* of SIGEV_THREAD, counted */
	struct sk_buff		*cookie;	/* for it, with its room */
};

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

	struct mq_listener	listener;	/* [L] */

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

/* mqueue.c */
struct file *mqueue_fget(int fd, unsigned int mode);

/* mqueue_notify.c */
void mqueue_take_listener(struct mqueue *mq, struct mq_listener *listener);
void mqueue_tell(struct mq_listener *listener);
void mqueue_unregister(struct mq_listener *listener);
int mqueue_flush(struct file *file);
