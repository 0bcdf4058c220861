/*
 * Lists and hash lists, and what keel/refcount.h promises.
 */
#include <keel/list.h>
#include <keel/refcount.h>
#include <tests/unit/unit.h>

struct item {
	struct list_head node;
	struct hlist_node hash;
	int value;
};

/* The list holds @nr values, from @first up, read in both directions. */
static void check_list(struct list_head *head, int first, int nr)
{
	struct item *item;
	int value = first;

	list_for_each_entry(item, head, node)
		CHECK_EQ(item->value, value++);
	CHECK_EQ(value, first + nr);
	list_for_each_entry_reverse(item, head, node)
		CHECK_EQ(item->value, --value);
	CHECK_EQ(value, first);
	CHECK_EQ(list_empty(head), nr == 0);
	CHECK_EQ(list_is_singular(head), nr == 1);
}

static void make_items(struct item *items, int nr)
{
	for (int i = 0; i < nr; i++)
		items[i].value = i;
}

static void adds_and_removes_at_both_ends(void)
{
	struct item items[6];
	LIST_HEAD(head);

	make_items(items, 6);
	check_list(&head, 0, 0);
	CHECK(!list_first_entry_or_null(&head, struct item, node));
	for (int i = 3; i < 6; i++)
		list_add_tail(&items[i].node, &head);
	for (int i = 2; i >= 0; i--)
		list_add(&items[i].node, &head);
	check_list(&head, 0, 6);
	CHECK(list_first_entry(&head, struct item, node) == &items[0]);
	CHECK(list_last_entry(&head, struct item, node) == &items[5]);
	list_move_tail(&items[0].node, &head);
	items[0].value = 6;
	check_list(&head, 1, 6);
	list_del(&items[0].node);
	list_del_init(&items[1].node);
	CHECK(list_empty(&items[1].node));
	list_move(&items[2].node, &head);
	check_list(&head, 2, 4);
	for (int i = 2; i < 6; i++)
		list_del(&items[i].node);
	check_list(&head, 0, 0);
}

static void allows_removal_in_the_safe_walk(void)
{
	LIST_HEAD(head);
	struct item *item, *next;
	int value = 0;

	for (int i = 0; i < 10; i++) {
		item = malloc(sizeof(*item));
		item->value = i;
		list_add_tail(&item->node, &head);
	}
	list_for_each_entry_safe(item, next, &head, node) {
		CHECK_EQ(item->value, value++);
		list_del(&item->node);
		free(item);
	}
	CHECK_EQ(value, 10);
	CHECK(list_empty(&head));
}

static void splices(void)
{
	struct item items[6];
	LIST_HEAD(from);
	LIST_HEAD(to);

	make_items(items, 6);
	list_splice_init(&from, &to);
	check_list(&to, 0, 0);
	for (int i = 0; i < 6; i++)
		list_add_tail(&items[i].node, i < 4 ? &from : &to);
	list_splice_init(&from, &to);
	check_list(&from, 0, 0);
	check_list(&to, 0, 6);
}

static void lets_readers_go_on_from_a_removed_node(void)
{
	struct item items[3];
	struct item *item;
	LIST_HEAD(head);
	int seen = 0;

	make_items(items, 3);
	for (int i = 0; i < 3; i++)
		list_add_tail(&items[i].node, &head);
	list_for_each_entry_rcu(item, &head, node) {
		if (item->value == 1)
			list_del_rcu(&item->node);
		seen++;
	}
	CHECK_EQ(seen, 3);
}

static void keeps_hash_lists(void)
{
	struct item items[4];
	struct hlist_head head = { NULL };
	struct item *item;
	int value = 4;

	make_items(items, 4);
	CHECK(hlist_empty(&head));
	for (int i = 0; i < 4; i++) {
		hlist_init_node(&items[i].hash);
		CHECK(hlist_unhashed(&items[i].hash));
		hlist_del_init(&items[i].hash);		/* harmless */
		hlist_add_head(&items[i].hash, &head);
		CHECK(!hlist_unhashed(&items[i].hash));
	}
	hlist_for_each_entry(item, &head, hash)
		CHECK_EQ(item->value, --value);
	CHECK_EQ(value, 0);
	hlist_del_init(&items[3].hash);
	hlist_del_init(&items[1].hash);
	hlist_for_each_entry_rcu(item, &head, hash) {
		CHECK_EQ(item->value % 2, 0);
		value++;
	}
	CHECK_EQ(value, 2);
	hlist_del_rcu(&items[0].hash);
	hlist_del_rcu(&items[2].hash);
	CHECK(hlist_empty(&head));
}

static void counts_references(void)
{
	struct refcount ref = REFCOUNT_INIT(1);

	refcount_get(&ref);
	CHECK(refcount_get_unless_zero(&ref));
	CHECK_EQ(refcount_read(&ref), 3);
	CHECK(!refcount_put(&ref));
	CHECK(!refcount_put(&ref));
	CHECK(refcount_put(&ref));
	CHECK(!refcount_get_unless_zero(&ref));
	CHECK_EQ(refcount_read(&ref), 0);
}

static void saturates_instead_of_wrapping(void)
{
	struct refcount ref;

	refcount_set(&ref, INT32_MAX);
	refcount_get(&ref);		/* becomes negative: out of range */
	refcount_get(&ref);
	CHECK_EQ(refcount_read(&ref), REFCOUNT_SATURATED);
	CHECK(refcount_get_unless_zero(&ref));
	for (int i = 0; i < 10; i++)
		CHECK(!refcount_put(&ref));
	CHECK_EQ(refcount_read(&ref), REFCOUNT_SATURATED);
	CHECK(unit_warnings > 0);
	unit_warnings = 0;
}

UNIT_MAIN(
	UNIT_TEST(adds_and_removes_at_both_ends),
	UNIT_TEST(allows_removal_in_the_safe_walk),
	UNIT_TEST(splices),
	UNIT_TEST(lets_readers_go_on_from_a_removed_node),
	UNIT_TEST(keeps_hash_lists),
	UNIT_TEST(counts_references),
	UNIT_TEST(saturates_instead_of_wrapping),
)
