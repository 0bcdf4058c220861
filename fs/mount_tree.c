/*
 * The mount tree: attaching, moving, copying and taking apart.
 *
 * All of it happens with mounts_rwsem held for writing; the pointers that
 * lookups follow change under mount_lock as well. Putting references can end
 * file systems, so it is left until both are released: umount_tree() collects
 * what it has cut off in a list.
 */
#include <fs/mount.h>

#include <fs/dentry.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <keel/bug.h>

#include "internal.h"
#include "mount_internal.h"

struct mnt_namespace init_mnt_ns = {
	.refs = REFCOUNT_INIT(1),
	.mounts = LIST_HEAD_INIT(init_mnt_ns.mounts),
};

/* Is anything mounted on @dentry? Locking: mounts_rwsem held. */
static bool has_mount(const struct dentry *dentry)
{
	struct mount *mount;

	list_for_each_entry(mount, &init_mnt_ns.mounts, ns_node)
		if (mount_is_attached(mount) && mount->mountpoint == dentry)
			return true;
	return false;
}

static void set_mounted(struct dentry *dentry, bool mounted)
{
	SPIN_GUARD(&dentry->lock);
	if (mounted)
		dentry->flags |= DENTRY_MOUNTED;
	else
		dentry->flags &= ~DENTRY_MOUNTED;
}

bool is_local_mountpoint(struct dentry *dentry)
{
	bool found;

	if (!d_mounted(dentry))
		return false;
	down_read(&mounts_rwsem);
	found = has_mount(dentry);
	up_read(&mounts_rwsem);
	return found;
}

/* Is @mount @ancestor, or somewhere on top of it? */
bool mount_is_below(const struct mount *mount, const struct mount *ancestor)
{
	while (mount != ancestor && mount_is_attached(mount))
		mount = mount->parent;
	return mount == ancestor;
}

/* The mount after @mount in the subtree of @top, parents first. NULL: done. */
static struct mount *next_mount(struct mount *mount, struct mount *top)
{
	if (!list_empty(&mount->children))
		return list_first_entry(&mount->children, struct mount,
					child_node);
	for (; mount != top; mount = mount->parent)
		if (mount->child_node.next != &mount->parent->children)
			return list_next_entry(mount, child_node);
	return NULL;
}

/* ---- attaching ---- */

static void ns_add_tree(struct mount *top, struct mnt_namespace *ns)
{
	struct mount *mount;

	for (mount = top; mount; mount = next_mount(mount, top)) {
		mount->ns = ns;
		list_add_tail(&mount->ns_node, &ns->mounts);
		ns->nr_mounts++;
	}
	ns->event++;
}

/* Locking: mount_lock held for writing. */
static void link_at(struct mount *mount, const struct path *place)
{
	mount->parent = mntget(place->mount);
	mount->mountpoint = dget(place->dentry);
	set_mounted(place->dentry, true);
	list_add_tail(&mount->child_node, &place->mount->children);
	mount_hash(mount);
}

/* Undo link_at(); the references go to *@was. */
static void unlink_from_parent(struct mount *mount, struct path *was)
{
	*was = (struct path){ mount->parent, mount->mountpoint };
	mount_unhash(mount);
	list_del_init(&mount->child_node);
	mount->parent = mount;
	mount->mountpoint = mount->root;
}

static void unmark_mountpoint(struct dentry *dentry)
{
	if (!has_mount(dentry))
		set_mounted(dentry, false);
}

static bool can_be_on(const struct mount *mount, const struct path *place)
{
	return d_is_dir(mount->root) == d_is_dir(place->dentry);
}

/*
 * Hang the tree under @mount, which is in no namespace, at @place.
 *
 * Locking: place from mount_lock_place().
 * Return: 0; -ENOTDIR (a file onto a directory or the reverse).
 */
int mount_attach(struct mount *mount, const struct path *place)
{
	if (!can_be_on(mount, place))
		return -ENOTDIR;
	write_seqlock(&mount_lock);
	link_at(mount, place);
	ns_add_tree(mount, &init_mnt_ns);
	write_sequnlock(&mount_lock);
	return 0;
}

/* The first mount of a namespace. */
void mount_attach_root(struct mount *mount, struct mnt_namespace *ns)
{
	down_write(&mounts_rwsem);
	write_seqlock(&mount_lock);
	ns->root = mount;
	ns_add_tree(mount, ns);
	write_sequnlock(&mount_lock);
	up_write(&mounts_rwsem);
}

/* May @dentry be mounted on? Locking: its inode held. */
static bool is_usable_place(const struct dentry *dentry)
{
	return !(dentry->flags & DENTRY_CANT_MOUNT) && !d_unlinked(dentry) &&
	       d_is_positive(dentry);
}

