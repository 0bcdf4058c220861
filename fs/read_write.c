/*
 * read(2), write(2) and their relatives.
 *
 * All of them come down to ops->read_iter or ops->write_iter with a kiocb that
 * holds the position and an iterator over the caller's memory. read() and
 * write() of one buffer are what programs do most: they go there by the
 * shortest way.
 */
#include <fs/file.h>

#include <arch/current.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#include "internal.h"

/* More is cut to this, so that a count always fits an int. */
#define MAX_RW_COUNT	((size_t)(INT32_MAX & ~(PAGE_SIZE - 1)))

/* The IOCB_* that the file's own flags ask for. */
unsigned int iocb_flags(const struct file *file)
{
	unsigned int flags = 0;

	if (likely(!(file->flags & (O_APPEND | O_DIRECT | O_DSYNC | __O_SYNC))))
		return 0;
	if (file->flags & O_APPEND)
		flags |= IOCB_APPEND;
	if (file->flags & O_DIRECT)
		flags |= IOCB_DIRECT;
	if (file->flags & O_DSYNC)
		flags |= IOCB_DSYNC;
	if (file->flags & __O_SYNC)
		flags |= IOCB_SYNC;
	return flags;
}

static __always_inline void kiocb_init(struct kiocb *iocb, struct file *file,
				       loff_t pos, unsigned int flags)
{
	iocb->file = file;
	iocb->pos = pos;
	iocb->flags = iocb_flags(file) | flags;
	iocb->complete = NULL;
	iocb->private = NULL;
}

/* 0; -EINVAL: negative, or the end is beyond all positions. */
static __always_inline int check_range(const struct file *file, loff_t pos,
				       size_t count)
{
	if (unlikely(pos < 0))
		return file->mode & FMODE_STREAM ? 0 : -EINVAL;
	if (unlikely(pos > (loff_t)(INT64_MAX - count)))
		return -EINVAL;
	return 0;
}

static __always_inline int check_readable(const struct file *file)
{
	if (likely(file->mode & FMODE_CAN_READ))
		return 0;
	return file->mode & FMODE_READ ? -EINVAL : -EBADF;
}

static __always_inline int check_writable(const struct file *file)
{
	if (likely(file->mode & FMODE_CAN_WRITE))
		return 0;
	return file->mode & FMODE_WRITE ? -EINVAL : -EBADF;
}

/* After a write: O_DSYNC means that it is on the disk when we return. */
static ssize_t write_done(struct kiocb *iocb, ssize_t ret)
{
	int err;

	if (ret <= 0 || !(iocb->flags & (IOCB_DSYNC | IOCB_SYNC)) ||
	    !iocb->file->ops->fsync)
		return ret;
	err = iocb->file->ops->fsync(iocb->file, iocb->pos - ret,
				     iocb->pos - 1,
				     !(iocb->flags & IOCB_SYNC));
	return err ? err : ret;
}

/* Ask the file, all having been checked. */
static __always_inline ssize_t file_read(struct file *file, struct iov_iter *to,
					 loff_t *pos, unsigned int flags)
{
	struct kiocb iocb;
	ssize_t ret;

	kiocb_init(&iocb, file, *pos, flags);
	ret = file->ops->read_iter(&iocb, to);
	*pos = iocb.pos;
	return ret;
}

static __always_inline ssize_t file_write(struct file *file,
					  struct iov_iter *from, loff_t *pos,
					  unsigned int flags)
{
	struct kiocb iocb;
	ssize_t ret;

	kiocb_init(&iocb, file, *pos, flags | IOCB_WRITE);
	ret = write_done(&iocb, file->ops->write_iter(&iocb, from));
	*pos = iocb.pos;
	return ret;
}

/*
 * Read at *@pos, which advances. Nobody's usage grows by it.
 *
 * Context: may sleep. Return: bytes, 0 at the end; -EBADF (not open for it),
 * -EINVAL, what the file says.
 */
ssize_t vfs_iter_read(struct file *file, struct iov_iter *to, loff_t *pos,
		      unsigned int flags)
{
	ssize_t ret = check_readable(file);

	if (!ret)
		ret = check_range(file, *pos, to->count);
	return ret ? ret : file_read(file, to, pos, flags);
}

