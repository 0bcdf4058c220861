/*
 * read(2) and write(2) through the page cache.
 *
 * Reading copies from the pages that are there, sixteen looked up at a time;
 * one that is missing is read in, or, where the file system has nothing to
 * read from (tmpfs), it is a hole and zeros are copied without making a page.
 *
 * Writing copies into pages, made where they are missing. The user's memory
 * must not be faulted in while a page is locked (the fault might need that
 * very page): it is touched beforehand, and the copy itself does not sleep but
 * stops short if the memory has gone again.
 */
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <keel/err.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>

#include "internal.h"

#define READ_BATCH	16

/* What one read has done so far. */
struct read_state {
	struct address_space	*mapping;
	struct kiocb		*iocb;
	struct iov_iter		*to;
	loff_t			size;
	size_t			done;
};

/* Bytes to copy from the page at the present position. */
static size_t chunk_in_page(const struct read_state *rs)
{
	loff_t pos = rs->iocb->pos;
	size_t len = PAGE_SIZE - PAGE_OFFSET_IN(pos);

	len = min_t(uint64_t, len, rs->size - pos);
	return min(len, iov_iter_count(rs->to));
}

/* Account for @copied of @wanted bytes; false: a user address was bad. */
static bool advance(struct read_state *rs, size_t copied, size_t wanted)
{
	rs->iocb->pos += copied;
	rs->done += copied;
	return copied == wanted;
}

static bool copy_from_page(struct read_state *rs, struct page *page)
{
	size_t len = chunk_in_page(rs);
	const char *from = page_address(page);

	return advance(rs, copy_to_iter(from + PAGE_OFFSET_IN(rs->iocb->pos),
					len, rs->to), len);
}

/* Copy from the pages in memory. Return: how many; @bad: stop here. */
static unsigned int read_batch(struct read_state *rs, bool *bad)
{
	unsigned long index = rs->iocb->pos >> PAGE_SHIFT;
	size_t bytes = PAGE_OFFSET_IN(rs->iocb->pos) +
		       min_t(uint64_t, iov_iter_count(rs->to),
			     rs->size - rs->iocb->pos);
	unsigned int want = min_t(size_t, DIV_ROUND_UP(bytes, PAGE_SIZE),
				  READ_BATCH);
	struct page *pages[READ_BATCH];
	unsigned int nr = find_get_pages(rs->mapping, index, want, pages);
	unsigned int used = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (!*bad && i == used && page_uptodate(pages[i])) {
			*bad = !copy_from_page(rs, pages[i]);
			used++;
		}
		put_page(pages[i]);
	}
	return used;
}

/* The page at the position is not there. 0, or an errno. */
static int read_missing(struct read_state *rs, bool *bad)
{
	struct page *page;

	if (rs->iocb->flags & IOCB_NOWAIT && rs->mapping->ops->read_pages)
		return -EAGAIN;
	if (!rs->mapping->ops->read_pages) {
		unsigned long index = rs->iocb->pos >> PAGE_SHIFT;
		size_t len = chunk_in_page(rs);

		page = find_get_page(rs->mapping, index);
		if (!page) {
			*bad = !advance(rs, iov_iter_zero(len, rs->to), len);
			return 0;
		}
		/* Just being written: it is ready when it is unlocked. */
		wait_on_page_locked(page);
		if (page_uptodate(page)) {
			put_page(page);
			return 0;
		}
		put_page(page);
	}
	page = read_cache_page(rs->mapping, rs->iocb->pos >> PAGE_SHIFT);
	if (IS_ERR(page))
		return PTR_ERR(page);
	*bad = !copy_from_page(rs, page);
	put_page(page);
	return 0;
}

/*
 * file_ops->read_iter for files in the page cache. Context: process, may
 * sleep. Return: bytes read, 0 at the end of the file, -EFAULT, -EIO, -ENOMEM;
 * what was read before an error counts.
 */
ssize_t generic_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct read_state rs = {
		.mapping = iocb->file->mapping, .iocb = iocb, .to = to,
	};
	bool bad = false;
	int err = 0;

	while (iov_iter_count(to) && !bad && !err) {
		rs.size = inode_size(rs.mapping->host);
		if (iocb->pos >= rs.size)
			break;
		if (!read_batch(&rs, &bad) && !bad)
			err = read_missing(&rs, &bad);
		if (signal_pending(current) && fatal_signal_pending(current))
			break;
	}
	file_accessed(iocb->file);
	if (rs.done)
		return rs.done;
	return bad ? -EFAULT : err;
}

/*
 * Where a write begins, and how much of it may be done. Locking: inode->rwsem
 * for writing. Return: the count, already applied to @from; 0 for nothing;
 * -EFBIG (and SIGXFSZ for RLIMIT_FSIZE).
 */
ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->file->mapping->host;
	uint64_t limit = task_rlimit(current, RLIMIT_FSIZE);

	if (!iov_iter_count(from))
		return 0;
	if (iocb->flags & IOCB_APPEND)
		iocb->pos = inode_size(inode);
	if (limit != RLIM_INFINITY && S_ISREG(inode->mode)) {
		if ((uint64_t)iocb->pos >= limit) {
			send_sig(SIGXFSZ, current, false);
			return -EFBIG;
		}
		iov_iter_truncate(from, limit - iocb->pos);
	}
	if (iocb->pos >= inode->sb->max_bytes)
		return -EFBIG;
	iov_iter_truncate(from, inode->sb->max_bytes - iocb->pos);
	return iov_iter_count(from);
}

