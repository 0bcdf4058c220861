/*
 * Building the user half of page tables.
 *
 * Tables are made on the way down, when the first page below them is mapped.
 * A table that is freed is empty, which is to say full of zeros, exactly as a
 * new one must be: so each CPU keeps a few for the next user, saving half a
 * thousand stores each. The same goes for top-level tables, whose kernel half
 * is the same in all of them.
 */
#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <arch/smp.h>
#include <keel/err.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/slab.h>

#include "internal.h"

#define TABLES_PER_CPU	16
#define PGDS_PER_CPU	4

struct table_cache {
	struct page	*tables, *pgds;
	unsigned int	nr_tables, nr_pgds;
};

static DEFINE_PER_CPU(struct table_cache, table_cache);

static struct page *cache_pop(struct page **list, unsigned int *nr)
{
	struct page *page = *list;

	if (page) {
		*list = page->next_table;
		--*nr;
	}
	return page;
}

static bool cache_push(struct page **list, unsigned int *nr, unsigned int max,
		       struct page *page)
{
	if (*nr >= max)
		return false;
	page->next_table = *list;
	*list = page;
	++*nr;
	return true;
}

/*
 * A zeroed table with its lock ready. Context: process, may sleep.
 * Return: NULL if there is no memory.
 */
struct page *table_page_alloc(void)
{
	unsigned long flags = local_irq_save();
	struct table_cache *cache = this_cpu_ptr(&table_cache);
	struct page *page = cache_pop(&cache->tables, &cache->nr_tables);

	local_irq_restore(flags);
	if (!page) {
		page = alloc_page(GFP_KERNEL | GFP_ACCOUNT | GFP_ZERO |
				  GFP_NOWARN);
		if (!page)
			return NULL;
		page->flags |= BIT(PG_TABLE);
		spin_lock_init(&page->table_lock, "page_table",
			       RANK_PAGE_TABLE);
	}
	mem_counter_inc(MEM_PAGE_TABLES);
	return page;
}

/* Free a table, which is empty and no CPU walks any more. Context: any. */
void table_page_free(struct page *page)
{
	unsigned long flags = local_irq_save();
	struct table_cache *cache = this_cpu_ptr(&table_cache);
	bool kept = cache_push(&cache->tables, &cache->nr_tables,
			       TABLES_PER_CPU, page);

	local_irq_restore(flags);
	mem_counter_dec(MEM_PAGE_TABLES);
	if (!kept)
		put_page(page);
}

/* The same for a list linked by next_table. */
void table_pages_free(struct page *list)
{
	while (list) {
		struct page *next = list->next_table;

		table_page_free(list);
		list = next;
	}
}

/* A top-level table with an empty user half; NULL if there is no memory. */
pgd_t *mm_pgd_alloc(void)
{
	unsigned long flags = local_irq_save();
	struct table_cache *cache = this_cpu_ptr(&table_cache);
	struct page *page = cache_pop(&cache->pgds, &cache->nr_pgds);

	local_irq_restore(flags);
	return page ? page_address(page) : pgd_alloc();
}

/* @pgd's user half is empty again. Context: any. */
void mm_pgd_free(pgd_t *pgd)
{
	unsigned long flags = local_irq_save();
	struct table_cache *cache = this_cpu_ptr(&table_cache);
	bool kept = cache_push(&cache->pgds, &cache->nr_pgds, PGDS_PER_CPU,
			       virt_to_page(pgd));

	local_irq_restore(flags);
	if (!kept)
		pgd_free(pgd);
}

/* Give this CPU's spare tables back. Interrupts are off. */
static void drain_one_cpu(void *unused __unused)
{
	struct table_cache *cache = this_cpu_ptr(&table_cache);
	struct page *page;

	while ((page = cache_pop(&cache->tables, &cache->nr_tables)))
		put_page(page);
	while ((page = cache_pop(&cache->pgds, &cache->nr_pgds)))
		put_page(page);
}

static unsigned long tables_count(struct shrinker *unused __unused,
				  gfp_t gfp __unused)
{
	unsigned long nr = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct table_cache *cache = per_cpu_ptr(&table_cache, cpu);

		nr += READ_ONCE(cache->nr_tables) + READ_ONCE(cache->nr_pgds);
	}
	return nr;
}

static unsigned long tables_scan(struct shrinker *unused, unsigned long nr
				 __unused, gfp_t gfp)
{
	unsigned long had = tables_count(unused, gfp);

	on_each_cpu(drain_one_cpu, NULL, true);
	return had;
}

static struct shrinker table_shrinker = {
	.name = "page tables",
	.count = tables_count,
	.scan = tables_scan,
};

void __init page_tables_init(void)
{
	shrinker_register(&table_shrinker);
}

/* Hang a new table into *@entry, unless somebody was faster. 0 or -ENOMEM. */
static int table_install(struct mm *mm, uint64_t *entry)
{
	struct page *page = table_page_alloc();

	if (!page)
		return -ENOMEM;
	spin_lock(&mm->page_table_lock);
	if (likely(table_none(*entry))) {
		/* A walker that sees the entry sees the zeros behind it. */
		smp_store_release(entry, page_to_phys(page) | PROT_TABLE_USER);
		atomic_long_add(PAGE_SIZE, &mm->pgtable_bytes);
		page = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (page)
		table_page_free(page);
	return 0;
}

/*
 * The pmd entry for @addr. Locking: see mm/page_table.h. Return: NULL if a
 * table above it is missing.
 */
pmd_t *pmd_lookup(struct mm *mm, unsigned long addr)
{
	pgd_t pgd = READ_ONCE(mm->pgd[pgd_index(addr)]);
	pud_t pud;

	if (table_none(pgd))
		return NULL;
	pud = READ_ONCE(*pud_of(pgd, addr));
	return table_none(pud) ? NULL : pmd_of(pud, addr);
}

/* The same, making what is missing. NULL if there is no memory. */
pmd_t *pmd_alloc(struct mm *mm, unsigned long addr)
{
	pgd_t *pgd = &mm->pgd[pgd_index(addr)];
	pud_t *pud;

	if (unlikely(table_none(READ_ONCE(*pgd))) && table_install(mm, pgd))
		return NULL;
	pud = pud_of(READ_ONCE(*pgd), addr);
	if (unlikely(table_none(READ_ONCE(*pud))) && table_install(mm, pud))
		return NULL;
	return pmd_of(READ_ONCE(*pud), addr);
}

/* Make *@pmd point to a table, if it does not yet. 0 or -ENOMEM. */
int pte_table_alloc_slow(struct mm *mm, pmd_t *pmd)
{
	return table_install(mm, pmd);
}

/* Find and lock the entry for @addr; NULL, unlocked, if there is no table. */
pte_t *pte_lookup_lock(struct mm *mm, unsigned long addr,
		       struct spinlock **ptl)
{
	pmd_t *pmd = pmd_lookup(mm, addr);

	if (!pmd || table_none(READ_ONCE(*pmd)))
		return NULL;
	return pte_lock(pmd, addr, ptl);
}
