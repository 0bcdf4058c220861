/*
 * lseek(2), and the positions files can take.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <kernel/syscall.h>

#include "internal.h"

static loff_t set_pos(struct file *file, loff_t pos, loff_t max)
{
	if (pos < 0 || pos > max)
		return -EINVAL;
	if (file->pos != pos)
		file->pos = pos;
	return pos;
}

/* @offset from @base, if that is a position at all. */
static loff_t seek_from(struct file *file, loff_t base, loff_t offset,
			loff_t max)
{
	loff_t pos;

	if (__builtin_add_overflow(base, offset, &pos))
		return -EINVAL;
	return set_pos(file, pos, max);
}

/*
 * Positions from 0 to @max, the end at @eof, no holes but the one behind it.
 *
 * Locking: pos_lock, if the file is shared.
 * Return: the new position; -EINVAL; -ENXIO (SEEK_DATA and _HOLE beyond).
 */
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t max, loff_t eof)
{
	switch (whence) {
	case SEEK_SET:
		return set_pos(file, offset, max);
	case SEEK_CUR:
		if (!offset)
			return file->pos;
		return seek_from(file, file->pos, offset, max);
	case SEEK_END:
		return seek_from(file, eof, offset, max);
	case SEEK_DATA:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		return set_pos(file, offset, max);
	case SEEK_HOLE:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		return set_pos(file, eof, max);
	default:
		return -EINVAL;
	}
}

loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence,
					file->inode->sb->max_bytes,
					inode_size(file->inode));
}

/* A device of @size bytes. */
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence,
			 loff_t size)
{
	if (whence > SEEK_END)
		return -EINVAL;
	return generic_file_llseek_size(file, offset, whence, size, size);
}

/* Seeking succeeds and changes nothing. */
loff_t noop_llseek(struct file *file, loff_t offset __unused,
		   int whence __unused)
{
	return file->pos;
}

loff_t no_llseek(struct file *file __unused, loff_t offset __unused,
		 int whence __unused)
{
	return -ESPIPE;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->mode & FMODE_LSEEK))
		return -ESPIPE;
	return file->ops->llseek(file, offset, whence);
}

SYSCALL_DEFINE3(lseek, unsigned int, fd, loff_t, offset, unsigned int, whence)
{
	struct fd f = fdget_pos(fd);
	loff_t ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (whence <= SEEK_MAX)
		ret = vfs_llseek(f.file, offset, whence);
	fdput_pos(f);
	return ret;
}
