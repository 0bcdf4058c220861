/*
 * Device numbers inside the kernel: dev_t is major << 20 | minor. User space
 * sees the older, interleaved encoding of <uapi/major.h>.
 */
#pragma once

#include <keel/types.h>
#include <uapi/major.h>

#define DEV_MINOR_BITS	20
#define DEV_MAJOR_MAX	0xfffU
#define DEV_MINOR_MAX	((1U << DEV_MINOR_BITS) - 1)

#define MKDEV(major, minor) \
	((dev_t)(((dev_t)(major) << DEV_MINOR_BITS) | (minor)))
#define MAJOR(dev)	((unsigned int)((dev) >> DEV_MINOR_BITS))
#define MINOR(dev)	((unsigned int)((dev) & DEV_MINOR_MAX))

static inline uint32_t dev_encode(dev_t dev)
{
	return DEV_ENCODE(MAJOR(dev), MINOR(dev));
}

static inline dev_t dev_decode(uint32_t user)
{
	return MKDEV(DEV_MAJOR(user), DEV_MINOR(user));
}
