/*
 * dup(2), fcntl(2), ioctl(2): steering descriptors and open files. What all
 * files understand is done here; the rest is passed to the file's own ops.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <fs/locks.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "file_internal.h"
#include "files_internal.h"
#include "internal.h"

/* What F_SETFL may change. */
#define SETFL_MASK	(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

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

/* ---- flags ---- */

/*
 * Begin or end telling the owner of what happens to @file, as descriptor @fd.
 * Context: process. Return: 0, -ENOTTY (it cannot tell), -ENOMEM.
 */
int file_set_async(int fd, struct file *file, bool on)
{
	if (on == !!(READ_ONCE(file->flags) & FASYNC))
		return 0;
	return file->ops->fasync ? file->ops->fasync(fd, file, on) : -ENOTTY;
}

static int file_set_flags(int fd, struct file *file, unsigned int flags)
{
	struct inode *inode = file->inode;
	int err;

	if (!(flags & O_APPEND) && (file->flags & O_APPEND) &&
	    (inode->flags & S_APPEND))
		return -EPERM;
	if ((flags & O_NOATIME) && !(file->flags & O_NOATIME) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	/* To a pipe it means packets; files would have to bypass the cache. */
	if ((flags & O_DIRECT) && !S_ISFIFO(inode->mode))
		return -EINVAL;
	err = file_set_async(fd, file, flags & FASYNC);
	if (err && err != -ENOTTY)
		return err;
	SPIN_GUARD(&file->lock);
	WRITE_ONCE(file->flags, (flags & SETFL_MASK) |
				(file->flags & ~SETFL_MASK));
	return 0;
}

/* Set or clear one flag. */
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
		return file_set_flags(fd, file, arg);
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
		return file_owner_fcntl(file, cmd, arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		if (!S_ISFIFO(file->inode->mode))
			return -EBADF;
		break;
	case F_ADD_SEALS:
		if (!file_can_write(file))
			return -EPERM;
		break;
	default:
		break;
	}
	return file->ops->fcntl ? file->ops->fcntl(file, cmd, arg) : -EINVAL;
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

/* ---- ioctl(2) ---- */

/* The file's own ioctl op. -ENOTTY if it has none or does not know @cmd. */
long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long ret;

	if (!file->ops->ioctl)
		return -ENOTTY;
	ret = file->ops->ioctl(file, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

static long change_flag(struct file *file, unsigned int flag,
			const int __user *user)
{
	int on;

	if (get_user(on, user))
		return -EFAULT;
	file_change_flag(file, flag, on);
	return 0;
}

static long fioasync(int fd, struct file *file, const int __user *user)
{
	int on;

	if (get_user(on, user))
		return -EFAULT;
	return file_set_async(fd, file, on);
}

/* How much is left to be read of an ordinary file. */
static long regular_fionread(struct file *file, int __user *user)
{
	loff_t left = inode_size(file->inode) - file->pos;

	return put_user((int)left, user);
}

static long fioqsize(struct file *file, loff_t __user *user)
{
	mode_t mode = file->inode->mode;

	if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode))
		return -ENOTTY;
	return put_user(inode_size(file->inode), user);
}

static long do_ioctl(unsigned int fd, struct file *file, unsigned int cmd,
		     unsigned long arg)
{
	switch (cmd) {
	case FIOCLEX:
		set_close_on_exec(fd, true);
		return 0;
	case FIONCLEX:
		set_close_on_exec(fd, false);
		return 0;
	case FIONBIO:
		return change_flag(file, O_NONBLOCK, (int __user *)arg);
	case FIOASYNC:
		return fioasync(fd, file, (int __user *)arg);
	case FIOQSIZE:
		return fioqsize(file, (loff_t __user *)arg);
	case FIONREAD:
		if (S_ISREG(file->inode->mode))
			return regular_fionread(file, (int __user *)arg);
		fallthrough;
	default:
		return vfs_ioctl(file, cmd, arg);
	}
}

SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = do_ioctl(fd, f.file, cmd, arg);
	fdput(f);
	return ret;
}
