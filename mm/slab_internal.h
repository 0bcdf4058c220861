/*
 * What the slab allocator's files share: mm/slab.c (caches), mm/kmalloc.c
 * (sizes) and mm/slab_info.c (reports).
 */
#pragma once

#include <keel/list.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <mm/slab.h>

/* Sizes chosen so that a magazine is 64, 192 or 512 bytes. */
#define NR_MAGAZINE_SIZES	3
extern const unsigned int magazine_capacity[NR_MAGAZINE_SIZES];

/* Free objects one CPU has at hand. Touched by that CPU, interrupts off. */
struct kmem_magazine {
	unsigned int		nr, max;
	void			*objects[];
};

/* Field protection:  [C] constant  [L] lock  [M] slab_mutex, RCU to read */
struct kmem_cache {
	/* Each CPU's, or NULL. [C] */
	struct kmem_magazine	**magazines;
	unsigned int		size;		/* [C] from object to object */
	unsigned int		object_size;	/* [C] what was asked for */
	unsigned int		flags;		/* [C] SLAB_* */
	unsigned int		link_offset;	/* [C] of the free link */
	unsigned int		order;		/* [C] pages per slab */
	unsigned int		nr_objects;	/* [C] per slab */
	void			(*ctor)(void *);	/* [C] */
	const char		*name;		/* [C] */
	struct kmem_cache	*magazine_cache; /* [C] NULL: has none */
	unsigned int		magazine_max;	/* [C] */

	struct spinlock		lock;
	struct list_head	partial;	/* [L] slabs with room */
	unsigned long		nr_slabs;	/* [L] */
	unsigned int		nr_empty;	/* [L] of those, all free */

	struct list_head	node;		/* [M] slab_caches */
	struct kmem_magazine	*boot_magazine;	/* before CPUs are known */
};

extern struct list_head slab_caches;
extern struct mutex slab_mutex;

/* The bytes of a free object, and of one just handed out, in debug builds. */
#define SLAB_POISON_FREE	0x6b
#define SLAB_POISON_END		0xa5

#ifdef DEBUG
/* May the content change while the object is free? */
static inline bool slab_poisons(const struct kmem_cache *cache)
{
	return !cache->ctor && !(cache->flags & SLAB_TYPESAFE_BY_RCU);
}

static inline void slab_poison(const struct kmem_cache *cache, void *object)
{
	if (slab_poisons(cache))
		memset(object, SLAB_POISON_FREE, cache->object_size);
}

/* Nobody wrote to the object while it was free; the link is not looked at. */
static inline void slab_check_poison(const struct kmem_cache *cache,
				     void *object)
{
	char *start = (char *)object + sizeof(void *);

	if (!slab_poisons(cache) || cache->object_size <= sizeof(void *))
		return;
	if (memchr_inv(start, SLAB_POISON_FREE,
		       cache->object_size - sizeof(void *)))
		panic("slab: %s object %p was written to after it was freed",
		      cache->name, object);
	memset(object, SLAB_POISON_END, cache->object_size);
}
#else
static inline void slab_poison(const struct kmem_cache *cache __unused,
			       void *object __unused) { }
static inline void slab_check_poison(const struct kmem_cache *cache __unused,
				     void *object __unused) { }
#endif

/* mm/kmalloc.c */
void kmalloc_init(void);
