/*
 * What the reading and the changing half of the xarray share: how to tell a
 * node from an entry, and how to take an index apart.
 */
#pragma once

#include <lib/xarray.h>
#include <keel/atomic.h>

/* The entry of an index that is taken but reads as NULL. */
#define XA_RESERVED	((void *)2UL)

static inline bool is_node(const void *entry)
{
	return ((unsigned long)entry & 3) == 2 && entry != XA_RESERVED;
}

static inline struct xa_node *to_node(const void *entry)
{
	return (struct xa_node *)((unsigned long)entry - 2);
}

static inline void *node_entry(const struct xa_node *node)
{
	return (void *)((unsigned long)node + 2);
}

/* An entry as the user sees it. */
static inline void *visible(void *entry)
{
	return entry == XA_RESERVED ? NULL : entry;
}

/* The slot of @node that @index belongs to, and its bit in the bitmaps. */
static inline unsigned int slot_of(const struct xa_node *node,
				   unsigned long index)
{
	return (index >> node->shift) % XA_SLOTS;
}

static inline uint64_t slot_bit(const struct xa_node *node, unsigned long index)
{
	return BIT(slot_of(node, index));
}

/* True if a tree with this node on top has a place for @index. */
static inline bool covers(const struct xa_node *top, unsigned long index)
{
	return index >> top->shift < XA_SLOTS;
}

/* @index with its digit at @shift set to @slot and all lower ones to 0. */
static inline unsigned long index_at(unsigned long index, unsigned int shift,
				     unsigned int slot)
{
	return ((index >> shift & ~(XA_SLOTS - 1UL)) | slot) << shift;
}

/* Move to the next multiple of 2^@shift; false if there is none. */
static inline bool advance_index(unsigned long *index, unsigned int shift)
{
	if (shift >= 64)
		return false;
	*index = ((*index >> shift) + 1) << shift;
	return *index != 0;
}
