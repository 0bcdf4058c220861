/*
 * The path walker.
 *
 * A path is a list of components. For each the walker asks: may I search this
 * directory, is there a dentry of that name, is something mounted on it, is it
 * a symbolic link? A link's text is walked before what follows it, which waits
 * in nd->rest; there is no recursion, so the depth of links costs no stack.
 *
 * The walk comes in two kinds. Under RCU nothing is referenced or locked: each
 * dentry is read between two looks at its sequence count, and the step from
 * parent to child counts if the parent was still unchanged after the child was
 * found. What cannot be done that way (a name that is not cached, a file
 * system that must sleep) makes the walker take references to where it stands
 * (leave_rcu()) and go on as the other kind. If that fails since something has
 * changed meanwhile, it is -ECHILD: the caller starts the walk afresh, without
 * RCU. Inside the text of a link, which only RCU keeps in place, it is always
 * that.
 *
 * Errors found under RCU are believed only after the check; the inode looked
 * at is memory of an inode at any rate, until the grace period is over. But a
 * dentry that dies loses its inode at once, so each pointer to one that is
 * read under RCU may be NULL.
 */
#include <fs/namei.h>

#include <arch/current.h>
#include <fs/fs.h>
#include <fs/super.h>
#include <kernel/task.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "internal.h"
#include "namei_internal.h"

static inline bool is_rcu(const struct nameidata *nd)
{
	return nd->flags & LOOKUP_RCU;
}

/* ---- from RCU to references ---- */

/*
 * Make @path, seen under RCU, a pair of references. On failure the halves
 * that are none are set to NULL, for path_put() after the end of RCU.
 */
static bool path_get_rcu(struct nameidata *nd, struct path *path,
			 unsigned int seq)
{
	struct dentry *dentry = path->dentry;

	path->dentry = NULL;
	if (unlikely(!mount_get_rcu(path->mount, nd->mount_seq))) {
		path->mount = NULL;
		return false;
	}
	if (unlikely(!dentry_get_rcu(dentry)))
		return false;
	path->dentry = dentry;
	return !read_seqcount_retry(&dentry->seq, seq);
}

/*
 * Take references to where we stand and end the RCU section, in any case.
 * Return: false if what we have seen is no longer so.
 */
static bool leave_rcu(struct nameidata *nd)
{
	bool ok = path_get_rcu(nd, &nd->path, nd->seq);

	if (nd->root.mount) {
		if (!ok)
			nd->root = (struct path){ NULL, NULL };
		else
			ok = path_get_rcu(nd, &nd->root, nd->root_seq);
	}
	nd->flags &= ~LOOKUP_RCU;
	rcu_read_unlock();
	return ok;
}

/* The same in the middle of a walk. Return: 0 or -ECHILD. */
static int need_references(struct nameidata *nd)
{
	bool text_is_link = nd->text_is_link;

	if (leave_rcu(nd) && !text_is_link)
		return 0;
	return -ECHILD;
}

/* ---- where walks begin ---- */

/* Remember the process's root, unless a root was given. */
static void set_root(struct nameidata *nd)
{
	struct fs *fs = current->fs;
	unsigned int seq;

	if (nd->root.mount)
		return;
	if (!is_rcu(nd)) {
		fs_get_root(fs, &nd->root);
		return;
	}
	do {
		seq = read_seqcount_begin(&fs->seq);
		nd->root = fs->root;
		nd->root_seq = read_seqcount_begin(&nd->root.dentry->seq);
	} while (read_seqcount_retry(&fs->seq, seq));
}

/* Go to nd->root: the path is absolute. */
static int jump_to_root(struct nameidata *nd)
{
	if (nd->flags & LOOKUP_BENEATH)
		return -EXDEV;
	set_root(nd);
	if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mount &&
	    nd->path.mount != nd->root.mount)
		return -EXDEV;
	if (is_rcu(nd)) {
		nd->path = nd->root;
		nd->seq = nd->root_seq;
		nd->inode = READ_ONCE(nd->path.dentry->inode);
		if (read_seqcount_retry(&nd->path.dentry->seq, nd->seq))
			return -ECHILD;
		return 0;
	}
	if (nd->path.mount)
		path_put(&nd->path);
	nd->path = nd->root;
	path_get(&nd->path);
	nd->inode = nd->path.dentry->inode;
	return 0;
}

