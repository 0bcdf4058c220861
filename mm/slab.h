/*
 * Small objects: caches of one size each, and kmalloc() over them.
 *
 * A cache takes pages from the page allocator, cuts them into objects and
 * keeps, per CPU, a magazine of free ones, so that the usual allocation is a
 * few instructions with interrupts off. kmalloc() has a cache per size; above
 * KMALLOC_MAX_CACHE it goes to the page allocator directly.
 *
 * All of it may be called from interrupts with GFP_ATOMIC; freeing always may.
 */
#pragma once

#include <keel/compiler.h>
#include <keel/list.h>
#include <kernel/rcu.h>
#include <mm/gfp.h>

struct kmem_cache;

#define KMALLOC_MAX_CACHE	8192
#define KMALLOC_MAX_SIZE	(4UL << 20)

/* kmem_cache_create() flags */
#define SLAB_HWCACHE_ALIGN	0x01u	/* objects do not share cache lines */
#define SLAB_TYPESAFE_BY_RCU	0x02u	/* memory stays this type for a grace
					 * period after the object is freed */
#define SLAB_PANIC		0x04u	/* boot code: creation cannot fail */
#define SLAB_RECLAIMABLE	0x08u	/* a shrinker can free the objects */
#define SLAB_ACCOUNT		0x10u

/*
 * @ctor runs once when memory becomes objects, not at each allocation, and
 * objects are freed in constructed state. NULL if there is no memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, unsigned int flags,
				     void (*ctor)(void *object));
/* All objects must have been freed. */
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
	__malloc __must_check;
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
	__malloc __must_check;
void kmem_cache_free(struct kmem_cache *cache, void *object);
/* Give free slabs back to the page allocator. */
void kmem_cache_shrink(struct kmem_cache *cache);

void *kmalloc(size_t size, gfp_t gfp) __malloc __must_check;
void *kzalloc(size_t size, gfp_t gfp) __malloc __must_check;
void *krealloc(void *ptr, size_t size, gfp_t gfp) __must_check;
void kfree(const void *ptr);	/* NULL is fine */
/* How much can be stored at @ptr: at least what was asked for. */
size_t ksize(const void *ptr);

/* An array, with the multiplication checked. */
static inline void *__must_check kmalloc_array(size_t nr, size_t size,
					       gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(nr, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

static inline void *__must_check kcalloc(size_t nr, size_t size, gfp_t gfp)
{
	return kmalloc_array(nr, size, gfp | GFP_ZERO);
}

char *kstrdup(const char *s, gfp_t gfp) __must_check;
char *kstrndup(const char *s, size_t max, gfp_t gfp) __must_check;
void *kmemdup(const void *src, size_t len, gfp_t gfp) __must_check;
char *kasprintf(gfp_t gfp, const char *fmt, ...) __printf(2, 3) __must_check;

/* kmalloc() if that works, else vmalloc(). Context: process, may sleep. */
void *kvmalloc(size_t size, gfp_t gfp) __must_check;
void *kvzalloc(size_t size, gfp_t gfp) __must_check;
void *kvcalloc(size_t nr, size_t size, gfp_t gfp) __must_check;
void kvfree(const void *ptr);

/*
 * Free @ptr a grace period from now; @member is its struct rcu_head. For
 * objects from kmalloc() and from kmem_cache_alloc() alike: the slab the head
 * lies in tells where the object begins.
 */
#define kfree_rcu(ptr, member) \
	call_rcu(&(ptr)->member, kfree_rcu_callback)
void kfree_rcu_callback(struct rcu_head *rcu);

/*
 * Who can give memory back when it is short. @count says how many objects
 * could go (0: none), @scan frees up to @nr and returns how many it freed.
 * Context: process; may sleep as far as @gfp allows.
 */
struct shrinker {
	const char		*name;
	unsigned long		(*count)(struct shrinker *, gfp_t gfp);
	unsigned long		(*scan)(struct shrinker *, unsigned long nr,
					gfp_t gfp);
	struct list_head	node;		/* mm/shrinker.c's */
};
void shrinker_register(struct shrinker *shrinker);
void shrinker_unregister(struct shrinker *shrinker);
/* Ask all of them; @priority 0 asks for everything, 12 for 1/4096. */
unsigned long shrink_all(gfp_t gfp, unsigned int priority);

/*
 * /proc/sys/vm/drop_caches: what can be had again goes, down to the last page
 * in a per-CPU list, so that tests can count pages exactly.
 */
void drop_caches(void);

/* For /proc/slabinfo: call @fn for each cache. */
struct slab_info {
	const char	*name;
	unsigned long	active_objects, total_objects, object_size;
	unsigned int	objects_per_slab, pages_per_slab;
	unsigned long	active_slabs, total_slabs;
};
void slab_for_each_cache(void (*fn)(const struct slab_info *, void *arg),
			 void *arg);

void slab_init(void);
/* Once nr_cpu_ids is final and before other CPUs run. */
void slab_init_cpus(void);
