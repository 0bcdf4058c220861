/*
 * Memory functions: a pointer, a length, and no thought for zero bytes.
 *
 * The one idea is to move eight bytes at a time where it pays. x86-64 reads
 * and writes unaligned words at full speed, so there is no alignment dance;
 * what must be right is only that no byte outside [p, p + n) is touched.
 *
 * This file is compiled with -fno-tree-loop-distribute-patterns. Without it
 * gcc would recognise the loop inside memcpy as "a memcpy" and call memcpy.
 */
#include <string.h>

#include <stdint.h>

/*
 * A word that may alias anything and lie anywhere: the attribute is what
 * makes reading other types through it defined behaviour for gcc and clang.
 */
typedef uint64_t word_t __attribute__((may_alias, aligned(1)));

/*
 * Copy @n bytes from @src to @dst, which must not overlap.
 *
 * Return: @dst.
 */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	for (; n >= 32; n -= 32, d += 32, s += 32) {
		word_t *to = (word_t *)d;
		const word_t *from = (const word_t *)s;

		to[0] = from[0];
		to[1] = from[1];
		to[2] = from[2];
		to[3] = from[3];
	}
	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(word_t *)d = *(const word_t *)s;
	while (n--)
		*d++ = *s++;
	return dst;
}

/* Like memcpy, but return the end of the copy, ready for the next one. */
void *mempcpy(void *restrict dst, const void *restrict src, size_t n)
{
	return (char *)memcpy(dst, src, n) + n;
}

/*
 * Copy @n bytes from @src to @dst, which may overlap.
 *
 * If @dst starts inside the source, a forward copy would overwrite bytes it
 * has yet to read, so the copy runs backwards. In all other cases forward is
 * right, and each word is read before any later word is written.
 *
 * Return: @dst.
 */
void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((uintptr_t)d - (uintptr_t)s >= n) {
		for (; n >= 8; n -= 8, d += 8, s += 8)
			*(word_t *)d = *(const word_t *)s;
		while (n--)
			*d++ = *s++;
		return dst;
	}
	for (; n >= 8; n -= 8)
		*(word_t *)(d + n - 8) = *(const word_t *)(s + n - 8);
	while (n--)
		d[n] = s[n];
	return dst;
}

/* Set @n bytes at @dst to @byte. Return: @dst. */
void *memset(void *dst, int byte, size_t n)
{
	unsigned char *d = dst;
	uint64_t pattern = (unsigned char)byte * 0x0101010101010101UL;

	for (; n >= 8; n -= 8, d += 8)
		*(word_t *)d = pattern;
	while (n--)
		*d++ = (unsigned char)byte;
	return dst;
}

/*
 * Compare @n bytes as unsigned values.
 *
 * Return: negative, 0 or positive as the first difference decides.
 */
int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	while (n >= 8 && *(const word_t *)x == *(const word_t *)y) {
		x += 8;
		y += 8;
		n -= 8;
	}
	for (; n != 0; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/* Find the first @byte in @n bytes. Return: its place, or NULL. */
void *memchr(const void *s, int byte, size_t n)
{
	const unsigned char *p = s;

	for (; n != 0; n--, p++)
		if (*p == (unsigned char)byte)
			return (void *)p;
	return NULL;
}

/* Find the last @byte in @n bytes. Return: its place, or NULL. */
void *memrchr(const void *s, int byte, size_t n)
{
	const unsigned char *p = s;

	while (n-- != 0)
		if (p[n] == (unsigned char)byte)
			return (void *)(p + n);
	return NULL;
}

/*
 * Find the first occurrence of one block of memory in another. The first
 * byte is searched for with memchr, so only candidates are compared.
 *
 * Return: its place, or NULL; an empty needle is found at once.
 */
void *memmem(const void *hay, size_t hay_len, const void *needle,
	     size_t needle_len)
{
	const char *p = hay, *end = p + hay_len;
	const char *first = needle;

	if (needle_len == 0)
		return (void *)hay;
	while ((size_t)(end - p) >= needle_len) {
		p = memchr(p, *first, (size_t)(end - p) - needle_len + 1);
		if (!p)
			return NULL;
		if (memcmp(p, needle, needle_len) == 0)
			return (void *)p;
		p++;
	}
	return NULL;
}
