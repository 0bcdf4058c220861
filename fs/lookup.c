/*
 * Lookups as their callers see them: from a name to a path.
 *
 * Each is one walk, tried under RCU first and done again with references if
 * that failed (-ECHILD).
 */
#include <fs/namei.h>

#include <fs/stat.h>
#include <lib/string.h>

#include "internal.h"
#include "namei_internal.h"

/* One whole walk. *@path gets the references. */
static int walk_once(struct nameidata *nd, int dfd, const char *name,
		     unsigned int flags, struct path *path)
{
	int err = nd_begin(nd, dfd, name, flags);

	if (!err)
		err = nd_lookup(nd, name);
	if (!err)
		err = nd_complete(nd);
	if (!err) {
		*path = nd->path;
		nd->path = (struct path){ NULL, NULL };
	}
	nd_end(nd);
	return err;
}

/*
 * The file called @name, as seen from @dfd. @name has slack (struct pathname).
 *
 * Context: may sleep. Return: 0 with references in *@path, or an errno of
 * man 7 path_resolution.
 */
int path_lookup_at(int dfd, const char *name, unsigned int lookup_flags,
		   struct path *path)
{
	struct nameidata nd;
	int err = walk_once(&nd, dfd, name, lookup_flags | LOOKUP_RCU, path);

	if (unlikely(err == -ECHILD)) {
		if (lookup_flags & LOOKUP_CACHED)
			return -EAGAIN;
		err = walk_once(&nd, dfd, name, lookup_flags, path);
	}
	return err;
}

int user_path_at(int dfd, const char __user *name, unsigned int lookup_flags,
		 struct path *path)
{
	struct pathname p;
	int err = pathname_get(&p, name, lookup_flags);

	if (err)
		return err;
	err = path_lookup_at(dfd, p.name, lookup_flags, path);
	pathname_put(&p);
	return err;
}

int kern_path(const char *name, unsigned int lookup_flags, struct path *path)
{
	struct pathname p;
	int err = pathname_get_kernel(&p, name);

	if (err)
		return err;
	err = path_lookup_at(AT_FDCWD, p.name, lookup_flags, path);
	pathname_put(&p);
	return err;
}

/*
 * Stat without taking any reference: walk under RCU, copy the inode's fields,
 * and see whether all that was still true at the end.
 *
 * Return: 0 or an errno; -ECHILD if it has to be done the other way.
 */
int path_getattr_rcu(int dfd, const char *name, unsigned int lookup_flags,
		     struct kstat *stat)
{
	struct nameidata nd;
	int err = nd_begin(&nd, dfd, name, lookup_flags | LOOKUP_RCU);

	if (!err)
		err = nd_lookup(&nd, name);
	if (!err && !(nd.flags & LOOKUP_RCU))
		err = -ECHILD;	/* it slept: no use in going on this way */
	if (!err && (nd.flags & LOOKUP_DIRECTORY) &&
	    !S_ISDIR(nd.inode->mode))
		err = -ENOTDIR;
	if (!err && nd.inode->ops->getattr)
		err = -ECHILD;
	if (!err) {
		generic_fillattr(nd.inode, stat);
		stat->mnt_id = nd.path.mount->id;
		stat->attributes_mask = STATX_ATTR_MOUNT_ROOT;
		if (nd.path.dentry == nd.path.mount->root)
			stat->attributes = STATX_ATTR_MOUNT_ROOT;
		if (!nd_is_valid_rcu(&nd))
			err = -ECHILD;
	}
	nd_end(&nd);
	return err;
}

/* ---- below a given directory ---- */

static int check_component(struct dentry *base, const char *name, size_t len)
{
	if (len == 0 || len > NAME_MAX)
		return len ? -ENAMETOOLONG : -EACCES;
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return -EACCES;
	if (memchr(name, '/', len) || memchr(name, 0, len))
		return -EACCES;
	if (!d_is_dir(base))
		return -ENOTDIR;
	return inode_permission(base->inode, MAY_EXEC);
}

/*
 * The dentry of one name in @base, negative perhaps.
 *
 * Context: may sleep. Locking: base's inode locked for writing.
 * Return: a reference, or ERR_PTR.
 */
struct dentry *lookup_one(struct dentry *base, const char *name, size_t len)
{
	struct qstr q = { .name = name, .len = len };
	int err = check_component(base, name, len);

	if (err)
		return ERR_PTR(err);
	q.hash = name_hash(base, name, len);
	return lookup_locked(base, &q, 0);
}

