/*
 * /proc/sys: from tables to files.
 *
 * Permissions differ from other files': the mode bits bind root as well, so
 * that a value that can only be written, or only be read, is that for
 * everybody.
 *
 * Source: man 5 proc, /proc/sys; Linux, Documentation/admin-guide/sysctl.
 */
#include "sysctl.h"

#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/seq_file.h>
#include <keel/bug.h>
#include <kernel/cred.h>
#include <lib/parse.h>
#include <mm/slab.h>

#include "internal.h"

#define TEXT_MAX	PAGE_SIZE	/* of what is written */

/* ---- handlers ---- */

int sysctl_show_int(struct seq_file *m, const struct sysctl *ctl)
{
	seq_printf(m, "%d\n", READ_ONCE(*(const int *)ctl->data));
	return 0;
}

int sysctl_store_int(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err || value < ctl->min || value > ctl->max)
		return -EINVAL;
	WRITE_ONCE(*(int *)ctl->data, value);
	return 0;
}

int sysctl_show_ulong(struct seq_file *m, const struct sysctl *ctl)
{
	seq_printf(m, "%lu\n", READ_ONCE(*(const unsigned long *)ctl->data));
	return 0;
}

int sysctl_store_ulong(const struct sysctl *ctl, char *text)
{
	unsigned long value;
	int err = kstrtoul(text, 0, &value);

	if (err || value < (unsigned long)ctl->min ||
	    value > (unsigned long)ctl->max)
		return -EINVAL;
	WRITE_ONCE(*(unsigned long *)ctl->data, value);
	return 0;
}

int sysctl_show_bool(struct seq_file *m, const struct sysctl *ctl)
{
	seq_printf(m, "%d\n", READ_ONCE(*(const bool *)ctl->data));
	return 0;
}

int sysctl_store_bool(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err || value < 0 || value > 1)
		return -EINVAL;
	WRITE_ONCE(*(bool *)ctl->data, value);
	return 0;
}

int sysctl_show_constant(struct seq_file *m, const struct sysctl *ctl)
{
	seq_printf(m, "%ld\n", ctl->min);
	return 0;
}

/* ---- files ---- */

static int show(struct seq_file *m, void *v __unused)
{
	const struct sysctl *ctl = m->private;

	return ctl->show(m, ctl);
}

static int sysctl_open(struct inode *inode, struct file *file)
{
	return single_open(file, show, pseudo_private(inode));
}

static void cut_space_at_end(char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ' ||
			   text[len - 1] == '\t'))
		len--;
	text[len] = '\0';
}

/*
 * A value is written in one piece, at the beginning; what a program writes
 * after that is taken for the rest of a text already dealt with, as on Linux.
 */
static ssize_t sysctl_write(struct kiocb *iocb, struct iov_iter *from)
{
	const struct sysctl *ctl = pseudo_private(iocb->file->inode);
	size_t len = iov_iter_count(from);
	char *text;
	int err;

	if (!ctl->store)
		return -EPERM;
	if (len >= TEXT_MAX)
		return -EINVAL;
	if (iocb->pos == 0 && len > 0) {
		text = kmalloc(len + 1, GFP_KERNEL);
		if (!text)
			return -ENOMEM;
		err = -EFAULT;
		if (copy_from_iter_full(text, len, from)) {
			cut_space_at_end(text, len);
			err = ctl->store(ctl, text);
		}
		kfree(text);
		if (err)
			return err;
	}
	iocb->pos += len;
	return len;
}

static const struct file_ops sysctl_fops = {
	.open = sysctl_open,
	.read_iter = seq_read_iter,
	.write_iter = sysctl_write,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* All of them are root's. */
static int sysctl_permission(struct inode *inode, int mask)
{
	unsigned int mode = inode->mode;

	if (current_euid() == 0)
		mode >>= 6;
	else if (in_group_p(0))
		mode >>= 3;
	return mask & ~mode & (MAY_READ | MAY_WRITE | MAY_EXEC) ? -EACCES : 0;
}

static const struct inode_ops sysctl_iops = {
	.permission = sysctl_permission,
	.setattr = pseudo_setattr,
};

/* ---- the tree ---- */

static void __init add_one(struct pseudo_entry *dir, const struct sysctl *ctl)
{
	struct pseudo_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (file)
		*file = (struct pseudo_file){
			.name = ctl->name, .mode = ctl->mode,
			.fops = &sysctl_fops, .iops = &sysctl_iops,
		};
	if (!file || !pseudo_add(dir, file, (void *)ctl))
		panic("no memory for /proc/sys");
}

static void __init add_dirs(struct pseudo_entry *parent,
			    const struct sysctl_dir *dirs)
{
	for (; dirs->name; dirs++) {
		struct pseudo_entry *dir = pseudo_mkdir(parent, dirs->name);

		if (!dir)
			panic("no memory for /proc/sys");
		for (unsigned int i = 0; i < dirs->nr; i++)
			add_one(dir, &dirs->table[i]);
		if (dirs->subdirs)
			add_dirs(dir, dirs->subdirs);
	}
}

void __init proc_sys_init(void)
{
	struct pseudo_entry *sys = pseudo_mkdir(&proc_root, "sys");

	if (!sys)
		panic("no memory for /proc/sys");
	sys->fixed = true;
	add_dirs(sys, sysctl_dirs);
}
