/*
 * kmalloc(): memory of any size, over slab caches of fixed sizes.
 *
 * Sizes up to 8 KiB have caches: multiples of 32 and powers of two, so that at
 * most a third is wasted. Above, whole pages. kfree() tells them apart by the
 * page: a slab's or not.
 */
#include <keel/bug.h>
#include <kernel/printk.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "slab_internal.h"

#define SMALL_STEP	16
#define SMALL_MAX	256

static const struct {
	unsigned int	size;
	const char	*name;
} kmalloc_sizes[] = {
	{ 16, "kmalloc-16" }, { 32, "kmalloc-32" }, { 48, "kmalloc-48" },
	{ 64, "kmalloc-64" }, { 96, "kmalloc-96" }, { 128, "kmalloc-128" },
	{ 192, "kmalloc-192" }, { 256, "kmalloc-256" }, { 384, "kmalloc-384" },
	{ 512, "kmalloc-512" }, { 768, "kmalloc-768" },
	{ 1024, "kmalloc-1k" }, { 2048, "kmalloc-2k" }, { 4096, "kmalloc-4k" },
	{ KMALLOC_MAX_CACHE, "kmalloc-8k" },
};

/* By (size - 1) / 16, for sizes up to 256. */
static struct kmem_cache *small_caches[SMALL_MAX / SMALL_STEP] __ro_after_init;
/* By the highest bit of size - 1, from 256 up; [1] above the 3/4 sizes. */
static struct kmem_cache *large_caches[14][2] __ro_after_init;

static struct kmem_cache *kmalloc_cache(size_t size)
{
	unsigned int bit;

	if (size <= SMALL_MAX)
		return small_caches[size ? (size - 1) / SMALL_STEP : 0];
	bit = bit_highest(size - 1);
	/* The second highest bit of size - 1 says if 3/4 is enough. */
	return large_caches[bit][(size - 1) >> (bit - 1) & 1];
}

static void *kmalloc_pages(size_t size, gfp_t gfp)
{
	unsigned int order = bit_highest(PFN_UP(size) * 2 - 1);
	struct page *page;

	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	mem_counter_add(MEM_SLAB_UNRECLAIMABLE, 1L << order);
	return page_address(page);
}

/*
 * Allocate @size bytes, aligned to 16 (powers of two: to their size).
 * Context: any, as @gfp says. Return: NULL if there is no memory.
 */
void *kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size > KMALLOC_MAX_CACHE))
		return kmalloc_pages(size, gfp);
	return kmem_cache_alloc(kmalloc_cache(size), gfp);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | GFP_BIT_ZERO);
}

/* Free what kmalloc() or kmem_cache_alloc() gave, or NULL. Context: any. */
void kfree(const void *ptr)
{
	struct page *page;

	if (!ptr)
		return;
	page = page_head(virt_to_page(ptr));
	if (likely(page_test(page, PG_SLAB))) {
		kmem_cache_free(page->slab_cache, (void *)ptr);
		return;
	}
	ASSERT(page_address(page) == ptr);
	mem_counter_add(MEM_SLAB_UNRECLAIMABLE, -(1L << page_order(page)));
	put_page(page);
}

/*
 * The callback of kfree_rcu(): @rcu is somewhere in the object to be freed.
 * Context: softirq.
 */
void kfree_rcu_callback(struct rcu_head *rcu)
{
	struct page *page = page_head(virt_to_page(rcu));
	char *start = page_address(page);

	if (page_test(page, PG_SLAB)) {
		unsigned int size = page->slab_cache->size;

		start += ((char *)rcu - start) / size * size;
	}
	kfree(start);
}

size_t ksize(const void *ptr)
{
	struct page *page;

	if (!ptr)
		return 0;
	page = page_head(virt_to_page(ptr));
	if (page_test(page, PG_SLAB))
		return page->slab_cache->object_size;
	return PAGE_SIZE << page_order(page);
}

/*
 * Change the size of @ptr's memory, moving it if it must. Return: NULL, and
 * @ptr stays as it is, if there is no memory.
 */
void *krealloc(void *ptr, size_t size, gfp_t gfp)
{
	size_t old = ksize(ptr);
	void *new;

	if (ptr && size <= old && size > old / 4)
		return ptr;
	new = kmalloc(size, gfp);
	if (new && ptr) {
		memcpy(new, ptr, min(old, size));
		kfree(ptr);
	}
	return new;
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *copy = kmalloc(len, gfp);

	return copy ? memcpy(copy, src, len) : NULL;
}

/* At most @max characters of @s, terminated. */
char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t len = strnlen(s, max);
	char *copy = kmalloc(len + 1, gfp);

	if (!copy)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kmemdup(s, strlen(s) + 1, gfp);
}

/* A string as printf() would print it. NULL if there is no memory. */
char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *s;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	s = kmalloc(len + 1, gfp);
	if (!s)
		return NULL;
	va_start(args, fmt);
	vsnprintf(s, len + 1, fmt, args);
	va_end(args);
	return s;
}

/* Contiguous if that is easy, else by vmalloc(). Context: may sleep. */
void *kvmalloc(size_t size, gfp_t gfp)
{
	void *ptr = NULL;

	if (size <= KMALLOC_MAX_CACHE)
		return kmalloc(size, gfp);
	if (size <= KMALLOC_MAX_SIZE)
		ptr = kmalloc(size, gfp | GFP_NORETRY | GFP_NOWARN);
	if (ptr)
		return ptr;
	return gfp & GFP_BIT_ZERO ? vzalloc(size) : vmalloc(size);
}

void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | GFP_BIT_ZERO);
}

void *kvcalloc(size_t nr, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(nr, size, &bytes))
		return NULL;
	return kvzalloc(bytes, gfp);
}

void kvfree(const void *ptr)
{
	if (is_vmalloc_addr(ptr))
		vfree(ptr);
	else
		kfree(ptr);
}

static void __init add_size(struct kmem_cache *cache, unsigned int size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(small_caches); i++)
		if (!small_caches[i] && (i + 1) * SMALL_STEP <= size)
			small_caches[i] = cache;
	for (unsigned int bit = 8; bit < ARRAY_SIZE(large_caches); bit++) {
		if (!large_caches[bit][0] && size >= 3U << (bit - 1))
			large_caches[bit][0] = cache;
		if (!large_caches[bit][1] && size >= 2U << bit)
			large_caches[bit][1] = cache;
	}
}

/* In ascending order: each size takes what no smaller one has taken. */
void __init kmalloc_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++) {
		unsigned int size = kmalloc_sizes[i].size;
		unsigned int align = size & -size;

		add_size(kmem_cache_create(kmalloc_sizes[i].name, size,
					   min(align, 4096U), SLAB_PANIC, NULL),
			 size);
	}
}
