/*
 * Bitmaps, against arrays of bool, at all lengths around one to three words.
 */
#include <keel/atomic.h>
#include <lib/bitmap.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

#define MAX_BITS	200

/* A map of @bits bits in memory of its own, so that overruns are seen. */
static unsigned long *random_map(bool *model, unsigned int bits, int density)
{
	size_t words = BITS_TO_LONGS(bits);
	unsigned long *map = malloc(words * sizeof(*map) + !words);

	for (size_t i = 0; i < words; i++)
		map[i] = unit_random();		/* also behind the end */
	for (unsigned int i = 0; i < bits; i++) {
		model[i] = unit_random_below(100) < (unsigned int)density;
		if (model[i])
			__set_bit(i, map);
		else
			__clear_bit(i, map);
	}
	return map;
}

static unsigned int model_next(const bool *model, unsigned int bits,
			       unsigned int start, bool value)
{
	while (start < bits && model[start] != value)
		start++;
	return min(start, bits);
}

static void searches_like_a_model(void)
{
	bool model[MAX_BITS];

	for (unsigned int bits = 0; bits < MAX_BITS; bits++) {
		unsigned long *map = random_map(model, bits,
						bits % 3 ? 3 : 97);
		unsigned int weight = 0, last = bits, bit, seen = 0;

		for (unsigned int i = 0; i < bits; i++) {
			weight += model[i];
			if (model[i])
				last = i;
			CHECK_EQ(find_next_bit(map, bits, i),
				 model_next(model, bits, i, true));
			CHECK_EQ(find_next_zero_bit(map, bits, i),
				 model_next(model, bits, i, false));
		}
		CHECK_EQ(find_next_bit(map, bits, bits), bits);
		CHECK_EQ(find_next_bit(map, bits, bits + 100), bits);
		CHECK_EQ(find_last_bit(map, bits), last);
		CHECK_EQ(bitmap_weight(map, bits), weight);
		CHECK_EQ(bitmap_empty(map, bits), weight == 0);
		CHECK_EQ(bitmap_full(map, bits), weight == bits);
		for_each_set_bit(bit, map, bits)
			seen += model[bit];
		CHECK_EQ(seen, weight);
		free(map);
	}
}

static void changes_ranges_like_a_model(void)
{
	bool model[MAX_BITS];

	for (int round = 0; round < 5000; round++) {
		unsigned int bits = 1 + unit_random_below(MAX_BITS - 1);
		unsigned long *map = random_map(model, bits, 50);
		unsigned int start = unit_random_below(bits);
		unsigned int len = unit_random_below(bits - start + 1);
		bool value = round % 2;

		if (value)
			bitmap_set(map, start, len);
		else
			bitmap_clear(map, start, len);
		for (unsigned int i = 0; i < len; i++)
			model[start + i] = value;
		for (unsigned int i = 0; i < bits; i++)
			CHECK_EQ(test_bit(i, map), model[i]);
		free(map);
	}
}

static void combines_like_a_model(void)
{
	bool a[MAX_BITS], b[MAX_BITS];

	for (unsigned int bits = 0; bits < MAX_BITS; bits++) {
		unsigned long *x = random_map(a, bits, 60);
		unsigned long *y = random_map(b, bits, 60);
		unsigned long *z = random_map(a, 0, 0);
		bool equal = true, subset = true, common = false;

		free(z);
		z = malloc(BITS_TO_LONGS(bits) * sizeof(*z) + 1);
		for (unsigned int i = 0; i < bits; i++) {
			equal &= a[i] == b[i];
			subset &= !a[i] || b[i];
			common |= a[i] && b[i];
		}
		CHECK_EQ(bitmap_equal(x, y, bits), equal);
		CHECK_EQ(bitmap_subset(x, y, bits), subset);
		CHECK_EQ(bitmap_intersects(x, y, bits), common);
		bitmap_and(z, x, y, bits);
		CHECK(bitmap_subset(z, x, bits) && bitmap_subset(z, y, bits));
		for (unsigned int i = 0; i < bits; i++)
			CHECK_EQ(test_bit(i, z), a[i] && b[i]);
		bitmap_or(z, x, y, bits);
		for (unsigned int i = 0; i < bits; i++)
			CHECK_EQ(test_bit(i, z), a[i] || b[i]);
		bitmap_andnot(z, x, y, bits);
		for (unsigned int i = 0; i < bits; i++)
			CHECK_EQ(test_bit(i, z), a[i] && !b[i]);
		CHECK(!bitmap_intersects(z, y, bits));
		bitmap_copy(z, x, bits);
		CHECK(bitmap_equal(z, x, bits));
		bitmap_fill(z, bits);
		CHECK(bitmap_full(z, bits));
		CHECK_EQ(bitmap_weight(z, bits), bits);
		bitmap_zero(z, bits);
		CHECK(bitmap_empty(z, bits));
		free(x);
		free(y);
		free(z);
	}
}

static void reads_and_writes_lists(void)
{
	static const char *const same[] = {
		"", "0", "0-3,5", "63-64", "0-99", "1,3,5,7-9,99",
	};
	DECLARE_BITMAP(map, 100);
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		CHECK_EQ(bitmap_parselist(same[i], map, 100), 0);
		CHECK_EQ(bitmap_print_list(buf, sizeof(buf), map, 100),
			 strlen(same[i]));
		CHECK_STR(buf, same[i]);
	}
	CHECK_EQ(bitmap_parselist("5,0-3,2-4\n", map, 100), 0);
	bitmap_print_list(buf, sizeof(buf), map, 100);
	CHECK_STR(buf, "0-5");
	CHECK_EQ(bitmap_print_list(buf, 3, map, 100), 2);
	CHECK_STR(buf, "0-");
	CHECK_EQ(bitmap_print_list(buf, 0, map, 100), 0);
}

static void refuses_bad_lists(void)
{
	static const char *const bad[] = {
		",", "1,", ",1", "-1", "1-", "3-1", "a", "1 ", "1--2", "1-2-3",
		"1,,2", "\n\n",
	};
	static const char *const beyond[] = {
		"100", "0-100", "4294967295", "4294967296",
		"99999999999999999999",
	};
	DECLARE_BITMAP(map, 100);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(bitmap_parselist(bad[i], map, 100), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		CHECK_EQ(bitmap_parselist(beyond[i], map, 100), -ERANGE);
}

UNIT_MAIN(
	UNIT_TEST(searches_like_a_model),
	UNIT_TEST(changes_ranges_like_a_model),
	UNIT_TEST(combines_like_a_model),
	UNIT_TEST(reads_and_writes_lists),
	UNIT_TEST(refuses_bad_lists),
)
