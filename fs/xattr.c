/*
 * Extended attributes, the part of the VFS: who may do what, and the twelve
 * system calls (set, get, list, remove; by path, by path without following a
 * link, by descriptor). Behind them stands what a file system needs whose files
 * live in memory: a list a file.
 *
 * Locking of the list: the caller holds the inode's rwsem, for writing where it
 * changes.
 *
 * Source: man 7 xattr.
 */
#include <fs/xattr.h>

#include <arch/uaccess.h>
#include <fs/attr.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/capability.h>
#include <uapi/fcntl.h>
#include <uapi/xattr.h>

#include "internal.h"

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* user.* would be a way around the quota of files nobody owns. */
static int may_use_user_names(struct inode *inode, int mask)
{
	if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	if (S_ISDIR(inode->mode) && (inode->mode & S_ISVTX) &&
	    (mask & MAY_WRITE) && current_fsuid() != inode->uid &&
	    !capable(CAP_FOWNER))
		return -EPERM;
	return 0;
}

static int xattr_permission(struct inode *inode, const char *name, int mask)
{
	int err;

	if ((mask & MAY_WRITE) && (inode->flags & (S_IMMUTABLE | S_APPEND)))
		return -EPERM;
	/* These have their own rules. */
	if (begins_with(name, XATTR_SYSTEM_PREFIX))
		return 0;
	if (strcmp(name, XATTR_NAME_CAPS) == 0)
		return (mask & MAY_WRITE) && !capable(CAP_SETFCAP) ?
		       -EPERM : 0;
	if (begins_with(name, XATTR_SECURITY_PREFIX))
		return (mask & MAY_WRITE) && !capable(CAP_SYS_ADMIN) ?
		       -EPERM : 0;
	if (begins_with(name, XATTR_TRUSTED_PREFIX)) {
		if (capable(CAP_SYS_ADMIN))
			return 0;
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	}
	if (begins_with(name, XATTR_USER_PREFIX)) {
		err = may_use_user_names(inode, mask);
		if (err)
			return err;
	}
	return inode_permission(inode, mask);
}

/*
 * Read the attribute @name; @size 0 only asks for its size.
 *
 * Context: may sleep. Return: its size; -ENODATA, -ERANGE, -EOPNOTSUPP: not
 * kept here.
 */
ssize_t vfs_getxattr(struct inode *inode, const char *name, void *value,
		     size_t size)
{
	ssize_t n = xattr_permission(inode, name, MAY_READ);

	if (n)
		return n;
	if (!inode->ops->getxattr)
		return -EOPNOTSUPP;
	inode_lock_shared(inode);
	n = inode->ops->getxattr(inode, name, value, size);
	inode_unlock_shared(inode);
	return n;
}

/* Capabilities of a file are looked at where it is executed. */
static bool file_caps_valid(const struct vfs_ns_cap_data *caps, size_t size)
{
	if (size == XATTR_CAPS_SZ_2)
		return (caps->magic_etc & VFS_CAP_REVISION_MASK) ==
		       VFS_CAP_REVISION_2;
	return size == XATTR_CAPS_SZ_3 &&
	       (caps->magic_etc & VFS_CAP_REVISION_MASK) == VFS_CAP_REVISION_3;
}

/*
 * Set the attribute @name, or with @value NULL remove it.
 *
 * Context: may sleep; the mount is held for writing.
 * Return: 0; -EEXIST, -ENODATA, -EPERM, -EACCES, -EOPNOTSUPP, -ENOMEM, -EINVAL
 * for capabilities of no known form.
 */
int vfs_setxattr(struct inode *inode, const char *name, const void *value,
		 size_t size, int flags)
{
	bool is_caps = strcmp(name, XATTR_NAME_CAPS) == 0;
	int err;

	if (is_caps && value && !file_caps_valid(value, size))
		return -EINVAL;
	err = xattr_permission(inode, name, MAY_WRITE);
	if (err)
		return err;
	if (!inode->ops->setxattr)
		return -EOPNOTSUPP;
	inode_lock(inode);
	err = inode->ops->setxattr(inode, name, value, size, flags);
	if (!err) {
		inode->ctime = current_time(inode);
		if (is_caps)
			inode->flags = value ? inode->flags | S_FILE_CAPS :
					       inode->flags & ~S_FILE_CAPS;
	}
	inode_unlock(inode);
	return err;
}

/* All names, each with its NUL. Return: bytes; -ERANGE. May sleep. */
ssize_t vfs_listxattr(struct inode *inode, char *names, size_t size)
{
	ssize_t n = 0;

	if (inode->ops->listxattr) {
		inode_lock_shared(inode);
		n = inode->ops->listxattr(inode, names, size);
		inode_unlock_shared(inode);
	}
	return n;
}

/* ---- from and to user space ---------------------------------------------- */

struct xattr_name {
	char text[XATTR_NAME_MAX + 1];
};

static int name_from_user(struct xattr_name *name, const char __user *from)
{
	long len = strncpy_from_user(name->text, from, sizeof(name->text));

	if (len < 0)
		return len;
	return len == 0 || len == sizeof(name->text) ? -ERANGE : 0;
}

