/*
 * The xarray: against a plain table of (index, entry, marks), with failing
 * allocations, and with readers beside a writer.
 */
#include <keel/atomic.h>
#include <keel/bug.h>
#include <lib/string.h>
#include <lib/xarray.h>
#include <tests/unit/unit.h>

/* ---- memory: counted, failing on demand, freed late ---- */

static int nr_nodes;		/* alive */
static int fail_after = -1;	/* allocations that still succeed; -1: all */
static struct xa_node *retired;	/* freed under RCU: a reader may be there */

static struct xa_node *test_alloc_node(gfp_t gfp)
{
	CHECK_EQ(gfp, 7);
	if (fail_after == 0)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	nr_nodes++;
	return malloc(sizeof(struct xa_node));
}

static void test_free_node(struct xa_node *node)
{
	nr_nodes--;
	free(node);
}

static void test_free_node_rcu(struct xa_node *node)
{
	node->rcu[0] = retired;
	retired = node;
}

static void end_grace_period(void)
{
	while (retired) {
		struct xa_node *node = retired;

		retired = node->rcu[0];
		test_free_node(node);
	}
}

static const struct xa_node_ops test_ops = {
	.alloc_node = test_alloc_node,
	.free_node_rcu = test_free_node_rcu,
	.free_node = test_free_node,
};

static int live_nodes(void)
{
	end_grace_period();
	return nr_nodes;
}

/* ---- the model ---- */

#define NR	120

struct model {
	unsigned long index;
	void *entry;
	bool reserved;
	unsigned int marks;
};

/* Indices near each other, near powers of 64, and near the end. */
static void make_indices(struct model *model)
{
	for (int i = 0; i < NR; i++) {
		unsigned long index = i / 2;
		int shift = 6 * (i % 11);

		if (i % 4 == 1)
			index = (1UL << shift) - 1 + unit_random_below(3);
		else if (i % 4 == 3)
			index = -1UL - unit_random_below(70);
		for (int j = 0; j < i; j++) {
			if (model[j].index == index) {
				index = unit_random();
				break;
			}
		}
		model[i] = (struct model){ .index = index };
	}
	/* In order, so that the model can be searched from front to back. */
	for (int i = 0; i < NR; i++)
		for (int j = 1; j < NR; j++)
			if (model[j - 1].index > model[j].index)
				swap(model[j - 1], model[j]);
}

static struct model *model_next(struct model *model, unsigned long from,
				unsigned long last, xa_mark_t filter)
{
	for (int i = 0; i < NR; i++) {
		struct model *m = &model[i];

		if (m->index < from || m->index > last || !m->entry)
			continue;
		if (filter == XA_PRESENT || m->marks & 1U << filter)
			return m;
	}
	return NULL;
}

static void check_all(const struct xarray *xa, struct model *model)
{
	unsigned int any = 0;

	for (int i = 0; i < NR; i++) {
		struct model *m = &model[i];

		any |= m->marks;
		CHECK(xa_load(xa, m->index) == m->entry);
		for (xa_mark_t mark = 0; mark < XA_NR_MARKS; mark++)
			CHECK_EQ(xa_get_mark(xa, m->index, mark),
				 m->marks >> mark & 1);
	}
	for (xa_mark_t mark = 0; mark < XA_NR_MARKS; mark++)
		CHECK_EQ(xa_marked(xa, mark), any >> mark & 1);
}

