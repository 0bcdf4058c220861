/*
 * The vDSO: a small shared object that the kernel maps into every process, so
 * that it can read the clock without entering the kernel.
 */
#pragma once

#include <keel/types.h>

struct mm;
struct timezone;

void vdso_init(void);
unsigned long vdso_map(struct mm *mm, unsigned long stack_top);

/* How to tell the time from the TSC, see struct vdso_data. */
struct vdso_clock {
	bool		tsc_is_good;
	uint64_t	base, base_ns, mult, raw_ns, raw_mult;
};

/* What it reads changes. Context: any but NMI. */
void vdso_begin_clock(void);
void vdso_end_clock(const struct vdso_clock *);
void vdso_set_offsets(int64_t real_ns, int64_t tai_ns);
void vdso_set_timezone(int minuteswest, int dsttime);
