/*
 * Reports on the slab caches; the shrinkers, which give back memory that can be
 * had again; and /proc/sys/vm/drop_caches, which asks for all of that.
 *
 * Freed objects wait for grace periods, in magazines, in per-CPU lists; each
 * step of drop_caches moves them one layer down, so the order is that of the
 * layers. What is free afterwards can be compared to the page.
 */
#include <kernel/rcu.h>
#include <kernel/workqueue.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"
#include "slab_internal.h"

static LIST_HEAD(shrinkers);
static DEFINE_MUTEX(shrinker_mutex, RANK_SHRINKER);

static void report(struct kmem_cache *cache, struct slab_info *info)
{
	unsigned long free = 0, flags = spin_lock_irqsave(&cache->lock);
	struct page *slab;

	list_for_each_entry(slab, &cache->partial, slab_list)
		free += cache->nr_objects - slab->slab_objects;
	*info = (struct slab_info){
		.name = cache->name,
		.total_objects = cache->nr_slabs * cache->nr_objects,
		.object_size = cache->size,
		.objects_per_slab = cache->nr_objects,
		.pages_per_slab = 1U << cache->order,
		.active_slabs = cache->nr_slabs - cache->nr_empty,
		.total_slabs = cache->nr_slabs,
	};
	info->active_objects = info->total_objects - free;
	spin_unlock_irqrestore(&cache->lock, flags);
}

/*
 * Call @fn with the figures of each cache; objects in magazines count as in
 * use. Context: process, may sleep.
 */
void slab_for_each_cache(void (*fn)(const struct slab_info *, void *arg),
			 void *arg)
{
	struct kmem_cache *cache;

	MUTEX_GUARD(&slab_mutex);
	list_for_each_entry(cache, &slab_caches, node) {
		struct slab_info info;

		report(cache, &info);
		fn(&info, arg);
	}
}

void shrinker_register(struct shrinker *shrinker)
{
	MUTEX_GUARD(&shrinker_mutex);
	list_add_tail(&shrinker->node, &shrinkers);
}

void shrinker_unregister(struct shrinker *shrinker)
{
	MUTEX_GUARD(&shrinker_mutex);
	list_del(&shrinker->node);
}

/*
 * Ask every shrinker to free 1 / 2^@priority of what it could, and at least a
 * few. Only one task does so at a time; others find that nothing was freed by
 * them and try their luck with what the first one frees.
 * Context: process, may sleep. Return: objects freed.
 */
unsigned long shrink_all(gfp_t gfp, unsigned int priority)
{
	struct shrinker *shrinker;
	unsigned long freed = 0;

	if (!mutex_trylock(&shrinker_mutex))
		return 0;
	list_for_each_entry(shrinker, &shrinkers, node) {
		unsigned long count = shrinker->count(shrinker, gfp);
		unsigned long nr = max(count >> priority, 32UL);

		if (count)
			freed += shrinker->scan(shrinker, min(nr, count), gfp);
	}
	mutex_unlock(&shrinker_mutex);
	return freed;
}

/* ---- drop_caches ---- */

/* Some objects free others when they go: twice through RCU is the deepest. */
#define ROUNDS	3

/* Context: process, may sleep for a while. */
void drop_caches(void)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		flush_workqueue(system_workqueue);
		rcu_barrier();
		(void)shrink_all(GFP_KERNEL, 0);
		slab_drain_all();
	}
	rcu_barrier();
	drain_all_pages();
}
