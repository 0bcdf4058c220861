/*
 * CPUID, and the control bits every CPU gets.
 *
 * Detection happens once, on the boot CPU, into the bit set cpu_features;
 * everything that depends on a feature asks cpu_has(). A CPU started later
 * must offer the same set, because code and page tables were already chosen
 * by it (smp.c leaves one that does not asleep).
 *
 * Source: [SDM2 CPUID], [SDM3 2.5] for the control registers.
 */
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/syscall.h>
#include <keel/bug.h>
#include <lib/string.h>

#include "internal.h"

uint64_t cpu_features __ro_after_init;
char cpu_vendor[13] __ro_after_init;
char cpu_model_name[49] __ro_after_init;
unsigned int cpu_family __ro_after_init;
unsigned int cpu_model __ro_after_init;
unsigned int cpu_stepping __ro_after_init;

enum cpuid_reg { EAX, EBX, ECX, EDX };

/* Where CPUID reports each feature, and its name in /proc/cpuinfo. */
struct feature_bit {
	uint32_t	leaf;
	uint8_t		subleaf;
	uint8_t		reg;
	uint8_t		bit;
	uint8_t		feature;
};

static const struct feature_bit feature_bits[] = {
	{ 0x00000001, 0, EDX, 7, CPU_FEATURE_MCE },
	{ 0x00000001, 0, EDX, 9, CPU_FEATURE_APIC },
	{ 0x00000001, 0, EDX, 13, CPU_FEATURE_PGE },
	{ 0x00000001, 0, EDX, 14, CPU_FEATURE_MCA },
	{ 0x00000001, 0, EDX, 16, CPU_FEATURE_PAT },
	{ 0x00000001, 0, EDX, 24, CPU_FEATURE_FXSR },
	{ 0x00000001, 0, EDX, 26, CPU_FEATURE_SSE2 },
	{ 0x00000001, 0, ECX, 17, CPU_FEATURE_PCID },
	{ 0x00000001, 0, ECX, 21, CPU_FEATURE_X2APIC },
	{ 0x00000001, 0, ECX, 24, CPU_FEATURE_TSC_DEADLINE },
	{ 0x00000001, 0, ECX, 26, CPU_FEATURE_XSAVE },
	{ 0x00000001, 0, ECX, 30, CPU_FEATURE_RDRAND },
	{ 0x00000001, 0, ECX, 31, CPU_FEATURE_HYPERVISOR },
	{ 0x00000007, 0, EBX, 0, CPU_FEATURE_FSGSBASE },
	{ 0x00000007, 0, EBX, 7, CPU_FEATURE_SMEP },
	{ 0x00000007, 0, EBX, 9, CPU_FEATURE_ERMS },
	{ 0x00000007, 0, EBX, 10, CPU_FEATURE_INVPCID },
	{ 0x00000007, 0, EBX, 18, CPU_FEATURE_RDSEED },
	{ 0x00000007, 0, EBX, 20, CPU_FEATURE_SMAP },
	{ 0x00000007, 0, ECX, 2, CPU_FEATURE_UMIP },
	{ 0x00000007, 0, EDX, 4, CPU_FEATURE_FSRM },
	{ 0x0000000d, 1, EAX, 0, CPU_FEATURE_XSAVEOPT },
	{ 0x80000001, 0, EDX, 11, CPU_FEATURE_SYSCALL },
	{ 0x80000001, 0, EDX, 20, CPU_FEATURE_NX },
	{ 0x80000001, 0, EDX, 26, CPU_FEATURE_PDPE1GB },
	{ 0x80000001, 0, EDX, 27, CPU_FEATURE_RDTSCP },
	{ 0x80000007, 0, EDX, 8, CPU_FEATURE_TSC_INVARIANT },
};

const char *const cpu_feature_names[NR_CPU_FEATURES] = {
	[CPU_FEATURE_NX] = "nx",
	[CPU_FEATURE_PGE] = "pge",
	[CPU_FEATURE_PDPE1GB] = "pdpe1gb",
	[CPU_FEATURE_SMEP] = "smep",
	[CPU_FEATURE_SMAP] = "smap",
	[CPU_FEATURE_UMIP] = "umip",
	[CPU_FEATURE_FSGSBASE] = "fsgsbase",
	[CPU_FEATURE_XSAVE] = "xsave",
	[CPU_FEATURE_XSAVEOPT] = "xsaveopt",
	[CPU_FEATURE_RDRAND] = "rdrand",
	[CPU_FEATURE_RDSEED] = "rdseed",
	[CPU_FEATURE_RDTSCP] = "rdtscp",
	[CPU_FEATURE_TSC_INVARIANT] = "constant_tsc",
	[CPU_FEATURE_TSC_DEADLINE] = "tsc_deadline_timer",
	[CPU_FEATURE_X2APIC] = "x2apic",
	[CPU_FEATURE_APIC] = "apic",
	[CPU_FEATURE_PCID] = "pcid",
	[CPU_FEATURE_INVPCID] = "invpcid",
	[CPU_FEATURE_FXSR] = "fxsr",
	[CPU_FEATURE_PAT] = "pat",
	[CPU_FEATURE_MCE] = "mce",
	[CPU_FEATURE_MCA] = "mca",
	[CPU_FEATURE_HYPERVISOR] = "hypervisor",
	[CPU_FEATURE_FSRM] = "fsrm",
	[CPU_FEATURE_ERMS] = "erms",
	[CPU_FEATURE_SSE2] = "sse2",
	[CPU_FEATURE_SYSCALL] = "syscall",
};

