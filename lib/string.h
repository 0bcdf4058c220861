/*
 * Memory blocks and strings, as ISO C names them, and Linux's strscpy.
 *
 * The compiler itself calls memcpy, memmove, memset and memcmp, for instance
 * to copy a structure, so these four exist whether or not anyone names them.
 * lib/string.c has portable versions, all of them weak: an architecture that
 * knows better defines functions of the same names, and the linker takes
 * those.
 */
#pragma once

#include <keel/compiler.h>
#include <keel/err.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int c, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *s, int c, size_t len);
void *memchr_inv(const void *s, int c, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *part);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
ssize_t strscpy(char *to, const char *from, size_t size);

/* Overwrite a secret; the compiler must not think that nobody looks. */
static inline void memzero_explicit(void *secret, size_t len)
{
	memset(secret, 0, len);
	barrier();
}

/* True if @s begins with @prefix. */
static inline bool strstarts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}
