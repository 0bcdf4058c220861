/*
 * System calls whose arguments are a structure with its size beside it.
 *
 * New members are added at the end, and zero means what was before there was
 * the member. So an old program passes a shorter structure, whose missing end
 * is taken as zero, and a new program runs on an old kernel as long as it asks
 * for nothing that kernel does not know: what lies behind the end must be zero.
 */
#include <kernel/user_struct.h>

#include <keel/err.h>
#include <lib/string.h>

/*
 * Fill the @size bytes of *@to from a user's structure of @user_size bytes.
 * The caller has bounded @user_size.
 *
 * Context: process; may fault.
 * Return:  0; -E2BIG: it uses members we do not know; -EFAULT.
 */
int copy_struct_from_user(void *to, size_t size, const void __user *from,
			  size_t user_size)
{
	const char __user *tail = (const char __user *)from + size;
	size_t known = min(size, user_size);
	char c;

	for (size_t i = size; i < user_size; i++, tail++) {
		if (get_user(c, tail))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	memset((char *)to + known, 0, size - known);
	return copy_from_user(to, from, known) ? -EFAULT : 0;
}
