/*
 * What the files of mm/ tell each other and nobody else.
 */
#pragma once

#include <mm/mm.h>
#include <mm/page.h>
#include <mm/vma.h>

struct address_space;
struct file;
struct page;
struct tlb_gather;
struct vm_ops;
struct vma;

/* mm/page_alloc.c */
unsigned long nr_reserved_pages(void);

/* mm/slab.c: empty the magazines of all CPUs. Context: process. */
void slab_drain_all(void);

/* mm/mem_info.c, in pages */
void vm_commit_info(unsigned long *committed, unsigned long *limit);

/* mm/kernel_stack.c */
void kernel_stacks_init(void);

/* mm/page_table.c */
pgd_t *mm_pgd_alloc(void);
void mm_pgd_free(pgd_t *pgd);
void page_tables_init(void);

/* mm/vma.c */
unsigned long vma_start_gap(const struct vma *vma);
void vma_append(struct mm *mm, struct vma *vma, struct vma *last);
void vma_erase(struct mm *mm, struct vma *vma);
void vma_set_bounds(struct vma *vma, unsigned long start, unsigned long end,
		    unsigned long pgoff);
void vma_flags_changed(struct vma *vma);
struct vma *vma_last(struct mm *mm);
void vma_init(void);

/* mm/vma_lock.c */
void vma_lock_init(struct vma *vma);
bool vma_is_write_locked(const struct vma *vma);
void vma_locks_init(void);

/* mm/vma_split.c; mmap_lock for writing */
void vma_copy(struct vma *new, const struct vma *from);
int vma_split(struct vma *vma, unsigned long addr);
int vma_split_range(struct mm *mm, unsigned long start, unsigned long end);
bool vma_is_like(const struct vma *vma, unsigned long flags,
		 const struct file *file, const struct vm_ops *ops);
void vma_bury(struct vma *vma);
struct vma *vma_merge_neighbours(struct vma *vma);
struct vma *vma_extend_anon(struct mm *mm, unsigned long addr,
			    unsigned long end, unsigned long flags);
void vma_release(struct vma *vma);

/* mm/munmap.c */
void vm_account(struct mm *mm, unsigned long flags, long pages);
void exit_mmap(struct mm *mm);

/* mm/mmap.c */
unsigned long prot_to_vm_flags(unsigned long prot);
bool can_do_mlock(void);
int check_lock_limit(const struct mm *mm, unsigned long pages);
unsigned long map_area(struct mm *mm, struct file *file, unsigned long addr,
		       unsigned long len, unsigned long vm_flags,
		       unsigned long pgoff);

/* mm/mm.c */
void mm_update_hiwater_rss(struct mm *mm);

/* mm/page_cache.c */
struct page *grab_cache_page(struct address_space *mapping,
			     unsigned long index, gfp_t gfp);

/* mm/rmap.c */
bool vma_may_write_file(const struct vma *vma);

/* mm/mprotect.c */
struct vma *vma_isolate(struct vma *vma, unsigned long start,
			unsigned long end);

/* mm/madvise.c */
int do_madvise(struct mm *mm, unsigned long start, size_t len, int advice);

/* mm/aslr.c, mm/stack.c */
void aslr_init(void);
void stack_init(void);
