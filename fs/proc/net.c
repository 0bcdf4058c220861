/*
 * /proc/<pid>/net: what the network of a process looks like, and /proc/net,
 * which is that of the reader.
 *
 * There is one network so far, so the directory shows the same tree to all.
 * Its entries are the protocols' (proc_net). Nothing of it stays in the dentry
 * cache when it is not used, since its parent goes with the process.
 */
#include "internal.h"

#include <fs/dentry.h>
#include <fs/libfs.h>

struct pseudo_entry proc_net = PSEUDO_ROOT_INIT(proc_net, &pseudo_dir_iops);

static bool net_dentry_delete(const struct dentry *dentry __unused)
{
	return true;
}

static const struct dentry_ops net_dentry_ops = {
	.delete = net_dentry_delete,
};

static struct dentry *net_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int lookup_flags)
{
	/* Nobody else has the dentry yet. */
	dentry->ops = &net_dentry_ops;
	dentry->flags |= DENTRY_DELETE;
	return pseudo_lookup(dir, dentry, lookup_flags);
}

static int net_iterate(struct file *file, struct dir_context *ctx)
{
	pseudo_emit(file, ctx);
	return 0;
}

/* The inode's private is &proc_net: see task_files. */
const struct inode_ops net_dir_iops = {
	.lookup = net_lookup,
	.getattr = task_getattr,
	.setattr = task_setattr,
};

const struct file_ops net_dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = net_iterate,
};
