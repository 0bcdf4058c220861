/*
 * Memory by lifetime: arenas, and string buffers that live in them.
 *
 * See arena.c for the three lifetimes a shell has.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena;
struct chunk;

/* A point in an arena's growth, to which arena_release() cuts it back. */
struct arena_mark {
	struct chunk	*chunk;
	size_t		used;
};

/* The arena of things that die with the command being executed. */
extern struct arena *scratch;

struct arena *arena_create(void);
struct arena *arena_get(struct arena *arena);
void arena_put(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
void *arena_grow(struct arena *arena, void *old, size_t old_size,
		 size_t new_size);
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_strdup(struct arena *arena, const char *s);
struct arena_mark arena_mark(struct arena *arena);
void arena_release(struct arena *arena, struct arena_mark mark);

/* A string under construction; always call sbuf_str() to read it. */
struct sbuf {
	struct arena	*arena;
	char		*data;
	size_t		len;
	size_t		cap;
};

void sbuf_init(struct sbuf *sb, struct arena *arena);
void sbuf_putc(struct sbuf *sb, char c);
void sbuf_put(struct sbuf *sb, const char *s, size_t len);
void sbuf_puts(struct sbuf *sb, const char *s);
void sbuf_vprintf(struct sbuf *sb, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));
void sbuf_printf(struct sbuf *sb, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *sbuf_str(struct sbuf *sb);

/* The heap, for things whose lifetime is their own. Never return NULL. */
void *xmalloc(size_t size);
char *xstrdup(const char *s);
