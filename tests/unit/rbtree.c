/*
 * Red-black trees: the rules of the tree after each of many random changes,
 * augmented or not, and readers without a lock beside a writer.
 */
#include <keel/atomic.h>
#include <keel/bug.h>
#include <lib/rbtree.h>
#include <tests/unit/unit.h>

#define NR	200

struct item {
	struct rb_node rb;
	int key;
	int weight;
	int sum;	/* of the weights in this subtree */
	bool in_tree;
};

static struct item *item_of(const struct rb_node *rb)
{
	return rb_entry_safe((struct rb_node *)rb, struct item, rb);
}

static bool item_less(const struct rb_node *a, const struct rb_node *b)
{
	return item_of(a)->key < item_of(b)->key;
}

static int item_compare(const void *key, const struct rb_node *rb)
{
	return *(const int *)key - item_of(rb)->key;
}

static bool compute_sum(struct item *item, bool exit)
{
	struct item *left = item_of(item->rb.left);
	struct item *right = item_of(item->rb.right);
	int sum = item->weight + (left ? left->sum : 0) +
		  (right ? right->sum : 0);

	if (exit && item->sum == sum)
		return true;
	item->sum = sum;
	return false;
}

RB_DECLARE_CALLBACKS(static, sum_callbacks, struct item, rb, sum, compute_sum);

/* Check the rules below @rb. Return: black nodes on each path down. */
static int check_subtree(const struct rb_node *rb, bool parent_is_red,
			 bool has_sums, int *nr)
{
	bool is_red;
	int left, right;

	if (!rb)
		return 0;
	is_red = !(rb->parent_color & 1);
	CHECK(!(is_red && parent_is_red));
	CHECK(!rb->left || rb_parent(rb->left) == rb);
	CHECK(!rb->right || rb_parent(rb->right) == rb);
	left = check_subtree(rb->left, is_red, has_sums, nr);
	right = check_subtree(rb->right, is_red, has_sums, nr);
	CHECK_EQ(left, right);
	if (has_sums)
		CHECK(compute_sum(item_of(rb), true));
	++*nr;
	return left + !is_red;
}

static void check_tree(const struct rb_root *root, int nr, bool has_sums)
{
	struct rb_node *rb, *before = NULL;
	int seen = 0;

	check_subtree(root->node, true, has_sums, &seen);
	CHECK_EQ(seen, nr);
	CHECK(!root->node || !rb_parent(root->node));
	CHECK_EQ(RB_EMPTY_ROOT(root), nr == 0);
	for (rb = rb_first(root); rb; rb = rb_next(rb), seen--) {
		CHECK(rb_prev(rb) == before);
		CHECK(!before || item_of(before)->key <= item_of(rb)->key);
		before = rb;
	}
	CHECK_EQ(seen, 0);
	CHECK(rb_last(root) == before);
}

static void keeps_its_rules(void)
{
	static struct item items[NR];
	struct rb_root root = RB_ROOT;
	int nr = 0;

	for (int i = 0; i < NR; i++)
		items[i] = (struct item){ .key = i };
	for (int round = 0; round < 20000; round++) {
		/* Phases in which it grows, and in which it shrinks. */
		int i = unit_random_below(NR);
		struct item *item = &items[i];
		bool grow = unit_random_below(100) <
			    (round / 2000 % 2 ? 20 : 80);

		if (grow && !item->in_tree) {
			rb_add(&item->rb, &root, item_less);
			nr++;
		} else if (!grow && item->in_tree) {
			rb_erase(&item->rb, &root);
			nr--;
		} else {
			continue;
		}
		item->in_tree = grow;
		CHECK(rb_find(&i, &root, item_compare) ==
		      (grow ? &item->rb : NULL));
		check_tree(&root, nr, false);
	}
}

