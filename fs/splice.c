/*
 * Data from file to file inside the kernel: sendfile(2), copy_file_range(2),
 * and with a pipe on one side, or on both: splice(2), tee(2), vmsplice(2).
 *
 * Between two files it goes through a small buffer, from one file's read_iter
 * to the other one's write_iter: two copies in memory, but no way to user
 * space and back. What was read and could not be written is not lost: the
 * position of the source advances by what has arrived.
 *
 * A pipe is a buffer already, with a process's name on it: it is what
 * splice(2) has in the place of ours, and there what could not be written
 * stays. See fs/pipe_splice.c; here are the rules for descriptors, offsets and
 * flags.
 *
 * Source: man 2 sendfile, copy_file_range, splice, tee, vmsplice.
 */
#include <fs/file.h>

#include <arch/current.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <fs/pipe.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>
#include <uapi/uio.h>

#include "internal.h"

#define BUFFER		(8UL * 1024)
#define MAX_COUNT	((size_t)(INT32_MAX & ~(PAGE_SIZE - 1)))

/* One piece. Return: bytes that arrived, 0 at the end, or errno. */
static ssize_t move_piece(struct file *in, loff_t *in_pos, struct file *out,
			  loff_t *out_pos, char *buf, size_t len)
{
	loff_t pos = *in_pos;
	struct kvec kvec = { buf, len };
	struct iov_iter iter;
	ssize_t got, put;

	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, len);
	got = vfs_iter_read(in, &iter, &pos, 0);
	if (got <= 0)
		return got;
	kvec.len = got;
	iov_iter_kvec(&iter, ITER_SOURCE, &kvec, 1, got);
	put = vfs_iter_write(out, &iter, out_pos, 0);
	if (put > 0)
		*in_pos = put == got ? pos : *in_pos + put;
	return put;
}

/* Return: bytes moved, or errno if none. Context: may sleep. */
static ssize_t move_data(struct file *in, loff_t *in_pos, struct file *out,
			 loff_t *out_pos, size_t count)
{
	char *buf = kmalloc(BUFFER, GFP_KERNEL);
	size_t done = 0;
	ssize_t n = 0;

	if (!buf)
		return -ENOMEM;
	while (done < count) {
		size_t want = min(count - done, BUFFER);

		n = move_piece(in, in_pos, out, out_pos, buf, want);
		if (n <= 0)
			break;
		done += n;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	kfree(buf);
	if (done)
		n = done;
	io_count_read(&current->io, n);
	io_count_write(&current->io, n);
	return n;
}

/*
 * Neither a pipe, nor what a descriptor was made for (eventfd, epoll, ...), nor
 * one whose ops refuse it: @direction is FOPS_NO_SPLICE_IN or _OUT.
 */
static int check_spliceable(const struct file *file, unsigned int direction)
{
	if (file->ops->flags & direction)
		return -EINVAL;
	switch (file->inode->mode & S_IFMT) {
	case S_IFREG:
	case S_IFBLK:
	case S_IFCHR:
	case S_IFSOCK:
		return 0;
	default:
		return -EINVAL;
	}
}

/* A pipe that is not to be waited for makes the call one that does not wait. */
static unsigned int pipe_flags(const struct file *file)
{
	return file->flags & O_NONBLOCK ? SPLICE_F_NONBLOCK : 0;
}

/* ---- sendfile ---- */

static int check_sendfile(const struct file *in, const struct file *out)
{
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (file_pipe(out))
		return check_spliceable(in, FOPS_NO_SPLICE_IN);
	/* The source has to be something with positions. */
	if (!(in->mode & FMODE_PREAD) || !(in->mode & FMODE_CAN_READ) ||
	    check_spliceable(in, FOPS_NO_SPLICE_IN) ||
	    check_spliceable(out, FOPS_NO_SPLICE_OUT))
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	return 0;
}

static ssize_t send_to_pipe(struct file *in, loff_t *pos, struct file *out,
			    size_t count)
{
	ssize_t n = pipe_from_file(file_pipe(out), in, pos, count,
				   pipe_flags(out));

	io_count_read(&current->io, n);
	io_count_write(&current->io, n);
	return n;
}

/* @offset NULL: the source's own position is used and moved. */
static ssize_t send_between(struct fd in, struct fd out, loff_t *offset,
			    size_t count)
{
	loff_t pos = offset ? *offset : in.file->pos;
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	count = min(count, MAX_COUNT);
	if (file_pipe(out.file))
		ret = send_to_pipe(in.file, &pos, out.file, count);
	else
		ret = move_data(in.file, &pos, out.file, &out.file->pos,
				count);
	if (offset)
		*offset = pos;
	else
		in.file->pos = pos;
	return ret;
}

static ssize_t do_sendfile(int out_fd, int in_fd, loff_t *offset, size_t count)
{
	struct fd in = fdget(in_fd), out;
	ssize_t ret = -EBADF;

	if (!in.file)
		return -EBADF;
	if (offset && !(in.file->mode & FMODE_PREAD)) {
		fdput(in);
		return -ESPIPE;
	}
	out = fdget(out_fd);
	if (out.file) {
		ret = check_sendfile(in.file, out.file);
		if (!ret)
			ret = send_between(in, out, offset, count);
		fdput(out);
	}
	fdput(in);
	return ret;
}

SYSCALL_DEFINE4(sendfile, int, out_fd, int, in_fd, loff_t __user *, user_offset,
		size_t, count)
{
	loff_t offset;
	ssize_t ret;

	if (!user_offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (get_user(offset, user_offset))
		return -EFAULT;
	ret = do_sendfile(out_fd, in_fd, &offset, count);
	if (put_user(offset, user_offset))
		return -EFAULT;
	return ret;
}

/* ---- copy_file_range ---- */

static int check_copy(const struct file *in, loff_t in_pos,
		      const struct file *out, loff_t out_pos, size_t count)
{
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE) ||
	    (out->flags & O_APPEND))
		return -EBADF;
	/* Who gets this copies by reading and writing, as cp(1) does. */
	if (in->inode->sb != out->inode->sb)
		return -EXDEV;
	if (in_pos < 0 || out_pos < 0 ||
	    count > (size_t)(INT64_MAX - max(in_pos, out_pos)))
		return -EOVERFLOW;
	/* The two ranges must not overlap. */
	if (in->inode == out->inode && in_pos < out_pos + (loff_t)count &&
	    out_pos < in_pos + (loff_t)count)
		return -EINVAL;
	return 0;
}

