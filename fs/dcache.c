/*
 * The dentry cache: making, finding, hashing and dropping dentries.
 *
 * See fs/dentry.h for what a dentry is and who may hold one. What is done here
 * rests on two pairs of "write mine, full barrier, read yours":
 *
 *  - A lookup under RCU takes its reference first and checks dentry->seq
 *    after. Whoever takes a dentry's meaning away (d_delete()) makes seq odd
 *    first and looks at the count after. One of the two notices the other.
 *  - dput() of the last reference sets the count to 0 first and looks whether
 *    the dentry is (still) hashed and on the LRU list after. d_drop() and the
 *    shrinker do it the other way round.
 *
 * A dentry dies in one step, when its count goes from "ours alone" to
 * DENTRY_DEAD under its lock. It can then be taken out of the hash, the LRU
 * and its parent's list at leisure, one lock at a time: it is still seen there,
 * but nobody can take a reference to it.
 */
#include <fs/dentry.h>

#include <arch/smp.h>
#include <fs/inode.h>
#include <fs/super.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"

/* A name too long for the dentry itself; shared by d_move(). */
struct external_name {
	struct refcount	refs;
	struct rcu_head	rcu;
	char		name[] __aligned(8);
};

struct dcache_bucket *dcache_table __ro_after_init;
unsigned int dcache_shift __ro_after_init;
static struct kmem_cache *dentry_cache __ro_after_init;
static DEFINE_PER_CPU(long, nr_dentries);

DEFINE_SEQLOCK(rename_lock, RANK_RENAME_SEQ);

/* ---- names ---- */

static bool name_is_external(const struct dentry *dentry)
{
	return dentry->name != dentry->inline_name;
}

static struct external_name *external_name(const struct dentry *dentry)
{
	return container_of(dentry->name, struct external_name, name[0]);
}

static void name_put(struct dentry *dentry)
{
	struct external_name *ext;

	if (likely(!name_is_external(dentry)))
		return;
	ext = external_name(dentry);
	if (refcount_put(&ext->refs))
		kfree_rcu(ext, rcu);
}

/* Copy @len bytes and pad them to a multiple of 8, with a NUL at least. */
static void name_store(char *to, const char *name, size_t len)
{
	*(uint64_t *)(to + ALIGN_DOWN(len, 8)) = 0;
	memcpy(to, name, len);
}

static bool name_set(struct dentry *dentry, const struct qstr *name)
{
	struct external_name *ext;
	char *to = dentry->inline_name;

	if (unlikely(name->len >= DENTRY_INLINE_NAME)) {
		ext = kmalloc(sizeof(*ext) + ALIGN_DOWN(name->len, 8) + 8,
			      GFP_KERNEL_ACCOUNT);
		if (!ext)
			return false;
		refcount_set(&ext->refs, 1);
		to = ext->name;
	}
	name_store(to, name->name, name->len);
	dentry->name = to;
	dentry->name_len = name->len;
	return true;
}

/*
 * Give @to the name of @from. Locking: rename_lock and both dentries' locks
 * held, @to's seq odd.
 */
void dentry_name_share(struct dentry *to, const struct dentry *from)
{
	name_put(to);
	if (name_is_external(from)) {
		refcount_get(&external_name(from)->refs);
		WRITE_ONCE(to->name, from->name);
	} else {
		memcpy(to->inline_name, from->inline_name,
		       DENTRY_INLINE_NAME);
		WRITE_ONCE(to->name, to->inline_name);
	}
	WRITE_ONCE(to->name_len, from->name_len);
}

/* Locking: as dentry_name_share(), with both seqs odd. */
void dentry_name_swap(struct dentry *a, struct dentry *b)
{
	const char *a_name = name_is_external(a) ? a->name : b->inline_name;
	const char *b_name = name_is_external(b) ? b->name : a->inline_name;
	char keep[DENTRY_INLINE_NAME];

	memcpy(keep, a->inline_name, DENTRY_INLINE_NAME);
	memcpy(a->inline_name, b->inline_name, DENTRY_INLINE_NAME);
	memcpy(b->inline_name, keep, DENTRY_INLINE_NAME);
	WRITE_ONCE(a->name, b_name);
	WRITE_ONCE(b->name, a_name);
	swap(a->name_len, b->name_len);
}

