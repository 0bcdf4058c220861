/*
 * mount(2), umount2(2), pivot_root(2).
 *
 * mount(2) is five calls in one, told apart by its flags: a new mount, a bind
 * (the same tree at a second place), a move, a remount, and a change of how
 * mounts propagate. All ours are private, so of the last only that is accepted.
 */
#include <fs/mount.h>

#include <arch/uaccess.h>
#include <fs/dentry.h>
#include <fs/fs.h>
#include <fs/namei.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "filesystems.h"
#include "internal.h"
#include "mount_internal.h"

#define MS_PROPAGATION	(MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

static bool may_mount(void)
{
	return capable(CAP_SYS_ADMIN);
}

/* MS_* to MNT_*: relatime, unless something else is asked for. */
static unsigned int mount_flags(unsigned long flags)
{
	static const struct { unsigned long ms; unsigned int mnt; } table[] = {
		{ MS_NOSUID, MNT_NOSUID },	{ MS_NODEV, MNT_NODEV },
		{ MS_NOEXEC, MNT_NOEXEC },	{ MS_NOATIME, MNT_NOATIME },
		{ MS_RDONLY, MNT_READONLY },
		{ MS_NODIRATIME, MNT_NODIRATIME },
		{ MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW },
	};
	unsigned int i, mnt = 0;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (flags & table[i].ms)
			mnt |= table[i].mnt;
	if (!(flags & (MS_NOATIME | MS_STRICTATIME)))
		mnt |= MNT_RELATIME;
	return mnt;
}

/* ---- new mounts ---- */

/* A mount of a new (or the single) instance of @type, in no tree yet. */
static struct mount *mount_of_type(const struct file_system_type *type,
				   const struct mount_args *args,
				   unsigned int mnt_flags)
{
	struct super_block *sb = super_get_for_mount(type, args);
	struct mount *mount;

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	mount = mount_alloc(sb, sb->root, args->source, mnt_flags);
	if (!mount) {
		super_put_active(sb);
		return ERR_PTR(-ENOMEM);
	}
	return mount;
}

/* Hang @mount, with what is on it, on the place @path leads to. It is ours. */
static int attach_at(struct mount *mount, const struct path *path)
{
	struct path place;
	int err = mount_lock_place(path, &place);

	if (!err) {
		/* The same thing twice on one place is a mistake. */
		if (place.mount->sb == mount->sb &&
		    place.mount->root == place.dentry &&
		    place.dentry == mount->root)
			err = -EBUSY;
		else
			err = mount_attach(mount, &place);
		mount_unlock_place(&place);
	}
	if (err)
		mount_discard_tree(mount);
	return err;
}

static int do_new_mount(const struct path *path, const char *type_name,
			const struct mount_args *args, unsigned int mnt_flags)
{
	const struct file_system_type *type;
	struct mount *mount;

	if (!type_name)
		return -EINVAL;
	type = file_system_find(type_name);
	if (!type)
		return -ENODEV;
	mount = mount_of_type(type, args, mnt_flags);
	return IS_ERR(mount) ? PTR_ERR(mount) : attach_at(mount, path);
}

/* ---- bind, move, remount ---- */

