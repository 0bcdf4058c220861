/*
 * Super blocks: their birth at the first mount and their end at the last
 * umount; and, at the end, the file systems this kernel knows, in one visible
 * table.
 *
 * supers_mutex orders those two against each other, so that two mounts of a
 * FS_SINGLE type meet, and a mount never finds one that is being taken apart.
 * While one is born or dies, its own umount rwsem is held for writing; whoever
 * walks the list of all (sync(2)) takes it for reading and skips the dead.
 */
#define LOG_PREFIX	"vfs"

#include <fs/super.h>

#include <fs/dentry.h>
#include <fs/inode.h>
#include <kernel/printk.h>
#include <kernel/workqueue.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "filesystems.h"
#include "internal.h"

static DEFINE_MUTEX(supers_mutex, RANK_SUPER_LIST);
static LIST_HEAD(supers);	/* [supers_mutex] in order of age */

static const struct super_ops no_super_ops;

/* Super blocks that are over, and who frees them. */
static DEFINE_SPINLOCK(dead_lock, RANK_LEAF);
static LIST_HEAD(dead_supers);		/* [dead_lock] by node */
static void free_dead_supers(struct work *work);
static DEFINE_WORK(free_work, free_dead_supers);

/* The lowest minor of major 0 that no super block uses. */
static dev_t unused_dev(void)
{
	struct super_block *sb;
	unsigned int minor = 1;
	bool taken;

	assert_mutex_held(&supers_mutex);
	do {
		taken = false;
		list_for_each_entry(sb, &supers, node)
			taken |= sb->dev == MKDEV(0, minor);
		minor += taken;
	} while (taken);
	return MKDEV(0, minor);
}

static struct super_block *super_alloc(const struct file_system_type *type,
				       unsigned int flags)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL_ACCOUNT);

	if (!sb)
		return NULL;
	sb->type = type;
	sb->ops = &no_super_ops;
	sb->flags = flags;
	sb->block_size = PAGE_SIZE;
	sb->max_bytes = INT64_MAX;
	refcount_set(&sb->active, 1);
	rwsem_init(&sb->umount, "super.umount", RANK_SUPER_UMOUNT);
	mutex_init(&sb->rename_mutex, "super.rename", RANK_RENAME);
	spin_lock_init(&sb->inodes_lock, "super.inodes", RANK_INODE_LIST);
	list_init(&sb->inodes);
	return sb;
}

/*
 * Its inodes are freed by RCU callbacks, which look at sb->ops: the struct has
 * to outlive those. Nobody needs to wait for that but this work item.
 */
static void free_dead_supers(struct work *work __unused)
{
	struct super_block *sb, *next;
	LIST_HEAD(dead);

	spin_lock(&dead_lock);
	list_splice_init(&dead_supers, &dead);
	spin_unlock(&dead_lock);
	rcu_barrier();
	list_for_each_entry_safe(sb, next, &dead, node)
		kfree(sb);
}

static void super_free(struct super_block *sb)
{
	spin_lock(&dead_lock);
	list_add_tail(&sb->node, &dead_supers);
	spin_unlock(&dead_lock);
	schedule_work(&free_work);
}

/* Take apart what is left. Locking: sb->umount held for writing. */
static void super_dismantle(struct super_block *sb)
{
	sb->flags |= SB_DYING;
	shrink_dcache_for_umount(sb);
	if (!list_empty(&sb->inodes))
		pr_err("inodes of %s are in use after umount\n",
		       sb->type->name);
	if ((sb->flags & SB_BORN) && sb->ops->put_super)
		sb->ops->put_super(sb);
}

static void super_destroy(struct super_block *sb)
{
	down_write(&sb->umount);
	super_dismantle(sb);
	up_write(&sb->umount);
	super_free(sb);
}

/* Drop what a mount held. The last one ends the file system. May sleep. */
void super_put_active(struct super_block *sb)
{
	mutex_lock(&supers_mutex);
	if (!refcount_put(&sb->active)) {
		mutex_unlock(&supers_mutex);
		return;
	}
	list_del_init(&sb->node);
	mutex_unlock(&supers_mutex);
	super_destroy(sb);
}

