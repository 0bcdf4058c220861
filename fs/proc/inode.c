/*
 * procfs inodes: made, and taken apart.
 */
#include "internal.h"

#include <fs/super.h>
#include <kernel/pid.h>
#include <mm/page_cache.h>
#include <mm/slab.h>

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
