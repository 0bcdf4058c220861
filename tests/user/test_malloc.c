/*
 * malloc under stress: many blocks of all sizes, each filled with a pattern
 * of its own, which must still be there when the block is freed or moved.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 300, ROUNDS = 100000 };

static struct block {
	unsigned char	*p;
	size_t		n;
	unsigned char	pattern;
} blocks[SLOTS];

/* Mostly small, some as large as a few pages, few beyond the heap. */
static size_t some_size(void)
{
	long kind = random() % 100;

	if (kind < 70)
		return (size_t)random() % 256;
	if (kind < 97)
		return (size_t)random() % 16384;
	return (size_t)random() % 400000;
}

static bool intact(const struct block *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b->p[i] != b->pattern)
			return false;
	return true;
}

static void fill(struct block *b)
{
	b->pattern = (unsigned char)random();
	memset(b->p, b->pattern, b->n);
}

static void replace(struct block *b, bool *ok)
{
	*ok &= intact(b, b->n);
	free(b->p);
	b->n = some_size();
	b->p = malloc(b->n);
	*ok &= b->p && (uintptr_t)b->p % 16 == 0;
	fill(b);
}

static void resize(struct block *b, bool *ok)
{
	size_t n = some_size();

	b->p = realloc(b->p, n);
	*ok &= b->p && (uintptr_t)b->p % 16 == 0;
	*ok &= intact(b, n < b->n ? n : b->n);
	b->n = n;
	fill(b);
}

static void blocks_never_overlap(void)
{
	bool ok = true;
	char *end;

	srandom(42);
	for (int round = 0; round < ROUNDS && ok; round++) {
		struct block *b = &blocks[random() % SLOTS];

		if (random() % 3)
			replace(b, &ok);
		else
			resize(b, &ok);
	}
	for (int i = 0; i < SLOTS; i++) {
		ok &= intact(&blocks[i], blocks[i].n);
		free(blocks[i].p);
	}
	EXPECT(ok);
	/* Everything merged again: a large block needs no new memory. */
	end = sbrk(0);
	free(malloc(100000));
	EXPECT(sbrk(0) == end);
}

static void the_heap_does_not_creep(void)
{
	char *before, *p[100];

	free(malloc(1));
	before = sbrk(0);
	for (int round = 0; round < 1000; round++) {
		for (int i = 0; i < 100; i++)
			p[i] = malloc(100);
		for (int i = 99; i >= 0; i--)
			free(p[i]);
	}
	EXPECT((char *)sbrk(0) - before <= 65536);
}

static void another_user_of_the_break_is_tolerated(void)
{
	char *a = malloc(1000), *foreign, *b;

	memset(a, 'a', 1000);
	foreign = sbrk(1000);
	EXPECT(foreign != (void *)-1);
	memset(foreign, 'f', 1000);
	b = malloc(120000);
	EXPECT(b && (b > foreign + 999 || b + 120000 <= foreign));
	memset(b, 'b', 120000);
	EXPECT_EQ(foreign[0], 'f');
	EXPECT_EQ(foreign[999], 'f');
	EXPECT_EQ(a[999], 'a');
	free(a);
	free(b);
	EXPECT(malloc(100) != NULL);
}

static void sizes_are_checked(void)
{
	void *p = malloc(10);

	EXPECT_ERRNO(malloc(SIZE_MAX), ENOMEM);
	EXPECT_ERRNO(malloc((size_t)PTRDIFF_MAX), ENOMEM);
	EXPECT_ERRNO(calloc(SIZE_MAX / 2, 3), ENOMEM);
	EXPECT_ERRNO(calloc(1UL << 32, 1UL << 32), ENOMEM);
	EXPECT_ERRNO(reallocarray(p, 1UL << 33, 1UL << 33), ENOMEM);
	EXPECT_ERRNO(realloc(p, SIZE_MAX - 8), ENOMEM);
	memset(p, 1, 10);
	free(p);
	EXPECT(malloc(0) != NULL);
	EXPECT(malloc(0) != malloc(0));
	free(NULL);
}

static void calloc_clears_what_was_used(void)
{
	unsigned char *p = malloc(5000);
	bool zero = true;

	memset(p, 0xff, 5000);
	free(p);
	p = calloc(50, 100);
	for (int i = 0; i < 5000; i++)
		zero &= p[i] == 0;
	EXPECT(zero);
	free(p);
	p = calloc(1, 1 << 20);
	EXPECT(p && p[0] == 0 && p[(1 << 20) - 1] == 0);
}

static void no_memory_is_an_answer(void)
{
	struct rlimit limit = { .rlim_cur = 32 << 20, .rlim_max = 32 << 20 };
	size_t count = 0;
	void *list = NULL, **p;

	EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
	while ((p = malloc(10000)) != NULL) {
		*p = list;
		list = p;
		count++;
	}
	EXPECT_EQ(errno, ENOMEM);
	EXPECT(count > 100);
	EXPECT_ERRNO(malloc(1 << 20), ENOMEM);
	while (list) {
		p = list;
		list = *p;
		free(p);
	}
	EXPECT(malloc(10000) != NULL);
}

/* Does @crime, done in a child, end it by SIGABRT? */
static void expect_abort(void (*crime)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		close(STDERR_FILENO);
		crime();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void free_twice(void)
{
	char *volatile p = malloc(100);

	malloc(10);	/* so that it does not merge with the end */
	free(p);
	free(p);
}

static void free_twice_merged(void)
{
	char *volatile a = malloc(100), *volatile b = malloc(100);

	malloc(10);
	free(a);
	free(b);
	free(b);
}

static void write_past_the_end(void)
{
	char *volatile p = malloc(40);

	malloc(10);
	for (int i = 0; i < 60; i++)
		p[i] = 'x';
	free(p);
}

static void damage_is_noticed(void)
{
	expect_abort(free_twice);
	expect_abort(free_twice_merged);
	expect_abort(write_past_the_end);
}

const struct test malloc_tests[] = {
	{ "malloc_blocks_never_overlap", blocks_never_overlap },
	{ "malloc_heap_does_not_creep", the_heap_does_not_creep },
	{ "malloc_tolerates_another_user_of_the_break",
	  another_user_of_the_break_is_tolerated },
	{ "malloc_sizes_are_checked", sizes_are_checked },
	{ "calloc_clears_what_was_used", calloc_clears_what_was_used },
	{ "malloc_no_memory_is_an_answer", no_memory_is_an_answer },
	{ "malloc_damage_is_noticed", damage_is_noticed },
	{ NULL, NULL },
};
