/*
 * Address spaces: their making and their end.
 *
 * The struct comes from a slab cache, the top-level table from a small store of
 * ready-made ones (mm/page_table.c). The last user takes areas and pages down;
 * the last reference, which may be a kernel thread's that still has these
 * tables loaded, frees the struct and the top-level table.
 */
#include <arch/current.h>
#include <arch/tlb.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/task.h>
#include <kernel/workqueue.h>
#include <lib/string.h>
#include <mm/oom.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/vma.h>

#include "internal.h"

static struct kmem_cache *mm_cache __ro_after_init;

struct mm init_mm = {
	.users = REFCOUNT_INIT(2),
	.count = REFCOUNT_INIT(2),
	.pgd = kernel_pgd,
	.mmap_lock = {
		.wait_lock = SPINLOCK_INIT("init_mm.wait", RANK_MUTEX_WAIT),
		.waiters = LIST_HEAD_INIT(init_mm.mmap_lock.waiters),
		RWSEM_DEBUG_FIELD("init_mm", RANK_MMAP)
	},
	.page_table_lock = SPINLOCK_INIT("init_mm.page_table_lock",
					 RANK_PAGE_TABLE_TOP),
};

/*
 * An empty address space with one user. Context: process, may sleep.
 * Return: NULL if there is no memory.
 */
struct mm *mm_alloc(void)
{
	static atomic_long_t next_ctx_id = ATOMIC_INIT(1);
	struct mm *mm = kmem_cache_zalloc(mm_cache, GFP_KERNEL_ACCOUNT);

	if (!mm)
		return NULL;
	mm->pgd = mm_pgd_alloc();
	if (!mm->pgd) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	refcount_set(&mm->users, 1);
	refcount_set(&mm->count, 1);
	rwsem_init(&mm->mmap_lock, "mmap_lock", RANK_MMAP);
	spin_lock_init(&mm->page_table_lock, "mm_page_table",
		       RANK_PAGE_TABLE_TOP);
	mm->dump_filter = COREDUMP_DEFAULT;
	mm->task_size = TASK_SIZE;
	mm->mmap_base = TASK_SIZE;
	mm->ctx_id = atomic_long_fetch_add(1, &next_ctx_id);
	atomic_long_set(&mm->pgtable_bytes, PAGE_SIZE);
	return mm;
}

/* The last mmdrop(). Context: any, interrupts on. */
void mm_free_last_ref(struct mm *mm)
{
	DEBUG_ASSERT(!mm->nr_vmas);
	mm_pgd_free(mm->pgd);
	kmem_cache_free(mm_cache, mm);
}

/* No user is left: everything but the struct goes. Context: may sleep. */
static void mm_teardown(struct mm *mm)
{
	exit_mmap(mm);
	if (unlikely(mm->flags & BIT(MMF_OOM_VICTIM)))
		oom_victim_gone();
	if (mm->exe_file) {
		allow_write_access(mm->exe_file->inode);
		fput(mm->exe_file);
		mm->exe_file = NULL;
	}
	for (unsigned int i = 0; i < NR_RSS; i++)
		DEBUG_ASSERT(atomic_long_read(&mm->rss[i]) == 0);
	mmdrop(mm);
}

/* Drop a user; the last one takes it down. Context: process, may sleep. */
void mmput(struct mm *mm)
{
	might_sleep();
	if (refcount_put(&mm->users))
		mm_teardown(mm);
}

static struct mm *dying_mms;
static DEFINE_SPINLOCK(dying_lock, RANK_MM_LIST);

static void teardown_work_fn(struct work *unused __unused)
{
	struct mm *list;
	unsigned long flags = spin_lock_irqsave(&dying_lock);

	list = dying_mms;
	dying_mms = NULL;
	spin_unlock_irqrestore(&dying_lock, flags);
	while (list) {
		struct mm *next = list->next_dying;

		mm_teardown(list);
		list = next;
	}
}

static DEFINE_WORK(teardown_work, teardown_work_fn);

/* The same for who may not sleep: a work item does it. Context: any. */
void mmput_async(struct mm *mm)
{
	unsigned long flags;

	if (!refcount_put(&mm->users))
		return;
	flags = spin_lock_irqsave(&dying_lock);
	mm->next_dying = dying_mms;
	dying_mms = mm;
	spin_unlock_irqrestore(&dying_lock, flags);
	schedule_work(&teardown_work);
}

/* @task's mm with a user reference; NULL for kernel threads and the dead. */
struct mm *get_task_mm(struct task *task)
{
	struct mm *mm;

	SPIN_GUARD(&task->lock);
	mm = task->mm;
	if (!mm || task_is_kthread(task) || !mmget_not_zero(mm))
		return NULL;
	return mm;
}

/* The peak is looked at when it may be passed: here, and before unmapping. */
unsigned long mm_hiwater_rss(const struct mm *mm)
{
	return max(READ_ONCE(mm->hiwater_rss), mm_rss(mm));
}

void mm_update_hiwater_rss(struct mm *mm)
{
	unsigned long rss = mm_rss(mm);

	if (rss > READ_ONCE(mm->hiwater_rss))
		WRITE_ONCE(mm->hiwater_rss, rss);
}

/*
 * exec: from now on current lives in @mm, whose reference it takes over.
 * Context: process. Return: the old address space, or NULL, for the caller to
 * mmput() where it may sleep.
 */
struct mm *mm_install(struct mm *mm)
{
	struct mm *old = current->mm, *old_active = current->active_mm;

	spin_lock(&current->lock);
	current->mm = mm;
	current->active_mm = mm;
	activate_mm(old_active, mm);
	spin_unlock(&current->lock);
	return old;
}

/* Needs slab_init(). After this mm_alloc() works. */
void __init mm_init_caches(void)
{
	mm_cache = kmem_cache_create("mm", sizeof(struct mm), 0,
				     SLAB_HWCACHE_ALIGN | SLAB_PANIC |
				     SLAB_ACCOUNT, NULL);
	vma_init();
	rmap_init();
	page_tables_init();
	stack_init();
	aslr_init();
}