static void begin_at_pwd(struct nameidata *nd)
{
	struct fs *fs = current->fs;
	unsigned int seq;

	if (!is_rcu(nd)) {
		fs_get_pwd(fs, &nd->path);
	} else {
		do {
			seq = read_seqcount_begin(&fs->seq);
			nd->path = fs->pwd;
			nd->seq = read_seqcount_begin(&nd->path.dentry->seq);
		} while (read_seqcount_retry(&fs->seq, seq));
	}
	nd->inode = READ_ONCE(nd->path.dentry->inode);
}

/* Relative to a descriptor: the file stays borrowed until nd_end(). */
static int begin_at_fd(struct nameidata *nd, const char *name)
{
	nd->base = fdget_raw(nd->dfd);
	if (!nd->base.file)
		return -EBADF;
	if (*name && !d_is_dir(nd->base.file->path.dentry))
		return -ENOTDIR;
	return 0;
}

static void enter_fd(struct nameidata *nd)
{
	nd->path = nd->base.file->path;
	if (is_rcu(nd))
		nd->seq = read_seqcount_begin(&nd->path.dentry->seq);
	else
		path_get(&nd->path);
	nd->inode = READ_ONCE(nd->path.dentry->inode);
}

int nd_begin(struct nameidata *nd, int dfd, const char *name,
	     unsigned int flags)
{
	bool absolute = *name == '/' && !(flags & LOOKUP_IN_ROOT);
	int err;

	nd->path.mount = NULL;
	nd->path.dentry = NULL;
	nd->root.mount = NULL;
	nd->root.dentry = NULL;
	nd->flags = flags;
	nd->text_is_link = false;
	nd->nr_links = 0;
	nd->nr_rest = 0;
	nd->nr_held = 0;
	nd->held = NULL;
	nd->dfd = dfd;
	nd->base.file = NULL;
	nd->base.need_put = false;
	if (!absolute && dfd != AT_FDCWD) {
		err = begin_at_fd(nd, name);
		if (err) {
			nd->flags &= ~LOOKUP_RCU;
			return err;
		}
	}
	if (flags & LOOKUP_RCU) {
		rcu_read_lock();
		nd->mount_seq = read_seqbegin(&mount_lock);
	}
	if (absolute)
		return jump_to_root(nd);
	if (dfd == AT_FDCWD)
		begin_at_pwd(nd);
	else
		enter_fd(nd);
	/* Under RCU, it can have died since we read where it is. */
	if (unlikely(!nd->inode))
		return -ECHILD;
	if (unlikely(flags & LOOKUP_IS_SCOPED)) {
		nd->root = nd->path;
		nd->root_seq = nd->seq;
		if (!is_rcu(nd))
			path_get(&nd->root);
	}
	return 0;
}

static void drop_held_links(struct nameidata *nd)
{
	while (nd->nr_held) {
		struct held_link *link = &nd->held[--nd->nr_held];

		if (link->done.fn)
			link->done.fn(link->done.arg);
		dput(link->dentry);
	}
	kfree(nd->held);
	nd->held = NULL;
}

/* Let go of everything the walk still holds. */
void nd_end(struct nameidata *nd)
{
	if (is_rcu(nd)) {
		nd->flags &= ~LOOKUP_RCU;
		rcu_read_unlock();
	} else {
		if (nd->path.mount || nd->path.dentry)
			path_put(&nd->path);
		if (nd->root.mount || nd->root.dentry)
			path_put(&nd->root);
		if (unlikely(nd->held))
			drop_held_links(nd);
	}
	if (nd->base.file)
		fdput(nd->base);
}

/* ---- dot and dot-dot ---- */

static int step_dots(struct nameidata *nd)
{
	if (nd->last_type != LAST_DOTDOT)
		return 0;
	set_root(nd);
	return is_rcu(nd) ? nd_step_up_rcu(nd) : nd_step_up(nd);
}

/* ---- finding a name ---- */

/* Is the cached @dentry still right? As ops->revalidate: 1, 0, or errno. */
static int revalidate(struct dentry *dentry, unsigned int flags)
{
	if (likely(!(READ_ONCE(dentry->flags) & DENTRY_REVALIDATE)))
		return 1;
	return dentry->ops->revalidate(dentry, flags);
}

/*
 * Search @dir, which is locked, in the cache and then in the file system.
 *
 * Context: may sleep. Locking: dir's rwsem held.
 * Return: a dentry, negative perhaps; ERR_PTR: -ENOENT (dir was removed),
 * -ENAMETOOLONG, -ENOMEM, what the lookup op says.
 */