ssize_t vfs_iter_write(struct file *file, struct iov_iter *from, loff_t *pos,
		       unsigned int flags)
{
	ssize_t ret = check_writable(file);

	if (!ret)
		ret = check_range(file, *pos, from->count);
	return ret ? ret : file_write(file, from, pos, flags);
}

/* A call of current's that reads: the same, and it counts. */
static __always_inline ssize_t counted_read(struct file *file,
					    struct iov_iter *to, loff_t *pos)
{
	ssize_t ret = check_readable(file);

	if (likely(!ret))
		ret = check_range(file, *pos, to->count);
	if (unlikely(ret))
		return ret;
	ret = file_read(file, to, pos, 0);
	io_count_read(&current->io, ret);
	return ret;
}

static __always_inline ssize_t counted_write(struct file *file,
					     struct iov_iter *from, loff_t *pos)
{
	ssize_t ret = check_writable(file);

	if (likely(!ret))
		ret = check_range(file, *pos, from->count);
	if (unlikely(ret))
		return ret;
	ret = file_write(file, from, pos, 0);
	io_count_write(&current->io, ret);
	return ret;
}

/* ---- one buffer ---- */

static __always_inline ssize_t read_buffer(struct file *file, char __user *buf,
					   size_t count, loff_t *pos)
{
	struct iov_iter iter;

	if (unlikely(!access_ok(buf, count)))
		return file->mode & FMODE_READ ? -EFAULT : -EBADF;
	iov_iter_ubuf(&iter, ITER_DEST, buf, min(count, MAX_RW_COUNT));
	return counted_read(file, &iter, pos);
}

static __always_inline ssize_t write_buffer(struct file *file,
					    const char __user *buf,
					    size_t count, loff_t *pos)
{
	struct iov_iter iter;

	if (unlikely(!access_ok(buf, count)))
		return file->mode & FMODE_WRITE ? -EFAULT : -EBADF;
	iov_iter_ubuf(&iter, ITER_SOURCE, (char __user *)buf,
		      min(count, MAX_RW_COUNT));
	return counted_write(file, &iter, pos);
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret;

	if (unlikely(!f.file))
		return -EBADF;
	ret = read_buffer(f.file, buf, count, &f.file->pos);
	fdput_pos(f);
	return ret;
}

SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf,
		size_t, count)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret;

	if (unlikely(!f.file))
		return -EBADF;
	ret = write_buffer(f.file, buf, count, &f.file->pos);
	fdput_pos(f);
	return ret;
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user *, buf, size_t, count,
		loff_t, pos)
{
	struct fd f;
	ssize_t ret = -ESPIPE;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (f.file->mode & FMODE_PREAD)
		ret = read_buffer(f.file, buf, count, &pos);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user *, buf,
		size_t, count, loff_t, pos)
{
	struct fd f;
	ssize_t ret = -ESPIPE;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (f.file->mode & FMODE_PWRITE)
		ret = write_buffer(f.file, buf, count, &pos);
	fdput(f);
	return ret;
}

/* ---- vectors ---- */

/* RWF_* to IOCB_*. 0 or -EOPNOTSUPP. */
static int rwf_to_iocb(const struct file *file, int rwf, unsigned int *flags)
{
	*flags = 0;
	if (likely(!rwf))
		return 0;
	if (rwf & ~RWF_SUPPORTED)
		return -EOPNOTSUPP;
	if (rwf & RWF_NOWAIT) {
		if (!(file->mode & FMODE_NOWAIT))
			return -EOPNOTSUPP;
		*flags |= IOCB_NOWAIT;
	}
	if (rwf & RWF_HIPRI)
		*flags |= IOCB_HIPRI;
	if (rwf & RWF_DSYNC)
		*flags |= IOCB_DSYNC;
	if (rwf & RWF_SYNC)
		*flags |= IOCB_SYNC | IOCB_DSYNC;
	if (rwf & RWF_APPEND)
		*flags |= IOCB_APPEND;
	return 0;
}

