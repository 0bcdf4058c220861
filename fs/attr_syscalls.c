/*
 * The system calls that change attributes: chmod, chown, truncate, fallocate,
 * utimes.
 */
#include <fs/attr.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/super.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <uapi/fcntl.h>

#include "internal.h"

/* ---- chmod ---- */

static int chmod_path(const struct path *path, mode_t mode)
{
	int err = mnt_want_write(path->mount);

	if (err)
		return err;
	err = vfs_chmod(path, mode);
	mnt_drop_write(path->mount);
	return err;
}

static long do_fchmodat(int dfd, const char __user *name, mode_t mode)
{
	struct path path;
	int err = user_path_at(dfd, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = chmod_path(&path, mode);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE3(fchmodat, int, dfd, const char __user *, name, mode_t, mode)
{
	return do_fchmodat(dfd, name, mode);
}

SYSCALL_DEFINE2(chmod, const char __user *, name, mode_t, mode)
{
	return do_fchmodat(AT_FDCWD, name, mode);
}

SYSCALL_DEFINE2(fchmod, unsigned int, fd, mode_t, mode)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chmod_path(&f.file->path, mode);
	fdput(f);
	return err;
}

/* ---- chown ---- */

static int chown_path(const struct path *path, uid_t uid, gid_t gid)
{
	int err = mnt_want_write(path->mount);

	if (err)
		return err;
	err = vfs_chown(path, uid, gid);
	mnt_drop_write(path->mount);
	return err;
}

static long do_fchownat(int dfd, const char __user *name, uid_t uid, gid_t gid,
			int flags)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, how, &path);
	if (err)
		return err;
	err = chown_path(&path, uid, gid);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE5(fchownat, int, dfd, const char __user *, name, uid_t, uid,
		gid_t, gid, int, flags)
{
	return do_fchownat(dfd, name, uid, gid, flags);
}

SYSCALL_DEFINE3(chown, const char __user *, name, uid_t, uid, gid_t, gid)
{
	return do_fchownat(AT_FDCWD, name, uid, gid, 0);
}

SYSCALL_DEFINE3(lchown, const char __user *, name, uid_t, uid, gid_t, gid)
{
	return do_fchownat(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE3(fchown, unsigned int, fd, uid_t, uid, gid_t, gid)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chown_path(&f.file->path, uid, gid);
	fdput(f);
	return err;
}

/* ---- truncate ---- */

/* Takes and drops the write access. 0; -EISDIR, -EINVAL, -EACCES, ... */
int vfs_truncate(const struct path *path, loff_t size)
{
	struct inode *inode = path->dentry->inode;
	int err;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	err = mnt_want_write(path->mount);
	if (err)
		return err;
	err = inode_permission(inode, MAY_WRITE);
	if (!err && (inode->flags & S_APPEND))
		err = -EPERM;
	if (!err)
		err = get_write_access(inode);
	if (!err) {
		err = do_truncate(path->dentry, size,
				  ATTR_MTIME | ATTR_CTIME, NULL);
		put_write_access(inode);
	}
	mnt_drop_write(path->mount);
	return err;
}

SYSCALL_DEFINE2(truncate, const char __user *, name, long, size)
{
	struct path path;
	int err;

	if (size < 0)
		return -EINVAL;
	err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = vfs_truncate(&path, size);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(ftruncate, unsigned int, fd, unsigned long, size)
{
	struct fd f;
	int err = -EINVAL;

	if ((loff_t)size < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (S_ISREG(f.file->inode->mode) && (f.file->mode & FMODE_WRITE)) {
		err = -EPERM;
		if (!(f.file->inode->flags & S_APPEND))
			err = do_truncate(f.file->path.dentry, size,
					  ATTR_MTIME | ATTR_CTIME, f.file);
	}
	fdput(f);
	return err;
}

/* ---- fallocate ---- */

static int check_fallocate(const struct file *file, int mode, loff_t offset,
			   loff_t len)
{
	const struct inode *inode = file->inode;
	const int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
			  FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
			  FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~known)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(file->mode & FMODE_WRITE))
		return -EBADF;
	if ((mode & ~FALLOC_FL_KEEP_SIZE) && (inode->flags & S_APPEND))
		return -EPERM;
	if (inode->flags & S_IMMUTABLE)
		return -EPERM;
	if (S_ISFIFO(inode->mode))
		return -ESPIPE;
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -ENODEV;
	if (len > inode->sb->max_bytes - offset)
		return -EFBIG;
	return 0;
}

long vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	int err = check_fallocate(file, mode, offset, len);

	if (err)
		return err;
	if (!file->ops->fallocate)
		return -EOPNOTSUPP;
	return file->ops->fallocate(file, mode, offset, len);
}

