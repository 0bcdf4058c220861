/*
 * The file system of POSIX message queues.
 *
 * One directory, whose dentries are all there is, as in tmpfs. One instance
 * serves all: mq_open(2) finds names in it without its being mounted, and
 * `mount -t mqueue none /dev/mqueue` shows it.
 *
 * A queue is charged to its maker when it is made, with all that it may ever
 * contain: nobody can be surprised by the limit when sending.
 *
 * Source: man 7 mq_overview, man 2 getrlimit (RLIMIT_MSGQUEUE).
 */
#include "mqueue.h"

#include <arch/current.h>
#include <fs/attr.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/task.h>
#include <lib/printf.h>
#include <lib/xarray.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>
#include <uapi/fs.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>

#include "ipc.h"
#include "message.h"

#define MQUEUE_MAGIC	0x19800202
#define ENTRY_SIZE	20	/* what st_size of the directory counts */
#define FILE_SIZE	80	/* st_size of a queue: the text is shorter */

/* With CAP_SYS_RESOURCE the limits of a queue are these. */
#define HARD_MSG_MAX		65536
#define HARD_MSGSIZE_MAX	(16 << 20)

/* What Linux counts for a message, and for a priority in use. */
#define MESSAGE_COST	48
#define PRIORITY_COST	48

int mq_max_queues = 256;
int mq_msg_max = 10, mq_msgsize_max = 8192;
int mq_msg_default = 10, mq_msgsize_default = 8192;

static struct kmem_cache *cache;
static struct mount *kernel_mount __ro_after_init;
static atomic_t nr_queues;

/* Entries by the cookie readdir gives them. [the directory's rwsem] */
static struct xarray entries = XARRAY_INIT(&xa_kernel_ops);
static unsigned long next_cookie = 2;	/* after "." and ".." */

/* The directory. Context: any. */
struct dentry *mqueue_root(void)
{
	return kernel_mount->sb->root;
}

struct mount *mqueue_mount(void)
{
	return kernel_mount;
}

/* ---- queues -------------------------------------------------------------- */

/* May there be such a queue? Return: 0, -EINVAL, -EOVERFLOW. */
static int check_attr(const struct mq_attr *attr, unsigned long *cost)
{
	bool mighty = capable(CAP_SYS_RESOURCE);
	long max = mighty ? HARD_MSG_MAX : READ_ONCE(mq_msg_max);
	long size = mighty ? HARD_MSGSIZE_MAX : READ_ONCE(mq_msgsize_max);

	if (attr->mq_maxmsg <= 0 || attr->mq_msgsize <= 0 ||
	    attr->mq_maxmsg > max || attr->mq_msgsize > size)
		return -EINVAL;
	*cost = attr->mq_maxmsg * (attr->mq_msgsize + MESSAGE_COST) +
		min(attr->mq_maxmsg, (int64_t)MQ_PRIO_MAX) * PRIORITY_COST;
	return 0;
}

static void default_attr(struct mq_attr *attr)
{
	attr->mq_maxmsg = min(READ_ONCE(mq_msg_default),
			      READ_ONCE(mq_msg_max));
	attr->mq_msgsize = min(READ_ONCE(mq_msgsize_default),
			       READ_ONCE(mq_msgsize_max));
}

/* Count @cost against the caller's limit. Return: 0 or -EMFILE. */
static int charge(struct mqueue *mq, unsigned long cost)
{
	unsigned long limit = task_rlimit(current, RLIMIT_MSGQUEUE);
	struct user *user = current_cred()->user;

	if ((unsigned long)atomic_long_add_return(cost, &user->mq_bytes) >
	    limit) {
		atomic_long_sub(cost, &user->mq_bytes);
		return -EMFILE;
	}
	refcount_get(&user->refs);
	mq->user = user;
	mq->charged = cost;
	return 0;
}

static const struct inode_ops queue_inode_ops = {
	.setattr = simple_setattr,
};

static void init_queue(struct mqueue *mq, const struct mq_attr *attr)
{
	mq->max_messages = attr->mq_maxmsg;
	mq->message_size = attr->mq_msgsize;
	mq->vfs.ops = &queue_inode_ops;
	mq->vfs.fops = &mqueue_file_ops;
	inode_set_size(&mq->vfs, FILE_SIZE);
}

static struct inode *new_queue(struct inode *dir, mode_t mode,
			       const struct mq_attr *attr)
{
	unsigned long cost;
	struct inode *inode;
	int err = check_attr(attr, &cost);

	if (err)
		return ERR_PTR(err);
	inode = new_inode_in(dir->sb, dir, S_IFREG | (mode & 07777));
	if (!inode)
		return ERR_PTR(-ENOMEM);
	err = charge(MQUEUE(inode), cost);
	if (err) {
		clear_nlink(inode);
		iput(inode);
		return ERR_PTR(err);
	}
	init_queue(MQUEUE(inode), attr);
	return inode;
}

static bool may_have_one_more(void)
{
	if (atomic_inc_return(&nr_queues) <= READ_ONCE(mq_max_queues) ||
	    capable(CAP_SYS_RESOURCE))
		return true;
	atomic_dec(&nr_queues);
	return false;
}

/*
 * Make a queue as @attr (NULL: the default) says and enter it as @dentry.
 *
 * Context: process; may sleep. Locking: the directory's rwsem for writing.
 * Return:  0; -ENOSPC: too many queues; -EMFILE: RLIMIT_MSGQUEUE; -EINVAL;
 *          -ENOMEM.
 */
