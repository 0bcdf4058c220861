/*
 * /proc/version, cmdline, filesystems, devices, partitions, kmsg: what this
 * kernel is, what it knows, and what it says.
 *
 * kmsg is the kernel log for a log daemon. What is read is taken off, and a
 * reader waits for more, as with syslog(2)'s READ, with which it shares its
 * place. /dev/kmsg has a place for each reader.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <fs/char_dev.h>
#include <fs/file.h>
#include <fs/filesystems.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sys.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <uapi/utsname.h>

static int version_show(struct seq_file *m, void *v __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s version %s (keel@keel) (gcc %s) %s\n", uts.sysname,
		   uts.release, __VERSION__, uts.version);
	return 0;
}

static int cmdline_show(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%s\n", command_line());
	return 0;
}

static int filesystems_show(struct seq_file *m, void *v __unused)
{
	const struct file_system_type *type;

	for (unsigned int i = 0; (type = file_system_at(i)); i++)
		if (!(type->flags & FS_NOMOUNT))
			seq_printf(m, "%s\t%s\n",
				   type->flags & FS_REQUIRES_DEV ? "" : "nodev",
				   type->name);
	return 0;
}

struct device_list {
	struct seq_file	*m;
	unsigned int	major;		/* of the line before */
	const char	*name;
};

/* Ranges of one driver below one major number make one line. */
static int show_device(const struct char_dev *dev, void *arg)
{
	struct device_list *list = arg;
	unsigned int major = MAJOR(dev->first);

	if (list->name && list->major == major &&
	    strcmp(list->name, dev->name) == 0)
		return 0;
	seq_printf(list->m, "%3u %s\n", major, dev->name);
	list->major = major;
	list->name = dev->name;
	return 0;
}

static int devices_show(struct seq_file *m, void *v __unused)
{
	struct device_list list = { .m = m };

	seq_puts(m, "Character devices:\n");
	char_devs_for_each(show_device, &list);
	seq_puts(m, "\nBlock devices:\n");
	return 0;
}

/* The header comes with the first disk, and there is none. */
static int partitions_show(struct seq_file *m __unused, void *v __unused)
{
	return 0;
}

static const struct pseudo_file files[] = {
	{ .name = "version", .mode = 0444, .show = version_show },
	{ .name = "cmdline", .mode = 0444, .show = cmdline_show },
	{ .name = "filesystems", .mode = 0444, .show = filesystems_show },
	{ .name = "devices", .mode = 0444, .show = devices_show },
	{ .name = "partitions", .mode = 0444, .show = partitions_show },
};

void __init proc_system_init(void)
{
	pseudo_add_all(&proc_root, files, ARRAY_SIZE(files));
}

/* ---- kmsg ---- */

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
	.flags = FOPS_NO_SPLICE_IN,
};

static const struct pseudo_file kmsg = {
	.name = "kmsg", .mode = 0400, .fops = &kmsg_fops,
};

void __init proc_kmsg_init(void)
{
	pseudo_add_all(&proc_root, &kmsg, 1);
}