static void check_searches(const struct xarray *xa, struct model *model)
{
	unsigned long from = model[unit_random_below(NR)].index;
	unsigned long last = model[unit_random_below(NR)].index;
	xa_mark_t filter = unit_random_below(4);
	struct model *m = model_next(model, from, last, filter);
	unsigned long index = from;
	void *entry = xa_find(xa, &index, last, filter), *found[NR];
	unsigned int nr, max = unit_random_below(NR);

	CHECK(entry == (m ? m->entry : NULL));
	CHECK_EQ(index, m ? m->index : from);
	nr = xa_extract(xa, found, from, last, max, filter);
	for (unsigned int i = 0; i < nr; i++) {
		CHECK(m && found[i] == m->entry);
		if (!m)
			return;
		m = m->index == last ? NULL :
			model_next(model, m->index + 1, last, filter);
	}
	CHECK(nr == max || !m);
	index = from;
	entry = xa_find_after(xa, &index, last, filter);
	m = from == ~0UL ? NULL : model_next(model, from + 1, last, filter);
	CHECK(entry == (m ? m->entry : NULL));
	CHECK_EQ(index, m ? m->index : from);
}

static void check_load_range(const struct xarray *xa, struct model *model)
{
	unsigned long start = model[unit_random_below(NR)].index;
	unsigned int nr = unit_random_below(200);
	void *found[200];

	if (start > ~0UL - nr)
		nr = -start;
	xa_load_range(xa, start, found, nr);
	for (unsigned int i = 0; i < nr; i++)
		CHECK(found[i] == xa_load(xa, start + i));
}

static void *random_entry(void)
{
	unsigned long bits = unit_random();

	return bits % 2 ? xa_mk_value(bits >> 2) :
			  (void *)((bits >> 1 & ~3UL) | 4);
}

/* One random change, in the array and in the model. */
static void change(struct xarray *xa, struct model *m)
{
	void *entry = random_entry();
	xa_mark_t mark = unit_random_below(3);

	switch (unit_random_below(9)) {
	case 0:
	case 1:
		CHECK(xa_store(xa, m->index, entry, 7) == m->entry);
		m->entry = entry;
		m->reserved = false;
		break;
	case 2:
		CHECK_EQ(xa_insert(xa, m->index, entry, 7),
			 m->entry || m->reserved ? -EBUSY : 0);
		if (!m->entry && !m->reserved)
			m->entry = entry;
		break;
	case 3:
		CHECK_EQ(xa_reserve(xa, m->index, 7), 0);
		m->reserved = !m->entry;
		break;
	case 4:
		xa_release(xa, m->index);
		m->reserved = false;
		break;
	case 5:
		xa_set_mark(xa, m->index, mark);
		if (m->entry)
			m->marks |= 1U << mark;
		break;
	case 6:
		xa_clear_mark(xa, m->index, mark);
		m->marks &= ~(1U << mark);
		break;
	case 7:
		CHECK(xa_cmpxchg(xa, m->index, (void *)8, entry, 7) ==
		      m->entry);
		CHECK(xa_cmpxchg(xa, m->index, m->entry, entry, 7) ==
		      m->entry);
		m->entry = entry;
		m->reserved = false;
		break;
	case 8:
		CHECK((unit_random() % 2 ? xa_erase(xa, m->index) :
		       xa_store(xa, m->index, NULL, 7)) == m->entry);
		m->entry = NULL;
		m->reserved = false;
		m->marks = 0;
		break;
	}
}

static void behaves_like_a_table(void)
{
	static struct model model[NR];
	struct xarray xa = XARRAY_INIT(&test_ops);

	for (int run = 0; run < 6; run++) {
		make_indices(model);
		for (int round = 0; round < 5000; round++) {
			/* Few indices in some runs: it often becomes empty. */
			int i = unit_random_below(run % 2 ? NR : 4);

			change(&xa, &model[i]);
			if (round % 8 == 0)
				check_all(&xa, model);
			check_searches(&xa, model);
			if (round % 8 == 4)
				check_load_range(&xa, model);
		}
		for (int i = 0; i < NR; i++)
			xa_erase(&xa, model[i].index);
		CHECK(xa_empty(&xa));
		CHECK_EQ(live_nodes(), 0);
	}
}

