/*
 * Heap sort and binary search.
 *
 * Quick sort is quicker on most inputs and quadratic on some, which somebody
 * will find; merge sort wants memory. Heap sort needs no memory, no recursion,
 * and never more than about 2 * n * log2(n) comparisons.
 *
 * The array is read as a binary tree: the children of element i are 2i + 1 and
 * 2i + 2. It is a heap when no child is greater than its parent:
 *
 *	index    0  1  2  3  4		      9
 *	value    9  7  8  3  5		    /   \
 *					   7     8
 *					  / \
 *					 3   5
 *
 * Then the greatest is at index 0. It is swapped with the last element, which
 * leaves the heap, and the newcomer at the top sinks to where it belongs.
 */
#include <lib/sort.h>
#include <lib/unaligned.h>

static void swap_elements(char *a, char *b, size_t size)
{
	for (; size >= 8; size -= 8, a += 8, b += 8) {
		uint64_t value = get_unaligned_le64(a);

		put_unaligned_le64(get_unaligned_le64(b), a);
		put_unaligned_le64(value, b);
	}
	for (; size; size--, a++, b++)
		swap(*a, *b);
}

/* Let the element at @i of a heap of @nr sink below all greater ones. */
static void sink(char *base, size_t i, size_t nr, size_t size,
		 compare_fn *compare)
{
	/* i < nr / 2: there is a left child, and 2i + 1 cannot overflow. */
	while (i < nr / 2) {
		size_t child = 2 * i + 1;

		if (child + 1 < nr && compare(base + child * size,
					      base + (child + 1) * size) < 0)
			child++;
		if (compare(base + i * size, base + child * size) >= 0)
			break;
		swap_elements(base + i * size, base + child * size, size);
		i = child;
	}
}

/*
 * Sort @nr elements of @size bytes in ascending order; equal ones end up in
 * any order. Context: any; whatever @compare does besides.
 */
void sort(void *base, size_t nr, size_t size, compare_fn *compare)
{
	char *elements = base;

	for (size_t i = nr / 2; i-- > 0;)
		sink(elements, i, nr, size, compare);
	for (size_t end = nr; end > 1; end--) {
		swap_elements(elements, elements + (end - 1) * size, size);
		sink(elements, 0, end - 1, size, compare);
	}
}

/*
 * Find an element equal to @key in an array sorted by the same @compare, which
 * gets the key as its first argument. Context: any. Return: it, or NULL.
 */
void *bsearch(const void *key, const void *base, size_t nr, size_t size,
	      compare_fn *compare)
{
	const char *first = base;

	while (nr) {
		const char *middle = first + nr / 2 * size;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			first = middle + size;
			nr--;
		}
		nr /= 2;
	}
	return NULL;
}