/*
 * Find the topmost place at @path and keep it from being removed, or covered,
 * until mount_unlock_place().
 *
 * Context: may sleep. Locking: returns with the inode's rwsem and mounts_rwsem
 * held for writing. Return: 0, or -ENOENT (removed meanwhile).
 */
int __no_lock_check
mount_lock_place(const struct path *path, struct path *place)
{
	struct mount *over;

	*place = *path;
	path_get(place);
	for (;;) {
		struct inode *inode = place->dentry->inode;

		inode_lock(inode);
		if (!is_usable_place(place->dentry)) {
			inode_unlock(inode);
			path_put(place);
			return -ENOENT;
		}
		down_write(&mounts_rwsem);
		over = lookup_mount(place);
		if (!over)
			return 0;
		up_write(&mounts_rwsem);
		inode_unlock(inode);
		path_put(place);
		place->mount = over;
		place->dentry = dget(over->root);
	}
}

void __no_lock_check mount_unlock_place(struct path *place)
{
	up_write(&mounts_rwsem);
	inode_unlock(place->dentry->inode);
	path_put(place);
}

/* ---- moving ---- */

/*
 * MS_MOVE: @mount with all that is on it goes to @place.
 *
 * Locking: place from mount_lock_place().
 * Return: 0; -EINVAL (not in the tree, or its root), -ENOTDIR; -ELOOP (place
 * is on the mount itself).
 */
int mount_move(struct mount *mount, const struct path *place)
{
	struct path was;

	if (!mount_is_attached(mount) || mount->ns != &init_mnt_ns)
		return -EINVAL;
	if (!can_be_on(mount, place))
		return -ENOTDIR;
	if (mount_is_below(place->mount, mount))
		return -ELOOP;
	write_seqlock(&mount_lock);
	unlink_from_parent(mount, &was);
	link_at(mount, place);
	init_mnt_ns.event++;
	write_sequnlock(&mount_lock);
	unmark_mountpoint(was.dentry);
	path_put(&was);
	return 0;
}

/*
 * pivot_root(2): @new_root takes the place of @root, which goes to @put_old.
 *
 * Locking: mounts_rwsem held for writing; the caller has checked everything.
 */
void mount_swap_roots(struct mount *root, struct mount *new_root,
		      const struct path *put_old)
{
	struct path root_place, new_place;

	write_seqlock(&mount_lock);
	unlink_from_parent(new_root, &new_place);
	unlink_from_parent(root, &root_place);
	link_at(root, put_old);
	link_at(new_root, &root_place);
	init_mnt_ns.event++;
	write_sequnlock(&mount_lock);
	unmark_mountpoint(new_place.dentry);
	path_put(&new_place);
	path_put(&root_place);
}

/* ---- copying ---- */

static void discard_locked(struct mount *top);

static struct mount *mount_clone(struct mount *old, struct dentry *root)
{
	struct mount *mount;

	refcount_get(&old->sb->active);
	mount = mount_alloc(old->sb, root, old->source,
			    old->flags & MNT_USER_FLAGS);
	if (!mount)
		super_put_active(old->sb);
	return mount;
}

/*
 * Copy what is mounted on @old_top, as far as it is at or below @root.
 * old->copy remembers where the copy of each is, NULL if it was left out.
 */
static int copy_children(struct mount *old_top, struct mount *top,
			 struct dentry *root)
{
	struct mount *old = next_mount(old_top, old_top);

	old_top->copy = top;
	for (; old; old = next_mount(old, old_top)) {
		struct path place = { old->parent->copy, old->mountpoint };

		old->copy = NULL;
		if (!place.mount || (old->parent == old_top &&
				     !is_subdir(old->mountpoint, root)))
			continue;
		old->copy = mount_clone(old, old->root);
		if (!old->copy)
			return -ENOMEM;
		write_seqlock(&mount_lock);
		link_at(old->copy, &place);
		write_sequnlock(&mount_lock);
	}
	return 0;
}

/*
 * A copy of @mount showing @root, and with @recursive of the mounts on it.
 *
 * Locking: mounts_rwsem held for writing.
 * Return: the top of a tree in no namespace; ERR_PTR(-ENOMEM).
 */
struct mount *mount_copy_tree(struct mount *mount, struct dentry *root,
			      bool recursive)
{
	struct mount *top = mount_clone(mount, root);
	int err;

	if (!top)
		return ERR_PTR(-ENOMEM);
	err = recursive ? copy_children(mount, top, root) : 0;
	if (!err)
		return top;
	discard_locked(top);
	return ERR_PTR(err);
}

/* ---- taking apart ---- */

/*
 * Cut @top and all that is on it from everything. What they held is still
 * there: in ->parent and ->mountpoint, for umount_put_all().
 *
 * Locking: mounts_rwsem and mount_lock held for writing.
 */
