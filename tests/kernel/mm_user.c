/*
 * Address spaces from the inside: what system calls cannot see. A kernel
 * thread lives in an address space of its own for each test, and afterwards
 * every page must be free again.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <keel/err.h>
#include <kernel/selftest.h>
#include <kernel/task.h>
#include <mm/fault.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/tlb_gather.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned long free_before;

static void enter_mm(void)
{
	struct mm *mm;

	drop_caches();
	free_before = nr_free_pages();
	mm = mm_alloc();
	if (!mm)
		panic("no memory for a test's address space");
	mm_set_layout(mm, STACK_TOP);
	EXPECT(mm_install(mm) == NULL);
}

/* As exit does: what is left behind is borrowed until the next switch. */
static void leave_mm(void)
{
	struct mm *mm = current->mm, *other;

	mmgrab(mm);
	current->mm = NULL;
	mmput(mm);
	/* Let go of the tables as well, by borrowing others. */
	other = mm_alloc();
	if (!other)
		panic("no memory for a test's address space");
	EXPECT(mm_install(other) == NULL);
	mmdrop(mm);
	mmgrab(other);
	current->mm = NULL;
	mmput(other);
	drop_caches();
	/* One top-level table stays with us. */
	EXPECT(nr_free_pages() + 3 >= free_before);
}

static int touch(unsigned long addr, char value)
{
	return put_user(value, (char __user *)addr);
}

static int peek(unsigned long addr)
{
	char value = -1;

	return get_user(value, (char __user *)addr) ? -1 : value;
}

static struct page *page_at(struct mm *mm, unsigned long addr)
{
	struct spinlock *ptl;
	pte_t *pte = pte_lookup_lock(mm, addr, &ptl);
	struct page *page = NULL;

	if (pte) {
		if (pte_present(pte_get(pte)))
			page = pfn_to_page(pte_pfn(pte_get(pte)));
		spin_unlock(ptl);
	}
	return page;
}

static unsigned long map(unsigned long len)
{
	return vm_mmap(NULL, 0, len, RW, ANON, 0);
}

