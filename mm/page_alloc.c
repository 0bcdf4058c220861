/*
 * The page allocator: buddies, with a per-CPU list in front.
 *
 * A zone keeps its free memory as blocks of 2^order pages, each aligned to its
 * size, in one list per order. The block that differs from another of its
 * order only in bit `order` of its frame number is its buddy: together they
 * make one of the next order. Allocating splits a larger block, freeing merges
 * with a free buddy, so that memory comes together again by itself. Whether a
 * buddy is free is read off its struct page: PG_BUDDY, and the same order.
 *
 * Nearly all requests are for one page, and merging and splitting blocks for
 * each would cost more than the rest of a page fault. So single pages travel in
 * chains of CHAIN_PAGES: each CPU allocates from and frees to a chain of its
 * own, with interrupts off and no lock, keeps a few full ones, and exchanges
 * whole chains with a common pool. Only where the pool is empty are chains cut
 * from blocks, and only when a block is wanted and there is none, or the pool
 * holds too much, are they taken apart and merged.
 *
 * A zone does not give out its last pages to just anyone: `reserve` are for
 * who cannot wait, and the last of them for a task being killed for its
 * memory.
 *
 * Locking: interrupts off (interrupt handlers allocate); pool.lock and a
 * zone's lock are never held together.
 */
#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <arch/smp.h>
#include <keel/boot_info.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"

#define LOG_PREFIX "mm"

#define CHAIN_ORDER	5
#define CHAIN_PAGES	(1U << CHAIN_ORDER)
#define RECLAIM_ROUNDS	4

struct zone {
	struct spinlock		lock;
	struct list_head	free[MAX_ORDER + 1];	/* [lock] */
	unsigned long		nr_free;	/* [lock] pages in the lists */
	unsigned long		managed;	/* pages ever handed to it */
	unsigned long		reserve;	/* kept from the patient */
};

/*
 * One CPU's single pages: a chain in use, linked by next_free, and full ones,
 * whose first pages are linked by next_chain. No link leads back here, so that
 * the area can be copied.
 */
struct page_pcp {
	struct page		*list;
	unsigned int		nr;
	unsigned int		nr_chains;
	struct page		*chains;
};

static struct zone zones[NR_ZONES];
static unsigned int pcp_max_chains = 1;
static DEFINE_PER_CPU(struct page_pcp, page_pcp);

/* Full chains that no CPU keeps. */
static struct {
	struct spinlock		lock;
	struct page		*chains;	/* [lock] by next_chain */
	unsigned long		nr, max;	/* [lock] chains */
} pool = { .lock = SPINLOCK_INIT("page_pool", RANK_PAGE_ZONE) };

static struct zone *page_zone(const struct page *page)
{
	return &zones[page_to_pfn(page) >= PFN_DOWN(4UL << 30)];
}

/* Is @page the first of a free block of @order? Zone lock held. */
static bool is_free_block(const struct page *page, unsigned int order)
{
	return page_test(page, PG_BUDDY) && page->order == order;
}

static void block_add(struct zone *zone, struct page *page, unsigned int order)
{
	page->flags = BIT(PG_BUDDY);
	page->order = order;
	list_add(&page->buddy_list, &zone->free[order]);
}

static void block_remove(struct page *page)
{
	list_del(&page->buddy_list);
	page->flags = 0;
}

/* Give a block back, merging as far up as possible. Zone lock held. */
static void zone_free(struct zone *zone, struct page *page, unsigned int order)
{
	pfn_t pfn = page_to_pfn(page);

	zone->nr_free += 1UL << order;
	while (order < MAX_ORDER) {
		struct page *buddy = pfn_to_page(pfn ^ (1UL << order));

		if (!is_free_block(buddy, order))
			break;
		block_remove(buddy);
		pfn &= ~(1UL << order);
		order++;
	}
	block_add(zone, pfn_to_page(pfn), order);
}

