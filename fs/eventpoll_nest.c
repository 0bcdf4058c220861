/*
 * epoll instances that watch epoll instances.
 *
 * An instance is a file that can be polled, so another can watch it. Two things
 * must not come of that: a loop, in which a wake-up would run for ever, and a
 * thicket, in which one wake-up runs along a million ways. So before an edge
 * from an outer to an inner instance exists, we follow the edges that are there
 * already. All of them are protected by one mutex, which ordinary watching
 * never takes; files that are no instances have no edges.
 *
 *	outer --edge--> inner --edge--> inner --item--> a pipe
 *
 * Ways are counted from files upwards, as wake-ups go: a file may be watched by
 * any number of instances, but of longer ways from it there may be only so
 * many, and none passes more than five instances. The numbers are Linux's.
 *
 * The walks recurse, at most five deep: that is what the limit makes sure of.
 *
 * Source: man 2 epoll_ctl, ELOOP and EINVAL; man 7 epoll.
 */
#include <mm/slab.h>

#include "eventpoll_internal.h"

#define MAX_DEPTH	4	/* edges one behind the other */
#define TOO_DEEP	(MAX_DEPTH + 1)

struct epoll_edge {
	struct epoll		*outer, *inner;
	struct list_head	in_outer;	/* outer->inner */
	struct list_head	in_inner;	/* inner->outer */
};

DEFINE_MUTEX(nest_mutex, RANK_EPOLL_NEST);

/* Of a way with n instances, path_limits[n - 1]; the first has none. */
static const unsigned int path_limits[MAX_DEPTH + 1] = {
	0, 500, 100, 50, 10
};

static unsigned long last_walk;		/* [nest_mutex] */

/* ---- loops and depth ----------------------------------------------------- */

/*
 * How many edges lie one behind the other below @ep? Each instance is looked
 * at once: @ep->depth holds the answer for the rest of the walk. TOO_DEEP also
 * if we come to @outer.
 */
static unsigned int depth_below(struct epoll *ep, const struct epoll *outer,
				unsigned int level)
{
	struct epoll_edge *edge;
	unsigned int depth = 0;

	if (ep == outer || level > MAX_DEPTH)
		return TOO_DEEP;
	if (ep->visited == last_walk)
		return ep->depth;
	list_for_each_entry(edge, &ep->inner, in_outer) {
		depth = max(depth, 1 + depth_below(edge->inner, outer,
						   level + 1));
		if (depth > MAX_DEPTH)
			break;
	}
	ep->visited = last_walk;
	ep->depth = depth;
	return depth;
}

/* And above it? Those below @ep are not among them: there are no loops. */
static unsigned int depth_above(struct epoll *ep)
{
	struct epoll_edge *edge;
	unsigned int depth = 0;

	if (ep->visited == last_walk)
		return ep->depth;
	list_for_each_entry(edge, &ep->outer, in_inner)
		depth = max(depth, 1 + depth_above(edge->outer));
	ep->visited = last_walk;
	ep->depth = depth;
	return depth;
}

/* May @outer watch @inner? 0, or -ELOOP: a loop, or nested too deep. */
int epoll_check_loop(struct epoll *outer, struct epoll *inner)
{
	unsigned int below;

	assert_mutex_held(&nest_mutex);
	last_walk++;
	below = depth_below(inner, outer, 0);
	if (below > MAX_DEPTH)
		return -ELOOP;
	return below + 1 + depth_above(outer) > MAX_DEPTH ? -ELOOP : 0;
}

/* ---- edges --------------------------------------------------------------- */

/* For @item, whose file is an instance. Locking: its mutex too. -ENOMEM. */
int epoll_edge_add(struct epoll_item *item)
{
	struct epoll *inner = item->file->private;
	struct epoll_edge *edge = kmalloc(sizeof(*edge), GFP_KERNEL_ACCOUNT);

	if (!edge)
		return -ENOMEM;
	edge->outer = item->ep;
	edge->inner = inner;
	list_add_tail(&edge->in_outer, &item->ep->inner);
	/* With the inner's mutex: ctl_lock() relies on it. */
	mutex_lock_nested(&inner->mutex, 1);
	list_add_tail(&edge->in_inner, &inner->outer);
	mutex_unlock(&inner->mutex);
	item->edge = edge;
	return 0;
}

void epoll_edge_remove(struct epoll_item *item)
{
	struct epoll_edge *edge = item->edge;

	assert_mutex_held(&nest_mutex);
	list_del(&edge->in_outer);
	list_del_init(&edge->in_inner);
	kfree(edge);
	item->edge = NULL;
}

/* ---- ways ---------------------------------------------------------------- */

/* Count the ways on from @ep, which is the instance number @depth + 1. */
static int count_up(const struct epoll *ep, unsigned int depth,
		    unsigned int *counts)
{
	struct epoll_edge *edge;
	int err;

	if (list_empty(&ep->outer)) {
		if (depth == 0 || ++counts[depth] <= path_limits[depth])
			return 0;
		return -EINVAL;
	}
	list_for_each_entry(edge, &ep->outer, in_inner) {
		err = count_up(edge->outer, depth + 1, counts);
		if (err)
			return err;
	}
	return 0;
}

static int check_file(struct file *file)
{
	unsigned int counts[MAX_DEPTH + 1] = {};
	struct epoll_item *item;
	int err;

	SPIN_GUARD(&file->lock);
	hlist_for_each_entry(item, &file->epoll, in_file) {
		err = count_up(item->ep, 0, counts);
		if (err)
			return err;
	}
	return 0;
}

static int check_items(struct epoll *ep)
{
	struct epoll_item *item;
	struct rb_node *node;
	int err = 0;

	mutex_lock_nested(&ep->mutex, 1);
	for (node = rb_first(&ep->items); node && !err; node = rb_next(node)) {
		item = rb_entry(node, struct epoll_item, node);
		if (!is_epoll(item->file))
			err = check_file(item->file);
	}
	mutex_unlock(&ep->mutex);
	return err;
}

/* All files that @ep or an instance below it watches, each instance once. */
static int check_below(struct epoll *ep)
{
	struct epoll_edge *edge;
	int err = check_items(ep);

	ep->visited = last_walk;
	list_for_each_entry(edge, &ep->inner, in_outer) {
		if (err)
			break;
		if (edge->inner->visited != last_walk)
			err = check_below(edge->inner);
	}
	return err;
}

/*
 * @item is linked: are there too many ways, or too long ones, through it?
 * Locking: the mutex of the item's instance too. Return: 0 or -EINVAL.
 */
int epoll_check_paths(struct epoll_item *item)
{
	assert_mutex_held(&nest_mutex);
	if (!is_epoll(item->file))
		return check_file(item->file);
	last_walk++;
	return check_below(item->file->private);
}
