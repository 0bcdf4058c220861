/*
 * dup(2), fcntl(2): steering descriptors and open files.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <fs/locks.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "file_internal.h"
#include "files_internal.h"
#include "internal.h"

/* What F_SETFL may change. */
#define SETFL_MASK	(O_APPEND | O_NONBLOCK | FASYNC | O_DIRECT | O_NOATIME)

/* Whom SIGIO goes to: F_SETOWN, F_SETSIG. Made on first use. */
struct file_owner {
	struct pid	*pid;
	int		type;		/* F_OWNER_* */
	int		signum;		/* 0: SIGIO */
	uid_t		uid, euid;	/* who asked */
};

/* ---- dup ---- */

/* A further descriptor, the lowest from @start on. Consumes no reference. */
static long dup_from(struct file *file, unsigned int start, unsigned int flags)
{
	int fd;

	if (start >= fd_limit())
		return -EINVAL;
	fd = fd_alloc(start, fd_limit(), flags);
	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

SYSCALL_DEFINE1(dup, unsigned int, oldfd)
{
	struct fd f = fdget_raw(oldfd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = get_unused_fd_flags(0);
	if (ret >= 0)
		fd_install(ret, get_file(f.file));
	fdput(f);
	return ret;
}

static long do_dup3(unsigned int oldfd, unsigned int newfd, unsigned int flags)
{
	struct file *file;
	int err;

	if (newfd >= fd_limit())
		return -EBADF;
	/* A true reference: if it is shared, it may be closed meanwhile. */
	file = fget_raw(oldfd);
	if (!file)
		return -EBADF;
	err = replace_fd(newfd, file, flags);
	fput(file);
	return err ? err : (long)newfd;
}

SYSCALL_DEFINE3(dup3, unsigned int, oldfd, unsigned int, newfd, int, flags)
{
	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	return do_dup3(oldfd, newfd, flags);
}

SYSCALL_DEFINE2(dup2, unsigned int, oldfd, unsigned int, newfd)
{
	struct fd f;

	if (oldfd != newfd)
		return do_dup3(oldfd, newfd, 0);
	f = fdget_raw(oldfd);
	if (!f.file)
		return -EBADF;
	fdput(f);
	return newfd;
}

/* ---- owners ---- */

void file_owner_free(struct file *file)
{
	pid_put(file->owner->pid);
	kfree(file->owner);
	file->owner = NULL;
}

/* The file's owner record; NULL: no memory. */
static struct file_owner *owner_of(struct file *file)
{
	struct file_owner *new;

	if (READ_ONCE(file->owner))
		return file->owner;
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	spin_lock(&file->lock);
	if (!file->owner) {
		file->owner = new;
		new = NULL;
	}
	spin_unlock(&file->lock);
	kfree(new);
	return file->owner;
}

static int set_owner(struct file *file, struct pid *pid, int type)
{
	struct file_owner *owner = owner_of(file);
	struct pid *old;

	if (!owner) {
		pid_put(pid);
		return -ENOMEM;
	}
	spin_lock(&file->lock);
	old = owner->pid;
	owner->pid = pid;
	owner->type = type;
	owner->uid = current_uid();
	owner->euid = current_euid();
	spin_unlock(&file->lock);
	pid_put(old);
	return 0;
}

/* @who > 0 a process, < 0 a group, 0 nobody. -ESRCH, -EINVAL, -ENOMEM. */
static int f_setown(struct file *file, int who)
{
	struct pid *pid = NULL;
	int type = who < 0 ? F_OWNER_PGRP : F_OWNER_PID;

	if (who == INT32_MIN)
		return -EINVAL;
	if (who) {
		pid = find_get_pid(who < 0 ? -who : who);
		if (!pid)
			return -ESRCH;
	}
	return set_owner(file, pid, type);
}

static int f_getown(struct file *file, struct f_owner_ex *ex)
{
	*ex = (struct f_owner_ex){ .type = F_OWNER_PID };
	SPIN_GUARD(&file->lock);
	if (file->owner && file->owner->pid) {
		ex->type = file->owner->type;
		ex->pid = pid_nr(file->owner->pid);
	}
	return ex->type == F_OWNER_PGRP ? -ex->pid : ex->pid;
}

static int f_setown_ex(struct file *file, const struct f_owner_ex __user *user)
{
	struct f_owner_ex ex;
	struct pid *pid = NULL;

	if (copy_from_user(&ex, user, sizeof(ex)))
		return -EFAULT;
	if (ex.type < F_OWNER_TID || ex.type > F_OWNER_PGRP)
		return -EINVAL;
	if (ex.pid) {
		pid = find_get_pid(ex.pid);
		if (!pid)
			return -ESRCH;
	}
	return set_owner(file, pid, ex.type);
}

static int f_getown_ex(struct file *file, struct f_owner_ex __user *user)
{
	struct f_owner_ex ex;

	f_getown(file, &ex);
	return copy_to_user(user, &ex, sizeof(ex)) ? -EFAULT : 0;
}

static int f_setsig(struct file *file, unsigned long sig)
{
	struct file_owner *owner;

	if (sig > NSIG)
		return -EINVAL;
	owner = owner_of(file);
	if (!owner)
		return -ENOMEM;
	WRITE_ONCE(owner->signum, (int)sig);
	return 0;
}

/* ---- flags ---- */

static int file_set_flags(struct file *file, unsigned int flags)
{
	struct inode *inode = file->inode;

	if (!(flags & O_APPEND) && (file->flags & O_APPEND) &&
	    (inode->flags & S_APPEND))
		return -EPERM;
	if ((flags & O_NOATIME) && !(file->flags & O_NOATIME) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	/* To a pipe it means packets; files would have to bypass the cache. */
	if ((flags & O_DIRECT) && !S_ISFIFO(inode->mode))
		return -EINVAL;
	SPIN_GUARD(&file->lock);
	WRITE_ONCE(file->flags, (flags & SETFL_MASK) |
				(file->flags & ~SETFL_MASK));
	return 0;
}

/* Set or clear one flag, for FIONBIO and FIOASYNC. */
void file_change_flag(struct file *file, unsigned int flag, bool on)
{
	SPIN_GUARD(&file->lock);
	WRITE_ONCE(file->flags, on ? file->flags | flag :
				     file->flags & ~flag);
}

static bool is_allowed_for_path(unsigned int cmd)
{
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD ||
	       cmd == F_SETFD || cmd == F_GETFL;
}

static long do_owner_fcntl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct f_owner_ex ex;

	switch (cmd) {
	case F_GETOWN:
		return f_getown(file, &ex);
	case F_SETOWN:
		return f_setown(file, arg);
	case F_GETOWN_EX:
		return f_getown_ex(file, (void __user *)arg);
	case F_SETOWN_EX:
		return f_setown_ex(file, (void __user *)arg);
	case F_GETSIG:
		return file->owner ? READ_ONCE(file->owner->signum) : 0;
	default:
		return f_setsig(file, arg);
	}
}

static long do_fcntl(unsigned int fd, struct file *file, unsigned int cmd,
		     unsigned long arg)
{
	switch (cmd) {
	case F_DUPFD:
		return dup_from(file, arg, 0);
	case F_DUPFD_CLOEXEC:
		return dup_from(file, arg, O_CLOEXEC);
	case F_GETFD:
		return get_close_on_exec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		set_close_on_exec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return file->flags & ~O_CLOEXEC;
	case F_SETFL:
		return file_set_flags(file, arg);
	case F_GETLK:
	case F_OFD_GETLK:
		return fcntl_getlk(file, cmd, (void __user *)arg);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_setlk(fd, file, cmd, (void __user *)arg);
	case F_GETOWN:
	case F_SETOWN:
	case F_GETOWN_EX:
	case F_SETOWN_EX:
	case F_GETSIG:
	case F_SETSIG:
		return do_owner_fcntl(file, cmd, arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		if (!file->ops->fcntl)
			return -EBADF;
		fallthrough;
	default:
		return file->ops->fcntl ? file->ops->fcntl(file, cmd, arg) :
					  -EINVAL;
	}
}

SYSCALL_DEFINE3(fcntl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget_raw(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	if ((f.file->mode & FMODE_PATH) && !is_allowed_for_path(cmd))
		ret = -EBADF;
	else
		ret = do_fcntl(fd, f.file, cmd, arg);
	fdput(f);
	return ret;
}