static struct super_block *find_single(const struct file_system_type *type)
{
	struct super_block *sb;

	list_for_each_entry(sb, &supers, node)
		if (sb->type == type && (type->flags & FS_SINGLE))
			return sb;
	return NULL;
}

/* Locking: supers_mutex held, so that others find it complete or not at all. */
static struct super_block *super_create(const struct file_system_type *type,
					const struct mount_args *args)
{
	struct super_block *sb = super_alloc(type, args->sb_flags);
	int err;

	if (!sb)
		return ERR_PTR(-ENOMEM);
	sb->dev = unused_dev();
	down_write(&sb->umount);
	err = type->fill_super(sb, args);
	if (err) {
		super_dismantle(sb);
		up_write(&sb->umount);
		super_free(sb);
		return ERR_PTR(err);
	}
	ASSERT(sb->root);
	sb->flags |= SB_BORN;
	up_write(&sb->umount);
	list_add_tail(&sb->node, &supers);
	return sb;
}

/*
 * A super block to be mounted, with an active reference: a new one, or the one
 * there is of a FS_SINGLE type.
 *
 * Context: may sleep. Return: ERR_PTR of what fill_super said.
 */
struct super_block *super_get_for_mount(const struct file_system_type *type,
					const struct mount_args *args)
{
	struct super_block *sb;

	MUTEX_GUARD(&supers_mutex);
	sb = find_single(type);
	if (sb) {
		refcount_get(&sb->active);
		return sb;
	}
	return super_create(type, args);
}

/*
 * Change flags and options of a mounted file system.
 *
 * Return: 0, -EBUSY, -EINVAL or what its remount op says.
 */
int super_remount(struct super_block *sb, const struct mount_args *args)
{
	const unsigned int changeable = SB_RDONLY | SB_SYNCHRONOUS;
	int err = 0;

	down_write(&sb->umount);
	if (sb->ops->remount)
		err = sb->ops->remount(sb, args);
	else if (args->data && *args->data)
		err = -EINVAL;
	if (!err)
		WRITE_ONCE(sb->flags, (sb->flags & ~changeable) |
				      (args->sb_flags & changeable));
	up_write(&sb->umount);
	return err;
}

/* The next one after @sb (NULL: the first), with an active reference. */
static struct super_block *next_super(struct super_block *sb)
{
	struct super_block *next = NULL;

	MUTEX_GUARD(&supers_mutex);
	if (!sb)
		next = list_first_entry_or_null(&supers, struct super_block,
						node);
	else if (sb->node.next != &supers)
		next = list_next_entry(sb, node);
	if (next)
		refcount_get(&next->active);
	return next;
}

void for_each_super(void (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb = next_super(NULL), *next;

	for (; sb; sb = next) {
		down_read(&sb->umount);
		fn(sb, arg);
		up_read(&sb->umount);
		next = next_super(sb);
		super_put_active(sb);
	}
}

/* Locking: sb->umount held. */
int super_sync(struct super_block *sb, bool wait)
{
	if (!sb->ops->sync || sb_rdonly(sb))
		return 0;
	return sb->ops->sync(sb, wait);
}

static void sync_one(struct super_block *sb, void *wait)
{
	super_sync(sb, *(bool *)wait);
}

void sync_filesystems(bool wait)
{
	for_each_super(sync_one, &wait);
}

/* ---- all kinds of file system ---- */

static const struct file_system_type *const file_systems[] = {
	&tmpfs_type,
	&devtmpfs_type,
	&proc_type,
	&sysfs_type,
	&devpts_type,
	&mqueue_type,
};

const struct file_system_type *file_system_at(unsigned int index)
{
	return index < ARRAY_SIZE(file_systems) ? file_systems[index] : NULL;
}

/* By the name mount(2) is given. NULL if we do not have it. */
const struct file_system_type *file_system_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(file_systems); i++)
		if (strcmp(file_systems[i]->name, name) == 0)
			return file_systems[i];
	return NULL;
}
