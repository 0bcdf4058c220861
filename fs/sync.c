/*
 * sync(2), fsync(2) and their relatives; advice about future reads.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <kernel/syscall.h>
#include <mm/page_cache.h>
#include <uapi/fcntl.h>

#include "internal.h"

/* 0; -EINVAL for files that cannot be synced; the file system's errors. */
int vfs_fsync(struct file *file, bool data_only)
{
	if (!file->ops->fsync)
		return -EINVAL;
	return file->ops->fsync(file, 0, INT64_MAX, data_only);
}

static long do_fsync(unsigned int fd, bool data_only)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = vfs_fsync(f.file, data_only);
	fdput(f);
	return ret;
}

SYSCALL_DEFINE1(fsync, unsigned int, fd)
{
	return do_fsync(fd, false);
}

SYSCALL_DEFINE1(fdatasync, unsigned int, fd)
{
	return do_fsync(fd, true);
}

SYSCALL_DEFINE0(sync)
{
	sync_filesystems(false);
	sync_filesystems(true);
	return 0;
}

SYSCALL_DEFINE1(syncfs, int, fd)
{
	struct fd f = fdget(fd);
	struct super_block *sb;
	int err;

	if (!f.file)
		return -EBADF;
	sb = f.file->path.dentry->sb;
	down_read(&sb->umount);
	err = super_sync(sb, true);
	up_read(&sb->umount);
	fdput(f);
	return err;
}

SYSCALL_DEFINE4(sync_file_range, int, fd, loff_t, offset, loff_t, len,
		unsigned int, flags)
{
	struct fd f;
	int err;

	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	err = -EINVAL;
	if (flags & ~(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		      SYNC_FILE_RANGE_WAIT_AFTER))
		goto out;
	if (offset < 0 || len < 0 || len > INT64_MAX - offset)
		goto out;
	err = -ESPIPE;
	if (S_ISREG(f.file->inode->mode) || S_ISDIR(f.file->inode->mode))
		err = f.file->ops->fsync ? vfs_fsync(f.file, true) : 0;
out:
	fdput(f);
	return err;
}

/* ---- advice ---- */

static long give_advice(struct file *file, loff_t offset, loff_t len,
			int advice)
{
	struct address_space *mapping = file->mapping;
	loff_t end;

	if (S_ISFIFO(file->inode->mode))
		return -ESPIPE;
	if (len < 0 || advice < POSIX_FADV_NORMAL ||
	    advice > POSIX_FADV_NOREUSE)
		return -EINVAL;
	if (advice != POSIX_FADV_DONTNEED || offset < 0)
		return 0;
	/* Whole pages only; length 0 means to the end. */
	if (!len || __builtin_add_overflow(offset, len, &end))
		end = INT64_MAX;
	offset = DIV_ROUND_UP((uint64_t)offset, PAGE_SIZE);
	end /= PAGE_SIZE;
	if (offset < end && !(mapping->flags & AS_SHMEM))
		invalidate_pages(mapping, offset, end - 1);
	return 0;
}

SYSCALL_DEFINE4(fadvise64, int, fd, loff_t, offset, loff_t, len, int, advice)
{
	struct fd f = fdget(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = give_advice(f.file, offset, len, advice);
	fdput(f);
	return ret;
}

/* What is read comes when it is asked for: there is no device to hurry. */
SYSCALL_DEFINE3(readahead, int, fd, loff_t, offset __unused,
		size_t, count __unused)
{
	struct fd f = fdget(fd);
	long ret = -EBADF;

	if (!f.file)
		return -EBADF;
	if (f.file->mode & FMODE_READ)
		ret = S_ISREG(f.file->inode->mode) ? 0 : -EINVAL;
	fdput(f);
	return ret;
}
