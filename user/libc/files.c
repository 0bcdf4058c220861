/*
 * System calls on descriptors and names.
 *
 * Each function is its system call; the type of the result is all that C
 * adds. Where Linux has an older call and a newer *at() one, the older names
 * are written in terms of the newer, with AT_FDCWD for "from the working
 * directory" - one way into the kernel for each thing to be done.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

#include "syscall.h"

/* The mode argument exists only if the flags say that a file may be made. */
static mode_t mode_argument(int flags, va_list args)
{
	if (flags & (O_CREAT | __O_TMPFILE))
		return va_arg(args, mode_t);
	return 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_argument(flags, args);
	va_end(args);
	return (int)SYSCALL(sys4(__NR_openat, AT_FDCWD, (long)path, flags,
				 mode));
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_argument(flags, args);
	va_end(args);
	return (int)SYSCALL(sys4(__NR_openat, dir, (long)path, flags, mode));
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

ssize_t read(int fd, void *dst, size_t n)
{
	return SYSCALL(sys3(__NR_read, fd, (long)dst, (long)n));
}

ssize_t write(int fd, const void *src, size_t n)
{
	return SYSCALL(sys3(__NR_write, fd, (long)src, (long)n));
}

ssize_t pread(int fd, void *dst, size_t n, off_t offset)
{
	return SYSCALL(sys4(__NR_pread64, fd, (long)dst, (long)n, offset));
}

ssize_t pwrite(int fd, const void *src, size_t n, off_t offset)
{
	return SYSCALL(sys4(__NR_pwrite64, fd, (long)src, (long)n, offset));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return SYSCALL(sys3(__NR_readv, fd, (long)iov, count));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	return SYSCALL(sys3(__NR_writev, fd, (long)iov, count));
}

int close(int fd)
{
	return (int)SYSCALL(sys1(__NR_close, fd));
}

off_t lseek(int fd, off_t offset, int whence)
{
	return SYSCALL(sys3(__NR_lseek, fd, offset, whence));
}

int dup(int fd)
{
	return (int)SYSCALL(sys1(__NR_dup, fd));
}

/* Not dup3: dup2 of a descriptor to itself is allowed and does nothing. */
int dup2(int from, int to)
{
	return (int)SYSCALL(sys2(__NR_dup2, from, to));
}

int dup3(int from, int to, int flags)
{
	return (int)SYSCALL(sys3(__NR_dup3, from, to, flags));
}

int pipe(int fds[2])
{
	return pipe2(fds, 0);
}

int pipe2(int fds[2], int flags)
{
	return (int)SYSCALL(sys2(__NR_pipe2, (long)fds, flags));
}

/* The third argument is an int or a pointer; a long carries either. */
int fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return (int)SYSCALL(sys3(__NR_fcntl, fd, cmd, arg));
}

int flock(int fd, int operation)
{
	return (int)SYSCALL(sys2(__NR_flock, fd, operation));
}

int fsync(int fd)
{
	return (int)SYSCALL(sys1(__NR_fsync, fd));
}

int fdatasync(int fd)
{
	return (int)SYSCALL(sys1(__NR_fdatasync, fd));
}

int ftruncate(int fd, off_t len)
{
	return (int)SYSCALL(sys2(__NR_ftruncate, fd, len));
}

int truncate(const char *path, off_t len)
{
	return (int)SYSCALL(sys2(__NR_truncate, (long)path, len));
}

void sync(void)
{
	sys0(__NR_sync);
}

/* Asking about files. */

int fstatat(int dir, const char *restrict path, struct stat *restrict st,
	    int flags)
{
	return (int)SYSCALL(sys4(__NR_newfstatat, dir, (long)path, (long)st,
				 flags));
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *st)
{
	return (int)SYSCALL(sys2(__NR_fstat, fd, (long)st));
}

int statfs(const char *path, struct statfs *st)
{
	return (int)SYSCALL(sys2(__NR_statfs, (long)path, (long)st));
}

int fstatfs(int fd, struct statfs *st)
{
	return (int)SYSCALL(sys2(__NR_fstatfs, fd, (long)st));
}

int access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, 0);
}

/* The old call has no flags argument; only AT_EACCESS needs the new one. */
int faccessat(int dir, const char *path, int mode, int flags)
{
	if (flags == 0)
		return (int)SYSCALL(sys3(__NR_faccessat, dir, (long)path,
					 mode));
	return (int)SYSCALL(sys4(__NR_faccessat2, dir, (long)path, mode,
				 flags));
}

ssize_t readlink(const char *restrict path, char *restrict dst, size_t n)
{
	return readlinkat(AT_FDCWD, path, dst, n);
}