void umount_tree(struct mount *top, struct list_head *gone)
{
	struct mount *mount;

	for (mount = top; mount; mount = next_mount(mount, top))
		list_add(&mount->umount_node, gone);	/* children first */
	list_for_each_entry(mount, gone, umount_node) {
		mount->flags |= MNT_UMOUNTED;
		if (mount->ns) {
			list_del_init(&mount->ns_node);
			mount->ns->nr_mounts--;
			mount->ns->event++;
			mount->ns = NULL;
		}
		if (mount_is_attached(mount)) {
			mount_unhash(mount);
			list_del_init(&mount->child_node);
		}
	}
}

/* Drop what umount_tree() has cut off. Locking: no spinlocks. May sleep. */
void umount_put_all(struct list_head *gone)
{
	struct mount *mount, *next;

	list_for_each_entry_safe(mount, next, gone, umount_node) {
		struct path was = { mount->parent, mount->mountpoint };

		list_del(&mount->umount_node);
		if (mount_is_attached(mount)) {
			unmark_mountpoint(was.dentry);
			write_seqlock(&mount_lock);
			mount->parent = mount;
			mount->mountpoint = mount->root;
			write_sequnlock(&mount_lock);
			path_put(&was);
		}
		mntput(mount);
	}
}

static void discard_locked(struct mount *top)
{
	LIST_HEAD(gone);

	write_seqlock(&mount_lock);
	umount_tree(top, &gone);
	write_sequnlock(&mount_lock);
	umount_put_all(&gone);
}

/* A tree of mounts that has not found a place is dropped. May sleep. */
void mount_discard_tree(struct mount *top)
{
	down_write(&mounts_rwsem);
	discard_locked(top);
	up_write(&mounts_rwsem);
}

/*
 * Unmount @mount, to which the caller has one reference: now, if nobody uses
 * it, or with @lazy out of sight now and for good when the last user is gone.
 *
 * Context: may sleep. Return: 0; -EBUSY; -EINVAL (not in the tree, or its
 * root).
 */
int mount_umount(struct mount *mount, bool lazy)
{
	LIST_HEAD(gone);
	int err = 0;

	down_write(&mounts_rwsem);
	write_seqlock(&mount_lock);
	smp_mb();	/* before the count is read: see mount_get_rcu() */
	if (!mount->ns || !mount_is_attached(mount))
		err = -EINVAL;
	else if (!lazy && (!list_empty(&mount->children) ||
			   refcount_read(&mount->refs) > 2))
		err = -EBUSY;
	else
		umount_tree(mount, &gone);
	write_sequnlock(&mount_lock);
	umount_put_all(&gone);
	up_write(&mounts_rwsem);
	return err;
}

void detach_mounts(struct dentry *dentry)
{
	struct mount *mount, *next;
	LIST_HEAD(gone);

	down_write(&mounts_rwsem);
	write_seqlock(&mount_lock);
	list_for_each_entry_safe(mount, next, &init_mnt_ns.mounts, ns_node) {
		if (mount_is_attached(mount) &&
		    is_subdir(mount->mountpoint, dentry)) {
			LIST_HEAD(tree);

			umount_tree(mount, &tree);
			list_splice_init(&tree, &gone);
			next = list_first_entry(&init_mnt_ns.mounts,
						struct mount, ns_node);
		}
	}
	write_sequnlock(&mount_lock);
	umount_put_all(&gone);
	up_write(&mounts_rwsem);
}

/* ---- flags ---- */

/* 0, or -EBUSY if it shall be read-only and has writers. */
int mount_set_flags(struct mount *mount, unsigned int flags)
{
	unsigned int was;
	int err = 0;

	down_write(&mounts_rwsem);
	write_seqlock(&mount_lock);
	was = mount->flags;
	WRITE_ONCE(mount->flags, (was & ~MNT_USER_FLAGS) | flags);
	smp_mb();	/* before the writers are counted */
	if ((flags & ~was & MNT_READONLY) && atomic_read(&mount->writers)) {
		WRITE_ONCE(mount->flags, was);
		err = -EBUSY;
	}
	write_sequnlock(&mount_lock);
	up_write(&mounts_rwsem);
	return err;
}

/* 0, or -EBUSY if somebody writes to the file system through any mount. */
int mount_sb_may_be_readonly(struct super_block *sb)
{
	struct mount *mount;
	int err = 0;

	down_read(&mounts_rwsem);
	list_for_each_entry(mount, &init_mnt_ns.mounts, ns_node)
		if (mount->sb == sb && atomic_read(&mount->writers))
			err = -EBUSY;
	up_read(&mounts_rwsem);
	return err;
}

int mounts_for_each(int (*fn)(struct mount *mount, void *arg), void *arg)
{
	struct mount *mount;
	int err = 0;

	down_read(&mounts_rwsem);
	list_for_each_entry(mount, &init_mnt_ns.mounts, ns_node) {
		err = fn(mount, arg);
		if (err)
			break;
	}
	up_read(&mounts_rwsem);
	return err;
}
