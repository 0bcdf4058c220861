/*
 * Device numbers. Both halves grew after programs had been compiled with 8
 * bits for each, so their upper bits lie above the old ones.
 */
#pragma once

#include <sys/types.h>

static inline unsigned major(dev_t dev)
{
	return (unsigned)((dev >> 8 & 0xfff) | (dev >> 32 & 0xfffff000));
}

static inline unsigned minor(dev_t dev)
{
	return (unsigned)((dev & 0xff) | (dev >> 12 & 0xffffff00));
}

static inline dev_t makedev(unsigned maj, unsigned min)
{
	return (dev_t)(min & 0xff) | (dev_t)(maj & 0xfff) << 8 |
	       (dev_t)(min & 0xffffff00) << 12 |
	       (dev_t)(maj & 0xfffff000) << 32;
}
