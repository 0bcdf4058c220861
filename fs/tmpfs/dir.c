/*
 * tmpfs directories.
 *
 * The dentries are the directory: each that exists holds one reference of its
 * own (FS_PINNED), so it never leaves the cache, and a name that is not cached
 * does not exist. For readdir(3) each entry also has a cookie, its index in
 * the directory's xarray; a dentry remembers its own in ->private.
 *
 * Locking: the caller holds the directories' rwsem, see fs/inode.h.
 */
#include <fs/tmpfs/tmpfs.h>

#include <fs/attr.h>
#include <fs/libfs.h>
#include <fs/stat.h>
#include <lib/string.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <uapi/fs.h>
#include <uapi/stat.h>

#define ENTRY_SIZE	20 /* what st_size of a directory counts an entry */

static unsigned long cookie_of(const struct dentry *dentry)
{
	return (unsigned long)dentry->private;
}

/* Give @dentry a cookie in @dir. Return: 0 or -ENOMEM. */
static int entry_add(struct inode *dir, struct dentry *dentry)
{
	struct tmpfs_inode *ti = TMPFS_I(dir);
	void *old = xa_store(&ti->entries, ti->next_cookie, dentry,
			     GFP_KERNEL);

	if (IS_ERR(old))
		return PTR_ERR(old);
	dentry->private = (void *)ti->next_cookie++;
	inode_set_size(dir, dir->size + ENTRY_SIZE);
	return 0;
}

static void entry_remove(struct inode *dir, struct dentry *dentry)
{
	xa_erase(&TMPFS_I(dir)->entries, cookie_of(dentry));
	inode_set_size(dir, dir->size - ENTRY_SIZE);
}

/* Enter @inode as @dentry; takes over the reference, also on failure. */
static int enter(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	int err = entry_add(dir, dentry);

	if (err) {
		clear_nlink(inode);
		iput(inode);
		return err;
	}
	if (S_ISDIR(inode->mode))
		inc_nlink(dir);
	inode_touch(dir);
	d_instantiate(dentry, inode);
	dget(dentry);
	return 0;
}

static int mknod(struct inode *dir, struct dentry *dentry, mode_t mode,
		 dev_t rdev)
{
	struct inode *inode = tmpfs_new_inode(dir->sb, dir, mode, rdev);

	return inode ? enter(dir, dentry, inode) : -ENOSPC;
}

static int create(struct inode *dir, struct dentry *dentry, mode_t mode,
		  bool excl __unused)
{
	return mknod(dir, dentry, mode | S_IFREG, 0);
}

/* A file that no name leads to, until link(2) gives it one. */
static int tmpfile(struct inode *dir, struct dentry *dentry, mode_t mode)
{
	struct inode *inode = tmpfs_new_inode(dir->sb, dir, mode, 0);

	if (!inode)
		return -ENOSPC;
	clear_nlink(inode);
	d_instantiate(dentry, inode);
	return 0;
}

static int mkdir(struct inode *dir, struct dentry *dentry, mode_t mode)
{
	return mknod(dir, dentry, mode | S_IFDIR, 0);
}

static int symlink(struct inode *dir, struct dentry *dentry,
		   const char *target)
{
	struct inode *inode = tmpfs_new_inode(dir->sb, dir, S_IFLNK | 0777, 0);

	if (!inode)
		return -ENOSPC;
	inode->link = link_text_dup(target, GFP_KERNEL);
	if (!inode->link) {
		clear_nlink(inode);
		iput(inode);
		return -ENOMEM;
	}
	inode_set_size(inode, strlen(target));
	return enter(dir, dentry, inode);
}

static int link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = old->inode;
	int err = entry_add(dir, new);

	if (err)
		return err;
	inode->ctime = current_time(inode);
	inode_touch(dir);
	inc_nlink(inode);
	ihold(inode);
	d_instantiate(new, inode);
	dget(new);
	return 0;
}

static int unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = dentry->inode;

	entry_remove(dir, dentry);
	inode_touch(dir);
	inode->ctime = dir->ctime;
	drop_nlink(inode);
	dput(dentry);	/* the reference its existence held */
	return 0;
}

static bool is_empty(const struct dentry *dentry)
{
	return xa_empty(&TMPFS_I(dentry->inode)->entries);
}

