/*
 * From a place back to its name.
 *
 * The name is written from its end towards the front while we walk up, through
 * mount points, to the process's root. Dentries and mounts on the way may move
 * meanwhile; the counts of rename_lock and mount_lock tell, and we begin again.
 */
#include <fs/dentry.h>

#include <arch/current.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <kernel/task.h>
#include <lib/printf.h>
#include <lib/string.h>

#include "internal.h"

/* Text growing towards lower addresses; len < 0: it did not fit. */
struct backwards {
	char	*at;
	int	len;
};

static void prepend(struct backwards *b, const char *s, int len)
{
	b->len -= len;
	if (b->len >= 0) {
		b->at -= len;
		memcpy(b->at, s, len);
	}
}

/*
 * "/" and a name that may be changing under us: no more than its length, and
 * never behind a NUL, which is where every version of it ends.
 */
static void prepend_name(struct backwards *b, const struct dentry *dentry)
{
	const char *name = READ_ONCE(dentry->name);
	int len = strnlen(name, READ_ONCE(dentry->name_len));

	prepend(b, name, len);
	prepend(b, "/", 1);
}

enum end { END_AT_ROOT, END_OUTSIDE };

/*
 * Write the way from @root (mount NULL: the top of everything) to @path.
 * Context: RCU.
 */
static enum end prepend_way(struct backwards *b, const struct path *path,
			    const struct path *root)
{
	struct dentry *dentry = path->dentry;
	struct mount *mount = path->mount;

	while (dentry != root->dentry || mount != root->mount) {
		struct dentry *parent = READ_ONCE(dentry->parent);

		if (dentry == mount->root) {
			struct mount *up = READ_ONCE(mount->parent);

			if (up == mount)
				return END_OUTSIDE;
			dentry = READ_ONCE(mount->mountpoint);
			mount = up;
			continue;
		}
		if (dentry == parent)
			return END_OUTSIDE;
		prepend_name(b, dentry);
		dentry = parent;
	}
	return END_AT_ROOT;
}

static enum end write_path(struct backwards *b, const struct path *path,
			   const struct path *root)
{
	const struct backwards start = *b;
	unsigned int rename_seq, mount_seq;
	enum end end;

	do {
		*b = start;
		rename_seq = read_seqbegin(&rename_lock);
		mount_seq = read_seqbegin(&mount_lock);
		rcu_read_lock();
		end = prepend_way(b, path, root);
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, rename_seq) ||
		 read_seqretry(&mount_lock, mount_seq));
	if (b->at == start.at && b->len >= 0)
		prepend(b, "/", 1);
	return end;
}

static struct backwards backwards_begin(char *buf, int size)
{
	struct backwards b = { buf + size, size };

	prepend(&b, "", 1);
	return b;
}

static char *backwards_end(const struct backwards *b)
{
	return b->len < 0 ? ERR_PTR(-ENAMETOOLONG) : b->at;
}

char *d_path_from(const struct path *path, const struct path *root, char *buf,
		  int size)
{
	struct backwards b = backwards_begin(buf, size);

	if (write_path(&b, path, root) != END_AT_ROOT)
		return NULL;
	return backwards_end(&b);
}

static char *dynamic_name(const struct path *path, char *buf, int size)
{
	struct dentry *dentry = path->dentry;
	int err;

	if (dentry->ops && dentry->ops->dname) {
		err = dentry->ops->dname(dentry, buf, size);
		return err < 0 ? ERR_PTR(err) : buf;
	}
	if (snprintf(buf, size, "%s", dentry->name) >= size)
		return ERR_PTR(-ENAMETOOLONG);
	return buf;
}

/* Context: may sleep for what dname does; else any. */
char *d_path(const struct path *path, char *buf, int size)
{
	struct backwards b = backwards_begin(buf, size);
	struct path root;
	enum end end;

	if (unlikely(path->dentry->flags & DENTRY_DISCONNECTED))
		return dynamic_name(path, buf, size);
	fs_get_root(current->fs, &root);
	if (d_unlinked(path->dentry))
		prepend(&b, " (deleted)", strlen(" (deleted)"));
	end = write_path(&b, path, &root);
	path_put(&root);
	if (end == END_OUTSIDE)
		prepend(&b, "(unreachable)", strlen("(unreachable)"));
	return backwards_end(&b);
}

/* Context: any. */
char *dentry_path(struct dentry *dentry, char *buf, int size)
{
	const struct backwards start = backwards_begin(buf, size);
	struct backwards b;
	unsigned int seq;

	do {
		struct dentry *d = dentry;

		b = start;
		seq = read_seqbegin(&rename_lock);
		rcu_read_lock();
		for (; !d_is_root(d); d = READ_ONCE(d->parent))
			prepend_name(&b, d);
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, seq));
	if (b.at == start.at && b.len >= 0)
		prepend(&b, "/", 1);
	return backwards_end(&b);
}
