/*
 * Interval trees.
 *
 * An augmented red-black tree sorted by start:
 *
 *	             [10,20] 60
 *	            /          \
 *	     [5,60] 60        [30,35] 50
 *	     /                  \
 *	  [1,3] 3             [40,50] 50
 *
 * The number behind a node is subtree_last. Asked for [55,58], the search sees
 * at the root that 60 on the left can reach, and 50 on the right cannot: half
 * of the tree is never looked at.
 *
 * The invariant, kept by the callbacks below on every change: a node's
 * subtree_last is the maximum of its own last and of its children's
 * subtree_last.
 */
#include <lib/interval_tree.h>

static struct interval_tree_node *node_of(struct rb_node *rb)
{
	return rb_entry_safe(rb, struct interval_tree_node, rb);
}

static bool compute_last(struct interval_tree_node *node, bool exit)
{
	struct interval_tree_node *left = node_of(node->rb.left);
	struct interval_tree_node *right = node_of(node->rb.right);
	unsigned long last = node->last;

	if (left)
		last = max(last, left->subtree_last);
	if (right)
		last = max(last, right->subtree_last);
	if (exit && node->subtree_last == last)
		return true;
	node->subtree_last = last;
	return false;
}

RB_DECLARE_CALLBACKS(static, last_callbacks, struct interval_tree_node, rb,
		     subtree_last, compute_last);

/*
 * Insert an interval, behind those with the same start.
 * Context: any. Locking: the caller's, for writing.
 */
void interval_tree_insert(struct interval_tree_node *node,
			  struct rb_root_cached *root)
{
	struct rb_node **link = &root->root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		struct interval_tree_node *above = node_of(*link);

		parent = *link;
		/* On the way, so that no second pass is needed. */
		above->subtree_last = max(above->subtree_last, node->last);
		if (node->start < above->start) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	node->subtree_last = node->last;
	rb_link_node(&node->rb, parent, link);
	rb_insert_augmented_cached(&node->rb, root, leftmost, &last_callbacks);
}

/* Remove an interval. Context: any. Locking: the caller's, for writing. */
void interval_tree_remove(struct interval_tree_node *node,
			  struct rb_root_cached *root)
{
	rb_erase_augmented_cached(&node->rb, root, &last_callbacks);
}

/*
 * The leftmost interval below @node that overlaps [@start, @last].
 *
 * Going left whenever something there ends late enough is never a mistake:
 * take the interval there that does. It starts no later than any on the right
 * of it; so if even that one starts after @last, all on the right do too.
 */
static struct interval_tree_node *
subtree_search(struct interval_tree_node *node, unsigned long start,
	       unsigned long last)
{
	while (node && node->subtree_last >= start) {
		struct interval_tree_node *left = node_of(node->rb.left);

		if (left && left->subtree_last >= start) {
			node = left;
			continue;
		}
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		node = node_of(node->rb.right);
	}
	return NULL;
}

/*
 * Find the first interval, by start, that overlaps [@start, @last].
 * Context: any. Locking: the caller's, for reading. Return: it, or NULL.
 */
struct interval_tree_node *
interval_tree_iter_first(const struct rb_root_cached *root, unsigned long start,
			 unsigned long last)
{
	return subtree_search(node_of(root->root.node), start, last);
}

/*
 * Find the one behind @node, which overlaps the same [@start, @last].
 * Context, locking, return: as interval_tree_iter_first().
 */
struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last)
{
	struct rb_node *rb = node->rb.right, *child;

	for (;;) {
		struct interval_tree_node *right = node_of(rb);

		/* Everything behind @node here is in its right subtree... */
		if (right && right->subtree_last >= start)
			return subtree_search(right, start, last);
		/* ...or up: the first ancestor that has us on its left. */
		do {
			child = &node->rb;
			node = node_of(rb_parent(child));
			if (!node)
				return NULL;
		} while (child == node->rb.right);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		rb = node->rb.right;
	}
}
