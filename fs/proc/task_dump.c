/*
 * /proc/<pid>/coredump_filter: which kinds of memory a core dump of the
 * process would have (man 5 core).
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/seq_file.h>
#include <lib/parse.h>
#include <mm/mm.h>

static int show(struct seq_file *m, void *v __unused)
{
	struct task *task = inode_task(m->private);
	struct mm *mm;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	task_put(task);
	if (!mm)
		return 0;
	seq_printf(m, "%08x\n", READ_ONCE(mm->dump_filter));
	mmput(mm);
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode);
}

/* Bits that mean nothing are dropped. */
static ssize_t write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct task *task;
	char text[16] = {};
	struct mm *mm;
	unsigned int filter;
	int err;

	if (!copy_from_iter_full(text, min(len, sizeof(text) - 1), from))
		return -EFAULT;
	err = kstrtouint(text, 0, &filter);
	if (err)
		return err;
	task = inode_task(iocb->file->inode);
	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	task_put(task);
	if (!mm)
		return -ESRCH;
	WRITE_ONCE(mm->dump_filter, filter & COREDUMP_ALL);
	mmput(mm);
	return len;
}

const struct file_ops task_coredump_filter_fops = {
	.open = open,
	.read_iter = seq_read_iter,
	.write_iter = write,
	.llseek = seq_lseek,
	.release = seq_release,
};