uint32_t name_hash(const struct dentry *parent, const char *name, size_t len)
{
	return hash_name(name, len, (uintptr_t)parent) >> 32;
}

/* ---- the hash table ---- */

/* Locking: dentry->lock held. */
void dentry_hash_locked(struct dentry *dentry)
{
	struct dcache_bucket *bucket = dcache_bucket(dentry->name_hash);

	assert_held(&dentry->lock);
	spin_lock(&bucket->lock);
	hlist_add_head(&dentry->hash_node, &bucket->head);
	spin_unlock(&bucket->lock);
}

/* Nothing happens if it is not hashed. Locking: dentry->lock held. */
void dentry_unhash_locked(struct dentry *dentry)
{
	struct dcache_bucket *bucket = dcache_bucket(dentry->name_hash);

	assert_held(&dentry->lock);
	if (d_unhashed(dentry))
		return;
	spin_lock(&bucket->lock);
	hlist_del_rcu(&dentry->hash_node);
	spin_unlock(&bucket->lock);
}

void d_rehash(struct dentry *dentry)
{
	SPIN_GUARD(&dentry->lock);
	if (d_unhashed(dentry))
		dentry_hash_locked(dentry);
}

/* Make sure that no lookup finds @dentry from now on. */
void d_drop(struct dentry *dentry)
{
	SPIN_GUARD(&dentry->lock);
	if (d_unhashed(dentry))
		return;
	dentry_unhash_locked(dentry);
	write_seqcount_invalidate(&dentry->seq);
}

/*
 * Find the child of that name and hash.
 *
 * Context: rcu_read_lock() held. Takes no reference: what the caller reads
 * from the dentry counts only if its seq is still *@seq afterwards.
 * Return: NULL if there is none, or none was seen because of a rename.
 */
struct dentry *d_lookup_rcu(const struct dentry *parent,
			    const struct qstr *name, unsigned int *seq)
{
	struct dcache_bucket *bucket = dcache_bucket(name->hash);
	struct dentry *dentry;

	hlist_for_each_entry_rcu(dentry, &bucket->head, hash_node) {
		if (READ_ONCE(dentry->name_hash) != name->hash)
			continue;
		*seq = raw_seqcount_begin(&dentry->seq);
		if (READ_ONCE(dentry->parent) != parent ||
		    READ_ONCE(dentry->name_len) != name->len ||
		    d_unhashed(dentry))
			continue;
		if (name_equal(READ_ONCE(dentry->name), name->name, name->len))
			return dentry;
	}
	return NULL;
}

static bool is_child_named(const struct dentry *dentry,
			   const struct dentry *parent,
			   const struct qstr *name)
{
	return dentry->parent == parent && dentry->name_hash == name->hash &&
	       dentry->name_len == name->len && !d_unhashed(dentry) &&
	       name_equal(dentry->name, name->name, name->len);
}

static struct dentry *lookup_once(const struct dentry *parent,
				  const struct qstr *name)
{
	struct dcache_bucket *bucket = dcache_bucket(name->hash);
	struct dentry *dentry;

	RCU_GUARD();
	hlist_for_each_entry_rcu(dentry, &bucket->head, hash_node) {
		bool found;

		if (READ_ONCE(dentry->name_hash) != name->hash ||
		    READ_ONCE(dentry->parent) != parent)
			continue;
		spin_lock(&dentry->lock);
		found = is_child_named(dentry, parent, name) &&
			dentry_get_rcu(dentry);
		spin_unlock(&dentry->lock);
		if (found)
			return dentry;
	}
	return NULL;
}

/*
 * Find the child of that name and hash; a rename under way does not hide it.
 *
 * Return: the dentry, negative perhaps, with a reference; NULL if not cached.
 */
