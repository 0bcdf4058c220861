/*
 * The only way to user memory.
 *
 * Every address that comes from user space is hostile: it may point into the
 * kernel, at nothing, at a page that has to be read first, or change under
 * our eyes. These functions check that the range lies in the user half, open
 * the SMAP window for exactly the access, and survive the fault: each
 * instruction that touches user memory has an entry in the exception table
 * which names where to go on (kernel/extable.h). A non-canonical address
 * raises #GP instead of #PF; both are recovered.
 *
 * Context: process context, where a fault may sleep. With preemption off
 * nothing sleeps: a page that is not there is then reported like a bad
 * address, which is what the _nofault forms are made of.
 */
#pragma once

#include <arch/alternative.h>
#include <arch/page.h>
#include <arch/preempt.h>
#include <uapi/errno.h>

/* One exception-table record for inline assembly. */
#define EX_TABLE(insn, fixup) \
	".pushsection __ex_table, \"a\"\n\t" \
	".balign 4\n\t" \
	".long (" insn ") - .\n\t.long (" fixup ") - .\n\t" \
	".popsection\n"

static __always_inline bool access_ok(const void __user *ptr, size_t len)
{
	return likely(len <= TASK_SIZE &&
		      (unsigned long)ptr <= TASK_SIZE - len);
}

/*
 * For single words: an address with a clear top bit is a user address or
 * not canonical, and the latter faults by itself.
 */
static __always_inline bool access_ok_word(const void __user *ptr)
{
	return likely((long)ptr >= 0);
}

static __always_inline bool user_access_begin(const void __user *ptr,
					      size_t len)
{
	if (!access_ok(ptr, len))
		return false;
	stac();
	return true;
}

static __always_inline void user_access_end(void)
{
	clac();
}

#define uaccess_load(insn, size_type, val, ptr, label) \
	__asm__ __volatile__ goto("1: " insn "\n" \
				  EX_TABLE("1b", "%l[" #label "]") \
		: "=r"(val) \
		: "m"(*(const size_type __force *)(ptr)) \
		: : label)

#define uaccess_store(insn, size_type, val, ptr, label) \
	__asm__ __volatile__ goto("1: " insn "\n" \
				  EX_TABLE("1b", "%l[" #label "]") \
		: : "m"(*(size_type __force *)(ptr)), "er"((size_type)(val)) \
		: "memory" : label)

/* Between user_access_begin and _end; a bad address jumps to @label. */
#define unsafe_get_user(x, ptr, label) do { \
	unsigned long ugu_val; \
	switch (sizeof(*(ptr))) { \
	case 1: \
		uaccess_load("movzbl %1, %k0", uint8_t, ugu_val, ptr, label); \
		break; \
	case 2: \
		uaccess_load("movzwl %1, %k0", uint16_t, ugu_val, ptr, label);\
		break; \
	case 4: \
		uaccess_load("movl %1, %k0", uint32_t, ugu_val, ptr, label); \
		break; \
	case 8: \
		uaccess_load("movq %1, %0", uint64_t, ugu_val, ptr, label); \
		break; \
	default: \
		uaccess_bad_size(); \
	} \
	(x) = (typeof(*(ptr)))ugu_val; \
} while (0)

#define unsafe_put_user(x, ptr, label) do { \
	__auto_type upu_val = (x); \
	switch (sizeof(*(ptr))) { \
	case 1: \
		uaccess_store("movb %b1, %0", uint8_t, \
			      (unsigned long)upu_val, ptr, label); \
		break; \
	case 2: \
		uaccess_store("movw %w1, %0", uint16_t, \
			      (unsigned long)upu_val, ptr, label); \
		break; \
	case 4: \
		uaccess_store("movl %k1, %0", uint32_t, \
			      (unsigned long)upu_val, ptr, label); \
		break; \
	case 8: \
		uaccess_store("movq %1, %0", uint64_t, \
			      (unsigned long)upu_val, ptr, label); \
		break; \
	default: \
		uaccess_bad_size(); \
	} \
} while (0)

/* Never defined: using a size we cannot do in one access does not link. */
void uaccess_bad_size(void);

