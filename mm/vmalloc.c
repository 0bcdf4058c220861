/*
 * The vmalloc area: addresses for pages that do not follow each other.
 *
 * Every allocation is an area: a range of addresses, followed by at least one
 * page that stays unmapped. The areas stand in a tree by address, in which
 * each node also knows the gap in front of it and the largest gap in its
 * subtree, so that the lowest gap of a given size is found in O(log n). Low
 * addresses are used again first, which keeps the number of page tables small.
 *
 * An address is free again only when every TLB has forgotten it: unmapping
 * comes before the area leaves the tree.
 *
 * Locking: vmalloc_mutex for the tree. All calls may sleep; vfree() from a
 * context that may not puts the area aside for a work item.
 */
#include <arch/tlb.h>
#include <keel/bug.h>
#include <kernel/mutex.h>
#include <kernel/workqueue.h>
#include <lib/rbtree.h>
#include <mm/early.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "internal.h"

/* One range in use. */
struct vm_area {
	struct rb_node	node;
	unsigned long	start, len;	/* without the guard page */
	unsigned long	gap, max_gap;	/* free bytes in front; of subtree */
	struct page	**pages;	/* ours to free, or NULL */
	unsigned long	nr_pages;
};

/* What vfree() could not do at once: linked through the memory itself. */
struct vfree_later {
	struct vfree_later	*next;
};

static struct rb_root vm_areas = RB_ROOT;
static DEFINE_MUTEX(vmalloc_mutex, RANK_VMALLOC);
static struct kmem_cache *area_cache __ro_after_init;

static struct vfree_later *later;
static DEFINE_SPINLOCK(later_lock, RANK_VMAP);

static inline struct vm_area *area_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vm_area, node);
}

static unsigned long max_gap_of(const struct rb_node *node)
{
	return node ? rb_entry(node, struct vm_area, node)->max_gap : 0;
}

static bool compute_max_gap(struct vm_area *area, bool exit)
{
	unsigned long gap = max(area->gap,
				max_t(unsigned long,
				      max_gap_of(area->node.left),
				      max_gap_of(area->node.right)));

	if (exit && area->max_gap == gap)
		return true;
	area->max_gap = gap;
	return false;
}

RB_DECLARE_CALLBACKS(static, gap_callbacks, struct vm_area, node, max_gap,
		     compute_max_gap);

static unsigned long area_limit(const struct vm_area *area)
{
	return area ? area->start + area->len + PAGE_SIZE :
		      VMALLOC_START + PAGE_SIZE;
}

/* @area's neighbour in front has changed. */
static void update_gap(struct vm_area *area)
{
	if (!area)
		return;
	area->gap = area->start - area_limit(area_of(rb_prev(&area->node)));
	gap_callbacks.propagate(&area->node, NULL);
}

/* The lowest address with @size free bytes behind it, or 0. */
static unsigned long find_gap(unsigned long size)
{
	struct rb_node *node = vm_areas.node;
	unsigned long end;

	if (max_gap_of(node) < size) {
		end = area_limit(area_of(rb_last(&vm_areas)));
		return VMALLOC_END - end >= size ? end : 0;
	}
	for (;;) {
		struct vm_area *area = area_of(node);

		if (max_gap_of(node->left) >= size)
			node = node->left;
		else if (area->gap >= size)
			return area->start - area->gap;
		else
			node = node->right;
	}
}

static void area_insert(struct vm_area *area)
{
	struct rb_node **link = &vm_areas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = area->start < area_of(parent)->start ? &parent->left :
							      &parent->right;
	}
	area->gap = area->max_gap = 0;
	rb_link_node(&area->node, parent, link);
	rb_insert_augmented(&area->node, &vm_areas, &gap_callbacks);
	update_gap(area);
	update_gap(area_of(rb_next(&area->node)));
}

static void area_erase(struct vm_area *area)
{
	struct vm_area *next = area_of(rb_next(&area->node));

	rb_erase_augmented(&area->node, &vm_areas, &gap_callbacks);
	update_gap(next);
}

/* Addresses for @len bytes, nothing mapped yet. NULL if there are none. */
static struct vm_area *area_create(unsigned long len)
{
	struct vm_area *area;

	len = PAGE_ALIGN(len);
	if (!len || len > VMALLOC_END - VMALLOC_START)
		return NULL;
	area = kmem_cache_zalloc(area_cache, GFP_KERNEL);
	if (!area)
		return NULL;
	area->len = len;
	mutex_lock(&vmalloc_mutex);
	area->start = find_gap(len + PAGE_SIZE);
	if (area->start)
		area_insert(area);
	mutex_unlock(&vmalloc_mutex);
	if (!area->start) {
		kmem_cache_free(area_cache, area);
		return NULL;
	}
	return area;
}

/* The area that begins at @addr. */
static struct vm_area *area_lookup(const void *addr)
{
	struct rb_node *node;

	MUTEX_GUARD(&vmalloc_mutex);
	node = vm_areas.node;
	while (node) {
		struct vm_area *area = area_of(node);

		if (area->start == (unsigned long)addr)
			return area;
		node = (unsigned long)addr < area->start ? node->left :
							   node->right;
	}
	return NULL;
}

static void free_pages_array(struct page **pages, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		put_page(pages[i]);
	kvfree(pages);
}

/* Unmap, give the pages back if they are the area's, free the addresses. */
static void area_destroy(struct vm_area *area)
{
	kernel_unmap_range(area->start, area->len);
	if (area->pages) {
		mem_counter_add(MEM_VMALLOC, -(long)area->nr_pages);
		free_pages_array(area->pages, area->nr_pages);
	}
	mutex_lock(&vmalloc_mutex);
	area_erase(area);
	mutex_unlock(&vmalloc_mutex);
	kmem_cache_free(area_cache, area);
}

