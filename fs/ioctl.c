/*
 * ioctl(2): what all files understand, and the way to their own.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <kernel/syscall.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "files_internal.h"
#include "internal.h"

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
