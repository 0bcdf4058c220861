/*
 * Red-black trees, embedded in the objects they sort.
 *
 * A binary search tree that stays balanced: no path from the root is more than
 * twice as long as another, so a search among n nodes takes at most
 * 2 * log2(n + 1) steps. The tree compares nothing itself. A user walks down
 * with a loop of his own, notes the empty link where he fell out, and says
 *
 *	rb_link_node(&new->node, parent, link);
 *	rb_insert_color(&new->node, root);
 *
 * or uses rb_add()/rb_find() below with a comparison function.
 *
 * An rb_root_cached also remembers the leftmost node, for users who ask for
 * the smallest all the time: the scheduler, timers.
 *
 * An augmented tree keeps in each node a summary of its subtree (interval_tree
 * keeps the largest end point), for which it supplies three callbacks.
 *
 * Locking: writers exclude each other and readers, by the caller's lock. A
 * reader may also go without, under RCU and a sequence count he checks
 * afterwards. He can then miss nodes, but he meets only nodes, and he gets to
 * the end: the links are stored whole, one by one, in an order that never
 * makes a cycle.
 */
#pragma once

#include <keel/compiler.h>

/* The parent's address and, in bit 0, the node's colour. */
struct rb_node {
	unsigned long parent_color;
	struct rb_node *right;
	struct rb_node *left;
} __aligned(8);

struct rb_root {
	struct rb_node *node;
};

struct rb_root_cached {
	struct rb_root root;
	struct rb_node *leftmost;
};

#define RB_ROOT		(struct rb_root){ NULL }
#define RB_ROOT_CACHED	(struct rb_root_cached){ { NULL }, NULL }
#define RB_EMPTY_ROOT(root)	(READ_ONCE((root)->node) == NULL)

#define rb_entry(ptr, type, member)	container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) ({ \
	typeof(ptr) rb_ptr = (ptr); \
	rb_ptr ? rb_entry(rb_ptr, type, member) : NULL; })

/* A node that is its own parent is in no tree. */
#define RB_EMPTY_NODE(n)	((n)->parent_color == (unsigned long)(n))
#define RB_CLEAR_NODE(n)	((n)->parent_color = (unsigned long)(n))

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->parent_color & ~1UL);
}

/*
 * How the summaries of an augmented tree are kept.
 *
 *	propagate	recompute @node and its ancestors, up to but without
 *			@stop (NULL: to the root)
 *	copy		@new takes @old's place: give it @old's summary
 *	rotate		@new has risen to @old's place and @old is now its
 *			child: give @new @old's summary, recompute @old
 */
struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *new);
	void (*rotate)(struct rb_node *old, struct rb_node *new);
};

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_replace_node(struct rb_node *victim, struct rb_node *new,
		     struct rb_root *root);

/* The caller has updated the summaries of @node and of all its ancestors. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* Children before parents, so that each node may be freed at once. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);

#define rbtree_postorder_for_each_entry_safe(pos, tmp, root, member) \
	for (pos = rb_entry_safe(rb_first_postorder(root), \
				 typeof(*pos), member); \
	     pos && (tmp = rb_entry_safe(rb_next_postorder(&pos->member), \
					 typeof(*pos), member), true); \
	     pos = tmp)

/* Hang @node, red and without children, at the empty link @link of @parent. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->parent_color = (unsigned long)parent;
	node->left = node->right = NULL;
	__atomic_store_n(link, node, __ATOMIC_RELEASE);
}

static inline struct rb_node *rb_first_cached(const struct rb_root_cached *root)
{
	return root->leftmost;
}

/* As rb_insert_color(); @leftmost: the way down went to the left only. */
static inline void rb_insert_color_cached(struct rb_node *node,
					  struct rb_root_cached *root,
					  bool leftmost)
{
	if (leftmost)
		root->leftmost = node;
	rb_insert_color(node, &root->root);
}

static inline void rb_erase_cached(struct rb_node *node,
				   struct rb_root_cached *root)
{
	if (root->leftmost == node)
		root->leftmost = rb_next(node);
	rb_erase(node, &root->root);
}

static inline void rb_replace_node_cached(struct rb_node *victim,
					  struct rb_node *new,
					  struct rb_root_cached *root)
{
	if (root->leftmost == victim)
		root->leftmost = new;
	rb_replace_node(victim, new, &root->root);
}

static inline void
rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			   bool leftmost,
			   const struct rb_augment_callbacks *augment)
{
	if (leftmost)
		root->leftmost = node;
	rb_insert_augmented(node, &root->root, augment);
}

static inline void
rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			  const struct rb_augment_callbacks *augment)
{
	if (root->leftmost == node)
		root->leftmost = rb_next(node);
	rb_erase_augmented(node, &root->root, augment);
}

/*
 * Insert @node where @less puts it, behind its equals. @less is a function
 * the compiler sees, so that the call costs nothing.
 */
static __always_inline void
rb_add(struct rb_node *node, struct rb_root *root,
       bool (*less)(const struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = less(node, parent) ? &parent->left : &parent->right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, root);
}

/* The same in a tree that remembers its leftmost node; true if @node is it. */
static __always_inline bool
rb_add_cached(struct rb_node *node, struct rb_root_cached *root,
	      bool (*less)(const struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &root->root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(node, parent)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color_cached(node, root, leftmost);
	return leftmost;
}

/* The node for which @compare gives 0 (it sorts @key against it), or NULL. */
static __always_inline struct rb_node *
rb_find(const void *key, const struct rb_root *root,
	int (*compare)(const void *key, const struct rb_node *))
{
	struct rb_node *node = root->node;

	while (node) {
		int order = compare(key, node);

		if (order == 0)
			return node;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

/*
 * Define the callbacks @name for a summary @field of @type that can be
 * computed from a node and its two children: bool @compute(struct, bool exit)
 * stores the summary; with @exit it returns true if nothing changed, and the
 * ancestors are right already.
 */
#define RB_DECLARE_CALLBACKS(storage, name, type, member, field, compute) \
static void name##_propagate(struct rb_node *node, struct rb_node *stop) \
{ \
	for (; node != stop; node = rb_parent(node)) \
		if (compute(rb_entry(node, type, member), true)) \
			break; \
} \
static void name##_copy(struct rb_node *old, struct rb_node *new) \
{ \
	rb_entry(new, type, member)->field = \
		rb_entry(old, type, member)->field; \
} \
static void name##_rotate(struct rb_node *old, struct rb_node *new) \
{ \
	name##_copy(old, new); \
	compute(rb_entry(old, type, member), false); \
} \
storage const struct rb_augment_callbacks name = { \
	.propagate = name##_propagate, \
	.copy = name##_copy, \
	.rotate = name##_rotate, \
}
