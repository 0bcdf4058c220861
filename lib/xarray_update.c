/*
 * The xarray, changing: under the caller's lock, beside readers without one.
 *
 * A change happens in three steps. First it is counted how many nodes are
 * missing, and they are all collected in a pool: this can fail, and nothing
 * has been touched yet. Then the path from the head to the leaf is completed
 * and remembered in a struct path; then the slot is written and the bitmaps
 * along the path are brought up to date, from the leaf upwards, as far as
 * something changes. These two steps cannot fail. See xarray.c for the picture
 * of the tree and for what its readers rely on.
 *
 * Between two changes, for every node:
 *
 *	bit of sets[XA_PRESENT]	= the slot is not NULL; never all bits 0
 *	bit of sets[mark]	= the entry has the mark, or the child node
 *				  has any bit in sets[mark]
 *	bit of full		= there is an entry, or the child is full (~0)
 *
 * and the top node has more than slot 0 in use: else it would be superfluous.
 */
#include <keel/bug.h>
#include <lib/string.h>
#include "xarray_internal.h"

/* The nodes from the top (nodes[0]) towards a leaf (nodes[nr - 1]). */
struct path {
	struct xa_node *nodes[XA_MAX_HEIGHT];
	unsigned int nr;
};

/* How many levels a tree needs for @index. */
static unsigned int height_for(unsigned long index)
{
	return index ? bit_highest(index) / XA_BITS + 1 : 1;
}

/* How many nodes are missing for a store at @index. */
static unsigned int nodes_missing(const struct xarray *xa, unsigned long index)
{
	unsigned int height = height_for(index);
	const struct xa_node *node;

	if (!is_node(xa->head)) {
		if (!index)
			return 0;
		/* The entry at 0, if any, moves down into a leaf of its own. */
		return xa->head ? height + height - 1 : height;
	}
	node = to_node(xa->head);
	if (!covers(node, index))
		return height - (node->shift / XA_BITS + 1) + height - 1;
	while (node->shift) {
		const void *child = node->slots[slot_of(node, index)];

		if (!child)
			return node->shift / XA_BITS;
		node = to_node(child);
	}
	return 0;
}

/*
 * Collect the nodes that the last xa_store_pool() wanted and did not have.
 * Context: sleeps if @gfp does. Locking: none needed.
 * Return: 0, or -ENOMEM; the pool keeps what it has until it is drained.
 */
int xa_pool_fill(struct xa_pool *pool, const struct xarray *xa, gfp_t gfp)
{
	while (pool->nr < pool->wanted) {
		struct xa_node *node = xa->ops->alloc_node(gfp);

		if (!node)
			return -ENOMEM;
		node->rcu[0] = pool->nodes;
		pool->nodes = node;
		pool->nr++;
	}
	return 0;
}

/* Give the pool's nodes back. Context: any. */
void xa_pool_drain(struct xa_pool *pool, const struct xarray *xa)
{
	while (pool->nodes) {
		struct xa_node *node = pool->nodes;

		pool->nodes = node->rcu[0];
		xa->ops->free_node(node);
	}
	pool->nr = 0;
}

/* Take an empty node out of the pool, which has one. */
static struct xa_node *pool_take(struct xa_pool *pool, unsigned int shift)
{
	struct xa_node *node = pool->nodes;

	ASSERT(node);
	pool->nodes = node->rcu[0];
	pool->nr--;
	memset(node, 0, sizeof(*node));
	node->shift = shift;
	return node;
}

/*
 * Put a node on top of the tree: the head of before becomes its slot 0.
 *
 *	head --> old	=>	head --> node --> old
 */
static void grow_head(struct xarray *xa, struct xa_pool *pool)
{
	void *old = xa->head;
	bool old_is_node = is_node(old);
	unsigned int shift = old_is_node ? to_node(old)->shift + XA_BITS : 0;
	struct xa_node *node = pool_take(pool, shift);

	node->slots[0] = old;
	node->sets[XA_PRESENT] = 1;
	for (xa_mark_t mark = 0; mark < XA_NR_MARKS; mark++)
		node->sets[mark] = xa_marked(xa, mark);
	node->full = !old_is_node || to_node(old)->full == ~0UL;
	smp_store_release(&xa->head, node_entry(node));
}

/* Complete the path to @index; the pool has the nodes_missing(). */
static void make_path(struct xarray *xa, unsigned long index,
		      struct xa_pool *pool, struct path *path)
{
	struct xa_node *node;