static int do_bind(const struct path *path, const char *source, bool recursive)
{
	struct mount *mount;
	struct path from;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = kern_path(source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	down_write(&mounts_rwsem);
	if (from.mount->ns)
		mount = mount_copy_tree(from.mount, from.dentry, recursive);
	else
		mount = ERR_PTR(-EINVAL);
	up_write(&mounts_rwsem);
	path_put(&from);
	if (IS_ERR(mount))
		return PTR_ERR(mount);
	return attach_at(mount, path);
}

static int do_move(const struct path *path, const char *source)
{
	struct path from, place;
	int err;

	if (!source || !*source)
		return -EINVAL;
	err = kern_path(source, LOOKUP_FOLLOW, &from);
	if (err)
		return err;
	err = mount_lock_place(path, &place);
	if (!err) {
		err = -EINVAL;
		if (from.dentry == from.mount->root)
			err = mount_move(from.mount, &place);
		mount_unlock_place(&place);
	}
	path_put(&from);
	return err;
}

static int do_remount(const struct path *path, unsigned long flags,
		      const struct mount_args *args, unsigned int mnt_flags)
{
	struct mount *mount = path->mount;
	int err = 0;

	if (path->dentry != mount->root)
		return -EINVAL;
	/* Without access-time flags, they stay as they are. */
	if (!(flags & (MS_NOATIME | MS_NODIRATIME | MS_RELATIME |
		       MS_STRICTATIME))) {
		const unsigned int atime = MNT_NOATIME | MNT_NODIRATIME |
					   MNT_RELATIME;

		mnt_flags = (mnt_flags & ~atime) | (mount->flags & atime);
	}
	if (!(flags & MS_BIND)) {
		if ((flags & MS_RDONLY) && !sb_rdonly(mount->sb))
			err = mount_sb_may_be_readonly(mount->sb);
		if (!err)
			err = super_remount(mount->sb, args);
		if (err)
			return err;
	}
	return mount_set_flags(mount, mnt_flags);
}

static int do_change_type(const struct path *path, unsigned long flags)
{
	const unsigned long type = flags & MS_PROPAGATION;

	if (flags & ~(MS_PROPAGATION | MS_REC | MS_SILENT))
		return -EINVAL;
	if (path->dentry != path->mount->root)
		return -EINVAL;
	return type == MS_PRIVATE ? 0 : -EINVAL;
}

static int mount_at(const struct path *path, const char *type,
		    unsigned long flags, const struct mount_args *args)
{
	unsigned int mnt_flags = mount_flags(flags);

	if (!may_mount())
		return -EPERM;
	if (flags & MS_REMOUNT)
		return do_remount(path, flags, args, mnt_flags);
	if (flags & MS_BIND)
		return do_bind(path, args->source, flags & MS_REC);
	if (flags & MS_PROPAGATION)
		return do_change_type(path, flags);
	if (flags & MS_MOVE)
		return do_move(path, args->source);
	return do_new_mount(path, type, args, mnt_flags);
}

/* ---- the system call ---- */

/* A string of less than @size bytes; NULL stays NULL. ERR_PTR. */
static char *copy_string(const char __user *user, size_t size, bool cut)
{
	char *copy;
	long len;

	if (!user)
		return NULL;
	copy = kmalloc(size, GFP_KERNEL);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(copy, user, size);
	if (len >= (long)size && cut)
		copy[size - 1] = '\0';
	else if (len >= (long)size)
		len = -EINVAL;
	if (len >= 0)
		return copy;
	kfree(copy);
	return ERR_PTR(len);
}

SYSCALL_DEFINE5(mount, char __user *, source, char __user *, dir,
		char __user *, type, unsigned long, flags, void __user *, data)
{
	char *k_type, *k_source, *k_data;
	struct mount_args args;
	struct path path;
	int err;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	k_type = copy_string(type, PATH_MAX, false);
	if (IS_ERR(k_type))
		return PTR_ERR(k_type);
	k_source = copy_string(source, PATH_MAX, false);
	err = PTR_ERR(k_source);
	if (IS_ERR(k_source))
		goto free_type;
	k_data = copy_string(data, PAGE_SIZE, true);
	err = PTR_ERR(k_data);
	if (IS_ERR(k_data))
		goto free_source;
	err = user_path_at(AT_FDCWD, dir, LOOKUP_FOLLOW, &path);
	if (err)
		goto free_data;
	args = (struct mount_args){
		.source = k_source, .data = k_data,
		.sb_flags = flags & (SB_RDONLY | SB_SYNCHRONOUS | SB_SILENT),
	};
	err = mount_at(&path, k_type, flags, &args);
	path_put(&path);

free_data:
	kfree(k_data);
free_source:
	kfree(k_source);
free_type:
	kfree(k_type);
	return err;
}

/* ---- umount ---- */

static int umount_at(struct path *path, int flags)
{
	struct mount *mount = path->mount;
	int err = -EINVAL;

	/* Expiry needs a second look later, which nobody here takes. */
	if (!may_mount())
		err = -EPERM;
	else if (path->dentry == mount->root && !(flags & MNT_EXPIRE))
		err = mount_umount(mount, flags & MNT_DETACH);
	/* The dentry first: it must not outlive its file system. */
	dput(path->dentry);
	mntput_sync(mount);
	return err;
}

SYSCALL_DEFINE2(umount2, char __user *, name, int, flags)
{
	unsigned int how = flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = user_path_at(AT_FDCWD, name, how, &path);
	return err ? err : umount_at(&path, flags);
}

/* ---- pivot_root ---- */

static bool is_reachable(const struct path *path, const struct path *root)
{
	struct mount *mount = path->mount;
	struct dentry *dentry = path->dentry;

	while (mount != root->mount && mount_is_attached(mount)) {
		dentry = mount->mountpoint;
		mount = mount->parent;
	}
	return mount == root->mount && is_subdir(dentry, root->dentry);
}

/* Locking: mounts_rwsem held for writing. 0; -EINVAL; -EBUSY. */
static int check_pivot(const struct path *new, const struct path *put_old,
		       const struct path *root)
{
	if (!new->mount->ns || !root->mount->ns)
		return -EINVAL;
	if (new->mount == root->mount || put_old->mount == root->mount)
		return -EBUSY;
	if (root->dentry != root->mount->root ||
	    !mount_is_attached(root->mount))
		return -EINVAL;
	if (new->dentry != new->mount->root || !mount_is_attached(new->mount))
		return -EINVAL;
	if (!is_reachable(put_old, new) || !is_reachable(new, root))
		return -EINVAL;
	return 0;
}

static int pivot(const struct path *new, const struct path *old)
{
	struct path root, place;
	int err = mount_lock_place(old, &place);

	if (err)
		return err;
	fs_get_root(current->fs, &root);
	err = check_pivot(new, &place, &root);
	if (!err)
		mount_swap_roots(root.mount, new->mount, &place);
	mount_unlock_place(&place);
	if (!err)
		fs_replace_all(&root, new);
	path_put(&root);
	return err;
}

SYSCALL_DEFINE2(pivot_root, const char __user *, new_root,
		const char __user *, put_old)
{
	const unsigned int how = LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	struct path new, old;
	int err;

	if (!may_mount())
		return -EPERM;
	err = user_path_at(AT_FDCWD, new_root, how, &new);
	if (err)
		return err;
	err = user_path_at(AT_FDCWD, put_old, how, &old);
	if (!err) {
		err = pivot(&new, &old);
		path_put(&old);
	}
	path_put(&new);
	return err;
}

/* ---- boot ---- */

int kern_mount_at(const char *type, const char *where, const char *source,
		  const char *data, unsigned int flags)
{
	struct mount_args args = {
		.source = source, .data = data,
		.sb_flags = flags & (SB_RDONLY | SB_SYNCHRONOUS),
	};
	struct path path;
	int err = kern_path(where, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = do_new_mount(&path, type, &args, mount_flags(flags));
	path_put(&path);
	return err;
}

/* The first file system: a tmpfs, under the name tools know it by. */
void __init mount_root(void)
{
	static struct file_system_type rootfs_type;
	/* Programs have to live somewhere: no limit but memory's. */
	const struct mount_args args = {
		.source = "rootfs", .data = "mode=755,nr_inodes=0",
	};
	struct mount *mount;
	struct path root;

	rootfs_type = tmpfs_type;
	rootfs_type.name = "rootfs";
	mount = mount_of_type(&rootfs_type, &args, 0);
	if (IS_ERR(mount))
		panic("cannot mount the root file system: %ld",
		      PTR_ERR(mount));
	mount_attach_root(mount, &init_mnt_ns);
	root = (struct path){ mount, mount->root };
	fs_set_root(&init_fs, &root);
	fs_set_pwd(&init_fs, &root);
}
