/*
 * The path walker at mounts: downwards, from a mount point onto what is mounted
 * there, and upwards, where the ".." of a mount's root leads to the place it is
 * mounted on.
 *
 * Each comes in two forms, as all of the walk does: under RCU, where what was
 * read is checked by the counts of mount_lock and of the dentries, and with
 * references.
 */
#include <fs/namei.h>

#include <fs/super.h>

#include "internal.h"
#include "namei_internal.h"

/* ---- mounts on the way down ---- */

/* Under RCU: replace path and inode by what is mounted there, if anything. */
int nd_cross_mounts_rcu(struct nameidata *nd, struct path *path,
			struct inode **inode, unsigned int *seq)
{
	while (unlikely(d_mounted(path->dentry))) {
		struct mount *over = mount_find_rcu(path->mount, path->dentry);

		if (read_seqretry(&mount_lock, nd->mount_seq))
			return -ECHILD;
		if (!over)
			break;
		if (nd->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		path->mount = over;
		path->dentry = over->root;
		*seq = read_seqcount_begin(&path->dentry->seq);
		*inode = READ_ONCE(path->dentry->inode);
	}
	/* What was unmounted just now may be without its inode already. */
	return likely(*inode) ? 0 : -ECHILD;
}

/* With references: those of @path pass to what is mounted there. */
int nd_cross_mounts(struct nameidata *nd, struct path *path)
{
	while (unlikely(d_mounted(path->dentry))) {
		struct mount *over = lookup_mount(path);

		if (!over)
			break;
		if (nd->flags & LOOKUP_NO_XDEV) {
			mntput(over);
			return -EXDEV;
		}
		path_put(path);
		path->mount = over;
		path->dentry = dget(over->root);
	}
	return 0;
}

/* ---- dot and dot-dot ---- */

/*
 * A directory that was moved out of what its mount shows has no way up: ".."
 * would lead to where the mount's users were never let in.
 */
static bool is_connected(const struct path *path)
{
	struct dentry *root = path->mount->root;

	return root == path->mount->sb->root || is_subdir(path->dentry, root);
}

int nd_step_up_rcu(struct nameidata *nd)
{
	struct dentry *dentry = nd->path.dentry, *parent;
	unsigned int seq;

	while (dentry == nd->path.mount->root) {
		struct mount *mount = nd->path.mount;
		struct mount *up = READ_ONCE(mount->parent);

		if (path_equal(&nd->path, &nd->root) || up == mount)
			return nd->flags & LOOKUP_BENEATH ? -EXDEV : 0;
		dentry = READ_ONCE(mount->mountpoint);
		nd->seq = read_seqcount_begin(&dentry->seq);
		if (read_seqretry(&mount_lock, nd->mount_seq))
			return -ECHILD;
		if (nd->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		nd->path = (struct path){ up, dentry };
		nd->inode = READ_ONCE(dentry->inode);
		if (unlikely(!nd->inode))
			return -ECHILD;
	}
	if (path_equal(&nd->path, &nd->root))
		return nd->flags & LOOKUP_BENEATH ? -EXDEV : 0;
	parent = READ_ONCE(dentry->parent);
	seq = read_seqcount_begin(&parent->seq);
	if (read_seqcount_retry(&dentry->seq, nd->seq))
		return -ECHILD;
	if (!is_connected(&nd->path))
		return -ECHILD;
	nd->path.dentry = parent;
	nd->seq = seq;
	nd->inode = READ_ONCE(parent->inode);
	return nd_cross_mounts_rcu(nd, &nd->path, &nd->inode, &nd->seq);
}

/* The place a mount is on, with references; false at the top of the tree. */
static bool mountpoint_get(struct mount *mount, struct path *place)
{
	unsigned int seq;

	RCU_GUARD();
	for (;;) {
		seq = read_seqbegin(&mount_lock);
		place->mount = READ_ONCE(mount->parent);
		place->dentry = READ_ONCE(mount->mountpoint);
		if (read_seqretry(&mount_lock, seq))
			continue;
		if (place->mount == mount)
			return false;
		if (!mount_get_rcu(place->mount, seq))
			continue;
		if (dentry_get_rcu(place->dentry))
			return true;
		mntput(place->mount);
	}
}

int nd_step_up(struct nameidata *nd)
{
	struct dentry *parent;

	while (nd->path.dentry == nd->path.mount->root) {
		struct path up;

		if (path_equal(&nd->path, &nd->root) ||
		    !mountpoint_get(nd->path.mount, &up))
			return nd->flags & LOOKUP_BENEATH ? -EXDEV : 0;
		path_put(&nd->path);
		nd->path = up;
		nd->inode = up.dentry->inode;
		if (nd->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
	}
	if (path_equal(&nd->path, &nd->root))
		return nd->flags & LOOKUP_BENEATH ? -EXDEV : 0;
	if (!is_connected(&nd->path))
		return -ENOENT;
	parent = dget_parent(nd->path.dentry);
	dput(nd->path.dentry);
	nd->path.dentry = parent;
	if (nd_cross_mounts(nd, &nd->path))
		return -EXDEV;
	nd->inode = nd->path.dentry->inode;
	return 0;
}