	if (!xa->head) {
		unsigned int shift = (height_for(index) - 1) * XA_BITS;

		node = pool_take(pool, shift);
		smp_store_release(&xa->head, node_entry(node));
	}
	while (!is_node(xa->head) || !covers(to_node(xa->head), index))
		grow_head(xa, pool);
	node = to_node(xa->head);
	path->nr = 0;
	for (;;) {
		unsigned int slot = slot_of(node, index);
		unsigned int shift = node->shift;

		path->nodes[path->nr++] = node;
		if (!shift)
			return;
		if (!node->slots[slot]) {
			shift -= XA_BITS;
			smp_store_release(&node->slots[slot],
					  node_entry(pool_take(pool, shift)));
			WRITE_ONCE(node->sets[XA_PRESENT],
				   node->sets[XA_PRESENT] | BIT(slot));
		}
		node = to_node(node->slots[slot]);
	}
}

/*
 * Follow the existing path to @index. False if it ends early; or if there is
 * no tree, and then path->nr is 0.
 */
static bool find_path(const struct xarray *xa, unsigned long index,
		      struct path *path)
{
	void *entry = xa->head;

	path->nr = 0;
	if (!is_node(entry) || !covers(to_node(entry), index))
		return false;
	while (is_node(entry)) {
		struct xa_node *node = to_node(entry);

		path->nodes[path->nr++] = node;
		if (!node->shift)
			return true;
		entry = node->slots[slot_of(node, index)];
	}
	return false;
}

/* The slot at @index, for those who hold the lock, as it is; else NULL. */
static void *raw_load(const struct xarray *xa, unsigned long index)
{
	struct path path;

	if (!is_node(xa->head))
		return index ? NULL : xa->head;
	if (!find_path(xa, index, &path))
		return NULL;
	return path.nodes[path.nr - 1]->slots[index % XA_SLOTS];
}

/* Note along the path that the slot at @index has just been filled. */
static void path_filled(const struct path *path, unsigned long index)
{
	struct xa_node *leaf = path->nodes[path->nr - 1];

	WRITE_ONCE(leaf->sets[XA_PRESENT],
		   leaf->sets[XA_PRESENT] | slot_bit(leaf, index));
	for (unsigned int i = path->nr; i-- > 0;) {
		struct xa_node *node = path->nodes[i];

		node->full |= slot_bit(node, index);
		if (node->full != ~0UL)
			break;
	}
}

/* Note along the path that the slot at @index has just been emptied. */
static void path_emptied(const struct path *path, unsigned long index)
{
	for (unsigned int i = path->nr; i-- > 0;) {
		struct xa_node *node = path->nodes[i];
		bool was_full = node->full == ~0UL;

		node->full &= ~slot_bit(node, index);
		if (!was_full)
			break;
	}
}

/* Give the entry at the path's end a mark. */
static void path_set_mark(struct xarray *xa, const struct path *path,
			  unsigned long index, xa_mark_t mark)
{
	for (unsigned int i = path->nr; i-- > 0;) {
		struct xa_node *node = path->nodes[i];
		uint64_t old = node->sets[mark];

		WRITE_ONCE(node->sets[mark], old | slot_bit(node, index));
		if (old)	/* so the nodes above know already */
			return;
	}
	WRITE_ONCE(xa->marks, xa->marks | 1U << mark);
}

/* Take it away, and from the nodes above if nothing there has it now. */
static void path_clear_mark(struct xarray *xa, const struct path *path,
			    unsigned long index, xa_mark_t mark)
{
	for (unsigned int i = path->nr; i-- > 0;) {
		struct xa_node *node = path->nodes[i];
		uint64_t old = node->sets[mark];
		uint64_t new = old & ~slot_bit(node, index);

		WRITE_ONCE(node->sets[mark], new);
		if (new || !old)
			return;
	}
	WRITE_ONCE(xa->marks, xa->marks & ~(1U << mark));
}

/* Free the nodes of the path that have become empty, from the leaf up. */
static void prune_path(struct xarray *xa, const struct path *path,
		       unsigned long index)
{
	for (unsigned int i = path->nr; i-- > 0;) {
		struct xa_node *node = path->nodes[i], *parent;
		uint64_t present = node->sets[XA_PRESENT];

		present &= ~slot_bit(node, index);
		WRITE_ONCE(node->sets[XA_PRESENT], present);
		if (present)
			return;
		if (i == 0) {
			WRITE_ONCE(xa->head, NULL);
		} else {
			parent = path->nodes[i - 1];
			WRITE_ONCE(parent->slots[slot_of(parent, index)], NULL);
		}
		xa->ops->free_node_rcu(node);
	}
}