static ssize_t do_vector(struct file *file, bool is_write,
			 const struct iovec __user *uvec, unsigned long nr,
			 loff_t *pos, int rwf)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct iov_iter iter;
	unsigned int flags;
	ssize_t ret = is_write ? check_writable(file) : check_readable(file);

	if (ret)
		return ret;
	ret = import_iovec(is_write, uvec, nr, UIO_FASTIOV, &iov, &iter);
	if (ret < 0)
		return ret;
	ret = rwf_to_iocb(file, rwf, &flags);
	if (!ret && is_write)
		ret = vfs_iter_write(file, &iter, pos, flags);
	else if (!ret)
		ret = vfs_iter_read(file, &iter, pos, flags);
	kfree(iov);
	return ret;
}

/* Of these every call counts, even one of a descriptor that is not open. */
static ssize_t count_vector(bool is_write, ssize_t ret)
{
	if (is_write)
		io_count_write(&current->io, ret);
	else
		io_count_read(&current->io, ret);
	return ret;
}

/* At the file's own position. */
static ssize_t vector_at_pos(unsigned int fd, bool is_write,
			     const struct iovec __user *uvec, unsigned long nr,
			     int rwf)
{
	struct fd f = fdget_pos(fd);
	ssize_t ret = -EBADF;

	if (f.file) {
		ret = do_vector(f.file, is_write, uvec, nr, &f.file->pos, rwf);
		fdput_pos(f);
	}
	return count_vector(is_write, ret);
}

static ssize_t vector_at(unsigned int fd, bool is_write,
			 const struct iovec __user *uvec, unsigned long nr,
			 loff_t pos, int rwf)
{
	struct fd f;
	ssize_t ret = -EBADF;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (f.file) {
		ret = -ESPIPE;
		if (f.file->mode & (is_write ? FMODE_PWRITE : FMODE_PREAD))
			ret = do_vector(f.file, is_write, uvec, nr, &pos, rwf);
		fdput(f);
	}
	return count_vector(is_write, ret);
}

SYSCALL_DEFINE3(readv, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr)
{
	return vector_at_pos(fd, false, uvec, nr, 0);
}

SYSCALL_DEFINE3(writev, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr)
{
	return vector_at_pos(fd, true, uvec, nr, 0);
}

/* The upper half of the position is meant for 32-bit callers. */
SYSCALL_DEFINE4(preadv, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr, loff_t, pos)
{
	return vector_at(fd, false, uvec, nr, pos, 0);
}

SYSCALL_DEFINE4(pwritev, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr, loff_t, pos)
{
	return vector_at(fd, true, uvec, nr, pos, 0);
}

SYSCALL_DEFINE6(preadv2, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr, loff_t, pos,
		unsigned long, pos_high __unused,
		int, flags)
{
	if (pos == -1)
		return vector_at_pos(fd, false, uvec, nr, flags);
	return vector_at(fd, false, uvec, nr, pos, flags);
}

SYSCALL_DEFINE6(pwritev2, unsigned long, fd, const struct iovec __user *, uvec,
		unsigned long, nr, loff_t, pos,
		unsigned long, pos_high __unused,
		int, flags)
{
	if (pos == -1)
		return vector_at_pos(fd, true, uvec, nr, flags);
	return vector_at(fd, true, uvec, nr, pos, flags);
}

/* ---- from inside the kernel ---- */

ssize_t kernel_read(struct file *file, void *buf, size_t len, loff_t *pos)
{
	struct kvec kvec = { buf, min(len, MAX_RW_COUNT) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, kvec.len);
	return counted_read(file, &iter, pos);
}

ssize_t kernel_write(struct file *file, const void *buf, size_t len,
		     loff_t *pos)
{
	struct kvec kvec = { (void *)buf, min(len, MAX_RW_COUNT) };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &kvec, 1, kvec.len);
	return counted_write(file, &iter, pos);
}

int kernel_read_exact(struct file *file, void *buf, size_t len, loff_t pos)
{
	while (len) {
		ssize_t n = kernel_read(file, buf, len, &pos);

		if (n <= 0)
			return n ? n : -EIO;
		buf = (char *)buf + n;
		len -= n;
	}
	return 0;
}
