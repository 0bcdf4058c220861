/*
 * An array of pointers, as long as the address space, that costs only what is
 * in it.
 *
 * The index is cut into digits of 6 bits, and each digit chooses one of the 64
 * slots of a node: a radix tree. It is as high as its largest index needs. A
 * page cache of 256 KiB is one node, a search in it two loads; an array that
 * has an entry at index 0 alone needs no node at all.
 *
 * An entry is a pointer to something 4-byte aligned, or a small integer made
 * by xa_mk_value(). NULL is no entry. Each entry carries up to three marks (a
 * page: dirty, under writeback), and marked entries are found without looking
 * at the others.
 *
 * Locking: changes (marks too) exclude each other by the caller's lock, which
 * may be a spinlock. The functions that read, down to xa_for_each(), need only
 * rcu_read_lock(): they see each entry as it was at some moment during the
 * call. What keeps the objects alive is the user's matter.
 *
 * Memory: nodes come from the array's xa_node_ops. Where a change may not
 * fail, or may not sleep, there are two ways to have the memory before:
 *
 *	xa_reserve()	makes room at one index now; a later store there
 *			succeeds, and until then the index reads as NULL.
 *
 *	struct xa_pool	collects nodes while the lock is not held. A store from
 *			a pool that has too few says -ENOMEM and how many it
 *			wants; most stores want none, and nothing is wasted:
 *
 *		struct xa_pool pool = XA_POOL_INIT;
 *
 *		do {
 *			spin_lock(...);
 *			old = xa_store_pool(xa, index, entry, &pool);
 *			spin_unlock(...);
 *		} while (old == ERR_PTR(-ENOMEM) &&
 *			 xa_pool_fill(&pool, xa, GFP_KERNEL) == 0);
 *		xa_pool_drain(&pool, xa);
 *
 * xa_alloc() looks for an unused index itself: an allocator of numbers.
 */
#pragma once

#include <keel/err.h>

#define XA_BITS		6
#define XA_SLOTS	(1U << XA_BITS)
#define XA_MAX_HEIGHT	DIV_ROUND_UP(64, XA_BITS)

/* Marks, and, as a filter for the searches, "any entry". */
typedef unsigned int xa_mark_t;
#define XA_MARK_0	0U
#define XA_MARK_1	1U
#define XA_MARK_2	2U
#define XA_PRESENT	3U
#define XA_NR_MARKS	3

/*
 * One node of the tree. The bitmaps have a bit for each slot:
 *
 *	sets[XA_PRESENT]	the slot is not empty
 *	sets[XA_MARK_n]		the entry there, or one below, has the mark
 *	full			no index there, or below, is free
 *
 * Owned by its array; freed after a grace period, since readers may be in it.
 */
struct xa_node {
	unsigned char shift;	/* of the digit that chooses among the slots */
	void *rcu[2];		/* for ops->free_node_rcu: a struct rcu_head */
	uint64_t full;
	uint64_t sets[XA_NR_MARKS + 1];
	void *slots[XA_SLOTS];
};

/*
 * Where an array's nodes come from. The memory need not be cleared.
 *
 *	op		called from		may sleep	if NULL
 *	alloc_node	what takes a gfp	as gfp says	-
 *	free_node_rcu	every change		no		-
 *	free_node	xa_destroy, xa_pool_*	no		-
 */
struct xa_node_ops {
	struct xa_node *(*alloc_node)(gfp_t gfp);
	void (*free_node_rcu)(struct xa_node *node);
	void (*free_node)(struct xa_node *node);
};

struct xarray {
	void *head;		/* the top node, or the entry at index 0 */
	const struct xa_node_ops *ops;
	unsigned int marks;	/* which marks any entry has, by bit */
};

#define XARRAY_INIT(node_ops)	{ .head = NULL, .ops = (node_ops) }

static inline void xa_init(struct xarray *xa, const struct xa_node_ops *ops)
{
	*xa = (struct xarray)XARRAY_INIT(ops);
}

static inline bool xa_empty(const struct xarray *xa)
{
	return !READ_ONCE(xa->head);
}

static inline bool xa_marked(const struct xarray *xa, xa_mark_t mark)
{
	return READ_ONCE(xa->marks) & (1U << mark);
}

/*
 * What the two low bits of an entry say:
 *
 *	00	a pointer to the user's object
 *	x1	an integer, shifted left by one
 *	10	ours: a node, or the reserved entry
 */
#define XA_MAX_VALUE	(~0UL >> 2)	/* larger ones would look like errnos */

static inline void *xa_mk_value(unsigned long value)
{
	return (void *)(value << 1 | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

/* Reading, under RCU or the lock. */
void *xa_load(const struct xarray *xa, unsigned long index);
void xa_load_range(const struct xarray *xa, unsigned long start,
		   void **entries, unsigned int nr);
void *xa_find(const struct xarray *xa, unsigned long *index, unsigned long last,
	      xa_mark_t filter);
void *xa_find_after(const struct xarray *xa, unsigned long *index,
		    unsigned long last, xa_mark_t filter);
unsigned int xa_extract(const struct xarray *xa, void **entries,
			unsigned long start, unsigned long last,
			unsigned int max_entries, xa_mark_t filter);
bool xa_get_mark(const struct xarray *xa, unsigned long index, xa_mark_t mark);

/* The body may store, erase and mark at any index. */
#define xa_for_each_range(xa, index, entry, first, last) \
	for (index = (first), \
	     entry = xa_find(xa, &index, last, XA_PRESENT); entry; \
	     entry = xa_find_after(xa, &index, last, XA_PRESENT))
#define xa_for_each_start(xa, index, entry, first) \
	xa_for_each_range(xa, index, entry, first, ~0UL)
#define xa_for_each(xa, index, entry) \
	xa_for_each_range(xa, index, entry, 0, ~0UL)
#define xa_for_each_marked(xa, index, entry, mark) \
	for (index = 0, entry = xa_find(xa, &index, ~0UL, mark); entry; \
	     entry = xa_find_after(xa, &index, ~0UL, mark))

/* Changing, under the lock. */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry,
		 gfp_t gfp);
int xa_reserve(struct xarray *xa, unsigned long index, gfp_t gfp);
void xa_release(struct xarray *xa, unsigned long index);
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_destroy(struct xarray *xa);

/* Nodes collected beforehand. Starts as XA_POOL_INIT; not shared. */
struct xa_pool {
	struct xa_node *nodes;	/* linked through their rcu[0] */
	unsigned int nr;
	unsigned int wanted;	/* by the last store that failed */
};

#define XA_POOL_INIT	{ .nodes = NULL }

void *xa_store_pool(struct xarray *xa, unsigned long index, void *entry,
		    struct xa_pool *pool);
int xa_pool_fill(struct xa_pool *pool, const struct xarray *xa, gfp_t gfp);
void xa_pool_drain(struct xa_pool *pool, const struct xarray *xa);

/* Indices from @min to @max, both included, for xa_alloc(). */
struct xa_limit {
	unsigned long min;
	unsigned long max;
};

#define XA_LIMIT(low, high)	(struct xa_limit){ .min = low, .max = high }

int xa_alloc(struct xarray *xa, unsigned long *index, void *entry,
	     struct xa_limit limit, gfp_t gfp);
int xa_alloc_cyclic(struct xarray *xa, unsigned long *index, void *entry,
		    struct xa_limit limit, unsigned long *next, gfp_t gfp);