static int walk_below(struct nameidata *nd, const struct path *base,
		      const char *name, unsigned int flags, struct path *path)
{
	int err = nd_begin(nd, AT_FDCWD, "", flags);

	if (!err) {
		path_put(&nd->path);
		nd->path = *base;
		path_get(&nd->path);
		nd->inode = base->dentry->inode;
		nd->root = *base;
		path_get(&nd->root);
		err = nd_lookup(nd, name);
	}
	if (!err)
		err = nd_complete(nd);
	if (!err) {
		*path = nd->path;
		nd->path = (struct path){ NULL, NULL };
	}
	nd_end(nd);
	return err;
}

/* As kern_path(), with @base for both root and working directory. */
int vfs_path_lookup(const struct path *base, const char *name,
		    unsigned int lookup_flags, struct path *path)
{
	struct nameidata nd;
	struct pathname p;
	int err = pathname_get_kernel(&p, name);

	if (err)
		return err;
	err = walk_below(&nd, base, p.name, lookup_flags, path);
	pathname_put(&p);
	return err;
}

int path_permission(const struct path *path, int mask)
{
	return inode_permission(path->dentry->inode, mask);
}

/* ---- parents ---- */

static int parent_once(struct nameidata *nd, int dfd, const char *name,
		       unsigned int flags)
{
	int err = nd_begin(nd, dfd, name, flags);

	if (!err)
		err = nd_walk(nd, name);
	if (!err)
		err = nd_complete_parent(nd);
	if (err)
		nd_end(nd);
	return err;
}

/*
 * Walk to the directory of the last component of @name, which is left in
 * @nd; its path are references. nd_end() is due if this succeeds.
 */
int parent_lookup(struct nameidata *nd, int dfd, const char *name)
{
	int err = parent_once(nd, dfd, name, LOOKUP_RCU);

	if (unlikely(err == -ECHILD))
		err = parent_once(nd, dfd, name, 0);
	return err;
}

/*
 * Lock the directory @nd has found and make sure that its last component is a
 * name that does not exist there.
 */
static struct dentry *__no_lock_check
create_last(struct nameidata *nd, unsigned int flags)
{
	struct inode *dir = nd->inode;
	struct dentry *dentry;
	int err = -EEXIST;

	if (nd->last_type != LAST_NORM)
		return ERR_PTR(-EEXIST);
	inode_lock_nested(dir, INODE_LOCK_PARENT);
	dentry = lookup_locked(nd->path.dentry, &nd->last,
			       LOOKUP_CREATE | LOOKUP_EXCL);
	if (IS_ERR(dentry)) {
		inode_unlock(dir);
		return dentry;
	}
	if (d_is_negative(dentry)) {
		/* Only a directory may be called "name/". */
		if (!nd->last_slash || (flags & LOOKUP_DIRECTORY))
			return dentry;
		err = -ENOENT;
	}
	dput(dentry);
	inode_unlock(dir);
	return ERR_PTR(err);
}

/* A name that exists is -EEXIST also where nothing may be written. */
static struct dentry *__no_lock_check path_create(int dfd, const char *name,
		struct path *parent, unsigned int flags)
{
	struct nameidata nd;
	struct dentry *dentry;
	int err = parent_lookup(&nd, dfd, name), write_err;

	if (err)
		return ERR_PTR(err);
	write_err = mnt_want_write(nd.path.mount);
	dentry = create_last(&nd, flags);
	if (!IS_ERR(dentry) && write_err) {
		dput(dentry);
		inode_unlock(nd.inode);
		dentry = ERR_PTR(write_err);
	}
	if (IS_ERR(dentry)) {
		if (!write_err)
			mnt_drop_write(nd.path.mount);
	} else {
		*parent = nd.path;
		nd.path = (struct path){ NULL, NULL };
	}
	nd_end(&nd);
	return dentry;
}

struct dentry *kern_path_create(const char *name, struct path *parent,
				unsigned int lookup_flags)
{
	struct dentry *dentry;
	struct pathname p;
	int err = pathname_get_kernel(&p, name);

	if (err)
		return ERR_PTR(err);
	dentry = path_create(AT_FDCWD, p.name, parent, lookup_flags);
	pathname_put(&p);
	return dentry;
}

struct dentry *user_path_create(int dfd, const char __user *name,
				struct path *parent, unsigned int lookup_flags)
{
	struct dentry *dentry;
	struct pathname p;
	int err = pathname_get(&p, name, 0);

	if (err)
		return ERR_PTR(err);
	dentry = path_create(dfd, p.name, parent, lookup_flags);
	pathname_put(&p);
	return dentry;
}

void __no_lock_check
done_path_create(struct path *parent, struct dentry *dentry)
{
	inode_unlock(parent->dentry->inode);
	dput(dentry);
	mnt_drop_write(parent->mount);
	path_put(parent);
}
