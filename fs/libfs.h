/*
 * Ready-made operations for file systems that live in memory.
 */
#pragma once

#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/super.h>

/* lookup op where the dentries are all there is: it does not exist. */
struct dentry *simple_lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int lookup_flags);
int simple_statfs(struct dentry *dentry, struct statfs *buf);
int noop_fsync(struct file *file, loff_t start, loff_t end, bool data_only);
ssize_t generic_read_dir(struct kiocb *iocb, struct iov_iter *to);
int simple_open(struct inode *inode, struct file *file);

/* Call @one for each of the mount options "a,b=c" in @data, which may be NULL. */
int for_each_mount_option(const char *data,
			  int (*one)(void *ctx, char *option), void *ctx);

/* Copy from memory at iocb->pos, as a read_iter op would. */
ssize_t simple_read_from_buffer(struct kiocb *iocb, struct iov_iter *to,
				const void *from, size_t available);

/* An inode without a name, in the kernel's own mount; for anonymous files. */
struct inode *alloc_anon_inode(struct super_block *sb);
/* fill_super for such a mount (pipefs, sockfs): a root nobody sees. */
int pseudo_fill_super(struct super_block *sb, unsigned long magic,
		      const struct super_ops *ops,
		      const struct dentry_ops *dentry_ops);

/* A symbolic link's text with the slack the path walker wants. */
char *link_text_dup(const char *target, gfp_t gfp) __must_check;
