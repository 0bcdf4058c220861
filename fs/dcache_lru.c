/*
 * Dentries nobody uses: which of them go, and when.
 *
 * A dentry whose count falls to 0 is put on one list, and stays there when it
 * is used again: taking it off would cost each lookup a lock. The shrinker
 * takes dentries from the old end. One in use simply leaves the list (its next
 * dput() brings it back); one used since the last look goes to the young end
 * once more; the others die.
 *
 * Whole subtrees are pruned in post-order: when a directory's turn comes, the
 * names in it are gone, and it may be unused itself by now.
 */
#include <fs/dentry.h>

#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/slab.h>

#include "internal.h"

#define LOG_PREFIX	"dcache"

static DEFINE_SPINLOCK(lru_lock, RANK_DCACHE_LRU);
static LIST_HEAD(lru_list);		/* [lru_lock] oldest last */
static unsigned long nr_unused __guarded_by(lru_lock);

/* Nothing happens if it is there already. Locking: dentry->lock held. */
void dentry_lru_add(struct dentry *dentry)
{
	assert_held(&dentry->lock);
	if (dentry->on_lru)
		return;
	SPIN_GUARD(&lru_lock);
	WRITE_ONCE(dentry->on_lru, true);
	list_add(&dentry->lru, &lru_list);
	nr_unused++;
}

/* Nothing happens if it is not there. Locking: dentry->lock held. */
void dentry_lru_del(struct dentry *dentry)
{
	assert_held(&dentry->lock);
	if (!READ_ONCE(dentry->on_lru))
		return;
	SPIN_GUARD(&lru_lock);
	if (!dentry->on_lru)
		return;
	WRITE_ONCE(dentry->on_lru, false);
	list_del(&dentry->lru);
	nr_unused--;
}

unsigned long dcache_nr_unused(void)
{
	return READ_ONCE(nr_unused);
}

/* Take the oldest off the list. Context: RCU, which keeps it readable. */
static struct dentry *lru_pop(void)
{
	struct dentry *dentry;

	SPIN_GUARD(&lru_lock);
	if (list_empty(&lru_list))
		return NULL;
	dentry = list_last_entry(&lru_list, struct dentry, lru);
	list_del(&dentry->lru);
	WRITE_ONCE(dentry->on_lru, false);
	nr_unused--;
	return dentry;
}

/*
 * Look at the oldest unused dentry. A lookup or dput() may meet us at any
 * point: the count decides, and on_lru was cleared before we read it (the
 * lock's exchange is the barrier), so a dput() that we do not see sees that.
 *
 * Return: false if there is none left. *@freed grows if it went.
 */
static bool __no_lock_check shrink_one(unsigned long *freed)
{
	struct dentry *dentry;
	int unused = 0;

	rcu_read_lock();
	dentry = lru_pop();
	if (!dentry) {
		rcu_read_unlock();
		return false;
	}
	spin_lock(&dentry->lock);
	rcu_read_unlock();
	if (atomic_read(&dentry->count) == 0 && dentry->referenced) {
		dentry->referenced = false;
		dentry_lru_add(dentry);
	} else if (atomic_try_cmpxchg(&dentry->count, &unused, DENTRY_DEAD)) {
		++*freed;
		dput(dentry_kill(dentry));
		return true;
	}
	spin_unlock(&dentry->lock);
	return true;
}

static unsigned long dcache_count(struct shrinker *shrinker __unused,
				  gfp_t gfp)
{
	return gfp & GFP_BIT_FS ? dcache_nr_unused() : 0;
}

/* Each dentry is looked at twice at most: once referenced, once to go. */
static unsigned long dcache_scan(struct shrinker *shrinker __unused,
				 unsigned long nr, gfp_t gfp)
{
	unsigned long looks = 2 * nr, freed = 0;

	if (!(gfp & GFP_BIT_FS))
		return 0;
	while (freed < nr && looks-- > 0 && shrink_one(&freed))
		cond_resched();
	return freed;
}

static struct shrinker dcache_shrinker = {
	.name = "dcache",
	.count = dcache_count,
	.scan = dcache_scan,
};

/* ---- subtrees ---- */

/*
 * The next living child of @parent after @prev (NULL: the first), with a
 * reference. If @prev has moved elsewhere we begin again: children already
 * visited are only visited once more.
 */
static struct dentry *next_child(struct dentry *parent, struct dentry *prev)
{
	struct list_head *node;

	SPIN_GUARD(&parent->lock);
	node = prev && prev->parent == parent ? prev->sibling.next :
						parent->children.next;
	for (; node != &parent->children; node = node->next) {
		struct dentry *child = list_entry(node, struct dentry, sibling);

		if (dentry_get_rcu(child))
			return child;
	}
	return NULL;
}

/* Let the visited @dentry go, with the reference its file system has on it. */
static void prune_visited(struct dentry *dentry, bool unpin)
{
	if (unpin && dentry->inode && !d_unhashed(dentry)) {
		d_drop(dentry);
		dput(dentry);
	}
	dput_prune(dentry);
}

/*
 * Visit everything below @root in post-order and drop what is unused.
 *
 * One reference is held at a time, to @cur; it keeps the path up to the root.
 */
static void prune_tree(struct dentry *root, bool unpin)
{
	struct dentry *cur = dget(root), *prev = NULL;

	for (;;) {
		struct dentry *next = next_child(cur, prev);

		if (prev)
			prune_visited(prev, unpin);
		if (next) {
			if (list_empty(&next->children)) {
				prev = next;	/* a leaf: visited */
				continue;
			}
			dput(cur);		/* next holds it */
			cur = next;
			prev = NULL;
		} else if (cur != root) {
			prev = cur;
			cur = dget_parent(cur);
		} else {
			break;
		}
		cond_resched();
	}
	dput(cur);
}

void shrink_dcache_parent(struct dentry *parent)
{
	prune_tree(parent, false);
}

void shrink_dcache_sb(struct super_block *sb)
{
	if (sb->root)
		prune_tree(sb->root, false);
}

/*
 * The super block's last mount is gone: drop all of its dentries.
 *
 * Context: may sleep. Locking: sb->umount held for writing.
 */
void shrink_dcache_for_umount(struct super_block *sb)
{
	struct dentry *root = sb->root;

	if (!root)
		return;
	prune_tree(root, sb->type->flags & FS_PINNED);
	if (!list_empty(&root->children))
		pr_err("dentries of %s are in use after umount\n",
		       sb->type->name);
	sb->root = NULL;
	d_drop(root);
	dput_prune(root);
}

/*
 * @dentry is not what it was (the process of /proc/<pid> has ended): forget it
 * and what is unused below it, and unmount what is mounted there, which no path
 * leads to any more. Users keep what they have.
 *
 * Context: may sleep; no locks but that of the parent's inode.
 */
void d_invalidate(struct dentry *dentry)
{
	if (d_unhashed(dentry))
		return;
	d_drop(dentry);
	if (d_is_dir(dentry))
		shrink_dcache_parent(dentry);
	if (d_mounted(dentry) || !list_empty(&dentry->children))
		detach_mounts(dentry);
}

void __init dcache_lru_init(void)
{
	shrinker_register(&dcache_shrinker);
}