struct dentry *lookup_locked(struct dentry *dir, const struct qstr *name,
			     unsigned int flags)
{
	struct dentry *dentry = d_lookup(dir, name), *other;
	struct inode *inode = dir->inode;

	if (dentry) {
		int ok = revalidate(dentry, flags);

		if (likely(ok > 0))
			return dentry;
		if (ok == 0)
			d_invalidate(dentry);
		dput(dentry);
		if (ok < 0)
			return ERR_PTR(ok);
	}
	if (unlikely(inode->flags & S_DEAD))
		return ERR_PTR(-ENOENT);
	if (unlikely(name->len > NAME_MAX))
		return ERR_PTR(-ENAMETOOLONG);
	dentry = d_alloc(dir, name);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	other = inode->ops->lookup(inode, dentry, flags);
	if (likely(!other))
		return dentry;
	dput(dentry);
	return other;
}

/* With references: from the cache, or with the directory locked. */
static struct dentry *nd_find_last(struct nameidata *nd)
{
	struct dentry *dir = nd->path.dentry;
	struct dentry *dentry = d_lookup(dir, &nd->last);
	unsigned int flags = nd->flags;

	if (dentry && revalidate(dentry, flags) > 0)
		return dentry;
	dput(dentry);
	if (flags & LOOKUP_CACHED)
		return ERR_PTR(-EAGAIN);
	inode_lock_nested(nd->inode, INODE_LOCK_PARENT);
	dentry = lookup_locked(dir, &nd->last, flags);
	inode_unlock(nd->inode);
	return dentry;
}

/* ---- symbolic links ---- */

static int may_follow(struct nameidata *nd, const struct mount *mount)
{
	if (nd->nr_links++ >= MAX_SYMLINKS)
		return -ELOOP;
	if (nd->flags & LOOKUP_NO_SYMLINKS)
		return -ELOOP;
	return READ_ONCE(mount->flags) & MNT_NOSYMFOLLOW ? -ELOOP : 0;
}

/* An absolute text starts at the root; then its slashes do no harm. */
static const char *enter_text(struct nameidata *nd, const char *text)
{
	int err;

	if (!*text)
		return ERR_PTR(-ENOENT);
	if (*text == '/') {
		err = jump_to_root(nd);
		if (err)
			return ERR_PTR(err);
	}
	return text;
}

/*
 * A magic link leads to @to, whose references are ours.
 *
 * Return: NULL (we are there) or ERR_PTR.
 */
static const char *enter_jump(struct nameidata *nd, const struct path *to)
{
	int err = 0;

	if (nd->flags & LOOKUP_NO_MAGICLINKS)
		err = -ELOOP;
	else if ((nd->flags & LOOKUP_NO_XDEV) && to->mount != nd->path.mount)
		err = -EXDEV;
	else if (nd->flags & LOOKUP_IS_SCOPED)
		err = -EXDEV;
	if (err) {
		path_put(to);
		return ERR_PTR(err);
	}
	path_put(&nd->path);
	nd->path = *to;
	nd->inode = to->dentry->inode;
	return NULL;
}

/* Keep @link's text in place until the end of the walk. */
static int hold_link(struct nameidata *nd, const struct held_link *link)
{
	if (!nd->held) {
		nd->held = kmalloc_array(MAX_SYMLINKS, sizeof(*nd->held),
					 GFP_KERNEL);
		if (!nd->held)
			return -ENOMEM;
	}
	nd->held[nd->nr_held++] = *link;
	return 0;
}

/*
 * With references: follow the link at @path, which belongs to the caller's
 * step and is consumed.
 *
 * Return: the text to walk; NULL if a magic link has taken us there; ERR_PTR.
 */
static const char *follow_link(struct nameidata *nd, struct path *path)
{
	struct inode *inode = path->dentry->inode;
	struct held_link link = { .dentry = path->dentry };
	const char *text = inode->link;
	int err = may_follow(nd, path->mount);

	if (!err)
		touch_atime(path);
	if (!err && !text) {
		text = inode->ops->get_link(path->dentry, inode, &link.done);
		if (IS_ERR(text))
			err = PTR_ERR(text);
	}
	if (!err)
		err = hold_link(nd, &link);
	mntput(path->mount);
	if (err) {
		if (link.done.fn)
			link.done.fn(link.done.arg);
		if (link.done.jump.mount)
			path_put(&link.done.jump);
		dput(path->dentry);
		return ERR_PTR(err);
	}
	return text ? enter_text(nd, text) : enter_jump(nd, &link.done.jump);
}