static int set(const struct path *path, const char __user *user_name,
	       const void __user *user_value, size_t size, int flags)
{
	struct xattr_name name;
	void *value;
	int err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	err = name_from_user(&name, user_name);
	if (err)
		return err;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	value = kvmalloc(size ?: 1, GFP_KERNEL);
	if (!value)
		return -ENOMEM;
	err = copy_from_user(value, user_value, size) ? -EFAULT :
	      mnt_want_write(path->mount);
	if (!err) {
		err = vfs_setxattr(path->dentry->inode, name.text, value, size,
				   flags);
		mnt_drop_write(path->mount);
	}
	kvfree(value);
	return err;
}

static int remove(const struct path *path, const char __user *user_name)
{
	struct xattr_name name;
	int err = name_from_user(&name, user_name);

	if (!err)
		err = mnt_want_write(path->mount);
	if (err)
		return err;
	err = vfs_setxattr(path->dentry->inode, name.text, NULL, 0, 0);
	mnt_drop_write(path->mount);
	return err;
}

/* Hand out what is in @buf, or the error or size that @n is. */
static ssize_t hand_out(void __user *to, void *buf, size_t size, ssize_t n)
{
	if (n > 0 && size && copy_to_user(to, buf, n))
		n = -EFAULT;
	kvfree(buf);
	return n;
}

static ssize_t get(const struct path *path, const char __user *user_name,
		   void __user *to, size_t size)
{
	struct xattr_name name;
	int err = name_from_user(&name, user_name);
	void *buf = NULL;

	if (err)
		return err;
	size = min(size, (size_t)XATTR_SIZE_MAX);
	if (size) {
		buf = kvzalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	return hand_out(to, buf, size,
			vfs_getxattr(path->dentry->inode, name.text, buf,
				     size));
}

static ssize_t list(const struct path *path, char __user *to, size_t size)
{
	void *buf = NULL;

	size = min(size, (size_t)XATTR_LIST_MAX);
	if (size) {
		buf = kvzalloc(size, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	return hand_out(to, buf, size,
			vfs_listxattr(path->dentry->inode, buf, size));
}

/* ---- the system calls ---------------------------------------------------- */

/* What all twelve do: find the file, do @action to it, let it go. */
#define AT_PATH(name, lookup, action) ({				\
	struct path path;						\
	ssize_t ret = user_path_at(AT_FDCWD, name, lookup, &path);	\
									\
	if (!ret) {							\
		ret = action;						\
		path_put(&path);					\
	}								\
	ret;								\
})

#define AT_FD(fd, action) ({						\
	struct fd f = fdget(fd);					\
	ssize_t ret = -EBADF;						\
									\
	if (f.file) {							\
		struct path path = f.file->path;			\
									\
		ret = action;						\
		fdput(f);						\
	}								\
	ret;								\
})

SYSCALL_DEFINE5(setxattr, const char __user *, file, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return AT_PATH(file, LOOKUP_FOLLOW,
		       set(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(lsetxattr, const char __user *, file,
		const char __user *, name, const void __user *, value,
		size_t, size, int, flags)
{
	return AT_PATH(file, 0, set(&path, name, value, size, flags));
}

SYSCALL_DEFINE5(fsetxattr, int, fd, const char __user *, name,
		const void __user *, value, size_t, size, int, flags)
{
	return AT_FD(fd, set(&path, name, value, size, flags));
}

SYSCALL_DEFINE4(getxattr, const char __user *, file, const char __user *, name,
		void __user *, value, size_t, size)
{
	return AT_PATH(file, LOOKUP_FOLLOW, get(&path, name, value, size));
}

SYSCALL_DEFINE4(lgetxattr, const char __user *, file,
		const char __user *, name, void __user *, value, size_t, size)
{
	return AT_PATH(file, 0, get(&path, name, value, size));
}

SYSCALL_DEFINE4(fgetxattr, int, fd, const char __user *, name,
		void __user *, value, size_t, size)
{
	return AT_FD(fd, get(&path, name, value, size));
}

SYSCALL_DEFINE3(listxattr, const char __user *, file, char __user *, names,
		size_t, size)
{
	return AT_PATH(file, LOOKUP_FOLLOW, list(&path, names, size));
}

SYSCALL_DEFINE3(llistxattr, const char __user *, file, char __user *, names,
		size_t, size)
{
	return AT_PATH(file, 0, list(&path, names, size));
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, names, size_t, size)
{
	return AT_FD(fd, list(&path, names, size));
}

SYSCALL_DEFINE2(removexattr, const char __user *, file,
		const char __user *, name)
{
	return AT_PATH(file, LOOKUP_FOLLOW, remove(&path, name));
}

SYSCALL_DEFINE2(lremovexattr, const char __user *, file,
		const char __user *, name)
{
	return AT_PATH(file, 0, remove(&path, name));
}

SYSCALL_DEFINE2(fremovexattr, int, fd, const char __user *, name)
{
	return AT_FD(fd, remove(&path, name));
}

/* ---- attributes in memory ---- */

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
