/*
 * Extended attributes, the part of the VFS: who may do what, and the twelve
 * system calls (set, get, list, remove; by path, by path without following a
 * link, by descriptor).
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
