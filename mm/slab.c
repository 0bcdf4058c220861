/*
 * Slab caches: objects of one size, cut from pages.
 *
 * Three layers. A slab is a block of pages cut into objects; the free ones are
 * chained through themselves, from page->slab_free. A cache keeps the slabs
 * that have free objects in a list, under its lock. In front of that, each CPU
 * has a magazine: an array of pointers to free objects, used with interrupts
 * off and no lock. An empty magazine is refilled by half, a full one emptied
 * by half, so that neither end causes traffic at every call.
 *
 * The chain of free objects runs through their first word, unless the object
 * must keep its content while free (a constructor ran, or RCU readers may
 * still look): then a word behind the object is used.
 *
 * An object's cache is found from its address: virt_to_page(), page_head().
 *
 * Magazines come from caches of their own, which have none, and are made when
 * a CPU first uses a cache; without one everything works, only slower.
 *
 * Locking: cache->lock with interrupts off; cache_mutex for the list of
 * caches. No lock is held while pages are allocated or freed.
 */
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <keel/bug.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"
#include "slab_internal.h"

#define LOG_PREFIX "slab"

#define SLAB_MAX_ORDER	3
#define KEEP_EMPTY	1	/* empty slabs a cache holds on to */

static struct kmem_cache cache_cache;
static struct kmem_cache magazine_caches[NR_MAGAZINE_SIZES];
static bool cpus_known;

struct list_head slab_caches = LIST_HEAD_INIT(slab_caches);
DEFINE_MUTEX(slab_mutex, RANK_SLAB_LIST);

/* Where a free object keeps the pointer to the next one. */
static inline void **free_link(const struct kmem_cache *cache, void *object)
{
	return (void **)((char *)object + cache->link_offset);
}

static enum mem_counter cache_counter(const struct kmem_cache *cache)
{
	return cache->flags & SLAB_RECLAIMABLE ? MEM_SLAB_RECLAIMABLE :
						 MEM_SLAB_UNRECLAIMABLE;
}

/* Pages become a slab, all objects free and constructed. NULL: no memory. */
static struct page *slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *slab;
	char *object;
	void *next = NULL;

	slab = alloc_pages(gfp & ~GFP_BIT_ZERO, cache->order);
	if (!slab)
		return NULL;
	object = (char *)page_address(slab) +
		 (cache->nr_objects - 1) * cache->size;
	for (unsigned int i = 0; i < cache->nr_objects; i++) {
		slab_poison(cache, object);
		if (cache->ctor)
			cache->ctor(object);
		*free_link(cache, object) = next;
		next = object;
		object -= cache->size;
	}
	slab->slab_cache = cache;
	slab->slab_free = next;
	slab->slab_objects = 0;
	page_set(slab, PG_SLAB);
	mem_counter_add(cache_counter(cache), 1L << cache->order);
	return slab;
}

static void slab_release(struct page *slab)
{
	page_clear(slab, PG_SLAB);
	free_pages(slab, page_order(slab));
}

static void slab_release_rcu(struct rcu_head *rcu)
{
	slab_release(container_of(rcu, struct page, rcu));
}

/* Give an empty slab, which is in no list, back. No lock held. */
static void slab_destroy(struct kmem_cache *cache, struct page *slab)
{
	mem_counter_add(cache_counter(cache), -(1L << cache->order));
	if (cache->flags & SLAB_TYPESAFE_BY_RCU)
		call_rcu(&slab->rcu, slab_release_rcu);
	else
		slab_release(slab);
}

/* Take a free object off a slab; the lock is held. */
static void *slab_take(struct kmem_cache *cache, struct page *slab)
{
	void *object = slab->slab_free;

	if (slab->slab_objects++ == 0)
		cache->nr_empty--;
	slab->slab_free = *free_link(cache, object);
	if (!slab->slab_free)
		list_del_init(&slab->slab_list);
	return object;
}

/*
 * Put an object back. The lock is held. Return: its slab, out of all lists, if
 * that is now empty and the cache has enough of those.
 */
static struct page *slab_put(struct kmem_cache *cache, void *object)
{
	struct page *slab = page_head(virt_to_page(object));