SYSCALL_DEFINE4(fallocate, int, fd, int, mode, loff_t, offset, loff_t, len)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = vfs_fallocate(f.file, mode, offset, len);
	fdput(f);
	return ret;
}

/* ---- times ---- */

static bool is_valid_nsec(long nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT ||
	       (nsec >= 0 && nsec < NSEC_PER_SEC);
}

static int utimes_path(const struct path *path, const struct timespec *times)
{
	int err = mnt_want_write(path->mount);

	if (err)
		return err;
	err = vfs_utimes(path, times);
	mnt_drop_write(path->mount);
	return err;
}

static long utimes_fd(int fd, const struct timespec *times)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = utimes_path(&f.file->path, times);
	fdput(f);
	return err;
}

/* @name NULL: the descriptor itself. */
static long do_utimes(int dfd, const char __user *name,
		      const struct timespec *times, int flags)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (times && (!is_valid_nsec(times[0].tv_nsec) ||
		      !is_valid_nsec(times[1].tv_nsec)))
		return -EINVAL;
	if (!name && dfd != AT_FDCWD)
		return flags ? -EINVAL : utimes_fd(dfd, times);
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, how, &path);
	if (err)
		return err;
	err = utimes_path(&path, times);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE4(utimensat, int, dfd, const char __user *, name,
		const struct timespec __user *, user, int, flags)
{
	struct timespec times[2];

	if (!user)
		return do_utimes(dfd, name, NULL, flags);
	if (copy_from_user(times, user, sizeof(times)))
		return -EFAULT;
	if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return 0;
	return do_utimes(dfd, name, times, flags);
}

static long do_futimesat(int dfd, const char __user *name,
			 const struct timeval __user *user)
{
	struct timespec times[2];
	struct timeval tv[2];
	int i;

	if (!user)
		return do_utimes(dfd, name, NULL, 0);
	if (copy_from_user(tv, user, sizeof(tv)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= USEC_PER_SEC)
			return -EINVAL;
		times[i].tv_sec = tv[i].tv_sec;
		times[i].tv_nsec = tv[i].tv_usec * NSEC_PER_USEC;
	}
	return do_utimes(dfd, name, times, 0);
}

SYSCALL_DEFINE3(futimesat, int, dfd, const char __user *, name,
		const struct timeval __user *, user)
{
	return do_futimesat(dfd, name, user);
}

SYSCALL_DEFINE2(utimes, const char __user *, name,
		const struct timeval __user *, user)
{
	return do_futimesat(AT_FDCWD, name, user);
}

SYSCALL_DEFINE2(utime, const char __user *, name,
		const struct utimbuf __user *, user)
{
	struct timespec times[2];
	struct utimbuf buf;

	if (!user)
		return do_utimes(AT_FDCWD, name, NULL, 0);
	if (copy_from_user(&buf, user, sizeof(buf)))
		return -EFAULT;
	times[0] = (struct timespec){ .tv_sec = buf.actime };
	times[1] = (struct timespec){ .tv_sec = buf.modtime };
	return do_utimes(AT_FDCWD, name, times, 0);
}
