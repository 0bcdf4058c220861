/*
 * /proc/kmsg: the kernel log for a log daemon. What is read is taken off, and
 * a reader waits for more, as with syslog(2)'s READ, with which it shares its
 * place. /dev/kmsg has a place for each reader.
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/printk.h>
#include <kernel/wait.h>
#include <mm/slab.h>

#define CHUNK	4096

static int kmsg_open(struct inode *inode __unused, struct file *file __unused)
{
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static ssize_t kmsg_read(struct kiocb *iocb, struct iov_iter *to)
{
	size_t size = min_t(size_t, iov_iter_count(to), CHUNK);
	ssize_t n = 0;
	char *buf;

	if (size == 0)
		return 0;
	buf = kmalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	while (n == 0) {
		if (!log_can_take() && (iocb->file->flags & O_NONBLOCK))
			n = -EAGAIN;
		else
			n = wait_event_interruptible(&log_wait,
						     log_can_take());
		if (n == 0)	/* and another reader may be quicker */
			n = log_take(buf, size);
	}
	if (n > 0 && copy_to_iter(buf, n, to) != (size_t)n)
		n = -EFAULT;
	kfree(buf);
	return n;
}

static unsigned int kmsg_poll(struct file *file, struct poll_table *pt)
{
	poll_wait(file, &log_wait, pt);
	return log_can_take() ? POLLIN | POLLRDNORM : 0;
}

static const struct file_ops kmsg_fops = {
	.open = kmsg_open,
	.read_iter = kmsg_read,
	.poll = kmsg_poll,
	.llseek = generic_file_llseek,
};

static const struct pseudo_file kmsg = {
	.name = "kmsg", .mode = 0400, .fops = &kmsg_fops,
};

void __init proc_kmsg_init(void)
{
	pseudo_add_all(&proc_root, &kmsg, 1);
}