/* The highest leaf of the range @leaf is in; CPUID answers junk above it. */
static bool leaf_exists(uint32_t leaf)
{
	return cpuid(leaf & 0x80000000, 0).eax >= leaf;
}

static uint64_t read_features(void)
{
	uint64_t found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(feature_bits); i++) {
		const struct feature_bit *fb = &feature_bits[i];
		struct cpuid_regs r;
		uint32_t value;

		if (!leaf_exists(fb->leaf))
			continue;
		r = cpuid(fb->leaf, fb->subleaf);
		value = fb->reg == EAX ? r.eax : fb->reg == EBX ? r.ebx :
			fb->reg == ECX ? r.ecx : r.edx;
		if (value & BIT(fb->bit))
			found |= BIT(fb->feature);
	}
	if (!(found & BIT(CPU_FEATURE_XSAVE)))
		found &= ~BIT(CPU_FEATURE_XSAVEOPT);
	return found;
}

static __init void read_names(void)
{
	struct cpuid_regs r = cpuid(0, 0);
	uint32_t signature;

	memcpy(cpu_vendor + 0, &r.ebx, 4);
	memcpy(cpu_vendor + 4, &r.edx, 4);
	memcpy(cpu_vendor + 8, &r.ecx, 4);
	if (leaf_exists(0x80000004)) {
		for (unsigned int i = 0; i < 3; i++) {
			r = cpuid(0x80000002 + i, 0);
			memcpy(cpu_model_name + i * 16, &r, 16);
		}
	}
	signature = cpuid(1, 0).eax;
	cpu_stepping = signature & 0xf;
	cpu_model = signature >> 4 & 0xf;
	cpu_family = signature >> 8 & 0xf;
	if (cpu_family == 6 || cpu_family == 15)
		cpu_model |= signature >> 12 & 0xf0;
	if (cpu_family == 15)
		cpu_family += signature >> 20 & 0xff;
}

/*
 * Find out what this machine's CPUs can do.
 *
 * Context: boot CPU, before anything asks cpu_has().
 */
__init void cpu_detect(void)
{
	read_names();
	cpu_features = read_features();
	if (!cpu_has(CPU_FEATURE_FXSR) || !cpu_has(CPU_FEATURE_SSE2) ||
	    !cpu_has(CPU_FEATURE_SYSCALL))
		panic("this CPU lacks FXSAVE, SSE2 or SYSCALL");
	fpu_detect();
}

/*
 * Set this CPU's control registers and MSRs the way the kernel wants them.
 *
 * Context: every CPU once, after cpu_detect(), interrupts off.
 */
void cpu_init_this(void)
{
	unsigned long cr4 = read_cr4() | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	uint64_t efer = rdmsr(MSR_EFER) | EFER_SCE;

	if (cpu_has(CPU_FEATURE_PGE))
		cr4 |= CR4_PGE;
	if (cpu_has(CPU_FEATURE_MCE))
		cr4 |= CR4_MCE;
	if (cpu_has(CPU_FEATURE_SMEP))
		cr4 |= CR4_SMEP;
	if (cpu_has(CPU_FEATURE_SMAP))
		cr4 |= CR4_SMAP;
	if (cpu_has(CPU_FEATURE_UMIP))
		cr4 |= CR4_UMIP;
	if (cpu_has(CPU_FEATURE_FSGSBASE))
		cr4 |= CR4_FSGSBASE;
	if (cpu_has(CPU_FEATURE_XSAVE))
		cr4 |= CR4_OSXSAVE;
	if (cpu_has(CPU_FEATURE_NX))
		efer |= EFER_NXE;
	wrmsr(MSR_EFER, efer);
	write_cr0((read_cr0() | CR0_WP | CR0_NE | CR0_MP | CR0_AM) &
		  ~(CR0_EM | CR0_TS));
	write_cr4(cr4);
	if (cpu_has(CPU_FEATURE_RDTSCP))
		wrmsr(MSR_TSC_AUX, smp_processor_id());
	fpu_init_this_cpu();
	syscall_init_this_cpu();
}

/* The feature word of CPUID leaf 1, as it is. */
unsigned long arch_elf_hwcap(void)
{
	return cpuid(1, 0).edx;
}

#define HWCAP2_FSGSBASE	BIT(1)

unsigned long arch_elf_hwcap2(void)
{
	return cpu_has(CPU_FEATURE_FSGSBASE) ? HWCAP2_FSGSBASE : 0;
}

/* Context: a CPU being started. */
bool cpu_matches_boot_cpu(void)
{
	return (cpu_features & ~read_features()) == 0;
}

/*
 * Context: any. Return: true with a random word in @value, false if the CPU
 * has no source or it is exhausted (it recovers by itself).
 */
bool arch_random_long(unsigned long *value)
{
	bool ok = false;

	if (cpu_has(CPU_FEATURE_RDSEED))
		__asm__ __volatile__("rdseed %0"
				     : "=r"(*value), "=@ccc"(ok));
	for (int tries = 0; !ok && tries < 10; tries++) {
		if (!cpu_has(CPU_FEATURE_RDRAND))
			return false;
		__asm__ __volatile__("rdrand %0"
				     : "=r"(*value), "=@ccc"(ok));
	}
	return ok;
}

uint64_t arch_cycle_counter(void)
{
	return rdtsc();
}
