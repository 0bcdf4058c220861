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

/* What it reads changes. Context: any but NMI. */
void vdso_set_tsc(uint64_t base, uint64_t base_ns, uint64_t mult);
void vdso_tsc_is_bad(void);
void vdso_set_real_offset(int64_t offset_ns);
void vdso_set_timezone(int minuteswest, int dsttime);
