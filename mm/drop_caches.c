/*
 * /proc/sys/vm/drop_caches: give back everything that can be had again.
 *
 * Freed objects wait for grace periods, in magazines, in per-CPU lists; each
 * step below moves them one layer down, so the order is that of the layers.
 * What is free afterwards can be compared to the page.
 */
#include <kernel/rcu.h>
#include <kernel/workqueue.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "internal.h"

/* Some objects free others when they go: twice through RCU is the deepest. */
#define ROUNDS	3

/* Context: process, may sleep for a while. */
void drop_caches(void)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		flush_workqueue(system_workqueue);
		rcu_barrier();
		(void)shrink_all(GFP_KERNEL, 0);
		slab_drain_all();
	}
	rcu_barrier();
	drain_all_pages();
}
