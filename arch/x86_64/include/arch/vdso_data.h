/*
 * What the kernel tells the vDSO about time: one page, which the kernel writes
 * and every process can read ([vvar]).
 *
 * The count is that of a seqcount: odd while the kernel writes, so a reader
 * that sees it odd, or changed since it began, reads again. A writer is never
 * preempted in between. Included by user-mode code: nothing but types here.
 */
#pragma once

#include <keel/types.h>

#define VDSO_PAGE_SIZE	4096

struct vdso_data {
	uint32_t	sequence;
	uint32_t	tsc_is_good;	/* 0: ask the kernel */
	/* CLOCK_MONOTONIC is base_ns + (tsc - base) * mult / 2^32. */
	uint64_t	base;
	uint64_t	base_ns;
	uint64_t	mult;
	int64_t		real_offset_ns;	/* CLOCK_REALTIME minus that */
	int32_t		minuteswest;	/* gettimeofday(2)'s time zone */
	int32_t		dsttime;
	int64_t		tai_offset_ns;	/* CLOCK_TAI minus CLOCK_REALTIME */
	/* CLOCK_MONOTONIC_RAW, likewise. */
	uint64_t	raw_ns;
	uint64_t	raw_mult;
	uint32_t	has_rdpid;	/* does not change after boot */
};
