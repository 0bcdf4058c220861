/*
 * Trees of files that the kernel makes up: the fixed part of /proc, and /sys.
 *
 * Whoever has something to show describes it in a struct pseudo_file and adds
 * it below a directory. What the file says is made when it is read. Entries
 * stay for good, so that a reader needs no lock and no reference: the list of
 * a directory only ever grows, at its end, and an entry's place in it is the
 * cookie readdir gives out.
 *
 *	static const struct pseudo_file uptime = {
 *		.name = "uptime", .mode = 0444, .show = uptime_show,
 *	};
 *	pseudo_add(&proc_root, &uptime, NULL);
 *
 * Names that do not exist have no dentry: they may exist a moment later, and
 * nobody would tell the cache.
 */
#pragma once

#include <fs/inode.h>
#include <keel/list.h>
#include <lib/string.h>

struct dir_context;
struct file_ops;
struct pseudo_entry;
struct seq_file;
struct seq_ops;

/*
 * What a file is: exactly one of show (the whole text; m->private is what
 * pseudo_add() was given), seq (record by record) and fops (anything; see
 * pseudo_private()). Must stay.
 */
struct pseudo_file {
	const char		*name;
	mode_t			mode;		/* permissions */
	int			(*show)(struct seq_file *m, void *v);
	const struct seq_ops	*seq;
	const struct file_ops	*fops;
	const struct inode_ops	*iops;		/* NULL: the usual ones */
	bool			no_splice;	/* see FOPS_NO_SPLICE_IN */
};

/*
 * One name in such a tree. Field protection: [C] constant  [T] the tree's
 * lock, readable under RCU and after  [I] its inodes' rwsem: what chmod(2)
 * and chown(2) set
 */
struct pseudo_entry {
	const char		*name;		/* [C] */
	mode_t			mode;		/* [I] type and permissions */
	uid_t			uid;		/* [I] */
	gid_t			gid;		/* [I] */
	ino_t			ino;		/* [C] */
	loff_t			cookie;		/* [C] in the parent's list */
	bool			fixed;		/* [C] no chmod, no chown */
	const struct pseudo_file *file;		/* [C] NULL: not a file */
	const struct inode_ops	*ops;		/* [C] */
	const char		*link;		/* [C] a symlink's text */
	void			*private;	/* [C] */
	struct list_head	sibling;	/* [T] */
	struct list_head	children;	/* [T] */
	loff_t			next_cookie;	/* [T] */
	unsigned int		nr_dirs;	/* [T] among the children */
};

#define PSEUDO_ROOT_INO	1
/* "." and ".." come before the first entry. */
#define PSEUDO_FIRST	2

/* A directory defined at compile time: a tree's root. */
#define PSEUDO_ROOT_INIT(var, dir_ops) {				\
		.name = "/",						\
		.mode = S_IFDIR | 0555,					\
		.ino = PSEUDO_ROOT_INO,					\
		.ops = (dir_ops),					\
		.children = LIST_HEAD_INIT((var).children),		\
		.next_cookie = PSEUDO_FIRST,				\
	}

/*
 * Adding. Context: process; may sleep. NULL: no memory. A name that is taken
 * is our own mistake and panics.
 */
struct pseudo_entry *pseudo_add(struct pseudo_entry *parent,
				const struct pseudo_file *file, void *private);
struct pseudo_entry *pseudo_mkdir(struct pseudo_entry *parent,
				  const char *name);
struct pseudo_entry *pseudo_symlink(struct pseudo_entry *parent,
				    const char *name, const char *target);
/* A symlink whose text @ops->get_link makes. */
struct pseudo_entry *pseudo_magic_link(struct pseudo_entry *parent,
				       const char *name,
				       const struct inode_ops *ops);
/* All of a table, at boot; panics if there is no memory. */
void pseudo_add_all(struct pseudo_entry *parent,
		    const struct pseudo_file *files, size_t nr);

/* For fops: what pseudo_add() was given. */
static inline void *pseudo_private(const struct inode *inode)
{
	return ((const struct pseudo_entry *)inode->private)->private;
}

/* The inode of @entry, with one reference. NULL: no memory. May sleep. */
struct inode *pseudo_inode(struct super_block *sb, struct pseudo_entry *entry);
/* A directory's ops, and the parts of which a richer one is made. */
extern const struct inode_ops pseudo_dir_iops;
extern const struct file_ops pseudo_dir_fops;
struct dentry *pseudo_lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int lookup_flags);
bool pseudo_emit(struct file *file, struct dir_context *ctx);
int pseudo_setattr(struct dentry *dentry, struct iattr *attr);
