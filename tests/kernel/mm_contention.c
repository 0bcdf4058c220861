/*
 * The allocators with all CPUs at them at once: each thread checks that what
 * it was given stays its own, and in the end nothing is missing.
 */
#define LOG_PREFIX "mm_contention"

#include <arch/smp.h>
#include <keel/err.h>
#include <kernel/completion.h>
#include <kernel/kthread.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define ROUNDS		2000
#define HELD		32
#define MAX_THREADS	8

/* One thread's things: what it holds, and a stream of its own numbers. */
struct worker {
	struct completion	done;
	uint32_t		seed;
	bool			failed;
	void			*held[HELD];
	size_t			len[HELD];
	bool			is_page[HELD];
};

static uint32_t next_random(struct worker *w)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return w->seed >> 8;
}

static void give_back(struct worker *w, unsigned int slot)
{
	unsigned char *mem = w->held[slot];

	if (!mem)
		return;
	if (memchr_inv(mem, (uintptr_t)w >> 6 & 0xff, w->len[slot]))
		w->failed = true;
	if (w->is_page[slot])
		put_page(virt_to_page(mem));
	else
		kvfree(mem);
	w->held[slot] = NULL;
}

static void take(struct worker *w, unsigned int slot)
{
	unsigned int order = next_random(w) % 3;
	size_t len = next_random(w) % 3000 + 1;

	w->is_page[slot] = next_random(w) % 2;
	if (w->is_page[slot]) {
		struct page *page = alloc_pages(GFP_KERNEL, order);

		w->held[slot] = page ? page_address(page) : NULL;
		w->len[slot] = PAGE_SIZE << order;
	} else if (next_random(w) % 16 == 0) {
		w->held[slot] = vmalloc(len * 8);
		w->len[slot] = len * 8;
	} else {
		w->held[slot] = kmalloc(len, GFP_KERNEL);
		w->len[slot] = len;
	}
	if (w->held[slot])
		memset(w->held[slot], (uintptr_t)w >> 6 & 0xff, w->len[slot]);
	else
		w->failed = true;
}

static int work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned int slot = next_random(w) % HELD;

		if (w->held[slot])
			give_back(w, slot);
		else
			take(w, slot);
	}
	for (unsigned int slot = 0; slot < HELD; slot++)
		give_back(w, slot);
	complete(&w->done);
	return 0;
}

KERNEL_TEST(mm_allocators_under_contention)
{
	unsigned int nr = min(num_online_cpus() * 2, (unsigned int)MAX_THREADS);
	struct worker *workers;
	unsigned long before;

	drop_caches();
	before = nr_free_pages();
	workers = kcalloc(nr, sizeof(*workers), GFP_KERNEL);
	if (!EXPECT(workers != NULL))
		return;
	for (unsigned int i = 0; i < nr; i++) {
		struct task *task;

		completion_init(&workers[i].done);
		workers[i].seed = i * 77 + 1;
		task = kthread_run(work, &workers[i], "mm_test/%u", i);
		if (!EXPECT(!IS_ERR(task)))
			complete(&workers[i].done);
	}
	for (unsigned int i = 0; i < nr; i++) {
		wait_for_completion(&workers[i].done);
		EXPECT(!workers[i].failed);
	}
	kfree(workers);
	/* The threads are on their way out: their stacks come back as well. */
	for (int i = 0; i < 2000 && nr_free_pages() < before; i++) {
		sleep_ns(NSEC_PER_MSEC);
		drop_caches();
	}
	if (nr_free_pages() < before)
		pr_err("%lu pages of %lu are missing", before - nr_free_pages(),
		       before);
	EXPECT(nr_free_pages() >= before);
}