ssize_t readlinkat(int dir, const char *restrict path, char *restrict dst,
		   size_t n)
{
	return SYSCALL(sys4(__NR_readlinkat, dir, (long)path, (long)dst,
			    (long)n));
}

/* Changing what the inode says. */

int chmod(const char *path, mode_t mode)
{
	return (int)SYSCALL(sys3(__NR_fchmodat, AT_FDCWD, (long)path, mode));
}

int fchmod(int fd, mode_t mode)
{
	return (int)SYSCALL(sys2(__NR_fchmod, fd, mode));
}

/* No flag is known to the kernel's call, so none may be asked for. */
int fchmodat(int dir, const char *path, mode_t mode, int flags)
{
	if (flags != 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)SYSCALL(sys3(__NR_fchmodat, dir, (long)path, mode));
}

int chown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, 0);
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	return (int)SYSCALL(sys3(__NR_fchown, fd, uid, gid));
}

int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	return (int)SYSCALL(sys5(__NR_fchownat, dir, (long)path, uid, gid,
				 flags));
}

int utimensat(int dir, const char *path, const struct timespec times[2],
	      int flags)
{
	return (int)SYSCALL(sys4(__NR_utimensat, dir, (long)path, (long)times,
				 flags));
}

/* A null path means the descriptor itself; that is the kernel's rule. */
int futimens(int fd, const struct timespec times[2])
{
	return (int)SYSCALL(sys4(__NR_utimensat, fd, 0, (long)times, 0));
}

int utimes(const char *path, const struct timeval times[2])
{
	return (int)SYSCALL(sys2(__NR_utimes, (long)path, (long)times));
}

int utime(const char *path, const struct utimbuf *times)
{
	return (int)SYSCALL(sys2(__NR_utime, (long)path, (long)times));
}

mode_t umask(mode_t mask)
{
	return (mode_t)sys1(__NR_umask, mask);
}

/* Making, moving and removing names. */

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	return (int)SYSCALL(sys3(__NR_mkdirat, dir, (long)path, mode));
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
	return mknodat(AT_FDCWD, path, mode, dev);
}

int mknodat(int dir, const char *path, mode_t mode, dev_t dev)
{
	return (int)SYSCALL(sys4(__NR_mknodat, dir, (long)path, mode,
				 (long)dev));
}

int mkfifo(const char *path, mode_t mode)
{
	return mknod(path, (mode & ~S_IFMT) | S_IFIFO, 0);
}

int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to,
	   int flags)
{
	return (int)SYSCALL(sys5(__NR_linkat, from_dir, (long)from, to_dir,
				 (long)to, flags));
}

int symlink(const char *target, const char *path)
{
	return symlinkat(target, AT_FDCWD, path);
}

int symlinkat(const char *target, int dir, const char *path)
{
	return (int)SYSCALL(sys3(__NR_symlinkat, (long)target, dir,
				 (long)path));
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return (int)SYSCALL(sys4(__NR_renameat, from_dir, (long)from, to_dir,
				 (long)to));
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int unlinkat(int dir, const char *path, int flags)
{
	return (int)SYSCALL(sys3(__NR_unlinkat, dir, (long)path, flags));
}

/* Remove a file or an empty directory, whichever @path is. */
int remove(const char *path)
{
	int ret = unlink(path);

	if (ret < 0 && errno == EISDIR)
		return rmdir(path);
	return ret;
}

/* Where we stand. */

int chdir(const char *path)
{
	return (int)SYSCALL(sys1(__NR_chdir, (long)path));
}

int fchdir(int fd)
{
	return (int)SYSCALL(sys1(__NR_fchdir, fd));
}

int chroot(const char *path)
{
	return (int)SYSCALL(sys1(__NR_chroot, (long)path));
}

/*
 * Write the working directory's path to @dst, or to memory from malloc if
 * @dst is NULL.
 *
 * A path that does not start with a slash means that the directory lies
 * outside our root; that is no path one could use, hence ENOENT.
 *
 * Return: the path, or NULL (ERANGE, ENOENT, ENOMEM).
 */
char *getcwd(char *dst, size_t size)
{
	char path[PATH_MAX];
	long len = SYSCALL(sys2(__NR_getcwd, (long)path, sizeof(path)));

	if (len < 0)
		return NULL;
	if (path[0] != '/') {
		errno = ENOENT;
		return NULL;
	}
	if (!dst)
		return strdup(path);
	if ((size_t)len > size) {
		errno = size ? ERANGE : EINVAL;
		return NULL;
	}
	return memcpy(dst, path, (size_t)len);
}
