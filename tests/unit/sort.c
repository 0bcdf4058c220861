/*
 * Heap sort and binary search, for many element sizes.
 */
#include <lib/sort.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

static int nr_compared;

/* Elements begin with their key, in one byte. */
static int compare_bytes(const void *a, const void *b)
{
	nr_compared++;
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

static void sorts_elements_of_any_size(void)
{
	for (int round = 0; round < 3000; round++) {
		size_t nr = unit_random_below(60);
		size_t size = 1 + unit_random_below(20);
		unsigned char *base = malloc(nr * size + 1);
		int count[256] = { 0 };

		for (size_t i = 0; i < nr; i++) {
			/* All bytes alike: an element torn apart shows. */
			unsigned char key = unit_random_below(round % 255 + 1);

			memset(base + i * size, key, size);
			count[key]++;
		}
		sort(base, nr, size, compare_bytes);
		for (size_t i = 0; i < nr; i++) {
			unsigned char *e = base + i * size;

			CHECK(i == 0 || e[-1] <= e[0]);
			CHECK(!memchr_inv(e, *e, size));
			count[*e]--;
		}
		for (int i = 0; i < 256; i++)
			CHECK_EQ(count[i], 0);
		free(base);
	}
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	nr_compared++;
	return x < y ? -1 : x > y;
}

static void is_never_quadratic(void)
{
	enum { NR = 10000 };
	static int values[NR];

	for (int order = 0; order < 4; order++) {
		for (int i = 0; i < NR; i++)
			values[i] = order == 0 ? i : order == 1 ? NR - i :
				    order == 2 ? i % 7 : (i * 7919) % NR;
		nr_compared = 0;
		sort(values, NR, sizeof(int), compare_ints);
		CHECK(nr_compared < 2 * NR * 14);
		for (int i = 1; i < NR; i++)
			CHECK(values[i - 1] <= values[i]);
	}
}

static void finds_what_is_there(void)
{
	int values[50];

	for (int nr = 0; nr <= 50; nr++) {
		for (int i = 0; i < nr; i++)
			values[i] = 2 * i;
		for (int key = -1; key <= 2 * nr; key++) {
			int *found = bsearch(&key, values, nr, sizeof(int),
					     compare_ints);

			if (key >= 0 && key % 2 == 0 && key < 2 * nr)
				CHECK(found == &values[key / 2]);
			else
				CHECK(!found);
		}
	}
}

UNIT_MAIN(
	UNIT_TEST(sorts_elements_of_any_size),
	UNIT_TEST(is_never_quadratic),
	UNIT_TEST(finds_what_is_there),
)
