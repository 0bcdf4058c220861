/*
 * Address space layout: where mmap begins, and how random that is.
 *
 * mmap areas lie below the stack's share of the address space. Stack top, mmap
 * base, heap and position-independent programs get as many random bits as on
 * Linux: 22, 28, 13 and 28 bits of pages. `norandmaps`, randomize_va_space = 0
 * and personality ADDR_NO_RANDOMIZE switch that off.
 *
 * With an unlimited stack (or ADDR_COMPAT_LAYOUT) there is no "below": mmap
 * then goes up from a third of the address space.
 */
#include <arch/current.h>
#include <kernel/params.h>
#include <kernel/random.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#include "internal.h"

#define MMAP_RND_BITS	28
#define STACK_RND_MASK	0x3fffffUL	/* pages: 16 GiB */
#define BRK_RND_BYTES	0x02000000UL

#define STACK_SHARE_MIN	(128UL << 20)
#define STACK_SHARE_MAX	(TASK_SIZE / 6 * 5)

int randomize_va_space = 2;

/* Will the program that current begins lie at random places? */
bool aslr_is_on(void)
{
	return randomize_va_space &&
	       !(current->personality & ADDR_NO_RANDOMIZE);
}

static unsigned long random_pages(unsigned long mask)
{
	unsigned long random;

	get_random_bytes(&random, sizeof(random));
	return random & mask;
}

/* What to add to, or take from, the base of the mmap area, in bytes. */
unsigned long aslr_mmap_offset(void)
{
	return aslr_is_on() ?
	       random_pages(BIT(MMAP_RND_BITS) - 1) << PAGE_SHIFT : 0;
}

/* The end of a new stack. */
unsigned long aslr_stack_top(void)
{
	return aslr_is_on() ?
	       STACK_TOP - (random_pages(STACK_RND_MASK) << PAGE_SHIFT) :
	       STACK_TOP;
}

/* How far behind the program, which ends at @brk, the heap begins. */
unsigned long aslr_brk_offset(unsigned long brk)
{
	unsigned long gap = PAGE_ALIGN(brk) - brk;

	if (!aslr_is_on() || randomize_va_space < 2)
		return 0;
	return gap + (random_pages(BRK_RND_BYTES / PAGE_SIZE - 1) <<
		      PAGE_SHIFT);
}

/* Where a position-independent program goes that has no interpreter. */
unsigned long aslr_pie_base(void)
{
	return PAGE_ALIGN_DOWN(TASK_SIZE / 3 * 2) + aslr_mmap_offset();
}

/*
 * exec: give @mm its layout. @stack_top is the end of its stack; the rest
 * follows from the caller's limits.
 */
void mm_set_layout(struct mm *mm, unsigned long stack_top)
{
	unsigned long share = task_rlimit(current, RLIMIT_STACK);
	unsigned long pad = stack_guard_gap << PAGE_SHIFT;
	unsigned long offset = aslr_mmap_offset();

	if (share == RLIM_INFINITY ||
	    (current->personality & ADDR_COMPAT_LAYOUT)) {
		mm->mmap_legacy = PAGE_ALIGN(TASK_SIZE / 3) + offset;
		mm->mmap_base = mm->mmap_legacy;
		return;
	}
	if (share + pad > share)
		share += pad;
	share = clamp(share, STACK_SHARE_MIN, STACK_SHARE_MAX);
	mm->mmap_legacy = 0;
	mm->mmap_base = PAGE_ALIGN_DOWN(stack_top - share) - offset;
}

/*
 * exec: with MMAP_PAGE_ZERO, a System V program may read through null pointers.
 * Who may not have memory that low (vm.mmap_min_addr) goes without.
 */
void mm_map_page_zero(void)
{
	if (unlikely(current->personality & MMAP_PAGE_ZERO))
		vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_EXEC,
			MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0);
}

void __init aslr_init(void)
{
	if (param_is_set("norandmaps"))
		randomize_va_space = 0;
}
