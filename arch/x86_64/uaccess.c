/*
 * Strings and single words in user memory, and copies that must not sleep.
 *
 * The rules are in <arch/uaccess.h>. The loops below read eight bytes at a
 * time once the pointer is aligned: an aligned word never crosses a page, so
 * a fault in it means that its first byte is bad as well.
 */
#include <arch/uaccess.h>
#include <lib/string.h>

#define ONES	0x0101010101010101UL
#define HIGHS	0x8080808080808080UL

/* Nonzero if a byte of @word is zero; the lowest bit set marks the first. */
static inline unsigned long has_zero_byte(unsigned long word)
{
	return (word - ONES) & ~word & HIGHS;
}

/* The slow end of copy_from_user(): no stale memory may pass for input. */
size_t copy_from_user_tail(void *to, size_t len, size_t left)
{
	memset((char *)to + (len - left), 0, left);
	return left;
}

/* The most that can be read at @ptr without leaving the user half. */
static size_t user_bytes_at(const void __user *ptr, size_t max)
{
	unsigned long addr = (unsigned long)ptr;

	return addr < TASK_SIZE ? min(max, TASK_SIZE - addr) : 0;
}

long strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	size_t max = user_bytes_at(src, size);
	size_t i = 0;
	unsigned long word;
	char c;

	stac();
	for (; i < max && ((unsigned long)(src + i) & 7); i++) {
		unsafe_get_user(c, src + i, fault);
		dst[i] = c;
		if (!c)
			goto done;
	}
	for (; i + 8 <= max; i += 8) {
		unsafe_get_user(word, (const unsigned long __user *)(src + i),
				fault);
		*(unsigned long *)(dst + i) = word;
		if (has_zero_byte(word)) {
			i += bit_lowest(has_zero_byte(word)) / 8;
			goto done;
		}
	}
	for (; i < max; i++) {
		unsafe_get_user(c, src + i, fault);
		dst[i] = c;
		if (!c)
			goto done;
	}
	/* Too long; or it runs into the kernel's half, which is a fault. */
	if (i < size)
		goto fault;
done:
	clac();
	return i;
fault:
	clac();
	return -EFAULT;
}

long strnlen_user(const char __user *str, size_t max)
{
	size_t limit = user_bytes_at(str, max);
	size_t i = 0;
	unsigned long word;
	char c;

	stac();
	for (; i < limit && ((unsigned long)(str + i) & 7); i++) {
		unsafe_get_user(c, str + i, fault);
		if (!c)
			goto found;
	}
	for (; i + 8 <= limit; i += 8) {
		unsafe_get_user(word, (const unsigned long __user *)(str + i),
				fault);
		if (has_zero_byte(word)) {
			i += bit_lowest(has_zero_byte(word)) / 8;
			goto found;
		}
	}
	for (; i < limit; i++) {
		unsafe_get_user(c, str + i, fault);
		if (!c)
			goto found;
	}
	if (i < max)
		goto fault;
	clac();
	return max + 1;
found:
	clac();
	return i + 1;
fault:
	clac();
	return 0;
}

size_t copy_from_user_nofault(void *to, const void __user *from, size_t len)
{
	size_t left;

	pagefault_disable();
	left = copy_from_user(to, from, len);
	pagefault_enable();
	return left;
}

size_t copy_to_user_nofault(void __user *to, const void *from, size_t len)
{
	size_t left;

	pagefault_disable();
	left = copy_to_user(to, from, len);
	pagefault_enable();
	return left;
}

/*
 * Read kernel memory that may not be there. Refuses user addresses: whoever
 * means those says so.
 *
 * Context: any. Return: true if all of it was read.
 */
bool copy_from_kernel_nofault(void *to, const void *from, size_t len)
{
	size_t left;

	if ((long)from >= 0 || (unsigned long)from + len < len)
		return false;
	pagefault_disable();
	left = raw_copy_user(to, from, len);
	pagefault_enable();
	return left == 0;
}

int cmpxchg_user_u32(uint32_t *seen, uint32_t __user *uaddr, uint32_t old,
		     uint32_t new)
{
	if (!user_access_begin(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	__asm__ __volatile__ goto("1: lock cmpxchgl %2, %1\n"
				  EX_TABLE("1b", "%l[fault]")
		: "+a"(old), "+m"(*(uint32_t __force *)uaddr)
		: "r"(new) : "memory", "cc" : fault);
	user_access_end();
	*seen = old;
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

static uint32_t user_op_result(enum user_atomic_op op, uint32_t old,
			       uint32_t arg)
{
	switch (op) {
	case USER_ADD:
		return old + arg;
	case USER_OR:
		return old | arg;
	case USER_AND:
		return old & arg;
	case USER_XOR:
		return old ^ arg;
	case USER_XCHG:
		break;
	}
	return arg;
}

int atomic_op_user_u32(enum user_atomic_op op, uint32_t __user *uaddr,
		       uint32_t arg, uint32_t *old)
{
	uint32_t seen, expected;

	if (get_user(expected, uaddr))
		return -EFAULT;
	for (;;) {
		if (cmpxchg_user_u32(&seen, uaddr, expected,
				     user_op_result(op, expected, arg)))
			return -EFAULT;
		if (seen == expected)
			break;
		expected = seen;
	}
	*old = seen;
	return 0;
}
