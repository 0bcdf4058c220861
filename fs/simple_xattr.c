/*
 * Extended attributes of files that live in memory: a list a file.
 *
 * Locking: the caller holds the inode's rwsem, for writing where the list
 * changes.
 */
#include <fs/xattr.h>

#include <kernel/cred.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/xattr.h>

struct simple_xattr {
	struct list_head	node;
	size_t			size;
	char			*name;
	char			value[];
};

void simple_xattrs_init(struct simple_xattrs *xattrs)
{
	list_init(&xattrs->list);
}

static void xattr_free(struct simple_xattr *xattr)
{
	kfree(xattr->name);
	kvfree(xattr);
}

/* Free all. Context: may sleep; nobody else looks any more. */
void simple_xattrs_free(struct simple_xattrs *xattrs)
{
	struct simple_xattr *xattr, *next;

	list_for_each_entry_safe(xattr, next, &xattrs->list, node)
		xattr_free(xattr);
	list_init(&xattrs->list);
}

static struct simple_xattr *find(const struct simple_xattrs *xattrs,
				 const char *name)
{
	struct simple_xattr *xattr;

	list_for_each_entry(xattr, &xattrs->list, node)
		if (strcmp(xattr->name, name) == 0)
			return xattr;
	return NULL;
}

/*
 * The getxattr op. @size 0 only asks. Locking: the rwsem, either mode.
 * Return: the value's size; -ENODATA, -ERANGE.
 */
ssize_t simple_xattr_get(const struct simple_xattrs *xattrs, const char *name,
			 void *value, size_t size)
{
	const struct simple_xattr *xattr = find(xattrs, name);

	if (!xattr)
		return -ENODATA;
	if (!size)
		return xattr->size;
	if (size < xattr->size)
		return -ERANGE;
	memcpy(value, xattr->value, xattr->size);
	return xattr->size;
}

static struct simple_xattr *xattr_alloc(const char *name, const void *value,
					size_t size)
{
	struct simple_xattr *new = kvmalloc(sizeof(*new) + size, GFP_KERNEL);

	if (!new)
		return NULL;
	new->name = kstrdup(name, GFP_KERNEL);
	if (!new->name) {
		kvfree(new);
		return NULL;
	}
	new->size = size;
	memcpy(new->value, value, size);
	return new;
}

/*
 * The setxattr op; @value NULL removes. Locking: the rwsem for writing.
 * Return: 0; -EEXIST, -ENODATA (XATTR_*), -ENOMEM.
 */
int simple_xattr_set(struct simple_xattrs *xattrs, const char *name,
		     const void *value, size_t size, int flags)
{
	struct simple_xattr *old = find(xattrs, name), *new = NULL;

	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && (!value || (flags & XATTR_REPLACE)))
		return -ENODATA;
	if (value) {
		new = xattr_alloc(name, value, size);
		if (!new)
			return -ENOMEM;
	}
	if (new)
		list_add_tail(&new->node, &xattrs->list);
	if (old) {
		list_del(&old->node);
		xattr_free(old);
	}
	return 0;
}

/* Names of the administrator are not shown to others. */
static bool is_shown(const struct simple_xattr *xattr)
{
	return strncmp(xattr->name, XATTR_TRUSTED_PREFIX,
		       strlen(XATTR_TRUSTED_PREFIX)) != 0 ||
	       capable(CAP_SYS_ADMIN);
}

/*
 * The listxattr op: the names, each with its NUL. @size 0 only asks.
 * Locking: the rwsem, either mode. Return: bytes; -ERANGE.
 */
ssize_t simple_xattr_list(const struct simple_xattrs *xattrs, char *names,
			  size_t size)
{
	struct simple_xattr *xattr;
	size_t done = 0;

	list_for_each_entry(xattr, &xattrs->list, node) {
		size_t len = strlen(xattr->name) + 1;

		if (!is_shown(xattr))
			continue;
		if (size && done + len > size)
			return -ERANGE;
		if (size)
			memcpy(names + done, xattr->name, len);
		done += len;
	}
	return done;
}
