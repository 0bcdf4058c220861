/*
 * malloc: free lists with boundary tags.
 *
 * The heap is a row of chunks without gaps. Each has a header in front of
 * what the caller gets, with its own size and the size of the chunk before
 * it, so both neighbours can be found from any chunk:
 *
 *	| header | memory ... | header | memory ... | header |
 *	  ^ size in bytes, header included; bit 0: in use      ^ the fence
 *
 * A free chunk keeps two links in its memory and sits in one of the bins, one
 * for each power of two of its size. malloc takes the first chunk that is
 * large enough, beginning with the bin of its own size, and gives the rest
 * back. free merges with free neighbours at once, so two free chunks never
 * touch; that is all that is done against fragmentation, and it is enough.
 *
 * The row ends with a fence, a chunk of a header only that is always in use.
 * More memory comes from the break. If it continues where the heap ends, the
 * old fence becomes the header of the new free chunk; if something else has
 * moved the break, a new row begins, and its first chunk has no neighbour
 * before it. A large request gets a mapping of its own, marked by bit 1, and
 * gives it back to the kernel when it is freed.
 *
 * A header that makes no sense means that the program wrote outside of its
 * memory or freed something twice. That is reported, and the program ended:
 * going on would only move the crash to an innocent place.
 */
#include <stdlib.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	ALIGNMENT = 16,
	IN_USE = 1,		/* bits of chunk.size */
	MAPPED = 2,
	FLAGS = IN_USE | MAPPED,
	NR_BINS = 48,
	PAGE = 4096,
};

#define MAP_THRESHOLD	((size_t)128 * 1024)
#define GROW_BY		((size_t)64 * 1024)

/* The header, and, while the chunk is free, the links behind it. */
struct chunk {
	size_t		prev_size;	/* of the chunk before; 0: none */
	size_t		size;		/* of this one, with flags */
	struct chunk	*next_free;
	struct chunk	*prev_free;
};

#define HEADER		offsetof(struct chunk, next_free)
#define MIN_CHUNK	sizeof(struct chunk)

static struct chunk *bins[NR_BINS];
static struct chunk *fence;		/* the end of the youngest row */

static size_t size_of(const struct chunk *c)
{
	return c->size & ~(size_t)FLAGS;
}

static void *memory_of(struct chunk *c)
{
	return (char *)c + HEADER;
}

static struct chunk *chunk_of(void *ptr)
{
	return (struct chunk *)((char *)ptr - HEADER);
}

static struct chunk *chunk_after(struct chunk *c)
{
	return (struct chunk *)((char *)c + size_of(c));
}

static struct chunk *chunk_before(struct chunk *c)
{
	return (struct chunk *)((char *)c - c->prev_size);
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) & ~(to - 1);
}

/* Write the size in both places where it is recorded. */
static void set_size(struct chunk *c, size_t size, size_t flags)
{
	c->size = size | flags;
	chunk_after(c)->prev_size = size;
}

static unsigned bin_of(size_t size)
{
	unsigned bin = 63 - (unsigned)__builtin_clzl(size);

	return bin < NR_BINS ? bin : NR_BINS - 1;
}

static void bin_insert(struct chunk *c)
{
	struct chunk **bin = &bins[bin_of(size_of(c))];

	c->prev_free = NULL;
	c->next_free = *bin;
	if (*bin)
		(*bin)->prev_free = c;
	*bin = c;
}

static void bin_remove(struct chunk *c)
{
	if (c->next_free)
		c->next_free->prev_free = c->prev_free;
	if (c->prev_free)
		c->prev_free->next_free = c->next_free;
	else
		bins[bin_of(size_of(c))] = c->next_free;
}

/* End the program: the heap is damaged. Nothing here may allocate. */
static void __attribute__((noreturn)) damaged(const char *message)
{
	write(STDERR_FILENO, message, strlen(message));
	abort();
}

/* The chunk behind @ptr, which the program claims to own. */
static struct chunk *checked_chunk(void *ptr)
{
	struct chunk *c = chunk_of(ptr);

	if ((uintptr_t)ptr % ALIGNMENT != 0 || !(c->size & IN_USE) ||
	    size_of(c) < MIN_CHUNK)
		damaged("malloc: not an allocated block, or freed twice\n");
	if (!(c->size & MAPPED) && chunk_after(c)->prev_size != size_of(c))
		damaged("malloc: a block was written past its end\n");
	return c;
}

/* Join @c, in no bin, with its free neighbours. Return: the whole. */
static struct chunk *merge(struct chunk *c)
{
	struct chunk *after = chunk_after(c);
	size_t size = size_of(c);

	if (!(after->size & IN_USE)) {
		bin_remove(after);
		size += size_of(after);
	}
	if (c->prev_size != 0 && !(chunk_before(c)->size & IN_USE)) {
		c = chunk_before(c);
		bin_remove(c);
		size += size_of(c);
	}
	set_size(c, size, 0);
	return c;
}

/* Cut @c, in no bin, down to @size if the rest can be a chunk of its own. */
static void split(struct chunk *c, size_t size)
{
	size_t rest = size_of(c) - size;
	struct chunk *tail;

	if (rest < MIN_CHUNK)
		return;
	set_size(c, size, c->size & FLAGS);
	tail = chunk_after(c);
	set_size(tail, rest, 0);
	bin_insert(merge(tail));
}

/*
 * Lengthen the heap so that a chunk of @size is free at its end.
 *
 * Return: that chunk, in no bin, or NULL (ENOMEM).
 */
