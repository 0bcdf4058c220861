/*
 * POSIX message queues: mq_open(2), mq_unlink(2), mq_getsetattr(2).
 *
 * Names are looked up in the queues' own directory, whether it is mounted or
 * not. The C library takes the slash off that they begin with.
 *
 * Source: man 3 mq_open, mq_unlink, mq_getattr.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/string.h>

#include "mqueue.h"

/* Make it; the directory is locked. */
static int make_queue(struct dentry *dentry, mode_t mode,
		      const struct mq_attr *attr)
{
	struct inode *dir = mqueue_root()->inode;
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	return err ?: mqueue_create(dir, dentry, mode & ~current_umask(), attr);
}

static int may_open_queue(const struct dentry *dentry, int oflag)
{
	static const int wanted[] = { MAY_READ, MAY_WRITE,
				      MAY_READ | MAY_WRITE };

	if ((oflag & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if ((oflag & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	return inode_permission(dentry->inode, wanted[oflag & O_ACCMODE]);
}

/* The queue's dentry, made if asked for. ERR_PTR. */
static struct dentry *find_queue(const char *name, int oflag, mode_t mode,
				 const struct mq_attr *attr)
{
	struct dentry *root = mqueue_root(), *dentry;
	int err;

	inode_lock(root->inode);
	dentry = lookup_one(root, name, strlen(name));
	if (IS_ERR(dentry))
		goto unlock;
	if (d_is_positive(dentry))
		err = may_open_queue(dentry, oflag);
	else if (oflag & O_CREAT)
		err = make_queue(dentry, mode, attr);
	else
		err = -ENOENT;
	if (err) {
		dput(dentry);
		dentry = ERR_PTR(err);
	}
unlock:
	inode_unlock(root->inode);
	return dentry;
}

static struct file *open_queue(const char *name, int oflag, mode_t mode,
			       const struct mq_attr *attr)
{
	struct path path = { .mount = mqueue_mount() };
	struct file *file;

	path.dentry = find_queue(name, oflag, mode, attr);
	if (IS_ERR(path.dentry))
		return ERR_CAST(path.dentry);
	file = dentry_open(&path, oflag & ~(O_CREAT | O_EXCL | O_TRUNC),
			   current_cred());
	dput(path.dentry);
	return file;
}

SYSCALL_DEFINE4(mq_open, const char __user *, uname, int, oflag, mode_t, mode,
		const struct mq_attr __user *, uattr)
{
	struct pathname name;
	struct mq_attr attr;
	struct file *file;
	int fd, err;

	if (uattr && copy_from_user(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	err = pathname_get(&name, uname, 0);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto put_name;
	file = open_queue(name.name, oflag, mode, uattr ? &attr : NULL);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
	} else {
		fd_install(fd, file);
	}
put_name:
	pathname_put(&name);
	return fd;
}

static int remove_name(const char *name)
{
	struct dentry *root = mqueue_root(), *dentry;
	struct inode *inode = NULL;
	int err;

	inode_lock_nested(root->inode, INODE_LOCK_PARENT);
	dentry = lookup_one(root, name, strlen(name));
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err && d_is_negative(dentry)) {
		err = -ENOENT;
	} else if (!err) {
		/* The last of it goes without the lock. */
		inode = dentry->inode;
		ihold(inode);
		err = vfs_unlink(root->inode, dentry);
	}
	if (!IS_ERR(dentry))
		dput(dentry);
	inode_unlock(root->inode);
	iput(inode);
	return err;
}

SYSCALL_DEFINE1(mq_unlink, const char __user *, uname)
{
	struct pathname name;
	int err = pathname_get(&name, uname, 0);

	if (err)
		return err;
	err = mnt_want_write(mqueue_mount());
	if (!err) {
		err = remove_name(name.name);
		mnt_drop_write(mqueue_mount());
	}
	pathname_put(&name);
	return err;
}

static void get_and_set(struct file *file, struct mq_attr *old,
			const struct mq_attr *new)
{
	struct mqueue *mq = MQUEUE(file->inode);

	*old = (struct mq_attr){
		.mq_flags = file->flags & O_NONBLOCK,
		.mq_maxmsg = mq->max_messages,
		.mq_msgsize = mq->message_size,
	};
	spin_lock(&mq->lock);
	old->mq_curmsgs = mq->nr_messages;
	spin_unlock(&mq->lock);
	if (!new)
		return;
	spin_lock(&file->lock);
	file->flags = (file->flags & ~O_NONBLOCK) | new->mq_flags;
	spin_unlock(&file->lock);
	mq->vfs.atime = mq->vfs.ctime = current_time(&mq->vfs);
}

SYSCALL_DEFINE3(mq_getsetattr, int, mqdes, const struct mq_attr __user *, unew,
		struct mq_attr __user *, uold)
{
	struct mq_attr new, old;
	struct file *file;

	if (unew && copy_from_user(&new, unew, sizeof(new)))
		return -EFAULT;
	if (unew && (new.mq_flags & ~(int64_t)O_NONBLOCK))
		return -EINVAL;
	file = fget(mqdes);
	if (!file)
		return -EBADF;
	if (file->ops != &mqueue_file_ops) {
		fput(file);
		return -EBADF;
	}
	get_and_set(file, &old, unew ? &new : NULL);
	fput(file);
	return uold && copy_to_user(uold, &old, sizeof(old)) ? -EFAULT : 0;
}
