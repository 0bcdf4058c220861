/*
 * Red-black trees.
 *
 * Every node is red or black, and
 *
 *	1. a red node has no red child;
 *	2. every path from the root down to an empty link passes the same
 *	   number of black nodes.
 *
 * So the longest path, alternately black and red, is at most twice the
 * shortest, all black. The root is black as well, which spares a case.
 *
 * Everything is done with one tool, the rotation, that lifts a node above its
 * parent and leaves the order of the keys (a b c below) as it was:
 *
 *	        parent            node
 *	       /      \          /    \
 *	     node      c   =>   a    parent
 *	    /    \                  /      \
 *	   a    inner            inner      c
 *
 * Inserting adds a red node, which can only break rule 1; erasing takes one
 * away, which can only break rule 2 when that node was black. Both repairs
 * climb towards the root until recolouring or a last rotation ends them. They
 * are drawn where they are done, for one side; the mirror image is the same
 * code, since only "near" and "far" matter.
 *
 * Readers without the lock walk down while this happens. rotate_up() hangs
 * `inner` below the parent *before* it hangs the parent below the node. In the
 * other order the two would point at each other for a moment, and a reader
 * could go round for ever; in this one he can only miss a part of the tree.
 */
#include <lib/rbtree.h>
#include <keel/atomic.h>

#define RB_RED		0UL
#define RB_BLACK	1UL

static bool is_red(const struct rb_node *node)
{
	return node && !(node->parent_color & RB_BLACK);
}

static void set_red(struct rb_node *node)
{
	node->parent_color &= ~RB_BLACK;
}

static void set_black(struct rb_node *node)
{
	node->parent_color |= RB_BLACK;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->parent_color = (unsigned long)parent |
			     (node->parent_color & RB_BLACK);
}

static void copy_color(struct rb_node *to, const struct rb_node *from)
{
	if (is_red(from))
		set_red(to);
	else
		set_black(to);
}

/* Let the link that led to @old lead to @new, which may be NULL. */
static void replace_child(struct rb_node *old, struct rb_node *new,
			  struct rb_node *parent, struct rb_root *root)
{
	struct rb_node **link = !parent ? &root->node :
				parent->left == old ? &parent->left :
						      &parent->right;

	/* Release: a reader who finds @new sees its links. */
	smp_store_release(link, new);
}

/* Lift @node above its parent; colours stay with the nodes. */
static void rotate_up(struct rb_node *node, struct rb_root *root,
		      const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = rb_parent(node);
	struct rb_node *above = rb_parent(parent);
	struct rb_node *inner;

	if (node == parent->left) {
		inner = node->right;
		WRITE_ONCE(parent->left, inner);
		WRITE_ONCE(node->right, parent);
	} else {
		inner = node->left;
		WRITE_ONCE(parent->right, inner);
		WRITE_ONCE(node->left, parent);
	}
	if (inner)
		set_parent(inner, parent);
	set_parent(node, above);
	replace_child(parent, node, above, root);
	set_parent(parent, node);
	if (augment)
		augment->rotate(parent, node);
}

static struct rb_node *sibling_of(const struct rb_node *node,
				  const struct rb_node *parent)
{
	return parent->left == node ? parent->right : parent->left;
}

/*
 * Balance the tree after rb_link_node(@node), in an augmented tree: the caller
 * has updated the summaries from @node up to the root. @augment may be NULL.
 *
 * Context: any. Locking: the caller's, for writing.
 */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *above, *uncle;

	while (is_red(parent = rb_parent(node))) {
		/* Red, so not the root: it has a parent, which is black. */
		above = rb_parent(parent);
		uncle = sibling_of(parent, above);
		if (is_red(uncle)) {
			/*
			 *      ABOVE             above
			 *     /     \           /     \
			 *  parent  uncle  => PARENT  UNCLE
			 *    |                 |
			 *  node              node
			 *
			 * (capitals are black). Now `above` may have a red
			 * parent: the same question two levels up.
			 */
			set_black(parent);
			set_black(uncle);
			set_red(above);
			node = above;
			continue;
		}
		if ((node == parent->left) != (parent == above->left)) {
			/*
			 * Make the bend a straight line, so that lifting the
			 * middle node helps:
			 *
			 *      ABOVE            ABOVE
			 *     /                /
			 *  parent     =>    node
			 *     \            /
			 *     node      parent
			 */
			rotate_up(node, root, augment);
			parent = node;
		}
		/*
		 *        ABOVE            PARENT
		 *       /               /      \
		 *    parent      =>   node    above
		 *    /
		 *  node
		 */
		set_black(parent);
		set_red(above);
		rotate_up(parent, root, augment);
		return;
	}
	if (!parent)
		set_black(node);
}

/* Balance the tree after rb_link_node(@node). Locking: the caller's. */
void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	rb_insert_augmented(node, root, NULL);
}

/*
 * Put back the black node that all paths through @parent's empty or black
 * child @node miss. On entry @node is empty: a black node without children
 * has been taken from there.
 */
