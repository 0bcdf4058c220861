/*
 * fork(2) while other threads write: what the child has is one moment.
 *
 * For a thread, that is: if its later write is there, the earlier one is. C
 * libraries count on it: in the child they mend lists that another thread was
 * in the middle of changing, from the order in which it writes.
 */
#include "test.h"

#include <pthread.h>
#include <sys/mman.h>

enum { PAGE = 4096, AREAS = 3, PAGES = 512, FORKS = 200 };

/* Words far from one another, each in an area of its own; written in order. */
static unsigned long *words[AREAS];
static int stop;

static void *count_in_all(void *arg)
{
	unsigned long i = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		i++;
		for (int j = 0; j < AREAS; j++)
			__atomic_store_n(words[j], i, __ATOMIC_SEQ_CST);
	}
	return arg;
}

/* The one written first is ahead, by one round at most. */
static bool is_one_moment(void)
{
	for (int j = 1; j < AREAS; j++)
		if (*words[j] > *words[j - 1])
			return false;
	return *words[0] - *words[AREAS - 1] <= 1;
}

/* Areas apart, as large as makes copying them take a while; all pages there. */
static void make_words(bool first_is_lowest)
{
	size_t size = (size_t)PAGES * PAGE;
	char *base = mmap(NULL, (2 * AREAS + 1) * size, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(base != MAP_FAILED);
	for (int j = 0; j < AREAS; j++) {
		char *area = base + (2 * j + 1) * size;

		OK(mprotect(area, size, PROT_READ | PROT_WRITE));
		for (int i = 0; i < PAGES; i++)
			area[(size_t)i * PAGE] = 1;
		words[first_is_lowest ? j : AREAS - 1 - j] =
			(unsigned long *)area;
		*(unsigned long *)area = 0;
	}
}

static void fork_beside_a_writer(void)
{
	pthread_t thread;
	pid_t pid;

	EXPECT_EQ(pthread_create(&thread, NULL, count_in_all, NULL), 0);
	for (int i = 0; i < FORKS; i++) {
		IN_CHILD(pid)
			_exit(is_one_moment() ? 0 : 1);
		EXPECT_EXIT(pid, 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
}

TEST_SECONDS(writes_upwards_are_seen_in_order, 60)
{
	make_words(true);
	fork_beside_a_writer();
}

TEST_SECONDS(writes_downwards_are_seen_in_order, 60)
{
	make_words(false);
	fork_beside_a_writer();
}

/* A first write needs a page, and is one, too. */
TEST_SECONDS(first_writes_are_seen_in_order, 60)
{
	pid_t pid;

	for (int i = 0; i < FORKS / 4; i++) {
		IN_CHILD(pid) {
			int exits = 0;
			pthread_t thread;
			pid_t child;

			make_words(true);
			for (int j = 0; j < AREAS; j++)
				OK(madvise(words[j], PAGE, MADV_DONTNEED));
			EXPECT_EQ(pthread_create(&thread, NULL, count_in_all,
						 NULL), 0);
			IN_CHILD(child)
				_exit(is_one_moment() ? 0 : 1);
			EXPECT_EQ(waitpid(child, &exits, 0), child);
			_exit(exits ? 1 : 0);
		}
		EXPECT_EXIT(pid, 0);
	}
}
