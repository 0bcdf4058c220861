/*
 * Intervals [start, last], found by what they overlap.
 *
 * Which mappings of this file show page 7? Sorting by start alone answers
 * badly: an interval that begins far to the left may reach over it. So each
 * node of the red-black tree also keeps the largest `last` below it, and a
 * search never enters a subtree that ends before the question begins. k
 * answers among n intervals cost O(k * log n) at most.
 *
 * Both ends are inclusive, so that an interval can reach ULONG_MAX.
 *
 * Locking: the caller's, one writer or many readers.
 */
#pragma once

#include <lib/rbtree.h>

/* One interval, embedded in what it belongs to. Set start and last first. */
struct interval_tree_node {
	struct rb_node rb;
	unsigned long start;
	unsigned long last;
	unsigned long subtree_last;	/* largest last, of this and below */
};

#define INTERVAL_TREE_ROOT	RB_ROOT_CACHED

void interval_tree_insert(struct interval_tree_node *node,
			  struct rb_root_cached *root);
void interval_tree_remove(struct interval_tree_node *node,
			  struct rb_root_cached *root);

/* The intervals that overlap [start, last], in order of their starts. */
struct interval_tree_node *
interval_tree_iter_first(const struct rb_root_cached *root, unsigned long start,
			 unsigned long last);
struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last);

#define interval_tree_for_each(pos, root, start, last) \
	for (pos = interval_tree_iter_first(root, start, last); pos; \
	     pos = interval_tree_iter_next(pos, start, last))