/* How many pages @gfp must leave in @zone. */
static unsigned long zone_keeps(const struct zone *zone, gfp_t gfp)
{
	if (gfp & GFP_BIT_MEMALLOC)
		return 0;
	return gfp & GFP_BIT_RESERVE ? zone->reserve / 4 : zone->reserve;
}

/* The order of the smallest free block; MAX_ORDER + 1 if there is none. */
static unsigned int smallest_order(const struct zone *zone)
{
	unsigned int order = 0;

	while (order <= MAX_ORDER && list_empty(&zone->free[order]))
		order++;
	return order;
}

/* A block of @order, or NULL. Zone lock held. */
static struct page *zone_alloc(struct zone *zone, gfp_t gfp,
			       unsigned int order)
{
	struct page *page;
	unsigned int o;

	if (zone->nr_free < zone_keeps(zone, gfp) + (1UL << order))
		return NULL;
	for (o = order; o <= MAX_ORDER; o++)
		if (!list_empty(&zone->free[o]))
			break;
	if (o > MAX_ORDER)
		return NULL;
	page = list_first_entry(&zone->free[o], struct page, buddy_list);
	block_remove(page);
	while (o > order) {
		o--;
		block_add(zone, page + (1UL << o), o);
	}
	zone->nr_free -= 1UL << order;
	return page;
}

static unsigned int first_zone(gfp_t gfp)
{
	return gfp & GFP_BIT_DMA32 ? ZONE_DMA32 : ZONE_NORMAL;
}

/* A block from the first zone that has one, from the highest down. */
static struct page *zones_alloc(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	for (int z = first_zone(gfp); z >= 0 && !page; z--) {
		SPIN_GUARD_IRQSAVE(&zones[z].lock);
		page = zone_alloc(&zones[z], gfp, order);
	}
	return page;
}

/* Link the pages of a block of @order in front of @pcp's list. */
static void chain_add_block(struct page_pcp *pcp, struct page *page,
			    unsigned int order)
{
	unsigned int nr = 1U << order;

	for (unsigned int i = 0; i < nr - 1; i++)
		page[i].next_free = &page[i + 1];
	page[nr - 1].next_free = pcp->list;
	pcp->list = page;
	pcp->nr += nr;
}

/*
 * Fill this CPU's chain, which is empty, from blocks: the smallest there are,
 * so that odd pages go first. Interrupts are off.
 */
static void pcp_refill(struct page_pcp *pcp, gfp_t gfp)
{
	for (int z = first_zone(gfp); z >= 0 && !pcp->nr; z--) {
		struct zone *zone = &zones[z];

		SPIN_GUARD(&zone->lock);
		while (pcp->nr < CHAIN_PAGES) {
			unsigned int order = smallest_order(zone);
			struct page *page;

			order = min(order, bit_highest(CHAIN_PAGES - pcp->nr));
			page = zone_alloc(zone, gfp, order);
			if (!page && order)
				page = zone_alloc(zone, gfp, order = 0);
			if (!page)
				break;
			chain_add_block(pcp, page, order);
		}
	}
}

/* A full chain from this CPU's or the common store, or from blocks. */
static noinline void pcp_next_chain(struct page_pcp *pcp, gfp_t gfp)
{
	struct page *chain = pcp->chains;

	if (chain) {
		pcp->chains = chain->next_chain;
		pcp->nr_chains--;
	} else if (READ_ONCE(pool.nr)) {
		SPIN_GUARD(&pool.lock);
		chain = pool.chains;
		if (chain) {
			pool.chains = chain->next_chain;
			pool.nr--;
		}
	}
	if (!chain) {
		pcp_refill(pcp, gfp);
		return;
	}
	pcp->list = chain;
	pcp->nr = CHAIN_PAGES;
}

/* One page from this CPU's chain, or NULL. Context: any. */
static inline struct page *pcp_alloc(gfp_t gfp)
{
	unsigned long flags = local_irq_save();
	struct page_pcp *pcp = this_cpu_ptr(&page_pcp);
	struct page *page;

	if (unlikely(!pcp->nr))
		pcp_next_chain(pcp, gfp);
	page = pcp->list;
	if (likely(page)) {
		pcp->list = page->next_free;
		pcp->nr--;
	}
	local_irq_restore(flags);
	return page;
}

