/*
 * Address spaces.
 *
 * A struct mm is the user half of the page tables and the list of areas
 * (struct vma) that say what may be in it. Two counts: `users` are the tasks
 * that live in it, and whoever looks at its memory meanwhile (mmget/mmput);
 * when they are gone the areas and pages are torn down. `count` keeps the
 * struct and the top-level table (mmgrab/mmdrop): kernel threads that borrow
 * it to save a TLB flush hold one, all users together hold one.
 *
 * The areas stand in a tree ordered by address. Writers hold mmap_lock for
 * writing. Page faults take neither: they search the tree under RCU and then
 * lock the one area they found (mm/vma.h).
 *
 * Field protection:  [C] constant  [M] mmap_lock  [A] atomic
 * [P] page_table_lock
 */
#pragma once

#include <arch/pgtable.h>
#include <keel/cpumask.h>
#include <keel/refcount.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <lib/rbtree.h>

struct boot_info;
struct file;
struct task;
struct vma;


/* Resident pages by kind; /proc/<pid>/statm adds them up. */
enum rss_type { RSS_FILE, RSS_ANON, RSS_SHMEM, RSS_SWAP, NR_RSS };

#define AT_VECTOR_LONGS	52	/* saved_auxv: pairs, closed by AT_NULL */

struct mm {
	struct refcount		users;		/* [A] */
	struct refcount		count;		/* [A] */
	pgd_t			*pgd;		/* [C] */

	struct rwsem		mmap_lock;
	struct rb_root		vmas;		/* [M] and RCU for lookups */
	unsigned int		nr_vmas;	/* [M] */
	struct vma		*dead_vmas;	/* [M] freed after unlocking */

	unsigned long		mmap_base;	/* [C] top of the mmap area */
	unsigned long		mmap_legacy;	/* [C] bottom-up start, or 0 */
	unsigned long		task_size;	/* [C] */

	struct spinlock		page_table_lock; /* upper levels */
	atomic_long_t		pgtable_bytes;	/* [A] */
	atomic_long_t		rss[NR_RSS];	/* [A] pages */
	unsigned long		hiwater_rss;	/* peak; racy, good enough */

	/* Pages of areas, by kind. [M] */
	unsigned long		total_vm, data_vm, exec_vm, stack_vm;
	unsigned long		locked_vm, hiwater_vm;
	unsigned long		def_flags;	/* VM_LOCKED by mlockall(2) */

	/* Set by exec and brk(2), read by /proc. [M] */
	unsigned long		start_code, end_code, start_data, end_data;
	unsigned long		start_brk, brk, start_stack;
	unsigned long		arg_start, arg_end, env_start, env_end;
	unsigned long		saved_auxv[AT_VECTOR_LONGS];
	struct file		*exe_file;	/* [M] counted */
	struct mm		*next_dying;	/* mmput_async()'s list */

	/* TLBs: arch/x86_64/tlb.c. */
	struct cpumask		cpumask;	/* [A] who has it loaded */
	atomic_long_t		tlb_gen;	/* [A] ++ with every flush */
	uint64_t		ctx_id;		/* [C] never used twice */

	unsigned int		flags;		/* [A] MMF_* */
	unsigned int		membarrier; /* [A] what it is registered for */
	unsigned int		dumpable;	/* [A] DUMPABLE_* */
	bool			thp_disabled;	/* [A] prctl(2) */
	unsigned int		dump_filter;	/* [A] COREDUMP_* */
};

/* mm->dumpable: who may look into it, and gets its core. */
#define DUMPABLE_NOT	0	/* root may look; nobody gets a core */
#define DUMPABLE_USER	1	/* its user, both */
#define DUMPABLE_ROOT	2	/* root, both */
/* /proc/sys/fs/suid_dumpable: what a change of rights makes of it. */
extern int suid_dumpable;

/* mm->dump_filter: what of the memory a core dump has. man 5 core. */
#define COREDUMP_ANON_PRIVATE	BIT(0)
#define COREDUMP_ANON_SHARED	BIT(1)
#define COREDUMP_FILE_PRIVATE	BIT(2)
#define COREDUMP_FILE_SHARED	BIT(3)
#define COREDUMP_ELF_HEADERS	BIT(4)
#define COREDUMP_ALL		0x1ffu
#define COREDUMP_DEFAULT	0x33u

/* mm->flags: bit numbers. */
#define MMF_OOM_VICTIM	0	/* being killed: faults fail at once */

/* The kernel's own: no areas, kernel_pgd. */
extern struct mm init_mm;