	ASSERT(slab->slab_cache == cache && slab->slab_objects > 0);
	if (!slab->slab_free)
		list_add(&slab->slab_list, &cache->partial);
	*free_link(cache, object) = slab->slab_free;
	slab->slab_free = object;
	if (--slab->slab_objects > 0)
		return NULL;
	if (cache->nr_empty < KEEP_EMPTY) {
		cache->nr_empty++;
		/* Last to be used: it may become superfluous. */
		list_move_tail(&slab->slab_list, &cache->partial);
		return NULL;
	}
	list_del_init(&slab->slab_list);
	cache->nr_slabs--;
	return slab;
}

static void slab_list_add(struct kmem_cache *cache, struct page *slab)
{
	list_add(&slab->slab_list, &cache->partial);
	cache->nr_slabs++;
	cache->nr_empty++;
}

/* Up to @nr objects from partial slabs. Interrupts are off. */
static unsigned int take_objects(struct kmem_cache *cache, void **objects,
				 unsigned int nr)
{
	unsigned int done = 0;

	SPIN_GUARD(&cache->lock);
	while (done < nr && !list_empty(&cache->partial)) {
		struct page *slab = list_first_entry(&cache->partial,
						     struct page, slab_list);

		while (done < nr && slab->slab_free)
			objects[done++] = slab_take(cache, slab);
	}
	return done;
}

/* Put @nr objects back; empty slabs go. Interrupts are off. */
static void put_objects(struct kmem_cache *cache, void **objects,
			unsigned int nr)
{
	struct page *dead = NULL, *slab;

	spin_lock(&cache->lock);
	for (unsigned int i = 0; i < nr; i++) {
		slab = slab_put(cache, objects[i]);
		if (slab) {
			slab->slab_free = dead;
			dead = slab;
		}
	}
	spin_unlock(&cache->lock);
	while ((slab = dead)) {
		dead = slab->slab_free;
		slab_destroy(cache, slab);
	}
}

/* This CPU's magazine, made if there is memory for it. Interrupts are off. */
static struct kmem_magazine *get_magazine(struct kmem_cache *cache)
{
	struct kmem_magazine *mag = cache->magazines[smp_processor_id()];

	if (likely(mag) || !cache->magazine_cache || !cpus_known)
		return mag;
	mag = kmem_cache_alloc(cache->magazine_cache, GFP_NOWAIT);
	if (mag) {
		mag->nr = 0;
		mag->max = cache->magazine_max;
		cache->magazines[smp_processor_id()] = mag;
	}
	return mag;
}

/*
 * The magazine was empty. Refill it by half; one object is the result.
 * Interrupts are off, and as @flags say for a while if a slab must be made.
 */
static noinline void *alloc_slow(struct kmem_cache *cache, gfp_t gfp,
				 unsigned long flags)
{
	for (;;) {
		struct kmem_magazine *mag = get_magazine(cache);
		struct page *slab;
		void *object;

		/* After a sleep below it may have been filled meanwhile. */
		if (mag && !mag->nr)
			mag->nr = take_objects(cache, mag->objects,
					       mag->max / 2);
		if (mag && mag->nr)
			return mag->objects[--mag->nr];
		if (!mag && take_objects(cache, &object, 1))
			return object;

		local_irq_restore(flags);
		slab = slab_create(cache, gfp);
		local_irq_disable();
		if (!slab)
			return NULL;
		spin_lock(&cache->lock);
		slab_list_add(cache, slab);
		spin_unlock(&cache->lock);
	}
}

/*
 * Allocate an object. Zeroed if @gfp says so (never with a constructor).
 * Context: any, as @gfp says. Return: NULL if there is no memory.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned long flags = local_irq_save();
	struct kmem_magazine *mag = cache->magazines[smp_processor_id()];
	void *object;

	if (likely(mag && mag->nr))
		object = mag->objects[--mag->nr];
	else
		object = alloc_slow(cache, gfp, flags);
	local_irq_restore(flags);

	if (object) {
		slab_check_poison(cache, object);
		if (gfp & GFP_BIT_ZERO)
			memset(object, 0, cache->object_size);
	}
	return object;
}

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | GFP_BIT_ZERO);
}

/* The magazine is full or missing. Interrupts are off. */
static noinline void free_slow(struct kmem_cache *cache, void *object)
{
	struct kmem_magazine *mag = get_magazine(cache);

	if (!mag) {
		put_objects(cache, &object, 1);
		return;
	}
	if (mag->nr == mag->max) {
		unsigned int half = mag->max / 2;

		/* The oldest go: the latest are still in the cache. */
		put_objects(cache, mag->objects, half);
		memmove(mag->objects, mag->objects + half,
			(mag->nr - half) * sizeof(void *));
		mag->nr -= half;
	}
	mag->objects[mag->nr++] = object;
}

