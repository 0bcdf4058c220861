/*
 * What a task has in its memory: mem, environ, auxv, cmdline.
 *
 * Opening finds the address space and asks whether the opener may look into
 * it; from then on the file is about that address space, whatever its task
 * executes later. It keeps the struct (mmgrab()), not the memory: each read
 * takes a user reference, and finds nothing once the last task has left. So an
 * open file does not hold a dead process's pages.
 */
#include "internal.h"

#include <fs/iov_iter.h>
#include <fs/libfs.h>
#include <kernel/ptrace.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>

/*
 * The address space of @inode's task, for file->private; mmdrop() it.
 *
 * Return: NULL if the task has none; ERR_PTR(-ESRCH): no task; -EACCES.
 */
struct mm *inode_mm_open(const struct inode *inode, unsigned int ptrace_mode)
{
	struct task *task = inode_task(inode);
	struct mm *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = mm_access(task, ptrace_mode | PTRACE_MODE_FSCREDS);
	task_put(task);
	if (!IS_ERR_OR_NULL(mm)) {
		mmgrab(mm);
		mmput(mm);
	}
	return mm;
}

int mm_file_release(struct inode *inode __unused, struct file *file)
{
	if (file->private)
		mmdrop(file->private);
	return 0;
}

static int open_as(struct inode *inode, struct file *file,
		   unsigned int ptrace_mode)
{
	struct mm *mm = inode_mm_open(inode, ptrace_mode);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	file->private = mm;
	return 0;
}

static int mem_open(struct inode *inode, struct file *file)
{
	return open_as(inode, file, PTRACE_MODE_ATTACH);
}

static int read_open(struct inode *inode, struct file *file)
{
	return open_as(inode, file, PTRACE_MODE_READ);
}

/* A page for what goes between two address spaces. */
#define CHUNK	PAGE_SIZE

/*
 * Copy [addr, addr + len) of @mm to @to. Locking: a user reference to @mm.
 * Return: bytes copied, short at the first page that is not there; -ENOMEM;
 * -EFAULT, if @to is the reason for nothing at all.
 */
static ssize_t copy_from_mm(struct mm *mm, unsigned long addr, size_t len,
			    struct iov_iter *to)
{
	char *page = get_free_page(GFP_KERNEL);
	size_t done = 0;
	ssize_t err = 0;

	if (!page)
		return -ENOMEM;
	while (done < len && iov_iter_count(to)) {
		size_t n = min(min(len - done, CHUNK), iov_iter_count(to));
		size_t got = access_remote_vm(mm, addr + done, page, n, false,
					      true);

		if (!got)
			break;
		n = copy_to_iter(page, got, to);
		done += n;
		if (n < got) {
			err = -EFAULT;
			break;
		}
	}
	free_page(page);
	return done ? (ssize_t)done : err;
}

/* ---- mem ---- */

/* Offsets are addresses; there is no end to count from. */
static loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

static ssize_t mem_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct mm *mm = iocb->file->private;
	ssize_t n;

	if (!mm || !iov_iter_count(to) || !mmget_not_zero(mm))
		return 0;
	n = copy_from_mm(mm, iocb->pos, iov_iter_count(to), to);
	mmput(mm);
	if (n > 0)
		iocb->pos += n;
	return n ? n : -EIO;
}

static ssize_t mem_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct mm *mm = iocb->file->private;
	ssize_t done = 0;
	char *page;

	if (!mm || !iov_iter_count(from))
		return 0;
	page = get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	if (!mmget_not_zero(mm))
		goto free;
	while (iov_iter_count(from)) {
		size_t n = copy_from_iter(page, CHUNK, from);
		size_t put = access_remote_vm(mm, iocb->pos + done, page, n,
					      true, true);

		done += put;
		if (!n || put < n) {
			if (!done)
				done = n ? -EIO : -EFAULT;
			break;
		}
	}
	mmput(mm);
	if (done > 0)
		iocb->pos += done;
free:
	free_page(page);
	return done;
}

const struct file_ops task_mem_fops = {
	.open = mem_open,
	.read_iter = mem_read,
	.write_iter = mem_write,
	.llseek = mem_llseek,
	.release = mm_file_release,
	.flags = FOPS_NO_SPLICE,
};

/* ---- environ and auxv ---- */

static ssize_t environ_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct mm *mm = iocb->file->private;
	unsigned long start, end;
	ssize_t n = 0;

	if (!mm || !mmget_not_zero(mm))
		return 0;
	mmap_read_lock(mm);
	start = mm->env_start;
	end = mm->env_end;
	mmap_read_unlock(mm);
	if (end > start && (unsigned long)iocb->pos < end - start)
		n = copy_from_mm(mm, start + iocb->pos,
				 end - start - iocb->pos, to);
	mmput(mm);
	if (n > 0)
		iocb->pos += n;
	return n;
}

const struct file_ops task_environ_fops = {
	.open = read_open,
	.read_iter = environ_read,
	.llseek = mem_llseek,
	.release = mm_file_release,
	.flags = FOPS_NO_SPLICE_IN,
};

/* The pairs up to and with AT_NULL. It stays readable after the exit. */
static ssize_t auxv_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct mm *mm = iocb->file->private;
	unsigned int n = 0;

	if (!mm)
		return 0;
	do
		n += 2;
	while (n < AT_VECTOR_LONGS && mm->saved_auxv[n - 2]);
	return simple_read_from_buffer(iocb, to, mm->saved_auxv,
				       n * sizeof(long));
}

const struct file_ops task_auxv_fops = {
	.open = read_open,
	.read_iter = auxv_read,
	.llseek = generic_file_llseek,
	.release = mm_file_release,
	.flags = FOPS_NO_SPLICE_IN,
};

/* ---- cmdline ---- */

/*
 * A program that shows a title of its own has overwritten its arguments, and
 * perhaps the environment behind them: then the last byte of the arguments is
 * no end of a string, and the title goes on up to the first one.
 */
static size_t title_len(struct mm *mm, unsigned long start, char *page)
{
	size_t got = access_remote_vm(mm, start, page, PAGE_SIZE, false, true);
	size_t len = strnlen(page, got);

	return len < got ? len + 1 : len;
}

static ssize_t read_cmdline(struct mm *mm, loff_t pos, struct iov_iter *to,
			    char *page)
{
	unsigned long start, end;
	char last;
	size_t len;

	mmap_read_lock(mm);
	start = mm->arg_start;
	end = mm->arg_end;
	mmap_read_unlock(mm);
	if (end <= start)
		return 0;
	len = end - start;
	if (access_remote_vm(mm, end - 1, &last, 1, false, true) != 1)
		return 0;
	if (last)
		len = title_len(mm, start, page);
	if ((unsigned long)pos >= len)
		return 0;
	return copy_from_mm(mm, start + pos, len - pos, to);
}

/* Everybody may see it, so there is nothing to keep open. */
static ssize_t cmdline_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct task *task = inode_task(iocb->file->inode);
	char *page = get_free_page(GFP_KERNEL);
	struct mm *mm = NULL;
	ssize_t n = 0;

	if (task) {
		mm = get_task_mm(task);
		task_put(task);
	} else {
		n = -ESRCH;
	}
	if (mm) {
		n = page ? read_cmdline(mm, iocb->pos, to, page) : -ENOMEM;
		mmput(mm);
	}
	free_page(page);
	if (n > 0)
		iocb->pos += n;
	return n;
}

const struct file_ops task_cmdline_fops = {
	.read_iter = cmdline_read,
	.llseek = generic_file_llseek,
	.flags = FOPS_NO_SPLICE_IN,
};
