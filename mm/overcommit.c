/*
 * Overcommit: how much memory may be promised.
 *
 * Private writable memory is promised when it is mapped and needed only when
 * it is touched. By default (heuristic) only a single request that could never
 * be met is refused; /proc/sys/vm/overcommit_memory = 1 refuses nothing, 2
 * keeps the sum of all promises below half the memory.
 *
 * Source: man 5 proc, /proc/sys/vm/overcommit_memory.
 */
#include <keel/atomic.h>
#include <keel/err.h>
#include <mm/page_alloc.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#include "internal.h"

#define OVERCOMMIT_RATIO	50	/* per cent of memory */

int sysctl_overcommit_memory = OVERCOMMIT_GUESS;

static atomic_long_t committed_pages;

static unsigned long commit_limit(void)
{
	return totalram_pages() * OVERCOMMIT_RATIO / 100;
}

/* Promise @pages more. Return: 0 or -ENOMEM. */
int vm_commit(long pages)
{
	long sum = atomic_long_add_return(pages, &committed_pages);
	bool ok = true;

	switch (sysctl_overcommit_memory) {
	case OVERCOMMIT_ALWAYS:
		break;
	case OVERCOMMIT_NEVER:
		ok = sum <= (long)commit_limit();
		break;
	default:
		ok = pages <= (long)totalram_pages();
	}
	if (likely(ok))
		return 0;
	vm_uncommit(pages);
	return -ENOMEM;
}

void vm_uncommit(long pages)
{
	atomic_long_sub(pages, &committed_pages);
}

/* For /proc/meminfo: Committed_AS and CommitLimit. */
void vm_commit_info(unsigned long *committed, unsigned long *limit)
{
	*committed = max(atomic_long_read(&committed_pages), 0L);
	*limit = commit_limit();
}