struct dentry *d_lookup(const struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry;
	unsigned int seq;

	do {
		seq = read_seqbegin(&rename_lock);
		dentry = lookup_once(parent, name);
	} while (!dentry && read_seqretry(&rename_lock, seq));
	return dentry;
}

struct dentry *d_lookup_name(const struct dentry *parent, const char *name)
{
	struct qstr q = QSTR(name);

	q.hash = name_hash(parent, q.name, q.len);
	return d_lookup(parent, &q);
}

/* ---- making ---- */

static struct dentry *dentry_alloc(struct super_block *sb,
				   const struct qstr *name,
				   const struct dentry_ops *ops)
{
	struct dentry *dentry = kmem_cache_alloc(dentry_cache,
						 GFP_KERNEL_ACCOUNT);

	if (!dentry)
		return NULL;
	if (!name_set(dentry, name)) {
		kmem_cache_free(dentry_cache, dentry);
		return NULL;
	}
	hlist_init_node(&dentry->hash_node);
	dentry->parent = dentry;
	dentry->name_hash = 0;
	seqcount_init(&dentry->seq);
	dentry->flags = 0;
	if (ops && ops->revalidate)
		dentry->flags |= DENTRY_REVALIDATE;
	if (ops && ops->delete)
		dentry->flags |= DENTRY_DELETE;
	dentry->inode = NULL;
	dentry->ops = ops;
	spin_lock_init(&dentry->lock, "dentry", RANK_DENTRY);
	atomic_set(&dentry->count, 1);
	dentry->sb = sb;
	dentry->private = NULL;
	dentry->on_lru = false;
	dentry->referenced = false;
	list_init(&dentry->sibling);
	list_init(&dentry->children);
	this_cpu_inc(nr_dentries);
	return dentry;
}

/* A negative, unhashed dentry below @parent. NULL: no memory. May sleep. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct super_block *sb = parent->sb;
	struct dentry *dentry = dentry_alloc(sb, name, sb->dentry_ops);

	if (!dentry)
		return NULL;
	dentry->parent = dget(parent);
	dentry->name_hash = name_hash(parent, name->name, name->len);
	spin_lock(&parent->lock);
	list_add(&dentry->sibling, &parent->children);
	spin_unlock(&parent->lock);
	return dentry;
}

struct dentry *d_alloc_name(struct dentry *parent, const char *name)
{
	struct qstr q = QSTR(name);

	return d_alloc(parent, &q);
}

/* A dentry outside every tree, for files without a path. May sleep. */
struct dentry *d_alloc_anon(struct super_block *sb, const struct qstr *name,
			    const struct dentry_ops *ops)
{
	struct dentry *dentry = dentry_alloc(sb, name, ops);

	if (dentry)
		dentry->flags |= DENTRY_DISCONNECTED | DENTRY_DONTCACHE;
	return dentry;
}

struct dentry *d_make_root(struct inode *inode)
{
	static const struct qstr slash = { .name = "/", .len = 1 };
	struct dentry *root;

	if (!inode)
		return NULL;
	root = dentry_alloc(inode->sb, &slash, inode->sb->dentry_ops);
	if (root)
		d_instantiate(root, inode);
	else
		iput(inode);
	return root;
}

/* ---- meaning ---- */

/* The DENTRY_* type of what @inode is; NULL: negative. */
unsigned int dentry_type(const struct inode *inode)
{
	if (!inode)
		return DENTRY_NEGATIVE;
	if (S_ISDIR(inode->mode))
		return DENTRY_DIR;
	if (S_ISLNK(inode->mode))
		return DENTRY_SYMLINK;
	return DENTRY_FILE;
}

/* Locking: dentry->lock held, seq odd. */
static void set_inode(struct dentry *dentry, struct inode *inode)
{
	WRITE_ONCE(dentry->inode, inode);
	WRITE_ONCE(dentry->flags, (dentry->flags & ~DENTRY_TYPE_MASK) |
				  dentry_type(inode));
}

/*
 * The negative @dentry now stands for @inode, whose reference it takes over.
 * NULL: it stays negative.
 */
