/*
 * Data from file to file inside the kernel: sendfile(2), copy_file_range(2).
 *
 * It goes through a small buffer, from one file's read_iter to the other one's
 * write_iter: two copies in memory, but no way to user space and back. What
 * was read and could not be written is not lost: the position of the source
 * advances by what has arrived.
 */
#include <fs/file.h>

#include <arch/current.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

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

/* ---- sendfile ---- */

static int check_sendfile(const struct file *in, const struct file *out)
{
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE))
		return -EBADF;
	/* The source has to be something with positions. */
	if (!(in->mode & FMODE_PREAD) || !(in->mode & FMODE_CAN_READ) ||
	    S_ISFIFO(in->inode->mode) || S_ISCHR(in->inode->mode))
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	return 0;
}

/* @offset NULL: the source's own position is used and moved. */
static ssize_t send_between(struct fd in, struct fd out, loff_t *offset,
			    size_t count)
{
	loff_t pos = offset ? *offset : in.file->pos;
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	ret = move_data(in.file, &pos, out.file, &out.file->pos,
			min(count, MAX_COUNT));
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