int mqueue_create(struct inode *dir, struct dentry *dentry, mode_t mode,
		  const struct mq_attr *attr)
{
	struct mq_attr usual;
	struct inode *inode;
	void *old;

	if (!may_have_one_more())
		return -ENOSPC;
	if (!attr) {
		default_attr(&usual);
		attr = &usual;
	}
	inode = new_queue(dir, mode, attr);
	if (IS_ERR(inode)) {
		atomic_dec(&nr_queues);
		return PTR_ERR(inode);
	}
	old = xa_store(&entries, next_cookie, dentry, GFP_KERNEL_ACCOUNT);
	if (IS_ERR(old)) {
		clear_nlink(inode);
		iput(inode);
		return PTR_ERR(old);
	}
	dentry->private = (void *)next_cookie++;
	inode_set_size(dir, dir->size + ENTRY_SIZE);
	inode_touch(dir);
	d_instantiate(dentry, inode);
	dget(dentry);
	return 0;
}

/* ---- the directory ------------------------------------------------------- */

static int create(struct inode *dir, struct dentry *dentry, mode_t mode,
		  bool excl __unused)
{
	return mqueue_create(dir, dentry, mode, NULL);
}

static int unlink(struct inode *dir, struct dentry *dentry)
{
	xa_erase(&entries, (unsigned long)dentry->private);
	inode_set_size(dir, dir->size - ENTRY_SIZE);
	inode_touch(dir);
	dentry->inode->ctime = dir->ctime;
	drop_nlink(dentry->inode);
	dput(dentry);	/* the reference its existence held */
	return 0;
}

static int iterate(struct file *file, struct dir_context *ctx)
{
	unsigned long cookie;
	struct dentry *dentry;

	if (!dir_emit_dots(file, ctx))
		return 0;
	xa_for_each_start(&entries, cookie, dentry, ctx->pos) {
		ctx->pos = cookie;
		if (!dir_emit(ctx, dentry->name, dentry->name_len,
			      dentry->inode->ino,
			      mode_to_dtype(dentry->inode->mode)))
			return 0;
		ctx->pos = cookie + 1;
	}
	return 0;
}

static const struct inode_ops dir_inode_ops = {
	.lookup = simple_lookup,
	.create = create,
	.unlink = unlink,
	.setattr = simple_setattr,
};

static const struct file_ops dir_ops = {
	.llseek = generic_file_llseek,
	.read_iter = generic_read_dir,
	.iterate = iterate,
	.fsync = noop_fsync,
};

/* ---- the file system ----------------------------------------------------- */

static struct inode *alloc_inode(struct super_block *sb __unused)
{
	struct mqueue *mq = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);

	if (!mq)
		return NULL;
	mq->nr_messages = 0;
	mq->bytes = 0;
	mq->messages = RB_ROOT_CACHED;
	mq->next_order = 0;
	mq->listener.pid = NULL;
	mq->user = NULL;
	mq->charged = 0;
	return &mq->vfs;
}

static void free_inode(struct inode *inode)
{
	kmem_cache_free(cache, MQUEUE(inode));
}

/* Neither a name nor an open file is left: nobody will read the rest. */
static void evict(struct inode *inode)
{
	struct mqueue *mq = MQUEUE(inode);
	struct message *msg, *tmp;

	clear_inode(inode);
	/* Who shares descriptors with another process can leave one behind. */
	mqueue_unregister(&mq->listener);
	rbtree_postorder_for_each_entry_safe(msg, tmp, &mq->messages.root, node)
		message_free(msg);
	if (mq->user) {
		atomic_dec(&nr_queues);
		atomic_long_sub(mq->charged, &mq->user->mq_bytes);
		user_put(mq->user);
	}
}

static const struct super_ops super_ops = {
	.alloc_inode = alloc_inode,
	.free_inode = free_inode,
	.evict = evict,
};

static int fill_super(struct super_block *sb,
		      const struct mount_args *args __unused)
{
	struct inode *root;

	sb->ops = &super_ops;
	sb->magic = MQUEUE_MAGIC;
	sb->block_size = PAGE_SIZE;
	root = new_inode_in(sb, NULL, S_IFDIR | S_ISVTX | 0777);
	if (!root)
		return -ENOMEM;
	root->ops = &dir_inode_ops;
	root->fops = &dir_ops;
	set_nlink(root, 2);
	inode_set_size(root, 2 * ENTRY_SIZE);
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

const struct file_system_type mqueue_type = {
	.name = "mqueue",
	.flags = FS_SINGLE | FS_PINNED,
	.fill_super = fill_super,
};

static void ctor(void *object)
{
	struct mqueue *mq = object;

	inode_init_once(&mq->vfs);
	spin_lock_init(&mq->lock, "mqueue", RANK_IPC);
	list_init(&mq->senders);
	list_init(&mq->receivers);
	wait_queue_init(&mq->poll_wait);
}

/* Before: slab, VFS. */
void __init mqueue_init(void)
{
	cache = kmem_cache_create("mqueue_inode", sizeof(struct mqueue), 0,
				  SLAB_HWCACHE_ALIGN | SLAB_PANIC, ctor);
	kernel_mount = kern_mount(&mqueue_type);
	if (IS_ERR(kernel_mount))
		panic("cannot mount mqueue: %ld", PTR_ERR(kernel_mount));
}
