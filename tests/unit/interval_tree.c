/*
 * Interval trees, against looking at every interval.
 */
#include <lib/interval_tree.h>
#include <tests/unit/unit.h>

#define NR	100

static struct interval_tree_node nodes[NR];
static bool in_tree[NR];

/* All that overlap, each once, in order of their starts. */
static void check_query(const struct rb_root_cached *root, unsigned long start,
			unsigned long last)
{
	struct interval_tree_node *node;
	bool found[NR] = { false };
	unsigned long before = 0;

	interval_tree_for_each(node, root, start, last) {
		CHECK(node->start >= before);
		before = node->start;
		CHECK(!found[node - nodes]);
		found[node - nodes] = true;
	}
	for (int i = 0; i < NR; i++)
		CHECK_EQ(found[i], in_tree[i] && nodes[i].start <= last &&
					   nodes[i].last >= start);
}

static void finds_exactly_what_overlaps(void)
{
	struct rb_root_cached root = INTERVAL_TREE_ROOT;

	for (int round = 0; round < 20000; round++) {
		int i = unit_random_below(NR);
		unsigned long start = unit_random_below(1000);

		if (in_tree[i]) {
			interval_tree_remove(&nodes[i], &root);
		} else {
			nodes[i].start = unit_random_below(1000);
			nodes[i].last = nodes[i].start +
					unit_random_below(i % 10 ? 10 : 500);
			interval_tree_insert(&nodes[i], &root);
		}
		in_tree[i] = !in_tree[i];
		check_query(&root, start, start + unit_random_below(20));
		check_query(&root, start, start);
		if (round % 100 == 0)
			check_query(&root, 0, ~0UL);
	}
}

static void reaches_the_largest_number(void)
{
	struct rb_root_cached root = INTERVAL_TREE_ROOT;
	struct interval_tree_node all = { .start = 0, .last = ~0UL };
	struct interval_tree_node end = { .start = ~0UL, .last = ~0UL };

	CHECK(!interval_tree_iter_first(&root, 0, ~0UL));
	interval_tree_insert(&end, &root);
	CHECK(!interval_tree_iter_first(&root, 0, ~0UL - 1));
	CHECK(interval_tree_iter_first(&root, ~0UL, ~0UL) == &end);
	interval_tree_insert(&all, &root);
	CHECK(interval_tree_iter_first(&root, 0, 0) == &all);
	CHECK(!interval_tree_iter_next(&all, 0, 0));
	CHECK(interval_tree_iter_first(&root, ~0UL, ~0UL) == &all);
	CHECK(interval_tree_iter_next(&all, ~0UL, ~0UL) == &end);
	CHECK(!interval_tree_iter_next(&end, ~0UL, ~0UL));
}

UNIT_MAIN(
	UNIT_TEST(finds_exactly_what_overlaps),
	UNIT_TEST(reaches_the_largest_number),
)