/* Take away top nodes of which only slot 0 is in use. */
static void shrink_head(struct xarray *xa)
{
	while (is_node(xa->head)) {
		struct xa_node *node = to_node(xa->head);

		if (node->sets[XA_PRESENT] != 1)
			return;
		smp_store_release(&xa->head, node->slots[0]);
		xa->ops->free_node_rcu(node);
	}
}

/*
 * Empty the slot at @index.
 * Context: any. Locking: the array's lock.
 * Return: the entry that was there, or NULL.
 */
void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct path path;
	struct xa_node *leaf;
	void *old;

	if (!is_node(xa->head)) {
		if (index)
			return NULL;
		old = xa->head;
		WRITE_ONCE(xa->head, NULL);
		WRITE_ONCE(xa->marks, 0);
		return visible(old);
	}
	if (!find_path(xa, index, &path))
		return NULL;
	leaf = path.nodes[path.nr - 1];
	old = leaf->slots[index % XA_SLOTS];
	if (!old)
		return NULL;
	WRITE_ONCE(leaf->slots[index % XA_SLOTS], NULL);
	for (xa_mark_t mark = 0; mark < XA_NR_MARKS; mark++)
		path_clear_mark(xa, &path, index, mark);
	path_emptied(&path, index);
	prune_path(xa, &path, index);
	shrink_head(xa);
	return visible(old);
}

/*
 * Store @entry at @index with nodes from @pool; the entry's marks stay as they
 * were. Storing NULL erases.
 * Context: any. Locking: the array's lock.
 * Return: the entry that was there, or NULL; ERR_PTR(-ENOMEM), with nothing
 * changed, if the pool has too few nodes: xa_pool_fill() gets them.
 */
void *xa_store_pool(struct xarray *xa, unsigned long index, void *entry,
		    struct xa_pool *pool)
{
	struct path path;
	void *old, **slot;

	ASSERT(!is_node(entry) && !IS_ERR(entry));
	if (!entry)
		return xa_erase(xa, index);
	if (!index && !is_node(xa->head)) {
		old = xa->head;
		smp_store_release(&xa->head, entry);
		return visible(old);
	}
	pool->wanted = nodes_missing(xa, index);
	if (pool->nr < pool->wanted)
		return ERR_PTR(-ENOMEM);
	make_path(xa, index, pool, &path);
	slot = &path.nodes[path.nr - 1]->slots[index % XA_SLOTS];
	old = *slot;
	smp_store_release(slot, entry);
	if (!old)
		path_filled(&path, index);
	return visible(old);
}

/*
 * Store @entry at @index; the entry's marks stay as they were. Storing NULL
 * erases, and cannot fail.
 * Context: sleeps if @gfp does. Locking: the array's lock.
 * Return: the entry that was there, or NULL; ERR_PTR(-ENOMEM), with nothing
 * changed, if nodes are missing and there is no memory for them.
 */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct xa_pool pool = XA_POOL_INIT;
	void *old = xa_store_pool(xa, index, entry, &pool);

	if (old != ERR_PTR(-ENOMEM))
		return old;
	if (xa_pool_fill(&pool, xa, gfp) == 0)
		old = xa_store_pool(xa, index, entry, &pool);
	xa_pool_drain(&pool, xa);
	return old;
}

/*
 * Store @entry at @index if nothing is there, not even a reservation.
 * Context, locking: as xa_store().
 * Return: 0, -EBUSY, or -ENOMEM.
 */
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	if (raw_load(xa, index))
		return -EBUSY;
	if (!entry)
		entry = XA_RESERVED;
	return PTR_ERR_OR_ZERO(xa_store(xa, index, entry, gfp));
}

/*
 * Store @entry at @index if @old is there (NULL: nothing, or a reservation).
 * Context, locking: as xa_store().
 * Return: what was there, so @old means success; or ERR_PTR(-ENOMEM).
 */
void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry,
		 gfp_t gfp)
{
	void *found = visible(raw_load(xa, index));

	if (found != old)
		return found;
	return xa_store(xa, index, entry, gfp);
}