/* An empty address space with users = count = 1; NULL if no memory. */
struct mm *mm_alloc(void) __must_check;
/* A copy of the caller's address space for fork(2); ERR_PTR. */
struct mm *mm_dup(struct mm *old) __must_check;
/* Drop a user; the last one frees areas and pages. May sleep. */
void mmput(struct mm *mm);
/* The same from a context that must not sleep: a work item does it. */
void mmput_async(struct mm *mm);
void mm_free_last_ref(struct mm *mm);

static inline struct mm *mmget(struct mm *mm)
{
	refcount_get(&mm->users);
	return mm;
}

static inline bool __must_check mmget_not_zero(struct mm *mm)
{
	return refcount_get_unless_zero(&mm->users);
}

static inline struct mm *mmgrab(struct mm *mm)
{
	refcount_get(&mm->count);
	return mm;
}

/* Context: any. */
static inline void mmdrop(struct mm *mm)
{
	if (refcount_put(&mm->count))
		mm_free_last_ref(mm);
}

/* @task's mm with a user reference, or NULL (kernel thread, exiting). */
struct mm *get_task_mm(struct task *task);

static inline void mmap_read_lock(struct mm *mm)
	__acquires_shared(&mm->mmap_lock);
static inline void mmap_read_unlock(struct mm *mm)
	__releases_shared(&mm->mmap_lock);
static inline void mmap_write_lock(struct mm *mm)
	__acquires(&mm->mmap_lock);
static inline int mmap_write_lock_killable(struct mm *mm)
	__try_acquires(0, &mm->mmap_lock);

static inline void mmap_read_lock(struct mm *mm)
{
	down_read(&mm->mmap_lock);
}

static inline void mmap_read_unlock(struct mm *mm)
{
	up_read(&mm->mmap_lock);
}

static inline void mmap_write_lock(struct mm *mm)
{
	down_write(&mm->mmap_lock);
}

/* Return: 0, or -EINTR if the task is being killed. */
static inline int __must_check mmap_write_lock_killable(struct mm *mm)
{
	return down_write_killable(&mm->mmap_lock);
}

/* What was unmapped lets go of its files only now, without the lock. */
void mmap_write_unlock(struct mm *mm) __releases(&mm->mmap_lock);

static inline unsigned long mm_rss(const struct mm *mm)
{
	long sum = atomic_long_read(&mm->rss[RSS_FILE]) +
		   atomic_long_read(&mm->rss[RSS_ANON]) +
		   atomic_long_read(&mm->rss[RSS_SHMEM]);

	return sum > 0 ? sum : 0;
}

/* Highest resident size so far, in pages. */
unsigned long mm_hiwater_rss(const struct mm *mm);

/*
 * exec gives a new mm its layout: where mmap goes (below @stack_top minus the
 * stack's limit and a random gap) and whether addresses are random at all.
 */
void mm_set_layout(struct mm *mm, unsigned long stack_top);
void mm_map_page_zero(void);
/* Random pages to add to an address, 0 if randomisation is off. */
bool aslr_is_on(void);
unsigned long aslr_mmap_offset(void);	/* 28 bits of pages */
unsigned long aslr_stack_top(void);	/* STACK_TOP minus up to 16 GiB */
unsigned long aslr_brk_offset(unsigned long brk);
unsigned long aslr_pie_base(void);	/* for ET_DYN without interpreter */

#define STACK_TOP	TASK_SIZE

/* /proc/sys/kernel/randomize_va_space: 0 none, 1 no brk, 2 all. */
extern int randomize_va_space;
/* personality(2) */
#define PER_MASK		0x00ff
#define PER_LINUX32		0x0008	/* uname(2) says i686 */
#define UNAME26			0x0020000 /* ... and 2.6 */
#define ADDR_NO_RANDOMIZE	0x0040000
#define MMAP_PAGE_ZERO		0x0100000
#define ADDR_COMPAT_LAYOUT	0x0200000
#define READ_IMPLIES_EXEC	0x0400000
/* What a program that gains rights does not take from its caller. */
#define PER_CLEAR_ON_SETID	(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE | \
				 ADDR_COMPAT_LAYOUT | MMAP_PAGE_ZERO)

/*
 * Read (or with @write change) @len bytes of another process, through its page
 * tables and as if by itself, except that read-only areas may be written with
 * @force (the page is copied first). Returns the bytes done, 0 if none.
 * Context: process; may sleep.
 */
size_t access_remote_vm(struct mm *mm, unsigned long addr, void *buf,
			size_t len, bool write, bool force);

/*
 * Copy the page at @addr, a page boundary, to @to, as long as the process has
 * ever touched it. Context: process; may sleep. Return: false if not.
 */
bool read_page_for_dump(struct mm *mm, unsigned long addr, void *to);

/* Make @mm current's (exec, and PID 1). Drops the old one. */
struct mm *__must_check mm_install(struct mm *mm);

void mm_init_caches(void);
