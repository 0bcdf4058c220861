/*
 * Memory by lifetime.
 *
 * A shell allocates thousands of small pieces and, because any step may be
 * abandoned by an error or by Ctrl-C, would need a free() on every one of
 * its exits. This one sorts its memory by how long it lives instead:
 *
 *	the syntax tree		an arena per complete command, counted: the
 *				loop that runs the command holds one
 *				reference, each function defined by it another
 *	expansions		the scratch arena, cut back to where it was as
 *				soon as the command that needed them is over,
 *				and by throw() when it is abandoned
 *	variables, jobs, traps	the heap, freed one by one by their owner
 *
 * An arena is a list of chunks, newest first; allocating moves a mark upward
 * in the newest, and releasing moves it back. What was allocated last can
 * grow in place, which makes a string buffer built in an arena as cheap as
 * one on the heap.
 *
 * Build with -DARENA_CHUNK=0 to give every allocation a chunk of its own:
 * slower, but then ASan and valgrind see each piece's exact bounds.
 */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#ifndef ARENA_CHUNK
#define ARENA_CHUNK	4080
#endif

#define ALIGN		sizeof(max_align_t)

struct chunk {
	struct chunk	*next;		/* older */
	size_t		used;
	size_t		size;
	max_align_t	data[];
};

struct arena {
	struct chunk	*top;
	unsigned long	refs;
};

struct arena *scratch;

static size_t round_up(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/*
 * Allocate from the heap, or throw "out of memory".
 */
void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		shell_error("out of memory");
	return p;
}

/*
 * Copy a string to the heap, or throw "out of memory".
 */
char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

/*
 * Create an empty arena and give the caller its first reference.
 */
struct arena *arena_create(void)
{
	struct arena *arena = xmalloc(sizeof(*arena));

	arena->top = NULL;
	arena->refs = 1;
	return arena;
}

/*
 * Take another reference.
 */
struct arena *arena_get(struct arena *arena)
{
	arena->refs++;
	return arena;
}

/*
 * Drop a reference; the last one frees all that was allocated.
 */
void arena_put(struct arena *arena)
{
	if (--arena->refs)
		return;
	arena_release(arena, (struct arena_mark){ 0 });
	free(arena);
}

static void add_chunk(struct arena *arena, size_t size)
{
	size_t room = size > ARENA_CHUNK ? size : ARENA_CHUNK;
	struct chunk *chunk = xmalloc(sizeof(*chunk) + room);

	chunk->next = arena->top;
	chunk->used = 0;
	chunk->size = room;
	arena->top = chunk;
}

/*
 * Allocate @size bytes that live as long as the arena, or until it is
 * released to a mark set before.
 */
void *arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *top = arena->top;
	char *p;

	if (size > SIZE_MAX / 2)
		shell_error("out of memory");
	size = round_up(size);
	if (!ARENA_CHUNK || !top || top->size - top->used < size) {
		add_chunk(arena, size);
		top = arena->top;
	}
	p = (char *)top->data + top->used;
	top->used += size;
	return p;
}

/*
 * Make the allocation @old larger, in place if it was the last one made.
 *
 * Return: where it is now; the old place must not be used any more.
 */
void *arena_grow(struct arena *arena, void *old, size_t old_size,
		 size_t new_size)
{
	struct chunk *top = arena->top;
	void *p;

	if (old && new_size <= SIZE_MAX / 2) {
		size_t was = round_up(old_size);
		size_t now = round_up(new_size);
		char *end = (char *)top->data + top->used;

		if ((char *)old + was == end &&
		    now - was <= top->size - top->used) {
			top->used += now - was;
			return old;
		}
	}
	p = arena_alloc(arena, new_size);
	if (old)
		memcpy(p, old, old_size);
	return p;
}

/*
 * Copy @len characters into the arena, and a NUL.
 */
char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

/*
 * Copy a string into the arena.
 */
char *arena_strdup(struct arena *arena, const char *s)
{
	return arena_strndup(arena, s, strlen(s));
}

/*
 * Note how far the arena has grown.
 */
struct arena_mark arena_mark(struct arena *arena)
{
	return (struct arena_mark){
		.chunk	= arena->top,
		.used	= arena->top ? arena->top->used : 0,
	};
}

/*
 * Free everything allocated since @mark was taken.
 */
void arena_release(struct arena *arena, struct arena_mark mark)
{
	while (arena->top != mark.chunk) {
		struct chunk *chunk = arena->top;

		arena->top = chunk->next;
		free(chunk);
	}
	if (arena->top)
		arena->top->used = mark.used;
}

/*
 * Begin an empty string, to be built in @arena.
 */
void sbuf_init(struct sbuf *sb, struct arena *arena)
{
	*sb = (struct sbuf){ .arena = arena };
}

/* Make room for @more bytes and a NUL, doubling so that appending is cheap. */
static void sbuf_reserve(struct sbuf *sb, size_t more)
{
	size_t need = sb->len + more + 1;
	size_t cap = sb->cap ? sb->cap : 32;

	if (need <= sb->cap)
		return;
	while (cap < need)
		cap *= 2;
	sb->data = arena_grow(sb->arena, sb->data, sb->cap, cap);
	sb->cap = cap;
}

void sbuf_putc(struct sbuf *sb, char c)
{
	sbuf_reserve(sb, 1);
	sb->data[sb->len++] = c;
}

/*
 * Append @len characters; @s must not be part of the string itself.
 */
void sbuf_put(struct sbuf *sb, const char *s, size_t len)
{
	if (!len)
		return;
	sbuf_reserve(sb, len);
	memcpy(sb->data + sb->len, s, len);
	sb->len += len;
}

void sbuf_puts(struct sbuf *sb, const char *s)
{
	sbuf_put(sb, s, strlen(s));
}

/*
 * Append what printf() would print, however long that is.
 */
void sbuf_vprintf(struct sbuf *sb, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len > 0) {
		sbuf_reserve(sb, len);
		vsnprintf(sb->data + sb->len, len + 1, fmt, again);
		sb->len += len;
	}
	va_end(again);
}

void sbuf_printf(struct sbuf *sb, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sbuf_vprintf(sb, fmt, args);
	va_end(args);
}

/*
 * Terminate what was built so far and return it; more may be appended later,
 * after which the string must be asked for again.
 */
char *sbuf_str(struct sbuf *sb)
{
	sbuf_reserve(sb, 0);
	sb->data[sb->len] = '\0';
	return sb->data;
}
