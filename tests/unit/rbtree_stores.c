/*
 * What a reader without the lock can meet in a red-black tree: the tree after
 * every single store of the writer. An interrupt handler may look at any of
 * these states for as long as it likes, since the writer it interrupted does
 * not go on; so in none of them may there be a cycle.
 *
 * The source itself is included, with the two macros that store links
 * replaced by ones that look at the whole tree afterwards.
 */
#include <keel/atomic.h>
#include <keel/bug.h>
#include <tests/unit/unit.h>

static void look_at_tree(void);

#undef WRITE_ONCE
#undef smp_store_release
#define WRITE_ONCE(x, v) \
	(*(volatile typeof(x) *)&(x) = (v), look_at_tree())
#define smp_store_release(p, v) \
	(__atomic_store_n(p, v, __ATOMIC_RELEASE), look_at_tree())

#include <lib/rbtree.c>

#define NR	40

static struct item {
	struct rb_node rb;
	bool in_tree;
} items[NR];

static struct rb_root root;
static struct rb_node *reader_at;	/* a node the reader stands on */
static long nr_looks, nr_nodes;

/* Walk everything below @rb; true if there is no end to it. */
static bool has_cycle(const struct rb_node *rb, int depth)
{
	if (!rb)
		return false;
	nr_nodes++;
	return depth > NR || has_cycle(rb->left, depth + 1) ||
	       has_cycle(rb->right, depth + 1);
}

static void look_at_tree(void)
{
	nr_looks++;
	CHECK(!has_cycle(root.node, 0));
	/* Readers who came before are somewhere below the root. */
	CHECK(!has_cycle(reader_at, 0));
}

static bool item_less(const struct rb_node *a, const struct rb_node *b)
{
	return a < b;
}

static void has_no_cycle_after_any_store(void)
{
	for (int round = 0; round < 20000; round++) {
		struct item *item = &items[unit_random_below(NR)];

		reader_at = &items[unit_random_below(NR)].rb;
		if (!rb_entry(reader_at, struct item, rb)->in_tree)
			reader_at = NULL;
		if (item->in_tree)
			rb_erase(&item->rb, &root);
		else
			rb_add(&item->rb, &root, item_less);
		item->in_tree = !item->in_tree;
	}
	CHECK(nr_looks > 20000);
	CHECK(nr_nodes > 20000);
}

UNIT_MAIN(
	UNIT_TEST(has_no_cycle_after_any_store),
)
