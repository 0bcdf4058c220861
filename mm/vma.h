/*
 * Areas: what a range of user addresses means.
 *
 * One struct vma is one range [start, end) with one set of rights and one
 * source of pages: nothing (anonymous) or a file. Neighbours that differ in
 * nothing are merged; a call on part of an area splits it.
 *
 * Who may touch one:
 *  - changing an area (bounds, flags, removal) needs mmap_lock for writing
 *    *and* vma_lock_write(), which waits until no fault is inside;
 *  - reading needs mmap_lock in either mode, or vma_lock_read_rcu().
 *
 * Memory of areas stays an area's memory for an RCU grace period
 * (SLAB_TYPESAFE_BY_RCU), so a fault may find one that was freed and reused:
 * it takes the read lock and then looks whether it is what it searched for.
 */
#pragma once

#include <lib/interval_tree.h>
#include <mm/mm.h>

struct address_space;
struct anon_vma;
struct file;
struct vm_fault;

/* vma->flags; the low ones are Linux's values, seen in /proc/<pid>/smaps. */
#define VM_READ		0x00000001UL
#define VM_WRITE	0x00000002UL
#define VM_EXEC		0x00000004UL
#define VM_SHARED	0x00000008UL	/* writes go to the file */
#define VM_MAYREAD	0x00000010UL	/* mprotect(2) may set VM_READ ... */
#define VM_MAYWRITE	0x00000020UL
#define VM_MAYEXEC	0x00000040UL
#define VM_MAYSHARE	0x00000080UL	/* MAP_SHARED was asked for */
#define VM_GROWSDOWN	0x00000100UL	/* a stack */
#define VM_PFNMAP	0x00000400UL	/* frames without struct page */
#define VM_LOCKED	0x00002000UL
#define VM_IO		0x00004000UL	/* device registers */
#define VM_SEQ_READ	0x00008000UL
#define VM_RAND_READ	0x00010000UL
#define VM_DONTCOPY	0x00020000UL	/* not for the child of fork(2) */
#define VM_DONTEXPAND	0x00040000UL	/* mremap(2) may not enlarge it */
#define VM_LOCKONFAULT	0x00080000UL
#define VM_ACCOUNT	0x00100000UL	/* counted against overcommit */
#define VM_NORESERVE	0x00200000UL
#define VM_WIPEONFORK	0x02000000UL
#define VM_DONTDUMP	0x04000000UL

#define VM_ACCESS_FLAGS	(VM_READ | VM_WRITE | VM_EXEC)
#define VM_MAY_FLAGS	(VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
/* Areas with any of these are never merged. */
#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP)
#define VM_DATA_DEFAULT	(VM_READ | VM_WRITE | VM_MAY_FLAGS)
#define VM_STACK_FLAGS	(VM_DATA_DEFAULT | VM_GROWSDOWN | VM_ACCOUNT)

/* What a fault handler did. */
typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM	0x01u
#define VM_FAULT_SIGBUS	0x02u	/* beyond the end of the file, I/O error */
#define VM_FAULT_SIGSEGV 0x04u
#define VM_FAULT_MAJOR	0x08u	/* had to wait for a device */
#define VM_FAULT_NOPAGE	0x10u	/* the handler set the entry itself */
#define VM_FAULT_LOCKED	0x20u	/* vmf->page is returned locked */
#define VM_FAULT_RETRY	0x40u	/* locks were dropped: start again */
#define VM_FAULT_DONE_COW 0x80u	/* vmf->cow_page has been filled */
#define VM_FAULT_ERROR	(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

/*
 * What a file system or driver supplies for the areas of its files.
 *
 *	op		caller holds			may sleep   if NULL
 *	open		mmap_lock for writing		yes	nothing
 *	close		mmap_lock for writing, or the	yes	nothing
 *			mm has no users left
 *	fault		the area's read lock or		yes	anonymous
 *			mmap_lock for reading
 *	map_pages	the same, under RCU		no	no fault-around
 *	page_mkwrite	the same, and the page lock	yes	writing is fine
 *
 * open is called for each copy of an area (fork, split), not for the first;
 * that is file_ops->mmap's business. fault fills vmf->page with a reference.
 */
struct vm_ops {
	void (*open)(struct vma *vma);
	void (*close)(struct vma *vma);
	vm_fault_t (*fault)(struct vm_fault *vmf);
	vm_fault_t (*map_pages)(struct vm_fault *vmf, unsigned long first,
				unsigned long last);
	vm_fault_t (*page_mkwrite)(struct vm_fault *vmf);
	/* A name for /proc/<pid>/maps where there is no file. */
	const char *(*name)(const struct vma *vma);
};

/*
 * One area. Owned by its mm. Fields marked [W] change only under mmap_lock for
 * writing and vma_lock_write() together; the others do not change.
 */
struct vma {
	unsigned long		start, end;	/* [W] */
	unsigned long		flags;		/* [W] VM_* */
	pgprot_t		page_prot;	/* [W] for new entries */
	struct mm		*mm;
	struct rb_node		node;		/* mm->vmas */
	unsigned long		gap, max_gap;	/* [mmap_lock] free in front;
						 * largest of the subtree */
	atomic_t		lock;		/* see mm/vma_lock.c */

	struct anon_vma		*anon_vma;	/* [W]; set once by a fault */
	union {
		struct interval_tree_node anon_node; /* anon_vma->areas */
		struct vma	*next_dead;	/* mm->dead_vmas */
	};