static void needs_no_more_nodes_than_it_must(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	void *entry = xa_mk_value(1);

	xa_store(&xa, 0, entry, 7);
	CHECK_EQ(live_nodes(), 0);
	xa_store(&xa, 63, entry, 7);
	CHECK_EQ(live_nodes(), 1);
	xa_store(&xa, 64, entry, 7);
	CHECK_EQ(live_nodes(), 3);
	xa_erase(&xa, 64);
	CHECK_EQ(live_nodes(), 1);
	xa_store(&xa, ~0UL, entry, 7);
	CHECK_EQ(live_nodes(), 1 + 10 + 10);
	xa_erase(&xa, 63);
	xa_erase(&xa, 0);
	CHECK_EQ(live_nodes(), 11);
	xa_erase(&xa, ~0UL);
	CHECK_EQ(live_nodes(), 0);
}

static void iterates_while_the_body_erases(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	unsigned long index, expected = 0;
	void *entry;

	for (unsigned long i = 0; i < 1000; i++)
		xa_store(&xa, i * i, xa_mk_value(i), 7);
	for (unsigned long i = 0; i < 1000; i += 10)
		xa_set_mark(&xa, i * i, XA_MARK_1);
	xa_for_each_marked(&xa, index, entry, XA_MARK_1) {
		CHECK_EQ(xa_to_value(entry), expected);
		expected += 10;
	}
	CHECK_EQ(expected, 1000);
	expected = 100;
	xa_for_each_range(&xa, index, entry, 100 * 100, 200 * 200)
		CHECK_EQ(xa_to_value(entry), expected++);
	CHECK_EQ(expected, 201);
	expected = 0;
	xa_for_each(&xa, index, entry) {
		CHECK_EQ(index, expected * expected);
		CHECK_EQ(xa_to_value(entry), expected++);
		CHECK(xa_erase(&xa, index) == entry);
	}
	CHECK_EQ(expected, 1000);
	CHECK_EQ(live_nodes(), 0);
}

static void leaves_no_trace_of_a_failed_store(void)
{
	for (int limit = 0; limit < 20; limit++) {
		struct xarray xa = XARRAY_INIT(&test_ops);
		int nodes;

		xa_store(&xa, 0, xa_mk_value(1), 7);
		xa_store(&xa, 5, xa_mk_value(2), 7);
		nodes = live_nodes();
		fail_after = limit;
		CHECK(xa_store(&xa, ~0UL, xa_mk_value(3), 7) ==
		      ERR_PTR(-ENOMEM));
		CHECK_EQ(xa_insert(&xa, ~0UL, xa_mk_value(3), 7), -ENOMEM);
		CHECK_EQ(xa_reserve(&xa, ~0UL, 7), -ENOMEM);
		fail_after = -1;
		CHECK_EQ(live_nodes(), nodes);
		CHECK(!xa_load(&xa, ~0UL));
		CHECK_EQ(xa_to_value(xa_load(&xa, 5)), 2);
		xa_destroy(&xa);
		CHECK_EQ(live_nodes(), 0);
	}
}

static void stores_into_a_reservation_without_memory(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	unsigned long index = 0;

	CHECK_EQ(xa_reserve(&xa, 1UL << 40, 7), 0);
	CHECK_EQ(xa_reserve(&xa, 1UL << 40, 7), 0);
	CHECK(!xa_load(&xa, 1UL << 40));
	CHECK(!xa_find(&xa, &index, ~0UL, XA_PRESENT));
	xa_set_mark(&xa, 1UL << 40, XA_MARK_0);
	CHECK(!xa_marked(&xa, XA_MARK_0));
	fail_after = 0;
	CHECK(!xa_store(&xa, 1UL << 40, xa_mk_value(1), 7));
	fail_after = -1;
	xa_release(&xa, 1UL << 40);
	CHECK_EQ(xa_to_value(xa_load(&xa, 1UL << 40)), 1);
	CHECK_EQ(xa_reserve(&xa, 77, 7), 0);
	xa_release(&xa, 77);
	xa_erase(&xa, 1UL << 40);
	CHECK(xa_empty(&xa));
	CHECK_EQ(live_nodes(), 0);
}

