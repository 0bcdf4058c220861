/*
 * Between fs/mount.c (the objects), fs/mount_tree.c (the tree) and
 * fs/namespace.c (the system calls).
 */
#pragma once

#include <fs/mount.h>

extern struct mnt_namespace init_mnt_ns;

/* A mount of @root (a new reference is taken) on @sb (whose active reference
 * passes to it), in no tree, with one reference. NULL: no memory. */
struct mount *mount_alloc(struct super_block *sb, struct dentry *root,
			  const char *source, unsigned int flags);
/* mntput() whose last part is done at once. Context: no locks. */
void mntput_sync(struct mount *mount);

void mount_hash(struct mount *mount);
void mount_unhash(struct mount *mount);

static inline bool mount_is_attached(const struct mount *mount)
{
	return mount->parent != mount;
}

/* Where something is to be mounted: the place, its inode locked, and
 * mounts_rwsem held for writing. */
int mount_lock_place(const struct path *path, struct path *place);
void mount_unlock_place(struct path *place);

int mount_attach(struct mount *mount, const struct path *place);
void mount_attach_root(struct mount *mount, struct mnt_namespace *ns);
int mount_move(struct mount *mount, const struct path *place);
void mount_swap_roots(struct mount *root, struct mount *new_root,
		      const struct path *put_old);
struct mount *mount_copy_tree(struct mount *mount, struct dentry *root,
			      bool recursive);
void mount_discard_tree(struct mount *top);
int mount_umount(struct mount *mount, bool lazy);
bool mount_is_below(const struct mount *mount, const struct mount *ancestor);
void umount_tree(struct mount *mount, struct list_head *gone);
void umount_put_all(struct list_head *gone);
int mount_set_flags(struct mount *mount, unsigned int flags);
int mount_sb_may_be_readonly(struct super_block *sb);