/* Read *@ptr into @x: 0, or -EFAULT and @x is 0. */
#define get_user(x, ptr) ({ \
	__label__ gu_fault, gu_done; \
	typeof(ptr) gu_ptr = (ptr); \
	int gu_err = -EFAULT; \
	if (unlikely(!access_ok_word(gu_ptr))) { \
		(x) = (typeof(*gu_ptr))0; \
		goto gu_done; \
	} \
	stac(); \
	unsafe_get_user(x, gu_ptr, gu_fault); \
	clac(); \
	gu_err = 0; \
	goto gu_done; \
gu_fault: \
	clac(); \
	(x) = (typeof(*gu_ptr))0; \
gu_done: \
	gu_err; })

/* Write @x to *@ptr: 0 or -EFAULT. */
#define put_user(x, ptr) ({ \
	__label__ pu_fault, pu_done; \
	typeof(ptr) pu_ptr = (ptr); \
	__auto_type pu_val = (x); \
	int pu_err = -EFAULT; \
	if (unlikely(!access_ok_word(pu_ptr))) \
		goto pu_done; \
	stac(); \
	unsafe_put_user(pu_val, pu_ptr, pu_fault); \
	pu_err = 0; \
pu_fault: \
	clac(); \
pu_done: \
	pu_err; })

/*
 * arch/x86_64/copy_user.asm. No range check; returns the bytes that were not
 * copied. Stops at the exact byte that faults.
 */
size_t raw_copy_user(void *to, const void *from, size_t len);
size_t raw_clear_user(void *to, size_t len);

/*
 * Return: the bytes NOT copied, 0 for success. What copy_from_user could not
 * read is zeroed in @to, so that no stale kernel memory is taken for input.
 */
size_t copy_from_user_tail(void *to, size_t len, size_t left);

static __always_inline size_t __must_check
copy_from_user(void *to, const void __user *from, size_t len)
{
	size_t left = len;

	if (access_ok(from, len))
		left = raw_copy_user(to, (const void __force *)from, len);
	if (unlikely(left))
		return copy_from_user_tail(to, len, left);
	return 0;
}

static __always_inline size_t __must_check
copy_to_user(void __user *to, const void *from, size_t len)
{
	if (!access_ok(to, len))
		return len;
	return raw_copy_user((void __force *)to, from, len);
}

static __always_inline size_t __must_check
clear_user(void __user *to, size_t len)
{
	if (!access_ok(to, len))
		return len;
	return raw_clear_user((void __force *)to, len);
}

/*
 * Copy a string of at most @size - 1 characters and its NUL.
 * Return: its length without NUL, @size if no NUL was among the first @size
 * bytes (@dst is then not terminated), or -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, size_t size);

/*
 * Return: the length *with* the NUL, a number above @max if it is longer
 * than that, or 0 for a bad address.
 */
long strnlen_user(const char __user *str, size_t max);

/* Reading must not sleep: page faults are answered as if nothing were there. */
static __always_inline void pagefault_disable(void)
{
	preempt_disable();
}

static __always_inline void pagefault_enable(void)
{
	preempt_enable();
}

/* Context: any. Return: bytes not copied. */
size_t copy_from_user_nofault(void *to, const void __user *from, size_t len);
size_t copy_to_user_nofault(void __user *to, const void *from, size_t len);
/* The same for kernel addresses that may be garbage: stack dumps, gdb. */
bool copy_from_kernel_nofault(void *to, const void *from, size_t len);

/*
 * *@uaddr = @new if it was @old. Return: 0 with what was there in @seen, or
 * -EFAULT.
 */
int cmpxchg_user_u32(uint32_t *seen, uint32_t __user *uaddr, uint32_t old,
		     uint32_t new);

enum user_atomic_op { USER_XCHG, USER_ADD, USER_OR, USER_AND, USER_XOR };

/* Apply @op with @arg atomically. Return: 0 with the old value, or -EFAULT. */
int atomic_op_user_u32(enum user_atomic_op op, uint32_t __user *uaddr,
		       uint32_t arg, uint32_t *old);