void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	ASSERT(!dentry->inode);
	SPIN_GUARD(&dentry->lock);
	write_seqcount_begin(&dentry->seq);
	set_inode(dentry, inode);
	write_seqcount_end(&dentry->seq);
}

void d_add(struct dentry *dentry, struct inode *inode)
{
	d_instantiate(dentry, inode);
	d_rehash(dentry);
}

/*
 * Finish a lookup op: @inode (NULL: no such file) is what @dentry names.
 *
 * Return: NULL, or @inode itself if that is an ERR_PTR.
 */
struct dentry *d_splice(struct inode *inode, struct dentry *dentry)
{
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	d_add(dentry, inode);
	return NULL;
}

/*
 * The file named by @dentry has been removed. If we are its only user the
 * dentry becomes negative: the next lookup learns for free that there is no
 * such file. Else it loses its name and keeps its inode for its users.
 *
 * Context: may sleep. Locking: the directory's rwsem held for writing.
 */
void d_delete(struct dentry *dentry)
{
	struct inode *inode = NULL;

	spin_lock(&dentry->lock);
	write_seqcount_begin(&dentry->seq);
	smp_mb();	/* seq is odd before the count is read: see above */
	if (atomic_read(&dentry->count) == 1) {
		inode = dentry->inode;
		set_inode(dentry, NULL);
		dentry->flags &= ~DENTRY_CANT_MOUNT;
	} else {
		dentry_unhash_locked(dentry);
	}
	write_seqcount_end(&dentry->seq);
	spin_unlock(&dentry->lock);
	iput(inode);
}

/* ---- dropping ---- */

static void dentry_free(struct rcu_head *rcu)
{
	kmem_cache_free(dentry_cache, container_of(rcu, struct dentry, rcu));
}

/*
 * Take a dead dentry apart.
 *
 * Context: may sleep. Locking: dentry->lock held, dropped here; its count has
 * just become DENTRY_DEAD.
 * Return: the parent, whose reference now is the caller's; NULL for a root.
 */
struct dentry *__no_lock_check dentry_kill(struct dentry *dentry)
{
	struct dentry *parent = d_is_root(dentry) ? NULL : dentry->parent;
	struct inode *inode = dentry->inode;

	dentry_unhash_locked(dentry);
	write_seqcount_begin(&dentry->seq);
	set_inode(dentry, NULL);
	write_seqcount_end(&dentry->seq);
	dentry_lru_del(dentry);
	spin_unlock(&dentry->lock);

	if (parent) {
		spin_lock(&parent->lock);
		list_del(&dentry->sibling);
		spin_unlock(&parent->lock);
	}
	if (dentry->ops && dentry->ops->release)
		dentry->ops->release(dentry);
	iput(inode);
	name_put(dentry);
	this_cpu_dec(nr_dentries);
	call_rcu(&dentry->rcu, dentry_free);
	return parent;
}

/* Shall it stay in the cache when nobody uses it? Locking: lock held. */
static bool is_worth_keeping(struct dentry *dentry)
{
	if (d_unhashed(dentry) || (dentry->flags & DENTRY_DONTCACHE))
		return false;
	return !(dentry->flags & DENTRY_DELETE) || !dentry->ops->delete(dentry);
}

/* Give up a reference; true if it was the last, and the dentry is dead. */
static bool put_or_kill(struct dentry *dentry)
{
	int count = atomic_read(&dentry->count);

	while (!atomic_try_cmpxchg(&dentry->count, &count,
				   count > 1 ? count - 1 : DENTRY_DEAD))
		cpu_relax();
	return count == 1;
}

/* The general case. Return: the parent, to be dropped next, or NULL. */
static struct dentry *__no_lock_check
dput_locked(struct dentry *dentry, bool may_keep)
{
	spin_lock(&dentry->lock);
	if (may_keep && is_worth_keeping(dentry)) {
		dentry->referenced = true;
		dentry_lru_add(dentry);
		atomic_dec(&dentry->count);
		spin_unlock(&dentry->lock);
		return NULL;
	}
	if (put_or_kill(dentry))
		return dentry_kill(dentry);
	spin_unlock(&dentry->lock);
	return NULL;
}

