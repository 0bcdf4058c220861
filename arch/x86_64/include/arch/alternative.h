/*
 * Instructions that are chosen once, at boot, for the CPU we run on.
 *
 * A site holds the bytes that work everywhere. Its record in .altinstructions
 * names a CPU feature and the bytes to put there if the feature exists;
 * alternatives_apply() in arch/x86_64/alternative.c writes them before the
 * first user program and the second CPU start. Most sites are stac and clac,
 * which are three bytes of nothing on a CPU without SMAP.
 *
 * arch/x86_64/include/arch/alternative.inc says the same in NASM.
 */
#pragma once

#include <arch/cpu.h>

/* One site; offsets are relative to the field itself. */
struct alt_entry {
	int32_t		site;
	int32_t		replacement;
	uint16_t	feature;	/* enum cpu_feature */
	uint8_t		site_len;
	uint8_t		replacement_len; /* the rest becomes nops */
};

#define ALT_STRINGIFY_1(x)	#x
#define ALT_STRINGIFY(x)	ALT_STRINGIFY_1(x)

/* @original, or @replacement (not longer) if the CPU has @feature. */
#define ALTERNATIVE(original, replacement, feature) \
	"771:\n\t" original "\n772:\n" \
	".pushsection .altinstructions, \"a\"\n\t" \
	".long 771b - .\n\t.long 773f - .\n\t" \
	".word " ALT_STRINGIFY(feature) "\n\t" \
	".byte 772b - 771b\n\t.byte 774f - 773f\n\t" \
	".popsection\n" \
	".pushsection .altinstr_replacement, \"ax\"\n" \
	"773:\n\t" replacement "\n774:\n" \
	".popsection\n"

#define NOP3	".byte 0x0f, 0x1f, 0x00"

/* The window in which the kernel may touch user pages. */
static __always_inline void stac(void)
{
	__asm__ __volatile__(ALTERNATIVE(NOP3, "stac", CPU_FEATURE_SMAP)
			     ::: "memory", "cc");
}

static __always_inline void clac(void)
{
	__asm__ __volatile__(ALTERNATIVE(NOP3, "clac", CPU_FEATURE_SMAP)
			     ::: "memory", "cc");
}

void alternatives_apply(void);

/*
 * Make the five bytes at @site, which are a jump or a five-byte nop, a jump to
 * @target, or a nop if that is NULL, while other CPUs may be running them.
 * Context: process, may sleep.
 */
void text_patch(void *site, const void *target);
