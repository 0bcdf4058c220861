/*
 * Path names on their way into the kernel.
 *
 * Nearly all are short, so a struct pathname has room for them on the stack of
 * the system call; longer ones get memory of their own.
 */
#include <fs/namei.h>

#include <arch/uaccess.h>
#include <lib/string.h>
#include <mm/slab.h>

/* What the walker may read behind the end (lib/hash.h: hash_component). */
#define SLACK	8

static int check_empty(struct pathname *p, unsigned int lookup_flags)
{
	if (likely(*p->name) || (lookup_flags & LOOKUP_EMPTY))
		return 0;
	pathname_put(p);
	return -ENOENT;
}

static int get_long(struct pathname *p, const char __user *user)
{
	char *buf = kmalloc(PATH_MAX + SLACK, GFP_KERNEL);
	long len;

	if (!buf)
		return -ENOMEM;
	len = strncpy_from_user(buf, user, PATH_MAX);
	if (len >= PATH_MAX)
		len = -ENAMETOOLONG;
	if (len < 0) {
		kfree(buf);
		return len;
	}
	p->name = buf;
	return 0;
}

/* Copy a path from user space. Context: may sleep. */
int pathname_get(struct pathname *p, const char __user *user,
		 unsigned int lookup_flags)
{
	const size_t room = PATHNAME_INLINE - SLACK;
	long len = strncpy_from_user(p->inline_name, user, room);
	int err;

	if (unlikely(len < 0))
		return len;
	p->name = p->inline_name;
	if (unlikely((size_t)len >= room)) {
		err = get_long(p, user);
		if (err)
			return err;
	}
	return check_empty(p, lookup_flags);
}

/* The same from a string in the kernel. -ENAMETOOLONG, -ENOMEM. May sleep. */
int pathname_get_kernel(struct pathname *p, const char *name)
{
	size_t len = strlen(name);
	char *buf = p->inline_name;

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	if (len >= PATHNAME_INLINE - SLACK) {
		buf = kmalloc(len + 1 + SLACK, GFP_KERNEL);
		if (!buf)
			return -ENOMEM;
	}
	memcpy(buf, name, len + 1);
	p->name = buf;
	return 0;
}

void pathname_put_slow(struct pathname *p)
{
	kfree(p->name);
}