/* Under RCU: only if the text is part of the inode. -ECHILD otherwise. */
static const char *follow_link_rcu(struct nameidata *nd,
				   const struct path *path,
				   struct inode *inode, unsigned int seq)
{
	const char *text = READ_ONCE(inode->link);
	int err = may_follow(nd, path->mount);

	if (err)
		return ERR_PTR(err);
	if (!text || read_seqcount_retry(&path->dentry->seq, seq))
		return ERR_PTR(-ECHILD);
	nd->text_is_link = true;
	return enter_text(nd, text);
}

/* ---- one step ---- */

/* Is it a link that this step has to follow? */
static bool is_to_follow(const struct nameidata *nd, const struct inode *inode,
			 bool is_last)
{
	if (likely(!S_ISLNK(inode->mode)))
		return false;
	return !is_last || nd->last_slash || (nd->flags & LOOKUP_FOLLOW);
}

/*
 * Step onto @dentry (a reference, consumed), found as nd->last.
 *
 * Return: a link's text, NULL (we stand on it), ERR_PTR.
 */
static const char *step_to(struct nameidata *nd, struct dentry *dentry,
			   bool is_last)
{
	struct path path = { nd->path.mount, dentry };
	int err;

	if (d_is_negative(dentry)) {
		dput(dentry);
		return ERR_PTR(-ENOENT);
	}
	mntget(path.mount);
	err = nd_cross_mounts(nd, &path);
	if (err) {
		path_put(&path);
		return ERR_PTR(err);
	}
	if (is_to_follow(nd, path.dentry->inode, is_last))
		return follow_link(nd, &path);
	path_put(&nd->path);
	nd->path = path;
	nd->inode = path.dentry->inode;
	return NULL;
}

const char *nd_step(struct nameidata *nd, struct dentry *dentry)
{
	return step_to(nd, dentry, true);
}

/*
 * The whole step under RCU.
 *
 * Return: as step_to(); ERR_PTR(-ECHILD) if it cannot be done this way. Then
 * nothing has happened yet, and the walk may go on with references.
 */
static const char *step_rcu(struct nameidata *nd, bool is_last)
{
	struct dentry *parent = nd->path.dentry;
	struct path path = { .mount = nd->path.mount };
	struct inode *inode;
	unsigned int seq;
	int err;

	path.dentry = d_lookup_rcu(parent, &nd->last, &seq);
	if (unlikely(!path.dentry))
		return ERR_PTR(-ECHILD);
	inode = READ_ONCE(path.dentry->inode);
	/* The child is the parent's if the parent has not changed by now. */
	if (read_seqcount_retry(&parent->seq, nd->seq))
		return ERR_PTR(-ECHILD);
	if (unlikely(revalidate(path.dentry, nd->flags) <= 0))
		return ERR_PTR(-ECHILD);
	if (unlikely(!inode)) {
		if (read_seqcount_retry(&path.dentry->seq, seq))
			return ERR_PTR(-ECHILD);
		return ERR_PTR(-ENOENT);
	}
	if (unlikely(d_mounted(path.dentry))) {
		err = nd_cross_mounts_rcu(nd, &path, &inode, &seq);
		if (err)
			return ERR_PTR(err);
	}
	if (unlikely(is_to_follow(nd, inode, is_last)))
		return follow_link_rcu(nd, &path, inode, seq);
	nd->path = path;
	nd->inode = inode;
	nd->seq = seq;
	return NULL;
}

static const char *step_slow(struct nameidata *nd, bool is_last)
{
	struct dentry *dentry = nd_find_last(nd);

	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	return step_to(nd, dentry, is_last);
}

/* From where we stand to nd->last. Return: as step_to(). */
static const char *step(struct nameidata *nd, bool is_last)
{
	int err;

	if (unlikely(nd->last_type != LAST_NORM))
		return ERR_PTR(step_dots(nd));
	if (likely(is_rcu(nd))) {
		unsigned int nr_links = nd->nr_links;
		const char *text = step_rcu(nd, is_last);

		if (likely(text != ERR_PTR(-ECHILD)))
			return text;
		nd->nr_links = nr_links;
		err = need_references(nd);
		if (err)
			return ERR_PTR(err);
	}
	return step_slow(nd, is_last);
}

