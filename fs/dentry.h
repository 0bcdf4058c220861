/*
 * Directory entries: the names of the tree that are in memory.
 *
 * A dentry says what one name in one directory stands for: an inode, or (a
 * negative dentry) that there is no such file. The tree of dentries is a cache
 * of what the file systems know; for tmpfs, procfs and the like it is all there
 * is. Path lookup finds children in one global hash table keyed by the parent
 * and the name, where the parent's address is the seed of the name's hash.
 *
 * A lookup under RCU takes no reference and writes nothing. It is kept honest
 * by dentry->seq, which changes whenever name, parent, inode or being hashed
 * do: who has read a dentry's fields and then finds seq unchanged has seen one
 * state of it. The memory stays a dentry until a grace period is over.
 *
 * References: a child holds one to its parent, so a referenced dentry's whole
 * path to the root stays. With count 0 a dentry remains in the cache, on the
 * LRU list, until the shrinker takes it; with count DENTRY_DEAD it is being
 * taken apart, and nobody gets a reference any more.
 *
 * Field protection:  [D] dentry->lock, changes under seq, readable by both
 * [P] the parent's lock  [B] the hash bucket's lock  [U] the LRU's lock
 * [C] constant  [A] atomic
 * parent and name change by d_move() only, which also holds rename_lock.
 *
 * Lock order: inode->rwsem of the directory, rename_lock, dentry->lock
 * (parent before child), hash bucket, LRU.
 */
#pragma once

#include <fs/path.h>
#include <keel/err.h>
#include <keel/list.h>
#include <kernel/rcu.h>
#include <kernel/seqlock.h>
#include <mm/gfp.h>

struct inode;
struct super_block;

/* dentry->flags. The type of the inode is kept here, to save a cache line. */
#define DENTRY_TYPE_MASK	0x0007u
#define DENTRY_NEGATIVE		0x0000u
#define DENTRY_FILE		0x0001u	/* anything that is none of these: */
#define DENTRY_DIR		0x0002u
#define DENTRY_SYMLINK		0x0003u
#define DENTRY_MOUNTED		0x0010u	/* something is mounted on it */
#define DENTRY_REVALIDATE	0x0020u	/* ops->revalidate exists */
#define DENTRY_DELETE		0x0040u	/* ops->delete exists */
#define DENTRY_DISCONNECTED	0x0400u	/* an unnamed file's: pipe, memfd */
#define DENTRY_DONTCACHE	0x0800u	/* goes with its last reference */
#define DENTRY_CANT_MOUNT	0x1000u	/* being removed */

#define DENTRY_DEAD		(-128)
#define DENTRY_INLINE_NAME	40	/* NUL and padding included */

/* A name to be searched for; not necessarily terminated. */
struct qstr {
	const char	*name;
	uint32_t	len;
	uint32_t	hash;	/* name_hash(parent, name, len) */
};

#define QSTR(str)	((struct qstr){ .name = (str), .len = strlen(str) })

/*
 *	op		caller holds			may sleep   if NULL
 *	revalidate	a reference, or RCU		not with    true
 *			(flags & LOOKUP_RCU)		LOOKUP_RCU
 *	delete		dentry->lock			no	    keep it
 *	release		nothing: last look at ->private	no	    nothing
 *	dname		a reference			no	    its path
 *
 * revalidate: 1 the dentry is still right, 0 forget it and look up again,
 * -ECHILD ask again without LOOKUP_RCU, or an errno.
 * delete: at the last dput(), true if the dentry shall not stay in the cache.
 * dname: for files without a path ("pipe:[17]"): write into @buf.
 */
struct dentry_ops {
	int (*revalidate)(struct dentry *dentry, unsigned int lookup_flags);
	bool (*delete)(const struct dentry *dentry);
	void (*release)(struct dentry *dentry);
	int (*dname)(struct dentry *dentry, char *buf, size_t size);
};

struct dentry {
	/* What a lookup reads, in one cache line. */
	struct hlist_node	hash_node;	/* [B] RCU */
	struct dentry		*parent;	/* [D] itself, for a root */
	const char		*name;		/* [D] inline or external */
	uint32_t		name_len;	/* [D] */
	uint32_t		name_hash;	/* [D] */
	struct seqcount		seq;
	unsigned int		flags;		/* [D] DENTRY_* */
	struct inode		*inode;		/* [D] NULL: negative */
	const struct dentry_ops	*ops;		/* [C] may be NULL */

	/* [D] Zeros up to a multiple of 8 bytes follow a name. */
	char			inline_name[DENTRY_INLINE_NAME] __aligned(8);

	struct spinlock		lock;
	atomic_t		count;		/* [A] references, or DEAD */
	struct super_block	*sb;		/* [C] */
	void			*private;	/* the file system's */
	bool			on_lru;		/* [U] */
	bool			referenced;	/* since the shrinker looked */
	struct list_head	lru;		/* [U] */
	struct list_head	sibling;	/* [P] in parent->children */
	struct list_head	children;	/* [D] */
	struct rcu_head		rcu;
};