/* Give the pages of a list back to their zones. Interrupts are off. */
static void list_to_zones(struct page *list)
{
	while (list) {
		struct zone *zone = page_zone(list);

		SPIN_GUARD(&zone->lock);
		while (list && page_zone(list) == zone) {
			struct page *page = list;

			list = page->next_free;
			zone_free(zone, page, 0);
		}
	}
}

/* The chain is full: set it aside. Interrupts are off. */
static noinline void pcp_chain_full(struct page_pcp *pcp)
{
	struct page *chain = pcp->list;

	pcp->list = NULL;
	pcp->nr = 0;
	if (pcp->nr_chains < pcp_max_chains) {
		chain->next_chain = pcp->chains;
		pcp->chains = chain;
		pcp->nr_chains++;
		return;
	}
	spin_lock(&pool.lock);
	if (pool.nr < pool.max) {
		chain->next_chain = pool.chains;
		pool.chains = chain;
		pool.nr++;
		chain = NULL;
	}
	spin_unlock(&pool.lock);
	list_to_zones(chain);
}

/* Take all chains of the pool apart. Context: any. */
static void drain_pool(void)
{
	struct page *chains, *next;
	unsigned long flags = spin_lock_irqsave(&pool.lock);

	chains = pool.chains;
	pool.chains = NULL;
	pool.nr = 0;
	spin_unlock_irqrestore(&pool.lock, flags);
	for (; chains; chains = next) {
		next = chains->next_chain;
		flags = local_irq_save();
		list_to_zones(chains);
		local_irq_restore(flags);
	}
}

static inline void pcp_free(struct page_pcp *pcp, struct page *page)
{
	page->next_free = pcp->list;
	pcp->list = page;
	if (unlikely(++pcp->nr == CHAIN_PAGES))
		pcp_chain_full(pcp);
}

/* Forget all about the page's last use; the head of a block says its order. */
static void prep_new_pages(struct page *page, gfp_t gfp, unsigned int order)
{
	page->mapping = 0;
	page->order = order;
	page->flags = order ? BIT(PG_HEAD) : 0;
	for (unsigned int i = 1; i < 1U << order; i++) {
		page[i].flags = BIT(PG_TAIL);
		page[i].head = page;
		atomic_long_set(&page[i].counts, 0);
	}
	/* Last: from here on get_page_unless_zero() succeeds. */
	smp_store_release(&page->counts.counter, 1);
	if (gfp & GFP_BIT_ZERO)
		for (unsigned int i = 0; i < 1U << order; i++)
			clear_page(page_address(page + i));
}

static struct page *try_alloc(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (order == 0 && !(gfp & GFP_BIT_DMA32))
		return pcp_alloc(gfp);
	page = zones_alloc(gfp, order);
	if (unlikely(!page) && READ_ONCE(pool.nr)) {
		drain_pool();
		page = zones_alloc(gfp, order);
	}
	return page;
}

static void warn_no_memory(gfp_t gfp, unsigned int order)
{
	if (gfp & GFP_BIT_NOWARN)
		return;
	pr_warn_ratelimited("no block of order %u (gfp %#x), %lu pages free",
			    order, gfp, nr_free_pages());
}

/*
 * The first try found nothing. Ask everyone who keeps something in reserve to
 * give it back, with more emphasis each round.
 */
static noinline struct page *alloc_pages_slow(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (in_task() && oom_current_is_victim())
		gfp |= GFP_BIT_MEMALLOC;
	page = try_alloc(gfp | (order ? 0 : GFP_BIT_NOWARN), order);
	if (page || !gfp_may_sleep(gfp) || in_atomic())
		goto out;
	for (unsigned int round = 0; !page && round < RECLAIM_ROUNDS; round++) {
		unsigned int priority = 12 / (round + 1) - 3;

		if (!shrink_all(gfp, priority) && round > 0 &&
		    (gfp & GFP_BIT_NORETRY))
			break;
		slab_drain_all();
		drain_all_pages();
		page = try_alloc(gfp, order);
	}
out:
	if (!page)
		warn_no_memory(gfp, order);
	return page;
}

