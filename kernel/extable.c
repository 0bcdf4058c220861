/*
 * Looking up the exception table.
 *
 * The linker collects the entries in the order of the object files, so they
 * are sorted once at boot; a lookup is then a binary search, from any context
 * and without a lock. The entries are relative, which halves the table, but
 * means that moving one changes what it says: sorting has to adjust them.
 */
#include <kernel/extable.h>

extern struct ex_entry __start_ex_table[], __stop_ex_table[];

static unsigned long insn_of(const struct ex_entry *e)
{
	return (unsigned long)&e->insn + e->insn;
}

static unsigned long fixup_of(const struct ex_entry *e)
{
	return (unsigned long)&e->fixup + e->fixup;
}

static __init void swap_entries(struct ex_entry *a, struct ex_entry *b)
{
	struct ex_entry old_a = *a;
	int32_t distance = (char *)b - (char *)a;

	a->insn = b->insn + distance;
	a->fixup = b->fixup + distance;
	b->insn = old_a.insn - distance;
	b->fixup = old_a.fixup - distance;
}

/* Let the entry at @root sink in the heap of @nr entries. */
static __init void sift_down(struct ex_entry *heap, size_t root, size_t nr)
{
	for (size_t child; (child = 2 * root + 1) < nr; root = child) {
		if (child + 1 < nr &&
		    insn_of(&heap[child]) < insn_of(&heap[child + 1]))
			child++;
		if (insn_of(&heap[root]) >= insn_of(&heap[child]))
			return;
		swap_entries(&heap[root], &heap[child]);
	}
}

/* Context: boot, before the image's constant data becomes read-only. */
__init void extable_init(void)
{
	size_t nr = __stop_ex_table - __start_ex_table;

	for (size_t root = nr / 2; root-- > 0; )
		sift_down(__start_ex_table, root, nr);
	for (size_t end = nr; end > 1; end--) {
		swap_entries(&__start_ex_table[0], &__start_ex_table[end - 1]);
		sift_down(__start_ex_table, 0, end - 1);
	}
}

/* Context: any, exceptions included. Return: an address, or 0. */
unsigned long extable_lookup(unsigned long ip)
{
	const struct ex_entry *low = __start_ex_table;
	const struct ex_entry *high = __stop_ex_table;

	while (low < high) {
		const struct ex_entry *mid = low + (high - low) / 2;

		if (insn_of(mid) == ip)
			return fixup_of(mid);
		if (insn_of(mid) < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}