static ssize_t copy_between(struct file *in, loff_t *in_off, struct file *out,
			    loff_t *out_off, size_t count)
{
	loff_t in_pos = in_off ? *in_off : in->pos;
	loff_t out_pos = out_off ? *out_off : out->pos;
	ssize_t ret;

	count = min(count, MAX_COUNT);
	ret = check_copy(in, in_pos, out, out_pos, count);
	if (!ret && count)
		ret = move_data(in, &in_pos, out, &out_pos, count);
	if (ret <= 0)
		return ret;
	*(in_off ? in_off : &in->pos) = in_pos;
	*(out_off ? out_off : &out->pos) = out_pos;
	return ret;
}

SYSCALL_DEFINE6(copy_file_range, int, in_fd, loff_t __user *, user_in,
		int, out_fd, loff_t __user *, user_out, size_t, count,
		unsigned int, flags)
{
	loff_t in_off = 0, out_off = 0;
	struct fd in, out;
	ssize_t ret = -EBADF;

	in = fdget(in_fd);
	if (!in.file)
		return ret;
	out = fdget(out_fd);
	if (!out.file)
		goto put_in;
	ret = -EFAULT;
	if ((user_in && get_user(in_off, user_in)) ||
	    (user_out && get_user(out_off, user_out)))
		goto put_out;
	ret = -EINVAL;
	if (flags)
		goto put_out;
	ret = copy_between(in.file, user_in ? &in_off : NULL,
			   out.file, user_out ? &out_off : NULL, count);
	if ((user_in && put_user(in_off, user_in)) ||
	    (user_out && put_user(out_off, user_out)))
		ret = -EFAULT;
put_out:
	fdput(out);
put_in:
	fdput(in);
	return ret;
}

/* ---- splice ---- */

#define SPLICE_F_ALL	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | \
			 SPLICE_F_GIFT)

/* @offset NULL: the file's own position is used and moved. */
static ssize_t splice_out(struct file *in, struct file *out, loff_t *offset,
			  size_t len, unsigned int flags)
{
	loff_t pos = offset ? *offset : out->pos;
	ssize_t ret;

	if (offset && !(out->mode & FMODE_PWRITE))
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	if (pos < 0 && !(out->mode & FMODE_STREAM))
		return -EINVAL;
	ret = check_spliceable(out, FOPS_NO_SPLICE_OUT);
	if (ret)
		return ret;
	ret = pipe_to_file(file_pipe(in), out, &pos, len,
			   flags | pipe_flags(in));
	*(offset ? offset : &out->pos) = pos;
	return ret;
}