static void erase_fixup(struct rb_node *parent, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *node = NULL, *sibling, *near, *far;

	for (;;) {
		/* Never empty: its side has a black node more than ours. */
		sibling = sibling_of(node, parent);
		if (is_red(sibling)) {
			/*
			 *     PARENT             SIBLING
			 *    /      \            /     \
			 *  NODE   sibling =>  parent    FAR
			 *         /     \     /    \
			 *       NEAR    FAR NODE  NEAR
			 *
			 * Nothing is gained, but the sibling is black now.
			 */
			set_black(sibling);
			set_red(parent);
			rotate_up(sibling, root, augment);
			sibling = sibling_of(node, parent);
		}
		near = parent->left == node ? sibling->left : sibling->right;
		far = sibling_of(near, sibling);
		if (is_red(near) || is_red(far))
			break;
		/*
		 * Let the sibling's side miss a black node as well. If the
		 * parent was red it can supply it to both, else the whole
		 * subtree of the parent misses it.
		 */
		set_red(sibling);
		if (is_red(parent)) {
			set_black(parent);
			return;
		}
		node = parent;
		parent = rb_parent(node);
		if (!parent)
			return;
	}
	if (!is_red(far)) {
		/*
		 *  SIBLING           NEAR
		 *   /    \             \
		 * near   FAR   =>    sibling
		 *                        \
		 *                        FAR
		 */
		rotate_up(near, root, augment);
		far = sibling;
		sibling = near;
	}
	/*
	 * (p) is the parent's colour, whatever it is:
	 *
	 *     parent(p)               sibling(p)
	 *     /      \                /       \
	 *  NODE    SIBLING   =>    PARENT     FAR
	 *              \           /
	 *              far       NODE
	 */
	copy_color(sibling, parent);
	set_black(parent);
	set_black(far);
	rotate_up(sibling, root, augment);
}

/*
 * Take @node, which has at most one child, out. Return: the parent below
 * which a black node is missing now, or NULL.
 */
static struct rb_node *erase_simple(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(node);
	struct rb_node *child = node->left ? node->left : node->right;

	replace_child(node, child, parent, root);
	if (child) {
		/* By rule 2 the child is red and @node black: swap them. */
		child->parent_color = node->parent_color;
		return NULL;
	}
	return is_red(node) ? NULL : parent;
}

/*
 * Take @node, which has two children, out: its successor, which has no left
 * child, leaves its own place and takes that of @node.
 *
 *	   node                successor
 *	  /    \               /      \
 *	 a     ...            a       ...
 *	       /       =>             /
 *	    parent                 parent
 *	    /                      /
 *	successor               child
 *	      \
 *	     child
 *
 * Return: as erase_simple().
 */
static struct rb_node *erase_inner(struct rb_node *node, struct rb_root *root,
				   const struct rb_augment_callbacks *augment)
{
	struct rb_node *successor = node->right, *parent, *child;
	bool was_black;

	while (successor->left)
		successor = successor->left;
	child = successor->right;
	was_black = !is_red(successor);
	if (successor == node->right) {
		parent = successor;
	} else {
		parent = rb_parent(successor);
		WRITE_ONCE(parent->left, child);
		WRITE_ONCE(successor->right, node->right);
		set_parent(node->right, successor);
	}
	WRITE_ONCE(successor->left, node->left);
	set_parent(node->left, successor);
	successor->parent_color = node->parent_color;
	replace_child(node, successor, rb_parent(node), root);
	if (child) {
		set_parent(child, parent);
		set_black(child);
		was_black = false;
	}
	if (augment) {
		augment->copy(node, successor);
		augment->propagate(parent, successor);
		augment->propagate(successor, NULL);
	}
	return was_black ? parent : NULL;
}

/*
 * Take @node out of an augmented tree. Its own links stay as they were, for
 * readers without the lock. @augment may be NULL.
 *
 * Context: any. Locking: the caller's, for writing.
 */
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *deficient;

	if (node->left && node->right) {
		deficient = erase_inner(node, root, augment);
	} else {
		deficient = erase_simple(node, root);
		if (augment)
			augment->propagate(rb_parent(node), NULL);
	}
	if (deficient)
		erase_fixup(deficient, root, augment);
}

/* Take @node out. Locking: the caller's, for writing. */
void rb_erase(struct rb_node *node, struct rb_root *root)
{
	rb_erase_augmented(node, root, NULL);
}

/*
 * Put @new, with an equal key, in the place of @victim, without any search or
 * rotation. Locking: the caller's, for writing.
 */
void rb_replace_node(struct rb_node *victim, struct rb_node *new,
		     struct rb_root *root)
{
	*new = *victim;
	if (victim->left)
		set_parent(victim->left, new);
	if (victim->right)
		set_parent(victim->right, new);
	replace_child(victim, new, rb_parent(victim), root);
}

/* Return: the node with the smallest key, or NULL. */
struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->left)
		node = node->left;
	return node;
}

/* Return: the node with the largest key, or NULL. */
struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->right)
		node = node->right;
	return node;
}

/*
 * Return: the node behind @node, or NULL: the leftmost of its right subtree,
 * or, without one, the first ancestor that has @node on its left.
 */
struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->right) {
		node = node->right;
		while (node->left)
			node = node->left;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->right)
		node = parent;
	return parent;
}

/* Return: the node before @node, or NULL; rb_next() in the mirror. */
struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (node->left) {
		node = node->left;
		while (node->right)
			node = node->right;
		return (struct rb_node *)node;
	}
	while ((parent = rb_parent(node)) && node == parent->left)
		node = parent;
	return parent;
}

/* The first node without children that a walk down from @node meets. */
static struct rb_node *deepest_first(const struct rb_node *node)
{
	while (node->left || node->right)
		node = node->left ? node->left : node->right;
	return (struct rb_node *)node;
}

/* Return: the first node of a walk that meets children before parents. */
struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->node ? deepest_first(root->node) : NULL;
}

/* Return: the next node of that walk, or NULL behind the root. */
struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = rb_parent(node);

	if (parent && node == parent->left && parent->right)
		return deepest_first(parent->right);
	return parent;
}
