/*
 * Sorting and searching arrays of anything.
 *
 * qsort is a heap sort: never worse than n log n, no extra memory, no
 * recursion. Quicksort is somewhat faster on the average and quadratic on a
 * bad day; in a library one cannot know who chooses the input.
 *
 * The array is seen as a binary tree: the children of item i are 2i+1 and
 * 2i+2. In a heap no child is larger than its parent, so the root is the
 * largest of all.
 */
#include <stdlib.h>

#include <stddef.h>
#include <string.h>

typedef int compare_fn(const void *, const void *);

struct array {
	char		*base;
	size_t		size;		/* of one item */
	compare_fn	*compare;
};

static char *item(const struct array *a, size_t i)
{
	return a->base + i * a->size;
}

static void swap_items(const struct array *a, size_t i, size_t j)
{
	char *x = item(a, i), *y = item(a, j);
	char tmp[64];

	for (size_t left = a->size, n; left > 0; left -= n) {
		n = left < sizeof(tmp) ? left : sizeof(tmp);
		memcpy(tmp, x, n);
		memcpy(x, y, n);
		memcpy(y, tmp, n);
		x += n;
		y += n;
	}
}

/* Let item @i sink until both its children, below @count, are smaller. */
static void sift_down(const struct array *a, size_t i, size_t count)
{
	size_t child;

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count &&
		    a->compare(item(a, child), item(a, child + 1)) < 0)
			child++;
		if (a->compare(item(a, i), item(a, child)) >= 0)
			return;
		swap_items(a, i, child);
		i = child;
	}
}

/*
 * Sort @count items of @size bytes. Equal items end up in any order.
 *
 * First make the array a heap, from the last parent up; then move the root,
 * the largest, to the end, shorten the heap by it, and repair the root.
 */
void qsort(void *base, size_t count, size_t size, compare_fn *compare)
{
	struct array a = { .base = base, .size = size, .compare = compare };

	for (size_t i = count / 2; i-- > 0;)
		sift_down(&a, i, count);
	while (count > 1) {
		count--;
		swap_items(&a, 0, count);
		sift_down(&a, 0, count);
	}
}

/* Find an item equal to @key in a sorted array. Return: it, or NULL. */
void *bsearch(const void *key, const void *base, size_t count, size_t size,
	      compare_fn *compare)
{
	const char *low = base;

	while (count > 0) {
		const char *middle = low + count / 2 * size;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			low = middle + size;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}