static struct page **alloc_pages_array(unsigned long nr, gfp_t gfp)
{
	struct page **pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL);
	unsigned long i;

	if (!pages)
		return NULL;
	for (i = 0; i < nr; i++) {
		pages[i] = alloc_page(gfp);
		if (!pages[i]) {
			free_pages_array(pages, i);
			return NULL;
		}
	}
	return pages;
}

static void *vmalloc_gfp(unsigned long size, gfp_t gfp)
{
	unsigned long nr = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct vm_area *area;
	struct page **pages;

	if (!nr || nr > totalram_pages())
		return NULL;
	area = area_create(size);
	if (!area)
		return NULL;
	pages = alloc_pages_array(nr, gfp);
	if (!pages)
		goto destroy_area;
	if (kernel_map_pages(area->start, pages, nr, PROT_KERNEL_RW))
		goto free_array;
	area->pages = pages;
	area->nr_pages = nr;
	mem_counter_add(MEM_VMALLOC, nr);
	return (void *)area->start;

free_array:
	free_pages_array(pages, nr);
destroy_area:
	area_destroy(area);
	return NULL;
}

/* Context: process, may sleep. Return: NULL if there is no memory. */
void *vmalloc(unsigned long size)
{
	return vmalloc_gfp(size, GFP_KERNEL);
}

void *vzalloc(unsigned long size)
{
	return vmalloc_gfp(size, GFP_KERNEL | GFP_ZERO);
}

static void vfree_work_fn(struct work *unused __unused)
{
	struct vfree_later *list;
	unsigned long flags = spin_lock_irqsave(&later_lock);

	list = later;
	later = NULL;
	spin_unlock_irqrestore(&later_lock, flags);
	while (list) {
		struct vfree_later *next = list->next;

		vfree(list);
		list = next;
	}
}

static DEFINE_WORK(vfree_work, vfree_work_fn);

static void vfree_deferred(struct vfree_later *memory)
{
	unsigned long flags = spin_lock_irqsave(&later_lock);

	memory->next = later;
	later = memory;
	spin_unlock_irqrestore(&later_lock, flags);
	schedule_work(&vfree_work);
}

/*
 * Free what vmalloc() gave; NULL is fine.
 * Context: any but NMI; where it may not sleep, it is done a little later.
 */
void vfree(const void *addr)
{
	struct vm_area *area;

	if (!addr)
		return;
	if (in_atomic() || irqs_disabled()) {
		vfree_deferred((void *)addr);
		return;
	}
	area = area_lookup(addr);
	if (!WARN_ON(!area || !area->pages))
		area_destroy(area);
}

/*
 * Map @nr pages, which stay the caller's, at consecutive addresses.
 * Context: process, may sleep. Return: NULL if there is no memory.
 */
void *vmap(struct page **pages, unsigned long nr, pgprot_t prot)
{
	struct vm_area *area = area_create(nr << PAGE_SHIFT);

	if (!area)
		return NULL;
	if (kernel_map_pages(area->start, pages, nr, prot)) {
		area_destroy(area);
		return NULL;
	}
	return (void *)area->start;
}

void vunmap(const void *addr)
{
	struct vm_area *area = area_lookup(addr);

	if (!WARN_ON(!area || area->pages))
		area_destroy(area);
}

static void *map_phys(paddr_t paddr, unsigned long size, pgprot_t prot)
{
	unsigned long offset = PAGE_OFFSET_IN(paddr);
	struct vm_area *area;

	if (!size || paddr + size < paddr || paddr + size > PHYS_ADDR_MAX)
		return NULL;
	area = area_create(offset + size);
	if (!area)
		return NULL;
	if (kernel_map_phys(area->start, paddr - offset, area->len, prot)) {
		area_destroy(area);
		return NULL;
	}
	return (void *)(area->start + offset);
}

/*
 * Make device registers reachable, uncached. Context: process, may sleep.
 * Return: NULL if there is no memory, or if the range is RAM: that has an
 * address already, and two cache policies for one page corrupt it.
 */
void __iomem *ioremap(paddr_t paddr, unsigned long size)
{
	if (mem_is_ram(paddr, size))
		return NULL;
	return (void __iomem *)map_phys(paddr, size, PROT_KERNEL_IO);
}

/* Memory that firmware keeps: cached; by the direct map if it is RAM. */
void *memremap(paddr_t paddr, unsigned long size)
{
	if (mem_is_ram(paddr, 1) && mem_is_ram(paddr + size - 1, 1))
		return __va(paddr);
	return map_phys(paddr, size, PROT_KERNEL_RW);
}

void memunmap(const void *addr)
{
	if (is_vmalloc_addr(addr))
		vunmap((void *)((unsigned long)addr & PAGE_MASK));
}

void iounmap(const volatile void __iomem *addr)
{
	memunmap((const void __force *)addr);
}

/* The page behind @addr; NULL if none. Context: any, for the owner. */
struct page *vmalloc_to_page(const void *addr)
{
	pte_t *pte = kernel_pte_lookup((unsigned long)addr);

	if (!pte || !pte_present(pte_get(pte)) ||
	    !pfn_valid(pte_pfn(pte_get(pte))))
		return NULL;
	return pfn_to_page(pte_pfn(pte_get(pte)));
}

/* After this vmalloc() and ioremap() work; needs slab_init(). */
void __init vmalloc_init(void)
{
	area_cache = kmem_cache_create("vm_area", sizeof(struct vm_area), 0,
				       SLAB_PANIC, NULL);
	kernel_stacks_init();
}