/*
 * The count went to 0 without the lock, and after that something was not as it
 * should be: do now what dput_locked() would have done, unless somebody has
 * begun to use the dentry again.
 *
 * Context: rcu_read_lock() held, dropped here. A spinlock holder is a reader
 * too, so a dentry that somebody else has killed is still readable.
 */
static struct dentry *__no_lock_check dput_look_again(struct dentry *dentry)
{
	int unused = 0;

	spin_lock(&dentry->lock);
	rcu_read_unlock();
	if (atomic_read(&dentry->count) < 0) {
		spin_unlock(&dentry->lock);
		return NULL;
	}
	if (!is_worth_keeping(dentry) &&
	    atomic_try_cmpxchg(&dentry->count, &unused, DENTRY_DEAD))
		return dentry_kill(dentry);
	dentry_lru_add(dentry);
	spin_unlock(&dentry->lock);
	return NULL;
}

/*
 * Drop a reference without taking the lock, if it is not the last one, or if
 * the dentry stays in the cache, where it is already.
 *
 * Context: rcu_read_lock() held: with count 0 the dentry is nobody's.
 * Return: the count before, or 0 if nothing was done.
 */
static __always_inline int dput_fast(struct dentry *dentry)
{
	int count = atomic_read(&dentry->count);

	while (count > 1)
		if (atomic_try_cmpxchg(&dentry->count, &count, count - 1))
			return count;
	if (!READ_ONCE(dentry->on_lru) || d_unhashed(dentry) ||
	    (READ_ONCE(dentry->flags) & (DENTRY_DONTCACHE | DENTRY_DELETE)))
		return 0;
	if (!dentry->referenced)
		dentry->referenced = true;
	return atomic_try_cmpxchg(&dentry->count, &count, 0);
}

void dput(struct dentry *dentry)
{
	while (dentry) {
		int before;

		rcu_read_lock();
		before = dput_fast(dentry);
		if (!before) {
			rcu_read_unlock();
			dentry = dput_locked(dentry, true);
			continue;
		}
		if (before > 1 ||
		    likely(!d_unhashed(dentry) && READ_ONCE(dentry->on_lru))) {
			rcu_read_unlock();
			return;
		}
		dentry = dput_look_again(dentry);
	}
}

/* dput() that does not leave the dentry in the cache if it was the last. */
void dput_prune(struct dentry *dentry)
{
	dput(dput_locked(dentry, false));
}

struct dentry *dget_parent(struct dentry *dentry)
{
	for (;;) {
		struct dentry *parent;

		rcu_read_lock();
		parent = READ_ONCE(dentry->parent);
		if (!dentry_get_rcu(parent)) {
			rcu_read_unlock();
			continue;
		}
		rcu_read_unlock();
		if (likely(READ_ONCE(dentry->parent) == parent))
			return parent;
		dput(parent);
	}
}

/* How many dentries there are. A snapshot. */
unsigned long dcache_nr_dentries(void)
{
	unsigned int cpu;
	long sum = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		sum += READ_ONCE(per_cpu(nr_dentries, cpu));
	return max(sum, 0L);
}

/* One bucket for 8 pages of memory, which is about two dentries' worth. */
void __init dcache_init(void)
{
	unsigned long i, buckets = 256;
	unsigned int bits = 8;

	while (buckets < totalram_pages() / 8 && bits < 24) {
		buckets *= 2;
		bits++;
	}
	dcache_table = kvcalloc(buckets, sizeof(*dcache_table), GFP_KERNEL);
	if (!dcache_table)
		panic("no memory for the dentry hash table");
	for (i = 0; i < buckets; i++)
		spin_lock_init(&dcache_table[i].lock, "dcache_bucket",
			       RANK_DCACHE_HASH);
	dcache_shift = 32 - bits;
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0,
					 SLAB_HWCACHE_ALIGN |
					 SLAB_RECLAIMABLE | SLAB_PANIC, NULL);
	dcache_lru_init();
}
