/*
 * Inodes in memory: making, counting and freeing them.
 *
 * Most are found through their dentries alone. A file system that can meet the
 * same file by two ways keeps its inodes in the inode cache, a hash table by
 * (super block, number) that is searched under RCU: the first to ask gets a new
 * inode with I_NEW and reads it in, others wait. An inode whose last reference
 * is gone stays there, marked I_FREEING, until its file system has let go of
 * it, so that nobody reads a file from disk that is still being written back.
 *
 * Memory: constructed once per slab (inode_init_once()), given back a grace
 * period after the end, since RCU walks look at inodes without holding them.
 */
#include <fs/inode.h>

#include <arch/smp.h>
#include <fs/file.h>
#include <fs/locks.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/wait.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"

static struct kmem_cache *inode_cache __ro_after_init;
static struct hlist_head *inode_table __ro_after_init;
static unsigned int inode_table_bits __ro_after_init;
static DEFINE_SPINLOCK(inode_table_lock, RANK_INODE_HASH);
/* I_NEW and I_FREEING end rarely: one queue is enough for all. */
static DEFINE_WAIT_QUEUE(inode_wait);

static DEFINE_PER_CPU(long, inode_count);
static DEFINE_PER_CPU(unsigned long, last_ino);

static const struct address_space_ops no_aops;
static const struct inode_ops no_iops;
static const struct file_ops no_fops;

/* What stays true while the memory waits in its slab. */
void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
	spin_lock_init(&inode->lock, "inode", RANK_INODE_SPIN);
	rwsem_init(&inode->rwsem, "inode.rwsem", RANK_INODE);
	hlist_init_node(&inode->hash_node);
	list_init(&inode->sb_node);
}

static void inode_ctor(void *object)
{
	inode_init_once(object);
}

static void inode_init_always(struct inode *inode, struct super_block *sb)
{
	static const struct timespec never;

	inode->mode = 0;
	inode->uid = 0;
	inode->gid = 0;
	inode->flags = 0;
	inode->ops = &no_iops;
	inode->sb = sb;
	inode->link = NULL;
	inode->ino = 0;
	inode->nlink = 1;
	inode->rdev = 0;
	inode->size = 0;
	inode->blocks = 0;
	inode->atime = inode->mtime = inode->ctime = never;
	refcount_set(&inode->refs, 1);
	inode->state = 0;
	atomic_set(&inode->write_count, 0);
	inode->fops = &no_fops;
	inode->mapping = &inode->data;
	address_space_init(&inode->data, inode, &no_aops, 0);
	inode->pipe = NULL;
	inode->locks = NULL;
	inode->private = NULL;
}

/* An inode of @sb with one reference. NULL: no memory. May sleep. */
struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode;

	if (sb->ops->alloc_inode)
		inode = sb->ops->alloc_inode(sb);
	else
		inode = kmem_cache_alloc(inode_cache, GFP_KERNEL_ACCOUNT);
	if (!inode)
		return NULL;
	inode_init_always(inode, sb);
	spin_lock(&sb->inodes_lock);
	list_add(&inode->sb_node, &sb->inodes);
	spin_unlock(&sb->inodes_lock);
	this_cpu_inc(inode_count);
	return inode;
}

#define INO_BATCH	1024

/*
 * Each CPU hands out a batch of numbers before it asks for another. Never 0,
 * which getdents(2) readers take for "deleted".
 */
ino_t next_ino(void)
{
	static atomic_long_t next_batch;
	unsigned long ino;

	preempt_disable();
	ino = this_cpu_read(last_ino);
	if ((ino & (INO_BATCH - 1)) == 0)
		ino = (unsigned long)atomic_long_fetch_add(INO_BATCH,
							   &next_batch);
	this_cpu_write(last_ino, ++ino);
	preempt_enable();
	return ino;
}

