/*
 * The state of one path walk: between fs/namei.c, which walks, and the files
 * that begin and end walks (fs/lookup.c, fs/namei_open.c, fs/stat.c).
 */
#pragma once

#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>

/* What the last component is. */
enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

/* A symbolic link whose text is being walked, with references. */
struct held_link {
	struct dentry		*dentry;
	struct link_done	done;
};

/*
 * One walk. With LOOKUP_RCU in flags, path and root are not references but
 * pointers seen under RCU; seq and root_seq say when, and mount_seq for both
 * mounts. inode is path.dentry's.
 */
struct nameidata {
	struct path		path;
	struct inode		*inode;
	unsigned int		seq;
	unsigned int		mount_seq;
	unsigned int		flags;		/* LOOKUP_* */
	unsigned int		root_seq;
	struct path		root;		/* mount NULL: not yet needed */
	struct qstr		last;
	enum last_type		last_type;
	bool			last_slash;	/* a '/' follows it */
	bool			text_is_link;	/* a link's text is in use */
	unsigned int		nr_links;	/* followed so far */
	unsigned int		nr_rest;
	unsigned int		nr_held;
	int			dfd;
	struct fd		base;		/* where a walk began */
	struct held_link	*held;		/* made on first use */
	/* What comes after the links we are in: innermost last. */
	const char		*rest[MAX_SYMLINKS];
};

/*
 * Begin at @dfd or the root. Afterwards nd_end() is due, whatever happens.
 * Return: 0, -EBADF, -ENOTDIR.
 */
int nd_begin(struct nameidata *nd, int dfd, const char *name,
	     unsigned int flags);
void nd_end(struct nameidata *nd);

/*
 * Walk up to the last component, which is left in last, last_type, last_slash.
 * Then nd_last() steps onto it; it returns the text of a link that is to be
 * followed, for the next nd_walk(), or NULL, or ERR_PTR.
 */
int nd_walk(struct nameidata *nd, const char *name);
const char *nd_last(struct nameidata *nd);
/* Step onto a @dentry the caller has found for last; its reference passes. */
const char *nd_step(struct nameidata *nd, struct dentry *dentry);

/* Arrived: turn path into references and check what flags demand of it. */
int nd_complete(struct nameidata *nd);
/* References to the directory of last, which stays readable. -ECHILD: again. */
int nd_complete_parent(struct nameidata *nd);
/* All of it. -ECHILD: again, without LOOKUP_RCU. */
int nd_lookup(struct nameidata *nd, const char *name);

/* Is what was seen under RCU still so? */
static inline bool nd_is_valid_rcu(const struct nameidata *nd)
{
	return !read_seqcount_retry(&nd->path.dentry->seq, nd->seq) &&
	       !read_seqretry(&mount_lock, nd->mount_seq);
}

struct dentry *lookup_locked(struct dentry *dir, const struct qstr *name,
			     unsigned int flags);

/* fs/lookup.c */
int parent_lookup(struct nameidata *nd, int dfd, const char *name);
int path_getattr_rcu(int dfd, const char *name, unsigned int lookup_flags,
		     struct kstat *stat);

/*
 * fs/namei_mounts.c. Down: *@path becomes what is mounted on it, if anything.
 * Up: nd->path becomes its parent, but not above nd->root. -EXDEV where flags
 * forbid the step; -ECHILD (RCU).
 */
int nd_cross_mounts_rcu(struct nameidata *nd, struct path *path,
			struct inode **inode, unsigned int *seq);
int nd_cross_mounts(struct nameidata *nd, struct path *path);
int nd_step_up_rcu(struct nameidata *nd);
int nd_step_up(struct nameidata *nd);
