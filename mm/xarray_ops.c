/*
 * Between lib/xarray.c, which knows nothing of kernels, and the slab and RCU:
 * where the nodes of all xarrays in the kernel come from.
 */
#include <mm/xarray_ops.h>

#include <kernel/rcu.h>
#include <mm/slab.h>

static struct kmem_cache *node_cache;

static struct xa_node *alloc_node(gfp_t gfp)
{
	return kmem_cache_alloc(node_cache, gfp);
}

static void free_node(struct xa_node *node)
{
	kmem_cache_free(node_cache, node);
}

static void free_node_callback(struct rcu_head *rcu)
{
	free_node(container_of((void *)rcu, struct xa_node, rcu));
}

/* Readers under RCU may still be in it. */
static void free_node_rcu(struct xa_node *node)
{
	static_assert(sizeof(node->rcu) >= sizeof(struct rcu_head),
		      "an xa_node must hold an rcu_head");
	call_rcu((struct rcu_head *)node->rcu, free_node_callback);
}

const struct xa_node_ops xa_kernel_ops = {
	.alloc_node = alloc_node,
	.free_node_rcu = free_node_rcu,
	.free_node = free_node,
};

/* Before: slab. After: xarrays can hold more than one entry. */
void __init xarray_ops_init(void)
{
	node_cache = kmem_cache_create("xa_node", sizeof(struct xa_node), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}
