/*
 * The page allocator, the slab caches and vmalloc, from the inside: nothing is
 * lost, nothing overlaps, and running out is survived.
 */
#include <kernel/rcu.h>
#include <kernel/selftest.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

static unsigned long free_now(void)
{
	drop_caches();
	return nr_free_pages();
}

KERNEL_TEST(page_alloc_blocks_are_aligned_and_return)
{
	unsigned long before = free_now();

	for (unsigned int order = 0; order <= MAX_ORDER; order++) {
		struct page *page = alloc_pages(GFP_KERNEL | GFP_NOWARN,
						order);

		if (!page)
			continue;
		EXPECT_EQ(page_to_pfn(page) & ((1UL << order) - 1), 0);
		EXPECT_EQ(page_order(page), order);
		EXPECT_EQ(page_count(page), 1);
		if (order)
			EXPECT_EQ(page_head(page + 1), page);
		put_page(page);
	}
	EXPECT(free_now() >= before);
}

KERNEL_TEST(page_alloc_exact_gives_the_rest_back)
{
	unsigned long before = free_now();
	struct page *pages = alloc_pages_exact(GFP_KERNEL, 5);

	if (!EXPECT(pages != NULL))
		return;
	drain_all_pages();
	EXPECT_EQ(nr_free_pages(), before - 5);
	free_pages_exact(pages, 5);
	EXPECT(free_now() >= before);
}

KERNEL_TEST(page_alloc_survives_exhaustion)
{
	unsigned long before = free_now(), taken = 0;
	struct page *list = NULL, *page;
	unsigned long refused = 0;

	while ((page = alloc_page(GFP_NOWAIT))) {
		page->next_free = list;
		list = page;
		taken++;
	}
	EXPECT(taken > before / 2);
	/* What is kept back is there for who cannot wait. */
	page = alloc_page(GFP_ATOMIC | GFP_NOWARN);
	if (EXPECT(page != NULL))
		put_page(page);
	for (unsigned int order = 1; order <= MAX_ORDER; order++)
		refused += !alloc_pages(GFP_NOWAIT, order);
	EXPECT_EQ(refused, MAX_ORDER);
	while ((page = list)) {
		list = page->next_free;
		put_page(page);
	}
	EXPECT(free_now() >= before);
}

KERNEL_TEST(page_alloc_zeroes_when_asked)
{
	unsigned char *page;

	for (int i = 0; i < 50; i++) {
		page = get_free_page(GFP_KERNEL);
		memset(page, 0xff, PAGE_SIZE);
		free_page(page);
		page = get_zeroed_page(GFP_KERNEL);
		EXPECT_EQ(memchr_inv(page, 0, PAGE_SIZE), NULL);
		free_page(page);
	}
}

KERNEL_TEST(kmalloc_objects_do_not_overlap)
{
	static unsigned char *objects[300];
	unsigned long before = free_now();

	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = kmalloc(i * 37 + 1, GFP_KERNEL);
		EXPECT(objects[i] && ksize(objects[i]) >= i * 37 + 1);
		memset(objects[i], i, i * 37 + 1);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++) {
		EXPECT_EQ(memchr_inv(objects[i], i & 0xff, i * 37 + 1), NULL);
		kfree(objects[i]);
	}
	EXPECT(free_now() >= before);
}

KERNEL_TEST(kmalloc_refuses_what_cannot_be)
{
	EXPECT_EQ(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | GFP_NOWARN),
		  NULL);
	EXPECT_EQ(kmalloc(~0UL, GFP_KERNEL | GFP_NOWARN), NULL);
	EXPECT_EQ(kmalloc_array(~0UL / 2, 4, GFP_KERNEL), NULL);
	EXPECT_EQ(vmalloc(1UL << 45), NULL);
}

KERNEL_TEST(krealloc_keeps_the_content)
{
	char *s = kstrdup("content", GFP_KERNEL);

	s = krealloc(s, 5000, GFP_KERNEL);
	EXPECT(s && strcmp(s, "content") == 0);
	s = krealloc(s, 20000, GFP_KERNEL);
	EXPECT(s && strcmp(s, "content") == 0);
	kfree(s);
}

static unsigned int constructed;

static void construct(void *object)
{
	constructed++;
	*(unsigned long *)object = 0x1234;
}

KERNEL_TEST(slab_constructor_runs_once_per_object)
{
	struct kmem_cache *cache;
	unsigned long *object;

	cache = kmem_cache_create("test_ctor", 40, 0, 0, construct);
	if (!EXPECT(cache != NULL))
		return;
	for (int i = 0; i < 1000; i++) {
		object = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_EQ(*object, 0x1234);
		kmem_cache_free(cache, object);
	}
	EXPECT(constructed > 0 && constructed < 1000);
	kmem_cache_destroy(cache);
}

struct with_rcu {
	long		payload[20];
	struct rcu_head	rcu;
};

KERNEL_TEST(kfree_rcu_finds_the_object)
{
	unsigned long before = free_now();

	for (int i = 0; i < 500; i++) {
		struct with_rcu *object = kmalloc(sizeof(*object), GFP_KERNEL);

		if (EXPECT(object != NULL))
			kfree_rcu(object, rcu);
	}
	EXPECT(free_now() >= before);
}

KERNEL_TEST(vmalloc_has_guards_and_reuses_low_addresses)
{
	unsigned long before = free_now();
	char *a = vmalloc(3 * PAGE_SIZE), *b = vmalloc(PAGE_SIZE), *c;

	if (!EXPECT(a && b))
		return;
	memset(a, 1, 3 * PAGE_SIZE);
	EXPECT(!kernel_addr_mapped((unsigned long)a + 3 * PAGE_SIZE));
	EXPECT(!kernel_addr_mapped((unsigned long)a - 1));
	vfree(a);
	EXPECT(!kernel_addr_mapped((unsigned long)a));
	c = vmalloc(2 * PAGE_SIZE);
	EXPECT_EQ(c, a);
	vfree(c);
	vfree(b);
	EXPECT(free_now() >= before);
}

KERNEL_TEST(kernel_stacks_fault_below_themselves)
{
	unsigned long before = free_now();
	char *stack = kernel_stack_alloc();

	if (!EXPECT(stack != NULL))
		return;
	EXPECT(kernel_stack_guard_hit((unsigned long)stack - 8));
	EXPECT(!kernel_stack_guard_hit((unsigned long)stack));
	kernel_stack_free(stack);
	EXPECT(free_now() >= before);
}

/* Nothing may be writable and executable at once, nor twice differently. */
KERNEL_TEST(kernel_image_is_not_writable_in_the_direct_map)
{
	unsigned long text = (unsigned long)drop_caches;
	pte_t *pte = kernel_pte_lookup(text);
	pte_t *alias = kernel_pte_lookup((unsigned long)__va(__pa(text)));

	paging_protect_image();
	if (!EXPECT(pte && alias))
		return;
	EXPECT(!pte_write(pte_get(pte)));
	EXPECT(!pte_write(pte_get(alias)));
	if (pte_supported_mask & PTE_NX)
		EXPECT(pte_get(alias) & PTE_NX);
}