/* A new file of the current task in @dir: owner, and group as set-gid says. */
void inode_init_owner(struct inode *inode, const struct inode *dir,
		      mode_t mode)
{
	inode->uid = current_fsuid();
	if (dir && (dir->mode & S_ISGID)) {
		inode->gid = dir->gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
		else if ((mode & (S_ISGID | S_IXGRP)) ==
				 (S_ISGID | S_IXGRP) &&
			 !in_group_p(inode->gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;
	} else {
		inode->gid = current_fsgid();
	}
	inode->mode = mode;
}

struct inode *new_inode_in(struct super_block *sb, const struct inode *dir,
			   mode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->ino = next_ino();
	inode_init_owner(inode, dir, mode);
	inode->atime = inode->mtime = inode->ctime = current_time(inode);
	return inode;
}

/* ---- the end ---- */

static void inode_free_rcu(struct rcu_head *rcu)
{
	struct inode *inode = container_of(rcu, struct inode, rcu);

	if (inode->sb->ops->free_inode)
		inode->sb->ops->free_inode(inode);
	else
		kmem_cache_free(inode_cache, inode);
}

/* No pages are left, and there will be none. May sleep. */
void clear_inode(struct inode *inode)
{
	ASSERT(inode->data.nr_pages == 0);
	address_space_destroy(&inode->data);
}

static void inode_unhash(struct inode *inode)
{
	if (!(inode->state & I_HASHED))
		return;
	spin_lock(&inode_table_lock);
	hlist_del_rcu(&inode->hash_node);
	spin_unlock(&inode_table_lock);
}

static void evict(struct inode *inode)
{
	struct super_block *sb = inode->sb;

	inode->state |= I_FREEING;
	if (sb->ops->evict) {
		sb->ops->evict(inode);
	} else {
		if (inode->data.nr_pages)
			truncate_pages(&inode->data, 0, INT64_MAX);
		clear_inode(inode);
	}
	if (inode->state & I_HASHED) {
		inode_unhash(inode);
		wake_up_all(&inode_wait);
	}
	if (inode->locks)
		locks_free_context(inode);
	spin_lock(&sb->inodes_lock);
	list_del(&inode->sb_node);
	spin_unlock(&sb->inodes_lock);
	this_cpu_dec(inode_count);
	call_rcu(&inode->rcu, inode_free_rcu);
}

void iput(struct inode *inode)
{
	if (inode && refcount_put(&inode->refs))
		evict(inode);
}

/* How many inodes there are. A snapshot. */
unsigned long nr_inodes(void)
{
	unsigned int cpu;
	long sum = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sum += READ_ONCE(per_cpu(inode_count, cpu));
	return max(sum, 0L);
}

/* ---- the inode cache ---- */

static struct hlist_head *inode_bucket(const struct super_block *sb, ino_t ino)
{
	return &inode_table[hash_long((uintptr_t)sb ^ ino * HASH_MULTIPLIER,
				      inode_table_bits)];
}

/* Context: RCU, or inode_table_lock held. No reference is taken. */
static struct inode *find_inode(const struct super_block *sb, ino_t ino)
{
	struct inode *inode;

	hlist_for_each_entry_rcu(inode, inode_bucket(sb, ino), hash_node)
		if (inode->ino == ino && inode->sb == sb)
			return inode;
	return NULL;
}

/* Has the file system let go of @dying? A newer inode may have its memory. */
static bool inode_is_gone(const struct super_block *sb, ino_t ino,
			  const struct inode *dying)
{
	RCU_GUARD();
	return find_inode(sb, ino) != dying || refcount_read(&dying->refs) > 0;
}

/*
 * The cached inode of that number, read in completely, with a reference; NULL
 * if there is none. One that is being freed is waited for. May sleep.
 */
struct inode *ilookup(struct super_block *sb, ino_t ino)
{
	for (;;) {
		struct inode *inode;
		bool got;

		rcu_read_lock();
		inode = find_inode(sb, ino);
		got = inode && igrab(inode);
		rcu_read_unlock();
		if (!inode)
			return NULL;
		if (!got) {
			wait_event(&inode_wait, inode_is_gone(sb, ino, inode));
			continue;
		}
		wait_event(&inode_wait, !(READ_ONCE(inode->state) & I_NEW));
		if (likely(READ_ONCE(inode->state) & I_HASHED))
			return inode;
		iput(inode);	/* reading it failed */
	}
}

struct inode *iget_locked(struct super_block *sb, ino_t ino)
{
	struct inode *inode, *new = NULL;

	for (;;) {
		inode = ilookup(sb, ino);
		if (inode) {
			iput(new);
			return inode;
		}
		if (!new) {
			new = new_inode(sb);
			if (!new)
				return NULL;
			new->ino = ino;
		}
		spin_lock(&inode_table_lock);
		if (!find_inode(sb, ino)) {
			new->state |= I_NEW | I_HASHED;
			hlist_add_head(&new->hash_node,
				       inode_bucket(sb, ino));
			spin_unlock(&inode_table_lock);
			return new;
		}
		spin_unlock(&inode_table_lock);
	}
}

/* The caller of iget_locked() has filled the inode: others may have it. */
void unlock_new_inode(struct inode *inode)
{
	spin_lock(&inode->lock);
	WRITE_ONCE(inode->state, inode->state & ~I_NEW);
	spin_unlock(&inode->lock);
	wake_up_all(&inode_wait);
}

/* It could not be read: drop it, and let those who wait try for themselves. */
void iget_failed(struct inode *inode)
{
	inode_unhash(inode);
	spin_lock(&inode->lock);
	WRITE_ONCE(inode->state, inode->state & ~(I_NEW | I_HASHED));
	spin_unlock(&inode->lock);
	wake_up_all(&inode_wait);
	iput(inode);
}

void __init inode_init(void)
{
	size_t buckets;

	inode_cache = kmem_cache_create("inode", sizeof(struct inode), 0,
					SLAB_RECLAIMABLE | SLAB_PANIC,
					inode_ctor);
	inode_table_bits = 6;
	while (inode_table_bits < 20 &&
	       (128UL << inode_table_bits) < totalram_pages())
		inode_table_bits++;
	buckets = 1UL << inode_table_bits;
	inode_table = kvcalloc(buckets, sizeof(*inode_table), GFP_KERNEL);
	if (!inode_table)
		panic("no memory for the inode hash table");
}
