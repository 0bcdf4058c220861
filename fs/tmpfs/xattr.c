/*
 * Extended attributes of tmpfs: trusted.* and security.*, as on Linux 6.1.
 *
 * user.* is refused: anybody could fill memory with it that no limit counts.
 */
#include <fs/tmpfs/tmpfs.h>

#include <lib/string.h>
#include <uapi/xattr.h>

static bool is_kept(const char *name)
{
	return strncmp(name, XATTR_TRUSTED_PREFIX,
		       strlen(XATTR_TRUSTED_PREFIX)) == 0 ||
	       strncmp(name, XATTR_SECURITY_PREFIX,
		       strlen(XATTR_SECURITY_PREFIX)) == 0;
}

/* The getxattr op. */
ssize_t tmpfs_getxattr(struct inode *inode, const char *name, void *value,
		       size_t size)
{
	if (!is_kept(name))
		return -EOPNOTSUPP;
	return simple_xattr_get(&TMPFS_I(inode)->xattrs, name, value, size);
}

/* The setxattr op. */
int tmpfs_setxattr(struct inode *inode, const char *name, const void *value,
		   size_t size, int flags)
{
	if (!is_kept(name))
		return -EOPNOTSUPP;
	return simple_xattr_set(&TMPFS_I(inode)->xattrs, name, value, size,
				flags);
}

/* The listxattr op. */
ssize_t tmpfs_listxattr(struct inode *inode, char *names, size_t size)
{
	return simple_xattr_list(&TMPFS_I(inode)->xattrs, names, size);
}
