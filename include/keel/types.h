/*
 * The scalar types every floor shares.
 *
 * Fixed-width names come from the compiler's own freestanding headers. What
 * is added here are scalars that carry a meaning the type alone would not
 * tell (a physical address is not a length), and POSIX's integer names with
 * the widths Linux gives them on x86-64, so that they can be used in layouts
 * user space sees. C's own limits are here and not taken from <limits.h>: that
 * one, unlike the headers below, brings twenty of the host's library with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t	paddr_t;	/* physical address, bytes */
typedef uintptr_t	vaddr_t;	/* virtual address, user or kernel */
typedef uint64_t	pfn_t;		/* page frame number: paddr >> 12 */
typedef unsigned int	gfp_t;		/* GFP_*: how an allocation may wait */

typedef long		ssize_t;
typedef int64_t		loff_t;		/* position in a file, bytes */
typedef int		pid_t;
typedef unsigned int	uid_t;
typedef unsigned int	gid_t;
typedef unsigned int	mode_t;		/* S_IFMT type and permission bits */
typedef uint64_t	ino_t;
typedef uint32_t	dev_t;		/* major << 20 | minor */
typedef int64_t		time64_t;	/* seconds */
typedef int64_t		ktime_t;	/* nanoseconds */

#define CHAR_BIT	__CHAR_BIT__
#define UCHAR_MAX	0xff
#define SHRT_MAX	__SHRT_MAX__
#define USHRT_MAX	0xffff
#define INT_MAX		__INT_MAX__
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	(INT_MAX * 2U + 1)
#define LONG_MAX	__LONG_MAX__
#define LONG_MIN	(-LONG_MAX - 1)
#define ULONG_MAX	(LONG_MAX * 2UL + 1)
#define LLONG_MAX	__LONG_LONG_MAX__
#define LLONG_MIN	(-LLONG_MAX - 1)
#define ULLONG_MAX	(LLONG_MAX * 2ULL + 1)