static void insert_augmented(struct item *item, struct rb_root_cached *root)
{
	struct rb_node **link = &root->root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		item_of(parent)->sum += item->weight;
		if (item_less(&item->rb, parent)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	item->sum = item->weight;
	rb_link_node(&item->rb, parent, link);
	rb_insert_augmented_cached(&item->rb, root, leftmost, &sum_callbacks);
}

static void keeps_summaries_and_leftmost(void)
{
	static struct item items[NR];
	struct rb_root_cached root = RB_ROOT_CACHED;
	int nr = 0;

	for (int i = 0; i < NR; i++)
		items[i] = (struct item){ .key = i / 3 };
	for (int round = 0; round < 10000; round++) {
		struct item *item = &items[unit_random_below(NR)];

		item->in_tree = !item->in_tree;
		if (item->in_tree) {
			item->weight = unit_random_below(100);
			insert_augmented(item, &root);
			nr++;
		} else {
			rb_erase_augmented_cached(&item->rb, &root,
						  &sum_callbacks);
			nr--;
		}
		check_tree(&root.root, nr, true);
		CHECK(rb_first_cached(&root) == rb_first(&root.root));
	}
}

static void replaces_nodes(void)
{
	static struct item items[NR], others[NR];
	struct rb_root_cached root = RB_ROOT_CACHED;

	for (int i = 0; i < NR; i++) {
		items[i] = others[i] = (struct item){ .key = i };
		CHECK_EQ(rb_add_cached(&items[i].rb, &root, item_less), i == 0);
	}
	for (int i = 0; i < NR; i += 3) {
		rb_replace_node_cached(&items[i].rb, &others[i].rb, &root);
		CHECK(rb_find(&i, &root.root, item_compare) == &others[i].rb);
		check_tree(&root.root, NR, false);
		CHECK(rb_first_cached(&root) == &others[0].rb);
	}
	for (int i = 0; i < NR; i++) {
		CHECK(rb_first_cached(&root) ==
		      (i % 3 ? &items[i].rb : &others[i].rb));
		rb_erase_cached(rb_first_cached(&root), &root);
	}
	CHECK(!rb_first_cached(&root));
}

static void visits_children_before_parents(void)
{
	struct rb_root root = RB_ROOT;
	struct item *item, *next;
	int nr = 0;

	rbtree_postorder_for_each_entry_safe(item, next, &root, rb)
		nr++;
	CHECK_EQ(nr, 0);
	for (int i = 0; i < NR; i++) {
		item = calloc(1, sizeof(*item));
		item->key = unit_random();
		rb_add(&item->rb, &root, item_less);
	}
	/* A parent freed before its child would be a use after free. */
	rbtree_postorder_for_each_entry_safe(item, next, &root, rb) {
		if (rb_parent(&item->rb))
			item_of(rb_parent(&item->rb))->weight++;
		nr++;
		free(item);
	}
	CHECK_EQ(nr, NR);
}

static void knows_nodes_in_no_tree(void)
{
	struct item item = { .key = 0 };
	struct rb_root root = RB_ROOT;

	RB_CLEAR_NODE(&item.rb);
	CHECK(RB_EMPTY_NODE(&item.rb));
	rb_add(&item.rb, &root, item_less);
	CHECK(!RB_EMPTY_NODE(&item.rb));
}

static struct rb_root shared_root;
static int writer_is_done;

static void *change_shared_tree(void *arg)
{
	struct item *items = arg;

	for (int round = 0; round < 400000; round++) {
		struct item *item = &items[round * 7919UL % NR];

		if (item->in_tree)
			rb_erase(&item->rb, &shared_root);
		else
			rb_add(&item->rb, &shared_root, item_less);
		item->in_tree = !item->in_tree;
	}
	smp_store_release(&writer_is_done, 1);
	return NULL;
}

/*
 * A walk down always ends. It may take more steps than the tree is high, since
 * the tree changes below it, but a cycle would be without end.
 */
static void never_traps_readers_without_lock(void)
{
	static struct item items[NR];
	void *writer;
	long longest = 0;

	for (int i = 0; i < NR; i++)
		items[i] = (struct item){ .key = i };
	writer = host_thread_start(change_shared_tree, items);
	for (int key = 0; !smp_load_acquire(&writer_is_done); key++) {
		struct rb_node *rb = READ_ONCE(shared_root.node);
		long steps = 0;

		for (; rb && steps < 100000000; steps++)
			rb = item_of(rb)->key > key % NR ?
				     READ_ONCE(rb->left) :
				     READ_ONCE(rb->right);
		longest = max(longest, steps);
	}
	host_thread_join(writer);
	CHECK(longest < 100000000);
}

UNIT_MAIN(
	UNIT_TEST(keeps_its_rules),
	UNIT_TEST(keeps_summaries_and_leftmost),
	UNIT_TEST(replaces_nodes),
	UNIT_TEST(visits_children_before_parents),
	UNIT_TEST(knows_nodes_in_no_tree),
	UNIT_TEST(never_traps_readers_without_lock),
)