/* Free an object of @cache, in constructed state. Context: any. */
void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	unsigned long flags;
	struct kmem_magazine *mag;

	DEBUG_ASSERT(page_head(virt_to_page(object))->slab_cache == cache);
	slab_poison(cache, object);
	flags = local_irq_save();
	mag = cache->magazines[smp_processor_id()];
	if (likely(mag && mag->nr < mag->max))
		mag->objects[mag->nr++] = object;
	else
		free_slow(cache, object);
	local_irq_restore(flags);
}

/*
 * Empty this CPU's magazine of one cache and free it too: whoever counts pages
 * sees no trace of what was once used. Interrupts are off.
 */
static void flush_magazine(void *arg)
{
	struct kmem_cache *cache = arg;
	struct kmem_magazine *mag = cache->magazines[smp_processor_id()];

	if (!mag)
		return;
	cache->magazines[smp_processor_id()] = NULL;
	put_objects(cache, mag->objects, mag->nr);
	kmem_cache_free(cache->magazine_cache, mag);
}

/* Give all empty slabs back; magazines keep what they have. */
static void release_empty(struct kmem_cache *cache)
{
	struct page *slab, *next, *dead = NULL;
	unsigned long flags = spin_lock_irqsave(&cache->lock);

	list_for_each_entry_safe(slab, next, &cache->partial, slab_list) {
		if (slab->slab_objects)
			continue;
		list_del_init(&slab->slab_list);
		cache->nr_slabs--;
		cache->nr_empty--;
		slab->slab_free = dead;
		dead = slab;
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	while ((slab = dead)) {
		dead = slab->slab_free;
		slab_destroy(cache, slab);
	}
}

/*
 * Give back all pages a cache does not need. Context: process, interrupts on.
 */
void kmem_cache_shrink(struct kmem_cache *cache)
{
	on_each_cpu(flush_magazine, cache, true);
	release_empty(cache);
}

static void flush_all_magazines(void *unused __unused)
{
	struct kmem_cache *cache;

	list_for_each_entry_rcu(cache, &slab_caches, node)
		flush_magazine(cache);
}

/*
 * Shrink all caches. Context: process, interrupts on; any sleeping lock may
 * be held, hence the trylock: whoever else holds it does the same.
 */
void slab_drain_all(void)
{
	struct kmem_cache *cache;

	if (!mutex_trylock(&slab_mutex))
		return;
	on_each_cpu(flush_all_magazines, NULL, true);
	list_for_each_entry(cache, &slab_caches, node)
		release_empty(cache);
	mutex_unlock(&slab_mutex);
}

/* Pages per slab: few, as long as little is wasted at the end. */
static void choose_order(struct kmem_cache *cache)
{
	unsigned int order;

	for (order = 0; order < SLAB_MAX_ORDER; order++) {
		size_t bytes = PAGE_SIZE << order;
		size_t waste = bytes % cache->size;

		if (bytes / cache->size >= 4 && waste * 8 <= bytes)
			break;
	}
	cache->order = order;
	cache->nr_objects = (PAGE_SIZE << order) / cache->size;
}

/* Size, alignment and place of the free link. */
static void lay_out(struct kmem_cache *cache, size_t align)
{
	size_t size = cache->object_size;

	if (cache->flags & SLAB_HWCACHE_ALIGN && size > 32)
		align = max(align, (size_t)64);
	align = max(align, sizeof(void *));
	size = ALIGN_UP(size, sizeof(void *));
	if (cache->ctor || cache->flags & SLAB_TYPESAFE_BY_RCU) {
		cache->link_offset = size;
		size += sizeof(void *);
	}
	cache->size = ALIGN_UP(size, align);
}

static void choose_magazine(struct kmem_cache *cache)
{
	unsigned int i = cache->size <= 256 ? 2 : cache->size <= 1024 ? 1 : 0;

	cache->magazine_cache = &magazine_caches[i];
	cache->magazine_max = magazine_capacity[i];
}

const unsigned int magazine_capacity[NR_MAGAZINE_SIZES] = { 6, 22, 62 };

/* Fill in a cache whose struct is there. False: no memory. */
static bool cache_setup(struct kmem_cache *cache, const char *name,
			size_t size, size_t align, unsigned int flags,
			void (*ctor)(void *))
{
	*cache = (struct kmem_cache){
		.name = name, .object_size = size, .flags = flags, .ctor = ctor,
	};
	spin_lock_init(&cache->lock, "slab", RANK_SLAB);
	list_init(&cache->partial);
	lay_out(cache, align);
	choose_order(cache);
	cache->magazines = &cache->boot_magazine;
	if (cpus_known) {
		cache->magazines = kcalloc(nr_cpu_ids, sizeof(void *),
					   GFP_KERNEL);
		if (!cache->magazines)
			return false;
	}
	return true;
}

static void cache_publish(struct kmem_cache *cache)
{
	mutex_lock(&slab_mutex);
	list_add_tail(&cache->node, &slab_caches);
	mutex_unlock(&slab_mutex);
}

/*
 * Make a cache. @name must outlive it; @align 0 means a word.
 * Context: process, may sleep. Return: NULL if there is no memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, unsigned int flags,
				     void (*ctor)(void *object))
{
	struct kmem_cache *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	ASSERT(size > 0 && size <= PAGE_SIZE << SLAB_MAX_ORDER);
	if (!cache || !cache_setup(cache, name, size, align, flags, ctor)) {
		if (flags & SLAB_PANIC)
			panic("slab: no memory for the cache \"%s\"", name);
		if (cache)
			kmem_cache_free(&cache_cache, cache);
		return NULL;
	}
	choose_magazine(cache);
	cache_publish(cache);
	return cache;
}

/*
 * Unmake a cache. What SLAB_TYPESAFE_BY_RCU still holds goes a grace period
 * later by itself. Context: process, may sleep.
 */
void kmem_cache_destroy(struct kmem_cache *cache)
{
	mutex_lock(&slab_mutex);
	list_del_rcu(&cache->node);
	mutex_unlock(&slab_mutex);
	/* flush_all_magazines() may still be on its way through the list. */
	synchronize_rcu();

	kmem_cache_shrink(cache);
	if (WARN_ON(cache->nr_slabs)) {
		pr_err("%s: %lu slabs still in use", cache->name,
		       cache->nr_slabs);
		return;
	}
	kfree(cache->magazines);
	kmem_cache_free(&cache_cache, cache);
}

/*
 * The first caches, whose structs are static, and kmalloc(). Afterwards
 * kmalloc() and kmem_cache_create() work, without magazines until
 * slab_init_cpus().
 */
void __init slab_init(void)
{
	static const char *const names[NR_MAGAZINE_SIZES] = {
		"magazine-6", "magazine-22", "magazine-62",
	};

	cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 0,
		    SLAB_HWCACHE_ALIGN, NULL);
	cache_publish(&cache_cache);
	for (unsigned int i = 0; i < NR_MAGAZINE_SIZES; i++) {
		size_t size = sizeof(struct kmem_magazine) +
			      magazine_capacity[i] * sizeof(void *);

		cache_setup(&magazine_caches[i], names[i], size, 0, 0, NULL);
		cache_publish(&magazine_caches[i]);
	}
	kmalloc_init();
}

/*
 * Give every cache its array of magazines, now that the number of CPUs is
 * known. Context: boot, one CPU.
 */
void __init slab_init_cpus(void)
{
	struct kmem_cache *cache;

	list_for_each_entry(cache, &slab_caches, node) {
		cache->magazines = kcalloc(nr_cpu_ids, sizeof(void *),
					   GFP_KERNEL);
		if (!cache->magazines)
			panic("slab: no memory for %u CPUs", nr_cpu_ids);
	}
	cpus_known = true;
}
