/*
 * struct page: one per page frame of RAM.
 *
 * The array stands at VMEMMAP_START and is mapped only where there is RAM, so
 * page and frame number convert by plain arithmetic. A page is in the hands of
 * exactly one owner at a time, and the union below is what that owner keeps
 * there: the buddy allocator, a slab cache, the page cache or an anonymous
 * mapping, a page table, or whoever called alloc_pages().
 *
 * Pages allocated as a block of order > 0 form a compound: the first is the
 * head and carries everything, the others point to it. Reference, lock and
 * flags of a page that may be part of one are reached through page_head().
 *
 * refcount: 0 only while the page is free. mapcount: how many user page-table
 * entries map it, each of which also holds a reference; both stand in one
 * 64-bit word so that mapping a page is one atomic addition.
 *
 * Field protection:  [A] atomic  [C] constant while allocated  [L] PG_LOCKED
 * [Z] zone lock  [K] the slab cache's lock  [T] the table's own lock
 */
#pragma once

#include <arch/page.h>
#include <keel/atomic.h>
#include <keel/bug.h>
#include <keel/list.h>
#include <kernel/rcu.h>
#include <kernel/spinlock.h>

struct address_space;
struct anon_vma;
struct kmem_cache;
struct mm;

/* page->flags: bit numbers. */
enum page_flag {
	PG_LOCKED,		/* lock_page() */
	PG_WAITERS,		/* somebody sleeps for PG_LOCKED */
	PG_UPTODATE,		/* the content is the file's */
	PG_DIRTY,		/* newer than what the disk has */
	PG_ERROR,		/* reading it failed */
	PG_REFERENCED,		/* used since reclaim last looked */
	PG_ANON_EXCLUSIVE,	/* one mapping, ours to write without a copy */
	PG_SWAPBACKED,		/* anonymous or tmpfs: no file to write to */
	PG_WRITEBACK,		/* being written to disk */
	PG_HEAD,		/* first of a compound */
	PG_TAIL,		/* the others */
	PG_BUDDY,		/* free, first of a block of page->order */
	PG_SLAB,		/* a slab cache's */
	PG_TABLE,		/* a page table */
	PG_PRIVATE,		/* page->private means something to the owner */
};

struct page {
	unsigned int		flags;		/* [A] BIT(PG_*) */
	uint8_t			order;		/* [C] of the block, in head */
	uint16_t		slab_objects;	/* [K] in use */
	union {
		struct {
			atomic_t refcount;	/* [A] */
			atomic_t mapcount;	/* [A] */
		};
		atomic_long_t	counts;		/* [A] both at once */
	};
	union {
		/* Page cache and anonymous pages. */
		struct {
			/* [L] struct address_space, or anon_vma + 1 */
			uintptr_t		mapping;
			unsigned long		index;	/* [L] in pages */
			struct list_head	lru;
			unsigned long		private;
		};
		/* Free, or in a per-CPU chain. */
		struct {
			union {
				struct list_head buddy_list;	/* [Z] */
				struct page	*next_chain;
			};
			struct page		*next_free;
		};
		struct {
			struct kmem_cache	*slab_cache;	/* [C] */
			void			*slab_free;	/* [K] */
			struct list_head	slab_list;	/* [K] */
		};
		/* A page table. */
		struct {
			struct page		*next_table;
			struct spinlock		table_lock;
		};
		struct page		*head;		/* [C] of a tail */
		struct rcu_head		rcu;
	};
} __aligned(64);

static_assert(sizeof(struct page) == 64, "struct page is one cache line");

#define page_array		((struct page *)VMEMMAP_START)

static inline struct page *pfn_to_page(pfn_t pfn)
{
	return page_array + pfn;
}

static inline pfn_t page_to_pfn(const struct page *page)
{
	return page - page_array;
}

static inline paddr_t page_to_phys(const struct page *page)
{
	return PFN_PHYS(page_to_pfn(page));
}

static inline struct page *phys_to_page(paddr_t paddr)
{
	return pfn_to_page(PFN_DOWN(paddr));
}

/* The direct-map address of a page: all pages have one. */
static inline void *page_address(const struct page *page)
{
	return __va(page_to_phys(page));
}

#define page_to_virt(page)	page_address(page)

/* @addr in the direct map or the image, not vmalloc. */
static inline struct page *virt_to_page(const void *addr)
{
	return phys_to_page(__pa(addr));
}

