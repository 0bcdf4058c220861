/*
 * The objects of the mount tree: making, finding and counting mounts.
 *
 * A mount in a tree is held by the tree (one reference), by each mount on top
 * of it, and by whoever has a path there. It is freed when all are gone, which
 * can be long after MNT_DETACH took it out of sight. mntput() may be called
 * with all sorts of locks held, by munmap(2) for instance, so the end of a
 * mount, which can be the end of its file system, is left to a work item.
 */
#include <fs/mount.h>

#include <fs/dentry.h>
#include <fs/super.h>
#include <kernel/printk.h>
#include <kernel/workqueue.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"
#include "mount_internal.h"

DEFINE_SEQLOCK(mount_lock, RANK_MOUNT_HASH);
DEFINE_RWSEM(mounts_rwsem, RANK_MOUNT);

static struct hlist_head *mount_table __ro_after_init;
static unsigned int mount_table_bits __ro_after_init;
static atomic_t last_mount_id;

/* Mounts without references, and who buries them. */
static DEFINE_SPINLOCK(dead_lock, RANK_LEAF);
static LIST_HEAD(dead_mounts);		/* [dead_lock] by umount_node */
static void bury_dead_mounts(struct work *work);
static DEFINE_WORK(bury_work, bury_dead_mounts);

/* ---- the hash ---- */

static struct hlist_head *mount_bucket(const struct mount *parent,
				       const struct dentry *dentry)
{
	return &mount_table[hash_long(hash_mix((uintptr_t)parent,
					       (uintptr_t)dentry),
				      mount_table_bits)];
}

/*
 * The mount whose mountpoint is @dentry in @parent, or NULL.
 *
 * Context: RCU and a check of mount_lock's count afterwards, or one of the
 * two locks. No reference is taken.
 */
struct mount *mount_find_rcu(const struct mount *parent,
			     const struct dentry *dentry)
{
	struct mount *mount;

	hlist_for_each_entry_rcu(mount, mount_bucket(parent, dentry),
				 hash_node)
		if (mount->parent == parent && mount->mountpoint == dentry)
			return mount;
	return NULL;
}

/* Locking: mount_lock held for writing. */
void mount_hash(struct mount *mount)
{
	hlist_add_head(&mount->hash_node,
		       mount_bucket(mount->parent, mount->mountpoint));
}

void mount_unhash(struct mount *mount)
{
	hlist_del_rcu(&mount->hash_node);
}

/* ---- references ---- */

/*
 * Turn a mount seen under RCU into a reference. The reference comes first and
 * the look at the count second: umount, which does the opposite, either sees
 * the reference or is seen.
 */
bool mount_get_rcu(struct mount *mount, unsigned int seq)
{
	if (!refcount_get_unless_zero(&mount->refs))
		return false;
	if (likely(!read_seqretry(&mount_lock, seq)))
		return true;
	mntput(mount);
	return false;
}

/* What is mounted on top of @path, with a reference; NULL if nothing. */
struct mount *lookup_mount(const struct path *path)
{
	struct mount *mount;
	unsigned int seq;

	RCU_GUARD();
	do {
		seq = read_seqbegin(&mount_lock);
		mount = mount_find_rcu(path->mount, path->dentry);
	} while (mount ? !mount_get_rcu(mount, seq) :
			 read_seqretry(&mount_lock, seq));
	return mount;
}

static void mount_free(struct rcu_head *rcu)
{
	struct mount *mount = container_of(rcu, struct mount, rcu);

	kfree(mount->source);
	kfree(mount);
}

/* Nobody refers to it any more. May sleep. */
static void mount_bury(struct mount *mount)
{
	ASSERT(!mount_is_attached(mount) && list_empty(&mount->children));
	WARN_ON(atomic_read(&mount->writers) != 0);
	dput(mount->root);
	super_put_active(mount->sb);
	call_rcu(&mount->rcu, mount_free);
}

static struct mount *next_dead_mount(void)
{
	struct mount *mount;

	SPIN_GUARD(&dead_lock);
	mount = list_first_entry_or_null(&dead_mounts, struct mount,
					 umount_node);
	if (mount)
		list_del(&mount->umount_node);
	return mount;
}

static void bury_dead_mounts(struct work *work __unused)
{
	struct mount *mount;

	while ((mount = next_dead_mount()))
		mount_bury(mount);
}

void mntput(struct mount *mount)
{
	if (!mount || likely(!refcount_put(&mount->refs)))
		return;
	spin_lock(&dead_lock);
	list_add_tail(&mount->umount_node, &dead_mounts);
	spin_unlock(&dead_lock);
	schedule_work(&bury_work);
}

void mntput_sync(struct mount *mount)
{
	if (mount && refcount_put(&mount->refs))
		mount_bury(mount);
}

void path_get(const struct path *path)
{
	mntget(path->mount);
	dget(path->dentry);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mntput(path->mount);
}

/* ---- writing ---- */

/*
 * Keep @mount writable until mnt_drop_write(). Whoever makes it read-only sets
 * the flag first and counts the writers after.
 *
 * Context: any. Return: 0 or -EROFS.
 */
int mnt_want_write(struct mount *mount)
{
	atomic_inc(&mount->writers);
	smp_mb();
	if (likely(!mnt_is_readonly(mount) && !sb_rdonly(mount->sb)))
		return 0;
	mnt_drop_write(mount);
	return -EROFS;
}

void mnt_drop_write(struct mount *mount)
{
	atomic_dec(&mount->writers);
}

/* ---- making ---- */

struct mount *mount_alloc(struct super_block *sb, struct dentry *root,
			  const char *source, unsigned int flags)
{
	struct mount *mount = kzalloc(sizeof(*mount), GFP_KERNEL_ACCOUNT);

	if (!mount)
		return NULL;
	mount->source = kstrdup(source ? source : "none", GFP_KERNEL_ACCOUNT);
	if (!mount->source) {
		kfree(mount);
		return NULL;
	}
	mount->parent = mount;
	mount->root = dget(root);
	mount->mountpoint = root;
	mount->sb = sb;
	mount->flags = flags;
	refcount_set(&mount->refs, 1);
	list_init(&mount->children);
	list_init(&mount->child_node);
	list_init(&mount->ns_node);
	mount->id = atomic_inc_return(&last_mount_id);
	return mount;
}

struct mount *kern_mount(const struct file_system_type *type)
{
	struct mount_args args = { .source = type->name };
	struct super_block *sb = super_get_for_mount(type, &args);
	struct mount *mount;

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	mount = mount_alloc(sb, sb->root, type->name, MNT_INTERNAL);
	if (!mount) {
		super_put_active(sb);
		return ERR_PTR(-ENOMEM);
	}
	return mount;
}

void __init mount_init(void)
{
	mount_table_bits = 5;
	while (mount_table_bits < 16 &&
	       (256UL << mount_table_bits) < totalram_pages())
		mount_table_bits++;
	mount_table = kvcalloc(1UL << mount_table_bits, sizeof(*mount_table),
			       GFP_KERNEL);
	if (!mount_table)
		panic("no memory for the mount hash table");
}
