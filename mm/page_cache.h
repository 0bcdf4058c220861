/*
 * The page cache: the pages of files that are in memory.
 *
 * Every inode with data has one struct address_space: its pages by index, and
 * the areas that map it. read(2), write(2) and page faults all meet here, so
 * what one writes the other sees. tmpfs is nothing but this: its pages have no
 * other home. Entries are reached under RCU with a reference taken by
 * get_page_unless_zero(); an entry of a large page stands for its whole range.
 *
 * Who changes it: pages enter and leave under the page lock and mapping->lock.
 * A page found must be locked, or re-checked against page->mapping, before its
 * place in the file is relied on: truncation may take it out.
 *
 * Lock order: inode->rwsem, page lock, areas_lock, table locks, mapping->lock.
 */
#pragma once

#include <kernel/rwsem.h>
#include <lib/rbtree.h>
#include <lib/xarray.h>
#include <mm/gfp.h>
#include <mm/page.h>
#include <mm/vma.h>

struct file;
struct inode;
struct iov_iter;
struct kiocb;

/*
 * What a file system supplies for its files' pages.
 *
 *	op		caller holds		may sleep   if NULL
 *	read_pages	page locks		yes	a missing page is a
 *							hole: zeros
 *	reserve		inode->rwsem, or a	yes	always room
 *			page fault
 *	release		any			no	nothing
 *	may_write	inode->rwsem		no	always
 *
 * read_pages fills @nr locked pages of consecutive index, sets PG_UPTODATE
 * (or PG_ERROR) and unlocks each when its data is there. reserve answers
 * whether @nr pages may be added (0, -ENOSPC); release says that they went.
 * may_write is asked before write(2) changes a part of a page, where AS_SEALED
 * is set: 0, -EPERM.
 */
struct address_space_ops {
	int (*read_pages)(struct address_space *mapping, struct page **pages,
			  unsigned int nr);
	int (*reserve)(struct address_space *mapping, unsigned long nr);
	int (*may_write)(struct address_space *mapping, loff_t pos,
			 size_t len);
	void (*release)(struct address_space *mapping, unsigned long nr);
};

/* address_space.flags */
#define AS_SHMEM	0x1u	/* memory is the only home: never dropped */
#define AS_SEALED	0x2u	/* ops->may_write has something to say */

struct address_space {
	struct inode		*host;
	const struct address_space_ops *ops;
	struct xarray		pages;		/* [lock], RCU for lookups */
	struct spinlock		lock;
	unsigned long		nr_pages;	/* [lock] */
	unsigned int		flags;		/* AS_*; later changes: the
						 * inode's rwsem */
	atomic_t		writable;	/* [A] areas that may write to
						 * it, or < 0: there shall
						 * be none */
	struct rwsem		areas_lock;
	struct rb_root_cached	areas;		/* [areas_lock] interval tree */
};

/* For an inode just made, and for one about to be freed (pages truncated). */
void address_space_init(struct address_space *mapping, struct inode *host,
			const struct address_space_ops *ops,
			unsigned int flags);
void address_space_destroy(struct address_space *mapping);

/* With a reference, not locked; NULL if not there. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);
/* Up to @nr pages of consecutive index from @index; returns how many. */
unsigned int find_get_pages(struct address_space *mapping, unsigned long index,
			    unsigned int nr, struct page **pages);
/* Locked and still in the cache; NULL if not there. */
struct page *find_lock_page(struct address_space *mapping,
			    unsigned long index);
/*
 * Locked, made if missing (zeroed and up to date where the file system has no
 * read_pages). ERR_PTR(-ENOMEM, -ENOSPC).
 */
struct page *find_or_create_page(struct address_space *mapping,
				 unsigned long index, gfp_t gfp);
/* Put a locked page in. 0, -EEXIST, -ENOMEM, or what reserve said. */
int page_cache_add(struct page *page, struct address_space *mapping,
		   unsigned long index, gfp_t gfp);
/* Take a locked page out; drops the cache's reference. */
void page_cache_remove(struct page *page);
/* In place, up to date, waiting for the device if need be. ERR_PTR. */
struct page *read_cache_page(struct address_space *mapping,
			     unsigned long index);

/*
 * Remove what lies in [from, to) bytes: whole pages go, the parts of pages at
 * both ends are zeroed. @to = LLONG_MAX for everything behind @from. Unmaps.
 * The caller has set the new size first. Context: process; may sleep.
 */
void truncate_pages(struct address_space *mapping, loff_t from, loff_t to);
/* Unmap pages [first, last] everywhere; with @even_cow private copies too. */
void unmap_mapping_pages(struct address_space *mapping, unsigned long first,
			 unsigned long last, bool even_cow);
/* mm/rmap.c: are there areas that write to it, and may there be? */
int mapping_deny_writable(struct address_space *mapping);
int mapping_map_writable(struct address_space *mapping);
void mapping_unmap_writable(struct address_space *mapping);
/* Drop clean, unused pages; returns how many went. */
unsigned long invalidate_pages(struct address_space *mapping,
			       unsigned long first, unsigned long last);
/* First index >= @index that has a page (or, @hole, that has none). */
unsigned long page_cache_seek(struct address_space *mapping,
			      unsigned long index, bool hole);

/* mm/filemap.c: ready-made file_ops and vm_ops over the cache. */
ssize_t generic_file_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from);
/* Without limits, locks and times: inode->rwsem is held. */
ssize_t generic_perform_write(struct kiocb *iocb, struct iov_iter *from);
/* Limits: O_APPEND, RLIMIT_FSIZE, sb->max_bytes. New count or errno. */
ssize_t generic_write_checks(struct kiocb *iocb, struct iov_iter *from);
int generic_file_mmap(struct file *file, struct vma *vma);
vm_fault_t filemap_fault(struct vm_fault *vmf);
vm_fault_t filemap_map_pages(struct vm_fault *vmf, unsigned long first,
			     unsigned long last);
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);
/* For files that live on a disk, and for those that live in the cache. */
extern const struct vm_ops generic_file_vm_ops;
extern const struct vm_ops shmem_vm_ops;

void page_cache_init(void);

/* A shared anonymous mapping is a file without a name: set by tmpfs. */
extern struct file *(*shmem_file_setup)(const char *name, loff_t size,
					unsigned long vm_flags);
