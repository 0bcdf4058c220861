/*
 * Super blocks: one instance of a file system.
 *
 * A file_system_type is what /proc/filesystems lists. Mounting one makes a
 * super_block (or, FS_SINGLE, finds the one there is) with a root dentry; each
 * place it is mounted at is a struct mount (fs/mount.h) and holds an active
 * reference. When the last of those goes, the tree of dentries is taken apart
 * and put_super says goodbye.
 *
 * Field protection:  [C] constant once mounted  [U] umount rwsem, written by
 * remount  [S] supers_lock  [L] inodes_lock
 */
#pragma once

#include <fs/dev.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/time.h>

struct dentry;
struct dentry_ops;
struct file;
struct inode;
struct seq_file;
struct statfs;
struct super_block;

/* super_block.flags; the values are those of MS_* in mount(2). */
#define SB_RDONLY	1u
#define SB_SYNCHRONOUS	16u
#define SB_SILENT	32768u
#define SB_BORN		(1u << 29)	/* fill_super has succeeded */
#define SB_DYING	(1u << 30)

/* What mount(2) was given. */
struct mount_args {
	const char	*source;	/* "none", a device; may be NULL */
	const char	*data;		/* "size=1m,mode=755"; may be NULL */
	unsigned int	sb_flags;	/* SB_* */
};

/* file_system_type.flags */
#define FS_REQUIRES_DEV	1u	/* source is a block device */
#define FS_SINGLE	2u	/* all mounts show the same instance */
#define FS_NOMOUNT	4u	/* the kernel's own: pipefs */
#define FS_PINNED	8u	/* each positive dentry but the root has one
				 * reference more, which umount drops */

/*
 *	op		caller holds			may sleep   if NULL
 *	fill_super	sb->umount for writing		yes	    -
 *
 * fill_super sets ops, magic, root, private. If it fails, put_super is not
 * called: it cleans up itself, but for root, which the caller drops.
 */
struct file_system_type {
	const char	*name;
	unsigned int	flags;
	int (*fill_super)(struct super_block *sb,
			  const struct mount_args *args);
};

/*
 *	op		caller holds			may sleep   if NULL
 *	alloc_inode	nothing				yes	plain inode
 *	free_inode	nothing: an RCU callback	no	plain inode
 *	evict		nothing; nobody else has it	yes	drop the pages
 *	put_super	umount for writing		yes	nothing
 *	statfs		a reference			yes	simple_statfs
 *	remount		umount for writing		yes	-EINVAL if data
 *	sync		umount for reading		yes	nothing to do
 *	show_options	a reference			yes	no options
 *
 * An evict of one's own calls truncate_pages() (if it has pages) and
 * clear_inode(). show_options prints ",size=4k" and so on for /proc/mounts.
 */
struct super_ops {
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);
	void (*evict)(struct inode *inode);
	void (*put_super)(struct super_block *sb);
	int (*statfs)(struct dentry *dentry, struct statfs *buf);
	int (*remount)(struct super_block *sb, const struct mount_args *args);
	int (*sync)(struct super_block *sb, bool wait);
	int (*show_options)(struct seq_file *m, struct dentry *root);
};

struct super_block {
	const struct file_system_type *type;	/* [C] */
	const struct super_ops	*ops;		/* [C] */
	const struct dentry_ops	*dentry_ops;	/* [C] for all its dentries */
	struct dentry		*root;		/* [C] */
	unsigned int		flags;		/* [U] SB_* */
	dev_t			dev;		/* [C] st_dev */
	unsigned int		block_size;	/* [C] st_blksize */
	loff_t			max_bytes;	/* [C] largest file */
	unsigned long		magic;		/* [C] statfs(2) f_type */
	void			*private;	/* the file system's */

	struct refcount		active;		/* mounts, and the like */
	struct rwsem		umount;		/* its life; see above */
	struct mutex		rename_mutex;	/* cross-directory renames */
	struct list_head	node;		/* [S] all super blocks */
	struct spinlock		inodes_lock;
	struct list_head	inodes;		/* [L] */
};

static inline bool sb_rdonly(const struct super_block *sb)
{
	return READ_ONCE(sb->flags) & SB_RDONLY;
}

/* One more instance for a mount: new or, FS_SINGLE, shared. ERR_PTR. */
struct super_block *super_get_for_mount(const struct file_system_type *type,
					const struct mount_args *args);
/* One more, of an instance that cannot go meanwhile. Context: any. */
static inline void super_get_active(struct super_block *sb)
{
	refcount_get(&sb->active);
}

void super_put_active(struct super_block *sb);
int super_remount(struct super_block *sb, const struct mount_args *args);

/* Call @fn for each living super block, with umount held for reading. */
void for_each_super(void (*fn)(struct super_block *sb, void *arg), void *arg);
void sync_filesystems(bool wait);
int super_sync(struct super_block *sb, bool wait);

/* fs/super.c: the visible array. */
const struct file_system_type *file_system_find(const char *name);
/* "nodev\tname" lines of /proc/filesystems: each type; NULL at the end. */
const struct file_system_type *file_system_at(unsigned int index);
