/*
 * The assembly that moves memory: every length up to a few words, every
 * alignment, overlap in both directions, and copies that stop at a fault.
 */
#include <arch/current.h>
#include <arch/page.h>
#include <arch/uaccess.h>
#include <kernel/selftest.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/vma.h>
#include <mm/vmalloc.h>
#include <uapi/mman.h>

#define AREA	256
#define MAX_LEN	80

static unsigned char area[AREA], expected[AREA], source[AREA];

static void fill(unsigned char *p, unsigned int seed)
{
	for (unsigned int i = 0; i < AREA; i++)
		p[i] = i * 7 + seed;
}

static bool same_area(void)
{
	for (unsigned int i = 0; i < AREA; i++)
		if (area[i] != expected[i])
			return false;
	return true;
}

KERNEL_TEST(arch_memcpy_every_length_and_alignment)
{
	fill(source, 3);
	for (unsigned int len = 0; len <= MAX_LEN; len++) {
		for (unsigned int align = 0; align < 64; align++) {
			unsigned int from = align & 7, to = 16 + (align >> 3);

			fill(area, 1);
			fill(expected, 1);
			for (unsigned int i = 0; i < len; i++)
				expected[to + i] = source[from + i];
			memcpy(area + to, source + from, len);
			if (!EXPECT(same_area()))
				return;
		}
	}
}

KERNEL_TEST(arch_memmove_every_overlap)
{
	for (unsigned int len = 0; len <= MAX_LEN; len++) {
		for (int shift = -40; shift <= 40; shift++) {
			unsigned int from = 64, to = 64 + shift;

			fill(area, 1);
			fill(source, 1);
			fill(expected, 1);
			for (unsigned int i = 0; i < len; i++)
				expected[to + i] = source[from + i];
			memmove(area + to, area + from, len);
			if (!EXPECT(same_area()))
				return;
		}
	}
}

KERNEL_TEST(arch_memset_every_length)
{
	for (unsigned int len = 0; len <= MAX_LEN; len++) {
		fill(area, 1);
		fill(expected, 1);
		for (unsigned int i = 0; i < len; i++)
			expected[13 + i] = 0xa5;
		memset(area + 13, 0x3a5, len);
		if (!EXPECT(same_area()))
			return;
	}
}

