/*
 * How an allocation may wait.
 *
 * Every allocation says what its caller's context permits: may it sleep, may
 * it start I/O or call into a file system to free memory, may it use the last
 * reserves. The composed names are what callers write; the single bits are for
 * the allocators.
 */
#pragma once

#include <keel/types.h>

#define GFP_BIT_SLEEP	0x01u	/* may sleep: run shrinkers, wait */
#define GFP_BIT_IO	0x02u	/* may start I/O to free memory */
#define GFP_BIT_FS	0x04u	/* may call file systems to free memory */
#define GFP_BIT_RESERVE	0x08u	/* may dig into the reserve */
#define GFP_BIT_ZERO	0x10u	/* hand out zeroed memory */
#define GFP_BIT_ACCOUNT	0x20u	/* charged to whom it is allocated for */
#define GFP_BIT_NOWARN	0x40u	/* failure is expected: no log line */
#define GFP_BIT_DMA32	0x80u	/* below 4 GiB */
#define GFP_BIT_NORETRY	0x100u	/* fail early: the caller has a plan B */
#define GFP_BIT_MEMALLOC 0x200u	/* may take the very last page */

/* Process context, the normal case. */
#define GFP_KERNEL	(GFP_BIT_SLEEP | GFP_BIT_IO | GFP_BIT_FS)
/* The same for memory held on behalf of a user's request. */
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | GFP_BIT_ACCOUNT)
/* Pages that user space will map. */
#define GFP_USER	(GFP_KERNEL | GFP_BIT_ACCOUNT)
/* Interrupts and spinlock holders: never sleeps. */
#define GFP_ATOMIC	(GFP_BIT_RESERVE)
/* Never sleeps and leaves the reserve alone. */
#define GFP_NOWAIT	(GFP_BIT_NOWARN)
/* Holds a file system's lock: do not come back into file systems. */
#define GFP_NOFS	(GFP_BIT_SLEEP | GFP_BIT_IO)
/* In the block layer: do not start I/O. */
#define GFP_NOIO	(GFP_BIT_SLEEP)

#define GFP_ZERO	GFP_BIT_ZERO
#define GFP_ACCOUNT	GFP_BIT_ACCOUNT
#define GFP_NOWARN	GFP_BIT_NOWARN
#define GFP_DMA32	GFP_BIT_DMA32
#define GFP_NORETRY	GFP_BIT_NORETRY

static inline bool gfp_may_sleep(gfp_t gfp)
{
	return gfp & GFP_BIT_SLEEP;
}