/* May we search the directory we stand on? */
static inline int may_search(struct nameidata *nd)
{
	struct inode *inode = nd->inode;
	int err;

	if (unlikely(!S_ISDIR(inode->mode)))
		return -ENOTDIR;
	/* If everybody may, there is no need to know who we are. */
	if (likely((inode->mode & 0111) == 0111 && !inode->ops->permission))
		return 0;
	if (is_rcu(nd)) {
		err = inode_permission(inode, MAY_EXEC | MAY_NOT_BLOCK);
		if (err != -ECHILD)
			return err;
		err = need_references(nd);
		if (err)
			return err;
		inode = nd->inode;
	}
	return inode_permission(inode, MAY_EXEC);
}

/* Cut the next component off @name. Return: where the one after it begins. */
static const char *next_component(struct nameidata *nd, const char *name)
{
	size_t len;
	uint64_t hash;

	hash = hash_component(name, (uintptr_t)nd->path.dentry, &len);
	nd->last = (struct qstr){ name, len, hash >> 32 };
	nd->last_type = LAST_NORM;
	if (unlikely(name[0] == '.')) {
		if (len == 1)
			nd->last_type = LAST_DOT;
		else if (len == 2 && name[1] == '.')
			nd->last_type = LAST_DOTDOT;
	}
	name += len;
	nd->last_slash = *name == '/';
	while (*name == '/')
		name++;
	return name;
}

int nd_walk(struct nameidata *nd, const char *name)
{
	const char *text;
	int err;

	while (*name == '/')
		name++;
	if (unlikely(!*name)) {
		nd->last = (struct qstr){ name, 0, 0 };
		nd->last_type = LAST_ROOT;
		nd->last_slash = false;
		return 0;
	}
	for (;;) {
		err = may_search(nd);
		if (unlikely(err))
			return err;
		name = next_component(nd, name);
		if (!*name) {
			if (likely(!nd->nr_rest))
				return 0;
			name = nd->rest[--nd->nr_rest];
		}
		text = step(nd, false);
		if (likely(!text))
			continue;
		if (IS_ERR(text))
			return PTR_ERR(text);
		nd->rest[nd->nr_rest++] = name;
		name = text;
		while (*name == '/')
			name++;
		if (!*name)	/* a link to "/" */
			name = nd->rest[--nd->nr_rest];
	}
}

const char *nd_last(struct nameidata *nd)
{
	if (nd->last_slash)
		nd->flags |= LOOKUP_DIRECTORY | LOOKUP_FOLLOW;
	return step(nd, true);
}

/* ---- where walks end ---- */

static int check_arrival(const struct nameidata *nd)
{
	if ((nd->flags & LOOKUP_DIRECTORY) && !S_ISDIR(nd->inode->mode))
		return -ENOTDIR;
	/* A ".." that raced with a rename must not have led outside. */
	if (unlikely(nd->flags & LOOKUP_IS_SCOPED)) {
		struct path place = nd->path;

		while (place.mount != nd->root.mount &&
		       READ_ONCE(place.mount->parent) != place.mount) {
			place.dentry = place.mount->mountpoint;
			place.mount = place.mount->parent;
		}
		if (place.mount != nd->root.mount ||
		    !is_subdir(place.dentry, nd->root.dentry))
			return -EXDEV;
	}
	return 0;
}

int nd_complete(struct nameidata *nd)
{
	if (is_rcu(nd)) {
		/* The root is not needed any more: spare the references. */
		if (!(nd->flags & LOOKUP_IS_SCOPED))
			nd->root = (struct path){ NULL, NULL };
		if (unlikely(!leave_rcu(nd)))
			return -ECHILD;
	}
	return check_arrival(nd);
}

int nd_complete_parent(struct nameidata *nd)
{
	bool text_is_link = nd->text_is_link;
	bool was_rcu = is_rcu(nd);
	int err = nd_complete(nd);

	return !err && was_rcu && text_is_link ? -ECHILD : err;
}

int nd_lookup(struct nameidata *nd, const char *name)
{
	const char *text = name;
	int err;

	do {
		err = nd_walk(nd, text);
		if (unlikely(err))
			return err;
		text = nd_last(nd);
	} while (unlikely(text && !IS_ERR(text)));
	return PTR_ERR_OR_ZERO(text);
}