/* Two pages of user memory, the second of which is taken away. */
static unsigned long one_page_then_nothing(void)
{
	struct mm *mm = mm_alloc();
	unsigned long addr;

	if (!mm)
		panic("no memory for a test's address space");
	mm_set_layout(mm, STACK_TOP);
	EXPECT(mm_install(mm) == NULL);
	addr = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	EXPECT_EQ(vm_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	return addr + PAGE_SIZE;
}

static void leave_mm(void)
{
	struct mm *mm = current->mm;

	mmgrab(mm);
	current->mm = NULL;
	mmput(mm);
}

KERNEL_TEST(arch_user_copies_stop_at_the_byte_that_faults)
{
	unsigned long end = one_page_then_nothing();

	fill(source, 9);
	for (unsigned int good = 0; good <= 40; good++) {
		for (unsigned int bad = 0; bad <= 20; bad++) {
			char __user *user = (char __user *)(end - good);
			size_t len = good + bad;

			EXPECT_EQ(copy_to_user(user, source, len), bad);
			memset(area, 0xff, AREA);
			EXPECT_EQ(copy_from_user(area, user, len), bad);
			EXPECT_EQ(memcmp(area, source, good), 0);
			/* What was not read is zero, the rest untouched. */
			for (unsigned int i = good; i < len; i++)
				EXPECT_EQ(area[i], 0);
			EXPECT_EQ(area[len], 0xff);
			EXPECT_EQ(clear_user(user, len), bad);
		}
	}
	leave_mm();
}

KERNEL_TEST(arch_user_strings)
{
	unsigned long end = one_page_then_nothing();
	char __user *user = (char __user *)end - 20;
	char buf[64];

	EXPECT_EQ(copy_to_user(user, "twenty characters!!", 20), 0UL);
	EXPECT_EQ(strncpy_from_user(buf, user, sizeof(buf)), 19);
	EXPECT_EQ(strcmp(buf, "twenty characters!!"), 0);
	EXPECT_EQ(strncpy_from_user(buf, user, 19), 19);
	EXPECT_EQ(strncpy_from_user(buf, user, 20), 19);
	EXPECT_EQ(strncpy_from_user(buf, user, 5), 5);
	EXPECT_EQ(strnlen_user(user, 100), 20);
	EXPECT_EQ(strnlen_user(user + 19, 100), 1);
	EXPECT(strnlen_user(user, 10) > 10);
	/* No NUL before the end of the mapping. */
	EXPECT_EQ(put_user('?', user + 19), 0);
	EXPECT_EQ(strncpy_from_user(buf, user, sizeof(buf)), -EFAULT);
	EXPECT_EQ(strnlen_user(user, 100), 0);
	EXPECT_EQ(strncpy_from_user(buf, user, 20), 20);
	leave_mm();
}

/* Places no program may name; some fault, some are refused before. */
static const unsigned long bad_addresses[] = {
	0, 8, TASK_SIZE - 4, TASK_SIZE, 0x7fffffffffff, 0x800000000000,
	0x0123456789abcdef, 0xffff7fffffffffff, PAGE_OFFSET, VMALLOC_START,
	KERNEL_IMAGE_BASE + 0x100000, ~0UL - 7, ~0UL,
};

KERNEL_TEST(arch_bad_user_addresses_are_errors)
{
	unsigned long end = one_page_then_nothing();
	uint32_t seen;
	uint64_t word;
	char buf[8];

	for (unsigned int i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		unsigned long addr = bad_addresses[i];

		word = 1;
		EXPECT_EQ(get_user(word, (uint64_t __user *)addr), -EFAULT);
		EXPECT_EQ(word, 0UL);
		EXPECT_EQ(put_user(word, (uint64_t __user *)addr), -EFAULT);
		EXPECT_EQ(copy_from_user(buf, (void __user *)addr, 8), 8UL);
		EXPECT_EQ(copy_to_user((void __user *)addr, buf, 8), 8UL);
		EXPECT_EQ(clear_user((void __user *)addr, 8), 8UL);
		EXPECT_EQ(strncpy_from_user(buf, (char __user *)addr, 8),
			  -EFAULT);
		EXPECT_EQ(strnlen_user((char __user *)addr, 8), 0);
		EXPECT_EQ(cmpxchg_user_u32(&seen, (uint32_t __user *)addr, 0,
					   0), -EFAULT);
	}
	/* A length that wraps. */
	EXPECT_EQ(copy_to_user((void __user *)(end - 8), buf, ~0UL), ~0UL);
	EXPECT_EQ(clear_user((void __user *)(end - 8), ~0UL), ~0UL);
	leave_mm();
}

KERNEL_TEST(arch_user_atomics)
{
	unsigned long end = one_page_then_nothing();
	uint32_t __user *word = (uint32_t __user *)(end - 4);
	uint32_t seen = 0;

	EXPECT_EQ(put_user(5U, word), 0);
	EXPECT_EQ(cmpxchg_user_u32(&seen, word, 4, 9), 0);
	EXPECT_EQ(seen, 5U);
	EXPECT_EQ(cmpxchg_user_u32(&seen, word, 5, 9), 0);
	EXPECT_EQ(atomic_op_user_u32(USER_ADD, word, 3, &seen), 0);
	EXPECT_EQ(seen, 9U);
	EXPECT_EQ(atomic_op_user_u32(USER_OR, word, 0x10, &seen), 0);
	EXPECT_EQ(seen, 12U);
	EXPECT_EQ(atomic_op_user_u32(USER_XCHG, word, 0, &seen), 0);
	EXPECT_EQ(seen, 0x1cU);
	leave_mm();
}

KERNEL_TEST(arch_garbage_kernel_pointers_can_be_probed)
{
	char buf[8], *page = vmalloc(PAGE_SIZE);

	if (!page)
		panic("no memory");
	EXPECT(copy_from_kernel_nofault(buf, page + PAGE_SIZE - 8, 8));
	/* The page behind is the guard. */
	EXPECT(!copy_from_kernel_nofault(buf, page + PAGE_SIZE - 4, 8));
	EXPECT(!copy_from_kernel_nofault(buf, (void *)~0UL, 8));
	EXPECT(!copy_from_kernel_nofault(buf, (void *)0xffff700000000000, 8));
	EXPECT(!copy_from_kernel_nofault(buf, NULL, 8));
	vfree(page);
}