/* Is there a struct page for this frame? */
bool pfn_valid(pfn_t pfn);

static inline struct page *page_head(const struct page *page)
{
	if (unlikely(READ_ONCE(page->flags) & BIT(PG_TAIL)))
		return page->head;
	return (struct page *)page;
}

static inline unsigned int page_order(const struct page *page)
{
	return READ_ONCE(page->flags) & BIT(PG_HEAD) ? page->order : 0;
}

static inline bool page_test(const struct page *page, enum page_flag flag)
{
	return READ_ONCE(page->flags) & BIT(flag);
}

static inline void page_set(struct page *page, enum page_flag flag)
{
	__atomic_fetch_or(&page->flags, (unsigned int)BIT(flag),
			  __ATOMIC_RELEASE);
}

static inline void page_clear(struct page *page, enum page_flag flag)
{
	__atomic_fetch_and(&page->flags, ~(unsigned int)BIT(flag),
			   __ATOMIC_RELEASE);
}

static inline bool page_test_and_set(struct page *page, enum page_flag flag)
{
	return __atomic_fetch_or(&page->flags, (unsigned int)BIT(flag),
				 __ATOMIC_SEQ_CST) & BIT(flag);
}

static inline bool page_test_and_clear(struct page *page, enum page_flag flag)
{
	return __atomic_fetch_and(&page->flags, ~(unsigned int)BIT(flag),
				  __ATOMIC_SEQ_CST) & BIT(flag);
}

/* Content is valid; what was written before is seen by who tests it. */
static inline bool page_uptodate(const struct page *page)
{
	return smp_load_acquire(&page->flags) & BIT(PG_UPTODATE);
}

static inline int page_count(const struct page *page)
{
	return atomic_read(&page_head(page)->refcount);
}

static inline int page_mapcount(const struct page *page)
{
	return atomic_read(&page->mapcount);
}

static inline bool page_mapped(const struct page *page)
{
	return page_mapcount(page) > 0;
}

/* mm/page_alloc.c: the last reference is gone. */
void page_free_last_ref(struct page *page);

static inline void get_page(struct page *page)
{
	page = page_head(page);
	DEBUG_ASSERT(atomic_read(&page->refcount) > 0);
	atomic_inc(&page->refcount);
}

/* For lookups under RCU: a page being freed is not taken. */
static inline bool __must_check get_page_unless_zero(struct page *page)
{
	return atomic_add_unless(&page->refcount, 1, 0);
}

static inline void put_page(struct page *page)
{
	page = page_head(page);
	if (atomic_dec_and_test(&page->refcount))
		page_free_last_ref(page);
}

/*
 * The page lock: held while content is read in, the page enters or leaves the
 * page cache, and reverse mappings are walked. mm/page_lock.c sleeps.
 */
void lock_page_slow(struct page *page);
int lock_page_killable_slow(struct page *page);
void unlock_page_slow(struct page *page);
void wait_on_page_locked(struct page *page);

static inline bool trylock_page(struct page *page)
{
	return !page_test_and_set(page_head(page), PG_LOCKED);
}

static inline void lock_page(struct page *page)
{
	if (!trylock_page(page))
		lock_page_slow(page_head(page));
}

/* Return: 0, or -EINTR if a fatal signal came first. */
static inline int __must_check lock_page_killable(struct page *page)
{
	return trylock_page(page) ? 0 :
	       lock_page_killable_slow(page_head(page));
}

static inline void unlock_page(struct page *page)
{
	page = page_head(page);
	DEBUG_ASSERT(page_test(page, PG_LOCKED));
	if (unlikely(__atomic_fetch_and(&page->flags,
					~(unsigned int)BIT(PG_LOCKED),
					__ATOMIC_SEQ_CST) & BIT(PG_WAITERS)))
		unlock_page_slow(page);
}

static inline bool page_locked(const struct page *page)
{
	return page_test(page_head(page), PG_LOCKED);
}

/* Whose is it? An anonymous page's mapping has bit 0 set. */
static inline bool page_is_anon(const struct page *page)
{
	return READ_ONCE(page->mapping) & 1;
}

static inline struct address_space *page_mapping(const struct page *page)
{
	uintptr_t mapping = READ_ONCE(page->mapping);

	return mapping & 1 ? NULL : (struct address_space *)mapping;
}

/* The page of zeros that reads of untouched anonymous memory map. */
extern struct page *zero_page;