/* Serialises d_move(); readers that follow ->parent retry by its count. */
extern struct seqlock rename_lock;

static inline bool d_is_negative(const struct dentry *dentry)
{
	return !(READ_ONCE(dentry->flags) & DENTRY_TYPE_MASK);
}

static inline bool d_is_positive(const struct dentry *dentry)
{
	return !d_is_negative(dentry);
}

static inline bool d_is_dir(const struct dentry *dentry)
{
	return (READ_ONCE(dentry->flags) & DENTRY_TYPE_MASK) == DENTRY_DIR;
}

static inline bool d_is_symlink(const struct dentry *dentry)
{
	return (READ_ONCE(dentry->flags) & DENTRY_TYPE_MASK) == DENTRY_SYMLINK;
}

/* Steady only with the directory locked or a reference to a positive one. */
static inline struct inode *d_inode(const struct dentry *dentry)
{
	return READ_ONCE(dentry->inode);
}

static inline bool d_is_root(const struct dentry *dentry)
{
	return dentry->parent == dentry;
}

/* Not found by lookups any more; d_unlinked() also excludes roots. */
static inline bool d_unhashed(const struct dentry *dentry)
{
	return hlist_unhashed(&dentry->hash_node);
}

static inline bool d_unlinked(const struct dentry *dentry)
{
	return d_unhashed(dentry) && !d_is_root(dentry);
}

static inline bool d_mounted(const struct dentry *dentry)
{
	return READ_ONCE(dentry->flags) & DENTRY_MOUNTED;
}

/* One more reference, by who holds one. NULL is fine. Any context. */
static inline struct dentry *dget(struct dentry *dentry)
{
	if (dentry)
		atomic_inc(&dentry->count);
	return dentry;
}

/* Drop one. NULL is fine. May sleep: the inode may go with it. */
void dput(struct dentry *dentry);

/* A reference to whatever is the parent now. */
struct dentry *dget_parent(struct dentry *dentry);

/* Making them: with one reference and not hashed. NULL: no memory. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_name(struct dentry *parent, const char *name);
struct dentry *d_alloc_anon(struct super_block *sb, const struct qstr *name,
			    const struct dentry_ops *ops);
/* A root for @inode, whose reference it takes over even if it fails. */
struct dentry *d_make_root(struct inode *inode);

/* The hash of a name below @parent; lookups need it in qstr->hash. */
uint32_t name_hash(const struct dentry *parent, const char *name, size_t len);

/*
 * Find a child. With a reference; NULL if not cached. d_lookup_name() also
 * computes the hash.
 */
struct dentry *d_lookup(const struct dentry *parent, const struct qstr *name);
struct dentry *d_lookup_name(const struct dentry *parent, const char *name);
/* Under RCU, no reference: NULL if not there *or* a rename got in between. */
struct dentry *d_lookup_rcu(const struct dentry *parent,
			    const struct qstr *name, unsigned int *seq);

/*
 * Changing what a name means; the directory is locked for writing.
 * d_instantiate: an unused negative dentry becomes @inode's (its reference
 * passes on). d_add: the same, and hashed; @inode may be NULL: a negative.
 * d_splice: d_add() as a lookup op's last statement; @inode may be an ERR_PTR,
 * which is returned. d_delete: the file was unlinked: negative if nobody
 * else uses the dentry, else unhashed.
 */
void d_instantiate(struct dentry *dentry, struct inode *inode);
void d_add(struct dentry *dentry, struct inode *inode);
struct dentry *d_splice(struct inode *inode, struct dentry *dentry);
void d_rehash(struct dentry *dentry);
void d_drop(struct dentry *dentry);
void d_delete(struct dentry *dentry);
/* Forget @dentry and all that is unused below it; detaches mounts there. */
void d_invalidate(struct dentry *dentry);

/* Both directories are locked, and the file system has done the rename. */
void d_move(struct dentry *dentry, struct dentry *target);
void d_exchange(struct dentry *a, struct dentry *b);

/* Is @dentry @ancestor or below it? */
bool is_subdir(struct dentry *dentry, struct dentry *ancestor);

/*
 * The path from the process's root. Written at the end of @buf; the result
 * points into it. " (deleted)" is appended to unlinked ones, and what cannot
 * be reached from the root begins with "(unreachable)". ERR_PTR(-ENAMETOOLONG).
 */
char *d_path(const struct path *path, char *buf, int size);
/* From @root, NULL if not below it; no "(deleted)". */
char *d_path_from(const struct path *path, const struct path *root, char *buf,
		  int size);
/* Within the file system. */
char *dentry_path(struct dentry *dentry, char *buf, int size);

/* Drop unused dentries: below @parent, or of a whole super block. */
void shrink_dcache_parent(struct dentry *parent);
void shrink_dcache_sb(struct super_block *sb);
/* At umount: every dentry of the super block goes, its root last. */
void shrink_dcache_for_umount(struct super_block *sb);

/* Counts for /proc/sys/fs/dentry-state. */
unsigned long dcache_nr_dentries(void);
unsigned long dcache_nr_unused(void);

void dcache_init(void);
