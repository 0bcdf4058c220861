/*
 * /proc/<pid>/maps: the areas of an address space, a line each; and the walk
 * over areas that smaps shares.
 *
 * The place between two reads is an address, not a number of areas: a reader
 * goes on with the first area that ends behind it, whatever was mapped and
 * unmapped meanwhile. mmap_lock is held for reading from start to stop.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <kernel/ptrace.h>
#include <mm/vma.h>

#define NAME_COLUMN	72	/* the name begins behind it */

/* For open ops. Return: 0, -ESRCH, -EACCES, -ENOMEM. */
int maps_open(struct inode *inode, struct file *file,
	      const struct seq_ops *ops)
{
	struct mm *mm = inode_mm_open(inode, PTRACE_MODE_READ);
	int err;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = seq_open(file, ops, mm);
	if (err && mm)
		mmdrop(mm);
	return err;
}

int maps_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private;

	if (m->private)
		mmdrop(m->private);
	return seq_release(inode, file);
}

/* The start op; what it takes, maps_stop() gives back if @record is set. */
void *__no_lock_check maps_start(struct seq_file *m, loff_t *pos)
{
	struct mm *mm = m->private;
	struct vma *vma;

	if (!mm || !mmget_not_zero(mm))
		return NULL;
	mmap_read_lock(mm);
	vma = find_vma(mm, *pos);
	if (vma)
		return vma;
	mmap_read_unlock(mm);
	mmput(mm);
	return NULL;
}

/*
 * The next op. At the end there is no area to return, but the locks are still
 * held: they are dropped here.
 */
void *maps_next(struct seq_file *m, void *record, loff_t *pos)
{
	struct vma *vma = vma_next(record);

	if (vma) {
		*pos = vma->start;
		return vma;
	}
	*pos = TASK_SIZE;
	maps_stop(m, record);
	return NULL;
}

void __no_lock_check maps_stop(struct seq_file *m, void *record)
{
	struct mm *mm = m->private;

	if (!record)
		return;
	mmap_read_unlock(mm);
	mmput(mm);
}

/* "[heap]" and so on, for areas without a file. */
static const char *area_name(const struct vma *vma)
{
	const struct mm *mm = vma->mm;

	if (vma->ops && vma->ops->name)
		return vma->ops->name(vma);
	if (vma->start <= mm->brk && vma->end >= mm->start_brk)
		return "[heap]";
	if (vma->start <= mm->start_stack && vma->end >= mm->start_stack)
		return "[stack]";
	return NULL;
}

/* The line of one area. Locking: its mmap_lock for reading. */
int maps_show_area(struct seq_file *m, const struct vma *vma)
{
	const struct inode *inode = vma->file ? vma->file->inode : NULL;
	unsigned int major = inode ? MAJOR(inode->sb->dev) : 0;
	unsigned int minor = inode ? MINOR(inode->sb->dev) : 0;
	unsigned long offset = inode ? vma->pgoff << PAGE_SHIFT : 0;
	const char *name;

	seq_printf(m, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", vma->start,
		   vma->end, vma->flags & VM_READ ? 'r' : '-',
		   vma->flags & VM_WRITE ? 'w' : '-',
		   vma->flags & VM_EXEC ? 'x' : '-',
		   vma->flags & VM_MAYSHARE ? 's' : 'p', offset, major, minor,
		   inode ? (unsigned long)inode->ino : 0UL);
	name = vma->file ? NULL : area_name(vma);
	if (vma->file || name) {
		seq_pad(m, NAME_COLUMN);
		seq_putc(m, ' ');
	}
	if (vma->file)
		seq_path(m, &vma->file->path, "\n");
	else if (name)
		seq_puts(m, name);
	seq_putc(m, '\n');
	return 0;
}

static int show(struct seq_file *m, void *record)
{
	return maps_show_area(m, record);
}

static const struct seq_ops maps_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = show,
};

static int open(struct inode *inode, struct file *file)
{
	return maps_open(inode, file, &maps_ops);
}

const struct file_ops task_maps_fops = {
	.open = open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = maps_release,
	.flags = FOPS_NO_SPLICE_IN,
};