static ssize_t splice_in(struct file *in, loff_t *offset, struct file *out,
			 size_t len, unsigned int flags)
{
	loff_t pos = offset ? *offset : in->pos;
	ssize_t ret;

	if (offset && !(in->mode & FMODE_PREAD))
		return -EINVAL;
	ret = check_spliceable(in, FOPS_NO_SPLICE_IN);
	if (ret)
		return ret;
	ret = pipe_from_file(file_pipe(out), in, &pos, len,
			     flags | pipe_flags(out));
	*(offset ? offset : &in->pos) = pos;
	return ret;
}

static ssize_t splice_files(struct file *in, loff_t *in_off, struct file *out,
			    loff_t *out_off, size_t len, unsigned int flags)
{
	struct pipe *in_pipe = file_pipe(in), *out_pipe = file_pipe(out);

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (in_pipe && out_pipe)
		return in_pipe == out_pipe ? -EINVAL :
		       pipe_to_pipe(in_pipe, out_pipe, len, flags |
				    pipe_flags(in) | pipe_flags(out));
	len = min(len, MAX_COUNT);
	if (in_pipe)
		return splice_out(in, out, out_off, len, flags);
	if (out_pipe)
		return splice_in(in, in_off, out, len, flags);
	return -EINVAL;
}

/* The offsets come from the user, and go back if something was moved. */
static ssize_t do_splice(struct file *in, loff_t __user *user_in,
			 struct file *out, loff_t __user *user_out,
			 size_t len, unsigned int flags)
{
	loff_t in_off, out_off;
	ssize_t ret;

	if ((user_in && file_pipe(in)) || (user_out && file_pipe(out)))
		return -ESPIPE;
	if ((user_out && get_user(out_off, user_out)) ||
	    (user_in && get_user(in_off, user_in)))
		return -EFAULT;
	ret = splice_files(in, user_in ? &in_off : NULL,
			   out, user_out ? &out_off : NULL, len, flags);
	if (ret < 0)
		return ret;
	if ((user_out && put_user(out_off, user_out)) ||
	    (user_in && put_user(in_off, user_in)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE6(splice, int, in_fd, loff_t __user *, user_in,
		int, out_fd, loff_t __user *, user_out, size_t, len,
		unsigned int, flags)
{
	struct fd in, out;
	ssize_t ret = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fdget(in_fd);
	if (!in.file)
		return -EBADF;
	out = fdget(out_fd);
	if (out.file) {
		ret = do_splice(in.file, user_in, out.file, user_out, len,
				flags);
		fdput(out);
	}
	fdput(in);
	return ret;
}

static ssize_t do_tee(struct file *in, struct file *out, size_t len,
		      unsigned int flags)
{
	struct pipe *in_pipe = file_pipe(in), *out_pipe = file_pipe(out);

	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!in_pipe || !out_pipe || in_pipe == out_pipe)
		return -EINVAL;
	return pipe_tee(in_pipe, out_pipe, len,
			flags | pipe_flags(in) | pipe_flags(out));
}

SYSCALL_DEFINE4(tee, int, in_fd, int, out_fd, size_t, len, unsigned int, flags)
{
	struct fd in, out;
	ssize_t ret = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fdget(in_fd);
	if (!in.file)
		return -EBADF;
	out = fdget(out_fd);
	if (out.file) {
		ret = do_tee(in.file, out.file, len, flags);
		fdput(out);
	}
	fdput(in);
	return ret;
}

/* Which end it is says in which direction. */
static ssize_t do_vmsplice(struct file *file, const struct iovec __user *uvec,
			   unsigned long nr, unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	bool into = file->mode & FMODE_WRITE;
	struct pipe *pipe = file_pipe(file);
	struct iov_iter iter;
	ssize_t ret;

	if (!(file->mode & (FMODE_READ | FMODE_WRITE)))
		return -EBADF;
	ret = import_iovec(into, uvec, nr, UIO_FASTIOV, &iov, &iter);
	if (ret < 0)
		return ret;
	if (!ret)
		goto free_iov;
	if (!pipe)
		ret = -EBADF;
	else if (into)
		ret = pipe_from_memory(pipe, &iter, flags);
	else
		ret = pipe_to_memory(pipe, &iter, flags);
free_iov:
	kfree(iov);
	return ret;
}

SYSCALL_DEFINE4(vmsplice, int, fd, const struct iovec __user *, uvec,
		unsigned long, nr, unsigned int, flags)
{
	struct fd f;
	ssize_t ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	ret = do_vmsplice(f.file, uvec, nr, flags);
	fdput(f);
	return ret;
}
