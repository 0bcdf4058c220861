/*
 * tmpfs: files that live in the page cache and nowhere else.
 *
 * A file's pages are its address_space, a directory's entries are its dentries:
 * there is no other copy of either, so nothing here reads or writes a device.
 * What tmpfs adds is the accounting (how many pages and inodes a mount may
 * use), an order of directory entries that survives removals, and the rules
 * of POSIX for changing them.
 */
#pragma once

#include <fs/inode.h>
#include <fs/super.h>
#include <fs/xattr.h>
#include <lib/xarray.h>
#include <uapi/fcntl.h>

/* One mounted tmpfs. */
struct tmpfs_sb {
	unsigned long	max_pages;	/* 0: no limit */
	atomic_long_t	used_pages;
	unsigned long	max_inodes;	/* 0: no limit */
	atomic_long_t	used_inodes;
	mode_t		mode;		/* of the root directory */
	uid_t		uid;
	gid_t		gid;
};

struct tmpfs_inode {
	struct inode	vfs;
	/*
	 * Directories: entries by the cookie readdir gives them. Cookies only
	 * grow, so a reader finds its place whatever was removed meanwhile.
	 * Protected by the directory's rwsem.
	 */
	struct xarray	entries;
	unsigned long	next_cookie;
	unsigned int	seals;		/* [vfs.rwsem] F_SEAL_* of a file */
	struct simple_xattrs xattrs;
};

static inline struct tmpfs_inode *TMPFS_I(const struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode, vfs);
}

static inline struct tmpfs_sb *TMPFS_SB(const struct super_block *sb)
{
	return sb->private;
}

/* fs/tmpfs/inode.c */
struct inode *tmpfs_new_inode(struct super_block *sb, const struct inode *dir,
			      mode_t mode, dev_t rdev);
extern const struct super_ops tmpfs_super_ops;
void tmpfs_inode_cache_init(void);

/* fs/tmpfs/dir.c */
extern const struct inode_ops tmpfs_dir_inode_ops;
extern const struct file_ops tmpfs_dir_ops;

/* fs/tmpfs/inode.c */
ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *value,
		       size_t size);
ssize_t tmpfs_listxattr(struct inode *inode, char *names, size_t size);
int tmpfs_setxattr(struct inode *inode, const char *name, const void *value,
		   size_t size, int flags);

/* fs/tmpfs/file.c */
extern const struct inode_ops tmpfs_file_inode_ops;
extern const struct inode_ops tmpfs_other_inode_ops;
extern const struct file_ops tmpfs_file_ops;
extern const struct address_space_ops tmpfs_aops;

/* fs/tmpfs/seals.c */
long tmpfs_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
int tmpfs_may_resize(const struct inode *inode, loff_t size);
int tmpfs_may_write(struct address_space *mapping, loff_t pos, size_t len);
int tmpfs_may_map(const struct inode *inode, struct vma *vma);

/* Have the seals anything against a change of what lies within the file? */
static inline bool tmpfs_is_write_sealed(const struct inode *inode)
{
	return READ_ONCE(TMPFS_I(inode)->seals) &
	       (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
}

/* fs/tmpfs/super.c */
extern const struct file_system_type tmpfs_type;
int tmpfs_fill_super(struct super_block *sb, const struct mount_args *args);
int tmpfs_remount(struct super_block *sb, const struct mount_args *args);
int tmpfs_show_options(struct seq_file *m, struct dentry *root);
int tmpfs_statfs(struct dentry *dentry, struct statfs *buf);
void tmpfs_put_super(struct super_block *sb);
void tmpfs_init(void);
void shmem_init(void);
