/*
 * From names to places: path lookup, and changes of the tree of names.
 *
 * One iterative walker serves every call (fs/namei.c). It begins without
 * taking references (RCU); when it meets something that may sleep, it takes
 * references to where it stands and goes on, or starts again with them.
 */
#pragma once

#include <fs/inode.h>
#include <fs/path.h>
#include <keel/err.h>
#include <uapi/limits.h>

struct dentry;
struct file;
struct qstr;

/* Lookup flags. */
#define LOOKUP_FOLLOW		0x0001u	/* the last component, if a symlink */
#define LOOKUP_DIRECTORY	0x0002u	/* must be a directory */
#define LOOKUP_EMPTY		0x0004u	/* "" means the starting point */
#define LOOKUP_RCU		0x0040u	/* walking without references */
#define LOOKUP_OPEN		0x0100u	/* what for: hints to ops */
#define LOOKUP_CREATE		0x0200u
#define LOOKUP_EXCL		0x0400u
#define LOOKUP_PARENT		0x1000u	/* stop before the last component */
#define LOOKUP_NO_SYMLINKS	0x10000u /* openat2(2)'s RESOLVE_* */
#define LOOKUP_NO_MAGICLINKS	0x20000u
#define LOOKUP_NO_XDEV		0x40000u
#define LOOKUP_BENEATH		0x80000u
#define LOOKUP_IN_ROOT		0x100000u
#define LOOKUP_CACHED		0x200000u
#define LOOKUP_IS_SCOPED	(LOOKUP_BENEATH | LOOKUP_IN_ROOT)

#define MAX_SYMLINKS		40	/* more in one lookup: -ELOOP */

/*
 * A path name copied into the kernel: short ones into the struct itself, which
 * lives on the caller's stack. 8 bytes behind the terminator are readable.
 */
#define PATHNAME_INLINE		128

struct pathname {
	const char	*name;		/* inline_name, or allocated */
	char		inline_name[PATHNAME_INLINE];
};

/*
 * 0; -EFAULT, -ENAMETOOLONG, -ENOMEM; -ENOENT for "" without LOOKUP_EMPTY.
 * On error there is nothing to put.
 */
int pathname_get(struct pathname *p, const char __user *user,
		 unsigned int lookup_flags);
int pathname_get_kernel(struct pathname *p, const char *name);
void pathname_put_slow(struct pathname *p);

static inline void pathname_put(struct pathname *p)
{
	if (unlikely(p->name != p->inline_name))
		pathname_put_slow(p);
}

/*
 * Find a file. @dfd is a descriptor or AT_FDCWD. *@path gets references.
 * Errors: as man 7 path_resolution.
 */
int user_path_at(int dfd, const char __user *name, unsigned int lookup_flags,
		 struct path *path);
int kern_path(const char *name, unsigned int lookup_flags, struct path *path);
int path_lookup_at(int dfd, const char *name, unsigned int lookup_flags,
		   struct path *path);
/* From @base downwards; ".." stops there. */
int vfs_path_lookup(const struct path *base, const char *name,
		    unsigned int lookup_flags, struct path *path);
/* One component below @base, whose inode is locked. ERR_PTR or a dentry. */
struct dentry *lookup_one(struct dentry *base, const char *name, size_t len);

/*
 * A name about to be created: *@parent gets the directory, which is locked,
 * with write access to the mount; the result is a negative dentry. Undone by
 * done_path_create(). ERR_PTR: -EEXIST, ... @lookup_flags may have
 * LOOKUP_DIRECTORY: the name may end in a slash.
 */
struct dentry *kern_path_create(const char *name, struct path *parent,
				unsigned int lookup_flags);
struct dentry *user_path_create(int dfd, const char __user *name,
				struct path *parent, unsigned int lookup_flags);
void done_path_create(struct path *parent, struct dentry *dentry);

/*
 * For get_link of a magic link (/proc/<pid>/fd/N): the walk goes on at @path,
 * whose references pass on. get_link returns what this does: NULL.
 */
static inline const char *nd_jump_link(struct link_done *done,
				       const struct path *path)
{
	done->jump = *path;
	return NULL;
}

/*
 * Changes, with permissions checked. The directory is locked for writing and
 * the mount's write access held, unless said otherwise.
 */
int vfs_create(struct inode *dir, struct dentry *dentry, mode_t mode,
	       bool excl);
int vfs_mkdir(struct inode *dir, struct dentry *dentry, mode_t mode);
int vfs_mknod(struct inode *dir, struct dentry *dentry, mode_t mode,
	      dev_t rdev);
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target);
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new);
int vfs_unlink(struct inode *dir, struct dentry *dentry);
int vfs_rmdir(struct inode *dir, struct dentry *dentry);

struct renamedata {
	struct inode	*old_dir;
	struct dentry	*old_dentry;
	struct inode	*new_dir;
	struct dentry	*new_dentry;
	unsigned int	flags;		/* RENAME_* */
};
/* Both directories locked by lock_rename(). */
int vfs_rename(struct renamedata *rd);
/* The one that is an ancestor of the other one's entry, or NULL. */
struct dentry *lock_rename(struct dentry *a, struct dentry *b);
void unlock_rename(struct dentry *a, struct dentry *b);

/* The text of a symbolic link, for readlink(2): bytes written, or errno. */
int vfs_readlink(struct dentry *dentry, char __user *buf, int size);

/* By the kernel's own names: at boot, and for core files. 0 or errno. */
int init_mkdir(const char *name, mode_t mode);
int init_mknod(const char *name, mode_t mode, dev_t rdev);
int init_symlink(const char *target, const char *name);
int init_link(const char *old, const char *new);
int init_unlink(const char *name);
int init_rmdir(const char *name);
int init_chmod(const char *name, mode_t mode);
int init_chown(const char *name, uid_t uid, gid_t gid, bool follow);
int init_utimes(const char *name, int64_t mtime_seconds);

/* May @path be entered as a working directory or root? 0 or errno. */
int path_permission(const struct path *path, int mask);
