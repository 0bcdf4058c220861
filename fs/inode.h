/*
 * Inodes: the files themselves, whatever they are called.
 *
 * One struct inode per file in use. A file system embeds it in its own object
 * (container_of) or points from inode->private to what it keeps. It is found
 * through dentries, which hold references; file systems that can meet the same
 * file twice keep theirs in the super block's inode cache (iget_locked()).
 *
 * Life: new_inode() or iget_locked() makes one with one reference; when the
 * last is dropped, iput() calls super_ops->evict, takes the inode out of all
 * lists, and frees it after a grace period: RCU walks read mode, owner and ops
 * of inodes they hold no reference to.
 *
 * Field protection:  [R] rwsem held for writing; readable at any time
 * [L] inode->lock  [C] constant once visible  [A] atomic
 */
#pragma once

#include <fs/dev.h>
#include <fs/path.h>
#include <keel/atomic.h>
#include <keel/list.h>
#include <kernel/rcu.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <mm/page_cache.h>
#include <uapi/stat.h>

struct dentry;
struct file;
struct file_lock_context;
struct file_ops;
struct iattr;
struct inode;
struct kstat;
struct pipe;
struct super_block;

/* inode->flags */
#define S_SYNC		0x0001u	/* writes are synchronous */
#define S_NOATIME	0x0002u	/* access times are not kept */
#define S_APPEND	0x0004u	/* append only */
#define S_IMMUTABLE	0x0008u
#define S_DEAD		0x0010u	/* a removed directory: no new entries */
#define S_NOCMTIME	0x0080u	/* nor are modification times */
#define S_PRIVATE	0x0200u	/* internal to the kernel */
#define S_FILE_CAPS	0x0400u	/* has security.capability */
#define S_NOSEC		0x1000u	/* no set-id bits to be stripped on write */

/* inode->state [L] */
#define I_NEW		0x0001u	/* being read in; lookups wait */
#define I_FREEING	0x0002u	/* last reference gone */
#define I_HASHED	0x0004u	/* in the super block's cache */
#define I_LINKABLE	0x0008u	/* O_TMPFILE: may get a first name */

/* For permission checks; the low three are those of access(2). */
#define MAY_EXEC	0x0001
#define MAY_WRITE	0x0002
#define MAY_READ	0x0004
#define MAY_APPEND	0x0008
#define MAY_ACCESS	0x0010	/* for access(2) */
#define MAY_OPEN	0x0020
#define MAY_CHDIR	0x0040
#define MAY_NOT_BLOCK	0x0080	/* under RCU: may say -ECHILD */

/*
 * What get_link says besides the text: how it is let go (fn may be NULL), or
 * where a magic link leads (see nd_jump_link()).
 */
struct link_done {
	void		(*fn)(void *arg);
	void		*arg;
	struct path	jump;	/* references; mount is NULL if no jump */
};

/*
 * All that works on names. "dir" is the directory, "dentry" a negative dentry
 * (create, symlink, mkdir, mknod, link) or the one of the file (unlink, rmdir,
 * rename) in it.
 *
 *	op		caller holds			may sleep   if NULL
 *	lookup		dir->rwsem, either mode		yes	not a directory
 *	create		dir->rwsem for writing		yes	-EACCES
 *	tmpfile		the same			yes	-EOPNOTSUPP
 *	mkdir mknod	the same			yes	-EPERM
 *	symlink		the same			yes	-EPERM
 *	link		the same, old inode's too	yes	-EPERM
 *	unlink rmdir	both inodes' for writing	yes	-EPERM
 *	rename		both dirs', target's, moved	yes	-EPERM
 *			directories'; rename_mutex of
 *			the super block if dirs differ
 *	get_link	nothing; RCU if dentry is NULL	if not RCU  inode->link
 *	readlink	a reference			yes	get_link
 *	permission	nothing; RCU: MAY_NOT_BLOCK	if not RCU  mode bits
 *	getattr		a reference			yes	the fields
 *	setattr		rwsem for writing		yes	simple_setattr
 *	getxattr	rwsem, either mode		yes	-EOPNOTSUPP
 *	listxattr	the same			yes	there are none
 *	setxattr	rwsem for writing		yes	-EOPNOTSUPP
 *
 * lookup gets an unhashed dentry with nothing in it and passes it to d_add()
 * (or d_splice()), with NULL where there is no such name. NULL: that dentry is
 * the answer; else another dentry, with a reference, or ERR_PTR.
 * create, mkdir, ... call d_instantiate(); so does tmpfile, on a dentry that
 * stays unhashed, with an inode without links. After unlink and rename the VFS
 * itself calls d_delete(), d_move().
 * get_link returns the text, readable for 8 bytes behind its NUL; NULL after
 * nd_jump_link() (magic links); ERR_PTR(-ECHILD) if RCU is in its way.
 * readlink is for magic links, whose text get_link does not have: it writes at
 * most @size bytes to @buf and returns how many.
 */
