/*
 * Ready-made operations for file systems that live in memory, and the kernel's
 * own mounts for files without names.
 */
#include <fs/libfs.h>

#include <fs/mount.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/statfs.h>

#include "internal.h"

/* All there is has a dentry already: what was looked up does not exist. */
struct dentry *simple_lookup(struct inode *dir __unused, struct dentry *dentry,
			     unsigned int lookup_flags __unused)
{
	if (dentry->name_len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	d_add(dentry, NULL);
	return NULL;
}

int simple_statfs(struct dentry *dentry, struct statfs *buf)
{
	buf->f_type = dentry->sb->magic;
	buf->f_bsize = dentry->sb->block_size;
	buf->f_namelen = NAME_MAX;
	return 0;
}

/* Memory has nothing to write back. */
int noop_fsync(struct file *file __unused, loff_t start __unused,
	       loff_t end __unused, bool data_only __unused)
{
	return 0;
}

/* read(2) of a directory. */
ssize_t generic_read_dir(struct kiocb *iocb __unused,
			 struct iov_iter *to __unused)
{
	return -EISDIR;
}

/* Whoever made the inode left what its files need in inode->private. */
int simple_open(struct inode *inode, struct file *file)
{
	if (inode->private)
		file->private = inode->private;
	return 0;
}

/*
 * Copy from @from, which holds @available bytes, as a file with that content
 * would be read. Return: bytes; 0 at the end; -EINVAL, -EFAULT.
 */
ssize_t simple_read_from_buffer(struct kiocb *iocb, struct iov_iter *to,
				const void *from, size_t available)
{
	loff_t pos = iocb->pos;
	size_t len;

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= available || !iov_iter_count(to))
		return 0;
	len = copy_to_iter((const char *)from + pos, available - pos, to);
	if (!len)
		return -EFAULT;
	iocb->pos += len;
	return len;
}

struct inode *alloc_anon_inode(struct super_block *sb)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->ino = next_ino();
	inode->mode = S_IRUSR | S_IWUSR;
	inode->flags |= S_PRIVATE;
	inode_init_owner(inode, NULL, inode->mode);
	inode->atime = inode->mtime = inode->ctime = current_time(inode);
	return inode;
}

int pseudo_fill_super(struct super_block *sb, unsigned long magic,
		      const struct super_ops *ops,
		      const struct dentry_ops *dentry_ops)
{
	struct inode *root;

	sb->magic = magic;
	if (ops)
		sb->ops = ops;
	sb->dentry_ops = dentry_ops;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->ino = 1;
	root->mode = S_IFDIR | S_IRUSR | S_IWUSR;
	root->atime = root->mtime = root->ctime = current_time(root);
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

/* A copy that inode->link may point to: with slack behind its end. */
char *link_text_dup(const char *target, gfp_t gfp)
{
	size_t len = strlen(target);
	char *copy = kmalloc(len + 9, gfp);

	if (!copy)
		return NULL;
	memcpy(copy, target, len);
	memset(copy + len, 0, 9);
	return copy;
}

/*
 * Each option is handed over as a string of its own, which @one may change.
 * Context: may sleep. Return: 0, what @one returned instead, or -ENOMEM.
 */
int for_each_mount_option(const char *data,
			  int (*one)(void *ctx, char *option), void *ctx)
{
	char *copy, *option, *next;
	int err = 0;

	if (!data || !*data)
		return 0;
	copy = kstrdup(data, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (option = copy; option && !err; option = next) {
		next = strchr(option, ',');
		if (next)
			*next++ = '\0';
		if (*option)
			err = one(ctx, option);
	}
	kfree(copy);
	return err;
}
