/*
 * What this CPU can do, and the switches we set in every CPU.
 *
 * Features are read from CPUID once, on the boot CPU; a CPU started later
 * that lacks one of them is not used. The kernel never assumes a model or an
 * emulator version, it asks cpu_has().
 */
#pragma once

#include <keel/compiler.h>

/* Macros, not an enum: they are also printed into assembly. */
#define CPU_FEATURE_NX		0
#define CPU_FEATURE_PGE		1
#define CPU_FEATURE_PDPE1GB	2
#define CPU_FEATURE_SMEP	3
#define CPU_FEATURE_SMAP	4
#define CPU_FEATURE_UMIP	5
#define CPU_FEATURE_FSGSBASE	6
#define CPU_FEATURE_XSAVE	7
#define CPU_FEATURE_XSAVEOPT	8
#define CPU_FEATURE_RDRAND	9
#define CPU_FEATURE_RDSEED	10
#define CPU_FEATURE_RDTSCP	11
#define CPU_FEATURE_TSC_INVARIANT 12
#define CPU_FEATURE_TSC_DEADLINE 13
#define CPU_FEATURE_X2APIC	14
#define CPU_FEATURE_APIC	15
#define CPU_FEATURE_PCID	16
#define CPU_FEATURE_INVPCID	17
#define CPU_FEATURE_FXSR	18
#define CPU_FEATURE_PAT		19
#define CPU_FEATURE_MCE		20
#define CPU_FEATURE_MCA		21
#define CPU_FEATURE_HYPERVISOR	22
#define CPU_FEATURE_FSRM	23
#define CPU_FEATURE_ERMS	24
#define CPU_FEATURE_SSE2	25
#define CPU_FEATURE_SYSCALL	26
#define NR_CPU_FEATURES		27

extern uint64_t cpu_features;		/* BIT(CPU_FEATURE_*) */

static inline bool cpu_has(unsigned int feature)
{
	return cpu_features & BIT(feature);
}

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ __volatile__("cpuid"
			     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx),
			       "=d"(r.edx)
			     : "a"(leaf), "c"(subleaf));
	return r;
}

extern char cpu_vendor[13];
extern char cpu_model_name[49];
extern unsigned int cpu_family, cpu_model, cpu_stepping;
/* CPUID's names of the features above, as /proc/cpuinfo prints them. */
extern const char *const cpu_feature_names[NR_CPU_FEATURES];

/* For the auxiliary vector: AT_HWCAP, AT_HWCAP2, AT_MINSIGSTKSZ. */
unsigned long arch_elf_hwcap(void);
unsigned long arch_elf_hwcap2(void);
unsigned long arch_signal_frame_size(void);

/* Boot CPU, very early: find out. Then on every CPU: switch on. */
void cpu_detect(void);
void cpu_init_this(void);
/* Does this CPU have all the boot CPU has? */
bool cpu_matches_boot_cpu(void);

/* A random word if the CPU has a source of them. */
bool arch_random_long(unsigned long *value);
/* A counter that differs from boot to boot in its low bits. */
uint64_t arch_cycle_counter(void);