/* The same for one page, which is the usual case. */
static inline void prep_new_page(struct page *page, gfp_t gfp)
{
	page->mapping = 0;
	page->order = 0;
	page->flags = 0;
	smp_store_release(&page->counts.counter, 1);
	if (gfp & GFP_BIT_ZERO)
		clear_page(page_address(page));
}

/*
 * Allocate 2^@order pages that follow each other, aligned to their size. The
 * first (the head of the block) has one reference.
 * Context: any, as @gfp says. Return: NULL if there is no memory.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (likely(order == 0 && !(gfp & GFP_BIT_DMA32))) {
		page = pcp_alloc(gfp);
		if (likely(page)) {
			prep_new_page(page, gfp);
			return page;
		}
	} else {
		if (WARN_ON(order > MAX_ORDER))
			return NULL;
		page = try_alloc(gfp, order);
	}
	if (unlikely(!page))
		page = alloc_pages_slow(gfp, order);
	if (page)
		prep_new_pages(page, gfp, order);
	return page;
}

/* Back to where it came from; @page has no references. */
static void free_block(struct page *page, unsigned int order)
{
	unsigned long flags = local_irq_save();

	page->mapping = 0;
	page->flags = 0;
	if (order == 0) {
		struct page_pcp *pcp = this_cpu_ptr(&page_pcp);

		pcp_free(pcp, page);
	} else {
		struct zone *zone = page_zone(page);

		for (unsigned int i = 1; i < 1U << order; i++)
			page[i].flags = 0;
		spin_lock(&zone->lock);
		zone_free(zone, page, order);
		spin_unlock(&zone->lock);
	}
	local_irq_restore(flags);
}

/* The last put_page(). Context: any. */
void page_free_last_ref(struct page *page)
{
	DEBUG_ASSERT(!page_test(page, PG_BUDDY) && !page_test(page, PG_TAIL));
	DEBUG_ASSERT(page_mapcount(page) == 0 || page_test(page, PG_TABLE));
	free_block(page, page_order(page));
}

/*
 * Drop the caller's reference to a block of alloc_pages(). @order must be
 * what was asked for. Context: any.
 */
void free_pages(struct page *page, unsigned int order)
{
	DEBUG_ASSERT(page_order(page) == order);
	put_page(page);
}

/*
 * Free pages whose last reference has gone already, in one go: for the gather
 * that tears down page tables. Context: any.
 */
void free_page_batch(struct page **pages, unsigned int nr)
{
	unsigned long flags = local_irq_save();
	struct page_pcp *pcp = this_cpu_ptr(&page_pcp);

	for (unsigned int i = 0; i < nr; i++) {
		DEBUG_ASSERT(page_mapcount(pages[i]) == 0);
		pages[i]->mapping = 0;
		pages[i]->flags = 0;
		pcp_free(pcp, pages[i]);
	}
	local_irq_restore(flags);
}

/*
 * Up to @nr single pages into @pages, for who can use any number of them.
 * Return: how many.
 */
unsigned int alloc_page_batch(gfp_t gfp, unsigned int nr, struct page **pages)
{
	unsigned int done;

	for (done = 0; done < nr; done++) {
		pages[done] = alloc_page(gfp);
		if (!pages[done])
			break;
	}
	return done;
}

/* One page by its address. free_page() takes it back. */
void *get_free_page(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	return page ? page_address(page) : NULL;
}

void *get_zeroed_page(gfp_t gfp)
{
	return get_free_page(gfp | GFP_BIT_ZERO);
}

void free_page(void *addr)
{
	if (addr)
		put_page(virt_to_page(addr));
}

/*
 * @nr pages that follow each other, where rounding up to a power of two would
 * waste too much. Each is a page of its own. NULL if there is no memory.
 */