/*
 * Make @page, which is locked, ready to have [offset, offset + len)
 * overwritten. Return: 0, or an errno with the page unlocked.
 */
static int prepare_write(struct address_space *mapping, struct page *page,
			 size_t offset, size_t len)
{
	char *data = page_address(page);

	if (page_uptodate(page) || len == PAGE_SIZE)
		return 0;
	if (mapping->ops->read_pages) {
		/* find_or_create_page() has read it, or this is new. */
		unlock_page(page);
		return -EIO;
	}
	memset(data, 0, offset);
	memset(data + offset + len, 0, PAGE_SIZE - offset - len);
	return 0;
}

/* A page to write to, locked. ERR_PTR. */
static struct page *get_write_page(struct address_space *mapping, loff_t pos,
				   size_t len)
{
	unsigned long index = pos >> PAGE_SHIFT;
	struct page *page;
	int err;

	if (len < PAGE_SIZE && mapping->ops->read_pages)
		return find_or_create_page(mapping, index, GFP_USER);
	page = grab_cache_page(mapping, index, GFP_USER);
	if (IS_ERR(page))
		return page;
	err = prepare_write(mapping, page, PAGE_OFFSET_IN(pos), len);
	if (err) {
		put_page(page);
		return ERR_PTR(err);
	}
	return page;
}

/*
 * The copy into a locked page is over, @copied of @len bytes. If the page was
 * not up to date and did not get all of it, zeros are the rest of a hole; but
 * of what is on a disk nothing is known, so there the copy does not count.
 * Return: the bytes that count.
 */
static size_t finish_write(struct address_space *mapping, struct page *page,
			   loff_t pos, size_t len, size_t copied)
{
	char *data = page_address(page);

	if (!page_uptodate(page)) {
		if (copied < len && mapping->ops->read_pages) {
			unlock_page(page);
			put_page(page);
			return 0;
		}
		memset(data + PAGE_OFFSET_IN(pos) + copied, 0, len - copied);
		page_set(page, PG_UPTODATE);
	}
	if (!page_test(page, PG_DIRTY))
		page_set(page, PG_DIRTY);
	/* Nothing written behind the end is no reason to move the end. */
	if (copied && pos + (loff_t)copied > inode_size(mapping->host))
		inode_set_size(mapping->host, pos + copied);
	unlock_page(page);
	put_page(page);
	return copied;
}

/*
 * Write to one page. Return: bytes, or -EFAULT, -ENOMEM, -ENOSPC, -EIO, -EPERM.
 */
static ssize_t write_page(struct address_space *mapping, loff_t pos,
			  struct iov_iter *from)
{
	size_t offset = PAGE_OFFSET_IN(pos);
	size_t len = min(PAGE_SIZE - offset, iov_iter_count(from));
	size_t copied, counts, bad;
	struct page *page;

	do {
		bad = fault_in_iov_iter_readable(from, len);
		if (unlikely(bad == len))
			return -EFAULT;
		len -= bad;
		if (unlikely(mapping->flags & AS_SEALED)) {
			int err = mapping->ops->may_write(mapping, pos, len);

			if (err)
				return err;
		}
		page = get_write_page(mapping, pos, len);
		if (IS_ERR(page))
			return PTR_ERR(page);
		copied = copy_page_from_iter_atomic(page, offset, len, from);
		counts = finish_write(mapping, page, pos, len, copied);
		if (unlikely(counts < copied))
			iov_iter_revert(from, copied - counts);
		/* Zero: the memory was there and has gone. Try again. */
	} while (unlikely(!counts) && !fatal_signal_pending(current));
	return counts ? (ssize_t)counts : -EINTR;
}

/*
 * Copy @from into the cache at iocb->pos, which advances, and let the file
 * grow. Locking: inode->rwsem for writing. Return: bytes, or an errno if none.
 */
ssize_t generic_perform_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct address_space *mapping = iocb->file->mapping;
	ssize_t done = 0, ret = 0;

	while (iov_iter_count(from)) {
		ret = write_page(mapping, iocb->pos, from);
		if (ret < 0)
			break;
		iocb->pos += ret;
		done += ret;
		if (signal_pending(current) && fatal_signal_pending(current))
			break;
	}
	return done ? done : ret;
}

/* file_ops->write_iter for files in the page cache. Context: may sleep. */
ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->file->mapping->host;
	ssize_t ret;

	inode_lock(inode);
	ret = generic_write_checks(iocb, from);
	if (ret > 0) {
		int err = file_remove_privs(iocb->file);

		if (!err)
			file_update_time(iocb->file);
		ret = err ? err : generic_perform_write(iocb, from);
	}
	inode_unlock(inode);
	if (ret > 0 && iocb->flags & (IOCB_DSYNC | IOCB_SYNC)) {
		int err = vfs_fsync(iocb->file, !(iocb->flags & IOCB_SYNC));

		if (err)
			ret = err;
	}
	return ret;
}