	/* In pages; of anonymous areas start >> PAGE_SHIFT at creation. [W] */
	unsigned long		pgoff;
	struct file		*file;		/* counted; NULL: anonymous */
	const struct vm_ops	*ops;
	void			*private;	/* belongs to ops */
	struct interval_tree_node mapping_node;	/* address_space->areas */
};

static inline unsigned long vma_pages(const struct vma *vma)
{
	return (vma->end - vma->start) >> PAGE_SHIFT;
}

static inline bool vma_is_anonymous(const struct vma *vma)
{
	return !vma->ops;
}

static inline bool vma_is_shared(const struct vma *vma)
{
	return vma->flags & VM_SHARED;
}

/* The page of the file (or anon_vma) that @addr shows. */
static inline unsigned long vma_index(const struct vma *vma,
				      unsigned long addr)
{
	return vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT);
}

/* Where a page of that index is in the area; the caller knows it is in it. */
static inline unsigned long vma_address(const struct vma *vma,
					unsigned long index)
{
	return vma->start + ((index - vma->pgoff) << PAGE_SHIFT);
}

pgprot_t vm_page_prot(unsigned long vm_flags);

/*
 * mm/vma.c: the tree. All need mmap_lock; changes need it for writing.
 */

/* The area that ends after @addr (it may begin after it too), or NULL. */
struct vma *find_vma(struct mm *mm, unsigned long addr);
/* The area that contains @addr, or NULL. */
struct vma *vma_lookup(struct mm *mm, unsigned long addr);
/* The first area that overlaps [start, end), or NULL. */
struct vma *find_vma_intersection(struct mm *mm, unsigned long start,
				  unsigned long end);
struct vma *vma_first(struct mm *mm);
struct vma *vma_next(const struct vma *vma);
struct vma *vma_prev(const struct vma *vma);
#define for_each_vma(mm, vma) \
	for (vma = vma_first(mm); vma; vma = vma_next(vma))

struct vma *vma_alloc(struct mm *mm) __must_check;
void vma_free(struct vma *vma);
void vma_insert(struct mm *mm, struct vma *vma);

/*
 * Locks of one area (mm/vma_lock.c). vma_lock_read_rcu() finds and locks the
 * area around @addr without mmap_lock; NULL means: take mmap_lock and look
 * again, nothing more.
 */
struct vma *vma_lock_read_rcu(struct mm *mm, unsigned long addr);
void vma_unlock_read(struct vma *vma);
void vma_lock_write(struct vma *vma);
void vma_unlock_write(struct vma *vma);

/*
 * Making and removing areas. mmap_lock is held for writing where the comment
 * says "locked"; results are addresses or negative errno.
 */

/* mmap(2) on the current mm, all checks included; takes the lock. */
unsigned long vm_mmap(struct file *file, unsigned long addr,
		      unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long offset);
/* The same with a page offset. locked; *@populate: bytes to fault in. */
unsigned long do_mmap(struct file *file, unsigned long addr,
		      unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long pgoff,
		      unsigned long *populate);
/* locked */
int do_munmap(struct mm *mm, unsigned long start, unsigned long len);
/* Takes the lock. */
int vm_munmap(unsigned long start, unsigned long len);
/* Zeroed memory at exactly [addr, addr + len), for exec; takes the lock. */
int vm_brk(unsigned long addr, unsigned long len, unsigned long vm_flags);
/* A range nobody uses, per mm's layout; locked. */
unsigned long get_unmapped_area(struct file *file, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags);
/* locked */
int mprotect_range(struct vma *vma, unsigned long start, unsigned long end,
		   unsigned long new_flags);
/* Fault in [start, start + len) as far as rights go; takes the lock. */
int mm_populate(struct mm *mm, unsigned long start, unsigned long len);

/*
 * An area a driver fills itself, e.g. the vDSO: @ops->fault gives the pages.
 * locked. ERR_PTR.
 */
struct vma *install_special_mapping(struct mm *mm, unsigned long addr,
				    unsigned long len, unsigned long vm_flags,
				    const struct vm_ops *ops, void *private);
/* Map frames without struct page, from a file_ops->mmap; locked. */
int remap_pfn_range(struct vma *vma, unsigned long addr, pfn_t pfn,
		    unsigned long size, pgprot_t prot);

/*
 * exec. The stack begins as one area of @mm that ends at @top, into which the
 * argument strings are written with access_new_stack() before anything runs;
 * setup_arg_pages() then gives it its final flags and room to grow.
 */
int stack_create(struct mm *mm, unsigned long top);
/* The kernel address of stack page @addr, allocated if need be; ERR_PTR. */
void *stack_page(struct mm *mm, unsigned long addr);
int setup_arg_pages(struct mm *mm, unsigned long sp, bool executable);
/* Grow the stack area down to @addr. mmap_lock for writing. */
int expand_stack(struct vma *vma, unsigned long addr);
extern unsigned long stack_guard_gap;	/* in pages */

/* Would @pages more break RLIMIT_AS or the limit on data? */
bool may_expand_vm(const struct mm *mm, unsigned long vm_flags,
		   unsigned long pages);

/* Overcommit (mm/mem_info.c); 0 or -ENOMEM. */
int vm_commit(long pages);
void vm_uncommit(long pages);
extern int sysctl_overcommit_memory;
extern int sysctl_max_map_count;
extern unsigned long sysctl_mmap_min_addr;
