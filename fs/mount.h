/*
 * Mounts: where a file system hangs in the tree.
 *
 * One struct mount is one place: it shows (part of) a super block, from the
 * dentry root downwards, on top of the dentry mountpoint of its parent mount.
 * A lookup that reaches a dentry marked DENTRY_MOUNTED asks the hash table for
 * the mount at (mount, dentry). The same super block may be seen through many
 * mounts, each with flags of its own.
 *
 * Changing the tree takes mounts_rwsem for writing (the tree's shape, may
 * sleep) and around the change of pointers mount_lock, a seqlock: lookups
 * under RCU take no lock, and retry if mount_lock's count has changed. A
 * mount is found busy or not busy with mount_lock held for writing: a lookup
 * takes its reference first and looks at the count after, so one of the two
 * sees the other.
 *
 * Field protection:  [M] mounts_rwsem and mount_lock for writing; either for
 * reading, or RCU and retry  [C] constant  [A] atomic
 */
#pragma once

#include <fs/path.h>
#include <keel/err.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/rwsem.h>
#include <kernel/seqlock.h>

struct file_system_type;
struct mount_args;
struct seq_file;
struct super_block;

/* mount->flags */
#define MNT_NOSUID	0x01u
#define MNT_NODEV	0x02u
#define MNT_NOEXEC	0x04u
#define MNT_NOATIME	0x08u
#define MNT_NODIRATIME	0x10u
#define MNT_RELATIME	0x20u
#define MNT_READONLY	0x40u
#define MNT_NOSYMFOLLOW	0x80u
#define MNT_USER_FLAGS	0xffu
#define MNT_INTERNAL	0x4000u		/* the kernel's own: never in a tree */
#define MNT_UMOUNTED	0x8000u		/* taken out of the tree */

/*
 * The mounts a set of processes sees: one tree. Tasks reach theirs through the
 * mount of their root directory.
 */
struct mnt_namespace {
	struct refcount		refs;
	struct mount		*root;		/* [M] */
	struct list_head	mounts;		/* [M] in order of mounting */
	unsigned int		nr_mounts;	/* [M] */
	uint64_t		event;		/* [M] counts changes */
};

struct mount {
	struct mount		*parent;	/* [M] itself: not attached */
	struct dentry		*mountpoint;	/* [M] in parent; reference */
	struct dentry		*root;		/* [C] reference */
	struct super_block	*sb;		/* [C] active reference */
	unsigned int		flags;		/* [M] MNT_* */
	struct refcount		refs;		/* [A] one is the tree's */
	atomic_t		writers;	/* [A] mnt_want_write() */

	struct hlist_node	hash_node;	/* [M] RCU */
	struct list_head	children;	/* [M] by child_node */
	struct list_head	child_node;	/* [M] */
	struct mnt_namespace	*ns;		/* [M] NULL: in none */
	struct list_head	ns_node;	/* [M] ns->mounts */
	int			id;		/* [C] as in mountinfo */
	char			*source;	/* [C] "none", "/dev/vda" */
	struct list_head	umount_node;	/* while being unmounted */
	struct mount		*copy;		/* [M] while a tree is copied */
	struct rcu_head		rcu;
};

extern struct seqlock mount_lock;
extern struct rwsem mounts_rwsem;

/* Context: any, with a reference held. NULL is fine. */
static inline struct mount *mntget(struct mount *mount)
{
	if (mount)
		refcount_get(&mount->refs);
	return mount;
}

/* NULL is fine. The last one hands the rest to a work item: no lock rules. */
void mntput(struct mount *mount);

/* Under RCU, with @seq of mount_lock: a reference, if nothing has changed. */
bool mount_get_rcu(struct mount *mount, unsigned int seq);
/* What is mounted at (@parent, @dentry), or NULL; under RCU or the locks. */
struct mount *mount_find_rcu(const struct mount *parent,
			     const struct dentry *dentry);
/* The same, topmost, with a reference. */
struct mount *lookup_mount(const struct path *path);

/*
 * A promise that the mount stays writable until mnt_drop_write().
 * 0 or -EROFS.
 */
int mnt_want_write(struct mount *mount);
void mnt_drop_write(struct mount *mount);

static inline bool mnt_is_readonly(const struct mount *mount)
{
	return READ_ONCE(mount->flags) & MNT_READONLY;
}

/* No program may be executed from there. */
static inline bool path_noexec(const struct path *path)
{
	return READ_ONCE(path->mount->flags) & MNT_NOEXEC;
}

/* An instance for the kernel alone (pipefs), outside every tree. ERR_PTR. */
struct mount *kern_mount(const struct file_system_type *type);

/* Mount during boot: @type at @where ("/dev"). 0 or errno. */
int kern_mount_at(const char *type, const char *where, const char *source,
		  const char *data, unsigned int flags);

/*
 * For /proc/mounts, /proc/self/mountinfo: @fn for each mount, in order of
 * mounting, until it returns nonzero, which is returned. mounts_rwsem is held
 * for reading.
 */
int mounts_for_each(int (*fn)(struct mount *mount, void *arg), void *arg);
/*
 * One line each: "source where type rw,nosuid,... 0 0", and mountinfo's.
 * Nothing is printed for what cannot be reached from @root.
 */
int mount_show(struct seq_file *m, struct mount *mount,
	       const struct path *root);
int mountinfo_show(struct seq_file *m, struct mount *mount,
		   const struct path *root);

/* Is @dentry somebody's mount point, here or in another tree? */
bool is_local_mountpoint(struct dentry *dentry);
/* Unmount whatever is on @dentry, which is being removed, or below it. */
void detach_mounts(struct dentry *dentry);

void mount_init(void);
/* Make the first tree: tmpfs; root and working directory of init_task. */
void mount_root(void);
