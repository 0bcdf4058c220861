/*
 * String functions: bytes up to, and not counting, the terminating zero.
 *
 * Each is the loop its name stands for. Where one can be said in terms of
 * another (strcpy by stpcpy, strspn's kin by a set of bytes) it is, so that
 * the corner cases live in one place.
 *
 * A note on sizes: strncpy pads with zeros and may leave no terminator; it
 * was made for fixed-width fields on disk. For buffers, use strlcpy, which
 * always terminates and returns the length it wanted, so that truncation is
 * one comparison.
 */
#include <string.h>

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

/* Count the bytes of @s before its zero. */
size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

/* Like strlen, but read at most @max bytes, and return at most @max. */
size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

/* Copy @src with its zero. Return: the zero at the end of the copy. */
char *stpcpy(char *restrict dst, const char *restrict src)
{
	while ((*dst = *src) != '\0') {
		dst++;
		src++;
	}
	return dst;
}

/* Copy @src with its zero. Return: @dst. */
char *strcpy(char *restrict dst, const char *restrict src)
{
	stpcpy(dst, src);
	return dst;
}

/*
 * Fill the @n bytes of a fixed-width field from @src, zeros after its end.
 * No terminator is written if @src has @n bytes or more.
 *
 * Return: @dst.
 */
char *strncpy(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst;
}

/*
 * Copy as much of @src as fits in @size bytes, always terminated unless
 * @size is 0.
 *
 * Return: strlen(@src); a result of @size or more means it was cut.
 */
size_t strlcpy(char *restrict dst, const char *restrict src, size_t size)
{
	size_t len = strlen(src);

	if (size != 0) {
		size_t n = len < size ? len : size - 1;

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

/* Append @src to @dst. Return: @dst. */
char *strcat(char *restrict dst, const char *restrict src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

/* Append at most @n bytes of @src to @dst, and a zero. Return: @dst. */
char *strncat(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strnlen(src, n);
	char *end = dst + strlen(dst);

	memcpy(end, src, len);
	end[len] = '\0';
	return dst;
}

/*
 * Append as much of @src as fits in the @size bytes that @dst has in all.
 *
 * Return: the length it tried to make; @size or more means it was cut.
 */
size_t strlcat(char *restrict dst, const char *restrict src, size_t size)
{
	size_t used = strnlen(dst, size);

	return used + strlcpy(dst + used, src, size - used);
}

/* Copy @s into memory from malloc. Return: the copy, or NULL (ENOMEM). */
char *strdup(const char *s)
{
	return strndup(s, SIZE_MAX - 1);
}

/* Like strdup, but copy at most @n bytes; the copy is terminated. */
char *strndup(const char *s, size_t n)
{
	size_t len = 0;
	char *copy;

	while (len < n && s[len])
		len++;
	copy = malloc(len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

/* Compare as unsigned bytes. Return: negative, 0 or positive. */
int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

/* Like strcmp, but look at no more than @n bytes of each. */
int strncmp(const char *a, const char *b, size_t n)
{
	for (; n != 0; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

/* Like strcmp, with the ASCII letters' case ignored. */
int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

/* Like strncmp, with the ASCII letters' case ignored. */
int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n != 0; n--, a++, b++) {
		int x = tolower((unsigned char)*a);
		int y = tolower((unsigned char)*b);

		if (x != y)
			return x - y;
		if (!x)
			break;
	}
	return 0;
}

/* Compare in the locale's order, which in the "C" locale is strcmp's. */
int strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

/* Find the first @c in @s. Return: its place, or the end of @s. */
char *strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

/*
 * Find the first @c in @s; the terminating zero can be searched for too.
 *
 * Return: its place, or NULL.
 */
char *strchr(const char *s, int c)
{
	char *found = strchrnul(s, c);

	return *found == (char)c ? found : NULL;
}

/* Find the last @c in @s, the zero included. Return: its place, or NULL. */
char *strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

/* Find @needle in @hay. Return: the first place, or NULL. */
char *strstr(const char *hay, const char *needle)
{
	return memmem(hay, strlen(hay), needle, strlen(needle));
}

/*
 * A set of bytes, for the functions that ask "is this byte one of those?"
 * once per byte of a long string.
 */
struct byte_set {
	unsigned char	has[UCHAR_MAX + 1];
};

static void byte_set_fill(struct byte_set *set, const char *members)
{
	memset(set, 0, sizeof(*set));
	for (; *members; members++)
		set->has[(unsigned char)*members] = 1;
}

/* Count the leading bytes of @s that are all in @accept. */
size_t strspn(const char *s, const char *accept)
{
	struct byte_set set;
	size_t n = 0;

	byte_set_fill(&set, accept);
	while (set.has[(unsigned char)s[n]])
		n++;
	return n;
}

/* Count the leading bytes of @s of which none is in @reject. */
size_t strcspn(const char *s, const char *reject)
{
	struct byte_set set;
	size_t n = 0;

	byte_set_fill(&set, reject);
	set.has[0] = 1;		/* the end stops the count as well */
	while (!set.has[(unsigned char)s[n]])
		n++;
	return n;
}

/* Find the first byte of @s that is in @accept. Return: it, or NULL. */
char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

/*
 * Split off the next token of *@save at bytes of @delim, which are
 * overwritten by zeros. Runs of delimiters count as one, and there are no
 * empty tokens. The first call passes the string in @s, later ones NULL.
 *
 * Return: the token, or NULL when none is left.
 */
char *strtok_r(char *restrict s, const char *restrict delim,
	       char **restrict save)
{
	char *token = s ? s : *save;

	token += strspn(token, delim);
	*save = token + strcspn(token, delim);
	if (**save)
		*(*save)++ = '\0';
	return *token ? token : NULL;
}

/* strtok_r with a hidden place to save in: not for two strings at once. */
char *strtok(char *restrict s, const char *restrict delim)
{
	static char *save;

	return strtok_r(s, delim, &save);
}

/*
 * Split off the field up to the next byte of @delim, which is overwritten.
 * Unlike strtok, two delimiters in a row have an empty field between them.
 *
 * Return: the field, or NULL when the last one has been returned.
 */
char *strsep(char **restrict s, const char *restrict delim)
{
	char *field = *s, *end;

	if (!field)
		return NULL;
	end = field + strcspn(field, delim);
	*s = *end ? end + 1 : NULL;
	*end = '\0';
	return field;
}