struct page *alloc_pages_exact(gfp_t gfp, unsigned long nr)
{
	unsigned int order = nr > 1 ? bit_highest(nr - 1) + 1 : 0;
	struct page *page;

	if (order > MAX_ORDER)
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	for (unsigned long i = 0; i < 1UL << order; i++) {
		page[i].flags = 0;
		page[i].order = 0;
		page[i].mapping = 0;
		atomic_long_set(&page[i].counts, 1);
	}
	for (unsigned long i = nr; i < 1UL << order; i++)
		put_page(page + i);
	return page;
}

void free_pages_exact(struct page *page, unsigned long nr)
{
	for (unsigned long i = 0; i < nr; i++)
		put_page(page + i);
}

/* Context: process or interrupt; this CPU's chains become empty. */
void drain_local_pages(void)
{
	unsigned long flags = local_irq_save();
	struct page_pcp *pcp = this_cpu_ptr(&page_pcp);
	struct page *list = pcp->list, *chains = pcp->chains;

	*pcp = (struct page_pcp){ .list = NULL };
	list_to_zones(list);
	while ((list = chains)) {
		chains = list->next_chain;
		list_to_zones(list);
	}
	local_irq_restore(flags);
}

static void drain_one_cpu(void *unused __unused)
{
	drain_local_pages();
}

/* Empty the lists of all CPUs. Context: process, interrupts on. */
void drain_all_pages(void)
{
	on_each_cpu(drain_one_cpu, NULL, true);
	drain_pool();
}

unsigned long totalram_pages(void)
{
	unsigned long pages = 0;

	for (unsigned int z = 0; z < NR_ZONES; z++)
		pages += zones[z].managed;
	return pages;
}

/* Free pages, those in chains included. Racy by nature. */
unsigned long nr_free_pages(void)
{
	unsigned long pages = 0;
	unsigned int cpu;

	for (unsigned int z = 0; z < NR_ZONES; z++)
		pages += READ_ONCE(zones[z].nr_free);
	for_each_online_cpu(cpu) {
		struct page_pcp *pcp = per_cpu_ptr(&page_pcp, cpu);

		pages += READ_ONCE(pcp->nr) +
			 READ_ONCE(pcp->nr_chains) * CHAIN_PAGES;
	}
	return pages + READ_ONCE(pool.nr) * CHAIN_PAGES;
}

/* What the patient must leave behind, over all zones. */
unsigned long nr_reserved_pages(void)
{
	return zones[ZONE_DMA32].reserve + zones[ZONE_NORMAL].reserve;
}

/* The reserve follows from how much there is. */
static void zone_resize(struct zone *zone)
{
	zone->reserve = min_t(unsigned long, zone->managed / 128, 2048);
}

/*
 * Free frames [start, end), which belong to nobody and whose struct pages are
 * zero or freed. Used by boot, and for memory that boot no longer needs.
 */
void buddy_add_range(pfn_t start, pfn_t end)
{
	unsigned long total;

	while (start < end) {
		struct page *page = pfn_to_page(start);
		struct zone *zone = page_zone(page);
		unsigned int order = start ? bit_lowest(start) : MAX_ORDER;

		order = min_t(unsigned int, order, MAX_ORDER);
		while (start + (1UL << order) > end)
			order--;
		SPIN_GUARD_IRQSAVE(&zone->lock);
		zone_free(zone, page, order);
		zone->managed += 1UL << order;
		zone_resize(zone);
		start += 1UL << order;
	}
	total = totalram_pages();
	pcp_max_chains = clamp(total / 16384, 1UL, 8UL);
	pool.max = total / 4 / CHAIN_PAGES;
}

/* Empty zones, before anything is added to them. */
void __init page_alloc_init(void)
{
	for (unsigned int z = 0; z < NR_ZONES; z++) {
		spin_lock_init(&zones[z].lock, "zone", RANK_PAGE_ZONE);
		for (unsigned int o = 0; o <= MAX_ORDER; o++)
			list_init(&zones[z].free[o]);
	}
}
