/*
 * The xarray, reading: searches that take no lock.
 *
 *	head --> node, shift 6
 *	         +---+---+---+- - -+----+
 *	  slots  | 0 | 1 | 2 |     | 63 |	chosen by (index >> 6) % 64
 *	         +-|-+---+-|-+- - -+----+
 *	           |       |
 *	           v       v
 *	   node, shift 0   node, shift 0
 *	  +---+---+- -    +---+---+- -
 *	  | A |   |       |   | B |		chosen by index % 64
 *	  +---+---+- -    +---+---+- -
 *
 * A is at index 0, B at 2 * 64 + 1 = 129, and the array was made of two
 * levels when something was stored at an index above 63.
 *
 * A reader follows the pointers with acquire loads, while one writer may be
 * changing the tree. What the reader then relies on:
 *
 *   - a node is complete before the pointer to it is stored (release);
 *   - a node taken out is freed after a grace period;
 *   - the writer never reuses a node, nor changes its shift.
 *
 * A node that has left the tree may still be read. If it was empty, the reader
 * finds nothing, which was true a moment ago, during this very call. If it was
 * a top that became superfluous, its slot 0 still leads into the living tree,
 * or to the entry at index 0 as it was at that moment. Both are answers that a
 * reader could have got by coming a little earlier, so no retry is needed.
 *
 * The bitmaps are hints to readers: a bit may be seen before or after the slot
 * it describes. A set bit over an empty slot is stepped over.
 */
#include "xarray_internal.h"

static void *load_slot(const struct xa_node *node, unsigned int slot)
{
	return smp_load_acquire(&node->slots[slot]);
}

/*
 * Look up one entry.
 * Context: any. Locking: rcu_read_lock() or the array's lock.
 * Return: the entry at @index, or NULL.
 */
void *xa_load(const struct xarray *xa, unsigned long index)
{
	void *entry = smp_load_acquire(&xa->head);

	if (!is_node(entry))
		return index ? NULL : visible(entry);
	if (!covers(to_node(entry), index))
		return NULL;
	do {
		const struct xa_node *node = to_node(entry);

		entry = load_slot(node, slot_of(node, index));
	} while (is_node(entry));
	return visible(entry);
}

/* The node of shift 0 that has @index, or NULL. */
static const struct xa_node *load_leaf(const void *head, unsigned long index)
{
	const struct xa_node *node;

	if (!is_node(head) || !covers(to_node(head), index))
		return NULL;
	for (node = to_node(head); node->shift; node = to_node(head)) {
		head = load_slot(node, slot_of(node, index));
		if (!is_node(head))
			return NULL;
	}
	return node;
}

/*
 * Look up @nr consecutive indices at once, with one walk for every 64: fault
 * around, reading ahead. entries[i] becomes what xa_load(@start + i) gives.
 * The range must not wrap. Context, locking: as xa_load().
 */
void xa_load_range(const struct xarray *xa, unsigned long start,
		   void **entries, unsigned int nr)
{
	const void *head = smp_load_acquire(&xa->head);

	while (nr) {
		const struct xa_node *leaf = load_leaf(head, start);
		unsigned int slot = start % XA_SLOTS;
		unsigned int n = min(nr, XA_SLOTS - slot);

		for (unsigned int i = 0; i < n; i++)
			entries[i] = leaf ? visible(load_slot(leaf, slot + i)) :
					    NULL;
		if (start == 0 && !is_node(head))
			entries[0] = visible((void *)head);
		entries += n;
		start += n;
		nr -= n;
	}
}

/*
 * Find the first leaf, at or behind *@index and up to @last, with an entry
 * that is in the set @filter, and move *@index to that entry. Subtrees without
 * one cost a look at a bitmap. Return: the leaf, or NULL.
 */
