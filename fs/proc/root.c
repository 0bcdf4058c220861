/*
 * /proc itself: the fixed entries, then a directory for each process; and how
 * inodes of procfs are made and taken apart.
 *
 * Readdir lists processes by number. The cookie of one is its number, so a
 * reader that goes on later finds its place, whoever has come or gone.
 */
#include "internal.h"

#include <arch/current.h>
#include <fs/filesystems.h>
#include <fs/libfs.h>
#include <fs/super.h>
#include <keel/bug.h>
#include <kernel/pid.h>
#include <lib/printf.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <uapi/statfs.h>

/* Cookies of processes come after all that fixed entries will ever need. */
#define PROCESS_COOKIE(nr)	((loff_t)(nr) + (1L << 32))

/* Fixed names do not begin with a digit; so a name is one or the other. */
static struct dentry *root_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int lookup_flags)
{
	if (dentry->name[0] >= '0' && dentry->name[0] <= '9')
		return proc_process_lookup(dir, dentry);
	return pseudo_lookup(dir, dentry, lookup_flags);
}

/* The process with the lowest number from @nr on: its number, or 0. */
static pid_t next_process(pid_t nr)
{
	struct pid *pid;

	RCU_GUARD();
	for (pid = find_next_pid(nr); pid; pid = find_next_pid(nr)) {
		nr = pid_nr(pid);
		if (pid_task(pid, PIDTYPE_TGID))
			return nr;
		nr++;
	}
	return 0;
}

static int root_iterate(struct file *file, struct dir_context *ctx)
{
	char name[12];
	pid_t nr;

	if (ctx->pos < PROCESS_COOKIE(0)) {
		if (!pseudo_emit(file, ctx))
			return 0;
		ctx->pos = PROCESS_COOKIE(1);
	}
	if (ctx->pos > PROCESS_COOKIE(INT_MAX))
		return 0;
	nr = ctx->pos - PROCESS_COOKIE(0);
	while ((nr = next_process(nr)) != 0) {
		ctx->pos = PROCESS_COOKIE(nr);
		if (!dir_emit(ctx, name, snprintf(name, sizeof(name), "%d", nr),
			      task_ino(nr, INO_PROCESS, 0),
			      mode_to_dtype(S_IFDIR)))
			return 0;
		ctx->pos = PROCESS_COOKIE(++nr);
	}
	return 0;
}

static const struct inode_ops root_iops = {
	.lookup = root_lookup,
	.setattr = pseudo_setattr,
};

static const struct file_ops root_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = root_iterate,
};

struct pseudo_entry proc_root = PSEUDO_ROOT_INIT(proc_root, &root_iops);

/* ---- self and thread-self ---- */

static void free_text(void *text)
{
	kfree(text);
}

/* "<tgid>", or "<tgid>/task/<tid>". */
static const char *make_link(struct link_done *done, pid_t tgid, pid_t tid)
{
	/* Longer than any text by the slack that the path walker reads. */
	char *text = kzalloc(48, GFP_KERNEL);

	if (!text)
		return ERR_PTR(-ENOMEM);
	if (tid)
		snprintf(text, 40, "%d/task/%d", tgid, tid);
	else
		snprintf(text, 40, "%d", tgid);
	done->fn = free_text;
	done->arg = text;
	return text;
}

static const char *self_get_link(struct dentry *dentry,
				 struct inode *inode __unused,
				 struct link_done *done)
{
	if (!dentry)
		return ERR_PTR(-ECHILD);
	return make_link(done, current->tgid, 0);
}

static const char *thread_self_get_link(struct dentry *dentry,
					struct inode *inode __unused,
					struct link_done *done)
{
	if (!dentry)
		return ERR_PTR(-ECHILD);
	return make_link(done, current->tgid, current->pid);
}

static const struct inode_ops self_iops = {
	.get_link = self_get_link,
	.setattr = pseudo_setattr,
};

static const struct inode_ops thread_self_iops = {
	.get_link = thread_self_get_link,
	.setattr = pseudo_setattr,
};

/* ---- the file system ---- */

/* One instance serves all mounts: there is one set of processes. */
static int fill_super(struct super_block *sb,
		      const struct mount_args *args __unused)
{
	struct inode *root;

	sb->ops = &proc_super_ops;
	sb->magic = PROC_SUPER_MAGIC;
	sb->block_size = 1024;
	root = pseudo_inode(sb, &proc_root);
	if (!root)
		return -ENOMEM;
	root->fops = &root_fops;
	sb->root = d_make_root(root);
	return sb->root ? 0 : -ENOMEM;
}

const struct file_system_type proc_type = {
	.name = "proc",
	.flags = FS_SINGLE,
	.fill_super = fill_super,
};

void __init proc_init(void)
{
	proc_inode_cache_init();
	proc_memory_init();
	proc_cpu_init();
	proc_system_init();
	proc_kmsg_init();
	proc_sys_init();
	if (!pseudo_symlink(&proc_root, "mounts", "self/mounts") ||
	    !pseudo_symlink(&proc_root, "net", "self/net") ||
	    !pseudo_magic_link(&proc_root, "self", &self_iops) ||
	    !pseudo_magic_link(&proc_root, "thread-self", &thread_self_iops))
		panic("no memory for /proc");
}

/* ---- inodes ---- */

static struct kmem_cache *inode_cache __ro_after_init;

static struct inode *alloc_inode(struct super_block *sb __unused)
{
	struct proc_inode *pi = kmem_cache_alloc(inode_cache,
						 GFP_KERNEL_ACCOUNT);

	if (!pi)
		return NULL;
	pi->pid = NULL;
	pi->file = NULL;
	pi->fd = 0;
	pi->is_thread = false;
	return &pi->vfs;
}

static void free_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, PROC_I(inode));
}

static void evict(struct inode *inode)
{
	clear_inode(inode);
	pid_put(PROC_I(inode)->pid);
}

const struct super_ops proc_super_ops = {
	.alloc_inode = alloc_inode,
	.free_inode = free_inode,
	.evict = evict,
};

static void inode_ctor(void *object)
{
	inode_init_once(&((struct proc_inode *)object)->vfs);
}

void __init proc_inode_cache_init(void)
{
	inode_cache = kmem_cache_create("proc_inode",
					sizeof(struct proc_inode), 0,
					SLAB_PANIC | SLAB_RECLAIMABLE |
					SLAB_HWCACHE_ALIGN, inode_ctor);
}