static void stores_from_a_pool(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	struct xa_pool pool = XA_POOL_INIT;
	int nodes;

	for (int round = 0; round < 300; round++) {
		unsigned long index = unit_random() >> unit_random_below(64);
		void *entry = xa_mk_value(round);

		if (xa_store_pool(&xa, index, entry, &pool) ==
		    ERR_PTR(-ENOMEM)) {
			CHECK(!xa_load(&xa, index));
			CHECK_EQ(xa_pool_fill(&pool, &xa, 7), 0);
			fail_after = 0;
			CHECK(!xa_store_pool(&xa, index, entry, &pool));
			fail_after = -1;
		}
		CHECK_EQ(pool.nr, 0);	/* it asks for exactly what it needs */
		CHECK(xa_load(&xa, index) == entry);
	}
	nodes = live_nodes();
	while (xa_store_pool(&xa, unit_random(), &xa, &pool) !=
	       ERR_PTR(-ENOMEM))
		nodes = live_nodes();
	fail_after = 1;
	if (pool.wanted > 1)
		CHECK_EQ(xa_pool_fill(&pool, &xa, 7), -ENOMEM);
	fail_after = -1;
	xa_pool_drain(&pool, &xa);
	CHECK_EQ(live_nodes(), nodes);
	xa_destroy(&xa);
	CHECK(xa_empty(&xa));
	CHECK_EQ(live_nodes(), 0);
}

static void allocates_the_lowest_free_index(void)
{
	enum { MAX = 5000 };
	static bool used[MAX];
	struct xarray xa = XARRAY_INIT(&test_ops);

	for (int round = 0; round < 20000; round++) {
		unsigned long min = unit_random_below(MAX), expected = min;
		unsigned long index = 0;
		int err;

		if (unit_random_below(3) == 0) {
			index = unit_random_below(MAX);
			CHECK_EQ(!!xa_erase(&xa, index), used[index]);
			used[index] = false;
			continue;
		}
		if (round % 2)
			min = expected = 0;
		while (expected < MAX && used[expected])
			expected++;
		err = xa_alloc(&xa, &index, xa_mk_value(min),
			       XA_LIMIT(min, MAX - 1), 7);
		CHECK_EQ(err, expected < MAX ? 0 : -EBUSY);
		if (!err) {
			CHECK_EQ(index, expected);
			used[index] = true;
		}
	}
	xa_destroy(&xa);
	CHECK_EQ(live_nodes(), 0);
	__builtin_memset(used, 0, sizeof(used));
}

static void fills_a_range_to_the_last_index(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	unsigned long index;

	for (unsigned long i = 10; i <= 300; i++) {
		CHECK_EQ(xa_alloc(&xa, &index, NULL, XA_LIMIT(10, 300), 7), 0);
		CHECK_EQ(index, i);
	}
	CHECK_EQ(xa_alloc(&xa, &index, NULL, XA_LIMIT(10, 300), 7), -EBUSY);
	xa_release(&xa, 77);
	CHECK_EQ(xa_alloc(&xa, &index, &xa, XA_LIMIT(10, 300), 7), 0);
	CHECK_EQ(index, 77);
	CHECK_EQ(xa_alloc(&xa, &index, &xa, XA_LIMIT(~0UL, ~0UL), 7), 0);
	CHECK_EQ(index, ~0UL);
	CHECK_EQ(xa_alloc(&xa, &index, &xa, XA_LIMIT(~0UL, ~0UL), 7), -EBUSY);
	CHECK_EQ(xa_alloc(&xa, &index, &xa, XA_LIMIT(5, 4), 7), -EBUSY);
	fail_after = 0;
	CHECK_EQ(xa_alloc(&xa, &index, &xa, XA_LIMIT(1UL << 30, 1UL << 31), 7),
		 -ENOMEM);
	fail_after = -1;
	xa_destroy(&xa);
	CHECK_EQ(live_nodes(), 0);
}