struct inode_ops {
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry,
				 unsigned int lookup_flags);
	int (*create)(struct inode *dir, struct dentry *dentry, mode_t mode,
		      bool excl);
	int (*tmpfile)(struct inode *dir, struct dentry *dentry, mode_t mode);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *new);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry,
		       const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, mode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, mode_t mode,
		     dev_t rdev);
	int (*rename)(struct inode *old_dir, struct dentry *old,
		      struct inode *new_dir, struct dentry *new,
		      unsigned int flags);
	const char *(*get_link)(struct dentry *dentry, struct inode *inode,
				struct link_done *done);
	int (*readlink)(struct dentry *dentry, char *buf, int size);
	int (*permission)(struct inode *inode, int mask);
	int (*getattr)(const struct path *path, struct kstat *stat,
		       uint32_t request_mask, unsigned int flags);
	int (*setattr)(struct dentry *dentry, struct iattr *attr);
	ssize_t (*getxattr)(struct inode *inode, const char *name,
			    void *value, size_t size);
	ssize_t (*listxattr)(struct inode *inode, char *names, size_t size);
	int (*setxattr)(struct inode *inode, const char *name,
			const void *value, size_t size, int flags);
};

struct inode {
	/* What a path walk and stat(2) read, together. */
	mode_t			mode;		/* [R] type: [C] */
	uid_t			uid;		/* [R] */
	gid_t			gid;		/* [R] */
	unsigned int		flags;		/* [L] S_* */
	const struct inode_ops	*ops;		/* [C] */
	struct super_block	*sb;		/* [C] */
	const char		*link;		/* [C] a link's text, 8 bytes of
						 * slack behind it; or NULL */
	ino_t			ino;		/* [C] */
	unsigned int		nlink;		/* [R] of dir: inc_nlink() */
	dev_t			rdev;		/* [C] of device nodes */
	loff_t			size;		/* [R] read: inode_size() */
	uint64_t		blocks;		/* [L] of 512 bytes */
	struct timespec		atime, mtime, ctime; /* torn reads are fine */

	struct spinlock		lock;
	struct refcount		refs;		/* [A] */
	unsigned int		state;		/* [L] I_* */
	atomic_t		write_count;	/* [A] writers, or < 0: writers
						 * are denied (executed) */
	const struct file_ops	*fops;		/* [C] what open files begin
						 * with */
	struct address_space	*mapping;	/* [C] its pages; mostly: */
	struct address_space	data;
	struct rwsem		rwsem;		/* contents; entries of dirs */
	struct pipe		*pipe;		/* [L] of a fifo: fs/pipe.c's */
	struct file_lock_context *locks;	/* [A] made on first use */
	void			*private;	/* the file system's */

	struct hlist_node	hash_node;	/* inode cache; RCU */
	struct list_head	sb_node;	/* sb->inodes */
	struct rcu_head		rcu;
};

/* Nesting of inode->rwsem: parents before children. */
enum inode_lock_class {
	INODE_LOCK_NORMAL,	/* the only one held */
	INODE_LOCK_PARENT,
	INODE_LOCK_PARENT2,	/* the other directory of a rename */
	INODE_LOCK_CHILD,
	INODE_LOCK_CHILD2,
};

