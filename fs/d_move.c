/*
 * Dentries that change their place: d_move(), d_exchange(), is_subdir().
 *
 * A move changes name, parent and hash chain of a dentry that others may be
 * looking at without any lock. Three counts tell them: dentry->seq (lookups
 * under RCU), rename_lock (searches of a hash chain, which may be led astray
 * when a dentry moves to another chain, and walks up the tree) and, for those
 * who sleep, the rwsems of both directories.
 */
#include <fs/dentry.h>

#include <fs/inode.h>

#include "internal.h"

/* Locking: rename_lock held for writing. @dentry is used, so stays alive. */
static void move_to_parent(struct dentry *dentry, struct dentry *old_parent,
			   struct dentry *new_parent)
{
	if (old_parent == new_parent)
		return;
	spin_lock(&old_parent->lock);
	list_del(&dentry->sibling);
	spin_unlock(&old_parent->lock);
	spin_lock(&new_parent->lock);
	list_add(&dentry->sibling, &new_parent->children);
	spin_unlock(&new_parent->lock);
}

/*
 * The two may not be parent and child (a rename cannot do that), and only
 * renames lock dentries that are neither: rename_lock makes any order safe.
 */
static void __no_lock_check lock_both(struct dentry *a, struct dentry *b)
{
	write_seqlock(&rename_lock);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, 1);
	write_seqcount_begin(&a->seq);
	write_seqcount_begin(&b->seq);
	dentry_unhash_locked(a);
	dentry_unhash_locked(b);
}

static void __no_lock_check unlock_both(struct dentry *a, struct dentry *b)
{
	write_seqcount_end(&b->seq);
	write_seqcount_end(&a->seq);
	spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

/*
 * Give @dentry name and place of @target, which becomes unhashed.
 *
 * Context: may sleep. Locking: rwsems of both directories held for writing,
 * and the caller has references to both dentries.
 */
void __no_lock_check d_move(struct dentry *dentry, struct dentry *target)
{
	struct dentry *old_parent = dentry->parent;
	struct dentry *new_parent = target->parent;

	ASSERT(dentry != target && !d_is_root(dentry));
	dget(new_parent);
	lock_both(dentry, target);
	dentry_name_share(dentry, target);
	WRITE_ONCE(dentry->parent, new_parent);
	WRITE_ONCE(dentry->name_hash, target->name_hash);
	dentry_hash_locked(dentry);
	unlock_both(dentry, target);
	move_to_parent(dentry, old_parent, new_parent);
	write_sequnlock(&rename_lock);
	dput(old_parent);
}

/* The two swap name and place. As d_move() otherwise. */
void __no_lock_check d_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *a_parent = a->parent, *b_parent = b->parent;

	lock_both(a, b);
	dentry_name_swap(a, b);
	WRITE_ONCE(a->parent, b_parent);
	WRITE_ONCE(b->parent, a_parent);
	swap(a->name_hash, b->name_hash);
	dentry_hash_locked(a);
	dentry_hash_locked(b);
	unlock_both(a, b);
	move_to_parent(a, a_parent, b_parent);
	move_to_parent(b, b_parent, a_parent);
	write_sequnlock(&rename_lock);
}

/* Context: any. Both belong to one file system or the answer is no. */
bool is_subdir(struct dentry *dentry, struct dentry *ancestor)
{
	unsigned int seq;
	bool found;

	do {
		struct dentry *d = dentry;

		seq = read_seqbegin(&rename_lock);
		rcu_read_lock();
		while (d != ancestor && READ_ONCE(d->parent) != d)
			d = READ_ONCE(d->parent);
		found = d == ancestor;
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, seq));
	return found;
}
