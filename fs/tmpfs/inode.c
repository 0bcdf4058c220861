/*
 * tmpfs inodes: made, counted, and taken apart; and their extended attributes,
 * trusted.* and security.*, as on Linux 6.1.
 *
 * user.* is refused: anybody could fill memory with it that no limit counts.
 */
#include <fs/tmpfs/tmpfs.h>

#include <fs/libfs.h>
#include <lib/string.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>
#include <uapi/stat.h>
#include <uapi/xattr.h>

static struct kmem_cache *inode_cache;

static struct inode *alloc_inode(struct super_block *sb)
{
	struct tmpfs_sb *sbi = TMPFS_SB(sb);
	struct tmpfs_inode *ti;

	if (sbi->max_inodes && atomic_long_inc_return(&sbi->used_inodes) >
				       (long)sbi->max_inodes) {
		atomic_long_dec(&sbi->used_inodes);
		return NULL;
	}
	ti = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	if (!ti) {
		if (sbi->max_inodes)
			atomic_long_dec(&sbi->used_inodes);
		return NULL;
	}
	xa_init(&ti->entries, &xa_kernel_ops);
	ti->next_cookie = 2;	/* after "." and ".." */
	ti->seals = F_SEAL_SEAL;	/* memfd_create(2) may break it */
	simple_xattrs_init(&ti->xattrs);
	return &ti->vfs;
}

/* A grace period later: a path walk may have been reading a link's text. */
static void free_inode(struct inode *inode)
{
	kfree(inode->link);
	kmem_cache_free(inode_cache, TMPFS_I(inode));
}

/* The last reference is gone: so are the pages. */
static void evict(struct inode *inode)
{
	struct tmpfs_sb *sbi = TMPFS_SB(inode->sb);

	if (inode->data.nr_pages)
		truncate_pages(&inode->data, 0, LLONG_MAX);
	clear_inode(inode);
	xa_destroy(&TMPFS_I(inode)->entries);
	simple_xattrs_free(&TMPFS_I(inode)->xattrs);
	if (sbi->max_inodes)
		atomic_long_dec(&sbi->used_inodes);
}

/*
 * Make an inode of type and permissions @mode, owned as @dir (NULL: a root)
 * asks. A symlink's text is for the caller to set.
 *
 * Context: process; may sleep. Return: NULL: no memory, or the mount's limit.
 */
struct inode *tmpfs_new_inode(struct super_block *sb, const struct inode *dir,
			      mode_t mode, dev_t rdev)
{
	struct inode *inode = new_inode_in(sb, dir, mode);

	if (!inode)
		return NULL;
	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->ops = &tmpfs_file_inode_ops;
		inode->fops = &tmpfs_file_ops;
		inode->data.ops = &tmpfs_aops;
		inode->data.flags |= AS_SHMEM;
		break;
	case S_IFDIR:
		inode->ops = &tmpfs_dir_inode_ops;
		inode->fops = &tmpfs_dir_ops;
		set_nlink(inode, 2);
		break;
	default:
		inode->ops = &tmpfs_other_inode_ops;
		if (!S_ISLNK(mode))
			init_special_inode(inode, mode, rdev);
		break;
	}
	return inode;
}

const struct super_ops tmpfs_super_ops = {
	.alloc_inode = alloc_inode,
	.free_inode = free_inode,
	.evict = evict,
	.put_super = tmpfs_put_super,
	.statfs = tmpfs_statfs,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

static void inode_ctor(void *object)
{
	inode_init_once(&((struct tmpfs_inode *)object)->vfs);
}

void __init tmpfs_inode_cache_init(void)
{
	inode_cache = kmem_cache_create("tmpfs_inode",
					sizeof(struct tmpfs_inode), 0,
					SLAB_PANIC | SLAB_RECLAIMABLE |
					SLAB_HWCACHE_ALIGN, inode_ctor);
}

/* ---- extended attributes ---- */

static bool is_kept(const char *name)
{
	return strncmp(name, XATTR_TRUSTED_PREFIX,
		       strlen(XATTR_TRUSTED_PREFIX)) == 0 ||
	       strncmp(name, XATTR_SECURITY_PREFIX,
		       strlen(XATTR_SECURITY_PREFIX)) == 0;
}

/* The getxattr op. */
ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *value,
		       size_t size)
{
	if (!is_kept(name))
		return -EOPNOTSUPP;
	return simple_xattr_get(&TMPFS_I(inode)->xattrs, name, value, size);
}

/* The setxattr op. */
int tmpfs_setxattr(struct inode *inode, const char *name, const void *value,
		   size_t size, int flags)
{
	if (!is_kept(name))
		return -EOPNOTSUPP;
	return simple_xattr_set(&TMPFS_I(inode)->xattrs, name, value, size,
				flags);
}

/* The listxattr op. */
ssize_t tmpfs_listxattr(struct inode *inode, char *names, size_t size)
{
	return simple_xattr_list(&TMPFS_I(inode)->xattrs, names, size);
}
