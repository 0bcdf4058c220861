/*
 * tmpfs files: the page cache, with a limit.
 */
#include <fs/tmpfs/tmpfs.h>

#include <fs/attr.h>
#include <fs/libfs.h>
#include <fs/stat.h>
#include <mm/page_cache.h>

/* Count @nr pages more against the mount's limit. */
static int reserve(struct address_space *mapping, unsigned long nr)
{
	struct inode *inode = mapping->host;
	struct tmpfs_sb *sbi = TMPFS_SB(inode->sb);

	if (sbi->max_pages &&
	    atomic_long_add_return(nr, &sbi->used_pages) >
		    (long)sbi->max_pages) {
		atomic_long_sub(nr, &sbi->used_pages);
		return -ENOSPC;
	}
	return 0;
}

static void release(struct address_space *mapping, unsigned long nr)
{
	struct tmpfs_sb *sbi = TMPFS_SB(mapping->host->sb);

	if (sbi->max_pages)
		atomic_long_sub(nr, &sbi->used_pages);
}

const struct address_space_ops tmpfs_aops = {
	.reserve = reserve,
	.release = release,
	.may_write = tmpfs_may_write,
};

static int setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->inode;
	loff_t old = inode_size(inode);
	int err = setattr_prepare(dentry, attr);

	if (!err && (attr->valid & ATTR_SIZE))
		err = tmpfs_may_resize(inode, attr->size);
	if (err)
		return err;
	if ((attr->valid & ATTR_SIZE) && attr->size != old) {
		inode_set_size(inode, attr->size);
		inode_touch(inode);
		if (attr->size < old)
			truncate_pages(&inode->data, attr->size, LLONG_MAX);
	}
	setattr_copy(inode, attr);
	return 0;
}

const struct inode_ops tmpfs_file_inode_ops = {
	.setattr = setattr,
	.getxattr = tmpfs_getxattr,
	.listxattr = tmpfs_listxattr,
	.setxattr = tmpfs_setxattr,
};

/* Symlinks, device nodes, fifos, sockets: nothing but attributes. */
const struct inode_ops tmpfs_other_inode_ops = {
	.setattr = simple_setattr,
	.getxattr = tmpfs_getxattr,
	.listxattr = tmpfs_listxattr,
	.setxattr = tmpfs_setxattr,
};

/* SEEK_DATA and SEEK_HOLE ask the cache; @offset lies within the file. */
static loff_t seek_data_or_hole(struct file *file, loff_t offset, bool hole)
{
	struct inode *inode = file->inode;
	loff_t size = inode_size(inode), found;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	found = page_cache_seek(&inode->data, offset / PAGE_SIZE, hole);
	if ((uint64_t)found >= DIV_ROUND_UP((uint64_t)size, PAGE_SIZE))
		return hole ? size : -ENXIO;
	return max(found * (loff_t)PAGE_SIZE, offset);
}

static loff_t llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->inode;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock_shared(inode);
	offset = seek_data_or_hole(file, offset, whence == SEEK_HOLE);
	inode_unlock_shared(inode);
	if (offset >= 0)
		file->pos = offset;
	return offset;
}

/* Allocate the pages of [start, end); what was got stays if it fails. */
static int allocate(struct inode *inode, loff_t start, loff_t end)
{
	unsigned long last = (end - 1) / PAGE_SIZE;

	for (unsigned long i = start / PAGE_SIZE; i <= last; i++) {
		struct page *page = find_or_create_page(&inode->data, i,
							GFP_USER);

		if (IS_ERR(page))
			return PTR_ERR(page);
		unlock_page(page);
		put_page(page);
	}
	return 0;
}

static long do_fallocate(struct inode *inode, int mode, loff_t start,
			 loff_t end)
{
	int err;

	if (mode & FALLOC_FL_PUNCH_HOLE) {
		if (tmpfs_is_write_sealed(inode))
			return -EPERM;
		truncate_pages(&inode->data, start, end);
		inode_touch(inode);
		return 0;
	}
	/* Pages behind the end count as if the end were behind them. */
	err = inode_newsize_ok(inode, end);
	if (!err && end > inode_size(inode))
		err = tmpfs_may_resize(inode, end);
	if (err)
		return err;
	err = allocate(inode, start, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > inode_size(inode))
		inode_set_size(inode, end);
	if (!err)
		inode_touch(inode);
	return err;
}

static long fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file->inode;
	long err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	err = do_fallocate(inode, mode, offset, offset + len);
	inode_unlock(inode);
	return err;
}

static int mmap(struct file *file, struct vma *vma)
{
	int err = tmpfs_may_map(file->inode, vma);

	return err ? err : generic_file_mmap(file, vma);
}

const struct file_ops tmpfs_file_ops = {
	.llseek = llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = generic_file_write_iter,
	.mmap = mmap,
	.fcntl = tmpfs_fcntl,
	.fsync = noop_fsync,
	.fallocate = fallocate,
};
