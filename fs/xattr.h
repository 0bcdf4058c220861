/*
 * Extended attributes: "name=value" pairs that a file carries.
 *
 * The part of the name before the first dot says whose it is: user.* anybody's
 * who may write the file, trusted.* the administrator's, security.* that of
 * the security policy. A file system says by its inode_ops which it keeps;
 * fs/xattr.c checks who may what. File systems that live in memory keep them in
 * a struct simple_xattrs.
 */
#pragma once

#include <keel/list.h>
#include <keel/types.h>

struct dentry;
struct inode;
struct mount;

ssize_t vfs_getxattr(struct inode *inode, const char *name, void *value,
		     size_t size);
int vfs_setxattr(struct inode *inode, const char *name, const void *value,
		 size_t size, int flags);
ssize_t vfs_listxattr(struct inode *inode, char *names, size_t size);

/* A list of them in memory. Locking: the inode's rwsem. */
struct simple_xattrs {
	struct list_head	list;
};

void simple_xattrs_init(struct simple_xattrs *xattrs);
void simple_xattrs_free(struct simple_xattrs *xattrs);
ssize_t simple_xattr_get(const struct simple_xattrs *xattrs, const char *name,
			 void *value, size_t size);
int simple_xattr_set(struct simple_xattrs *xattrs, const char *name,
		     const void *value, size_t size, int flags);
ssize_t simple_xattr_list(const struct simple_xattrs *xattrs, char *names,
			  size_t size);
