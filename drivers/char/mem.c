/*
 * The memory devices, major 1: null, zero and full; and the table, with random,
 * urandom (random.c) and kmsg (kmsg.c), too.
 *
 * None has a state of its own, so none has a lock: each is a few functions
 * that move bytes, and the shortest way through the VFS there is. Read
 * null_write() first if you want to see what a driver is.
 *
 * Source: man 4 null, full.
 */
#include <drivers/char/mem.h>

#include <arch/current.h>
#include <fs/char_dev.h>
#include <fs/devtmpfs/devtmpfs.h>
#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/tmpfs/tmpfs.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <mm/page_cache.h>
#include <mm/vma.h>
#include <uapi/major.h>

/* Between looks at signals and at who else wants the CPU. */
#define CHUNK	4096

static loff_t null_llseek(struct file *file, loff_t offset __unused,
			  int whence __unused)
{
	return file->pos = 0;
}

/* ---- null ------------------------------------------------------------- */

static ssize_t null_read(struct kiocb *iocb __unused,
			 struct iov_iter *to __unused)
{
	return 0;
}

static ssize_t null_write(struct kiocb *iocb __unused, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);

	iov_iter_advance(from, len);
	return len;
}

static const struct file_ops null_ops = {
	.llseek = null_llseek,
	.read_iter = null_read,
	.write_iter = null_write,
	.flags = FOPS_NO_SPLICE_IN,
};

/* ---- zero and full ----------------------------------------------------- */

static ssize_t zero_read(struct kiocb *iocb __unused, struct iov_iter *to)
{
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t want = min_t(size_t, iov_iter_count(to), CHUNK);
		size_t n = iov_iter_zero(want, to);

		done += n;
		if (n < want)
			return done ? done : -EFAULT;
		if (!iov_iter_count(to))
			break;
		if (signal_pending(current))
			return done;
		cond_resched();
	}
	return done;
}

/* Private: plain anonymous memory. Shared: like a file of zeros. */
static int zero_mmap(struct file *file __unused, struct vma *vma)
{
	struct file *shared;

	if (!vma_is_shared(vma))
		return 0;	/* without ops it is anonymous */
	shared = shmem_file_setup("dev/zero", vma->end - vma->start,
				  vma->flags);
	if (IS_ERR(shared))
		return PTR_ERR(shared);
	fput(vma->file);
	vma->file = shared;
	return generic_file_mmap(shared, vma);
}

static const struct file_ops zero_ops = {
	.llseek = null_llseek,
	.read_iter = zero_read,
	.write_iter = null_write,
	.mmap = zero_mmap,
	.flags = FOPS_NO_SPLICE,
};

static ssize_t full_write(struct kiocb *iocb __unused, struct iov_iter *from)
{
	return iov_iter_count(from) ? -ENOSPC : 0;
}

static const struct file_ops full_ops = {
	.llseek = null_llseek,
	.read_iter = zero_read,
	.write_iter = full_write,
	.flags = FOPS_NO_SPLICE,
};

/* ---- the table ---------------------------------------------------------- */

static const struct {
	unsigned int		minor;
	const char		*name;
	const struct file_ops	*ops;
	mode_t			mode;
} mem_devices[] = {
	{ 3, "null", &null_ops, 0666 },
	{ 5, "zero", &zero_ops, 0666 },
	{ 7, "full", &full_ops, 0666 },
	{ 8, "random", &random_ops, 0666 },
	{ 9, "urandom", &urandom_ops, 0666 },
	{ 11, "kmsg", &kmsg_ops, 0644 },
};

/* Before: the VFS, devtmpfs. */
void __init mem_devices_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mem_devices); i++) {
		unsigned int minor = mem_devices[i].minor;

		if (register_chrdev(MEM_MAJOR, minor, 1, "mem",
				    mem_devices[i].ops, NULL))
			panic("mem: cannot register %s", mem_devices[i].name);
		devtmpfs_create_node(mem_devices[i].name,
				     S_IFCHR | mem_devices[i].mode,
				     MKDEV(MEM_MAJOR, minor));
	}
}