static const struct xa_node *find_leaf(const struct xa_node *top,
				       unsigned long *index, unsigned long last,
				       xa_mark_t filter)
{
	const struct xa_node *node = top;

	while (*index <= last && covers(top, *index)) {
		unsigned int slot = slot_of(node, *index), next;
		uint64_t set = READ_ONCE(node->sets[filter]) & (~0UL << slot);
		const void *child;

		if (!set) {
			/* On behind this node, from the top. */
			if (!advance_index(index, node->shift + XA_BITS))
				return NULL;
			node = top;
			continue;
		}
		next = bit_lowest(set);
		if (next != slot)
			*index = index_at(*index, node->shift, next);
		if (!node->shift)
			return *index <= last ? node : NULL;
		child = load_slot(node, next);
		if (is_node(child)) {
			node = to_node(child);
		} else {	/* emptied since we read the bitmap */
			if (!advance_index(index, node->shift))
				return NULL;
			node = top;
		}
	}
	return NULL;
}

/* The entry at index 0 of an array without nodes, if @filter lets it pass. */
static void *filter_head(const struct xarray *xa, void *head,
			 unsigned long index, xa_mark_t filter)
{
	if (index || (filter != XA_PRESENT && !xa_marked(xa, filter)))
		return NULL;
	return visible(head);
}

/*
 * Find the first entry at or behind *@index and up to @last: any entry for the
 * filter XA_PRESENT, else the first one with that mark. *@index moves to it.
 * Context, locking: as xa_load().
 * Return: the entry; NULL, with *@index as it was, if there is none.
 */
void *xa_find(const struct xarray *xa, unsigned long *index, unsigned long last,
	      xa_mark_t filter)
{
	void *head = smp_load_acquire(&xa->head), *entry;
	const struct xa_node *leaf;
	unsigned long at = *index;

	if (!is_node(head))
		return filter_head(xa, head, at, filter);
	do {
		leaf = find_leaf(to_node(head), &at, last, filter);
		if (!leaf)
			return NULL;
		entry = visible(load_slot(leaf, slot_of(leaf, at)));
		if (entry) {
			*index = at;
			return entry;
		}
	} while (advance_index(&at, 0));
	return NULL;
}

/* As xa_find(), for the first entry behind *@index. */
void *xa_find_after(const struct xarray *xa, unsigned long *index,
		    unsigned long last, xa_mark_t filter)
{
	unsigned long next = *index;
	void *entry;

	if (!advance_index(&next, 0) || next > last)
		return NULL;
	entry = xa_find(xa, &next, last, filter);
	if (entry)
		*index = next;
	return entry;
}

/*
 * Collect up to @max_entries entries from @start to @last that pass @filter,
 * in order of their indices, with one walk for every 64. Where the last one
 * was, the entries themselves must tell, or xa_find().
 * Context, locking: as xa_load(). Return: how many were stored in @entries.
 */
unsigned int xa_extract(const struct xarray *xa, void **entries,
			unsigned long start, unsigned long last,
			unsigned int max_entries, xa_mark_t filter)
{
	void *head = smp_load_acquire(&xa->head);
	unsigned int nr = 0;

	if (!is_node(head)) {
		void *entry = filter_head(xa, head, start, filter);

		if (entry && max_entries)
			entries[nr++] = entry;
		return nr;
	}
	while (nr < max_entries) {
		const struct xa_node *leaf;
		uint64_t set;

		leaf = find_leaf(to_node(head), &start, last, filter);
		if (!leaf)
			break;
		set = READ_ONCE(leaf->sets[filter]) & (~0UL << start % 64);
		for (; set && nr < max_entries; set &= set - 1) {
			unsigned int slot = bit_lowest(set);
			void *entry = visible(load_slot(leaf, slot));

			if (index_at(start, 0, slot) > last)
				return nr;
			if (entry)
				entries[nr++] = entry;
		}
		if (!advance_index(&start, XA_BITS))
			break;
	}
	return nr;
}

/* Return: whether there is an entry at @index that has @mark. As xa_load(). */
bool xa_get_mark(const struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	const void *head = smp_load_acquire(&xa->head);
	const struct xa_node *leaf;

	if (!is_node(head))
		return head && !index && xa_marked(xa, mark);
	leaf = load_leaf(head, index);
	return leaf && READ_ONCE(leaf->sets[mark]) & slot_bit(leaf, index);
}