static void allocates_in_a_cycle(void)
{
	struct xarray xa = XARRAY_INIT(&test_ops);
	unsigned long index, next = 0;
	struct xa_limit limit = XA_LIMIT(1, 5);

	for (unsigned long i = 1; i <= 5; i++) {
		CHECK_EQ(xa_alloc_cyclic(&xa, &index, &xa, limit, &next, 7), 0);
		CHECK_EQ(index, i);
		xa_erase(&xa, index);
	}
	CHECK_EQ(xa_alloc_cyclic(&xa, &index, &xa, limit, &next, 7), 1);
	CHECK_EQ(index, 1);
	for (unsigned long i = 2; i <= 5; i++)
		CHECK_EQ(xa_alloc_cyclic(&xa, &index, &xa, limit, &next, 7), 0);
	CHECK_EQ(xa_alloc_cyclic(&xa, &index, &xa, limit, &next, 7), -EBUSY);
	xa_erase(&xa, 3);
	CHECK_EQ(xa_alloc_cyclic(&xa, &index, &xa, limit, &next, 7), 1);
	CHECK_EQ(index, 3);
	xa_destroy(&xa);
	CHECK_EQ(live_nodes(), 0);
}

/* ---- readers without a lock ---- */

#define NR_SHARED	5000

static struct xarray shared = XARRAY_INIT(&test_ops);
static int writer_is_done;

/* Every 64th index is always there; the others come and go, the head too. */
static void *change_shared_array(void *arg)
{
	uint64_t random = 1;

	for (int round = 0; round < 300000; round++) {
		unsigned long index;

		random = random * 6364136223846793005UL + 1;
		index = (random >> 33) % NR_SHARED;
		if (round % 1000 == 0)
			index = 1UL << 30;
		if (index % 64 == 0 && index < NR_SHARED)
			continue;
		if (xa_load(&shared, index))
			xa_erase(&shared, index);
		else
			xa_store(&shared, index, xa_mk_value(index), 7);
	}
	smp_store_release(&writer_is_done, 1);
	return arg;
}

static void lets_readers_in_beside_a_writer(void)
{
	unsigned long index;
	void *writer, *entry;

	for (index = 0; index < NR_SHARED; index += 64)
		xa_store(&shared, index, xa_mk_value(index), 7);
	writer = host_thread_start(change_shared_array, NULL);
	while (!smp_load_acquire(&writer_is_done)) {
		unsigned long expected = 0;

		for (index = 0; index < NR_SHARED; index++) {
			entry = xa_load(&shared, index);
			CHECK(!entry || xa_to_value(entry) == index);
			CHECK(entry || index % 64);
		}
		xa_for_each_range(&shared, index, entry, 0, NR_SHARED - 1) {
			CHECK_EQ(xa_to_value(entry), index);
			if (index % 64 == 0) {
				CHECK_EQ(index, expected);
				expected += 64;
			}
		}
		CHECK(expected >= NR_SHARED);
	}
	host_thread_join(writer);
	xa_destroy(&shared);
	CHECK_EQ(live_nodes(), 0);
}

UNIT_MAIN(
	UNIT_TEST(behaves_like_a_table),
	UNIT_TEST(needs_no_more_nodes_than_it_must),
	UNIT_TEST(iterates_while_the_body_erases),
	UNIT_TEST(leaves_no_trace_of_a_failed_store),
	UNIT_TEST(stores_into_a_reservation_without_memory),
	UNIT_TEST(stores_from_a_pool),
	UNIT_TEST(allocates_the_lowest_free_index),
	UNIT_TEST(fills_a_range_to_the_last_index),
	UNIT_TEST(allocates_in_a_cycle),
	UNIT_TEST(lets_readers_in_beside_a_writer),
)