/*
 * Make sure that a store at @index cannot fail until then. An empty slot reads
 * as NULL still, but counts as used for xa_insert() and xa_alloc(). Undone by
 * xa_release(), or by storing.
 * Context, locking: as xa_store(). Return: 0, or -ENOMEM.
 */
int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	int err = xa_insert(xa, index, XA_RESERVED, gfp);

	return err == -EBUSY ? 0 : err;
}

/* Undo xa_reserve(), unless something was stored. Locking: the array's. */
void xa_release(struct xarray *xa, unsigned long index)
{
	if (raw_load(xa, index) == XA_RESERVED)
		xa_erase(xa, index);
}

/* Give the entry at @index, if there is one, a mark. Locking: the array's. */
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct path path;

	if (!visible(raw_load(xa, index)))
		return;
	find_path(xa, index, &path);
	path_set_mark(xa, &path, index, mark);
}

/* Take a mark away from the entry at @index. Locking: the array's. */
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct path path;

	if (find_path(xa, index, &path) || (!index && !is_node(xa->head)))
		path_clear_mark(xa, &path, index, mark);
}

/*
 * Find the first index, from *@index to @max, where nothing is stored. Full
 * subtrees cost a look at a bitmap. False if there is none.
 */
static bool find_free(const struct xarray *xa, unsigned long *index,
		      unsigned long max)
{
	const struct xa_node *top, *node;

	if (!is_node(xa->head)) {
		if (xa->head && !*index)
			*index = 1;
		return *index <= max;
	}
	node = top = to_node(xa->head);
	while (*index <= max) {
		unsigned int slot = slot_of(node, *index), next;
		uint64_t free = ~node->full & (~0UL << slot);
		const void *child;

		if (!covers(top, *index))
			return true;
		if (!free) {
			if (!advance_index(index, node->shift + XA_BITS))
				return false;
			node = top;
			continue;
		}
		next = bit_lowest(free);
		if (next != slot)
			*index = index_at(*index, node->shift, next);
		child = node->slots[next];
		if (!node->shift || !child)
			return *index <= max;
		node = to_node(child);
	}
	return false;
}

/*
 * Store @entry (NULL: a reservation) at the lowest unused index in @limit and
 * tell which it is in *@index.
 * Context, locking: as xa_store().
 * Return: 0; -EBUSY if all are in use; -ENOMEM.
 */
int xa_alloc(struct xarray *xa, unsigned long *index, void *entry,
	     struct xa_limit limit, gfp_t gfp)
{
	unsigned long at = limit.min;

	if (!find_free(xa, &at, limit.max))
		return -EBUSY;
	*index = at;
	return xa_insert(xa, at, entry, gfp);
}

/*
 * As xa_alloc(), but look from *@next on first, and leave behind in *@next
 * where to look the next time: an index is not used again soon.
 * Return: as xa_alloc(); 1 for success after starting over at limit.min.
 */
int xa_alloc_cyclic(struct xarray *xa, unsigned long *index, void *entry,
		    struct xa_limit limit, unsigned long *next, gfp_t gfp)
{
	struct xa_limit upper = limit;
	int err = -EBUSY, wrapped = 0;

	upper.min = max(limit.min, *next);
	if (upper.min <= upper.max)
		err = xa_alloc(xa, index, entry, upper, gfp);
	if (err == -EBUSY && upper.min > limit.min) {
		wrapped = 1;
		err = xa_alloc(xa, index, entry, limit, gfp);
	}
	if (err)
		return err;
	*next = *index + 1;	/* 0 behind the largest: the lower limit */
	return wrapped;
}

static void free_subtree(const struct xarray *xa, struct xa_node *node)
{
	uint64_t present = node->shift ? node->sets[XA_PRESENT] : 0;

	/* Recursion, but no deeper than the tree: 11 levels. */
	for (; present; present &= present - 1)
		free_subtree(xa, to_node(node->slots[bit_lowest(present)]));
	xa->ops->free_node(node);
}

/*
 * Free all nodes; the entries are not touched. The array is empty then and
 * can be used again. Context: any. Locking: nobody else uses it, no reader.
 */
void xa_destroy(struct xarray *xa)
{
	void *head = xa->head;

	xa->head = NULL;
	xa->marks = 0;
	if (is_node(head))
		free_subtree(xa, to_node(head));
}