static int rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!is_empty(dentry))
		return -ENOTEMPTY;
	drop_nlink(dentry->inode);
	unlink(dir, dentry);
	drop_nlink(dir);
	return 0;
}

static void touch_renamed(struct inode *old_dir, struct inode *new_dir,
			  struct inode *moved)
{
	inode_touch(old_dir);
	if (new_dir != old_dir)
		inode_touch(new_dir);
	moved->ctime = old_dir->ctime;
}

/* The two entries swap what they stand for; cookies stay with directories. */
static int exchange(struct inode *old_dir, struct dentry *old,
		    struct inode *new_dir, struct dentry *new)
{
	bool old_is_dir = d_is_dir(old), new_is_dir = d_is_dir(new);
	void *cookie = old->private;

	/* The slots exist: storing in them cannot fail. */
	xa_store(&TMPFS_I(old_dir)->entries, cookie_of(old), new, GFP_ATOMIC);
	xa_store(&TMPFS_I(new_dir)->entries, cookie_of(new), old, GFP_ATOMIC);
	old->private = new->private;
	new->private = cookie;
	if (old_dir != new_dir && old_is_dir != new_is_dir) {
		drop_nlink(old_is_dir ? old_dir : new_dir);
		inc_nlink(old_is_dir ? new_dir : old_dir);
	}
	new->inode->ctime = current_time(new->inode);
	touch_renamed(old_dir, new_dir, old->inode);
	return 0;
}

static int rename(struct inode *old_dir, struct dentry *old,
		  struct inode *new_dir, struct dentry *new,
		  unsigned int flags)
{
	bool is_dir = d_is_dir(old);
	unsigned long old_cookie = cookie_of(old);
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return exchange(old_dir, old, new_dir, new);
	if (d_is_positive(new) && d_is_dir(new) && !is_empty(new))
		return -ENOTEMPTY;
	/* All that may fail comes first. */
	err = entry_add(new_dir, old);
	if (err)
		return err;
	if (d_is_positive(new)) {
		if (is_dir) {
			drop_nlink(new->inode);
			drop_nlink(new_dir);
		}
		unlink(new_dir, new);
	}
	xa_erase(&TMPFS_I(old_dir)->entries, old_cookie);
	inode_set_size(old_dir, old_dir->size - ENTRY_SIZE);
	if (is_dir) {
		drop_nlink(old_dir);
		inc_nlink(new_dir);
	}
	touch_renamed(old_dir, new_dir, old->inode);
	return 0;
}

static bool emit_entry(struct dir_context *ctx, const struct dentry *dentry)
{
	const struct inode *inode = dentry->inode;

	ctx->pos = cookie_of(dentry);
	if (!dir_emit(ctx, dentry->name, dentry->name_len, inode->ino,
		      mode_to_dtype(inode->mode)))
		return false;
	ctx->pos++;
	return true;
}

/* Entries are taken from the array a batch at a time. */
static int iterate(struct file *file, struct dir_context *ctx)
{
	struct xarray *entries = &TMPFS_I(file->inode)->entries;
	void *batch[16];
	unsigned int i, nr;

	if (!dir_emit_dots(file, ctx))
		return 0;
	do {
		nr = xa_extract(entries, batch, ctx->pos, ~0UL,
				ARRAY_SIZE(batch), XA_PRESENT);
		for (i = 0; i < nr; i++)
			if (!emit_entry(ctx, batch[i]))
				return 0;
	} while (nr);
	return 0;
}

const struct inode_ops tmpfs_dir_inode_ops = {
	.lookup = simple_lookup,
	.create = create,
	.tmpfile = tmpfile,
	.link = link,
	.unlink = unlink,
	.symlink = symlink,
	.mkdir = mkdir,
	.rmdir = rmdir,
	.mknod = mknod,
	.rename = rename,
	.setattr = simple_setattr,
	.getxattr = tmpfs_getxattr,
	.listxattr = tmpfs_listxattr,
	.setxattr = tmpfs_setxattr,
};

const struct file_ops tmpfs_dir_ops = {
	.llseek = generic_file_llseek,
	.read_iter = generic_read_dir,
	.iterate = iterate,
	.fsync = noop_fsync,
};