static inline void inode_lock(struct inode *inode)
	__acquires(&inode->rwsem);
static inline void inode_lock_nested(struct inode *inode,
				     enum inode_lock_class class)
	__acquires(&inode->rwsem);
static inline void inode_unlock(struct inode *inode)
	__releases(&inode->rwsem);
static inline void inode_lock_shared(struct inode *inode)
	__acquires_shared(&inode->rwsem);
static inline void inode_unlock_shared(struct inode *inode)
	__releases_shared(&inode->rwsem);

static inline void inode_lock(struct inode *inode)
{
	down_write(&inode->rwsem);
}

static inline void inode_lock_nested(struct inode *inode,
				     enum inode_lock_class class)
{
	down_write_nested(&inode->rwsem, class);
}

static inline void inode_unlock(struct inode *inode)
{
	up_write(&inode->rwsem);
}

static inline void inode_lock_shared(struct inode *inode)
{
	down_read(&inode->rwsem);
}

static inline void inode_unlock_shared(struct inode *inode)
{
	up_read(&inode->rwsem);
}

static inline loff_t inode_size(const struct inode *inode)
{
	return READ_ONCE(inode->size);
}

static inline void inode_set_size(struct inode *inode, loff_t size)
{
	WRITE_ONCE(inode->size, size);
}

/* Makers. NULL: no memory. One reference; not in any cache. */
struct inode *new_inode(struct super_block *sb);
/* new_inode() with the next number and owner, group, mode as @dir asks. */
struct inode *new_inode_in(struct super_block *sb, const struct inode *dir,
			   mode_t mode);
void inode_init_owner(struct inode *inode, const struct inode *dir,
		      mode_t mode);
/* For super_ops->alloc_inode: what a slab constructor does, once. */
void inode_init_once(struct inode *inode);
/* Set mode, fops for devices, fifos and sockets. */
void init_special_inode(struct inode *inode, mode_t mode, dev_t rdev);
/* A number no other inode without a disk has. */
ino_t next_ino(void);

/*
 * Inode number @ino of @sb: from the cache, or new with I_NEW, which the
 * caller fills and unlock_new_inode()s, or iget_failed()s.
 */
struct inode *iget_locked(struct super_block *sb, ino_t ino);
struct inode *ilookup(struct super_block *sb, ino_t ino);
void unlock_new_inode(struct inode *inode);
void iget_failed(struct inode *inode);

static inline void ihold(struct inode *inode)
{
	refcount_get(&inode->refs);
}

/* A reference, unless the inode is on its way out. */
static inline bool __must_check igrab(struct inode *inode)
{
	return refcount_get_unless_zero(&inode->refs);
}

/* NULL is fine. May sleep. */
void iput(struct inode *inode);
/* For super_ops->evict of one's own: what the default does first. */
void clear_inode(struct inode *inode);

/* Link counts; the directory is locked. */
void inc_nlink(struct inode *inode);
void drop_nlink(struct inode *inode);
void clear_nlink(struct inode *inode);
void set_nlink(struct inode *inode, unsigned int nlink);

/* Times. touch_atime() heeds noatime and relatime. */
struct timespec current_time(const struct inode *inode);
void inode_touch(struct inode *inode);	/* mtime and ctime: now */
void file_update_time(struct file *file);
void touch_atime(const struct path *path);
void file_accessed(struct file *file);

/* Strip set-id bits as a write does; inode->rwsem held for writing. */
int file_remove_privs(struct file *file);
void inode_drop_file_caps(struct inode *inode);

/* fs/permission.c */
int generic_permission(struct inode *inode, int mask);
int inode_permission(struct inode *inode, int mask);
bool inode_owner_or_capable(const struct inode *inode);
bool inode_capable(const struct inode *inode, int cap);

/* Who may write to a file that is executed, and the reverse: -ETXTBSY. */
int get_write_access(struct inode *inode);
void put_write_access(struct inode *inode);
int deny_write_access(struct inode *inode);
void allow_write_access(struct inode *inode);

/* Counts for /proc/sys/fs/inode-nr. */
unsigned long nr_inodes(void);

void inode_init(void);
