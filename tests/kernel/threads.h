/*
 * For tests: run a function in several kernel threads at once and wait for
 * all of them.
 */
#pragma once

#include <keel/atomic.h>
#include <keel/err.h>
#include <kernel/completion.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>

struct crew {
	void			(*fn)(void *arg, unsigned int index);
	void			*arg;
	atomic_t		next_index;
	atomic_t		left;
	struct completion	done;
};

static int crew_member(void *cookie)
{
	struct crew *crew = cookie;

	crew->fn(crew->arg, atomic_inc_return(&crew->next_index) - 1);
	if (atomic_dec_and_test(&crew->left))
		complete(&crew->done);
	return 0;
}

/* Start @n threads that call @fn(@arg, 0 .. n-1). */
static inline void crew_start(struct crew *crew, unsigned int n,
			      void (*fn)(void *, unsigned int), void *arg)
{
	*crew = (struct crew){ .fn = fn, .arg = arg };
	completion_init(&crew->done);
	/* One for us: nobody completes before all have been started. */
	atomic_set(&crew->left, n + 1);
	for (unsigned int i = 0; i < n; i++) {
		struct task *task = kthread_run(crew_member, crew, "test/%u",
						i);

		if (!EXPECT(!IS_ERR(task)))
			atomic_dec(&crew->left);
	}
}

static inline void crew_wait(struct crew *crew)
{
	if (!atomic_dec_and_test(&crew->left))
		wait_for_completion(&crew->done);
}

static inline void crew_run(unsigned int n, void (*fn)(void *, unsigned int),
			    void *arg)
{
	struct crew crew;

	crew_start(&crew, n, fn, arg);
	crew_wait(&crew);
}
