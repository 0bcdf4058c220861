/*
 * Portable memory and string functions.
 *
 * The block functions work on 8-byte words at any alignment, because that is
 * what an x86 does at no extra cost; the rest of a block shorter than a word
 * is done byte by byte. They are weak: see string.h.
 *
 * strlen and memchr may read a whole aligned word of which only a part belongs
 * to the object. An aligned word never crosses into another page, so this
 * cannot fault; the address sanitizer, which knows objects by the byte, is
 * asked to look away in these functions only.
 *
 * The compiler recognises a loop that copies or fills memory and replaces it by
 * a call of memcpy or memset. In memcpy and memset themselves that would be
 * recursion; a barrier() in such a loop, which is no instruction, prevents it.
 *
 * None of these functions sleeps, takes a lock or fails.
 */
#include <lib/string.h>
#include <lib/word.h>

#define __reads_whole_words \
	__attribute__((no_sanitize("address", "kernel-address")))

/*
 * Copy @len bytes from low to high addresses. Right for overlapping blocks
 * too if @to is below @from: each word is read before a store reaches it.
 */
static __always_inline void copy_upwards(void *to, const void *from, size_t len)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	for (; len >= 8; len -= 8, d += 8, s += 8) {
		put_unaligned_le64(get_unaligned_le64(s), d);
		barrier();
	}
	for (; len; len--) {
		*d++ = *s++;
		barrier();
	}
}

/* The same from high to low, for @to above @from. */
static __always_inline void copy_downwards(void *to, const void *from,
					   size_t len)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	for (; len >= 8; len -= 8) {
		put_unaligned_le64(get_unaligned_le64(s + len - 8),
				   d + len - 8);
		barrier();
	}
	for (; len; len--) {
		d[len - 1] = s[len - 1];
		barrier();
	}
}

/* Copy @len bytes between blocks that do not overlap. Return: @to. */
__weak void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	copy_upwards(to, from, len);
	return to;
}

/* Copy @len bytes between blocks that may overlap. Return: @to. */
__weak void *memmove(void *to, const void *from, size_t len)
{
	if ((uintptr_t)to <= (uintptr_t)from)
		copy_upwards(to, from, len);
	else
		copy_downwards(to, from, len);
	return to;
}

/* Fill @len bytes with the byte @c. Return: @to. */
__weak void *memset(void *to, int c, size_t len)
{
	uint64_t word = word_repeat(c);
	unsigned char *d = to;

	for (; len >= 8; len -= 8, d += 8) {
		put_unaligned_le64(word, d);
		barrier();
	}
	for (; len; len--) {
		*d++ = c;
		barrier();
	}
	return to;
}

/*
 * Compare @len bytes as unsigned characters.
 * Return: below, equal to or above zero as @a sorts before, with or after @b.
 */
__weak int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;

	for (; len >= 8; len -= 8, x += 8, y += 8) {
		uint64_t wx = get_unaligned_be64(x);
		uint64_t wy = get_unaligned_be64(y);

		/* As big-endian numbers they sort as their bytes do. */
		if (wx != wy)
			return wx < wy ? -1 : 1;
	}
	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/*
 * Find the first byte @c in a block. What follows the first @c need not exist:
 * strnlen() relies on this, asking for more than the string may have.
 * Return: its place, or NULL.
 */
__weak __reads_whole_words void *memchr(const void *s, int c, size_t len)
{
	const unsigned char *p = s;
	uint64_t wanted = word_repeat(c);

	for (; len && !IS_ALIGNED((uintptr_t)p, 8); len--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	for (; len >= 8; len -= 8, p += 8) {
		uint64_t marks = word_find_byte(*(const uint64_t *)p, wanted);

		if (marks)
			return (void *)(p + word_mark_index(marks));
	}
	for (; len; len--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

/* Find the first byte that is not @c. Return: its place, or NULL. */
__weak void *memchr_inv(const void *s, int c, size_t len)
{
	const unsigned char *p = s;
	uint64_t expected = word_repeat(c);

	for (; len >= 8; len -= 8, p += 8)
		if (get_unaligned_le64(p) != expected)
			break;
	for (; len; len--, p++)
		if (*p != (unsigned char)c)
			return (void *)p;
	return NULL;
}

/* Return: the number of characters before the terminator. */
__weak __reads_whole_words size_t strlen(const char *s)
{
	const char *p = s;
	uint64_t marks;

	for (; !IS_ALIGNED((uintptr_t)p, 8); p++)
		if (!*p)
			return p - s;
	while (!(marks = word_find_zero(*(const uint64_t *)p)))
		p += 8;
	return p - s + word_mark_index(marks);
}

/* Return: strlen(@s), or @max if that is less; reads at most @max bytes. */
__weak size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

/* Compare two strings by their unsigned bytes. Return: as memcmp(). */
__weak int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

/* Compare at most the first @max characters. Return: as memcmp(). */
__weak int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

/*
 * Find the first @c; the terminator counts as a character of the string.
 * Return: its place, or NULL.
 */
__weak char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

/* Find the last @c, as strchr() the first. Return: its place, or NULL. */
__weak char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

/*
 * Find the first place where @part stands in @s. Takes time proportional to
 * the product of their lengths: for option strings, not for searching text.
 * Return: the place (@s itself if @part is empty), or NULL.
 */
__weak char *strstr(const char *s, const char *part)
{
	size_t len = strlen(part);

	if (!len)
		return (char *)s;
	for (; (s = strchr(s, *part)); s++)
		if (strncmp(s, part, len) == 0)
			return (char *)s;
	return NULL;
}

/* Return: how many characters at the start of @s are all in @accept. */
__weak size_t strspn(const char *s, const char *accept)
{
	size_t len = 0;

	while (s[len] && strchr(accept, s[len]))
		len++;
	return len;
}

/* Return: how many characters at the start of @s are all not in @reject. */
__weak size_t strcspn(const char *s, const char *reject)
{
	size_t len = 0;

	/* strchr() finds the terminator too. */
	while (!strchr(reject, s[len]))
		len++;
	return len;
}

/*
 * Copy a string into a buffer of @size bytes, cutting it if it is too long;
 * terminated in either case. Reads no more of @from than it copies and one
 * byte, so that a string somebody else is changing does no harm.
 *
 * Return: the length copied, without the terminator; -E2BIG if the string was
 * cut, or if @size is 0 and nothing could be written.
 */
__weak ssize_t strscpy(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = from[i];
		if (!to[i])
			return i;
	}
	if (size)
		to[size - 1] = '\0';
	return -E2BIG;
}