KERNEL_TEST(mm_anonymous_memory_is_zero_then_ours)
{
	unsigned long addr;

	enter_mm();
	addr = map(4 * PAGE_SIZE);
	EXPECT_EQ(peek(addr), 0);
	EXPECT_EQ(page_at(current->mm, addr), zero_page);
	EXPECT_EQ(touch(addr, 7), 0);
	EXPECT_EQ(peek(addr), 7);
	EXPECT(page_test(page_at(current->mm, addr), PG_ANON_EXCLUSIVE));
	EXPECT_EQ(mm_rss(current->mm), 1);
	EXPECT_EQ(vm_munmap(addr, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(touch(addr, 7), -EFAULT);
	EXPECT_EQ(mm_rss(current->mm), 0);
	leave_mm();
}

KERNEL_TEST(mm_neighbours_merge_and_split)
{
	struct mm *mm;
	unsigned long addr;

	enter_mm();
	mm = current->mm;
	addr = map(8 * PAGE_SIZE);
	EXPECT_EQ(mm->nr_vmas, 1);
	EXPECT_EQ(map(PAGE_SIZE), addr - PAGE_SIZE);
	EXPECT_EQ(mm->nr_vmas, 1);
	EXPECT_EQ(vm_munmap(addr + 2 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(mm->nr_vmas, 2);
	EXPECT_EQ(vm_mmap(NULL, addr + 2 * PAGE_SIZE, PAGE_SIZE, RW,
			  ANON | MAP_FIXED, 0), addr + 2 * PAGE_SIZE);
	EXPECT_EQ(mm->nr_vmas, 1);
	EXPECT_EQ(mm->total_vm, 9);
	leave_mm();
}

KERNEL_TEST(mm_room_is_found_between_areas)
{
	unsigned long addr;

	enter_mm();
	addr = map(64 * PAGE_SIZE);
	for (int i = 0; i < 64; i += 4)
		EXPECT_EQ(vm_munmap(addr + i * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(vm_munmap(addr + 20 * PAGE_SIZE, 4 * PAGE_SIZE), 0);
	/* The highest gap of that size, then the highest of all. */
	EXPECT_EQ(map(3 * PAGE_SIZE), addr + 22 * PAGE_SIZE);
	EXPECT_EQ(map(PAGE_SIZE), addr + 60 * PAGE_SIZE);
	leave_mm();
}

KERNEL_TEST(mm_fork_shares_and_copies_on_write)
{
	struct mm *child;
	struct page *page;
	unsigned long addr;

	enter_mm();
	addr = map(600 * PAGE_SIZE);
	for (int i = 0; i < 600; i++)
		EXPECT_EQ(touch(addr + i * PAGE_SIZE, i), 0);
	child = mm_dup(current->mm);
	if (!EXPECT(!IS_ERR(child)))
		return;
	EXPECT_EQ(mm_rss(child), 600);
	page = page_at(current->mm, addr);
	EXPECT_EQ(page_at(child, addr), page);
	EXPECT_EQ(page_mapcount(page), 2);
	EXPECT_EQ(rmap_count_entries(page), 2);
	EXPECT(!page_test(page, PG_ANON_EXCLUSIVE));

	EXPECT_EQ(touch(addr, 99), 0);
	EXPECT(page_at(current->mm, addr) != page);
	EXPECT_EQ(page_at(child, addr), page);
	EXPECT_EQ(*(char *)page_address(page), 0);
	EXPECT_EQ(page_mapcount(page), 1);
	EXPECT_EQ(rmap_count_entries(page), 1);

	page = page_at(current->mm, addr + PAGE_SIZE);
	mmput(child);
	/* Alone again: written where it is. */
	EXPECT_EQ(touch(addr + PAGE_SIZE, 5), 0);
	EXPECT_EQ(page_at(current->mm, addr + PAGE_SIZE), page);
	EXPECT(page_test(page, PG_ANON_EXCLUSIVE));
	leave_mm();
}

KERNEL_TEST(mm_protection_follows_the_area)
{
	unsigned long addr;
	struct vma *vma;

	enter_mm();
	addr = map(4 * PAGE_SIZE);
	touch(addr + PAGE_SIZE, 1);
	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	EXPECT_EQ(mprotect_range(vma, addr + PAGE_SIZE, addr + 2 * PAGE_SIZE,
				 vma->flags & ~VM_WRITE), 0);
	mmap_write_unlock(current->mm);
	EXPECT_EQ(current->mm->nr_vmas, 3);
	EXPECT_EQ(touch(addr + PAGE_SIZE, 2), -EFAULT);
	EXPECT_EQ(peek(addr + PAGE_SIZE), 1);
	EXPECT_EQ(touch(addr, 2), 0);

	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, addr + PAGE_SIZE);
	EXPECT_EQ(mprotect_range(vma, vma->start, vma->end,
				 vma->flags & ~VM_ACCESS_FLAGS), 0);
	mmap_write_unlock(current->mm);
	EXPECT_EQ(peek(addr + PAGE_SIZE), -1);

	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, addr + PAGE_SIZE);
	EXPECT_EQ(mprotect_range(vma, vma->start, vma->end,
				 vma->flags | VM_READ | VM_WRITE), 0);
	mmap_write_unlock(current->mm);
	EXPECT_EQ(current->mm->nr_vmas, 1);
	EXPECT_EQ(peek(addr + PAGE_SIZE), 1);
	EXPECT_EQ(touch(addr + PAGE_SIZE, 3), 0);
	leave_mm();
}

KERNEL_TEST(mm_stack_grows_to_its_limit_and_guard)
{
	unsigned long top = STACK_TOP - 64 * PAGE_SIZE, below;

	enter_mm();
	EXPECT_EQ(stack_create(current->mm, top), 0);
	EXPECT_EQ(touch(top - 1, 1), 0);
	EXPECT_EQ(touch(top - 100 * PAGE_SIZE, 1), 0);
	below = top - 1000 * PAGE_SIZE;
	EXPECT_EQ(vm_mmap(NULL, below, PAGE_SIZE, RW, ANON | MAP_FIXED, 0),
		  below);
	/* One page more would come too near. */
	EXPECT_EQ(touch(below + PAGE_SIZE +
			(stack_guard_gap << PAGE_SHIFT) - 1, 1), -EFAULT);
	EXPECT_EQ(touch(below + PAGE_SIZE +
			(stack_guard_gap << PAGE_SHIFT), 1), 0);
	leave_mm();
}

KERNEL_TEST(mm_tables_go_with_the_last_area)
{
	unsigned long bytes, addr;

	enter_mm();
	bytes = atomic_long_read(&current->mm->pgtable_bytes);
	for (int i = 0; i < 8; i++) {
		addr = 0x100000000UL * (i + 1);
		EXPECT_EQ(vm_mmap(NULL, addr, PAGE_SIZE, RW, ANON | MAP_FIXED,
				  0), addr);
		EXPECT_EQ(touch(addr, 1), 0);
	}
	EXPECT(atomic_long_read(&current->mm->pgtable_bytes) > (long)bytes);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(vm_munmap(0x100000000UL * (i + 1), PAGE_SIZE), 0);
	EXPECT_EQ(atomic_long_read(&current->mm->pgtable_bytes), (long)bytes);
	leave_mm();
}

KERNEL_TEST(mm_remote_access_forces_a_copy)
{
	unsigned long addr;
	char c = 'x', back = 0;

	enter_mm();
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ, ANON, 0);
	EXPECT_EQ(access_remote_vm(current->mm, addr, &c, 1, true, false), 0);
	EXPECT_EQ(access_remote_vm(current->mm, addr, &c, 1, true, true), 1);
	EXPECT_EQ(access_remote_vm(current->mm, addr, &back, 1, false, false),
		  1);
	EXPECT_EQ(back, 'x');
	EXPECT_EQ(peek(addr), 'x');
	EXPECT_EQ(touch(addr, 'y'), -EFAULT);
	leave_mm();
}