static struct chunk *grow_heap(size_t size)
{
	size_t more = round_up(size + 2 * HEADER, GROW_BY);
	char *start = sbrk(0);
	struct chunk *c;

	if (fence && start == (char *)fence + HEADER) {
		if (sbrk((intptr_t)more) == (void *)-1)
			return NULL;
		c = fence;
	} else {
		/* A new row: align it, and leave room for its fence. */
		size_t skip = -(uintptr_t)start % ALIGNMENT;

		if (sbrk((intptr_t)(more + skip)) == (void *)-1)
			return NULL;
		c = (struct chunk *)(start + skip);
		c->prev_size = 0;
		more -= HEADER;
	}
	fence = (struct chunk *)((char *)c + more);
	fence->size = HEADER | IN_USE;
	set_size(c, more, 0);
	return merge(c);
}

/* Find a free chunk. Return: it, taken out of its bin, or NULL. */
static struct chunk *take_free(size_t size)
{
	for (unsigned bin = bin_of(size); bin < NR_BINS; bin++) {
		for (struct chunk *c = bins[bin]; c; c = c->next_free) {
			if (size_of(c) >= size) {
				bin_remove(c);
				return c;
			}
		}
	}
	return NULL;
}

/* Give a large block a mapping of its own. Return: its memory, or NULL. */
static void *map_block(size_t size)
{
	size_t len = round_up(size, PAGE);
	struct chunk *c = mmap(NULL, len, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->size = len | MAPPED | IN_USE;
	return memory_of(c);
}

/*
 * The size of the chunk for a block of @n bytes.
 *
 * Return: it, or 0 (ENOMEM) if @n is more than any object may have. The
 * limit also keeps every sum in this file from overflowing.
 */
static size_t chunk_size(size_t n)
{
	if (n > PTRDIFF_MAX - 2 * GROW_BY) {
		errno = ENOMEM;
		return 0;
	}
	if (n + HEADER < MIN_CHUNK)
		return MIN_CHUNK;
	return round_up(n + HEADER, ALIGNMENT);
}

/*
 * Allocate @n bytes, aligned to 16. For 0 bytes the result is a pointer like
 * any other, to be freed and not to be used.
 *
 * Return: the memory, not cleared, or NULL (ENOMEM).
 */
void *malloc(size_t n)
{
	size_t size = chunk_size(n);
	struct chunk *c;

	if (size == 0)
		return NULL;
	if (size >= MAP_THRESHOLD)
		return map_block(size);
	c = take_free(size);
	if (!c)
		c = grow_heap(size);
	if (!c)		/* the break is stuck; a mapping may still be had */
		return map_block(size);
	c->size |= IN_USE;
	split(c, size);
	return memory_of(c);
}

/* Give back what malloc and its kin returned; NULL is allowed. */
void free(void *ptr)
{
	struct chunk *c;
	int err = errno;	/* a clean-up path wants to report its cause */

	if (!ptr)
		return;
	c = checked_chunk(ptr);
	if (c->size & MAPPED) {
		munmap(c, size_of(c));
	} else {
		c->size &= ~(size_t)IN_USE;	/* so a second free is seen */
		bin_insert(merge(c));
	}
	errno = err;
}

/* Allocate @count items of @size bytes, cleared. Return: them, or NULL. */
void *calloc(size_t count, size_t size)
{
	size_t n;
	void *ptr;

	if (__builtin_mul_overflow(count, size, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	ptr = malloc(n);
	/* A fresh mapping is zero already. */
	if (ptr && !(chunk_of(ptr)->size & MAPPED))
		memset(ptr, 0, n);
	return ptr;
}

/* Grow or shrink @c where it is. Return: whether that was possible. */
static bool resize_in_place(struct chunk *c, size_t size)
{
	struct chunk *after = chunk_after(c);

	if (size_of(c) < size) {
		if ((after->size & IN_USE) ||
		    size_of(c) + size_of(after) < size)
			return false;
		bin_remove(after);
		set_size(c, size_of(c) + size_of(after), IN_USE);
	}
	split(c, size);
	return true;
}

/* The kernel can move a mapping's pages without copying a byte. */
static void *remap_block(struct chunk *c, size_t size)
{
	size_t len = round_up(size, PAGE);

	c = mremap(c, size_of(c), len, MREMAP_MAYMOVE);
	if (c == MAP_FAILED)
		return NULL;
	c->size = len | MAPPED | IN_USE;
	return memory_of(c);
}

/*
 * Change the size of a block to @n bytes, moving it if need be. A NULL @ptr
 * asks for a new one; @n of 0 is a size like any other.
 *
 * Return: the block's new place, or NULL (ENOMEM), and then the old one is
 * as it was.
 */
void *realloc(void *ptr, size_t n)
{
	struct chunk *c;
	size_t size, old_n;
	void *moved;

	if (!ptr)
		return malloc(n);
	size = chunk_size(n);
	if (size == 0)
		return NULL;
	c = checked_chunk(ptr);
	if (c->size & MAPPED) {
		if (size >= MAP_THRESHOLD)
			return remap_block(c, size);
	} else if (size < MAP_THRESHOLD && resize_in_place(c, size)) {
		return ptr;
	}
	moved = malloc(n);
	if (!moved)
		return NULL;
	old_n = size_of(c) - HEADER;
	memcpy(moved, ptr, old_n < n ? old_n : n);
	free(ptr);
	return moved;
}

/* realloc to @count items of @size bytes, with the product checked. */
void *reallocarray(void *ptr, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(ptr, n);
}
